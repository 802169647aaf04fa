// SPDX-License-Identifier: GPL-2.0
/*
 * Timers of a shard. A queue links nodes in driver memory and is driven by one
 * hrtimer that belongs to the shard, so disarming is "unlink under the lock"
 * and never has to wait for a callback. This is the only file that
 * uses hrtimers; it must not know the API's units nor who waits.
 *
 * The hrtimer is touched only when a timer becomes due earlier than the event
 * that is programmed. Cancel leaves it alone: an event that finds nothing due
 * is harmless, and the usual driver sets a timeout only to cancel it.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/random.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>

#include "dpc.h"
#include "report.h"
#include "status.h"
#include "systimer.h"
#include "timer.h"
#include "timer_core.h"
#include "trace.h"
#include "wait.h"

/*
 * Timers expired per hrtimer event, by clock; the rest gets an event of its
 * own. The events of both clocks and of all shards may fire in one interrupt, so
 * the shards share what is allowed: docs/performance.md has the times for which
 * interrupts are off. Few drivers let many absolute times come at once.
 */
#define EXPIRY_BUDGET_MONO 384
#define EXPIRY_BUDGET_REAL 64
static_assert(EXPIRY_BUDGET_REAL >= NTS_SHARDS_MAX);

/*
 * Shortest pause between two such events, for DPCs and the interrupted code to
 * run; after a long batch a quarter of what that took.
 */
#define EXPIRY_PAUSE_NS (20 * NSEC_PER_USEC)

/* Longest pause before another look at a wall clock that came early. */
#define EARLY_PAUSE_NS (500 * NSEC_PER_USEC)

/*
 * nts_timer_queue.programmed_ns of a wall clock queue that the next monotonic
 * event looks after: earlier than any due time, so that no arm programs it.
 */
#define LEFT_TO_MONO 0

/* Timeouts of waits per batch; each costs a pointer on the interrupt's stack. */
#define EXPIRY_SLEEPERS 16

/**
 * struct nts_expiry - a batch of expiries under one hold of the shard lock
 * @sig: the signalling action that they form
 * @now: both clocks, read under the lock
 * @given: the time that a test wants it to be; NULL: that of the clocks
 * @sleepers: tasks whose wait has timed out, to wake after the unlock
 * @nr_sleepers: number of @sleepers
 */
struct nts_expiry {
	struct nts_signaller sig;
	struct nts_now now;
	const struct nts_now *given;
	struct task_struct *sleepers[EXPIRY_SLEEPERS];
	unsigned int nr_sleepers;
};

u64 nts_timer_secret __ro_after_init;

/* What one event may expire, by enum nts_clock. */
static unsigned int expiry_budget[NTS_CLOCK_COUNT] __ro_after_init;

static u64 now_on(const struct nts_now *now, enum nts_clock clock)
{
	return clock == NTS_CLOCK_REAL ? now->real_ns : now->mono_ns;
}

/**
 * nts_timer_program() - have the event of a queue fire
 * @queue: queue of a locked shard
 * @due_ns: not before; beyond KTIME_MAX: nothing is programmed
 * @latest_ns: not later than this, if it can be helped
 *
 * Context: the shard lock is held.
 */
noinline void nts_timer_program(struct nts_timer_queue *queue, u64 due_ns,
				u64 latest_ns)
{
	if (due_ns > KTIME_MAX)
		return;
	queue->programmed_ns = latest_ns;
	queue->programs++;
	hrtimer_start_range_ns(&queue->event, ns_to_ktime(due_ns),
			       latest_ns - due_ns, HRTIMER_MODE_ABS_HARD);
}

static bool expires_before(struct rb_node *node, const struct rb_node *parent)
{
	return rb_entry(node, struct nts_timer, node)->latest_ns <
	       rb_entry(parent, struct nts_timer, node)->latest_ns;
}

/**
 * nts_timer_sort() - put the timers that were armed last into the tree
 * @queue: queue of a locked shard
 *
 * Oldest first, so that ties in the tree are in arming order (KT-110).
 *
 * Context: the shard lock is held.
 */
noinline void nts_timer_sort(struct nts_timer_queue *queue)
{
	struct hlist_node *entry, *next;
	struct nts_timer *timer;
	HLIST_HEAD(oldest);

	hlist_for_each_safe(entry, next, &queue->recent)
		hlist_add_head(entry, &oldest);
	hlist_for_each_entry_safe(timer, next, &oldest, entry) {
		rb_add_cached(&timer->node, &queue->sorted, expires_before);
		timer->is_sorted = true;
	}
	INIT_HLIST_HEAD(&queue->recent);
	queue->nr_recent = 0;
}

