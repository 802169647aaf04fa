/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One queue of DPCs: who is in it, in which order, and how far a flush has
 * come. Told the time and where the caller runs; it knows neither processors
 * nor tasklets nor threads, so a test can drive a queue of its own.
 */
#ifndef NTSHIM_DPC_QUEUE_H
#define NTSHIM_DPC_QUEUE_H

#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "dpc.h"

struct task_struct;

/**
 * struct nts_dpcq - DPCs waiting for one processor
 * @lock: protects all that follows; innermost of our locks, interrupts off
 * @list: nts_dpc.link of DPCs and of flush markers, next to run first
 * @marker_end: link of the last marker in @list, or @list itself: the place
 *	behind which a high importance DPC goes
 * @depth: number of DPCs in @list, markers not counted
 * @cpu: processor it belongs to
 * @threaded: served by a thread at PASSIVE_LEVEL
 * @online: may be targeted by other processors
 * @draining: somebody takes DPCs off it and will look again
 * @running: a routine has been taken off and may not have returned yet
 * @deadline_set: a deferred DPC's deadline is running
 * @tick_end_ns: end of the clock tick that @tick_inserts counts
 * @tick_inserts: insertions in this tick
 * @last_inserts: insertions in the tick before
 * @marker: the place in a queue up to which a flush waits; queued in @list, or
 *	in another processor's queue after this one went offline
 * @flush_marker: newest flush that @marker serves
 * @flush_wanted: newest flush that asked
 * @flush_done: newest flush that has been served; read without @lock
 * @runner: task on which a routine runs now; written by that task alone
 */
struct nts_dpcq {
	raw_spinlock_t lock;
	struct list_head list;
	struct list_head *marker_end;
	unsigned int depth;
	unsigned int cpu;
	bool threaded;
	bool online;
	bool draining;
	bool running;
	bool deadline_set;
	u64 tick_end_ns;
	unsigned int tick_inserts;
	unsigned int last_inserts;
	struct nts_dpc marker;
	u64 flush_marker;
	u64 flush_wanted;
	u64 flush_done;
	struct task_struct *runner;
};

/**
 * enum nts_dpc_verdict - what an insertion asks of its caller
 * @NTS_DPC_GONE: the queue's processor is gone, nothing changed: take another
 * @NTS_DPC_REFUSED: already queued, nothing changed
 * @NTS_DPC_QUEUED: nothing: a drain or a deadline is under way
 * @NTS_DPC_DEFERRED: start the deadline of the queue
 * @NTS_DPC_DRAIN: have the queue drained now
 */
enum nts_dpc_verdict {
	NTS_DPC_GONE,
	NTS_DPC_REFUSED,
	NTS_DPC_QUEUED,
	NTS_DPC_DEFERRED,
	NTS_DPC_DRAIN,
};

/**
 * struct nts_dpc_origin - circumstances of an insertion
 * @now_ns: a monotonic clock's time, good enough to count insertions per tick
 * @remote: made on another processor than the queue's
 */
struct nts_dpc_origin {
	u64 now_ns;
	bool remote;
};

/**
 * struct nts_dpc_limits - when a deferrable DPC is not deferred
 * @depth: queue depth that starts a drain
 * @min_rate: insertions per tick below which a local drain starts at once
 * @tick_ns: length of the clock tick
 * @eager: never defer
 */
struct nts_dpc_limits {
	unsigned int depth;
	unsigned int min_rate;
	u64 tick_ns;
	bool eager;
};

/**
 * enum nts_dpc_taken - what came off a queue
 * @NTS_DPC_TOOK_NONE: it was empty
 * @NTS_DPC_TOOK_CALL: a routine to call
 * @NTS_DPC_TOOK_MARKER: a marker, already accounted for: wake flushes
 */
enum nts_dpc_taken {
	NTS_DPC_TOOK_NONE,
	NTS_DPC_TOOK_CALL,
	NTS_DPC_TOOK_MARKER,
};

/**
 * struct nts_dpc_call - a KDPC's content, copied when it was dequeued
 * @dpc: address to hand to the routine; not ours to read any more
 * @routine: may be NULL, see DP-004
 * @context: DeferredContext
 * @arg1: SystemArgument1
 * @arg2: SystemArgument2
 * @internal: it is of that type
 */
struct nts_dpc_call {
	struct nts_dpc *dpc;
	nts_dpc_fn routine;
	void *context;
	void *arg1;
	void *arg2;
	bool internal;
};

void nts_dpcq_start(void);
void nts_dpcq_init(struct nts_dpcq *queue, unsigned int cpu, bool threaded);
enum nts_dpc_verdict nts_dpcq_insert(struct nts_dpcq *queue,
				     struct nts_dpc *dpc, void *arg1,
				     void *arg2,
				     const struct nts_dpc_origin *origin,
				     const struct nts_dpc_limits *limits);
enum nts_dpc_taken nts_dpcq_take(struct nts_dpcq *queue,
				 struct nts_dpc_call *call);
void nts_dpcq_unlink(struct nts_dpcq *queue, struct nts_dpc *dpc);
void nts_dpcq_pause(struct nts_dpcq *queue);
void nts_dpcq_flush_request(struct nts_dpcq *queue, u64 flush);
bool nts_dpcq_flush_reached(struct nts_dpcq *queue, u64 flush);
void nts_dpcq_splice(struct nts_dpcq *dead, struct nts_dpcq *heir);

/* In dpc.c, which has the processors' queues. */
struct nts_dpcq *nts_dpcq_of(unsigned int cpu, bool threaded);

#endif /* NTSHIM_DPC_QUEUE_H */
