// SPDX-License-Identifier: GPL-2.0
/*
 * Making the calls of a random sequence on the library and on the model, and
 * comparing the two; finding the shortest part of a sequence that still shows a
 * disagreement.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/resolution.h"
#include "model_run.h"

/* Requests for a shorter tick at one time. */
#define TICK_REQUESTS 6

/* The clocks of every sequence start at one hour and at the year 2020. */
#define START_MONO ((__int128)3600 * NSEC_PER_SEC)
#define START_REAL ((__int128)1577836800 * NSEC_PER_SEC)

/**
 * model_saw() - note what the library has done
 * @run: sequence in progress
 * @seen: what
 *
 * Context: any.
 */
void model_saw(struct model_run *run, struct model_seen seen)
{
	unsigned int at = atomic_inc_return(&run->nr_seen) - 1;

	if (at < MODEL_SEEN_MAX)
		run->seen[at] = seen;
}

/**
 * model_wait_done() - callback of all waits
 * @wait: member of a struct model_wait
 */
void model_wait_done(struct nts_wait *wait)
{
	struct model_wait *w = container_of(wait, struct model_wait, wait);

	model_saw(w->run, (struct model_seen){
				  .kind = MODEL_SAW_WAIT,
				  .index = w - w->run->waits,
			  });
}

static void dpc_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct model_dpc *d = context;

	model_saw(d->run, (struct model_seen){
				  .kind = MODEL_SAW_DPC,
				  .index = d - d->run->dpcs,
				  .value = (u64)(unsigned long)arg2 << 32 |
					   (u32)(unsigned long)arg1,
			  });
}

/**
 * model_disagree() - note a disagreement, the first of a sequence
 * @run: sequence in progress
 * @problem: what it is about
 * @at: number of the timer, wait or effect
 * @want: what the model says
 * @got: what the library says
 */
void model_disagree(struct model_run *run, const char *problem, unsigned int at,
		    s64 want, s64 got)
{
	if (run->problem)
		return;
	run->problem = problem;
	run->at = at;
	run->want = want;
	run->got = got;
}

static void compare(struct model_run *run, const char *what, unsigned int at,
		    s64 want, s64 got)
{
	if (want != got)
		model_disagree(run, what, at, want, got);
}

static u64 ns_or_never(__int128 ns)
{
	return ns == MODEL_NEVER ? NTS_NEVER_NS : (u64)ns;
}

static void compare_timer(struct model_run *run, unsigned int i)
{
	const struct model_timer *want = &run->model.timers[i];
	struct nts_timer *got = &run->timers[i];

	compare(run, "type", i, want->synchronization, got->header.type & 1);
	compare(run, "armed", i, want->armed, nts_timer_armed(got));
	compare(run, "signaled", i, want->signaled, nts_timer_signaled(got));
	compare(run, "number of waits", i, want->nr_waits,
		list_count_nodes(&got->header.wait_list));
	if (!want->armed)
		return;
	compare(run, "clock", i, want->clock, got->clock);
	compare(run, "due time", i, ns_or_never(want->due), got->due_ns);
	compare(run, "latest time", i, ns_or_never(want->latest),
		got->latest_ns);
}

/* The effects of one kind, in order; waits and DPCs have an order each. */
static void compare_effects(struct model_run *run, bool is_dpc)
{
	unsigned int seen =
		min_t(unsigned int, atomic_read(&run->nr_seen), MODEL_SEEN_MAX);
	int kind = is_dpc ? MODEL_SAW_DPC : MODEL_SAW_WAIT;
	const struct model_effect *want = run->model.effects;
	const struct model_effect *end = want + run->model.nr_effects;
	const char *what = is_dpc ? "DPC run" : "wait satisfied";
	unsigned int i;

	for (i = 0; i < seen; i++) {
		if (run->seen[i].kind != kind)
			continue;
		while (want < end && want->is_dpc != is_dpc)
			want++;
		compare(run, what, i, want < end ? want->index : -1,
			run->seen[i].index);
		if (want < end)
			compare(run, "DPC arguments", want->index, want->value,
				run->seen[i].value);
		want++;
	}
	while (want < end && want->is_dpc != is_dpc)
		want++;
	compare(run, what, i, want < end ? want->index : -1, -1);
}

static void compare_all(struct model_run *run)
{
	unsigned int i;

	compare(run, "effects noted", 0, true,
		atomic_read(&run->nr_seen) <= MODEL_SEEN_MAX);
	compare_effects(run, false);
	compare_effects(run, true);
	for (i = 0; i < run->model.nr_timers; i++)
		compare_timer(run, i);
}