/**
 * nts_timer_first() - the timer of a queue that has to expire next
 * @queue: queue of a locked shard
 *
 * Context: the shard lock is held.
 * Return: the timer or NULL.
 */
struct nts_timer *nts_timer_first(struct nts_timer_queue *queue)
{
	struct rb_node *node;

	if (queue->nr_recent)
		nts_timer_sort(queue);
	node = rb_first_cached(&queue->sorted);
	return node ? rb_entry(node, struct nts_timer, node) : NULL;
}

/**
 * nts_timer_period_ns() - the period that a timer was set with
 * @timer: timer of a locked shard
 *
 * Context: the shard lock is held.
 * Return: nanoseconds, 0 for a one-shot.
 */
u64 nts_timer_period_ns(const struct nts_timer *timer)
{
	if (timer->traits)
		return nts_ns_from_100ns(timer->repeat.period_100ns);
	return nts_ns_from_ms(timer->repeat.period_ms);
}

/* What two expiries of a periodic timer are apart at least (KT-085, ET-035). */
static u64 tick_of(const struct nts_timer *timer)
{
	if (timer->traits & NTS_TIMER_HIGH_RESOLUTION)
		return nts_ns_from_100ns(nts_clock_tick_min());
	return nts_ns_from_100ns(nts_clock_tick_cur());
}

/*
 * Queue a periodic timer for its next due time: the first point of its grid in
 * the future (KT-081, KT-084). The grid is monotonic; one that began with an
 * absolute due time starts where that was found to have passed.
 */
static void enqueue_next_period(struct nts_shard *shard,
				struct nts_timer *timer,
				const struct nts_now *now)
{
	u64 period_ns = max(nts_timer_period_ns(timer), tick_of(timer));
	u64 next_ns = timer->on_grid ? timer->due_ns : now->mono_ns;

	next_ns += period_ns;
	if (next_ns <= now->mono_ns)
		next_ns += period_ns *
			   (div64_u64(now->mono_ns - next_ns, period_ns) + 1);
	timer->on_grid = true;
	nts_timer_schedule(timer, NTS_CLOCK_MONO, next_ns);
	if (unlikely(timer->traits & NTS_TIMER_NO_WAKE))
		timer->latest_ns = nts_systimer_latest(timer);
	nts_timer_enqueue(nts_timer_queue_of(shard, NTS_CLOCK_MONO), timer);
}

/*
 * The visible part of an expiry: waits, signal, DPC, in this order. @timer is
 * out of its queue, or in it again for its next period. For a one-shot the
 * store of the signal is the last access: from then on a thread that polls it
 * may free it, so nothing may be left on its list that is not a wait for it.
 * Not so an EX_TIMER, whose end needs the lock.
 */
static void signal_expired(struct nts_signaller *sig, struct nts_timer *timer,
			   const struct nts_now *now)
{
	bool counted = timer->traits;
	struct nts_dpc *dpc = timer->dpc;
	bool queued;
	u64 systime;
	s32 state;

	trace_nts_timer_expire(timer, dpc, now->mono_ns);
	state = nts_signal_satisfy(sig, &timer->header, 1);
	if (unlikely(!list_empty(&timer->header.wait_list)))
		nts_signal_forget_over(sig, &timer->header);
	nts_signal_store(&timer->header, state);
	if (!dpc)
		return;
	systime = nts_systime_from_real(now->real_ns);
	queued = nts_dpc_queue(dpc,
			       (void *)(unsigned long)lower_32_bits(systime),
			       (void *)(unsigned long)upper_32_bits(systime));
	if (counted && queued)
		nts_systimer_queued(timer);
}

/* Whether an expiry is followed by another: not if the timer was deleted. */
static bool is_periodic(const struct nts_timer *timer)
{
	return timer->repeat.period_ms && !(timer->traits & NTS_TIMER_DISABLED);
}

