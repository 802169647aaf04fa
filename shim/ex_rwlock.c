// SPDX-License-Identifier: GPL-2.0
/*
 * The EX_SPIN_LOCK routines: many readers or one writer, in 32 bits that are
 * zero when free.
 *
 * Linux' rwlock_t is larger and grows with debug options. A writer that must
 * wait counts itself in the word; from then on no new reader gets in, so the
 * readers there are leave and the writer comes (L-RWS-03).
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/preempt.h>
#include <linux/processor.h>

#include "irql.h"
#include "lock_api.h"
#include "report.h"
#include "spinlock.h"
#include "verifier.h"
#include "verifier_locks.h"

/* The word: readers inside, writers that wait, the writer inside. */
#define READER BIT(0)
#define READERS GENMASK(15, 0)
#define WAITER BIT(16)
#define WRITER BIT(31)

static_assert(sizeof(atomic_t) == NT_LAYOUT_EX_SPIN_LOCK_SIZE);
static_assert(CONFIG_NR_CPUS <= READERS);

/* Fails for readers that come and go as well: the caller looks again. */
static bool enter_as_reader(atomic_t *lock)
{
	int word = atomic_read(lock);

	return !(word & ~READERS) &&
	       atomic_try_cmpxchg_acquire(lock, &word, word + READER);
}

static void take_shared(void *lock)
{
	preempt_disable();
	while (!enter_as_reader(lock))
		cpu_relax();
}

static bool try_shared(void *lock)
{
	preempt_disable();
	while (!(atomic_read(lock) & ~READERS))
		if (enter_as_reader(lock))
			return true;
	preempt_enable();
	return false;
}

static bool try_exclusive(void *lock)
{
	int word = 0;

	preempt_disable();
	if (atomic_try_cmpxchg_acquire(lock, &word, WRITER))
		return true;
	preempt_enable();
	return false;
}

/* The last readers have gone and no other writer was faster. */
static bool enter_as_waiter(atomic_t *lock)
{
	int word = atomic_read(lock);

	return !(word & (READERS | WRITER)) &&
	       atomic_try_cmpxchg_acquire(lock, &word,
					  (word - WAITER) | WRITER);
}

static void take_exclusive(void *lock)
{
	if (likely(try_exclusive(lock)))
		return;
	preempt_disable();
	atomic_add(WAITER, lock);
	while (!enter_as_waiter(lock))
		cpu_relax();
}

static void drop_shared(void *lock)
{
	atomic_t *word = lock;

	atomic_sub_return_release(READER, word);
	nts_spinlock_allow_preemption();
}

static void drop_exclusive(void *lock)
{
	atomic_t *word = lock;

	atomic_fetch_andnot_release(WRITER, word);
	nts_spinlock_allow_preemption();
}

static const struct nts_lock_ops shared_ops = {
	.take_fn = take_shared,
	.try_fn = try_shared,
	.drop_fn = drop_shared,
};

static const struct nts_lock_ops exclusive_ops = {
	.take_fn = take_exclusive,
	.try_fn = try_exclusive,
	.drop_fn = drop_exclusive,
};

#define SHARED (NTS_LOCK_ANY_FORM | NTS_LOCK_SHARED)
#define EXCLUSIVE NTS_LOCK_ANY_FORM

static __always_inline void acquire_shared(atomic_t *lock, u8 form,
					   unsigned long caller)
{
	if (nts_verifier_on())
		nts_lock_take(lock, &shared_ops, form | SHARED, caller);
	else
		take_shared(lock);
}

static __always_inline void acquire_exclusive(atomic_t *lock, u8 form,
					      unsigned long caller)
{
	if (nts_verifier_on())
		nts_lock_take(lock, &exclusive_ops, form | EXCLUSIVE, caller);
	else
		take_exclusive(lock);
}

/* Whether nothing is left to let go of, since nothing was taken. */
static __always_inline bool was_phantom(atomic_t *lock, u8 form,
					unsigned long caller)
{
	return nts_verifier_on() &&
	       nts_lock_leave(lock, form, caller) == NTS_LOCK_PHANTOM;
}

/* False, reported: the lock is not held in this way. */
static bool check_held(atomic_t *lock, u32 kind, unsigned long caller)
{
	if (likely(atomic_read(lock) & kind))
		return true;
	nts_report_at(caller, "L-RWS-05", NTS_BUG_SPIN_LOCK_NOT_OWNED, lock,
		      "lock released that is not held in this way; ignored");
	return false;
}

static bool release_shared(atomic_t *lock, u8 form, unsigned long caller)
{
	if (was_phantom(lock, form | SHARED, caller))
		return true;
	if (unlikely(!check_held(lock, READERS, caller)))
		return false;
	drop_shared(lock);
	return true;
}

