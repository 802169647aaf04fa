/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside of the timer engine: queues and arms, for timer.c, timer_arm.c,
 * systimer.c and timer_left.c alone. Everything here needs the shard lock.
 */
#ifndef NTSHIM_TIMER_CORE_H
#define NTSHIM_TIMER_CORE_H

#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/rbtree.h>

#include "dispatcher.h"
#include "timer.h"

/* Timers that may wait unsorted; whoever finds more sorts them all. */
#define NTS_TIMER_RECENT_MAX 16

/* Makes an armed timer recognisable in memory of any content (KT-016). */
extern u64 nts_timer_secret;

void nts_timer_program(struct nts_timer_queue *queue, u64 due_ns,
		       u64 latest_ns);
void nts_timer_sort(struct nts_timer_queue *queue);
struct nts_timer *nts_timer_first(struct nts_timer_queue *queue);
u64 nts_timer_period_ns(const struct nts_timer *timer);
bool nts_timer_set_past_locked(struct nts_signaller *sig,
			       struct nts_timer *timer,
			       struct nts_repeat repeat, struct nts_dpc *dpc,
			       const struct nts_now *now);

static inline u64 nts_timer_cookie(const struct nts_timer *timer)
{
	return (unsigned long)timer ^ nts_timer_secret;
}

static inline struct nts_timer_queue *nts_timer_queue_of(struct nts_shard *shard,
							 enum nts_clock clock)
{
	return clock == NTS_CLOCK_REAL ? &shard->queue[NTS_CLOCK_REAL] :
					 &shard->queue[NTS_CLOCK_MONO];
}

static __always_inline void nts_timer_enqueue(struct nts_timer_queue *queue,
					      struct nts_timer *timer)
{
	timer->is_sorted = false;
	hlist_add_head(&timer->entry, &queue->recent);
	if (unlikely(++queue->nr_recent > NTS_TIMER_RECENT_MAX))
		nts_timer_sort(queue);
	if (unlikely(timer->latest_ns < queue->programmed_ns))
		nts_timer_program(queue, timer->due_ns, timer->latest_ns);
}

static __always_inline void nts_timer_dequeue(struct nts_shard *shard,
					      struct nts_timer *timer)
{
	struct nts_timer_queue *queue = nts_timer_queue_of(shard, timer->clock);

	if (timer->is_sorted) {
		rb_erase_cached(&timer->node, &queue->sorted);
	} else {
		__hlist_del(&timer->entry);
		queue->nr_recent--;
	}
}

static inline void nts_timer_mark_armed(struct nts_timer *timer)
{
	WRITE_ONCE(timer->header.inserted, 1);
	timer->cookie = nts_timer_cookie(timer);
}

static inline void nts_timer_mark_disarmed(struct nts_timer *timer)
{
	timer->cookie = 0;
	WRITE_ONCE(timer->header.inserted, 0);
}

/* Take @timer out of its queue; returns whether it was in one. */
static inline bool nts_timer_disarm(struct nts_shard *shard,
				    struct nts_timer *timer)
{
	lockdep_assert_held(&shard->lock);
	if (!timer->header.inserted)
		return false;
	nts_timer_dequeue(shard, timer);
	nts_timer_mark_disarmed(timer);
	return true;
}

/* Store when @timer is due next; the caller enqueues it. */
static inline void nts_timer_schedule(struct nts_timer *timer,
				      enum nts_clock clock, u64 due_ns)
{
	timer->clock = clock;
	timer->due_ns = due_ns;
	timer->latest_ns = due_ns;
	if (unlikely(timer->repeat.tolerance_ms) && due_ns != NTS_NEVER_NS)
		timer->latest_ns += nts_ns_from_ms(timer->repeat.tolerance_ms);
}

#endif /* NTSHIM_TIMER_CORE_H */
