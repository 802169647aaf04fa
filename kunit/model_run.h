/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Random calls, made on the library and on the model, which must agree on every
 * result, every effect and every state after each of them. A target says how
 * the calls are made: on a shard of its own, whose time is moved by hand, or
 * through the API, where simulated time passes by itself.
 */
#ifndef NTSHIM_KUNIT_MODEL_RUN_H
#define NTSHIM_KUNIT_MODEL_RUN_H

#include <linux/atomic.h>
#include <linux/types.h>

#include "../shim/wait.h"
#include "helpers.h"
#include "model.h"

struct model_run;
struct rnd_state;

/* Calls of a sequence, from fresh timers to their end. */
#define MODEL_SEQUENCE 1000

/* Expiries, ends of waits and DPC runs of one call. */
#define MODEL_SEEN_MAX 4096

/* What can be done; those up to MODEL_UNWAIT concern one timer. */
enum model_kind {
	MODEL_INIT,
	MODEL_SET_RELATIVE,
	MODEL_SET_ABSOLUTE,
	MODEL_SET_EXTREME,
	MODEL_CANCEL,
	MODEL_READ,
	MODEL_POLL,
	MODEL_WAIT,
	MODEL_UNWAIT,
	MODEL_INSERT_DPC,
	MODEL_REMOVE_DPC,
	MODEL_HOLD_DPCS,
	MODEL_LET_DPCS_RUN,
	MODEL_TICK_REQUEST,
	MODEL_TICK_RELEASE,
	MODEL_PASS_NOTHING,
	MODEL_PASS_1NS,
	MODEL_PASS_TO_DUE,
	MODEL_PASS_PERIOD,
	MODEL_PASS_SHORT,
	MODEL_PASS_LONG,
	MODEL_PASS_YEARS,
	MODEL_STEP_FORWARD,
	MODEL_STEP_BACK,
	MODEL_KINDS,
};

#define MODEL_TIMER_KINDS (MODEL_UNWAIT + 1)

/* What a timer is when a call is made on it; WAITED: waits are blocked on it. */
enum model_state {
	MODEL_IDLE,
	MODEL_IDLE_WAITED,
	MODEL_IDLE_SIGNALED,
	MODEL_ARMED,
	MODEL_ARMED_WAITED,
	MODEL_PERIODIC,
	MODEL_PERIODIC_WAITED,
	MODEL_PERIODIC_SIGNALED,
	MODEL_STATES,
};

/**
 * struct model_op - one call, complete in itself: any call before it may go
 * @kind: enum model_kind
 * @timer: on which timer
 * @dpc: which DPC, or MODEL_NO_DPC
 * @pick: chooses a type, or one of several waits
 * @period_ms: of a set
 * @tolerance_ms: of a set
 * @time: units of 100 ns for a set, relative to the system time if absolute;
 *	nanoseconds for the passing of time; units of 100 ns for a tick
 */
struct model_op {
	u8 kind;
	u8 timer;
	s8 dpc;
	u8 pick;
	u32 period_ms;
	u32 tolerance_ms;
	s64 time;
};

/**
 * struct model_target - how calls are made on the library
 * @freeze: nothing expires from now on; the model's time is up to date
 * @thaw: the end of that; what the call queued has run
 * @init: KeInitializeTimerEx; returns false if that was a misuse
 * @set: KeSetCoalescableTimer and its simpler forms
 * @cancel: KeCancelTimer
 * @poll: a wait with a time limit of zero; returns whether it succeeded
 * @wait: begins an asynchronous wait
 * @unwait: takes it back; returns whether it was blocked
 * @pass: lets time pass, and expire what is due then; compares on the way
 * @step: sets the wall clock, forward or back
 * @no_years: years do not pass, only the wall clock is set so far
 */
struct model_target {
	void (*freeze)(struct model_run *run);
	void (*thaw)(struct model_run *run);
	bool (*init)(struct model_run *run, unsigned int i, int type);
	bool (*set)(struct model_run *run, unsigned int i,
		    const struct model_set *set);
	bool (*cancel)(struct model_run *run, unsigned int i);
	bool (*poll)(struct model_run *run, unsigned int i);
	void (*wait)(struct model_run *run, unsigned int i, u8 wait);
	bool (*unwait)(struct model_run *run, unsigned int i, u8 wait);
	void (*pass)(struct model_run *run, u64 ns);
	void (*step)(struct model_run *run, s64 ns);
	bool no_years;
};

