/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deferred procedure calls. The storage of a KDPC is the driver's again as soon
 * as its routine has been entered or KeRemoveQueueDpc has returned TRUE.
 */
#ifndef NT_KE_DPC_H
#define NT_KE_DPC_H

#include "ntdef.h"
#include "nt_layout.h"

typedef struct _KDPC KDPC, *PKDPC, *PRKDPC;
typedef VOID KDEFERRED_ROUTINE(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1,
			       PVOID SystemArgument2);
typedef KDEFERRED_ROUTINE *PKDEFERRED_ROUTINE;

/* A driver may read the named members and must not write them. */
struct _KDPC {
	UCHAR Type;
	UCHAR Importance;
	USHORT Number;
	ULONG Reserved1;
	ULONGLONG Reserved2[2];
	PKDEFERRED_ROUTINE DeferredRoutine;
	PVOID DeferredContext;
	PVOID SystemArgument1;
	PVOID SystemArgument2;
	PVOID DpcData;
};

C_ASSERT(sizeof(KDPC) == NT_LAYOUT_KDPC_SIZE);

typedef enum _KDPC_IMPORTANCE {
	LowImportance,
	MediumImportance,
	HighImportance,
	MediumHighImportance,
} KDPC_IMPORTANCE;

/* There is no watchdog: limits of 0. */
typedef struct _KDPC_WATCHDOG_INFORMATION {
	ULONG DpcTimeLimit;
	ULONG DpcTimeCount;
	ULONG DpcWatchdogLimit;
	ULONG DpcWatchdogCount;
	ULONG Reserved;
} KDPC_WATCHDOG_INFORMATION, *PKDPC_WATCHDOG_INFORMATION;

C_ASSERT(sizeof(KDPC_WATCHDOG_INFORMATION) == NT_LAYOUT_DPC_WATCHDOG_SIZE);

EXTERN_C_START

/* Any IRQL. An ordinary DPC runs at DISPATCH_LEVEL, a threaded at PASSIVE_LEVEL. */
VOID KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
VOID KeInitializeThreadedDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext);
/* Any IRQL. FALSE: it is queued already, and nothing changed. */
BOOLEAN KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2);
/* Any IRQL. TRUE: it was queued and will not run for that insertion. */
BOOLEAN KeRemoveQueueDpc(PRKDPC Dpc);
VOID KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance);
VOID KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number);
NTSTATUS KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber);
/* PASSIVE_LEVEL: returns when everything queued before the call has run. */
VOID KeFlushQueuedDpcs(VOID);
/* Nonzero exactly while a DPC routine runs on this processor. */
ULONG KeIsExecutingDpc(VOID);
/* In a DPC routine; elsewhere STATUS_UNSUCCESSFUL. */
NTSTATUS KeQueryDpcWatchdogInformation(PKDPC_WATCHDOG_INFORMATION WatchdogInformation);

EXTERN_C_END

#endif /* NT_KE_DPC_H */
