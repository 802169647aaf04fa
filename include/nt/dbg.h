/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Debug output, which goes to the kernel log, assertions and break points. Any
 * IRQL; conversions of wide characters only at PASSIVE_LEVEL.
 *
 * A driver that is built with DBG 1 is a checked one: KdPrint prints, and
 * assertions are evaluated. One that fails is reported, and the driver goes on.
 */
#ifndef NT_DBG_H
#define NT_DBG_H

#include "ke_irql.h"
#include "ntdef.h"

#ifndef DBG
#define DBG 0
#endif

EXTERN_C_START

/* Formats as the Windows kernel does (%wZ, %ws, %I64d ...). Returns success. */
ULONG DbgPrint(PCSTR Format, ...);
ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...);
/* The same with a list of arguments, and with text before it that is no format. */
ULONG vDbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, va_list Arguments);
ULONG vDbgPrintExWithPrefix(PCSTR Prefix, ULONG ComponentId, ULONG Level, PCSTR Format,
			    va_list Arguments);

/* Noted once for each place; nothing stops. */
VOID DbgBreakPoint(VOID);
VOID DbgBreakPointWithStatus(ULONG Status);

/* Reports an assertion that failed. */
VOID RtlAssert(PVOID VoidFailedAssertion, PVOID VoidFileName, ULONG LineNumber,
	       PSTR MutableMessage);

EXTERN_C_END

#define DPFLTR_SYSTEM_ID 0
#define DPFLTR_IHVDRIVER_ID 77
#define DPFLTR_DEFAULT_ID 101
#define DPFLTR_ERROR_LEVEL 0
#define DPFLTR_WARNING_LEVEL 1
#define DPFLTR_TRACE_LEVEL 2
#define DPFLTR_INFO_LEVEL 3
#define DPFLTR_MASK 0x80000000u

#define __debugbreak() DbgBreakPoint()

NT_INLINE BOOLEAN NtAssertionFailed(PCSTR Expression, PCSTR FileName, ULONG LineNumber,
				    PCSTR Message)
{
	RtlAssert((PVOID)Expression, (PVOID)FileName, LineNumber, (PSTR)Message);
	return FALSE;
}

/* Evaluates the expression once; TRUE if it holds. */
#define NT_CHECKED_ASSERTION(Message, Expression) \
	((Expression) ? TRUE : NtAssertionFailed(#Expression, __FILE__, __LINE__, (Message)))

#if DBG
#define KdPrint(Arguments) DbgPrint Arguments
#define KdPrintEx(Arguments) DbgPrintEx Arguments
#define KdBreakPoint() DbgBreakPoint()
#define KdBreakPointWithStatus(Status) DbgBreakPointWithStatus(Status)
#define NT_ASSERT(Expression) ((VOID)NT_CHECKED_ASSERTION(NULL, Expression))
#define NT_ASSERTMSG(Message, Expression) ((VOID)NT_CHECKED_ASSERTION(Message, Expression))
#define NT_VERIFY(Expression) NT_CHECKED_ASSERTION(NULL, Expression)
#define PAGED_CODE() NT_ASSERTMSG("paged code above APC_LEVEL", KeGetCurrentIrql() <= APC_LEVEL)
#else
#define KdPrint(Arguments) ((VOID)0)
#define KdPrintEx(Arguments) ((VOID)0)
#define KdBreakPoint() ((VOID)0)
#define KdBreakPointWithStatus(Status) ((VOID)0)
#define NT_ASSERT(Expression) ((VOID)0)
#define NT_ASSERTMSG(Message, Expression) ((VOID)0)
#define NT_VERIFY(Expression) ((Expression) ? TRUE : FALSE)
#define PAGED_CODE() ((VOID)0)
#endif

#define ASSERT(Expression) NT_ASSERT(Expression)
#define ASSERTMSG(Message, Expression) NT_ASSERTMSG(Message, Expression)
#define RTL_SOFT_ASSERT(Expression) NT_ASSERT(Expression)
#define RTL_SOFT_ASSERTMSG(Message, Expression) NT_ASSERTMSG(Message, Expression)
#define RTL_VERIFY(Expression) NT_VERIFY(Expression)
#define PAGED_CODE_LOCKED() PAGED_CODE()

#endif /* NT_DBG_H */
