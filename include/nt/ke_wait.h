/* SPDX-License-Identifier: GPL-2.0 */
/* Waits. IRQL <= APC_LEVEL; with a timeout of zero <= DISPATCH_LEVEL. */
#ifndef NT_KE_WAIT_H
#define NT_KE_WAIT_H

#include "ke_object.h"

typedef enum _KWAIT_REASON {
	Executive,
	FreePage,
	PageIn,
	PoolAllocation,
	DelayExecution,
	Suspended,
	UserRequest,
	WrExecutive,
	WrFreePage,
	WrPageIn,
	WrPoolAllocation,
	WrDelayExecution,
	WrSuspended,
	WrUserRequest,
} KWAIT_REASON;

typedef enum _WAIT_TYPE {
	WaitAll,
	WaitAny,
} WAIT_TYPE;

typedef CCHAR KPROCESSOR_MODE;
typedef enum _MODE {
	KernelMode,
	UserMode,
	MaximumMode,
} MODE;

typedef struct _KWAIT_BLOCK {
	ULONGLONG Reserved[NT_LAYOUT_KWAIT_BLOCK_SIZE / 8];
} KWAIT_BLOCK, *PKWAIT_BLOCK, *PRKWAIT_BLOCK;

#define THREAD_WAIT_OBJECTS NT_LAYOUT_THREAD_WAIT_OBJECTS
#define MAXIMUM_WAIT_OBJECTS NT_LAYOUT_MAXIMUM_WAIT_OBJECTS

EXTERN_C_START

/*
 * Timeout in 100 ns: NULL for ever, zero a test without waiting, negative
 * relative, positive absolute since 1601.
 */
NTSTATUS KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
			       BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSTATUS KeWaitForMutexObject(PVOID Mutex, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
			      BOOLEAN Alertable, PLARGE_INTEGER Timeout);
/* More than THREAD_WAIT_OBJECTS objects need WaitBlockArray, one per object. */
NTSTATUS KeWaitForMultipleObjects(ULONG Count, PVOID Object[], WAIT_TYPE WaitType,
				  KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
				  BOOLEAN Alertable, PLARGE_INTEGER Timeout,
				  PKWAIT_BLOCK WaitBlockArray);
NTSTATUS KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
				PLARGE_INTEGER Interval);
/* Ends an alertable wait, now or next. TRUE: an alert was pending already. */
BOOLEAN KeAlertThread(PKTHREAD Thread, KPROCESSOR_MODE AlertMode);

EXTERN_C_END

#endif /* NT_KE_WAIT_H */
