// SPDX-License-Identifier: GPL-2.0
/*
 * System-allocated timers: their life, their calls and what keeps a no-wake
 * timer punctual on a processor that is awake. Arming, expiring and signalling
 * are the engine's (timer.c); who may call what is the API's (ex_timer.c).
 *
 * Life, all under the shard lock:
 *
 *   usable    set, cancel and expiries come and go
 *   disabled  by delete: every call returns false; an arm that was not
 *             cancelled expires once more, and that expiry queues the DPC even
 *             without a callback, because it can run where memory is freed
 *   over      disabled, not armed, no users: whoever made the last of these
 *             three true ends it after the unlock
 */

#include "compat.h"

#include <linux/completion.h>
#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/slab.h>

#include "callback.h"
#include "report.h"
#include "systimer.h"
#include "timer_core.h"
#include "trace.h"

/* Every timer from its creation on, until it is freed. */
static LIST_HEAD(all_timers);
/* Ended, but still waited for, which is a fault of the driver. */
static LIST_HEAD(waited_for);
/* How many are in either list. */
static unsigned int nr_timers;
static DEFINE_RAW_SPINLOCK(list_lock);

static bool has_traits(const struct nts_systimer *st, u8 traits)
{
	return st->timer.traits & traits;
}

static bool is_over(const struct nts_systimer *st)
{
	return has_traits(st, NTS_TIMER_DISABLED) &&
	       !st->timer.header.inserted && !st->users;
}

static bool is_waited_for(struct nts_systimer *st)
{
	struct nts_signaller sig;
	bool waited;

	nts_signal_lock(&sig, st->shard, &st->timer.header);
	nts_signal_forget_over(&sig, &st->timer.header);
	waited = !list_empty(&st->timer.header.wait_list);
	nts_signal_unlock(&sig);
	return waited;
}

static void keep_for_waiters(struct nts_systimer *st)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&list_lock, flags);
	list_move(&st->link, &waited_for);
	raw_spin_unlock_irqrestore(&list_lock, flags);
}

static void put_memory(struct nts_systimer *st)
{
	if (!refcount_dec_and_test(&st->refs))
		return;
	/* There kfree() takes a lock that sleeps (I-CTX-10). */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !preemptible())
		kfree_rcu(st, rcu);
	else
		kfree(st);
}

static void free_timer(struct nts_systimer *st)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&list_lock, flags);
	list_del(&st->link);
	nr_timers--;
	raw_spin_unlock_irqrestore(&list_lock, flags);
	/* A call with a pointer that is dead is more likely to be noticed. */
	st->timer.header.magic = 0;
	put_memory(st);
}

static void call_end(const struct nts_systimer *st,
		     const struct nts_systimer_end *end)
{
	struct nts_callback callback __uninitialized;

	nts_callback_enter(&callback);
	end->fn(end->context);
	nts_callback_leave_dispatch(&callback, (unsigned long)end->fn, st);
}

/*
 * The last step of a timer that is over: free it, tell the driver at
 * DISPATCH_LEVEL, let a waiting delete return (ET-132, ET-133, ET-134).
 */
static void finish(struct nts_systimer *st)
{
	struct nts_systimer_end end = st->end;
	bool bracket = nts_dpc_enter();

	if (unlikely(is_waited_for(st))) {
		nts_misuse_at(end.caller, "ET-116", st,
			      "timer deleted while threads wait for it");
		keep_for_waiters(st);
	} else {
		free_timer(st);
	}
	if (end.fn)
		call_end(st, &end);
	nts_dpc_leave(bracket);
	if (end.done)
		complete(end.done);
}

/**
 * nts_systimer_release() - one user less
 * @st: the timer; gone on return if that was the last reason for it to be
 *
 * Context: IRQL <= DISPATCH_LEVEL. Takes the shard lock.
 */
void nts_systimer_release(struct nts_systimer *st)
{
	struct nts_shard *shard = st->shard;
	unsigned long flags;
	bool over;

	raw_spin_lock_irqsave(&shard->lock, flags);
	st->users--;
	over = is_over(st);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	if (over)
		finish(st);
}
NTS_EXPORT_INTERNAL(nts_systimer_release);

