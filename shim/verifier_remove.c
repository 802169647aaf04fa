// SPDX-License-Identifier: GPL-2.0
/*
 * The verifier's books on remove locks: who holds which with what tag. They lie
 * outside the locks, whose memory goes with the last release.
 *
 * There is room for so many holds; those beyond, and those from before the
 * verifier was switched on, are unknown. A release that fits no known hold is
 * a fault only when every hold of its lock is known.
 */

#include "compat.h"

#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>

#include "io_remove_lock.h"
#include "report.h"

#define NR_HOLDS 256

/* What the first parameter of a verifier violation says: no acquisition fits. */
#define NOT_ACQUIRED 0xd6

/**
 * struct hold - an acquisition of a remove lock
 * @lock: which
 * @tag: the driver's name for it, an address that is not looked at
 * @caller: who acquired it
 * @since: when, in jiffies
 */
struct hold {
	const struct nts_remove_lock *lock;
	const void *tag;
	unsigned long caller;
	unsigned long since;
};

/* Protects the books; nothing is called under it. */
static DEFINE_RAW_SPINLOCK(holds_lock);
static struct hold holds[NR_HOLDS];
static unsigned int nr_holds;

static unsigned int count_holds_locked(const struct nts_remove_lock *lock)
{
	unsigned int i, count = 0;

	for (i = 0; i < nr_holds; i++)
		count += holds[i].lock == lock;
	return count;
}

/**
 * nts_remove_hold_note() - a remove lock has been acquired
 * @lock: the lock, counted already
 * @tag: the driver's name for the acquisition
 * @caller: address in the driver
 *
 * Context: any; the verifier is on.
 * Source: M-RML-05.
 * Test: ntshim_remove_lock:limits_are_checked
 */
void nts_remove_hold_note(const struct nts_remove_lock *lock, const void *tag,
			  unsigned long caller)
{
	unsigned int high_water = lock->high_water, count;
	unsigned long flags;

	raw_spin_lock_irqsave(&holds_lock, flags);
	if (nr_holds < NR_HOLDS)
		holds[nr_holds++] = (struct hold){ lock, tag, caller, jiffies };
	count = count_holds_locked(lock);
	raw_spin_unlock_irqrestore(&holds_lock, flags);
	if (high_water && count > high_water)
		nts_misuse_at(caller, "M-RML-05", lock,
			      "RemoveLock: held more often than its HighWatermark");
}

/* Take the hold off the books; false: there is none. */
static bool take_hold_locked(const struct nts_remove_lock *lock,
			     const void *tag, struct hold *hold)
{
	unsigned int i;

	for (i = nr_holds; i--;) {
		if (holds[i].lock != lock || holds[i].tag != tag)
			continue;
		*hold = holds[i];
		holds[i] = holds[--nr_holds];
		return true;
	}
	return false;
}

/* A hold of @lock, NULL: of any; false: there is none. */
static bool forget_one_locked(const struct nts_remove_lock *lock)
{
	unsigned int i;

	for (i = nr_holds; i--;)
		if (!lock || holds[i].lock == lock) {
			holds[i] = holds[--nr_holds];
			return true;
		}
	return false;
}

static void report_unmatched(const struct nts_remove_lock *lock,
			     const void *tag, unsigned long caller)
{
	const struct nts_finding finding = {
		.rule = "V-29",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = caller,
		.object = lock,
		.text = "RemoveLock: released with a tag that it was not acquired with",
		.advice = "release with the tag of the acquisition, once each",
		.once = true,
		.args = { NOT_ACQUIRED, (unsigned long)lock,
			  (unsigned long)tag },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

/**
 * nts_remove_hold_end() - a remove lock is about to be released
 * @lock: the lock, still counted
 * @tag: the driver's name for the acquisition
 * @caller: address in the driver
 *
 * Context: any; the verifier is on.
 * Source: M-RML-05, V-29.
 * Test: ntshim_remove_lock:release_with_another_tag_is_reported
 */
void nts_remove_hold_end(const struct nts_remove_lock *lock, const void *tag,
			 unsigned long caller)
{
	unsigned long flags, limit = lock->max_minutes * 60UL * HZ;
	struct hold hold = { 0 };
	bool known, every_one;

	raw_spin_lock_irqsave(&holds_lock, flags);
	/* Counted before it is known, known no more before it is not counted. */
	every_one = (int)count_holds_locked(lock) >= nts_remove_lock_uses(lock);
	known = take_hold_locked(lock, tag, &hold);
	/* The count loses one of them all the same. */
	if (!known && every_one)
		forget_one_locked(lock);
	raw_spin_unlock_irqrestore(&holds_lock, flags);
	if (known && limit && time_after(jiffies, hold.since + limit))
		nts_misuse_at(hold.caller, "M-RML-05", lock,
			      "RemoveLock: held longer than its MaxLockedMinutes");
	else if (!known && every_one)
		report_unmatched(lock, tag, caller);
}

/**
 * nts_remove_holds_forget() - know of no hold any more
 * @lock: of this lock; NULL: of any
 *
 * Context: any.
 */
void nts_remove_holds_forget(const struct nts_remove_lock *lock)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&holds_lock, flags);
	while (forget_one_locked(lock))
		;
	raw_spin_unlock_irqrestore(&holds_lock, flags);
}
