// SPDX-License-Identifier: GPL-2.0
/*
 * The KSPIN_LOCK routines: level and lock, in the order that each form wants.
 *
 * All forms work on one word, so that a driver which mixes them is wrong but
 * safe. The level drops after the lock, so that a DPC which waits for the level
 * finds the lock free (L-SPN-06).
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "irql.h"
#include "lock_api.h"
#include "report.h"
#include "spinlock.h"
#include "verifier.h"
#include "verifier_locks.h"

static u32 this_owner(void)
{
	return raw_smp_processor_id() + 1;
}

/* The verifier wants to know the owner as well. */
static void take_fn(void *data)
{
	struct nts_spinlock *lock = data;

	nts_spinlock_take(lock);
	WRITE_ONCE(lock->owner, this_owner());
}

static bool try_fn(void *data)
{
	struct nts_spinlock *lock = data;

	if (!nts_spinlock_try(lock))
		return false;
	WRITE_ONCE(lock->owner, this_owner());
	return true;
}

static void drop_fn(void *data)
{
	nts_spinlock_drop(data);
}

static const struct nts_lock_ops spinlock_ops = {
	.take_fn = take_fn,
	.try_fn = try_fn,
	.drop_fn = drop_fn,
};

static __always_inline void take(struct nts_spinlock *lock, u8 form,
				 unsigned long caller)
{
	if (nts_verifier_on())
		nts_lock_take(lock, &spinlock_ops, form, caller);
	else
		nts_spinlock_take(lock);
}

/* The owner is known only if the verifier saw the acquisition. */
static noinline void check_owner(struct nts_spinlock *lock,
				 unsigned long caller)
{
	u32 owner = READ_ONCE(lock->owner);

	if (!owner || owner == this_owner())
		return;
	nts_lock_lose(lock);
	nts_report_at(caller, "L-SPN-11", NTS_BUG_SPIN_LOCK_NOT_OWNED, lock,
		      "spin lock released by another processor than took it");
}

/* Returns whether there is nothing left to let go of. */
static noinline bool verify_release(struct nts_spinlock *lock, u8 form,
				    unsigned long caller)
{
	enum nts_lock_left left = nts_lock_leave(lock, form, caller);

	if (left == NTS_LOCK_UNKNOWN)
		check_owner(lock, caller);
	return left == NTS_LOCK_PHANTOM;
}

/* False: there is nothing to let go of. */
static __always_inline bool release(struct nts_spinlock *lock, u8 form,
				    unsigned long caller)
{
	if (nts_verifier_on() && verify_release(lock, form, caller))
		return true;
	if (unlikely(!nts_spinlock_is_held(lock))) {
		nts_report_at(caller, "L-SPN-11", NTS_BUG_SPIN_LOCK_NOT_OWNED,
			      lock,
			      "spin lock released that is not held; ignored");
		return false;
	}
	nts_spinlock_drop(lock);
	return true;
}

static __always_inline u8 acquire_raised(struct nts_spinlock *lock, u8 form,
					 unsigned long caller)
{
	u8 old = nts_irql_raise_to_dispatch();

	take(lock, form, caller);
	return old;
}

static __always_inline void release_raised(struct nts_spinlock *lock, u8 old,
					   u8 form, unsigned long caller)
{
	if (likely(release(lock, form, caller)))
		nts_irql_lower(old, caller);
}

/**
 * KeInitializeSpinLock() - make storage a free spin lock
 * @lock: storage of any content, resident
 *
 * Storing zero does the same. There is no counterpart: a free lock may vanish.
 *
 * Context: any IRQL.
 * Source: KeInitializeSpinLock function (wdm.h); L-SPN-01, L-SPN-02.
 * Test: ntshim_spinlock:zero_is_a_free_lock
 */
