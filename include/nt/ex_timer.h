/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System-allocated timers (EX_TIMER). ExDeleteTimer alone ends one; its memory
 * goes when the last call of its callback has returned.
 */
#ifndef NT_EX_TIMER_H
#define NT_EX_TIMER_H

#include "ntdef.h"
#include "nt_layout.h"

typedef struct _EX_TIMER *PEX_TIMER;

/* Attributes; the first two exclude each other. */
#define EX_TIMER_HIGH_RESOLUTION NT_LAYOUT_EX_HIGH_RESOLUTION
#define EX_TIMER_NO_WAKE NT_LAYOUT_EX_NO_WAKE
/* Without it the timer is a synchronization timer. */
#define EX_TIMER_NOTIFICATION ((ULONG)NT_LAYOUT_EX_NOTIFICATION)

#define EX_TIMER_UNLIMITED_TOLERANCE ((LONGLONG)(-1))

/* Both at DISPATCH_LEVEL. */
typedef VOID EXT_CALLBACK(PEX_TIMER Timer, PVOID Context);
typedef EXT_CALLBACK *PEXT_CALLBACK;
typedef VOID EXT_DELETE_CALLBACK(PVOID Context);
typedef EXT_DELETE_CALLBACK *PEXT_DELETE_CALLBACK;

typedef struct _EXT_SET_PARAMETERS_V0 {
	ULONG Version;
	ULONG Reserved;
	/* 100 ns: how late a no-wake timer may be while the processor sleeps. */
	LONGLONG NoWakeTolerance;
} EXT_SET_PARAMETERS, *PEXT_SET_PARAMETERS;

C_ASSERT(sizeof(EXT_SET_PARAMETERS) == NT_LAYOUT_EXT_SET_SIZE);
C_ASSERT(FIELD_OFFSET(EXT_SET_PARAMETERS, NoWakeTolerance) == NT_LAYOUT_EXT_SET_TOLERANCE);

typedef struct _EXT_DELETE_PARAMETERS {
	ULONG Version;
	ULONG Reserved;
	PEXT_DELETE_CALLBACK DeleteCallback;
	PVOID DeleteContext;
} EXT_DELETE_PARAMETERS, *PEXT_DELETE_PARAMETERS;

C_ASSERT(sizeof(EXT_DELETE_PARAMETERS) == NT_LAYOUT_EXT_DELETE_SIZE);
C_ASSERT(FIELD_OFFSET(EXT_DELETE_PARAMETERS, DeleteCallback) == NT_LAYOUT_EXT_DELETE_CALLBACK);
C_ASSERT(FIELD_OFFSET(EXT_DELETE_PARAMETERS, DeleteContext) == NT_LAYOUT_EXT_DELETE_CONTEXT);

/* There are none: always NULL. */
typedef PVOID PEXT_CANCEL_PARAMETERS;

EXTERN_C_START

/* IRQL <= DISPATCH_LEVEL. NULL: no memory. */
PEX_TIMER ExAllocateTimer(PEXT_CALLBACK Callback, PVOID CallbackContext, ULONG Attributes);
/*
 * IRQL <= DISPATCH_LEVEL. DueTime as for KeSetTimer, for a high-resolution timer
 * negative. Period in 100 ns, at most MAXLONG, 0 for none. TRUE: a pending timer
 * was cancelled.
 */
BOOLEAN ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime, LONGLONG Period,
		   PEXT_SET_PARAMETERS Parameters);
BOOLEAN ExCancelTimer(PEX_TIMER Timer, PEXT_CANCEL_PARAMETERS Parameters);
/* Wait needs Cancel and IRQL <= APC_LEVEL. TRUE: a pending timer was cancelled. */
BOOLEAN ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel, BOOLEAN Wait,
		      PEXT_DELETE_PARAMETERS Parameters);

EXTERN_C_END

NT_INLINE VOID ExInitializeSetTimerParameters(PEXT_SET_PARAMETERS Parameters)
{
	Parameters->Version = NT_LAYOUT_EXT_VERSION;
	Parameters->Reserved = 0;
	Parameters->NoWakeTolerance = 0;
}

NT_INLINE VOID ExInitializeDeleteTimerParameters(PEXT_DELETE_PARAMETERS Parameters)
{
	Parameters->Version = NT_LAYOUT_EXT_VERSION;
	Parameters->Reserved = 0;
	Parameters->DeleteCallback = NULL;
	Parameters->DeleteContext = NULL;
}

#endif /* NT_EX_TIMER_H */
