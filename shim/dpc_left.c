// SPDX-License-Identifier: GPL-2.0
/*
 * DPCs that somebody forgot: finds and removes what a driver that goes has left
 * queued, also what queues itself for ever. Reports are made by the callers.
 */

#include "compat.h"

#include <linux/cpumask.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/smp.h>
#include <linux/spinlock.h>

#include "dpc.h"
#include "dpc_left.h"
#include "dpc_queue.h"

const struct module *nts_dpc_leaving;

/* One driver at a time. */
static DEFINE_MUTEX(leaving_mutex);

/* What the driver queues meanwhile; never drained. */
static struct nts_dpcq caught;

/**
 * nts_dpc_left_start() - make the queue that is never drained
 *
 * Context: module init.
 */
void __init nts_dpc_left_start(void)
{
	nts_dpcq_init(&caught, 0, false);
}

/**
 * nts_dpc_belongs_to() - whether a DPC goes with a module
 * @dpc: initialised DPC
 * @mod: the module
 *
 * Context: any.
 * Return: true if its storage or its routine lies in @mod.
 */
bool nts_dpc_belongs_to(const struct nts_dpc *dpc, const struct module *mod)
{
	return within_module((unsigned long)dpc, mod) ||
	       within_module((unsigned long)dpc->routine, mod);
}

/**
 * nts_dpc_catch() - queue a DPC where it will not run
 * @dpc: for which nts_dpc_is_leaving() is true
 * @arg1: SystemArgument1
 * @arg2: SystemArgument2
 *
 * Context: any but NMI; interrupts off. Takes a DPC queue lock.
 * Return: true if queued, false if it was queued before.
 */
bool nts_dpc_catch(struct nts_dpc *dpc, void *arg1, void *arg2)
{
	static const struct nts_dpc_limits limits = { .tick_ns = 1 };
	static const struct nts_dpc_origin origin;
	enum nts_dpc_verdict verdict;

	raw_spin_lock(&caught.lock);
	verdict = nts_dpcq_insert(&caught, dpc, arg1, arg2, &origin, &limits);
	raw_spin_unlock(&caught.lock);
	return verdict != NTS_DPC_REFUSED;
}

static bool take_from(struct nts_dpcq *queue, const struct module *mod,
		      struct nts_dpc_leftover *found)
{
	struct nts_dpc *dpc;

	raw_spin_lock_irq(&queue->lock);
	list_for_each_entry(dpc, &queue->list, link) {
		if (dpc->type == NTS_DPC_MARKER ||
		    !nts_dpc_belongs_to(dpc, mod))
			continue;
		found->dpc = dpc;
		found->routine = dpc->routine;
		nts_dpcq_unlink(queue, dpc);
		raw_spin_unlock_irq(&queue->lock);
		return true;
	}
	raw_spin_unlock_irq(&queue->lock);
	return false;
}

static void nothing_fn(void *unused)
{
}

/**
 * nts_dpc_catch_begin() - let no DPC of a driver be queued any more
 * @mod: its module; one at a time
 *
 * On return every insertion that has not seen @mod has been made. Those that
 * come are caught in a queue that nobody drains; those that were queued before
 * still run.
 *
 * Context: process, PASSIVE_LEVEL; sleeps. Until nts_dpc_catch_end().
 */
void nts_dpc_catch_begin(const struct module *mod)
{
	mutex_lock(&leaving_mutex);
	WRITE_ONCE(nts_dpc_leaving, mod);
	/* Insertions are made with interrupts off. */
	on_each_cpu(nothing_fn, NULL, true);
}

/**
 * nts_dpc_catch_end() - let DPCs be queued again
 *
 * Context: process, PASSIVE_LEVEL; after nts_dpc_catch_begin().
 */
void nts_dpc_catch_end(void)
{
	WRITE_ONCE(nts_dpc_leaving, NULL);
	mutex_unlock(&leaving_mutex);
}

/**
 * nts_dpc_take_leftover() - remove one DPC that a driver forgot
 * @mod: DPCs whose storage or routine lies in this module
 * @found: filled in: what was removed
 *
 * Call until it returns false, and report each.
 *
 * Context: process, between nts_dpc_catch_begin() and nts_dpc_catch_end().
 * Takes the queue locks one after the other.
 * Return: true if a DPC was removed.
 * Source: M-LIF-09, V-30.
 * Test: drivers:queued-dpcs-are-removed
 */
bool nts_dpc_take_leftover(const struct module *mod,
			   struct nts_dpc_leftover *found)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (take_from(nts_dpcq_of(cpu, false), mod, found) ||
		    take_from(nts_dpcq_of(cpu, true), mod, found))
			return true;
	return take_from(&caught, mod, found);
}
