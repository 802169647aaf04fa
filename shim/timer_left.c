// SPDX-License-Identifier: GPL-2.0
/*
 * Timers that somebody forgot: finds and disarms what a driver that goes has
 * left armed, and what is armed in memory that goes. Reports are made by the
 * callers.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/module.h>

#include "dpc.h"
#include "peek.h"
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
	    !nts_peek(&routine, &timer->dpc->routine, sizeof(routine)))
		return NULL;
	return routine;
}

/**
 * struct going - what goes, and with it what its timers are made of
 * @mod: a module, which may hold the timer, its KDPC or its DPC routine
 * @start: memory that holds the timer, if there is no module
 * @size: its size; 0 and no module: everything
 */
struct going {
	const struct module *mod;
	const void *start;
	size_t size;
};

static bool belongs_to(const struct nts_timer *timer, const struct going *going)
{
	const struct module *mod = going->mod;

	if (!mod)
		return !going->size ||
		       (uintptr_t)timer - (uintptr_t)going->start < going->size;
	if (timer->header.type >= NTS_TYPE_WAIT_TIMEOUT)
		return false;
	return within_module((unsigned long)timer, mod) ||
	       within_module((unsigned long)timer->dpc, mod) ||
	       within_module((unsigned long)routine_of(timer), mod);
}

/* Disarm @timer, of a locked shard, and tell what it was. */
static void disarm(struct nts_shard *shard, struct nts_timer *timer,
		   struct nts_timer_leftover *found)
{
	found->timer = timer;
	found->dpc = timer->dpc;
	found->routine = routine_of(timer);
	found->due_ns = timer->due_ns;
	found->clock = timer->clock;
	nts_timer_disarm(shard, timer);
}

/* Disarm the first timer of a queue that belongs to what goes. */
static bool disarm_next(struct nts_shard *shard, enum nts_clock clock,
			const struct going *going,
			struct nts_timer_leftover *found)
{
	struct nts_timer *timer;
	struct rb_node *node;
	unsigned long flags;

	raw_spin_lock_irqsave(&shard->lock, flags);
	timer = nts_timer_first(nts_timer_queue_of(shard, clock));
	for (node = timer ? &timer->node : NULL; node; node = rb_next(node)) {
		timer = rb_entry(node, struct nts_timer, node);
		if (!belongs_to(timer, going))
			continue;
		disarm(shard, timer, found);
		break;
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return node;
}

static bool disarm_any(const struct going *going,
		       struct nts_timer_leftover *found)
{
	enum nts_clock clock;
	unsigned int i;

	for (i = 0; i <= nts_shard_mask; i++)
		for (clock = 0; clock < NTS_CLOCK_COUNT; clock++)
			if (disarm_next(&nts_shards[i], clock, going, found))
				return true;
	return false;
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
	const struct going going = { .mod = mod };

	return disarm_any(&going, found);
}
NTS_EXPORT_INTERNAL(nts_timer_disarm_leftover);

/**
 * nts_timer_disarm_inside() - disarm one timer in memory that goes
 * @start: the memory
 * @size: its size in bytes, not 0
 * @found: filled in: what was disarmed
 *
 * Looks through all armed timers, not through the memory, which may hold anything.
 *
 * Context: any but NMI. Takes the shard locks one after the other.
 * Return: true if a timer was disarmed: call again.
 */
bool nts_timer_disarm_inside(const void *start, size_t size,
			     struct nts_timer_leftover *found)
{
	const struct going going = { .start = start, .size = size };

	return disarm_any(&going, found);
}

/**
 * nts_timer_disarm_freed() - disarm a timer whose memory is being freed
 * @timer: any address where a timer has room; its content may be anything
 * @found: filled in if it was one that is armed
 *
 * Found by the cookie of an armed timer, which fits its address alone: neither
 * a search of the queues nor a lock for what is no armed timer.
 *
 * Context: any but NMI. Takes the shard lock.
 * Return: true if it was armed; nothing refers to it any more.
 * Source: KT-168.
 * Test: ntshim_free_check:armed_timer_is_reported_and_disarmed
 */
bool nts_timer_disarm_freed(struct nts_timer *timer,
			    struct nts_timer_leftover *found)
{
	struct nts_shard *shard = nts_shard_of(timer);
	unsigned long flags;
	bool armed;

	if (READ_ONCE(timer->cookie) != nts_timer_cookie(timer))
		return false;
	raw_spin_lock_irqsave(&shard->lock, flags);
	armed = timer->cookie == nts_timer_cookie(timer);
	if (armed)
		disarm(shard, timer, found);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return armed;
}