/* One expiry of an armed timer that is due. */
static void expire_one(struct nts_expiry *x, struct nts_timer *timer)
{
	struct nts_shard *shard = x->sig.shard;

	if (timer->header.type == NTS_TYPE_WAIT_TIMEOUT) {
		x->sleepers[x->nr_sleepers++] = timer->sleeper;
		nts_timer_disarm(shard, timer);
		return;
	}
	if (timer->header.type == NTS_TYPE_ASYNC_TIMEOUT) {
		nts_timer_disarm(shard, timer);
		nts_signal_claim(&x->sig, timer->wait, NTS_STATUS_TIMEOUT);
		return;
	}
	if (is_periodic(timer)) {
		nts_timer_dequeue(shard, timer);
		enqueue_next_period(shard, timer, &x->now);
	} else {
		nts_timer_disarm(shard, timer);
		if (timer->traits)
			nts_systimer_disarmed(timer);
	}
	signal_expired(&x->sig, timer, &x->now);
}

static void expire_if_due(struct nts_expiry *x, struct nts_timer *timer)
{
	if (timer->header.inserted &&
	    timer->due_ns <= now_on(&x->now, timer->clock))
		expire_one(x, timer);
}

static void read_clocks(struct nts_expiry *x)
{
	x->now = x->given ? *x->given : nts_clock_read();
}

/*
 * Expire what is due in one queue, at most @budget timers. A timer that a
 * wait-all refers to needs nts_all_lock, and taking it drops the shard lock:
 * the head is looked up again, for the timer may be gone, and the clocks are
 * read again, for one may have been set back and a timer set by it. Returns what
 * is left of the budget; 0 means that there may be more.
 */
static unsigned int expire_queue(struct nts_expiry *x, enum nts_clock clock,
				 unsigned int budget)
{
	struct nts_timer_queue *queue = &x->sig.shard->queue[clock];
	struct nts_timer *timer;

	while (budget && x->nr_sleepers < EXPIRY_SLEEPERS) {
		timer = nts_timer_first(queue);
		if (!timer || timer->due_ns > now_on(&x->now, clock))
			return budget;
		if (timer->header.wait_all_blocks && !x->sig.holds_all) {
			nts_signal_upgrade(&x->sig);
			read_clocks(x);
			continue;
		}
		expire_one(x, timer);
		budget--;
	}
	return 0;
}

/*
 * A sleeper may notice by itself and be gone before it is woken, but its task
 * was alive under the lock, and all of that is one RCU section.
 */
static void expiry_begin(struct nts_expiry *x, struct nts_shard *shard)
	__acquires(RCU) __acquires(&x->sig.shard->lock)
{
	x->nr_sleepers = 0;
	rcu_read_lock();
	nts_signal_begin(&x->sig, shard);
}

/* Unlock and wake. */
static void expiry_end(struct nts_expiry *x) __releases(RCU)
	__releases(&x->sig.shard->lock)
{
	unsigned int i;

	nts_signal_unlock(&x->sig);
	for (i = 0; i < x->nr_sleepers; i++)
		wake_up_process(x->sleepers[i]);
	rcu_read_unlock();
}

/**
 * nts_timer_expire() - expire the timers of a shard that are due
 * @shard: the shard; a test's own, or any other
 * @now: the time on both clocks
 * @budget: at most this many expiries
 *
 * The events of a shard do this by themselves; for a shard without events it is
 * how time passes. Monotonic timers come first.
 *
 * Context: as KeSetTimer. Takes the shard lock.
 * Return: true if timers that are due may be left.
 */
bool nts_timer_expire(struct nts_shard *shard, const struct nts_now *now,
		      unsigned int budget)
{
	struct nts_expiry x __uninitialized;

	expiry_begin(&x, shard);
	x.given = now;
	read_clocks(&x);
	budget = expire_queue(&x, NTS_CLOCK_MONO, budget);
	budget = expire_queue(&x, NTS_CLOCK_REAL, budget);
	expiry_end(&x);
	return !budget;
}
NTS_EXPORT_INTERNAL(nts_timer_expire);

/**
 * nts_timer_look() - expire one timer if it is due, without its event
 * @shard: shard of @timer
 * @timer: prepared timer, armed or not
 * @now: the time; NULL: to be read under the lock
 *
 * Context: IRQL <= DISPATCH_LEVEL. Takes the shard lock.
 */
void nts_timer_look(struct nts_shard *shard, struct nts_timer *timer,
		    const struct nts_now *now)
{
	bool bracket = nts_dpc_enter();
	struct nts_expiry x __uninitialized;

	expiry_begin(&x, shard);
	if (timer->header.wait_all_blocks)
		nts_signal_upgrade(&x.sig);
	x.given = now;
	read_clocks(&x);
	expire_if_due(&x, timer);
	expiry_end(&x);
	nts_dpc_leave(bracket);
}

