// SPDX-License-Identifier: GPL-2.0
/*
 * Wait records, and the front end of a thread that sleeps: the only place that
 * sleeps for a caller. It knows what satisfies a wait only through the
 * dispatcher.
 */

#include "compat.h"

#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>

#include "dispatcher.h"
#include "status.h"
#include "timer.h"
#include "trace.h"
#include "wait.h"

/**
 * struct nts_thread_wait - a blocking wait, on the stack of its thread
 * @wait: the record
 * @timeout: armed while the wait has a time limit
 * @timeout_shard: the shard of @timeout: that of the first object, so that a
 *	timer and the timeout of a wait on it expire in order
 * @task_state: how to sleep
 * @timed: @timeout was armed
 */
struct nts_thread_wait {
	struct nts_wait wait;
	struct nts_timer timeout;
	struct nts_shard *timeout_shard;
	unsigned int task_state;
	bool timed;
};

/**
 * nts_wait_is_allowed() - whether the caller may sleep
 *
 * Context: any.
 * Return: true in process context below DISPATCH_LEVEL with nothing disabled.
 */
bool nts_wait_is_allowed(void)
{
	return !preempt_count() && !in_interrupt() && !irqs_disabled();
}

/*
 * Threads of drivers wait for work for ever as their normal life: idle sleep
 * neither counts as load nor as a hung task (W-ALT-09).
 */
static unsigned int sleep_state(const struct nts_wait_request *request)
{
	if (request->user_mode)
		return request->alertable ? TASK_INTERRUPTIBLE : TASK_KILLABLE;
	return current->flags & PF_KTHREAD ? TASK_IDLE : TASK_UNINTERRUPTIBLE;
}

/**
 * nts_wait_init() - make memory a wait that has not begun
 * @wait: memory of any content
 * @blocks: @count blocks of any content
 * @objects: @count valid objects; not used after return
 * @count: 0 to NT_LAYOUT_MAXIMUM_WAIT_OBJECTS
 * @all: all objects at once; else any
 *
 * Context: any.
 */
void nts_wait_init(struct nts_wait *wait, struct nts_wait_block *blocks,
		   struct nts_header *const *objects, unsigned int count,
		   bool all)
{
	struct nts_wait_block *block;
	unsigned int i;

	atomic_set(&wait->state, NTS_WAIT_PENDING);
	wait->status = NTS_STATUS_SUCCESS;
	wait->next = NULL;
	wait->task = NULL;
	wait->complete_fn = NULL;
	wait->blocks = blocks;
	wait->count = count;
	wait->all = all;
	for (i = 0; i < count; i++) {
		block = &blocks[i];
		block->wait = wait;
		block->object = objects[i];
		block->index = i;
		block->linked = false;
	}
}

static bool move_state(struct nts_wait *wait, enum nts_wait_state from,
		       enum nts_wait_state to)
{
	return atomic_cmpxchg(&wait->state, from, to) == from;
}

static bool move_from_pending(struct nts_wait *wait, enum nts_wait_state to)
{
	return move_state(wait, NTS_WAIT_PENDING, to);
}

/**
 * nts_wait_take() - satisfy a wait that has not begun, if that is possible
 * @object: valid object
 *
 * The whole of a wait for one object that is signaled already: no record, no
 * clock.
 *
 * Context: any but NMI. Takes the shard lock.
 * Return: true if @object was signaled; one wait's side effect was applied.
 */
bool nts_wait_take(struct nts_header *object)
{
	struct nts_shard *shard = nts_shard_of(object);
	unsigned long flags;
	bool signaled;

	raw_spin_lock_irqsave(&shard->lock, flags);
	signaled = object->signal_state > 0;
	if (signaled)
		nts_header_consume(object);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return signaled;
}

/*
 * One object of a wait-any, under its lock: take it if it is signaled, else
 * link unless the caller only looks. A lower index that was signaled first may
 * have claimed the wait already. Returns whether the pass is over.
 */
