// SPDX-License-Identifier: GPL-2.0
/*
 * Remove locks: a count of the users of a device, and an event that its last
 * user signals once removal has begun.
 */

#include "compat.h"

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "../include/nt/nt_layout.h"
#include "io_remove_lock.h"
#include "irql.h"
#include "ke_api.h"
#include "report.h"
#include "status.h"
#include "verifier.h"

/* KWAIT_REASON Executive, KernelMode */
#define EXECUTIVE 0
#define KERNEL_MODE 0

static_assert(sizeof(struct nts_remove_lock) == NT_LAYOUT_REMOVE_LOCK_SIZE);

static bool check_lock(const struct nts_remove_lock *lock, unsigned long caller)
{
	if (nts_verifier_on())
		__nts_verify_level(NTS_V_26, NTS_PASSIVE_LEVEL,
				   NTS_DISPATCH_LEVEL, lock, caller);
	if (likely(nts_header_is_type(&lock->event,
				      NT_LAYOUT_TYPE_NOTIFICATION_EVENT)))
		return true;
	nts_misuse_at(caller, "V-32", lock, "not an initialised remove lock");
	return false;
}

/* The last release lets the waiter free the lock: KeSetEvent() expects that. */
static void drop(struct nts_remove_lock *lock)
{
	if (atomic_dec_and_test(&lock->count))
		KeSetEvent(&lock->event, 0, false);
}

/* What releases more than was acquired would let somebody else's use go. */
static bool may_drop(const struct nts_remove_lock *lock, const void *tag,
		     unsigned long caller)
{
	if (nts_verifier_on())
		nts_remove_hold_end(lock, tag, caller);
	if (likely(nts_remove_lock_uses(lock) > 0))
		return true;
	nts_report_at(caller, "M-RML-03", NTS_BUG_VERIFIER_VIOLATION, lock,
		      "remove lock released that nobody holds; ignored");
	return false;
}

/**
 * IoInitializeRemoveLockEx() - IoInitializeRemoveLock: make memory a remove lock
 * @lock: resident memory of any content
 * @tag: the driver's name for it; without effect
 * @max_minutes: how long the verifier lets it be held; 0: for ever
 * @high_water: how often at a time it lets it be held; 0: without limit
 * @size: of the lock in bytes; not looked at
 *
 * Context: PASSIVE_LEVEL; works at any IRQL.
 * Source: IoInitializeRemoveLock macro (wdm.h); M-RML-01.
 * Test: ntshim_remove_lock:wait_returns_with_the_last_release
 */
void IoInitializeRemoveLockEx(struct nts_remove_lock *lock, u32 tag,
			      u32 max_minutes, u32 high_water, u32 size)
{
	lock->removed = false;
	atomic_set(&lock->count, 1);
	KeInitializeEvent(&lock->event, 0, false);
	lock->max_minutes = max_minutes;
	lock->high_water = high_water;
	lock->allocate_tag = tag;
	if (nts_verifier_on())
		nts_remove_holds_forget(lock);
}
EXPORT_SYMBOL_GPL(IoInitializeRemoveLockEx);

static void note_late(const struct nts_remove_lock *lock, unsigned long caller)
{
	if (nts_verifier_is_strict() && atomic_read(&lock->count) <= 0)
		nts_misuse_at(caller, "V-29", lock,
			      "RemoveLock: acquired after the wait for its release");
}

/**
 * IoAcquireRemoveLockEx() - IoAcquireRemoveLock: use a device
 * @lock: initialised lock
 * @tag: the driver's name for this use, an address that is not looked at; NULL
 *	is one too
 * @file: not used
 * @line: not used
 * @size: of the lock in bytes; not looked at
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: STATUS_SUCCESS, to be followed by a release with the same @tag;
 * STATUS_DELETE_PENDING: removal has begun, nothing is acquired;
 * STATUS_INVALID_PARAMETER: @lock is no remove lock, reported.
 * Source: IoAcquireRemoveLock macro (wdm.h); M-RML-02.
 * Test: ntshim_remove_lock:acquire_fails_once_removal_has_begun
 */
s32 IoAcquireRemoveLockEx(struct nts_remove_lock *lock, const void *tag,
			  const char *file, u32 line, u32 size)
{
	if (!check_lock(lock, _RET_IP_))
		return NTS_STATUS_INVALID_PARAMETER;
	if (unlikely(!atomic_inc_not_zero(&lock->count))) {
		note_late(lock, _RET_IP_);
		return NTS_STATUS_DELETE_PENDING;
	}
	/* Counted first, looked second: the remover does it the other way. */
	smp_mb__after_atomic();
	if (unlikely(READ_ONCE(lock->removed))) {
		drop(lock);
		return NTS_STATUS_DELETE_PENDING;
	}
	if (nts_verifier_on())
		nts_remove_hold_note(lock, tag, _RET_IP_);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(IoAcquireRemoveLockEx);

/**
 * IoReleaseRemoveLockEx() - IoReleaseRemoveLock: end the use of a device
 * @lock: lock that was acquired; else reported and ignored. Gone on return, if
 *	somebody waits for the last release
 * @tag: that of the acquisition
 * @size: of the lock in bytes; not looked at
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: IoReleaseRemoveLock macro (wdm.h); M-RML-03.
 * Test: ntshim_remove_lock:wait_returns_with_the_last_release
 */
void IoReleaseRemoveLockEx(struct nts_remove_lock *lock, const void *tag,
			   u32 size)
{
	if (check_lock(lock, _RET_IP_) && may_drop(lock, tag, _RET_IP_))
		drop(lock);
}
EXPORT_SYMBOL_GPL(IoReleaseRemoveLockEx);

/* Nobody can be waited for here; the lock must outlive its last release. */
static bool check_wait(const struct nts_remove_lock *lock, unsigned long caller)
{
	if (likely(nts_irql_current() == NTS_PASSIVE_LEVEL))
		return true;
	nts_report_at(caller, "V-23", NTS_BUG_VERIFIER_VIOLATION, lock,
		      "IoReleaseRemoveLockAndWait above PASSIVE_LEVEL; does not wait");
	return false;
}

/**
 * IoReleaseRemoveLockAndWaitEx() - IoReleaseRemoveLockAndWait: begin removal
 * @lock: lock that the caller has acquired; else reported and ignored. The
 *	driver's to free on return
 * @tag: that of the acquisition
 * @size: of the lock in bytes; not looked at
 *
 * From now on acquisitions fail. Returns when all that there were are released.
 *
 * Context: PASSIVE_LEVEL, process context; sleeps. Above it is reported and
 * does not wait.
 * Source: IoReleaseRemoveLockAndWait macro (wdm.h); M-RML-04, V-23.
 * Test: ntshim_remove_lock:wait_returns_with_the_last_release
 */
void IoReleaseRemoveLockAndWaitEx(struct nts_remove_lock *lock, const void *tag,
				  u32 size)
{
	bool may_wait;

	if (!check_lock(lock, _RET_IP_) || !may_drop(lock, tag, _RET_IP_))
		return;
	may_wait = check_wait(lock, _RET_IP_);
	/* The count of the lock itself goes with the caller's. */
	if (!xchg(&lock->removed, true))
		atomic_dec(&lock->count);
	drop(lock);
	/* Whoever was last has signaled the event, and touches nothing more. */
	if (may_wait)
		KeWaitForSingleObject(&lock->event, EXECUTIVE, KERNEL_MODE,
				      false, NULL);
}
EXPORT_SYMBOL_GPL(IoReleaseRemoveLockAndWaitEx);
