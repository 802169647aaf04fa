/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deferred procedure calls: the object that lies in driver memory, and the
 * per-processor queues that run it. Knows no timers, events or waits.
 */
#ifndef NTSHIM_DPC_H
#define NTSHIM_DPC_H

#include <linux/bottom_half.h>
#include <linux/build_bug.h>
#include <linux/irqflags.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"

struct nts_dpc;
struct nts_dpcq;

/* PKDEFERRED_ROUTINE: runs at DISPATCH_LEVEL (threaded: PASSIVE_LEVEL). */
typedef void (*nts_dpc_fn)(struct nts_dpc *dpc, void *context, void *arg1,
			   void *arg2);

/**
 * enum nts_dpc_type - which family of queues a DPC goes to
 * @NTS_DPC_ORDINARY: softirq, DISPATCH_LEVEL
 * @NTS_DPC_THREADED: per-processor real-time thread, PASSIVE_LEVEL
 * @NTS_DPC_INTERNAL: as ordinary; its routine is ours, and puts the frame of
 *	callback.h around what it calls
 * @NTS_DPC_MARKER: a flush's place in a queue, never in driver memory
 *
 * Values far from what zeroed, 0x55 or 0xff filled memory holds.
 */
enum nts_dpc_type {
	NTS_DPC_ORDINARY = 0x13,
	NTS_DPC_THREADED = 0x1a,
	NTS_DPC_INTERNAL = 0x1c,
	NTS_DPC_MARKER = 0x1f,
};

/* KDPC_IMPORTANCE, values of the Windows headers. */
enum nts_dpc_importance {
	NTS_DPC_LOW = 0,
	NTS_DPC_MEDIUM = 1,
	NTS_DPC_HIGH = 2,
	NTS_DPC_MEDIUM_HIGH = 3,
};

/**
 * struct nts_dpc - KDPC: a request to call one routine once
 * @type: enum nts_dpc_type
 * @importance: enum nts_dpc_importance, read at insertion
 * @target: CPU number + 1, or 0: the processor that inserts
 * @cookie: tells "queued" from any other content; see nts_dpc_init()
 * @link: place in the list of @queue; protected by the lock of @queue
 * @routine: what to call, copied before the call
 * @context: DeferredContext, copied before the call
 * @arg1: SystemArgument1 of the insertion that succeeded
 * @arg2: SystemArgument2 of the same
 * @queue: NULL: not queued, else the queue that holds it; claimed by compare
 *	and swap under that queue's lock, cleared under it
 *
 * Lies in driver memory and belongs to the driver again from the moment @queue
 * is cleared, which is before the routine starts: the routine may free it,
 * initialise it again or queue it again, and may then run on two processors at
 * once.
 */
struct nts_dpc {
	u8 type;
	u8 importance;
	u16 target;
	u32 cookie;
	struct list_head link;
	nts_dpc_fn routine;
	void *context;
	void *arg1;
	void *arg2;
	struct nts_dpcq *queue;
};

static_assert(sizeof(struct nts_dpc) == NT_LAYOUT_KDPC_SIZE);
static_assert(__alignof__(struct nts_dpc) <= NT_LAYOUT_ALIGN);

bool nts_dpc_init(struct nts_dpc *dpc, enum nts_dpc_type type,
		  nts_dpc_fn routine, void *context);
bool nts_dpc_queue(struct nts_dpc *dpc, void *arg1, void *arg2);
bool nts_dpc_remove(struct nts_dpc *dpc);
void nts_dpc_flush(void);
bool nts_dpc_executing(void);
bool nts_dpc_use_threads(bool on);

/**
 * nts_dpc_is_valid() - whether memory has been made a DPC
 * @dpc: storage to look at
 *
 * Context: any.
 * Return: false if nts_dpc_init() was never called or its work is overwritten;
 * best effort.
 */
static inline bool nts_dpc_is_valid(const struct nts_dpc *dpc)
{
	return dpc->type == NTS_DPC_ORDINARY || dpc->type == NTS_DPC_THREADED ||
	       dpc->type == NTS_DPC_INTERNAL;
}

/**
 * nts_dpc_enter() - begin a call that may queue DPCs
 *
 * What is queued on this processor before the matching nts_dpc_leave() runs
 * there, not at the next interrupt: DP-031. Outermost, around shard locks.
 *
 * Context: any.
 * Return: what to give to nts_dpc_leave().
 */
static inline bool nts_dpc_enter(void)
{
	if (in_hardirq() || irqs_disabled())
		return false;
	/* There, disabling bottom halves takes a lock that sleeps. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !preemptible())
		return false;
	local_bh_disable();
	return true;
}

/**
 * nts_dpc_leave() - end a call that may have queued DPCs
 * @entered: result of nts_dpc_enter()
 *
 * Below DISPATCH_LEVEL runs the DPCs of this processor before it returns; on
 * PREEMPT_RT possibly soon after.
 *
 * Context: that of nts_dpc_enter(), no lock of ours held.
 */
static inline void nts_dpc_leave(bool entered)
{
	if (entered)
		local_bh_enable();
}

int nts_dpc_start(void);
void nts_dpc_stop(void);

#endif /* NTSHIM_DPC_H */