/* The DPC of an expiry: may run on two processors at once (ET-083). */
static void run_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_callback callback __uninitialized;
	struct nts_systimer *st = context;

	if (st->callback) {
		nts_callback_enter(&callback);
		st->callback(st, st->context);
		nts_callback_leave_dispatch(&callback,
					    (unsigned long)st->callback, st);
	}
	nts_systimer_release(st);
}

/* Whether the shard's timers expire by themselves: a test's own shard's do not. */
static bool has_events(const struct nts_systimer *st)
{
	return st->shard == nts_shard_of(st);
}

/*
 * When the next look at an awake processor comes, in jiffies from now: not after
 * the first one past the due time. The kernel's wheel adds one jiffy itself, and
 * may be late by an eighth of a long delay, so that much is held back. It knows
 * nothing of wall clock changes, so absolute times are looked at every tick.
 */
static unsigned long awake_delay(const struct nts_timer *timer)
{
	struct nts_now now = nts_clock_read();
	bool absolute = timer->clock == NTS_CLOCK_REAL;
	u64 now_ns = absolute ? now.real_ns : now.mono_ns;
	u64 left = timer->due_ns > now_ns ? timer->due_ns - now_ns : 0;
	u64 delay;

	if (absolute)
		left = min(left, nts_ns_from_100ns(nts_clock_tick_max()));
	delay = div_u64(left, TICK_NSEC);
	return min_t(u64, delay - delay / 8, MAX_JIFFY_OFFSET);
}

/* On this processor: the kernel would leave one that is pending where it is. */
static void start_awake(struct nts_systimer *st)
{
	if (!timer_delete(&st->awake))
		refcount_inc(&st->refs);
	mod_timer(&st->awake, jiffies + awake_delay(&st->timer));
}

static void stop_awake(struct nts_systimer *st)
{
	/* Never the last one: the timer that is stopped is another. */
	if (has_traits(st, NTS_TIMER_NO_WAKE) && timer_delete(&st->awake))
		refcount_dec(&st->refs);
}

/*
 * Runs on a processor that does not sleep. What is not due yet, or again, is
 * looked at later; the arm may be another one by now, or the timer gone: then
 * its memory is still that of a timer which is not armed.
 */
static void awake_fn(struct timer_list *awake)
{
	struct nts_systimer *st =
		container_of(awake, struct nts_systimer, awake);
	unsigned long flags;

	nts_timer_look(st->shard, &st->timer, NULL);
	raw_spin_lock_irqsave(&st->shard->lock, flags);
	if (st->timer.header.inserted && st->tolerance_ns)
		start_awake(st);
	raw_spin_unlock_irqrestore(&st->shard->lock, flags);
	put_memory(st);
}

/**
 * nts_systimer_latest() - when a no-wake timer expires at the latest
 * @timer: a systimer's, with its due time stored
 *
 * Context: the shard lock is held.
 * Return: the due time plus the tolerance; NTS_NEVER_NS if no clock reaches it.
 */
u64 nts_systimer_latest(struct nts_timer *timer)
{
	u64 tolerance_ns = nts_systimer_of(timer)->tolerance_ns;

	if (timer->due_ns > KTIME_MAX ||
	    tolerance_ns > KTIME_MAX - timer->due_ns)
		return NTS_NEVER_NS;
	return timer->due_ns + tolerance_ns;
}

/**
 * nts_systimer_queued() - an expiry has queued the DPC
 * @timer: a systimer's
 *
 * Context: the shard lock is held, which the DPC's end needs.
 */
void nts_systimer_queued(struct nts_timer *timer)
{
	nts_systimer_of(timer)->users++;
}

/**
 * nts_systimer_disarmed() - a timer has been disarmed and stays so
 * @timer: a systimer's
 *
 * Context: the shard lock is held.
 */
void nts_systimer_disarmed(struct nts_timer *timer)
{
	if (timer->traits & NTS_TIMER_HIGH_RESOLUTION)
		nts_clock_precise_end();
	stop_awake(nts_systimer_of(timer));
}

/* Allocations of drivers that waited too long: free what nobody waits for now. */
static void free_unwaited(void)
{
	struct nts_systimer *st, *next;
	unsigned long flags;
	LIST_HEAD(idle);

	raw_spin_lock_irqsave(&list_lock, flags);
	list_for_each_entry_safe(st, next, &waited_for, link)
		if (!is_waited_for(st))
			list_move(&st->link, &idle);
	raw_spin_unlock_irqrestore(&list_lock, flags);
	list_for_each_entry_safe(st, next, &idle, link)
		free_timer(st);
}

