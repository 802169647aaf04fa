// SPDX-License-Identifier: GPL-2.0
/*
 * Push locks and rundown protection: each a word in driver memory that is zero
 * to begin with, changed by single atomic operations, the last of which is the
 * last access to the memory. Who must wait sleeps elsewhere (park.c).
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "../include/nt/nt_layout.h"
#include "irql.h"
#include "mutex_api.h"
#include "park.h"
#include "ps_thread.h"
#include "report.h"
#include "verifier.h"
#include "wait.h"

/* A push lock: one owner, or a number of readers. */
#define OWNED 1
#define READER 2

/* Rundown protection: it has begun; references. */
#define RUNDOWN 1
#define REFERENCE 2

static_assert(sizeof(atomic_long_t) == NT_LAYOUT_PUSH_LOCK_SIZE);
static_assert(sizeof(atomic_long_t) == NT_LAYOUT_RUNDOWN_REF_SIZE);

static bool try_exclusive_fn(void *lock)
{
	long free = 0;

	return atomic_long_try_cmpxchg_acquire(lock, &free, OWNED);
}

static bool try_shared_fn(void *lock)
{
	long word = atomic_long_read(lock);

	while (!(word & OWNED))
		if (atomic_long_try_cmpxchg_acquire(lock, &word, word + READER))
			return true;
	return false;
}

/**
 * struct refusal - an acquisition that would have had to wait where it must not
 * @lock: of what; NULL: this place is free
 * @task: by whom; of a DPC the task below it
 *
 * Its release comes all the same, and must not let go of what another holds.
 */
struct refusal {
	const void *lock;
	const struct task_struct *task;
};

/* What has no room is forgotten: this is for drivers that are wrong already. */
static struct refusal refusals[16];
static DEFINE_RAW_SPINLOCK(refusals_lock);
static unsigned int nr_refusals;

/* Replace @old by @new; false if there is none. */
static bool change_refusal(struct refusal old, struct refusal new, int by)
{
	bool found = false;
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&refusals_lock, flags);
	for (i = 0; i < ARRAY_SIZE(refusals) && !found; i++) {
		found = refusals[i].lock == old.lock &&
			refusals[i].task == old.task;
		if (!found)
			continue;
		refusals[i] = new;
		WRITE_ONCE(nr_refusals, nr_refusals + by);
	}
	raw_spin_unlock_irqrestore(&refusals_lock, flags);
	return found;
}

static void remember_refusal(const void *lock)
{
	change_refusal((struct refusal){ 0 }, (struct refusal){ lock, current },
		       1);
}

static bool was_refused(const void *lock)
{
	return unlikely(READ_ONCE(nr_refusals)) &&
	       change_refusal((struct refusal){ lock, current },
			      (struct refusal){ 0 }, -1);
}

static void take(atomic_long_t *lock, nts_park_fn try_fn, unsigned long caller)
{
	if (nts_verifier_on() && !nts_thread_has_apcs_off())
		nts_misuse_at(caller, "L-PSH-02", lock,
			      "WithinCriticalRegion: lock taken outside a critical region");
	if (try_fn(lock))
		return;
	if (likely(nts_wait_is_allowed())) {
		nts_park(lock, try_fn, lock);
		return;
	}
	remember_refusal(lock);
	nts_report_at(caller, "L-PSH-01", NTS_BUG_VERIFIER_VIOLATION, lock,
		      "push lock taken above APC_LEVEL; not waited for");
}

/* What is not held stays as it is. */
static bool check_held(const atomic_long_t *lock, bool held,
		       unsigned long caller)
{
	if (likely(held))
		return true;
	nts_report_at(caller, "L-PSH-01", NTS_BUG_VERIFIER_VIOLATION, lock,
		      "push lock released that is not held in this way; ignored");
	return false;
}

/**
 * ExInitializePushLock() - make storage a free push lock
 * @lock: storage of any content
 *
 * Storing zero does the same.
 *
 * Context: any IRQL.
 * Source: ExInitializePushLock function (ntifs.h); L-PSH-01.
 * Test: ntshim_pushlock:readers_share_and_writers_exclude
 */
void ExInitializePushLock(atomic_long_t *lock)
{
	atomic_long_set(lock, 0);
}
EXPORT_SYMBOL_GPL(ExInitializePushLock);

