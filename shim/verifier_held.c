// SPDX-License-Identifier: GPL-2.0
/*
 * The verifier's books on fast mutexes and resources, one in each system
 * thread's record. Only the thread writes and reads it, so it needs no lock.
 */

#include "compat.h"

#include <linux/kthread.h>
#include <linux/preempt.h>

#include "ps_thread.h"
#include "report.h"
#include "verifier_held.h"

/* Books of another epoch have missed releases and are worth nothing. */
static unsigned int epoch;

/* The caller's book, or NULL: it is no system thread or only borrows one. */
static struct nts_held_book *own_book(void)
{
	struct nts_held_book *book;

	if (in_hardirq() || in_serving_softirq() || !nts_thread_is_system())
		return NULL;
	book = &nts_thread_current()->held;
	if (book->epoch != READ_ONCE(epoch)) {
		book->epoch = READ_ONCE(epoch);
		book->count = 0;
	}
	return book;
}

static struct nts_held *find(struct nts_held_book *book, const void *lock)
{
	unsigned int i;

	for (i = 0; i < book->count; i++)
		if (book->held[i].lock == lock)
			return &book->held[i];
	return NULL;
}

/**
 * __nts_held_add() - the calling thread has taken a lock, or has come again
 * @kind: what it is
 * @lock: which
 * @caller: address in the driver
 *
 * Context: any; the verifier is on.
 * Source: T-NEW-11.
 * Test: ntshim_verifier_threads:mutex_left_by_a_thread_is_reported
 */
void __nts_held_add(enum nts_held_kind kind, const void *lock,
		    unsigned long caller)
{
	struct nts_held_book *book = own_book();
	struct nts_held *held;

	if (!book)
		return;
	held = find(book, lock);
	if (held) {
		held->count++;
		return;
	}
	if (book->count == NTS_HELD_LOCKS)
		return;
	book->held[book->count++] = (struct nts_held){
		.lock = lock,
		.caller = caller,
		.count = 1,
		.kind = kind,
	};
}

/**
 * __nts_held_remove() - the calling thread lets go of a lock, once
 * @lock: which
 *
 * Context: any; the verifier is on.
 * Source: T-NEW-11.
 * Test: ntshim_verifier_threads:what_a_thread_gave_back_is_not_reported
 */
void __nts_held_remove(const void *lock)
{
	struct nts_held_book *book = own_book();
	struct nts_held *held = book ? find(book, lock) : NULL;

	if (held && !--held->count)
		*held = book->held[--book->count];
}

static void tell(const struct nts_held *held, unsigned long routine)
{
	const struct nts_finding finding = {
		.rule = "T-NEW-11",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = routine,
		.object = held->lock,
		.text = held->kind == NTS_HELD_FAST_MUTEX ?
				"thread ended with a fast mutex; nobody gets it any more" :
				"thread ended with a resource; it stays held",
		.advice = "release it on every way out of the thread's routine",
		.args = { 0, (unsigned long)held->lock, held->caller,
			  held->count },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

/**
 * nts_held_tell() - report what a thread that ends still holds
 * @book: the thread's
 * @routine: its start routine
 *
 * Changes nothing: what the lock protects is half done.
 *
 * Context: the thread, at its end.
 * Source: T-NEW-11.
 * Test: ntshim_verifier_threads:mutex_left_by_a_thread_is_reported
 */
void nts_held_tell(struct nts_held_book *book, unsigned long routine)
{
	unsigned int i;

	if (!nts_verifier_on() || book->epoch != READ_ONCE(epoch))
		return;
	for (i = 0; i < book->count; i++)
		tell(&book->held[i], routine);
}

/**
 * nts_held_forget_all() - forget what all threads hold
 *
 * Context: the verifier's mode is about to change.
 * Source: V-40.
 * Test: ntshim_verifier_threads:what_was_taken_before_a_switch_is_forgotten
 */
void nts_held_forget_all(void)
{
	WRITE_ONCE(epoch, epoch + 1);
}
