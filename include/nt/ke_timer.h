/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers. There is no call to destroy one: the storage is the driver's again
 * when KeCancelTimer or a wait on it has returned, and for a timer that is not
 * periodic inside its own DPC.
 */
#ifndef NT_KE_TIMER_H
#define NT_KE_TIMER_H

#include "ke_dpc.h"
#include "ke_object.h"

typedef struct _KTIMER {
	DISPATCHER_HEADER Header;
	ULONGLONG Reserved[(NT_LAYOUT_KTIMER_SIZE - NT_LAYOUT_HEADER_SIZE) / 8];
} KTIMER, *PKTIMER, *PRKTIMER;

C_ASSERT(sizeof(KTIMER) == NT_LAYOUT_KTIMER_SIZE);

typedef enum _TIMER_TYPE {
	NotificationTimer,
	SynchronizationTimer,
} TIMER_TYPE;

EXTERN_C_START

/* All: IRQL <= DISPATCH_LEVEL, never wait, never fail. */
VOID KeInitializeTimer(PKTIMER Timer);
VOID KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type);
/*
 * DueTime in 100 ns: negative relative, else absolute since 1601. Period and
 * TolerableDelay in ms. TRUE: the timer was already armed.
 */
BOOLEAN KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc);
BOOLEAN KeSetTimerEx(PKTIMER Timer, LARGE_INTEGER DueTime, LONG Period, PKDPC Dpc);
BOOLEAN KeSetCoalescableTimer(PKTIMER Timer, LARGE_INTEGER DueTime, ULONG Period,
			      ULONG TolerableDelay, PKDPC Dpc);
/* TRUE: it was armed. Does not change the signal, does not recall a queued DPC. */
BOOLEAN KeCancelTimer(PKTIMER Timer);
BOOLEAN KeReadStateTimer(PKTIMER Timer);

EXTERN_C_END

#endif /* NT_KE_TIMER_H */