/* The DPCs that a call has queued run before it returns, or soon after. */
static void settle(struct model_run *run)
{
	if (run->held)
		return;
	model_run_dpcs(&run->model);
	if (atomic_read(&run->nr_seen) < run->model.nr_effects)
		nts_dpc_flush();
}

static void forget(struct model_run *run)
{
	model_forget_effects(&run->model);
	atomic_set(&run->nr_seen, 0);
	run->replayed = 0;
}

/**
 * model_compare() - compare what has happened since the last time, and forget it
 * @run: sequence in progress
 */
void model_compare(struct model_run *run)
{
	settle(run);
	compare_all(run);
	forget(run);
}

static enum model_state state_of(const struct model_timer *t)
{
	if (!t->armed)
		return t->signaled ? MODEL_IDLE_SIGNALED :
		       t->nr_waits ? MODEL_IDLE_WAITED :
				     MODEL_IDLE;
	if (!t->period_ms)
		return t->nr_waits ? MODEL_ARMED_WAITED : MODEL_ARMED;
	return t->signaled ? MODEL_PERIODIC_SIGNALED :
	       t->nr_waits ? MODEL_PERIODIC_WAITED :
			     MODEL_PERIODIC;
}

static s64 due_of(const struct model_run *run, const struct model_op *op)
{
	s64 systime = model_systime(run->model.real);

	if (op->kind != MODEL_SET_ABSOLUTE)
		return op->time;
	return op->time < -systime ? 0 : systime + op->time;
}

static void call_set(struct model_run *run, const struct model_op *op)
{
	struct model_set set = {
		.due_100ns = due_of(run, op),
		.period_ms = op->period_ms,
		.tolerance_ms = op->tolerance_ms,
		.dpc = op->dpc,
	};

	compare(run, "result of set", op->timer,
		model_set_timer(&run->model, op->timer, &set),
		run->target->set(run, op->timer, &set));
}

/* Whether a wait is neither blocked nor about to be told of its end. */
static bool is_free(const struct model *m, unsigned int i, u8 wait)
{
	const struct model_timer *t = &m->timers[i];
	unsigned int at;

	for (at = 0; at < t->nr_waits; at++)
		if (t->waits[at] == wait)
			return false;
	for (at = 0; at < m->nr_wakes; at++)
		if (m->wakes[at] == wait)
			return false;
	return true;
}

/* A number for a new wait on timer @i, or -1. */
static int free_wait(const struct model *m, unsigned int i)
{
	unsigned int slot;

	for (slot = 0; slot < MODEL_WAITS; slot++)
		if (is_free(m, i, i * MODEL_WAITS + slot))
			return i * MODEL_WAITS + slot;
	return -1;
}

static void call_wait(struct model_run *run, const struct model_op *op)
{
	u8 wait = free_wait(&run->model, op->timer);

	model_wait(&run->model, op->timer, wait);
	run->target->wait(run, op->timer, wait);
}

static void call_unwait(struct model_run *run, const struct model_op *op)
{
	const struct model_timer *t = &run->model.timers[op->timer];
	u8 wait = t->waits[op->pick % t->nr_waits];

	compare(run, "result of giving up a wait", wait,
		model_unwait(&run->model, op->timer, wait),
		run->target->unwait(run, op->timer, wait));
}

static void call_init(struct model_run *run, const struct model_op *op)
{
	compare(run, "result of init", op->timer,
		model_init_timer(&run->model, op->timer, op->pick & 1),
		run->target->init(run, op->timer, op->pick & 1));
}

static void call_insert(struct model_run *run, const struct model_op *op)
{
	u64 value = op->time;

	compare(run, "result of KeInsertQueueDpc", op->dpc,
		model_insert_dpc(&run->model, op->dpc, value),
		KeInsertQueueDpc(&run->dpcs[op->dpc].dpc,
				 (void *)(unsigned long)(u32)value,
				 (void *)(unsigned long)(value >> 32)));
}

static void call_remove(struct model_run *run, const struct model_op *op)
{
	compare(run, "result of KeRemoveQueueDpc", op->dpc,
		model_remove_dpc(&run->model, op->dpc),
		KeRemoveQueueDpc(&run->dpcs[op->dpc].dpc));
}

