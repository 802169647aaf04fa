/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timers of a shard: set, cancel, expire. The engine behind KTIMER, EX_TIMER
 * (see systimer.h) and the timeouts of waits. It is told the shard and the time, so a test can
 * hand it a shard of its own and any instant.
 *
 * Nothing here waits, allocates or fails. When a call has returned, no queue
 * refers to a timer that is not armed.
 */
#ifndef NTSHIM_TIMER_H
#define NTSHIM_TIMER_H

#include <linux/build_bug.h>
#include <linux/rbtree.h>
#include <linux/types.h>

#include "clock.h"
#include "dispatcher.h"

struct module;
struct nts_dpc;
struct nts_wait_block;
struct task_struct;

/**
 * struct nts_repeat - what a set call asks for beside the due time
 * @period_ms: KTIMER; 0: one shot; at most S32_MAX
 * @period_100ns: EX_TIMER, the same in other units; either is 0 if both are
 * @tolerance_ms: KTIMER: how much later than nominal each expiry may be; at
 *	most S32_MAX; EX_TIMER: 0, see nts_systimer.tolerance_ns
 */
struct nts_repeat {
	union {
		u32 period_ms;
		u32 period_100ns;
	};
	u32 tolerance_ms;
};

/**
 * enum nts_timer_traits - what makes an EX_TIMER differ; a KTIMER has none
 * @NTS_TIMER_SYSTEM: it is the first member of a struct nts_systimer
 * @NTS_TIMER_HIGH_RESOLUTION: shortens the clock tick while it is armed
 * @NTS_TIMER_NO_WAKE: may be late by its tolerance while the processor sleeps
 * @NTS_TIMER_DISABLED: deleted: accepts no call any more, and its next expiry
 *	is its last
 */
enum nts_timer_traits {
	NTS_TIMER_SYSTEM = 1 << 0,
	NTS_TIMER_HIGH_RESOLUTION = 1 << 1,
	NTS_TIMER_NO_WAKE = 1 << 2,
	NTS_TIMER_DISABLED = 1 << 3,
};

/**
 * struct nts_timer - KTIMER, core of an EX_TIMER, or the timeout of a wait
 * @header: the object part; @header.inserted says whether the timer is armed
 * @node: place in nts_timer_queue.sorted, while armed and @is_sorted
 * @entry: place in nts_timer_queue.recent, while armed and not @is_sorted
 * @due_ns: earliest expiry, nominal, on @clock; NTS_NEVER_NS: never
 * @latest_ns: @due_ns plus tolerance, the queue's key
 * @cookie: a secret that fits the address while armed, else 0 (KT-016)
 * @dpc: timer: DPC to queue at expiry, or NULL; not looked into before then
 * @sleeper: timeout of a thread's wait: the task to wake at expiry
 * @wait: timeout of an asynchronous wait: the record to claim at expiry
 * @target: any of the three
 * @repeat: period and tolerance
 * @clock: which queue, while armed
 * @on_grid: @due_ns is on the timer's periodic grid: it was armed relative, or
 *	has expired once (KT-081)
 * @is_sorted: which part of the queue it is in, while armed
 * @traits: enum nts_timer_traits, 0 for all but EX_TIMERs
 *
 * All protected by the lock of the shard @header maps to. A KTIMER is the
 * driver's memory: it may be freed when cancel has returned, when a wait on it
 * has returned, and a one-shot inside its own DPC.
 */
struct nts_timer {
	struct nts_header header;
	union {
		struct rb_node node;
		struct hlist_node entry;
	};
	u64 due_ns;
	u64 latest_ns;
	u64 cookie;
	union {
		struct nts_dpc *dpc;
		struct task_struct *sleeper;
		struct nts_wait *wait;
		void *target;
	};
	struct nts_repeat repeat;
	u8 clock;
	bool on_grid;
	bool is_sorted;
	u8 traits;
};

static_assert(sizeof(struct nts_timer) <= NT_LAYOUT_KTIMER_SIZE);
static_assert(__alignof__(struct nts_timer) <= NT_LAYOUT_ALIGN);