static bool take_or_link(struct nts_wait_block *block, enum nts_wait_state from,
			 bool look_only)
{
	struct nts_shard *shard = nts_shard_of(block->object);
	struct nts_wait *wait = block->wait;
	unsigned long flags;
	bool over = false;

	raw_spin_lock_irqsave(&shard->lock, flags);
	if (block->object->signal_state > 0) {
		over = true;
		if (move_state(wait, from, NTS_WAIT_RELEASED)) {
			wait->status = block->index;
			nts_header_consume(block->object);
		}
	} else if (!look_only) {
		nts_wait_link(block);
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return over;
}

static void try_any(struct nts_wait *wait, enum nts_wait_state from,
		    bool look_only)
{
	unsigned int i;

	for (i = 0; i < wait->count; i++)
		if (take_or_link(&wait->blocks[i], from, look_only))
			return;
}

/* A wait-all takes everything, or links everywhere, in one step (W-MUL-06). */
static void try_all(struct nts_wait *wait, bool look_only)
{
	unsigned long flags;
	bool ready = true;
	unsigned int i;
	u64 locked;

	raw_spin_lock_irqsave(&nts_all_lock, flags);
	locked = nts_lock_shards_of(wait, 0);
	for (i = 0; i < wait->count; i++)
		ready = ready && wait->blocks[i].object->signal_state > 0;
	for (i = 0; i < wait->count; i++) {
		if (ready)
			nts_header_consume(wait->blocks[i].object);
		else if (!look_only)
			nts_wait_link(&wait->blocks[i]);
	}
	if (ready) {
		wait->status = NTS_STATUS_SUCCESS;
		atomic_set(&wait->state, NTS_WAIT_RELEASED);
	}
	nts_unlock_shards(locked);
	raw_spin_unlock_irqrestore(&nts_all_lock, flags);
}

/**
 * nts_wait_try() - satisfy a wait from objects that are signaled, or link it
 * @wait: initialised record
 * @from: its state: PENDING, and no block is linked; or CLAIMED by the caller,
 *	with @look_only
 * @look_only: do not link
 *
 * On return the state is RELEASED and nts_wait.status set, or it is unchanged,
 * or, if blocks were linked, it may be CLAIMED by a signaller.
 *
 * Context: any but NMI. Takes shard locks, for a wait-all nts_all_lock too.
 */
void nts_wait_try(struct nts_wait *wait, enum nts_wait_state from,
		  bool look_only)
{
	if (wait->all)
		try_all(wait, look_only);
	else
		try_any(wait, from, look_only);
}

static void unlink_any(struct nts_wait_block *block)
{
	struct nts_shard *shard = nts_shard_of(block->object);
	unsigned long flags;

	raw_spin_lock_irqsave(&shard->lock, flags);
	nts_wait_unlink(block);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
}

static void unlink_all(struct nts_wait_block *block)
{
	struct nts_shard *shard = nts_shard_of(block->object);
	unsigned long flags;

	raw_spin_lock_irqsave(&nts_all_lock, flags);
	raw_spin_lock_nest_lock(&shard->lock, &nts_all_lock);
	nts_wait_unlink(block);
	raw_spin_unlock(&shard->lock);
	raw_spin_unlock_irqrestore(&nts_all_lock, flags);
}

/**
 * nts_wait_unlink_blocks() - unlink what the claimer has not
 * @wait: record whose state has left PENDING for good, so that nobody else
 *	changes its blocks any more
 *
 * Context: any but NMI. Takes shard locks, for a wait-all nts_all_lock too.
 */
void nts_wait_unlink_blocks(struct nts_wait *wait)
{
	unsigned int i;

	for (i = 0; i < wait->count; i++) {
		if (!wait->blocks[i].linked)
			continue;
		if (wait->all)
			unlink_all(&wait->blocks[i]);
		else
			unlink_any(&wait->blocks[i]);
	}
}

static void arm_timeout(struct nts_thread_wait *tw,
			const struct nts_wait_request *request)
{
	tw->timeout_shard = nts_shard_of(request->count ?
						 (void *)request->objects[0] :
						 (void *)tw);
	nts_timer_prepare(tw->timeout_shard, &tw->timeout,
			  NTS_TYPE_WAIT_TIMEOUT);
	nts_timer_arm(tw->timeout_shard, &tw->timeout, request->due,
		      (struct nts_repeat){ 0 }, current);
}

/**
 * nts_wait_expire_timers() - let what is due among a wait's objects expire
 * @wait: record whose time limit has passed
 *
 * A timer that was due by then comes first, whichever event is handled first
 * (W-TMO-07).
 *
 * Context: IRQL <= DISPATCH_LEVEL. Takes shard locks.
 */
void nts_wait_expire_timers(const struct nts_wait *wait)
{
	struct nts_header *object;
	unsigned int i;

	for (i = 0; i < wait->count; i++) {
		object = wait->blocks[i].object;
		if (nts_timer_is_header(object))
			nts_timer_expire_if_due(nts_shard_of(object),
						container_of(object,
							     struct nts_timer,
							     header));
	}
}

/*
 * Reasons of the waiter's own to give up. Returns whether there was one, so
 * that the state has to be read again.
 */
static bool give_up(struct nts_thread_wait *tw)
{
	if (signal_pending_state(tw->task_state, current)) {
		__set_current_state(TASK_RUNNING);
		move_from_pending(&tw->wait, NTS_WAIT_USER_APC);
		return true;
	}
	/* Cleared under the shard lock before the wake-up. */
	if (tw->timed && !READ_ONCE(tw->timeout.header.inserted)) {
		__set_current_state(TASK_RUNNING);
		/* Losing to a timer, or to any signaller, means success. */
		nts_wait_expire_timers(&tw->wait);
		move_from_pending(&tw->wait, NTS_WAIT_TIMEOUT);
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
	nts_wait_init(&tw->wait, request->blocks, request->objects,
		      request->count, request->all);
	tw->wait.task = current;
	tw->task_state = sleep_state(request);
	nts_wait_try(&tw->wait, NTS_WAIT_PENDING,
		     request->due.kind == NTS_DUE_PAST);
}

/* Nothing was signaled and nothing is linked: why does the caller return? */
static s32 status_of_look(const struct nts_thread_wait *tw)
{
	if (signal_pending_state(tw->task_state, current))
		return NTS_STATUS_USER_APC;
	return NTS_STATUS_TIMEOUT;
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
	if (tw->timed)
		arm_timeout(tw, request);
	sleep_until_final(tw);
	/* Also waits for an expiry that is about to wake us. */
	if (tw->timed)
		nts_timer_cancel(tw->timeout_shard, &tw->timeout);
	return end_wait(tw);
}

/**
 * nts_wait_thread() - wait in the calling thread
 * @request: for what and how long
 *
 * Objects that are signaled at the call win over a pending signal of the task,
 * and that over a time limit that has passed (W-ONE-01).
 *
 * Context: process, nts_wait_is_allowed(); with NTS_DUE_PAST any context but
 * NMI. Takes shard locks, for a wait-all nts_all_lock too.
 * Return: NTS_STATUS_SUCCESS plus the index for a wait-any, NTS_STATUS_SUCCESS
 * for a wait-all, NTS_STATUS_TIMEOUT or NTS_STATUS_USER_APC.
 */
s32 nts_wait_thread(const struct nts_wait_request *request)
{
	const void *first = request->count ? request->objects[0] : NULL;
	struct nts_thread_wait tw;
	s32 status;

	trace_nts_wait_begin(first, request->count, request->all);
	begin_wait(&tw, request);
	if (atomic_read(&tw.wait.state) == NTS_WAIT_RELEASED)
		status = end_wait(&tw);
	else if (request->due.kind == NTS_DUE_PAST)
		status = status_of_look(&tw);
	else
		status = block(&tw, request);
	trace_nts_wait_end(first, status);
	return status;
}
