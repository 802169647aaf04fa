// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting without a thread. A record that a signaller or its own timeout has
 * claimed comes back as a DPC, see wake.c, and is ended here: nothing refers to
 * it any more when its owner is called.
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/ktime.h>

#include "clock.h"
#include "dispatcher.h"
#include "status.h"
#include "trace.h"
#include "wait_async.h"

/* A mutant needs a thread to own it. */
static bool is_valid(const struct nts_async_request *request)
{
	unsigned int i;

	if (!request->count || request->count > NT_LAYOUT_MAXIMUM_WAIT_OBJECTS)
		return false;
	for (i = 0; i < request->count; i++)
		if (!nts_header_is_waitable(request->objects[i]) ||
		    request->objects[i]->type == NT_LAYOUT_TYPE_MUTANT)
			return false;
	return !request->all ||
	       !nts_wait_has_duplicates(request->objects, request->count);
}

static struct nts_due due_of(const s64 *timeout_100ns)
{
	struct nts_now now;

	if (!timeout_100ns)
		return (struct nts_due){ .kind = NTS_DUE_NEVER };
	now = nts_clock_read();
	return nts_due_of_limit(READ_ONCE(*timeout_100ns), &now);
}

static void arm_timeout(struct nts_async_wait *async, struct nts_due due)
{
	async->timed = due.kind != NTS_DUE_NEVER;
	if (!async->timed)
		return;
	async->timeout_shard = nts_shard_of(async->blocks[0].object);
	nts_timer_prepare(async->timeout_shard, &async->timeout,
			  NTS_TYPE_ASYNC_TIMEOUT);
	nts_timer_arm(async->timeout_shard, &async->timeout, due,
		      (struct nts_repeat){ 0 }, &async->wait);
	/* For look_at(), debugfs.c, which may find the wait already. */
	smp_store_release(&async->wait.timeout, &async->timeout);
}

static void trace_end(const struct nts_async_wait *async, s32 status)
{
	u64 took_ns = async->start_ns ? ktime_get_ns() - async->start_ns : 0;

	trace_nts_wait_end(async->blocks[0].object, status, took_ns);
}

/*
 * The state is final: leave no trace in any object or queue. A wait that its
 * timeout has claimed looks once more, like a thread that a timeout has woken:
 * a timer that was due first wins (W-TMO-07).
 */
static s32 end_wait(struct nts_async_wait *async)
{
	struct nts_wait *wait = &async->wait;

	if (async->timed)
		nts_timer_cancel(async->timeout_shard, &async->timeout);
	if (wait->status == NTS_STATUS_TIMEOUT) {
		nts_wait_expire_timers(wait);
		nts_wait_try(wait, NTS_WAIT_CLAIMED, true);
	}
	nts_wait_unlink_blocks(wait);
	trace_end(async, wait->status);
	return wait->status;
}

/* The claimer's half, in a DPC. */
static void complete_fn(struct nts_wait *wait)
{
	struct nts_async_wait *async =
		container_of(wait, struct nts_async_wait, wait);

	if (!atomic_dec_and_test(&async->unfinished))
		return;
	async->done_fn(async, end_wait(async));
}

/**
 * nts_async_start() - wait without a thread
 * @async: memory of any content, big enough for @request's number of objects
 * @request: for what, how long and whom to tell
 *
 * Context: IRQL <= DISPATCH_LEVEL; any but hard interrupts and NMI. Takes shard
 * locks, for a wait-all nts_all_lock too. Never allocates.
 * Return: NTS_STATUS_PENDING: the callback is called once, possibly before this
 * returns, unless the wait is cancelled. Everything else ends the wait without
 * a callback: NTS_STATUS_SUCCESS, for a wait-any plus the index;
 * NTS_STATUS_TIMEOUT; NTS_STATUS_INVALID_PARAMETER for a bad count, an object
 * that is not initialised, a mutant, which only a thread can own, or an object
 * that a wait-all names twice.
 * Test: ntshim_wait_async:any_tells_the_index
 */
s32 nts_async_start(struct nts_async_wait *async,
		    const struct nts_async_request *request)
{
	struct nts_wait *wait = &async->wait;
	struct nts_due due;

	if (!is_valid(request))
		return NTS_STATUS_INVALID_PARAMETER;
	due = due_of(request->timeout_100ns);
	nts_wait_init(wait, async->blocks, request->objects, request->count,
		      request->all);
	wait->complete_fn = complete_fn;
	async->done_fn = request->done_fn;
	async->timed = false;
	async->start_ns = nts_wait_is_traced() ? ktime_get_ns() : 0;
	atomic_set(&async->unfinished, 2);
	trace_nts_wait_begin(request->objects[0], request->objects[0]->type,
			     wait->count, wait->all);

	nts_wait_try(wait, NTS_WAIT_PENDING, due.kind == NTS_DUE_PAST);
	if (atomic_read(&wait->state) == NTS_WAIT_RELEASED)
		return end_wait(async);
	if (due.kind == NTS_DUE_PAST)
		return NTS_STATUS_TIMEOUT;
	arm_timeout(async, due);
	/* Claimed meanwhile: the claimer has left the end to us. */
	if (atomic_dec_and_test(&async->unfinished))
		return end_wait(async);
	return NTS_STATUS_PENDING;
}
NTS_EXPORT_INTERNAL(nts_async_start);

/**
 * nts_async_cancel() - end an asynchronous wait without a signal
 * @async: record whose start has returned NTS_STATUS_PENDING; the caller makes
 *	sure that no callback frees it meanwhile
 *
 * Context: IRQL <= DISPATCH_LEVEL; any but hard interrupts and NMI. Takes shard
 * locks.
 * Return: true: the wait was taken back, it has consumed nothing, the callback
 * will not run and nothing refers to the record. False: it has ended otherwise;
 * the callback runs or has run.
 * Test: ntshim_wait_async:cancel_takes_the_wait_back
 */
bool nts_async_cancel(struct nts_async_wait *async)
{
	struct nts_wait *wait = &async->wait;

	if (atomic_cmpxchg(&wait->state, NTS_WAIT_PENDING,
			   NTS_WAIT_CANCELLED) != NTS_WAIT_PENDING)
		return false;
	if (async->timed)
		nts_timer_cancel(async->timeout_shard, &async->timeout);
	nts_wait_unlink_blocks(wait);
	trace_end(async, NTS_STATUS_CANCELLED);
	return true;
}
NTS_EXPORT_INTERNAL(nts_async_cancel);
