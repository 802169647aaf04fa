// SPDX-License-Identifier: GPL-2.0
/*
 * Letting go of satisfied waits, after all locks have been dropped. Threads are
 * woken at once, except that a hard interrupt wakes only a few: thousands may
 * have waited for one timer. The rest, and waits that end in a callback, are
 * left to this processor's DPCs.
 */

#include "compat.h"

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "dispatcher.h"
#include "dpc.h"
#include "status.h"
#include "wait.h"

/* Wake-ups that a hard interrupt makes itself. */
#define HARDIRQ_WAKES 16

/* Waits that one DPC, or a thread, lets go before others have their turn. */
#define BATCH_WAKES 256

/**
 * struct deferred_wakes - what is left to the DPCs of one processor
 * @lock: protects @wakes; a leaf
 * @wakes: claimed waits, in order
 * @dpc: queued when @wakes may be non-empty
 */
struct deferred_wakes {
	raw_spinlock_t lock;
	struct nts_wake_list wakes;
	struct nts_dpc dpc;
};

static DEFINE_PER_CPU(struct deferred_wakes, deferred_wakes);

static struct nts_wait *pop(struct nts_wake_list *wakes)
{
	struct nts_wait *wait = wakes->first;

	wakes->first = wait->next;
	return wait;
}

/*
 * After the store of RELEASED the record is the waiter's again, which may have
 * returned already: only the task is used from then on. The caller is a reader
 * of RCU, which keeps it.
 */
static void wake_thread(struct nts_wait *wait)
{
	struct task_struct *task = wait->task;

	/* Pairs with the acquire in sleep_until_final(). */
	atomic_set_release(&wait->state, NTS_WAIT_RELEASED);
	wake_up_process(task);
}

static void defer(const struct nts_wake_list *wakes)
{
	bool bracket = nts_dpc_enter();
	struct deferred_wakes *d = raw_cpu_ptr(&deferred_wakes);
	unsigned long flags;

	raw_spin_lock_irqsave(&d->lock, flags);
	nts_wake_list_append(&d->wakes, wakes->first, wakes->last);
	raw_spin_unlock_irqrestore(&d->lock, flags);
	nts_dpc_queue(&d->dpc, NULL, NULL);
	nts_dpc_leave(bracket);
}

static struct nts_wait *pop_deferred(struct deferred_wakes *d)
{
	struct nts_wait *wait = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&d->lock, flags);
	if (d->wakes.first)
		wait = pop(&d->wakes);
	raw_spin_unlock_irqrestore(&d->lock, flags);
	return wait;
}

/*
 * Not a driver's DPC, but a flush waits for it and a dead processor's queue
 * takes it along just the same.
 */
static void release_deferred_fn(struct nts_dpc *dpc, void *context, void *arg1,
				void *arg2)
{
	struct deferred_wakes *d = context;
	struct nts_wait *wait;
	unsigned int i;

	for (i = 0; i < BATCH_WAKES; i++) {
		wait = pop_deferred(d);
		if (!wait)
			return;
		if (!wait->task) {
			wait->complete_fn(wait);
			continue;
		}
		rcu_read_lock();
		wake_thread(wait);
		rcu_read_unlock();
	}
	nts_dpc_queue(dpc, NULL, NULL);
}

/*
 * Of several objects the others are not part of the wait any more, whenever its
 * thread runs: the signaller's caller may free them. A wait whose time is over
 * looks at its objects once more, and is nobody's news until then.
 */
static void leave_other_objects(struct nts_wait *wait)
{
	if (wait->count > 1 && wait->status != NTS_STATUS_TIMEOUT)
		nts_wait_leave_objects(wait);
}

/* Not now, but all the same none is left on any object. */
static void leave_to_dpc(struct nts_wake_list *left,
			 const struct nts_wake_list *wakes)
{
	struct nts_wait *wait;

	for (wait = wakes->first; wait; wait = wait->next)
		leave_other_objects(wait);
	nts_wake_list_append(left, wakes->first, wakes->last);
}

/**
 * nts_wake() - let go of the waits a signaller has claimed
 * @wakes: its list, not empty; empty afterwards
 *
 * Context: any but NMI; no lock of ours held. Ends the preempt_disable() of the
 * first claim. At most 256 threads, in a hard interrupt 16, have been woken on
 * return. The others, and the callbacks of asynchronous waits, follow in a DPC
 * of this processor: below DISPATCH_LEVEL before the return. No block of a
 * satisfied wait is left on any object.
 */
void nts_wake(struct nts_wake_list *wakes)
{
	unsigned int limit = in_hardirq() ? HARDIRQ_WAKES : BATCH_WAKES;
	struct nts_wake_list left __uninitialized;
	struct nts_wait *wait;

	left.first = NULL;
	do {
		wait = pop(wakes);
		leave_other_objects(wait);
		if (wait->task) {
			/* Preemption is off: that is a reader too. */
			wake_thread(wait);
			limit--;
		} else {
			wait->next = NULL;
			nts_wake_list_append(&left, wait, wait);
		}
	} while (wakes->first && limit);
	if (unlikely(wakes->first)) {
		leave_to_dpc(&left, wakes);
		wakes->first = NULL;
	}
	preempt_enable();
	if (unlikely(left.first))
		defer(&left);
}

/**
 * nts_wake_init() - prepare for wake-ups that are deferred
 *
 * Context: module init.
 */
void __init nts_wake_init(void)
{
	struct deferred_wakes *d;
	unsigned int cpu;

	for_each_possible_cpu(cpu) {
		d = per_cpu_ptr(&deferred_wakes, cpu);
		raw_spin_lock_init(&d->lock);
		nts_dpc_init(&d->dpc, NTS_DPC_INTERNAL, release_deferred_fn, d);
	}
}