/**
 * nts_timer_is_type() - whether a type code is that of a driver's timer
 * @type: nts_header.type of an object
 *
 * Context: any.
 * Return: true for a KTIMER and for an EX_TIMER.
 */
static inline bool nts_timer_is_type(u8 type)
{
	return (type & ~(NTS_TYPE_EX | 1)) == NT_LAYOUT_TYPE_NOTIFICATION_TIMER;
}

/**
 * nts_due_is_past() - whether a due time had passed before it was armed
 * @due: the due time
 * @now: the time; @real_ns is used only for absolute due times
 *
 * A relative due time never has: even one unit from now is armed (KT-029).
 *
 * Context: any.
 * Return: true if a set with these arguments expires inside the call.
 */
static inline bool nts_due_is_past(const struct nts_due *due,
				   const struct nts_now *now)
{
	return due->kind == NTS_DUE_PAST ||
	       (due->kind == NTS_DUE_REAL && due->ns <= now->real_ns);
}

/**
 * nts_due_of_limit() - the time limit of a wait as the engine wants it
 * @limit_100ns: units of 100 ns, as for nts_due_from_nt(); 0: only a look
 * @now: the time
 *
 * Context: any.
 * Return: the due time; NTS_DUE_PAST for what has passed already, which asks
 * for a look as well.
 * Source: W-TMO-03.
 */
static inline struct nts_due nts_due_of_limit(s64 limit_100ns,
					      const struct nts_now *now)
{
	struct nts_due due = nts_due_from_nt(limit_100ns, now->mono_ns);

	if (nts_due_is_past(&due, now))
		due.kind = NTS_DUE_PAST;
	return due;
}

/**
 * struct nts_timer_leftover - a timer that was disarmed for a driver
 * @timer: its address; may not be read
 * @dpc: its DPC or NULL; may not be read
 * @routine: routine of @dpc or NULL; for its symbol
 * @due_ns: when it was due on @clock; NTS_NEVER_NS: never
 * @clock: enum nts_clock
 */
struct nts_timer_leftover {
	const void *timer;
	const void *dpc;
	const void *routine;
	u64 due_ns;
	u8 clock;
};

void nts_timer_start(void);
void nts_timer_stop(void);

bool nts_timer_prepare(struct nts_shard *shard, struct nts_timer *timer,
		       u8 type);
bool nts_timer_arm(struct nts_shard *shard, struct nts_timer *timer,
		   struct nts_due due, struct nts_repeat repeat, void *target);
bool nts_timer_set_past(struct nts_shard *shard, struct nts_timer *timer,
			struct nts_repeat repeat, struct nts_dpc *dpc,
			const struct nts_now *now);
bool nts_timer_cancel(struct nts_shard *shard, struct nts_timer *timer);
bool nts_timer_expire(struct nts_shard *shard, const struct nts_now *now,
		      unsigned int budget);
void nts_timer_look(struct nts_shard *shard, struct nts_timer *timer,
		    const struct nts_now *now);
void nts_timer_look_for(const struct nts_wait_block *block);
bool nts_timer_disarm_leftover(const struct module *mod,
			       struct nts_timer_leftover *found);
bool nts_timer_disarm_inside(const void *start, size_t size,
			     struct nts_timer_leftover *found);
bool nts_timer_disarm_freed(struct nts_timer *timer,
			    struct nts_timer_leftover *found);

/**
 * nts_timer_set() - disarm, clear the signal and arm or expire, in one step
 * @shard: shard of @timer
 * @timer: prepared timer, armed or not
 * @due: when it is due
 * @repeat: period and tolerance
 * @dpc: DPC to queue at each expiry, or NULL
 * @now: the time
 *
 * Context: as nts_timer_arm().
 * Return: true if the timer was armed before.
 */
static inline bool nts_timer_set(struct nts_shard *shard,
				 struct nts_timer *timer, struct nts_due due,
				 struct nts_repeat repeat, struct nts_dpc *dpc,
				 const struct nts_now *now)
{
	if (nts_due_is_past(&due, now))
		return nts_timer_set_past(shard, timer, repeat, dpc, now);
	return nts_timer_arm(shard, timer, due, repeat, dpc);
}

#endif /* NTSHIM_TIMER_H */