/* Calls that take no time. */
static void call(struct model_run *run, const struct model_op *op)
{
	switch (op->kind) {
	case MODEL_INIT:
		call_init(run, op);
		break;
	case MODEL_CANCEL:
		compare(run, "result of cancel", op->timer,
			model_cancel(&run->model, op->timer),
			run->target->cancel(run, op->timer));
		break;
	case MODEL_READ:
		compare(run, "result of read", op->timer,
			run->model.timers[op->timer].signaled,
			KeReadStateTimer(&run->timers[op->timer]));
		break;
	case MODEL_POLL:
		compare(run, "result of poll", op->timer,
			model_take(&run->model, op->timer),
			run->target->poll(run, op->timer));
		break;
	case MODEL_WAIT:
		call_wait(run, op);
		break;
	case MODEL_UNWAIT:
		call_unwait(run, op);
		break;
	case MODEL_INSERT_DPC:
		call_insert(run, op);
		break;
	case MODEL_REMOVE_DPC:
		call_remove(run, op);
		break;
	case MODEL_HOLD_DPCS:
		local_bh_disable();
		run->held = true;
		break;
	case MODEL_LET_DPCS_RUN:
		run->held = false;
		local_bh_enable();
		break;
	default:
		call_set(run, op);
	}
}

static void change_tick(struct model_run *run, const struct model_op *op)
{
	u32 longest = nts_clock_tick_max();

	if (op->kind == MODEL_TICK_REQUEST) {
		run->tick_requests++;
		run->model.tick_100ns = clamp_t(s64, op->time,
						nts_clock_tick_min(),
						run->model.tick_100ns);
	} else if (!--run->tick_requests) {
		run->model.tick_100ns = longest;
	}
	compare(run, "clock tick", 0, run->model.tick_100ns,
		ExSetTimerResolution(op->time, op->kind == MODEL_TICK_REQUEST));
}

static __int128 length_of(const struct model_run *run,
			  const struct model_op *op)
{
	const struct model_timer *t = &run->model.timers[op->timer];

	switch (op->kind) {
	case MODEL_PASS_TO_DUE:
		return model_next_due(&run->model) + op->time;
	case MODEL_PASS_PERIOD:
		/* Several: points of the grid are skipped, or met exactly. */
		return (__int128)t->period_ms * NSEC_PER_MSEC *
			       (1 + op->pick % 3) +
		       op->time;
	default:
		return op->time;
	}
}

/* Time that passes, and the wall clock, stay within what a clock can count. */
static s64 clipped(const struct model_run *run, __int128 ns)
{
	__int128 later = max(run->model.mono, run->model.real);

	if (ns < -run->model.real)
		return -(s64)run->model.real;
	return min(ns, MODEL_REACH_NS - later);
}

static void change_time(struct model_run *run, const struct model_op *op)
{
	__int128 ns = length_of(run, op);

	if (op->kind == MODEL_STEP_FORWARD || op->kind == MODEL_STEP_BACK)
		run->target->step(run, clipped(run, ns));
	else
		run->target->pass(run, ns < 0 ? 0 : clipped(run, ns));
}

/* Whether a call is allowed and means something now; else it is skipped. */
static bool is_possible(const struct model_run *run, const struct model_op *op)
{
	const struct model_timer *t = &run->model.timers[op->timer];

	switch (op->kind) {
	case MODEL_INIT:
		return t->armed || !t->nr_waits;
	case MODEL_WAIT:
		return free_wait(&run->model, op->timer) >= 0;
	case MODEL_UNWAIT:
		return t->nr_waits;
	case MODEL_HOLD_DPCS:
		return !run->held;
	case MODEL_LET_DPCS_RUN:
		return run->held;
	case MODEL_TICK_REQUEST:
		return !run->held && run->tick_requests < TICK_REQUESTS;
	case MODEL_TICK_RELEASE:
		return !run->held && run->tick_requests;
	case MODEL_PASS_TO_DUE:
		return model_next_due(&run->model) != MODEL_NEVER;
	case MODEL_PASS_YEARS:
		return !run->target->no_years;
	default:
		return true;
	}
}

/* Returns whether model and library agree. */
static bool apply(struct model_run *run, const struct model_op *op)
{
	enum model_state state = MODEL_IDLE;

	if (!is_possible(run, op))
		return true;
	if (op->kind < MODEL_TIMER_KINDS)
		state = state_of(&run->model.timers[op->timer]);
	run->count[op->kind][state]++;
	run->made++;
	if (op->kind >= MODEL_PASS_NOTHING) {
		change_time(run, op);
	} else if (op->kind >= MODEL_TICK_REQUEST) {
		change_tick(run, op);
	} else {
		run->target->freeze(run);
		call(run, op);
		run->target->thaw(run);
	}
	model_compare(run);
	return !run->problem;
}

