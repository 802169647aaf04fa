/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the races of waits share: the objects of a round, sides that signal, and
 * asynchronous waits that are there before the sides start.
 */
#ifndef NTSHIM_KUNIT_RACE_SIGNALS_H
#define NTSHIM_KUNIT_RACE_SIGNALS_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/types.h>

#include "../shim/dispatcher.h"
#include "../shim/dpc.h"
#include "../shim/ke_api.h"
#include "../shim/timer.h"
#include "race.h"

struct task_struct;

/* WAIT_TYPE */

/**
 * struct nts_signals_objects - what the sides of one round wait for and signal
 * @a: an event, as @b and @c
 * @b: an event
 * @c: an event
 * @semaphore: with a limit of 1
 * @timer: a synchronization timer
 * @dpc: its DPC
 */
struct nts_signals_objects {
	struct nts_header a;
	struct nts_header b;
	struct nts_header c;
	struct nts_semaphore semaphore;
	struct nts_timer timer;
	struct nts_dpc dpc;
};

/**
 * struct nts_signals - one round, and totals of all
 * @objects: freed at its end, or by the waiter
 * @token: the object of a wait that may time out
 * @waiter: the thread of that wait
 * @seen: something that one side has seen before its call
 * @in_call: the second side is inside one of its calls
 * @status: what the waits of the sides returned
 * @order: which side's wait came how many
 * @arrivals: counts for @order
 * @asked_done: how many asynchronous waits have ended
 * @asked_status: how the last one has
 * @taken: signals that waits have taken, in all rounds
 * @left: signals that were left
 */
struct nts_signals {
	struct nts_signals_objects *objects;
	struct nts_header *token;
	struct task_struct *waiter;
	bool seen;
	bool in_call;
	s32 status[NTS_RACE_SIDES];
	unsigned int order[NTS_RACE_SIDES];
	atomic_t arrivals;
	atomic_t asked_done;
	s32 asked_status;
	u32 taken;
	u32 left;
};

/* Waits as a driver makes them; the first one patiently. */
s32 nts_signals_wait(void *objects[], unsigned int count, int type);
s32 nts_signals_look(void *object);

/* Makes the objects of a round; @type and @state are those of event a. */
void nts_signals_init(struct nts_race *race, int type, u8 state);
void nts_signals_prepare(struct nts_race *race);
void nts_signals_set_a(struct nts_race *race, unsigned int side);
void nts_signals_set_b(struct nts_race *race, unsigned int side);

/* An asynchronous wait for objects that are not signaled, or not all. */
void nts_signals_ask(struct nts_race *race, struct nts_header *const *objects,
		     unsigned int count, bool all);

void nts_signals_race(struct kunit *test, const struct nts_race_plan *plan);

#endif /* NTSHIM_KUNIT_RACE_SIGNALS_H */
