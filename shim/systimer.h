/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System-allocated timers: what an EX_TIMER adds to a timer of the engine. Its
 * storage is the library's, so it may hold what a KTIMER may not, and lives
 * until it has been deleted and the last of its users has left.
 */
#ifndef NTSHIM_SYSTIMER_H
#define NTSHIM_SYSTIMER_H

#include <linux/container_of.h>
#include <linux/list.h>
#include <linux/refcount.h>
#include <linux/timer.h>
#include <linux/types.h>

#include "dpc.h"
#include "timer.h"

struct completion;
struct module;
struct nts_systimer;

/* Both at DISPATCH_LEVEL, with no lock of ours held. */
typedef void (*nts_systimer_fn)(struct nts_systimer *st, void *context);
typedef void (*nts_systimer_end_fn)(void *context);

/* A tolerance that is never over. */
#define NTS_TOLERANCE_ENDLESS_NS U64_MAX

/**
 * struct nts_systimer_end - what the end of a timer sets off
 * @fn: called once when the timer is gone, or NULL
 * @context: argument of @fn
 * @done: completed after that, or NULL
 * @caller: who deleted the timer, for its symbol
 */
struct nts_systimer_end {
	nts_systimer_end_fn fn;
	void *context;
	struct completion *done;
	unsigned long caller;
};

/**
 * struct nts_systimer - EX_TIMER
 * @timer: the engine's part; first, so that it can be waited for
 * @dpc: queued at each expiry for @callback, and at the last one in any case
 * @shard: shard of @timer
 * @callback: called after each expiry, or NULL
 * @context: argument of @callback
 * @owner: who allocated the timer, for its symbol
 * @tolerance_ns: no-wake timers: how much later an expiry may be while the
 *	processor sleeps
 * @users: queued or running calls of @dpc's routine, and whoever holds it
 * @end: valid once the timer is disabled
 * @awake: no-wake timers: looks at a processor that is awake whether the timer
 *	is due; pinned to the one that has set it
 * @refs: reasons for the memory to be: the timer that it holds, and a pending or
 *	running @awake, for which the end of the timer does not wait
 * @link: in the list of all such timers; protected by that list's lock
 * @rcu: defers its release where memory cannot be freed
 *
 * All but @link and what never changes are protected by the lock of @shard.
 * Ended by whoever finds it, under that lock, disabled, not armed and without
 * users; that happens once, as each of these steps can be the last only once.
 */
struct nts_systimer {
	struct nts_timer timer;
	struct nts_dpc dpc;
	struct nts_shard *shard;
	nts_systimer_fn callback;
	void *context;
	unsigned long owner;
	u64 tolerance_ns;
	unsigned int users;
	struct nts_systimer_end end;
	struct timer_list awake;
	refcount_t refs;
	struct list_head link;
	struct rcu_head rcu;
};

/**
 * struct nts_systimer_config - what a timer is made of
 * @type: NT_LAYOUT_TYPE_NOTIFICATION_TIMER or _SYNCHRONIZATION_TIMER
 * @traits: NTS_TIMER_HIGH_RESOLUTION, NTS_TIMER_NO_WAKE or 0
 * @callback: see struct nts_systimer
 * @context: see struct nts_systimer
 * @owner: see struct nts_systimer
 * @shard: a test's own shard; NULL: the one its address maps to
 */
struct nts_systimer_config {
	u8 type;
	u8 traits;
	nts_systimer_fn callback;
	void *context;
	unsigned long owner;
	struct nts_shard *shard;
};

/**
 * struct nts_systimer_leftover - a timer that a driver forgot
 * @timer: its address; may not be read
 * @culprit: address for a symbol: callback, or who allocated or deleted it
 * @deleted: it had been deleted, but was pending for its last expiry
 */
struct nts_systimer_leftover {
	const void *timer;
	unsigned long culprit;
	bool deleted;
};

static inline struct nts_systimer *nts_systimer_of(struct nts_timer *timer)
{
	return container_of(timer, struct nts_systimer, timer);
}

/* Without the lock: true stays true. */
static inline bool nts_systimer_is_disabled(const struct nts_systimer *st)
{
	return READ_ONCE(st->timer.traits) & NTS_TIMER_DISABLED;
}

struct nts_systimer *nts_systimer_create(const struct nts_systimer_config
						 *config);
bool nts_systimer_set(struct nts_systimer *st, struct nts_due due,
		      u32 period_100ns, u64 tolerance_ns,
		      const struct nts_now *now);
bool nts_systimer_cancel(struct nts_systimer *st);
bool nts_systimer_delete(struct nts_systimer *st, bool cancel, bool wait,
			 const struct nts_systimer_end *end);
bool nts_systimer_hold(struct nts_systimer *st);
void nts_systimer_release(struct nts_systimer *st);
void nts_systimer_look(struct nts_systimer *st, const struct nts_now *now);

bool nts_systimer_take_leftover(const struct module *mod,
				struct nts_systimer_leftover *found);
unsigned int nts_systimer_count(void);
void nts_systimer_stop(void);

/* For the engine, under the shard lock. */
u64 nts_systimer_latest(struct nts_timer *timer);
void nts_systimer_queued(struct nts_timer *timer);
void nts_systimer_disarmed(struct nts_timer *timer);

#endif /* NTSHIM_SYSTIMER_H */