static void start(struct model_run *run, const struct model_config *config)
{
	unsigned int i;

	run->target = config->target;
	model_start(&run->model, config->timers);
	run->model.mono = START_MONO;
	run->model.real = START_REAL;
	run->model.tick_100ns = nts_clock_tick_max();
	run->model.fault = config->fault;
	run->nr_dpcs = config->dpcs;
	run->problem = NULL;
	run->stepped_mono = 0;
	forget(run);
	nts_shard_init(&run->engine.shard);
	memset(run->timers, 0x55, sizeof(run->timers));
	for (i = 0; i < MODEL_ALL_WAITS; i++)
		run->waits[i].run = run;
	for (i = 0; i < config->dpcs; i++) {
		run->dpcs[i].run = run;
		nts_dpc_init(&run->dpcs[i].dpc, NTS_DPC_ORDINARY, dpc_fn,
			     &run->dpcs[i]);
	}
	for (i = 0; i < config->timers; i++) {
		model_init_timer(&run->model, i, i & 1);
		run->target->init(run, i, i & 1);
	}
}

/*
 * Whatever the library was led to: leave nothing armed, blocked, queued or
 * requested.
 */
static void end(struct model_run *run)
{
	unsigned int i;

	for (i = 0; i < run->model.nr_timers; i++)
		run->target->cancel(run, i);
	for (i = 0; i < run->model.nr_timers * MODEL_WAITS; i++)
		run->target->unwait(run, i / MODEL_WAITS, i);
	for (i = 0; i < run->nr_dpcs; i++)
		nts_dpc_remove(&run->dpcs[i].dpc);
	if (run->held)
		local_bh_enable();
	run->held = false;
	nts_dpc_flush();
	nts_resolution_drop(THIS_MODULE);
	run->tick_requests = 0;
}

/**
 * model_replay() - make a sequence of calls on fresh timers
 * @run: memory; counts are added to
 * @config: what it runs on
 * @ops: the calls
 * @count: how many
 *
 * Return: number of the call after which model and library disagreed, else -1.
 */
int model_replay(struct model_run *run, const struct model_config *config,
		 const struct model_op *ops, unsigned int count)
{
	unsigned int i;

	start(run, config);
	for (i = 0; i < count; i++)
		if (!apply(run, &ops[i]))
			break;
	end(run);
	return i < count ? (int)i : -1;
}

/* Whether the calls without [@from, @from + @length) still disagree. */
static bool fails_without(struct model_run *run,
			  const struct model_config *config,
			  struct model_op *ops, unsigned int *count,
			  unsigned int from, unsigned int length)
{
	struct model_op *shorter = ops + MODEL_SEQUENCE;
	unsigned int rest = *count - from - length;
	int failed_at;

	memcpy(shorter, ops, from * sizeof(*ops));
	memcpy(shorter + from, ops + from + length, rest * sizeof(*ops));
	failed_at = model_replay(run, config, shorter, *count - length);
	if (failed_at < 0)
		return false;
	*count = failed_at + 1;
	memcpy(ops, shorter, *count * sizeof(*ops));
	return true;
}

/**
 * model_shrink() - the calls of a failing sequence that matter
 * @run: memory
 * @config: what the sequence fails on, exactly the same each time
 * @ops: the calls, with room for MODEL_SEQUENCE more behind as many; the
 *	calls that are left on return
 * @count: how many, the last is the one that fails
 *
 * Leaves out ever smaller pieces for as long as what is left still fails.
 *
 * Return: number of calls that are left, none of which can go.
 */
unsigned int model_shrink(struct model_run *run,
			  const struct model_config *config,
			  struct model_op *ops, unsigned int count)
{
	unsigned int length = count / 2, from;
	bool shorter;

	while (length) {
		shorter = false;
		for (from = 0; from + length <= count;) {
			if (fails_without(run, config, ops, &count, from,
					  length))
				shorter = true;
			else
				from += length;
		}
		if (!shorter || length > 1)
			length /= 2;
	}
	/* Leaves in @run what the last replay of just these calls says. */
	model_replay(run, config, ops, count);
	return count;
}