static void init_timer(struct nts_systimer *st,
		       const struct nts_systimer_config *config)
{
	st->shard = config->shard ? config->shard : nts_shard_of(st);
	nts_timer_prepare(st->shard, &st->timer, config->type | NTS_TYPE_EX);
	st->timer.traits = config->traits | NTS_TIMER_SYSTEM;
	nts_dpc_init(&st->dpc, NTS_DPC_INTERNAL, run_fn, st);
	st->callback = config->callback;
	st->context = config->context;
	st->owner = config->owner;
	refcount_set(&st->refs, 1);
	timer_setup(&st->awake, awake_fn, TIMER_DEFERRABLE | TIMER_PINNED);
}

/**
 * nts_systimer_create() - allocate a timer
 * @config: what it is made of
 *
 * Context: IRQL <= DISPATCH_LEVEL; does not sleep. Takes the list's lock.
 * Return: a timer that is idle, for nts_systimer_delete(); NULL without memory.
 */
struct nts_systimer *nts_systimer_create(const struct nts_systimer_config
						 *config)
{
	struct nts_systimer *st =
		kzalloc(sizeof(*st), GFP_ATOMIC | __GFP_NOWARN);
	unsigned long flags;

	if (!list_empty(&waited_for))
		free_unwaited();
	if (!st)
		return NULL;
	init_timer(st, config);
	raw_spin_lock_irqsave(&list_lock, flags);
	list_add(&st->link, &all_timers);
	nr_timers++;
	raw_spin_unlock_irqrestore(&list_lock, flags);
	return st;
}
NTS_EXPORT_INTERNAL(nts_systimer_create);

static void arm_locked(struct nts_systimer *st, struct nts_due due)
{
	bool absolute = due.kind == NTS_DUE_REAL;
	struct nts_timer *timer = &st->timer;

	nts_timer_mark_armed(timer);
	nts_signal_clear(&timer->header);
	timer->on_grid = !absolute;
	nts_timer_schedule(timer, absolute ? NTS_CLOCK_REAL : NTS_CLOCK_MONO,
			   due.ns);
	if (has_traits(st, NTS_TIMER_NO_WAKE))
		timer->latest_ns = nts_systimer_latest(timer);
	nts_timer_enqueue(nts_timer_queue_of(st->shard, timer->clock), timer);
}

/* The clock and the second event follow what the set has made of the timer. */
static void follow(struct nts_systimer *st, bool was_armed)
{
	bool armed = st->timer.header.inserted;

	if (has_traits(st, NTS_TIMER_HIGH_RESOLUTION) && armed != was_armed) {
		if (armed)
			nts_clock_precise_begin();
		else
			nts_clock_precise_end();
	}
	if (armed && st->tolerance_ns && has_events(st))
		start_awake(st);
	else
		stop_awake(st);
}

static bool set_locked(struct nts_signaller *sig, struct nts_systimer *st,
		       struct nts_due due, struct nts_repeat repeat,
		       const struct nts_now *now)
{
	struct nts_dpc *dpc = st->callback ? &st->dpc : NULL;
	struct nts_timer *timer = &st->timer;
	bool was_armed;

	if (nts_due_is_past(&due, now)) {
		was_armed =
			nts_timer_set_past_locked(sig, timer, repeat, dpc, now);
	} else {
		was_armed = nts_timer_disarm(st->shard, timer);
		timer->dpc = dpc;
		timer->repeat = repeat;
		arm_locked(st, due);
		trace_nts_timer_set(timer, timer->clock, due.ns,
				    nts_timer_period_ns(timer), was_armed);
	}
	follow(st, was_armed);
	return was_armed;
}

/**
 * nts_systimer_set() - disarm, clear the signal and arm or expire, in one step
 * @st: the timer
 * @due: when it is due
 * @period_100ns: interval of later expiries; 0: one shot; at most S32_MAX
 * @tolerance_ns: see struct nts_systimer; without effect on other timers
 * @now: the time
 *
 * Context: IRQL <= DISPATCH_LEVEL. Takes the shard lock; never waits.
 * Return: true if the timer was armed before; false if not, or if it was
 * deleted, with nothing changed.
 */
