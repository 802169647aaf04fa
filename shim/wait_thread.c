// SPDX-License-Identifier: GPL-2.0
/*
 * The front end of a thread that waits: the only place that sleeps for a
 * caller. What may end the sleep early, time, alerts and signals of the task,
 * is decided here by the thread itself, an alert excepted.
 */

#include "compat.h"

#include <linux/freezer.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "dispatcher.h"
#include "mutant.h"
#include "status.h"
#include "timer.h"
#include "trace.h"
#include "wait.h"

/**
 * struct nts_thread_wait - a blocking wait, on the stack of its thread
 * @wait: the record
 * @timeout: armed while the wait has a time limit
 * @timeout_shard: the shard of @timeout: that of the first object, so that a
 *	timer and the timeout of a wait on it expire in order; a delay is listed
 *	there
 * @task_state: how to sleep
 * @alertable: @wait.owner can be alerted
 * @timed: @timeout was armed
 */
struct nts_thread_wait {
	struct nts_wait wait;
	struct nts_timer timeout;
	struct nts_shard *timeout_shard;
	unsigned int task_state;
	bool alertable;
	bool timed;
};

/*
 * Threads of drivers wait for work for ever as their normal life: their sleep
 * neither counts as load nor as a hung task (W-ALT-09).
 */
static unsigned int idle_flag(void)
{
	return current->flags & PF_KTHREAD ? TASK_NOLOAD : 0;
}

static unsigned int sleep_state(const struct nts_wait_request *request)
{
	if (!request->user_mode)
		return TASK_UNINTERRUPTIBLE | idle_flag();
	if (request->alertable && !request->signals_held)
		return TASK_INTERRUPTIBLE | TASK_FREEZABLE;
	return TASK_KILLABLE | TASK_FREEZABLE | idle_flag();
}

static void arm_timeout(struct nts_thread_wait *tw,
			const struct nts_wait_request *request)
{
	nts_timer_prepare(tw->timeout_shard, &tw->timeout,
			  NTS_TYPE_WAIT_TIMEOUT);
	nts_timer_arm(tw->timeout_shard, &tw->timeout, request->due,
		      (struct nts_repeat){ 0 }, current);
	/* For look_at(), debugfs.c, which may find the wait already. */
	smp_store_release(&tw->wait.timeout, &tw->timeout);
}

/* A delay has no object on whose account it would be listed. */
static void list_delay(struct nts_thread_wait *tw)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&tw->timeout_shard->lock, flags);
	list_add_tail(&tw->wait.blocked, &tw->timeout_shard->waits);
	raw_spin_unlock_irqrestore(&tw->timeout_shard->lock, flags);
}

static void unlist_delay(struct nts_thread_wait *tw)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&tw->timeout_shard->lock, flags);
	list_del(&tw->wait.blocked);
	raw_spin_unlock_irqrestore(&tw->timeout_shard->lock, flags);
}

/* Freeze if that is asked for, and look again which signals there are. */
static void renew_signals(void)
{
	/* A task that runs keeps it. */
	struct sighand_struct *sighand =
		rcu_dereference_protected(current->sighand, true);

	try_to_freeze();
	spin_lock_irq(&sighand->siglock);
	recalc_sigpending();
	spin_unlock_irq(&sighand->siglock);
}

/*
 * Whether somebody has sent a signal that ends the wait. A task that the freezer
 * met awake finds one that nobody has sent, until it has been frozen, and even
 * then if it was thawed before it came to that: the wait goes on (W-ONE-06).
 * At a raised level there is no looking closer.
 */
static bool signal_is_sent(const struct nts_thread_wait *tw)
{
	if (likely(!signal_pending_state(tw->task_state, current)))
		return false;
	if (nts_wait_is_allowed())
		renew_signals();
	return signal_pending_state(tw->task_state, current) &&
	       !freezing(current);
}

/*
 * Reasons of the waiter's own to give up. Returns whether there was one, so
 * that the state has to be read again.
 */
static bool give_up(struct nts_thread_wait *tw)
{
	if (signal_pending_state(tw->task_state, current)) {
		__set_current_state(TASK_RUNNING);
		if (signal_is_sent(tw))
			nts_wait_settle(&tw->wait, NTS_WAIT_USER_APC);
		return true;
	}
	/* Cleared under the shard lock before the wake-up. */
	if (tw->timed && !READ_ONCE(tw->timeout.header.inserted)) {
		__set_current_state(TASK_RUNNING);
		/* Losing to a timer, or to any signaller, means success. */
		nts_wait_expire_timers(&tw->wait);
		nts_wait_settle(&tw->wait, NTS_WAIT_TIMEOUT);
		return true;
	}
	return false;
}

/*
 * Sleep until the state is final. Wake-ups that are not ours change nothing
 * (W-ONE-06). Once claimed only the signaller's release counts, and that is on
 * its way.
 */
