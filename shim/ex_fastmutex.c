// SPDX-License-Identifier: GPL-2.0
/*
 * Fast mutexes, and guarded mutexes, which are the same object: a count and an
 * owner in driver memory. Who must wait sleeps elsewhere (park.c), so the
 * memory may be freed by whoever has taken the mutex last.
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "../include/nt/nt_layout.h"
#include "irql.h"
#include "mutex_api.h"
#include "nt_api.h"
#include "park.h"
#include "ps_thread.h"
#include "report.h"
#include "verifier.h"
#include "verifier_held.h"
#include "wait.h"

static_assert(sizeof(struct nts_fast_mutex) == NT_LAYOUT_FAST_MUTEX_SIZE);

static void *this_thread(void)
{
	return &nts_thread_own_or_placeholder()->header;
}

static bool try_fn(void *data)
{
	struct nts_fast_mutex *mutex = data;
	int free = 1;

	return atomic_try_cmpxchg_acquire(&mutex->count, &free, 0);
}

static void own(struct nts_fast_mutex *mutex, unsigned long caller)
{
	WRITE_ONCE(mutex->owner, this_thread());
	nts_held_add(NTS_HELD_FAST_MUTEX, mutex, caller);
}

/* The second acquisition is counted, so that its release lets go of nothing. */
static void take_again(struct nts_fast_mutex *mutex, unsigned long caller)
{
	mutex->recursion++;
	nts_report_at(caller, "L-FMX-05", NTS_BUG_VERIFIER_VIOLATION, mutex,
		      "fast mutex taken by the thread that owns it");
}

/* Who may not sleep gets it now or, with the report made, not at all. */
static bool take(struct nts_fast_mutex *mutex, unsigned long caller)
{
	if (READ_ONCE(mutex->owner) == this_thread()) {
		take_again(mutex, caller);
		return false;
	}
	if (unlikely(!nts_wait_is_allowed())) {
		__nts_verify_level(NTS_V_12, NTS_PASSIVE_LEVEL, NTS_APC_LEVEL,
				   mutex, caller);
		if (!try_fn(mutex))
			return false;
	} else if (!try_fn(mutex)) {
		nts_park(mutex, try_fn, mutex);
		/* The owner's to count: others may have waited as well. */
		mutex->contention++;
	}
	own(mutex, caller);
	return true;
}

/* True: it was the last release of the owner, who lets go of it. */
static bool may_drop(struct nts_fast_mutex *mutex, unsigned long caller)
{
	if (unlikely(READ_ONCE(mutex->owner) != this_thread())) {
		nts_report_at(caller, "L-FMX-05", NTS_BUG_VERIFIER_VIOLATION,
			      mutex,
			      "fast mutex released by who does not own it; ignored");
		return false;
	}
	if (likely(!mutex->recursion))
		return true;
	mutex->recursion--;
	return false;
}

/* After the store of the count the memory may be gone. */
static void drop(struct nts_fast_mutex *mutex)
{
	nts_held_remove(mutex);
	WRITE_ONCE(mutex->owner, NULL);
	atomic_set_release(&mutex->count, 1);
	nts_unpark(mutex);
}

static void raise_for(struct nts_fast_mutex *mutex)
{
	u8 old = nts_irql_current();

	if (old < NTS_APC_LEVEL)
		KfRaiseIrql(NTS_APC_LEVEL);
	mutex->old_irql = old;
}

/**
 * ExInitializeFastMutex() - make storage a free fast mutex
 * @mutex: storage of any content, resident; nobody owns or waits for it
 *
 * There is no counterpart: a free mutex may vanish.
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: ExInitializeFastMutex function (wdm.h); L-FMX-01.
 * Test: ntshim_fastmutex:acquire_raises_to_apc_level
 */
void ExInitializeFastMutex(struct nts_fast_mutex *mutex)
{
	*mutex = (struct nts_fast_mutex){ .count = ATOMIC_INIT(1) };
}
EXPORT_SYMBOL_GPL(ExInitializeFastMutex);

