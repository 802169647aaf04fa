/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waiting without a thread: the second front end over wait records. The caller
 * owns one block of memory, starts a wait in it for up to 64 objects, and is
 * called back once when the wait has ended. For ntshim's own modules; drivers
 * have no such routine.
 */
#ifndef NTSHIM_WAIT_ASYNC_H
#define NTSHIM_WAIT_ASYNC_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "timer.h"
#include "wait.h"

struct nts_async_wait;

/**
 * typedef nts_async_fn - told once that a wait has ended
 * @async: the record, the owner's again: it may be freed or started again
 * @status: as nts_async_start() returns it, but not NTS_STATUS_PENDING
 *
 * Context: a DPC of the processor that ended the wait: softirq, DISPATCH_LEVEL,
 * interrupts enabled, no lock held. Must not sleep. nts_dpc_flush() waits for
 * the callbacks of signals that were complete before it.
 */
typedef void (*nts_async_fn)(struct nts_async_wait *async, s32 status);

/**
 * struct nts_async_wait - an asynchronous wait, in memory of its owner
 * @wait: the record
 * @timeout: armed while the wait has a time limit
 * @timeout_shard: the shard of @timeout, that of the first object
 * @done_fn: called when the wait has ended
 * @unfinished: the call that starts the wait and the claimer: the last of the
 *	two ends the wait, so that none is still at work in freed memory
 * @timed: @timeout was armed
 * @start_ns: for the tracepoint: CLOCK_MONOTONIC at the begin; 0: not traced
 * @blocks: one per object
 *
 * Size: struct_size(async, blocks, count). The owner must not touch it between
 * a start that returned NTS_STATUS_PENDING and the callback, or a cancel that
 * returned true; it needs no destroy call. The objects must stay as long.
 */
struct nts_async_wait {
	struct nts_wait wait;
	struct nts_timer timeout;
	struct nts_shard *timeout_shard;
	nts_async_fn done_fn;
	atomic_t unfinished;
	bool timed;
	u64 start_ns;
	struct nts_wait_block blocks[];
};

/**
 * struct nts_async_request - what to wait for
 * @objects: @count objects; not used after the call
 * @timeout_100ns: as for KeWaitForSingleObject(): NULL: no limit; 0: only look;
 *	in units of 100 ns, negative: from now; positive: system time
 * @done_fn: callback
 * @count: 1 to NT_LAYOUT_MAXIMUM_WAIT_OBJECTS
 * @all: all objects at once, each named once; else any
 */
struct nts_async_request {
	struct nts_header *const *objects;
	const s64 *timeout_100ns;
	nts_async_fn done_fn;
	unsigned int count;
	bool all;
};

s32 nts_async_start(struct nts_async_wait *async,
		    const struct nts_async_request *request);
bool nts_async_cancel(struct nts_async_wait *async);

#endif /* NTSHIM_WAIT_ASYNC_H */
