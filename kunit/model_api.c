// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of the random test, made through the API in simulated time. When a
 * timer expires is the business of the kernel's events, within limits: the
 * model is told of each expiry by its tracepoint, says whether it was allowed,
 * and what it had to do. Simulated time stands still with bottom halves
 * disabled, so calls are made at a time that is known to the nanosecond.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "../shim/trace.h"
#include "../shim/wait_async.h"
#include "model_run.h"

/*
 * An event comes late by the 256 ns in which simulated time is counted, and by
 * the pauses of 20 us that many expiries at one time make.
 */
#define LATE_NS (200 * NSEC_PER_USEC)

/* The processor that sets the clock may only notice at its next tick. */
#define NOTICE_NS (TICK_NSEC + LATE_NS)

/*
 * Time passes in slices of so many of the shortest period, and mostly no longer
 * than this: simulated time is cheap, but the kernel's clock device has an event
 * every four seconds, which makes a year more than a minute.
 */
#define PERIODS_PER_SLICE 4
#define SLICES 2
#define LONGEST_NS (20 * NSEC_PER_SEC)

/**
 * struct api_wait - an asynchronous wait
 * @run: for its callback
 * @number: of the wait
 * @async: the record, with a block behind it
 */
struct api_wait {
	struct model_run *run;
	u8 number;
	struct nts_async_wait async;
};

/**
 * struct api - what this target remembers of the one run at a time
 * @run: the run
 * @waits: its waits
 * @offset_ns: wall clock minus running time
 * @initial_offset_ns: the same before the first call
 */
static struct api {
	struct model_run *run;
	struct api_wait *waits[MODEL_ALL_WAITS];
	s64 offset_ns;
	s64 initial_offset_ns;
} api;

static void expire_probe(void *data, const void *timer, const void *dpc,
			 u64 mono_ns)
{
	struct model_run *run = data;
	const struct nts_timer *t = timer;

	if (t >= run->timers && t < run->timers + run->model.nr_timers)
		model_saw(run, (struct model_seen){
				       .kind = MODEL_SAW_EXPIRY,
				       .index = t - run->timers,
				       .value = mono_ns,
			       });
}

static s64 wall_offset(void)
{
	return ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_REAL));
}

static void set_model_time(struct model_run *run, u64 mono_ns)
{
	run->model.mono = mono_ns;
	run->model.real = (__int128)mono_ns + api.offset_ns;
}

/* By how much a timer is late; 0 if the clock was set a moment ago. */
static __int128 lateness(const struct model_run *run, unsigned int i)
{
	const struct model_timer *t = &run->model.timers[i];

	if (!t->armed)
		return 0;
	if (t->clock == MODEL_MONO)
		return run->model.mono - t->latest;
	if (run->model.mono - run->stepped_mono <= NOTICE_NS)
		return 0;
	return run->model.real - t->latest;
}

/* The model follows one expiry of the library's. */
static void replay_expiry(struct model_run *run, unsigned int i, u64 mono_ns)
{
	set_model_time(run, mono_ns);
	if (!model_is_due(&run->model, i))
		model_disagree(run, "expiry before its time", i, 0, mono_ns);
	else if (lateness(run, i) > LATE_NS)
		model_disagree(run, "lateness of expiry", i, LATE_NS,
			       lateness(run, i));
	else
		model_expire(&run->model, i);
}

/* The model follows what has happened since it was looked at last. */
static void replay(struct model_run *run)
{
	unsigned int seen =
		min_t(unsigned int, atomic_read(&run->nr_seen), MODEL_SEEN_MAX);
	const struct model_seen *s;

	for (; run->replayed < seen && !run->problem; run->replayed++) {
		s = &run->seen[run->replayed];
		if (s->kind == MODEL_SAW_EXPIRY)
			replay_expiry(run, s->index, s->value);
		else if (!run->held)
			model_run_dpcs(&run->model);
	}
}

static void expect_nothing_overdue(struct model_run *run)
{
	unsigned int i;

	for (i = 0; i < run->model.nr_timers; i++)
		if (lateness(run, i) > LATE_NS)
			model_disagree(run, "expiry that did not come", i,
				       LATE_NS, lateness(run, i));
}

static void api_freeze(struct model_run *run)
{
	local_bh_disable();
	replay(run);
	set_model_time(run, ktime_get_ns());
	expect_nothing_overdue(run);
}

static void api_thaw(struct model_run *run)
{
	local_bh_enable();
	replay(run);
}

static bool api_init(struct model_run *run, unsigned int i, int type)
{
	bool good;

	KeInitializeTimerEx(&run->timers[i], type);
	good = !nts_test_take_findings("KT-016");
	if (!good)
		nts_test_init(NULL);
	return good;
}

static u8 call_set(struct nts_timer *timer, const struct model_set *set,
		   struct nts_dpc *dpc)
{
	if (set->tolerance_ms)
		return KeSetCoalescableTimer(timer, set->due_100ns,
					     set->period_ms, set->tolerance_ms,
					     dpc);
	if (set->period_ms)
		return KeSetTimerEx(timer, set->due_100ns, set->period_ms, dpc);
	return KeSetTimer(timer, set->due_100ns, dpc);
}

/*
 * Time stands still, so nothing expires but this timer, inside the call. The
 * model has done that already.
 */