/**
 * nts_timer_look_for() - nts_timer_look() for a waiter whose time is over
 * @block: block of a wait for a timer
 *
 * Somebody else may have satisfied the wait and freed the timer: it is there
 * for as long as the block is linked.
 *
 * Context: as nts_timer_look().
 * Source: W-TMO-07, KT-160.
 * Test: ntshim_race_free:dpc_frees_what_others_time_out_on
 */
void nts_timer_look_for(const struct nts_wait_block *block)
{
	struct nts_timer *timer =
		container_of(block->object, struct nts_timer, header);
	bool bracket = nts_dpc_enter();
	struct nts_expiry x __uninitialized;

	expiry_begin(&x, nts_shard_of(block->object));
	if (block->linked && timer->header.wait_all_blocks)
		nts_signal_upgrade(&x.sig);
	if (block->linked) {
		x.now = nts_clock_read();
		expire_if_due(&x, timer);
	}
	expiry_end(&x);
	nts_dpc_leave(bracket);
}

/* Program @queue's event for its head. */
static void program_next(struct nts_timer_queue *queue)
{
	struct nts_timer *timer = nts_timer_first(queue);

	queue->programmed_ns = NTS_NEVER_NS;
	if (timer && timer->latest_ns != NTS_NEVER_NS)
		nts_timer_program(queue, timer->due_ns, timer->latest_ns);
}

/*
 * Have @queue looked at again after @pause_ns of running time. An hrtimer that
 * is due when it is started runs in this very interrupt again, so others are
 * left some time. The wall clock may be set meanwhile: its queue waits for the
 * event of the other one, and nobody programs it until then.
 */
static void look_again(struct nts_shard *shard, struct nts_timer_queue *queue,
		       u64 now_ns, u64 pause_ns)
{
	struct nts_timer_queue *mono = &shard->queue[NTS_CLOCK_MONO];
	u64 soon_ns = now_ns + max_t(u64, pause_ns, EXPIRY_PAUSE_NS);

	queue->programmed_ns = queue == mono ? NTS_NEVER_NS : LEFT_TO_MONO;
	if (soon_ns < mono->programmed_ns)
		nts_timer_program(mono, soon_ns, soon_ns);
}

/* A batch is over and there may be more: pause for a part of what it took. */
static void pause(struct nts_shard *shard, struct nts_timer_queue *queue,
		  const struct nts_now *began)
{
	u64 now_ns = nts_clock_read().mono_ns;

	look_again(shard, queue, now_ns, (now_ns - began->mono_ns) / 4);
}

/*
 * How much too early an event came: the wall clock was set back while it was on
 * its way. The interrupt that the event runs in still goes by the old time: what
 * is started now for a time that has come by that would run in it again, for
 * ever, with interrupts disabled. A processor that has missed the set goes by
 * the old time until the next one, so the looks may not come too often.
 */
static u64 early_ns(const struct nts_timer_queue *queue,
		    const struct nts_now *now)
{
	u64 meant_ns = ktime_to_ns(hrtimer_get_softexpires(&queue->event));
	u64 now_ns = now_on(now, queue->clock);

	return now_ns < meant_ns ? meant_ns - now_ns : 0;
}

static enum hrtimer_restart event_fn(struct hrtimer *event)
{
	struct nts_timer_queue *queue =
		container_of(event, struct nts_timer_queue, event);
	struct nts_shard *shard =
		container_of(queue - queue->clock, struct nts_shard, queue[0]);
	struct nts_timer_queue *real = &shard->queue[NTS_CLOCK_REAL];
	struct nts_expiry x __uninitialized;
	u64 early;
	bool more;

	expiry_begin(&x, shard);
	x.given = NULL;
	read_clocks(&x);
	/* Nothing is earlier than 0: re-arming must not program, we do. */
	queue->programmed_ns = 0;
	more = !expire_queue(&x, queue->clock, expiry_budget[queue->clock]);
	early = early_ns(queue, &x.now);
	if (unlikely(early))
		look_again(shard, queue, x.now.mono_ns,
			   min_t(u64, early / 4, EARLY_PAUSE_NS));
	else if (more)
		pause(shard, queue, &x.now);
	else
		program_next(queue);
	if (queue != real && real->programmed_ns == LEFT_TO_MONO)
		program_next(real);
	expiry_end(&x);
	return HRTIMER_NORESTART;
}