/**
 * ExAcquirePushLockExclusive() - take a push lock alone
 * @lock: initialised or zeroed lock that the thread does not hold
 *
 * Context: IRQL <= APC_LEVEL, in a critical region; sleeps. Changes no level.
 * Source: ExAcquirePushLockExclusive macro (ntifs.h); L-PSH-01, L-PSH-02.
 * Test: ntshim_pushlock:readers_share_and_writers_exclude
 */
void ExAcquirePushLockExclusive(atomic_long_t *lock)
{
	take(lock, try_exclusive_fn, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquirePushLockExclusive);

/**
 * ExReleasePushLockExclusive() - let go of a push lock held alone
 * @lock: held lock; otherwise reported and left alone
 *
 * Context: as the acquisition.
 * Source: ExReleasePushLockExclusive macro (ntifs.h); L-PSH-01.
 * Test: ntshim_pushlock:readers_share_and_writers_exclude
 */
void ExReleasePushLockExclusive(atomic_long_t *lock)
{
	if (was_refused(lock) ||
	    !check_held(lock, atomic_long_read(lock) & OWNED, _RET_IP_))
		return;
	atomic_long_set_release(lock, 0);
	nts_unpark(lock);
}
EXPORT_SYMBOL_GPL(ExReleasePushLockExclusive);

/**
 * ExAcquirePushLockShared() - take a push lock beside others
 * @lock: initialised or zeroed lock that the thread does not hold
 *
 * Context: as ExAcquirePushLockExclusive().
 * Source: ExAcquirePushLockShared macro (ntifs.h); L-PSH-01, L-PSH-02.
 * Test: ntshim_pushlock:readers_share_and_writers_exclude
 */
void ExAcquirePushLockShared(atomic_long_t *lock)
{
	take(lock, try_shared_fn, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquirePushLockShared);

/**
 * ExReleasePushLockShared() - let go of a push lock held beside others
 * @lock: held lock; otherwise reported and left alone
 *
 * Context: as the acquisition.
 * Source: ExReleasePushLockShared macro (ntifs.h); L-PSH-01.
 * Test: ntshim_pushlock:readers_share_and_writers_exclude
 */
void ExReleasePushLockShared(atomic_long_t *lock)
{
	if (was_refused(lock) ||
	    !check_held(lock, atomic_long_read(lock) >= READER, _RET_IP_))
		return;
	if (!atomic_long_sub_return_release(READER, lock))
		nts_unpark(lock);
}
EXPORT_SYMBOL_GPL(ExReleasePushLockShared);

/**
 * ExInitializeRundownProtection() - make storage a rundown reference
 * @rundown: storage of any content, resident
 *
 * Storing zero does the same: no reference, and new ones are given.
 *
 * Context: any IRQL.
 * Source: ExInitializeRundownProtection function (wdm.h); L-RND-01.
 * Test: ntshim_rundown:references_end_with_the_rundown
 */
void ExInitializeRundownProtection(atomic_long_t *rundown)
{
	atomic_long_set(rundown, 0);
}
EXPORT_SYMBOL_GPL(ExInitializeRundownProtection);

/**
 * ExReInitializeRundownProtection() - give references again after a rundown
 * @rundown: one that has been run down
 *
 * Context: any IRQL.
 * Source: ExReInitializeRundownProtection function (wdm.h); L-RND-01.
 * Test: ntshim_rundown:references_end_with_the_rundown
 */
void ExReInitializeRundownProtection(atomic_long_t *rundown)
{
	atomic_long_set(rundown, 0);
}
EXPORT_SYMBOL_GPL(ExReInitializeRundownProtection);

/**
 * ExRundownCompleted() - say that an object is run down for good
 * @rundown: one without references
 *
 * Context: any IRQL.
 * Source: ExRundownCompleted function (wdm.h); L-RND-01.
 * Test: ntshim_rundown:references_end_with_the_rundown
 */
void ExRundownCompleted(atomic_long_t *rundown)
{
	atomic_long_set(rundown, RUNDOWN);
}
EXPORT_SYMBOL_GPL(ExRundownCompleted);

/**
 * ExAcquireRundownProtectionEx() - get several references
 * @rundown: initialised or zeroed
 * @count: how many
 *
 * Context: IRQL <= DISPATCH_LEVEL; never waits.
 * Return: 1: the object stays until they are released; 0: rundown has begun.
 * Source: ExAcquireRundownProtectionEx function (wdm.h); L-RND-01, L-RND-03.
 * Test: ntshim_rundown:several_references_at_once
 */
u8 ExAcquireRundownProtectionEx(atomic_long_t *rundown, u32 count)
{
	long word = atomic_long_read(rundown);

	while (!(word & RUNDOWN))
		if (atomic_long_try_cmpxchg_acquire(rundown, &word,
						    word + REFERENCE *
								    (long)count))
			return 1;
	return 0;
}
EXPORT_SYMBOL_GPL(ExAcquireRundownProtectionEx);

/**
 * ExAcquireRundownProtection() - get a reference
 * @rundown: initialised or zeroed
 *
 * Context: as ExAcquireRundownProtectionEx().
 * Return: as ExAcquireRundownProtectionEx().
 * Source: ExAcquireRundownProtection function (wdm.h); L-RND-01.
 * Test: ntshim_rundown:references_end_with_the_rundown
 */
u8 ExAcquireRundownProtection(atomic_long_t *rundown)
{
	return ExAcquireRundownProtectionEx(rundown, 1);
}
EXPORT_SYMBOL_GPL(ExAcquireRundownProtection);

/* Once the last reference is gone, the waiter may free the memory (L-RND-02). */
static void release(atomic_long_t *rundown, u32 count, unsigned long caller)
{
	long references = REFERENCE * (long)count;

	if (unlikely(atomic_long_read(rundown) < references))
		nts_report_at(caller, "L-RND-01", NTS_BUG_VERIFIER_VIOLATION,
			      rundown,
			      "rundown protection released that was not acquired; ignored");
	else if (atomic_long_sub_return_release(references, rundown) == RUNDOWN)
		nts_unpark(rundown);
}

/**
 * ExReleaseRundownProtectionEx() - give several references back
 * @rundown: referenced as often; otherwise reported and left alone
 * @count: how many
 *
 * Context: IRQL <= DISPATCH_LEVEL; never waits. With the last reference the
 * memory may go.
 * Source: ExReleaseRundownProtectionEx function (wdm.h); L-RND-02, L-RND-03.
 * Test: ntshim_rundown:several_references_at_once
 */
void ExReleaseRundownProtectionEx(atomic_long_t *rundown, u32 count)
{
	release(rundown, count, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExReleaseRundownProtectionEx);

/**
 * ExReleaseRundownProtection() - give a reference back
 * @rundown: referenced; otherwise reported and left alone
 *
 * Context: as ExReleaseRundownProtectionEx().
 * Source: ExReleaseRundownProtection function (wdm.h); L-RND-01, L-RND-02.
 * Test: ntshim_rundown:waiter_may_free_at_once
 */
void ExReleaseRundownProtection(atomic_long_t *rundown)
{
	release(rundown, 1, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExReleaseRundownProtection);

static bool is_run_down_fn(void *rundown)
{
	return atomic_long_read_acquire(rundown) == RUNDOWN;
}

/**
 * ExWaitForRundownProtectionRelease() - refuse references and wait for the last
 * @rundown: initialised or zeroed; nothing happens if it has been run down
 *
 * Context: IRQL <= APC_LEVEL, process context; sleeps. Above, it is reported
 * and does not wait.
 * Source: ExWaitForRundownProtectionRelease function (wdm.h); L-RND-01.
 * Test: ntshim_rundown:waiter_may_free_at_once
 */
void ExWaitForRundownProtectionRelease(atomic_long_t *rundown)
{
	atomic_long_or(RUNDOWN, rundown);
	if (is_run_down_fn(rundown))
		return;
	if (likely(nts_wait_is_allowed()))
		nts_park(rundown, is_run_down_fn, rundown);
	else
		nts_report("L-RND-01", NTS_BUG_VERIFIER_VIOLATION, rundown,
			   "rundown waited for above APC_LEVEL; did not wait");
}
EXPORT_SYMBOL_GPL(ExWaitForRundownProtectionRelease);
