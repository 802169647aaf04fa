// SPDX-License-Identifier: GPL-2.0
/*
 * Arming and disarming: what a driver does with a timer while time does not
 * matter. These paths take the shard's lock once and touch no hrtimer unless
 * the timer becomes the first; how a timer expires is in timer.c.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/spinlock.h>

#include "timer.h"
#include "timer_core.h"
#include "trace.h"

/**
 * nts_timer_arm() - disarm, clear the signal and arm, in one step
 * @shard: shard of @timer
 * @timer: prepared timer, armed or not
 * @due: when it is due; not PAST, see nts_timer_set()
 * @repeat: period and tolerance
 * @target: KTIMER: DPC to queue at each expiry, or NULL; timeout of a wait: the
 *	task to wake or the record to claim
 *
 * Parameters fit in registers: this is the path that drivers take most.
 *
 * Context: IRQL <= DISPATCH_LEVEL; survives hard interrupts. Takes the shard
 * lock; never waits.
 * Return: true if the timer was armed before.
 */
bool nts_timer_arm(struct nts_shard *shard, struct nts_timer *timer,
		   struct nts_due due, struct nts_repeat repeat, void *target)
{
	bool absolute = due.kind == NTS_DUE_REAL;
	unsigned long flags;
	bool was_armed;

	raw_spin_lock_irqsave(&shard->lock, flags);
	was_armed = timer->header.inserted;
	if (was_armed)
		nts_timer_dequeue(shard, timer);
	else
		nts_timer_mark_armed(timer);
	nts_signal_clear(&timer->header);
	timer->target = target;
	timer->repeat = repeat;
	timer->on_grid = !absolute;
	nts_timer_schedule(timer, absolute ? NTS_CLOCK_REAL : NTS_CLOCK_MONO,
			   due.ns);
	nts_timer_enqueue(nts_timer_queue_of(shard, timer->clock), timer);
	if (trace_nts_timer_set_enabled())
		trace_nts_timer_set(timer, timer->clock, due.ns,
				    nts_timer_period_ns(timer), was_armed);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return was_armed;
}
NTS_EXPORT_INTERNAL(nts_timer_arm);

/**
 * nts_timer_cancel() - disarm
 * @shard: shard of @timer
 * @timer: prepared timer, armed or not
 *
 * Changes neither signal nor waits. Takes the lock even if the timer is not
 * armed: when it returns, nobody looks at @timer any more (KT-146).
 *
 * Context: as nts_timer_arm().
 * Return: true if the timer was armed.
 */
bool nts_timer_cancel(struct nts_shard *shard, struct nts_timer *timer)
{
	unsigned long flags;
	bool was_armed;

	raw_spin_lock_irqsave(&shard->lock, flags);
	was_armed = nts_timer_disarm(shard, timer);
	trace_nts_timer_cancel(timer, was_armed);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return was_armed;
}
NTS_EXPORT_INTERNAL(nts_timer_cancel);

/* Change type and signal of a timer if it is armed; its arm stays. */
static bool reset_armed(struct nts_shard *shard, struct nts_timer *timer,
			u8 type)
{
	unsigned long flags;
	bool armed;

	raw_spin_lock_irqsave(&shard->lock, flags);
	armed = timer->cookie == nts_timer_cookie(timer);
	if (armed) {
		timer->header.type = type;
		nts_signal_clear(&timer->header);
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return armed;
}

/**
 * nts_timer_prepare() - make memory a timer
 * @shard: shard of @timer
 * @timer: memory of any content
 * @type: type code of the object
 *
 * A timer that is armed keeps its arm: wiping it would leave the queue in
 * memory that looks free (KT-016).
 *
 * Context: IRQL <= DISPATCH_LEVEL. Takes the shard lock only in that case.
 * Return: false if @timer was armed, a fault of the driver.
 */
bool nts_timer_prepare(struct nts_shard *shard, struct nts_timer *timer,
		       u8 type)
{
	if (timer->cookie == nts_timer_cookie(timer) &&
	    reset_armed(shard, timer, type))
		return false;

	nts_header_init(&timer->header, type, 0);
	timer->cookie = 0;
	timer->dpc = NULL;
	timer->repeat = (struct nts_repeat){ 0 };
	timer->traits = 0;
	return true;
}
NTS_EXPORT_INTERNAL(nts_timer_prepare);