/**
 * nts_timer_set_past_locked() - the locked part of nts_timer_set_past()
 * @sig: action begun for @timer
 * @timer: prepared timer, armed or not
 * @repeat: period and tolerance
 * @dpc: DPC or NULL
 * @now: the time
 *
 * Context: @sig holds the shard lock.
 * Return: true if the timer was armed before.
 */
bool nts_timer_set_past_locked(struct nts_signaller *sig,
			       struct nts_timer *timer,
			       struct nts_repeat repeat, struct nts_dpc *dpc,
			       const struct nts_now *now)
{
	bool was_armed = nts_timer_disarm(sig->shard, timer);

	timer->dpc = dpc;
	timer->repeat = repeat;
	trace_nts_timer_set(timer, NTS_CLOCK_REAL, 0,
			    nts_timer_period_ns(timer), was_armed);
	if (repeat.period_ms) {
		timer->on_grid = false;
		nts_timer_mark_armed(timer);
		enqueue_next_period(sig->shard, timer, now);
	}
	signal_expired(sig, timer, now);
	return was_armed;
}

/**
 * nts_timer_set_past() - a set whose time has passed
 * @shard: shard of @timer
 * @timer: prepared timer, armed or not
 * @repeat: period and tolerance; a period starts now (KT-086)
 * @dpc: DPC or NULL
 * @now: the time
 *
 * The whole expiry happens inside the call (KT-023). A DPC for this processor
 * runs when bottom halves are enabled again, so below DISPATCH_LEVEL it has run
 * when the call returns. After the unlock neither timer nor DPC is touched:
 * whoever was released may have freed both.
 *
 * Context: as nts_timer_arm().
 * Return: true if the timer was armed before.
 */
bool nts_timer_set_past(struct nts_shard *shard, struct nts_timer *timer,
			struct nts_repeat repeat, struct nts_dpc *dpc,
			const struct nts_now *now)
{
	bool bracket = nts_dpc_enter();
	struct nts_signaller sig;
	bool was_armed;

	nts_signal_lock(&sig, shard, &timer->header);
	was_armed = nts_timer_set_past_locked(&sig, timer, repeat, dpc, now);
	nts_signal_unlock(&sig);
	nts_dpc_leave(bracket);
	return was_armed;
}
NTS_EXPORT_INTERNAL(nts_timer_set_past);

static void start_queue(struct nts_timer_queue *queue, clockid_t clock)
{
	hrtimer_setup(&queue->event, event_fn, clock, HRTIMER_MODE_ABS_HARD);
	queue->programmed_ns = NTS_NEVER_NS;
}

/**
 * nts_timer_start() - give the shards their events
 *
 * Context: module init, after nts_dispatcher_init().
 */
void __init nts_timer_start(void)
{
	unsigned int i;

	nts_timer_secret = get_random_u64() | 1;
	expiry_budget[NTS_CLOCK_MONO] = EXPIRY_BUDGET_MONO /
					(nts_shard_mask + 1);
	expiry_budget[NTS_CLOCK_REAL] = EXPIRY_BUDGET_REAL /
					(nts_shard_mask + 1);
	for (i = 0; i <= nts_shard_mask; i++) {
		start_queue(&nts_shards[i].queue[NTS_CLOCK_MONO],
			    CLOCK_MONOTONIC);
		start_queue(&nts_shards[i].queue[NTS_CLOCK_REAL],
			    CLOCK_REALTIME);
	}
}

/**
 * nts_timer_stop() - disarm what is left and wait for events in flight
 *
 * Context: module exit; nobody calls the engine any more.
 */
void nts_timer_stop(void)
{
	struct nts_timer_leftover left;
	unsigned int i;

	while (nts_timer_disarm_leftover(NULL, &left))
		nts_misuse("KT-174", left.timer,
			   "timer still armed when the library was unloaded");
	/* With nothing armed, the first one's event may start the second's only. */
	for (i = 0; i <= nts_shard_mask; i++) {
		hrtimer_cancel(&nts_shards[i].queue[NTS_CLOCK_REAL].event);
		hrtimer_cancel(&nts_shards[i].queue[NTS_CLOCK_MONO].event);
	}
}
