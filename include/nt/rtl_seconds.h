/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Instants of system time as whole seconds since 1970 and 1980. Any IRQL.
 * FALSE for an instant that 32 bits do not reach; ElapsedSeconds is left as it
 * is then.
 */
#ifndef NT_RTL_SECONDS_H
#define NT_RTL_SECONDS_H

#include "ntdef.h"
#include "sal.h"

EXTERN_C_START

NTSYSAPI BOOLEAN NTAPI RtlTimeToSecondsSince1970(_In_ PLARGE_INTEGER Time,
						 _Out_ PULONG ElapsedSeconds);
NTSYSAPI VOID NTAPI RtlSecondsSince1970ToTime(_In_ ULONG ElapsedSeconds, _Out_ PLARGE_INTEGER Time);
NTSYSAPI BOOLEAN NTAPI RtlTimeToSecondsSince1980(_In_ PLARGE_INTEGER Time,
						 _Out_ PULONG ElapsedSeconds);
NTSYSAPI VOID NTAPI RtlSecondsSince1980ToTime(_In_ ULONG ElapsedSeconds, _Out_ PLARGE_INTEGER Time);

EXTERN_C_END

#endif /* NT_RTL_SECONDS_H */