static bool release_exclusive(atomic_t *lock, u8 form, unsigned long caller)
{
	if (was_phantom(lock, form | EXCLUSIVE, caller))
		return true;
	if (unlikely(!check_held(lock, WRITER, caller)))
		return false;
	drop_exclusive(lock);
	return true;
}

/**
 * ExAcquireSpinLockShared() - raise to DISPATCH_LEVEL and take a lock to read
 * @lock: EX_SPIN_LOCK, zeroed to begin with, that the caller does not hold: a
 *	writer that came between would make a second acquisition wait for ever
 *
 * Context: IRQL <= DISPATCH_LEVEL. Disables bottom halves and preemption; spins
 * while a writer is inside or waits.
 * Return: the level before, for the release.
 * Source: ExAcquireSpinLockShared function (wdm.h); L-RWS-01 to L-RWS-03.
 * Test: ntshim_rwlock:readers_share_and_writers_exclude
 */
u8 ExAcquireSpinLockShared(atomic_t *lock)
{
	u8 old = nts_irql_raise_to_dispatch();

	acquire_shared(lock, 0, _RET_IP_);
	return old;
}
EXPORT_SYMBOL_GPL(ExAcquireSpinLockShared);

/**
 * ExReleaseSpinLockShared() - let go of a lock, then lower the level
 * @lock: lock held to read; otherwise reported and left alone
 * @old: KIRQL that the acquisition returned
 *
 * Context: IRQL = DISPATCH_LEVEL.
 * Source: ExReleaseSpinLockShared function (wdm.h); L-RWS-02, L-RWS-05.
 * Test: ntshim_rwlock:readers_share_and_writers_exclude
 */