static bool api_set(struct model_run *run, unsigned int i,
		    const struct model_set *set)
{
	unsigned int before = atomic_read(&run->nr_seen), seen;
	struct nts_dpc *dpc = NULL;
	bool was_armed;

	if (set->dpc != MODEL_NO_DPC)
		dpc = &run->dpcs[set->dpc].dpc;
	was_armed = call_set(&run->timers[i], set, dpc);
	for (seen = before; seen < atomic_read(&run->nr_seen); seen++)
		if (run->seen[seen].kind != MODEL_SAW_EXPIRY ||
		    run->seen[seen].index != i || seen > before)
			model_disagree(run, "effect of set", i, -1,
				       run->seen[seen].index);
	run->replayed = seen;
	return was_armed;
}

static bool api_cancel(struct model_run *run, unsigned int i)
{
	return KeCancelTimer(&run->timers[i]);
}

static bool api_poll(struct model_run *run, unsigned int i)
{
	const s64 no_time = 0;

	return !KeWaitForSingleObject(&run->timers[i], 0, 0, 0, &no_time);
}

static void done_fn(struct nts_async_wait *async, s32 status)
{
	struct api_wait *w = container_of(async, struct api_wait, async);

	model_saw(w->run, (struct model_seen){
				  .kind = MODEL_SAW_WAIT,
				  .index = w->number,
			  });
}

static void api_wait(struct model_run *run, unsigned int i, u8 number)
{
	struct nts_header *object = &run->timers[i].header;
	const struct nts_async_request request = {
		.objects = &object,
		.done_fn = done_fn,
		.count = 1,
	};
	struct api_wait *w = api.waits[number];

	w->run = run;
	w->number = number;
	if (nts_async_start(&w->async, &request) != NTS_STATUS_PENDING)
		done_fn(&w->async, NTS_STATUS_SUCCESS);
}

static bool api_unwait(struct model_run *run, unsigned int i, u8 number)
{
	struct api_wait *w = api.waits[number];

	return w->run && nts_async_cancel(&w->async);
}

/* How much time may pass before the model is brought up to date. */
static s64 slice_of(const struct model_run *run)
{
	const struct model_timer *t;
	u32 least_ms = S32_MAX;
	unsigned int i;

	for (i = 0; i < run->model.nr_timers; i++) {
		t = &run->model.timers[i];
		if (t->armed && t->period_ms)
			least_ms = min(least_ms, t->period_ms);
	}
	/* A period is at least a tick, but its own length will do. */
	return (s64)least_ms * NSEC_PER_MSEC * PERIODS_PER_SLICE;
}

static void pass_slice(struct model_run *run, s64 ns)
{
	s64 interval_100ns = -max_t(s64, ns / 100, 1);

	KeDelayExecutionThread(0, 0, &interval_100ns);
	api_freeze(run);
	api_thaw(run);
	model_compare(run);
}

static void pass(struct model_run *run, s64 left_ns)
{
	unsigned int slices = SLICES;
	s64 slice_ns;

	if (run->held)
		return;
	api_freeze(run);
	api_thaw(run);
	for (; left_ns > 0 && slices && !run->problem; slices--) {
		slice_ns = min(left_ns, slice_of(run));
		pass_slice(run, slice_ns);
		left_ns -= slice_ns;
	}
}

static void api_pass(struct model_run *run, u64 ns)
{
	pass(run, min_t(u64, ns, LONGEST_NS));
}

static void api_pass_years(struct model_run *run, u64 ns)
{
	pass(run, ns);
}

static void set_wall_clock(s64 real_ns)
{
	struct timespec64 wall = ns_to_timespec64(real_ns);

	/* Refuses what lies before the boot or too near to the end of time. */
	do_settimeofday64(&wall);
	api.offset_ns = wall_offset();
}

static void api_step(struct model_run *run, s64 ns)
{
	if (run->held)
		return;
	api_freeze(run);
	api_thaw(run);
	run->stepped_mono = run->model.mono;
	set_wall_clock((s64)run->model.real + ns);
	pass_slice(run, NOTICE_NS);
}

const struct model_target model_api_target = {
	.freeze = api_freeze,
	.thaw = api_thaw,
	.init = api_init,
	.set = api_set,
	.cancel = api_cancel,
	.poll = api_poll,
	.wait = api_wait,
	.unwait = api_unwait,
	.pass = api_pass,
	.step = api_step,
	.no_years = true,
};

const struct model_target model_api_years_target = {
	.freeze = api_freeze,
	.thaw = api_thaw,
	.init = api_init,
	.set = api_set,
	.cancel = api_cancel,
	.poll = api_poll,
	.wait = api_wait,
	.unwait = api_unwait,
	.pass = api_pass_years,
	.step = api_step,
};

/**
 * model_api_start() - before runs on this target
 * @run: the only run until model_api_stop()
 *
 * Return: 0 or a negative errno.
 */
int model_api_start(struct model_run *run)
{
	struct api_wait *w;
	unsigned int i;

	api.run = run;
	api.offset_ns = wall_offset();
	api.initial_offset_ns = api.offset_ns;
	for (i = 0; i < MODEL_ALL_WAITS; i++) {
		w = kzalloc(struct_size(w, async.blocks, 1), GFP_KERNEL);
		if (!w)
			return -ENOMEM;
		api.waits[i] = w;
	}
	return register_trace_nts_timer_expire(expire_probe, run);
}

/**
 * model_api_stop() - after the last run, or a start that failed
 *
 * Sets the wall clock as if it had never been touched.
 */
void model_api_stop(void)
{
	unsigned int i;

	unregister_trace_nts_timer_expire(expire_probe, api.run);
	tracepoint_synchronize_unregister();
	set_wall_clock(ktime_get_ns() + api.initial_offset_ns);
	for (i = 0; i < MODEL_ALL_WAITS; i++)
		kfree(api.waits[i]);
	memset(&api, 0, sizeof(api));
}
