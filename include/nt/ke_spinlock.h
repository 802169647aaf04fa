/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spin locks. Zero is a free lock. The forms that raise the level are for IRQL
 * <= DISPATCH_LEVEL, those that say AtDpcLevel for >= DISPATCH_LEVEL.
 */
#ifndef NT_KE_SPINLOCK_H
#define NT_KE_SPINLOCK_H

#include "ke_irql.h"
#include "nt_layout.h"

typedef ULONG_PTR KSPIN_LOCK, *PKSPIN_LOCK;

C_ASSERT(sizeof(KSPIN_LOCK) == NT_LAYOUT_KSPIN_LOCK_SIZE);

typedef struct _KSPIN_LOCK_QUEUE {
	struct _KSPIN_LOCK_QUEUE *Next;
	PKSPIN_LOCK Lock;
} KSPIN_LOCK_QUEUE, *PKSPIN_LOCK_QUEUE;

/* One acquisition of a queued lock, on the stack of its holder. */
typedef struct _KLOCK_QUEUE_HANDLE {
	KSPIN_LOCK_QUEUE LockQueue;
	KIRQL OldIrql;
} KLOCK_QUEUE_HANDLE, *PKLOCK_QUEUE_HANDLE;

C_ASSERT(sizeof(KLOCK_QUEUE_HANDLE) == NT_LAYOUT_LOCK_HANDLE_SIZE);

EXTERN_C_START

VOID KeInitializeSpinLock(PKSPIN_LOCK SpinLock);
KIRQL KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock);
/* NewIrql: what the acquisition gave. */
VOID KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql);
VOID KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
VOID KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock);
BOOLEAN KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock);
BOOLEAN KeTestSpinLock(PKSPIN_LOCK SpinLock);

/* In a DPC that may be ordinary or threaded. */
KIRQL KeAcquireSpinLockForDpc(PKSPIN_LOCK SpinLock);
VOID KeReleaseSpinLockForDpc(PKSPIN_LOCK SpinLock, KIRQL OldIrql);

VOID KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
VOID KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle);
VOID KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
VOID KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle);
VOID KeAcquireInStackQueuedSpinLockForDpc(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle);
VOID KeReleaseInStackQueuedSpinLockForDpc(PKLOCK_QUEUE_HANDLE LockHandle);

EXTERN_C_END

/* The level is stored under the lock, which may protect that place. */
#define KeAcquireSpinLock(SpinLock, OldIrql) \
	((VOID)(*(OldIrql) = KeAcquireSpinLockRaiseToDpc(SpinLock)))

#endif /* NT_KE_SPINLOCK_H */