void ExReleaseSpinLockShared(atomic_t *lock, u8 old)
{
	if (likely(release_shared(lock, 0, _RET_IP_)))
		nts_irql_lower(old, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExReleaseSpinLockShared);

/**
 * ExAcquireSpinLockExclusive() - raise to DISPATCH_LEVEL and take a lock to write
 * @lock: as for ExAcquireSpinLockShared()
 *
 * Context: IRQL <= DISPATCH_LEVEL. Disables bottom halves and preemption; spins
 * while anybody is inside.
 * Return: the level before, for the release.
 * Source: ExAcquireSpinLockExclusive function (wdm.h); L-RWS-02, L-RWS-03.
 * Test: ntshim_rwlock:readers_share_and_writers_exclude
 */
u8 ExAcquireSpinLockExclusive(atomic_t *lock)
{
	u8 old = nts_irql_raise_to_dispatch();

	acquire_exclusive(lock, 0, _RET_IP_);
	return old;
}
EXPORT_SYMBOL_GPL(ExAcquireSpinLockExclusive);

/**
 * ExReleaseSpinLockExclusive() - let go of a lock, then lower the level
 * @lock: lock held to write; otherwise reported and left alone
 * @old: KIRQL that the acquisition, or the shared one that was converted,
 *	returned
 *
 * Context: IRQL = DISPATCH_LEVEL.
 * Source: ExReleaseSpinLockExclusive function (wdm.h); L-RWS-02, L-RWS-05.
 * Test: ntshim_rwlock:readers_share_and_writers_exclude
 */
void ExReleaseSpinLockExclusive(atomic_t *lock, u8 old)
{
	if (likely(release_exclusive(lock, 0, _RET_IP_)))
		nts_irql_lower(old, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExReleaseSpinLockExclusive);

/**
 * ExAcquireSpinLockSharedAtDpcLevel() - take a lock to read, keep the level
 * @lock: as for ExAcquireSpinLockShared()
 *
 * Context: IRQL >= DISPATCH_LEVEL.
 * Source: ExAcquireSpinLockSharedAtDpcLevel function (wdm.h); L-RWS-02.
 * Test: ntshim_rwlock:at_dpc_level_keeps_the_level
 */
void ExAcquireSpinLockSharedAtDpcLevel(atomic_t *lock)
{
	acquire_shared(lock, NTS_LOCK_AT_DPC, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquireSpinLockSharedAtDpcLevel);

/**
 * ExReleaseSpinLockSharedFromDpcLevel() - let go of a lock, keep the level
 * @lock: lock held to read; otherwise reported and left alone
 *
 * Context: IRQL >= DISPATCH_LEVEL.
 * Source: ExReleaseSpinLockSharedFromDpcLevel function (wdm.h); L-RWS-02.
 * Test: ntshim_rwlock:at_dpc_level_keeps_the_level
 */
void ExReleaseSpinLockSharedFromDpcLevel(atomic_t *lock)
{
	release_shared(lock, NTS_LOCK_AT_DPC, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExReleaseSpinLockSharedFromDpcLevel);

/**
 * ExAcquireSpinLockExclusiveAtDpcLevel() - take a lock to write, keep the level
 * @lock: as for ExAcquireSpinLockShared()
 *
 * Context: IRQL >= DISPATCH_LEVEL.
 * Source: ExAcquireSpinLockExclusiveAtDpcLevel function (wdm.h); L-RWS-02.
 * Test: ntshim_rwlock:at_dpc_level_keeps_the_level
 */
void ExAcquireSpinLockExclusiveAtDpcLevel(atomic_t *lock)
{
	acquire_exclusive(lock, NTS_LOCK_AT_DPC, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquireSpinLockExclusiveAtDpcLevel);

/**
 * ExReleaseSpinLockExclusiveFromDpcLevel() - let go of a lock, keep the level
 * @lock: lock held to write; otherwise reported and left alone
 *
 * Context: IRQL >= DISPATCH_LEVEL.
 * Source: ExReleaseSpinLockExclusiveFromDpcLevel function (wdm.h); L-RWS-02.
 * Test: ntshim_rwlock:at_dpc_level_keeps_the_level
 */
void ExReleaseSpinLockExclusiveFromDpcLevel(atomic_t *lock)
{
	release_exclusive(lock, NTS_LOCK_AT_DPC, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExReleaseSpinLockExclusiveFromDpcLevel);

/**
 * ExTryAcquireSpinLockSharedAtDpcLevel() - take a lock to read if that is free
 * @lock: EX_SPIN_LOCK, zeroed to begin with
 *
 * Context: IRQL >= DISPATCH_LEVEL. Never spins.
 * Return: nonzero if the caller holds it now; 0 if a writer is inside or waits.
 * Source: ExTryAcquireSpinLockSharedAtDpcLevel function (wdm.h); L-RWS-03.
 * Test: ntshim_rwlock:waiting_writer_keeps_readers_out
 */
u32 ExTryAcquireSpinLockSharedAtDpcLevel(atomic_t *lock)
{
	if (nts_verifier_on())
		return nts_lock_try(lock, &shared_ops, SHARED | NTS_LOCK_AT_DPC,
				    _RET_IP_);
	return try_shared(lock);
}
EXPORT_SYMBOL_GPL(ExTryAcquireSpinLockSharedAtDpcLevel);

/**
 * ExTryAcquireSpinLockExclusiveAtDpcLevel() - take a lock to write if it is free
 * @lock: EX_SPIN_LOCK, zeroed to begin with
 *
 * Context: IRQL >= DISPATCH_LEVEL. Never spins.
 * Return: nonzero if the caller holds it now; 0 if anybody is inside or waits.
 * Source: ExTryAcquireSpinLockExclusiveAtDpcLevel function (wdm.h); L-RWS-03.
 * Test: ntshim_rwlock:readers_share_and_writers_exclude
 */
u32 ExTryAcquireSpinLockExclusiveAtDpcLevel(atomic_t *lock)
{
	if (nts_verifier_on())
		return nts_lock_try(lock, &exclusive_ops,
				    EXCLUSIVE | NTS_LOCK_AT_DPC, _RET_IP_);
	return try_exclusive(lock);
}
EXPORT_SYMBOL_GPL(ExTryAcquireSpinLockExclusiveAtDpcLevel);

/**
 * ExTryConvertSharedSpinLockExclusive() - go from reading to writing
 * @lock: lock that the caller holds to read
 *
 * Overtakes writers that wait: they cannot come in before this reader leaves.
 *
 * Context: IRQL >= DISPATCH_LEVEL. Never spins for another holder.
 * Return: nonzero if the caller was the only reader and now holds the lock to
 * write; else 0, and it still holds it to read.
 * Source: ExTryConvertSharedSpinLockExclusive function (wdm.h); L-RWS-04.
 * Test: ntshim_rwlock:only_the_last_reader_converts
 */
u32 ExTryConvertSharedSpinLockExclusive(atomic_t *lock)
{
	int word = atomic_read(lock);

	while ((word & (READERS | WRITER)) == READER)
		if (atomic_try_cmpxchg_acquire(lock, &word,
					       (word - READER) | WRITER)) {
			if (nts_verifier_on())
				nts_lock_convert(lock, &exclusive_ops);
			return 1;
		}
	return 0;
}
EXPORT_SYMBOL_GPL(ExTryConvertSharedSpinLockExclusive);