bool nts_systimer_set(struct nts_systimer *st, struct nts_due due,
		      u32 period_100ns, u64 tolerance_ns,
		      const struct nts_now *now)
{
	struct nts_repeat repeat = { .period_100ns = period_100ns };
	bool bracket = nts_dpc_enter();
	struct nts_signaller sig;
	bool was_armed = false;

	nts_signal_lock(&sig, st->shard, &st->timer.header);
	if (!has_traits(st, NTS_TIMER_DISABLED)) {
		if (has_traits(st, NTS_TIMER_NO_WAKE))
			st->tolerance_ns = tolerance_ns;
		was_armed = set_locked(&sig, st, due, repeat, now);
	}
	nts_signal_unlock(&sig);
	nts_dpc_leave(bracket);
	return was_armed;
}
NTS_EXPORT_INTERNAL(nts_systimer_set);

static bool disarm_locked(struct nts_systimer *st)
{
	if (!nts_timer_disarm(st->shard, &st->timer))
		return false;
	nts_systimer_disarmed(&st->timer);
	return true;
}

/**
 * nts_systimer_cancel() - disarm
 * @st: the timer
 *
 * Context: as nts_systimer_set().
 * Return: true if the timer was armed and not deleted.
 */
bool nts_systimer_cancel(struct nts_systimer *st)
{
	bool was_armed = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&st->shard->lock, flags);
	if (!has_traits(st, NTS_TIMER_DISABLED))
		was_armed = disarm_locked(st);
	trace_nts_timer_cancel(&st->timer, was_armed);
	raw_spin_unlock_irqrestore(&st->shard->lock, flags);
	return was_armed;
}
NTS_EXPORT_INTERNAL(nts_systimer_cancel);

/*
 * Disable and, if asked, disarm. Without that, an armed timer's last expiry
 * must queue the DPC, which ends it. Returns whether it was disarmed.
 */
static bool disable_locked(struct nts_systimer *st, bool cancel,
			   const struct nts_systimer_end *end)
{
	WRITE_ONCE(st->timer.traits, st->timer.traits | NTS_TIMER_DISABLED);
	st->end = *end;
	if (cancel)
		return disarm_locked(st);
	st->timer.dpc = &st->dpc;
	return false;
}

/**
 * nts_systimer_delete() - disable a timer and free it as soon as possible
 * @st: the timer; the caller's no longer, but for calls of it that run
 * @cancel: disarm it; else it may expire once more
 * @wait: return when it has been freed and @end.fn has returned
 * @end: what its end sets off; copied; @done is ignored
 *
 * Only the first delete of a timer does anything.
 *
 * Context: IRQL <= DISPATCH_LEVEL, never sleeps; with @wait process context
 * that may sleep, and @cancel. Takes the shard lock. @end.fn may be called.
 * Return: true if the timer was armed and this call has disarmed it.
 */