static void sleep_until_final(struct nts_thread_wait *tw)
{
	unsigned int task_state = tw->task_state;
	enum nts_wait_state state;

	for (;;) {
		set_current_state(task_state);
		/* Pairs with the release in wake_thread(), wake.c. */
		state = atomic_read_acquire(&tw->wait.state);
		if (state == NTS_WAIT_PENDING) {
			if (give_up(tw))
				continue;
		} else if (state == NTS_WAIT_CLAIMED) {
			if (task_state != TASK_UNINTERRUPTIBLE) {
				task_state = TASK_UNINTERRUPTIBLE;
				continue;
			}
		} else {
			break;
		}
		schedule();
	}
	__set_current_state(TASK_RUNNING);
}

static s32 status_of(const struct nts_wait *wait)
{
	switch ((enum nts_wait_state)atomic_read(&wait->state)) {
	case NTS_WAIT_RELEASED:
		return wait->status;
	case NTS_WAIT_USER_APC:
		return NTS_STATUS_USER_APC;
	case NTS_WAIT_ALERTED:
		return NTS_STATUS_ALERTED;
	default:
		return NTS_STATUS_TIMEOUT;
	}
}

static void begin_wait(struct nts_thread_wait *tw,
		       const struct nts_wait_request *request)
{
	bool look_only = request->due.kind == NTS_DUE_PAST;
	struct nts_wait *wait = &tw->wait;

	nts_wait_init(wait, request->blocks, request->objects, request->count,
		      request->all);
	if (unlikely(request->duplicates))
		nts_wait_merge_duplicates(wait);
	wait->task = current;
	wait->owner = request->owner;
	wait->user_mode = request->user_mode;
	wait->at_dispatch = request->owner && look_only &&
			    !nts_wait_is_allowed();
	tw->task_state = sleep_state(request);
	tw->alertable = request->alertable && request->owner;
	nts_wait_try(wait, NTS_WAIT_PENDING, look_only);
}

/*
 * End the wait for a pending alert of one mode. An alert is consumed together
 * with the wait that it ends, or not at all (W-RAC-02).
 */
static bool settle_by_alert(struct nts_wait *wait, bool user_mode)
{
	bool *alerted = &wait->owner->alerted[user_mode];

	lockdep_assert_held(&wait->owner->lock);
	if (!*alerted || !nts_wait_settle(wait, NTS_WAIT_ALERTED))
		return false;
	*alerted = false;
	return true;
}

static bool try_alert(struct nts_wait *wait, bool user_mode)
{
	unsigned long flags;
	bool settled;

	raw_spin_lock_irqsave(&wait->owner->lock, flags);
	settled = settle_by_alert(wait, user_mode);
	raw_spin_unlock_irqrestore(&wait->owner->lock, flags);
	return settled;
}

/* What was pending before the wait began, in the order of W-ALT-06. */
static void try_interruptions(struct nts_thread_wait *tw)
{
	struct nts_wait *wait = &tw->wait;

	if (tw->alertable && try_alert(wait, wait->user_mode))
		return;
	if (signal_is_sent(tw))
		nts_wait_settle(wait, NTS_WAIT_USER_APC);
	else if (tw->alertable && wait->user_mode)
		try_alert(wait, false);
}

/* From here on an alert ends the wait, unless one has come just now. */
static void let_alerts_in(struct nts_wait *wait)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&wait->owner->lock, flags);
	if (!settle_by_alert(wait, wait->user_mode) &&
	    !settle_by_alert(wait, false))
		wait->owner->wait = wait;
	raw_spin_unlock_irqrestore(&wait->owner->lock, flags);
}

/* When this returns, no alert is at work in the record. */
static void keep_alerts_out(struct nts_wait *wait)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&wait->owner->lock, flags);
	wait->owner->wait = NULL;
	raw_spin_unlock_irqrestore(&wait->owner->lock, flags);
}

/*
 * As a signaller does: the objects are the alerter's to free when it returns.
 * Preemption is off, which keeps the task.
 */
static void end_alerted(struct nts_wait *wait)
{
	struct task_struct *task = wait->task;

	nts_wait_unlink_blocks(wait);
	/* Pairs with the acquire in sleep_until_final(). */
	atomic_set_release(&wait->state, NTS_WAIT_ALERTED);
	wake_up_process(task);
}

/**
 * nts_wait_alert() - alert a thread
 * @owner: its part for alerts, kept alive by the caller
 * @user_mode: the alert's mode; a UserMode alert cannot end a KernelMode wait
 *
 * Ends an alertable wait at once; else the next one will consume the alert.
 *
 * Context: any but NMI.
 * Return: whether an alert of that mode was pending before.
 * Source: W-ALT-05.
 * Test: ntshim_wait_alert:alert_ends_an_alertable_wait
 */
