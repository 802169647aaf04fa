// SPDX-License-Identifier: GPL-2.0
/*
 * Letting go of satisfied waits, after all locks have been dropped. A hard
 * interrupt wakes only a few; the rest is left to this processor's DPCs, since
 * thousands of threads may have waited for one timer.
 */

#include "compat.h"

#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "dispatcher.h"
#include "dpc.h"
#include "wait.h"

/* Wake-ups that a hard interrupt makes itself. */
#define HARDIRQ_WAKES 16

/**
 * struct deferred_wakes - what hard interrupts on one processor left over
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

/*
 * Release up to @limit waits and return the next one. After its store of
 * RELEASED a record is the waiter's again, which may have returned already:
 * only the task, kept by RCU, is used from then on.
 */
static struct nts_wait *release(struct nts_wait *wait, unsigned int limit)
{
	struct task_struct *task;
	struct nts_wait *next;

	rcu_read_lock();
	for (; wait && limit; wait = next, limit--) {
		next = wait->next;
		task = wait->task;
		/* Pairs with the acquire in sleep_until_final(). */
		atomic_set_release(&wait->state, NTS_WAIT_RELEASED);
		if (task)
			wake_up_process(task);
		else
			wait->complete_fn(wait);
	}
	rcu_read_unlock();
	return wait;
}

static void defer(struct nts_wait *first, struct nts_wait *last)
{
	struct deferred_wakes *d = this_cpu_ptr(&deferred_wakes);
	unsigned long flags;

	raw_spin_lock_irqsave(&d->lock, flags);
	if (d->wakes.first)
		d->wakes.last->next = first;
	else
		d->wakes.first = first;
	d->wakes.last = last;
	raw_spin_unlock_irqrestore(&d->lock, flags);
	nts_dpc_queue(&d->dpc, NULL, NULL);
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
	unsigned long flags;

	raw_spin_lock_irqsave(&d->lock, flags);
	wait = d->wakes.first;
	d->wakes.first = NULL;
	raw_spin_unlock_irqrestore(&d->lock, flags);
	release(wait, UINT_MAX);
}

/**
 * nts_wake() - let go of the waits a signaller has claimed
 * @wakes: its list, not empty; empty afterwards
 *
 * Context: any but NMI; no lock of ours held. Ends the preempt_disable() of the
 * first claim. In a hard interrupt only the first 16 waits have been woken on
 * return, the others follow at DISPATCH_LEVEL on this processor.
 */
void nts_wake(struct nts_wake_list *wakes)
{
	struct nts_wait *rest;

	rest = release(wakes->first, in_hardirq() ? HARDIRQ_WAKES : UINT_MAX);
	if (unlikely(rest))
		defer(rest, wakes->last);
	wakes->first = NULL;
	preempt_enable();
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
		nts_dpc_init(&d->dpc, NTS_DPC_ORDINARY, release_deferred_fn, d);
	}
}