bool nts_systimer_delete(struct nts_systimer *st, bool cancel, bool wait,
			 const struct nts_systimer_end *end)
{
	DECLARE_COMPLETION_ONSTACK(done);
	struct nts_systimer_end first = *end;
	struct nts_shard *shard = st->shard;
	bool over = false, was_armed = false, mine;
	unsigned long flags;

	first.done = wait ? &done : NULL;
	raw_spin_lock_irqsave(&shard->lock, flags);
	mine = !has_traits(st, NTS_TIMER_DISABLED);
	if (mine) {
		was_armed = disable_locked(st, cancel, &first);
		over = is_over(st);
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	if (over)
		finish(st);
	if (mine && wait)
		wait_for_completion(&done);
	return was_armed;
}
NTS_EXPORT_INTERNAL(nts_systimer_delete);

/**
 * nts_systimer_look() - what a processor that is awake does for a no-wake timer
 * @st: the timer
 * @now: the time
 *
 * For a test's own shard; the others look by themselves.
 *
 * Context: as nts_systimer_set().
 */
void nts_systimer_look(struct nts_systimer *st, const struct nts_now *now)
{
	nts_timer_look(st->shard, &st->timer, now);
}
NTS_EXPORT_INTERNAL(nts_systimer_look);

static bool belongs_to(const struct nts_systimer *st, const struct module *mod)
{
	return !mod || within_module((unsigned long)st->callback, mod) ||
	       within_module((unsigned long)st->end.fn, mod) ||
	       within_module(st->owner, mod);
}

static unsigned long culprit_of(const struct nts_systimer *st)
{
	return st->callback ? (unsigned long)st->callback : st->owner;
}

/**
 * nts_systimer_hold() - keep a timer from ending
 * @st: timer that has not been freed
 *
 * Context: any IRQL, any Linux context but NMI. Takes the shard lock.
 * Return: true: nts_systimer_release() it; false: it has been deleted and only
 * waits for calls that are on their way.
 */
bool nts_systimer_hold(struct nts_systimer *st)
{
	unsigned long flags;
	bool lingers;

	raw_spin_lock_irqsave(&st->shard->lock, flags);
	lingers = st->timer.header.inserted ||
		  !has_traits(st, NTS_TIMER_DISABLED);
	if (lingers)
		st->users++;
	raw_spin_unlock_irqrestore(&st->shard->lock, flags);
	return lingers;
}
NTS_EXPORT_INTERNAL(nts_systimer_hold);

static struct nts_systimer *find_leftover(const struct module *mod)
{
	struct nts_systimer *st, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&list_lock, flags);
	list_for_each_entry(st, &all_timers, link) {
		if (belongs_to(st, mod) && nts_systimer_hold(st)) {
			found = st;
			break;
		}
	}
	raw_spin_unlock_irqrestore(&list_lock, flags);
	return found;
}

/*
 * False: since it was found somebody has deleted and disarmed it, maybe waits,
 * and its end is as that call wants it.
 */
static bool take_locked(struct nts_systimer *st,
			struct nts_systimer_leftover *found)
{
	const struct nts_systimer_end end = { .caller = culprit_of(st) };
	bool deleted = has_traits(st, NTS_TIMER_DISABLED);

	if (deleted && !st->timer.header.inserted)
		return false;
	found->timer = st;
	found->culprit = end.caller;
	found->deleted = deleted;
	disable_locked(st, true, &end);
	return true;
}

/**
 * nts_systimer_take_leftover() - end one timer that a driver forgot
 * @mod: timers with callback, delete callback or allocation in this module;
 *	NULL: every timer
 * @found: filled in: what was ended
 *
 * Disarms and disables it. Its delete callback is not called: the driver has
 * cleaned up already. Call until it returns false, and report each; then flush
 * the DPCs, of which one may still end a timer.
 *
 * Context: process.
 * Return: true if there was one.
 */
bool nts_systimer_take_leftover(const struct module *mod,
				struct nts_systimer_leftover *found)
{
	struct nts_systimer *st;
	unsigned long flags;
	bool taken;

	while ((st = find_leftover(mod))) {
		raw_spin_lock_irqsave(&st->shard->lock, flags);
		taken = take_locked(st, found);
		raw_spin_unlock_irqrestore(&st->shard->lock, flags);
		nts_systimer_release(st);
		if (taken)
			return true;
	}
	return false;
}
NTS_EXPORT_INTERNAL(nts_systimer_take_leftover);

/**
 * nts_systimer_count() - how many timers there are
 *
 * Context: any.
 * Return: those that have been created and not been freed.
 */
unsigned int nts_systimer_count(void)
{
	return READ_ONCE(nr_timers);
}
NTS_EXPORT_INTERNAL(nts_systimer_count);

static int count_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%u\n", nts_systimer_count());
}

static const struct kernel_param_ops count_ops = {
	.get = count_get,
};
module_param_cb(ex_timers, &count_ops, NULL, 0444);
MODULE_PARM_DESC(ex_timers, "Number of EX_TIMERs allocated and not yet freed");

/**
 * nts_systimer_stop() - end what is left and wait for what is on its way
 *
 * Context: module exit, before the engine and the DPCs stop; sleeps.
 */
void nts_systimer_stop(void)
{
	struct nts_systimer_leftover left;

	while (nts_systimer_take_leftover(NULL, &left))
		nts_misuse_at(left.culprit, "ET-017", left.timer,
			      "EX_TIMER left when the library was unloaded");
	/* Every awake_fn() that has begun; then the DPCs that it has queued. */
	synchronize_rcu();
	nts_dpc_flush();
	free_unwaited();
}
