// SPDX-License-Identifier: GPL-2.0
/*
 * Sleeping until a word in driver memory allows to go on. Sleepers stand in
 * lists that are found by a hash of the word's address.
 *
 * Linux' wait queues would do, but their lock sleeps on PREEMPT_RT, and some of
 * the words change at DISPATCH_LEVEL.
 */

#include "compat.h"

#include <linux/hash.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "park.h"

#define NR_PLACES 64

/**
 * struct place - sleepers whose addresses have one hash
 * @lock: protects @sleepers; only wake-ups are made under it
 * @sleepers: struct sleeper
 */
struct place {
	raw_spinlock_t lock;
	struct list_head sleepers;
};

/* A thread in nts_park(), on its stack. */
struct sleeper {
	struct list_head link;
	const void *address;
	struct task_struct *task;
};

static struct place places[NR_PLACES];

static struct place *place_of(const void *address)
{
	return &places[hash_ptr(address, ilog2(NR_PLACES))];
}

static void enter(struct place *place, struct sleeper *sleeper)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&place->lock, flags);
	list_add_tail(&sleeper->link, &place->sleepers);
	raw_spin_unlock_irqrestore(&place->lock, flags);
}

/* Whoever wakes is done with the sleeper when this has the lock. */
static void leave(struct place *place, struct sleeper *sleeper)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&place->lock, flags);
	list_del(&sleeper->link);
	raw_spin_unlock_irqrestore(&place->lock, flags);
}

/**
 * nts_park() - sleep until a word allows to go on
 * @address: of the word
 * @try_fn: looks, and takes what it waits for; called until it succeeds
 * @data: for @try_fn
 *
 * No signal ends it; it counts neither as load nor as a hung task.
 *
 * Context: process, may sleep.
 */
void nts_park(const void *address, nts_park_fn try_fn, void *data)
{
	struct place *place = place_of(address);
	struct sleeper sleeper = { .address = address, .task = current };

	enter(place, &sleeper);
	for (;;) {
		/* Its barrier pairs with the one in nts_unpark(). */
		set_current_state(TASK_IDLE);
		if (try_fn(data))
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	leave(place, &sleeper);
}

/**
 * nts_unpark() - let the sleepers at a word look again
 * @address: of the word, which has been changed; not read
 *
 * Context: any but NMI.
 */
void nts_unpark(const void *address)
{
	struct place *place = place_of(address);
	struct sleeper *sleeper;
	unsigned long flags;

	/* The change before the look for sleepers; pairs with nts_park(). */
	smp_mb();
	if (list_empty(&place->sleepers))
		return;
	raw_spin_lock_irqsave(&place->lock, flags);
	list_for_each_entry(sleeper, &place->sleepers, link)
		if (sleeper->address == address)
			wake_up_process(sleeper->task);
	raw_spin_unlock_irqrestore(&place->lock, flags);
}

/**
 * nts_park_start() - prepare the lists
 *
 * Context: module init.
 */
void __init nts_park_start(void)
{
	unsigned int i;

	for (i = 0; i < NR_PLACES; i++) {
		raw_spin_lock_init(&places[i].lock);
		INIT_LIST_HEAD(&places[i].sleepers);
	}
}