/**
 * ExAcquireFastMutex() - own a mutex, at APC_LEVEL
 * @mutex: initialised mutex that the thread does not own; else it is reported
 *	and counted
 *
 * Context: IRQL <= APC_LEVEL, process context; sleeps. Above, it is reported
 * and taken only if it is free.
 * Source: ExAcquireFastMutex function (wdm.h); L-FMX-02, L-FMX-05, V-12.
 * Test: ntshim_fastmutex:acquire_raises_to_apc_level
 */
void ExAcquireFastMutex(struct nts_fast_mutex *mutex)
{
	if (take(mutex, _RET_IP_))
		raise_for(mutex);
}
EXPORT_SYMBOL_GPL(ExAcquireFastMutex);

/**
 * ExTryToAcquireFastMutex() - own a mutex if it is free
 * @mutex: initialised mutex
 *
 * Context: IRQL <= APC_LEVEL. Does not sleep.
 * Return: 1: owned, at APC_LEVEL; 0: somebody owns it, the level is unchanged.
 * Source: ExTryToAcquireFastMutex function (wdm.h); L-FMX-03.
 * Test: ntshim_fastmutex:try_returns_at_once
 */
u8 ExTryToAcquireFastMutex(struct nts_fast_mutex *mutex)
{
	nts_verify_at_most(NTS_V_12, NTS_APC_LEVEL, mutex);
	if (!try_fn(mutex))
		return 0;
	own(mutex, _RET_IP_);
	raise_for(mutex);
	return 1;
}
EXPORT_SYMBOL_GPL(ExTryToAcquireFastMutex);

/**
 * ExReleaseFastMutex() - give up a mutex and go back to the level before
 * @mutex: mutex that the thread owns; else it is reported and ignored
 *
 * Context: IRQL = APC_LEVEL.
 * Source: ExReleaseFastMutex function (wdm.h); L-FMX-02, L-FMX-05, V-12.
 * Test: ntshim_fastmutex:acquire_raises_to_apc_level
 */
void ExReleaseFastMutex(struct nts_fast_mutex *mutex)
{
	u8 old;

	if (!may_drop(mutex, _RET_IP_))
		return;
	nts_verify_level(NTS_V_12_RELEASE, NTS_APC_LEVEL, NTS_APC_LEVEL, mutex);
	old = mutex->old_irql;
	drop(mutex);
	nts_irql_lower(old, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExReleaseFastMutex);

/* The Unsafe forms rely on APCs being off already. */
static __always_inline void check_unsafe(const struct nts_fast_mutex *mutex)
{
	if (nts_verifier_on() && !nts_thread_has_apcs_off())
		__nts_verify_level(NTS_V_12_RELEASE, NTS_APC_LEVEL,
				   NTS_APC_LEVEL, mutex, _RET_IP_);
}

/**
 * ExAcquireFastMutexUnsafe() - own a mutex, at the level there is
 * @mutex: as for ExAcquireFastMutex()
 *
 * Context: IRQL = APC_LEVEL, or in a critical or guarded region; sleeps.
 * Source: ExAcquireFastMutexUnsafe function (wdm.h); L-FMX-04.
 * Test: ntshim_fastmutex:unsafe_forms_keep_the_level
 */
void ExAcquireFastMutexUnsafe(struct nts_fast_mutex *mutex)
{
	check_unsafe(mutex);
	take(mutex, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquireFastMutexUnsafe);

/**
 * ExReleaseFastMutexUnsafe() - give up a mutex, at the level there is
 * @mutex: as for ExReleaseFastMutex()
 *
 * Context: as ExAcquireFastMutexUnsafe().
 * Source: ExReleaseFastMutexUnsafe function (wdm.h); L-FMX-04.
 * Test: ntshim_fastmutex:unsafe_forms_keep_the_level
 */
void ExReleaseFastMutexUnsafe(struct nts_fast_mutex *mutex)
{
	check_unsafe(mutex);
	if (may_drop(mutex, _RET_IP_))
		drop(mutex);
}
EXPORT_SYMBOL_GPL(ExReleaseFastMutexUnsafe);