/**
 * struct model_wait - an asynchronous wait
 * @wait: the record
 * @block: its block
 * @run: for its callback
 */
struct model_wait {
	struct nts_wait wait;
	struct nts_wait_block block;
	struct model_run *run;
};

/**
 * struct model_dpc - a DPC that several timers share
 * @dpc: the object
 * @run: for its routine
 */
struct model_dpc {
	struct nts_dpc dpc;
	struct model_run *run;
};

/**
 * struct model_seen - something that the library did
 * @kind: an expiry, an effect of the model's kinds
 * @index: number of the timer, wait or DPC
 * @value: an expiry's CLOCK_MONOTONIC, a DPC's arguments
 */
struct model_seen {
	enum {
		MODEL_SAW_EXPIRY,
		MODEL_SAW_WAIT,
		MODEL_SAW_DPC
	} kind;
	u8 index;
	u64 value;
};

/**
 * struct model_run - a sequence of calls in progress
 * @target: where they are made
 * @model: what must come of them
 * @engine: a target's own shard
 * @timers: the library's timers
 * @dpcs: its DPCs
 * @nr_dpcs: how many of them are used
 * @waits: its waits; MODEL_WAITS for each timer
 * @seen: what it did during the current call
 * @nr_seen: length of @seen, possibly more than fits
 * @replayed: how much of @seen a target has told the model
 * @held: bottom halves are disabled by MODEL_HOLD_DPCS
 * @tick_requests: requests for a shorter tick that are not released
 * @stepped_mono: when the wall clock was set last
 * @count: calls by kind and state of the timer; not those that were skipped
 * @made: their sum
 * @problem: the first disagreement, NULL if there is none
 * @want: what the model says
 * @got: what the library says
 * @at: number of the timer or other thing it is about
 */
struct model_run {
	const struct model_target *target;
	struct model model;
	struct nts_engine engine;
	struct nts_timer timers[MODEL_TIMERS];
	struct model_dpc dpcs[MODEL_DPCS];
	unsigned int nr_dpcs;
	struct model_wait waits[MODEL_ALL_WAITS];
	struct model_seen seen[MODEL_SEEN_MAX];
	atomic_t nr_seen;
	unsigned int replayed;
	bool held;
	unsigned int tick_requests;
	__int128 stepped_mono;
	u64 count[MODEL_KINDS][MODEL_STATES];
	u64 made;
	const char *problem;
	s64 want;
	s64 got;
	unsigned int at;
};

/**
 * struct model_config - what a sequence runs on
 * @target: how calls are made
 * @timers: 1 to MODEL_TIMERS
 * @dpcs: 1 to MODEL_DPCS
 * @fault: of the model
 */
struct model_config {
	const struct model_target *target;
	unsigned int timers;
	unsigned int dpcs;
	enum model_fault fault;
};

extern const struct model_target model_shard_target;
extern const struct model_target model_api_target;
extern const struct model_target model_api_years_target;

int model_api_start(struct model_run *run);
void model_api_stop(void);

void model_saw(struct model_run *run, struct model_seen seen);
void model_wait_done(struct nts_wait *wait);
void model_disagree(struct model_run *run, const char *problem, unsigned int at,
		    s64 want, s64 got);

void model_compare(struct model_run *run);

void model_choose(struct model_op *op, struct rnd_state *random,
		  const struct model_config *config);
int model_replay(struct model_run *run, const struct model_config *config,
		 const struct model_op *ops, unsigned int count);
unsigned int model_shrink(struct model_run *run,
			  const struct model_config *config,
			  struct model_op *ops, unsigned int count);
void model_print_problem(struct kunit *test, const struct model_run *run);
void model_print(struct kunit *test, const struct model_run *run,
		 const struct model_op *ops, unsigned int count);
bool model_all_counted(struct kunit *test, const struct model_run *run);

#endif /* NTSHIM_KUNIT_MODEL_RUN_H */