bool nts_wait_alert(struct nts_owner *owner, bool user_mode)
{
	struct nts_wait *wait;
	unsigned long flags;
	bool before, won;

	/* A waiter that finds itself claimed sleeps until this lets go of it. */
	preempt_disable();
	raw_spin_lock_irqsave(&owner->lock, flags);
	before = owner->alerted[user_mode];
	wait = owner->wait;
	won = wait && user_mode <= wait->user_mode &&
	      nts_wait_settle(wait, NTS_WAIT_CLAIMED);
	if (!won)
		owner->alerted[user_mode] = true;
	raw_spin_unlock_irqrestore(&owner->lock, flags);
	if (won)
		end_alerted(wait);
	preempt_enable();
	return before;
}

/* The state is final: leave no trace in any object. */
static s32 end_wait(struct nts_thread_wait *tw)
{
	nts_wait_unlink_blocks(&tw->wait);
	return status_of(&tw->wait);
}

/* Linked everywhere and not satisfied yet, unless that has just happened. */
static s32 block(struct nts_thread_wait *tw,
		 const struct nts_wait_request *request)
{
	tw->timed = request->due.kind != NTS_DUE_NEVER;
	tw->timeout_shard = nts_shard_of(request->count ?
						 (void *)request->objects[0] :
						 (void *)tw);
	if (!request->count)
		list_delay(tw);
	if (tw->timed)
		arm_timeout(tw, request);
	if (tw->alertable)
		let_alerts_in(&tw->wait);
	sleep_until_final(tw);
	if (tw->alertable)
		keep_alerts_out(&tw->wait);
	/* Also waits for an expiry that is about to wake us. */
	if (tw->timed)
		nts_timer_cancel(tw->timeout_shard, &tw->timeout);
	if (!request->count)
		unlist_delay(tw);
	return end_wait(tw);
}

/**
 * nts_wait_thread() - wait in the calling thread
 * @request: for what and how long
 *
 * Objects that are signaled at the call win over a pending alert or signal of
 * the task, and those over a time limit that has passed (W-ONE-01).
 *
 * Context: process, nts_wait_is_allowed(); with NTS_DUE_PAST any context but
 * NMI. Takes shard locks, for a wait-all nts_all_lock too.
 * Return: NTS_STATUS_SUCCESS plus the index for a wait-any, NTS_STATUS_SUCCESS
 * for a wait-all, either with NTS_STATUS_ABANDONED if a mutant was abandoned;
 * NTS_STATUS_TIMEOUT, NTS_STATUS_ALERTED, NTS_STATUS_USER_APC;
 * NTS_STATUS_MUTANT_LIMIT_EXCEEDED: nothing was changed.
 */
s32 nts_wait_thread(const struct nts_wait_request *request)
{
	const struct nts_header *first = request->count ? request->objects[0] :
							  NULL;
	u64 start_ns = nts_wait_is_traced() ? ktime_get_ns() : 0;
	struct nts_thread_wait tw __uninitialized;
	s32 status;

	trace_nts_wait_begin(first, first ? first->type : -1, request->count,
			     request->all);
	begin_wait(&tw, request);
	/* The task below a DPC that looks has nothing to do with it. */
	if (atomic_read(&tw.wait.state) != NTS_WAIT_RELEASED && in_task())
		try_interruptions(&tw);
	if (request->due.kind == NTS_DUE_PAST ||
	    /* Pairs with the release in wake_thread(), wake.c. */
	    atomic_read_acquire(&tw.wait.state) == NTS_WAIT_RELEASED)
		status = end_wait(&tw);
	else
		status = block(&tw, request);
	trace_nts_wait_end(first, status,
			   start_ns ? ktime_get_ns() - start_ns : 0);
	return status;
}
NTS_EXPORT_INTERNAL(nts_wait_thread);

/**
 * nts_wait_plain() - wait for one object, and for nothing else
 * @object: valid object, no mutant and no thread
 *
 * What most threads do most of the time: neither time nor an alert nor a signal
 * of the task ends the wait, so there is only the object to look at.
 *
 * Context: process, nts_wait_is_allowed(). Takes the shard lock.
 * Return: NTS_STATUS_SUCCESS.
 */
s32 nts_wait_plain(struct nts_header *object)
{
	unsigned int task_state = TASK_UNINTERRUPTIBLE | idle_flag();
	struct nts_wait_block block __uninitialized;
	struct nts_wait wait __uninitialized;

	trace_nts_wait_begin(object, object->type, 1, false);
	nts_wait_init(&wait, &block, &object, 1, false);
	wait.task = current;
	nts_wait_try_block(&block, NTS_WAIT_PENDING, false);
	for (;;) {
		set_current_state(task_state);
		/* Pairs with the release in wake_thread(), wake.c. */
		if (atomic_read_acquire(&wait.state) == NTS_WAIT_RELEASED)
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	trace_nts_wait_end(object, wait.status, 0);
	return wait.status;
}
NTS_EXPORT_INTERNAL(nts_wait_plain);
