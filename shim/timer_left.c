// SPDX-License-Identifier: GPL-2.0
/*
 * Timers that somebody forgot: finds and disarms what a driver that goes has
 * left armed. Reports are made by the callers.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/module.h>
#include <linux/uaccess.h>

#include "dpc.h"
#include "timer.h"
#include "timer_core.h"

/*
 * The routine of an armed timer's DPC. Both are the driver's and may be wrong:
 * this is for drivers that have already made a mistake.
 */
static const void *routine_of(const struct nts_timer *timer)
{
	const void *routine;

	if (!timer->dpc ||
	    copy_from_kernel_nofault(&routine, &timer->dpc->routine,
				     sizeof(routine)))
		return NULL;
	return routine;
}

static bool belongs_to(const struct nts_timer *timer, const struct module *mod)
{
	if (!mod)
		return true;
	if (timer->header.type >= NTS_TYPE_WAIT_TIMEOUT)
		return false;
	return within_module((unsigned long)timer, mod) ||
	       within_module((unsigned long)timer->dpc, mod) ||
	       within_module((unsigned long)routine_of(timer), mod);
}

/* Disarm the first timer of a queue that belongs to @mod. */
static bool disarm_next(struct nts_shard *shard, enum nts_clock clock,
			const struct module *mod,
			struct nts_timer_leftover *found)
{
	struct nts_timer *timer;
	struct rb_node *node;
	unsigned long flags;

	raw_spin_lock_irqsave(&shard->lock, flags);
	timer = nts_timer_first(nts_timer_queue_of(shard, clock));
	for (node = timer ? &timer->node : NULL; node; node = rb_next(node)) {
		timer = rb_entry(node, struct nts_timer, node);
		if (!belongs_to(timer, mod))
			continue;
		found->timer = timer;
		found->dpc = timer->dpc;
		found->routine = routine_of(timer);
		nts_timer_disarm(shard, timer);
		break;
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return node;
}

/**
 * nts_timer_disarm_leftover() - disarm one timer that a driver forgot
 * @mod: timers whose storage, KDPC or DPC routine lies in this module; NULL:
 *	every timer
 * @found: filled in: what was disarmed
 *
 * Call until it returns false, and report each; then flush the DPCs.
 *
 * Context: process. Takes the shard locks one after the other.
 * Return: true if a timer was disarmed.
 */
bool nts_timer_disarm_leftover(const struct module *mod,
			       struct nts_timer_leftover *found)
{
	enum nts_clock clock;
	unsigned int i;

	for (i = 0; i <= nts_shard_mask; i++)
		for (clock = 0; clock < NTS_CLOCK_COUNT; clock++)
			if (disarm_next(&nts_shards[i], clock, mod, found))
				return true;
	return false;
}
NTS_EXPORT_INTERNAL(nts_timer_disarm_leftover);
