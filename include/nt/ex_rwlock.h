/* SPDX-License-Identifier: GPL-2.0 */
/* Spin locks with many readers or one writer. Zero is a free lock. */
#ifndef NT_EX_RWLOCK_H
#define NT_EX_RWLOCK_H

#include "ke_irql.h"
#include "nt_layout.h"

typedef LONG EX_SPIN_LOCK, *PEX_SPIN_LOCK;

C_ASSERT(sizeof(EX_SPIN_LOCK) == NT_LAYOUT_EX_SPIN_LOCK_SIZE);

EXTERN_C_START

/* IRQL <= DISPATCH_LEVEL; OldIrql: what the acquisition gave. */
KIRQL ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock);
VOID ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql);
KIRQL ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock);
VOID ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql);

/* IRQL >= DISPATCH_LEVEL. */
VOID ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);
VOID ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock);
VOID ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
VOID ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock);
/* Nonzero: taken; they never spin. */
LOGICAL ExTryAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);
LOGICAL ExTryAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
/* For a caller that holds the lock shared, and goes on holding it on FALSE. */
LOGICAL ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock);

EXTERN_C_END

#endif /* NT_EX_RWLOCK_H */