void KeInitializeSpinLock(struct nts_spinlock *lock)
{
	if (nts_verifier_on())
		nts_lock_forget(lock, sizeof(*lock));
	*lock = (struct nts_spinlock){ 0 };
}
EXPORT_SYMBOL_GPL(KeInitializeSpinLock);

/**
 * KeAcquireSpinLockRaiseToDpc() - raise to DISPATCH_LEVEL and take a lock
 * @lock: initialised or zeroed lock that the caller does not hold
 *
 * KeAcquireSpinLock() is a macro that stores the result once the lock is held,
 * so that the lock may protect the place where it is stored.
 *
 * Context: IRQL <= DISPATCH_LEVEL. Disables bottom halves and preemption, spins
 * with interrupts enabled. Waiters come in order.
 * Return: the level before, for KeReleaseSpinLock().
 * Source: KeAcquireSpinLock macro (wdm.h); L-SPN-05, L-SPN-07.
 * Test: ntshim_spinlock:acquire_raises_and_release_lowers
 */
u8 KeAcquireSpinLockRaiseToDpc(struct nts_spinlock *lock)
{
	return acquire_raised(lock, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeAcquireSpinLockRaiseToDpc);

/**
 * KeReleaseSpinLock() - let go of a lock, then lower the level
 * @lock: held lock; one that is free is reported and left alone
 * @old: KIRQL, what the acquisition of this lock, or of one that is held
 *	across it, returned
 *
 * Context: IRQL = DISPATCH_LEVEL. Below it on return this processor's DPCs have
 * run.
 * Source: KeReleaseSpinLock function (wdm.h); L-SPN-06, L-SPN-10, L-SPN-11.
 * Test: ntshim_spinlock:dpc_finds_the_lock_free,
 * ntshim_spinlock:old_levels_may_be_swapped
 */
void KeReleaseSpinLock(struct nts_spinlock *lock, u8 old)
{
	release_raised(lock, old, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseSpinLock);

/**
 * KeAcquireSpinLockAtDpcLevel() - take a lock at the level there is
 * @lock: as for KeAcquireSpinLockRaiseToDpc()
 *
 * Context: IRQL >= DISPATCH_LEVEL, the same for all users of the lock. Below it
 * the caller cannot be preempted while it holds the lock, but a DPC of this
 * processor that wants the lock would spin for ever.
 * Source: KeAcquireSpinLockAtDpcLevel function (wdm.h); L-SPN-08.
 * Test: ntshim_spinlock:at_dpc_level_keeps_the_level
 */
void KeAcquireSpinLockAtDpcLevel(struct nts_spinlock *lock)
{
	take(lock, NTS_LOCK_AT_DPC, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeAcquireSpinLockAtDpcLevel);

/**
 * KeReleaseSpinLockFromDpcLevel() - let go of a lock, keep the level
 * @lock: lock taken with KeAcquireSpinLockAtDpcLevel(); one that is free is
 *	reported and left alone
 *
 * Context: as the acquisition.
 * Source: KeReleaseSpinLockFromDpcLevel function (wdm.h); L-SPN-08.
 * Test: ntshim_spinlock:at_dpc_level_keeps_the_level
 */
void KeReleaseSpinLockFromDpcLevel(struct nts_spinlock *lock)
{
	release(lock, NTS_LOCK_AT_DPC, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseSpinLockFromDpcLevel);

/**
 * KeTryToAcquireSpinLockAtDpcLevel() - take a lock if it is free
 * @lock: initialised or zeroed lock
 *
 * Context: IRQL >= DISPATCH_LEVEL. Never spins.
 * Return: 1 if the caller holds it now, to be released with
 * KeReleaseSpinLockFromDpcLevel(); 0 if somebody held it, the caller included.
 * Source: KeTryToAcquireSpinLockAtDpcLevel function (wdm.h); L-SPN-12.
 * Test: ntshim_spinlock:try_never_spins
 */
u8 KeTryToAcquireSpinLockAtDpcLevel(struct nts_spinlock *lock)
{
	if (nts_verifier_on())
		return nts_lock_try(lock, &spinlock_ops, NTS_LOCK_AT_DPC,
				    _RET_IP_);
	return nts_spinlock_try(lock);
}
EXPORT_SYMBOL_GPL(KeTryToAcquireSpinLockAtDpcLevel);

/**
 * KeTestSpinLock() - whether a lock looks free
 * @lock: initialised or zeroed lock
 *
 * Context: any IRQL. Changes nothing.
 * Return: 1 if nobody held it a moment ago, else 0.
 * Source: KeTestSpinLock function (wdm.h); L-SPN-13.
 * Test: ntshim_spinlock:test_looks_and_changes_nothing
 */
u8 KeTestSpinLock(const struct nts_spinlock *lock)
{
	return !nts_spinlock_is_held(lock);
}
EXPORT_SYMBOL_GPL(KeTestSpinLock);

/**
 * KeAcquireSpinLockForDpc() - take a lock in a DPC of either kind
 * @lock: as for KeAcquireSpinLockRaiseToDpc()
 *
 * Context: IRQL <= DISPATCH_LEVEL: a threaded DPC at PASSIVE_LEVEL is raised,
 * an ordinary one stays at DISPATCH_LEVEL.
 * Return: the level before, for KeReleaseSpinLockForDpc().
 * Source: KeAcquireSpinLockForDpc function (wdm.h); L-DPC-01.
 * Test: ntshim_spinlock:for_dpc_forms_fit_both_kinds
 */
u8 KeAcquireSpinLockForDpc(struct nts_spinlock *lock)
{
	return acquire_raised(lock, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeAcquireSpinLockForDpc);

/**
 * KeReleaseSpinLockForDpc() - let go of a lock taken in a DPC
 * @lock: lock taken with KeAcquireSpinLockForDpc()
 * @old: KIRQL that it returned
 *
 * Context: IRQL = DISPATCH_LEVEL.
 * Source: KeReleaseSpinLockForDpc function (wdm.h); L-DPC-01.
 * Test: ntshim_spinlock:for_dpc_forms_fit_both_kinds
 */
void KeReleaseSpinLockForDpc(struct nts_spinlock *lock, u8 old)
{
	release_raised(lock, old, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseSpinLockForDpc);

/* What a handle stands for; NULL, reported, if for no acquisition. */
static struct nts_spinlock *lock_of(struct nts_lock_handle *handle,
				    unsigned long caller)
{
	struct nts_spinlock *lock = handle->lock;

	if (unlikely(!lock))
		nts_report_at(caller, "L-QSL-05", NTS_BUG_SPIN_LOCK_NOT_OWNED,
			      handle,
			      "queued spin lock released twice; ignored");
	handle->lock = NULL;
	return lock;
}

static void acquire_queued(struct nts_spinlock *lock,
			   struct nts_lock_handle *handle, unsigned long caller)
{
	handle->old = acquire_raised(lock, NTS_LOCK_QUEUED, caller);
	handle->lock = lock;
}

static void release_queued(struct nts_lock_handle *handle, unsigned long caller)
{
	struct nts_spinlock *lock = lock_of(handle, caller);

	if (likely(lock))
		release_raised(lock, handle->old, NTS_LOCK_QUEUED, caller);
}

/**
 * KeAcquireInStackQueuedSpinLock() - raise to DISPATCH_LEVEL and take a lock
 * @lock: as for KeAcquireSpinLockRaiseToDpc()
 * @handle: storage of any content for this acquisition, in place until the
 *	release
 *
 * Context: as KeAcquireSpinLockRaiseToDpc(). Waiters come in order.
 * Source: KeAcquireInStackQueuedSpinLock function (wdm.h); L-QSL-01 to
 * L-QSL-03.
 * Test: ntshim_spinlock:handle_remembers_lock_and_level
 */
void KeAcquireInStackQueuedSpinLock(struct nts_spinlock *lock,
				    struct nts_lock_handle *handle)
{
	acquire_queued(lock, handle, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeAcquireInStackQueuedSpinLock);

/**
 * KeReleaseInStackQueuedSpinLock() - let go of a lock, then lower the level
 * @handle: of the acquisition; a second release is reported and ignored
 *
 * Context: IRQL = DISPATCH_LEVEL.
 * Source: KeReleaseInStackQueuedSpinLock function (wdm.h); L-QSL-02, L-QSL-05.
 * Test: ntshim_spinlock:handle_remembers_lock_and_level
 */
void KeReleaseInStackQueuedSpinLock(struct nts_lock_handle *handle)
{
	release_queued(handle, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseInStackQueuedSpinLock);

/**
 * KeAcquireInStackQueuedSpinLockAtDpcLevel() - take a lock at the level there is
 * @lock: as for KeAcquireSpinLockRaiseToDpc()
 * @handle: as for KeAcquireInStackQueuedSpinLock()
 *
 * Context: as KeAcquireSpinLockAtDpcLevel().
 * Source: KeAcquireInStackQueuedSpinLockAtDpcLevel function (wdm.h); L-QSL-02.
 * Test: ntshim_spinlock:handle_remembers_lock_and_level
 */
void KeAcquireInStackQueuedSpinLockAtDpcLevel(struct nts_spinlock *lock,
					      struct nts_lock_handle *handle)
{
	take(lock, NTS_LOCK_QUEUED | NTS_LOCK_AT_DPC, _RET_IP_);
	handle->lock = lock;
}
EXPORT_SYMBOL_GPL(KeAcquireInStackQueuedSpinLockAtDpcLevel);

/**
 * KeReleaseInStackQueuedSpinLockFromDpcLevel() - let go, keep the level
 * @handle: of the acquisition; a second release is reported and ignored
 *
 * Context: as the acquisition.
 * Source: KeReleaseInStackQueuedSpinLockFromDpcLevel function (wdm.h);
 * L-QSL-02, L-QSL-05.
 * Test: ntshim_spinlock:handle_remembers_lock_and_level
 */
void KeReleaseInStackQueuedSpinLockFromDpcLevel(struct nts_lock_handle *handle)
{
	struct nts_spinlock *lock = lock_of(handle, _RET_IP_);

	if (likely(lock))
		release(lock, NTS_LOCK_QUEUED | NTS_LOCK_AT_DPC, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseInStackQueuedSpinLockFromDpcLevel);

/**
 * KeAcquireInStackQueuedSpinLockForDpc() - take a lock in a DPC of either kind
 * @lock: as for KeAcquireSpinLockRaiseToDpc()
 * @handle: as for KeAcquireInStackQueuedSpinLock()
 *
 * Context: as KeAcquireSpinLockForDpc().
 * Source: KeAcquireInStackQueuedSpinLockForDpc function (wdm.h); L-DPC-01.
 * Test: ntshim_spinlock:for_dpc_forms_fit_both_kinds
 */
void KeAcquireInStackQueuedSpinLockForDpc(struct nts_spinlock *lock,
					  struct nts_lock_handle *handle)
{
	acquire_queued(lock, handle, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeAcquireInStackQueuedSpinLockForDpc);

/**
 * KeReleaseInStackQueuedSpinLockForDpc() - let go of a lock taken in a DPC
 * @handle: of the acquisition; a second release is reported and ignored
 *
 * Context: IRQL = DISPATCH_LEVEL.
 * Source: KeReleaseInStackQueuedSpinLockForDpc function (wdm.h); L-DPC-01.
 * Test: ntshim_spinlock:for_dpc_forms_fit_both_kinds
 */
void KeReleaseInStackQueuedSpinLockForDpc(struct nts_lock_handle *handle)
{
	release_queued(handle, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseInStackQueuedSpinLockForDpc);
