/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers of processors. Any IRQL; below DISPATCH_LEVEL the calling thread may
 * have moved on when a routine returns.
 */
#ifndef NT_KE_PROCESSOR_H
#define NT_KE_PROCESSOR_H

#include "nt_layout.h"
#include "ntdef.h"
#include "ntstatus.h"

#define ALL_PROCESSOR_GROUPS 0xffff
#define INVALID_PROCESSOR_INDEX 0xffffffffu
#define MAXIMUM_PROC_PER_GROUP NT_LAYOUT_MAXIMUM_PROC_PER_GROUP

EXTERN_C_START

/* The processor's index; ProcNumber, if not NULL, receives group and number. */
ULONG KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber);
/* Processors that run, and the number above every index there can be. */
ULONG KeQueryActiveProcessorCountEx(USHORT GroupNumber);
ULONG KeQueryMaximumProcessorCountEx(USHORT GroupNumber);
USHORT KeQueryActiveGroupCount(VOID);
USHORT KeQueryMaximumGroupCount(VOID);
KAFFINITY KeQueryGroupAffinity(USHORT GroupNumber);
NTSTATUS KeGetProcessorNumberFromIndex(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber);
ULONG KeGetProcessorIndexFromNumber(PPROCESSOR_NUMBER ProcNumber);

EXTERN_C_END

#define KeGetCurrentProcessorIndex() KeGetCurrentProcessorNumberEx(NULL)

/* The older routines know group 0 alone. */
NT_INLINE ULONG KeGetCurrentProcessorNumber(VOID)
{
	return KeGetCurrentProcessorNumberEx(NULL) % MAXIMUM_PROC_PER_GROUP;
}

NT_INLINE KAFFINITY KeQueryActiveProcessors(VOID)
{
	return KeQueryGroupAffinity(0);
}

NT_INLINE ULONG KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors)
{
	if (ActiveProcessors)
		*ActiveProcessors = KeQueryGroupAffinity(0);
	return KeQueryActiveProcessorCountEx(0);
}

NT_INLINE ULONG KeQueryMaximumProcessorCount(VOID)
{
	return KeQueryMaximumProcessorCountEx(0);
}

#endif /* NT_KE_PROCESSOR_H */
