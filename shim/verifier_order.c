// SPDX-License-Identifier: GPL-2.0
/*
 * What the verifier knows of all spin locks together: which has been taken while
 * which other was held, and in which ways each is used. Knows addresses alone.
 *
 * Whoever is about to spin first writes down the order he takes locks in and
 * then looks for a way back. Of those who would wait for each other for ever
 * the last one to write finds the way, so at least one of them is told and does
 * not spin on: there is a report instead of a hang.
 */

#include "compat.h"

#include <linux/bitmap.h>
#include <linux/lockdep.h>
#include <linux/sched/task_stack.h>
#include <linux/spinlock.h>

#include "report.h"
#include "verifier.h"
#include "verifier_locks.h"
#include "verifier_order.h"

/* Pairs of locks whose order is remembered, and locks whose use is; no more. */
#define NR_ORDERS 256

/**
 * struct order - two locks, one taken while the other was held
 * @first: the one that was held
 * @then: the one that was taken
 */
struct order {
	const void *first;
	const void *then;
};

/**
 * struct usage - in which ways a lock has been used, in strict mode
 * @lock: which
 * @families: bit of each family
 */
struct usage {
	const void *lock;
	u8 families;
};

/* Protects all that follows; innermost, nothing is called under it. */
static DEFINE_RAW_SPINLOCK(orders_lock);
static struct order orders[NR_ORDERS];
static unsigned int nr_orders;
static struct usage usages[NR_ORDERS];
static unsigned int nr_usages;

static bool knows_order(const void *first, const void *then)
{
	unsigned int i;

	for (i = 0; i < nr_orders; i++)
		if (orders[i].first == first && orders[i].then == then)
			return true;
	return false;
}

/* Whether @to has been taken after @from, directly or with others between. */
static bool leads_to(const void *from, const void *to)
{
	static const void *todo[NR_ORDERS + 1];
	static DECLARE_BITMAP(seen, NR_ORDERS);
	unsigned int i, count = 1;

	lockdep_assert_held(&orders_lock);
	bitmap_zero(seen, NR_ORDERS);
	todo[0] = from;
	while (count) {
		from = todo[--count];
		if (from == to)
			return true;
		for (i = 0; i < nr_orders; i++)
			if (orders[i].first == from &&
			    !test_and_set_bit(i, seen))
				todo[count++] = orders[i].then;
	}
	return false;
}

static bool note_locked(const void *first, const void *then)
{
	if (first == then || knows_order(first, then))
		return true;
	if (leads_to(then, first))
		return false;
	if (nr_orders < NR_ORDERS)
		orders[nr_orders++] = (struct order){ first, then };
	return true;
}

/**
 * nts_order_note() - a lock is about to be taken while another is held
 * @first: the one that is held
 * @then: the one that is about to be taken
 *
 * Context: any; interrupts off.
 * Return: false if the opposite order has been seen; then nothing is noted.
 * Source: L-SPN-18.
 * Test: ntshim_verifier_locks:deadlock_ends_with_a_report
 */
bool nts_order_note(const void *first, const void *then)
{
	bool fits;

	raw_spin_lock(&orders_lock);
	fits = note_locked(first, then);
	raw_spin_unlock(&orders_lock);
	return fits;
}

static struct usage *usage_of(const void *lock)
{
	unsigned int i;

	for (i = 0; i < nr_usages; i++)
		if (usages[i].lock == lock)
			return &usages[i];
	if (nr_usages == NR_ORDERS)
		return NULL;
	usages[nr_usages] = (struct usage){ .lock = lock };
	return &usages[nr_usages++];
}

/* The first use in a new way beside others; returns all ways so far. */
static u8 add_family_locked(const void *lock, u8 family)
{
	struct usage *usage = usage_of(lock);

	if (!usage || usage->families & family)
		return 0;
	usage->families |= family;
	return usage->families == family ? 0 : usage->families;
}

/**
 * nts_lock_note_family() - a lock is used in a way
 * @lock: the lock
 * @form: NTS_LOCK_ flags; ordinary, queued and interlocked are the ways
 * @caller: address in the driver
 *
 * In strict mode the first use in a second way is noted.
 *
 * Context: any; the verifier is on.
 * Source: L-QSL-04, L-EXI-02.
 * Test: ntshim_verifier_locks:mixed_use_is_noted_in_strict_mode
 */
void nts_lock_note_family(const void *lock, u8 form, unsigned long caller)
{
	u8 family = form & (NTS_LOCK_QUEUED | NTS_LOCK_INTERLOCKED);
	unsigned long flags;
	u8 mix;

	if (!nts_verifier_is_strict() || object_is_on_stack(lock))
		return;
	raw_spin_lock_irqsave(&orders_lock, flags);
	mix = add_family_locked(lock, family ? family : NTS_LOCK_AT_DPC);
	raw_spin_unlock_irqrestore(&orders_lock, flags);
	if (!mix)
		return;
	if (mix & NTS_LOCK_INTERLOCKED)
		nts_misuse_at(caller, "L-EXI-02", lock,
			      "lock of interlocked routines used otherwise as well");
	else
		nts_misuse_at(caller, "L-QSL-04", lock,
			      "QueuedSpinLock: lock used in ordinary and queued form");
}

static bool is_in(const void *lock, const char *start, size_t size)
{
	const char *at = lock;

	return at >= start && at - start < size;
}

static void forget_locked(const char *start, size_t size)
{
	unsigned int i;

	for (i = nr_orders; i--;)
		if (is_in(orders[i].first, start, size) ||
		    is_in(orders[i].then, start, size))
			orders[i] = orders[--nr_orders];
	for (i = nr_usages; i--;)
		if (is_in(usages[i].lock, start, size))
			usages[i] = usages[--nr_usages];
}

/**
 * nts_order_forget() - memory in which locks may lie goes
 * @start: where it begins
 * @size: in bytes
 *
 * Context: any.
 */
void nts_order_forget(const void *start, size_t size)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&orders_lock, flags);
	forget_locked(start, size);
	raw_spin_unlock_irqrestore(&orders_lock, flags);
}

/**
 * nts_order_forget_all() - know of no order and no use any more
 *
 * Context: any.
 */
void nts_order_forget_all(void)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&orders_lock, flags);
	nr_orders = 0;
	nr_usages = 0;
	raw_spin_unlock_irqrestore(&orders_lock, flags);
}
