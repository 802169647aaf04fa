// SPDX-License-Identifier: GPL-2.0
/*
 * Very many timers due at once: hrtimers that schedule a tasklet each, KTIMERs
 * with a DPC each, and both without. A row is the time from the common due time
 * until the last of them has been dealt with; every routine is counted. In runs
 * of their own another hrtimer looks how long interrupts stay off.
 */

#include "../compat.h"

#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "../ke_api.h"
#include "../nt_api.h"
#include "../timer.h"
#include "bench.h"

#define TIMERS 100000
#define QUICK_TIMERS 1000
#define ROUNDS 5
#define QUICK_ROUNDS 1

/* All due times lie so close together. */
#define SPREAD_NS 1000

/* Long enough to arm them all. */
#define LEAD_NS (500 * NSEC_PER_MSEC)

#define PROBE_NS (20 * NSEC_PER_USEC)

/* A timer of the kernel with what its expiry runs. */
struct raw_pair {
	struct hrtimer timer;
	struct tasklet_struct tasklet;
};

/* A timer of a driver with what its expiry runs. */
struct nt_pair {
	struct nts_timer timer;
	struct nts_dpc dpc;
};

/**
 * struct mass_bench - all of them
 * @count: number of timers of each kind
 * @raw: hrtimers and tasklets
 * @nt: KTIMERs and DPCs
 * @with_routine: they have a tasklet or a DPC
 * @ran: routines or, without them, callbacks of hrtimers that have run
 * @end_ns: when the last one did
 * @done: the same for who waits
 * @probe: hrtimer that looks how long interrupts were off
 * @probed_ns: when it ran last; 0: not yet
 * @gap_ns: longest time between two of its runs
 */
struct mass_bench {
	unsigned int count;
	struct raw_pair *raw;
	struct nt_pair *nt;
	bool with_routine;
	unsigned int ran;
	u64 end_ns;
	struct completion done;
	struct hrtimer probe;
	u64 probed_ns;
	u64 gap_ns;
};

static struct mass_bench bench;

/* All run on one processor, and those that count in one kind of context. */
static void count_run(void)
{
	if (++bench.ran < bench.count)
		return;
	bench.end_ns = ktime_get_ns();
	complete(&bench.done);
}

static void tasklet_fn(struct tasklet_struct *tasklet)
{
	count_run();
}

static void dpc_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	count_run();
}

static enum hrtimer_restart raw_fn(struct hrtimer *timer)
{
	struct raw_pair *pair = container_of(timer, struct raw_pair, timer);

	if (bench.with_routine)
		tasklet_hi_schedule(&pair->tasklet);
	else
		count_run();
	return HRTIMER_NORESTART;
}

static enum hrtimer_restart probe_fn(struct hrtimer *timer)
{
	u64 now_ns = ktime_get_ns();

	if (bench.probed_ns && now_ns - bench.probed_ns > bench.gap_ns)
		bench.gap_ns = now_ns - bench.probed_ns;
	bench.probed_ns = now_ns;
	hrtimer_forward_now(timer, ns_to_ktime(PROBE_NS));
	return HRTIMER_RESTART;
}

static u64 due_of(u64 due_ns, unsigned int index)
{
	return due_ns + index % (SPREAD_NS / 100) * 100;
}

static void arm_raw(u64 due_ns)
{
	unsigned int i;

	for (i = 0; i < bench.count; i++) {
		hrtimer_start(&bench.raw[i].timer,
			      ns_to_ktime(due_of(due_ns, i)), HRTIMER_MODE_ABS);
		if (!(i % 256))
			cond_resched();
	}
}

/*
 * A KTIMER takes no monotonic instant, only a distance from now: should
 * something come in between, the timer is set once more.
 */
static void arm_one(struct nt_pair *pair, u64 due_ns)
{
	struct nts_dpc *dpc = bench.with_routine ? &pair->dpc : NULL;
	s64 left_ns;

	do {
		left_ns = due_ns - ktime_get_ns();
		KeSetTimer(&pair->timer, -(left_ns / 100), dpc);
	} while (pair->timer.due_ns > due_ns + SPREAD_NS);
}

static void arm_nt(u64 due_ns)
{
	unsigned int i;

	for (i = 0; i < bench.count; i++) {
		arm_one(&bench.nt[i], due_of(due_ns, i));
		if (!(i % 256))
			cond_resched();
	}
}

static void begin_counting(void)
{
	bench.ran = 0;
	reinit_completion(&bench.done);
}

static u64 wait_for_all(u64 due_ns)
{
	wait_for_completion(&bench.done);
	return bench.end_ns - due_ns;
}

static u64 raw_mass(void *context)
{
	u64 due_ns = ktime_get_ns() + LEAD_NS;

	begin_counting();
	arm_raw(due_ns);
	return wait_for_all(due_ns);
}

/* Without routines only a wait tells that a timer has expired. */
static u64 wait_for_each(u64 due_ns)
{
	unsigned int i;

	for (i = 0; i < bench.count; i++)
		if (!nts_signal_read(&bench.nt[i].timer.header))
			KeWaitForSingleObject(&bench.nt[i].timer, 0, 0, false,
					      NULL);
	return ktime_get_ns() - due_ns;
}

static u64 nt_mass(void *context)
{
	u64 due_ns = ktime_get_ns() + LEAD_NS;

	begin_counting();
	arm_nt(due_ns);
	return bench.with_routine ? wait_for_all(due_ns) :
				    wait_for_each(due_ns);
}

/* A batch of @side while the probe looks. */
static u64 longest_gap(u64 (*mass)(void *context))
{
	bench.gap_ns = 0;
	bench.probed_ns = 0;
	hrtimer_start(&bench.probe, ns_to_ktime(PROBE_NS),
		      HRTIMER_MODE_REL_HARD);
	mass(NULL);
	hrtimer_cancel(&bench.probe);
	return bench.gap_ns;
}

static int measure(bool with_routine)
{
	const struct bench_case c = {
		.name = with_routine ? "mass_routine" : "mass_bare",
		.size = bench.count,
		.ops = bench.count,
		.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS,
		.sides = { { "raw", raw_mass }, { "nt", nt_mass } },
	};
	const char *gap = with_routine ? "mass_routine_irqs_off_ns" :
					 "mass_bare_irqs_off_ns";
	int ret;

	bench.with_routine = with_routine;
	ret = bench_measure(&c);
	if (ret)
		return ret;
	bench_value(gap, bench.count, "raw", longest_gap(raw_mass));
	bench_value(gap, bench.count, "nt", longest_gap(nt_mass));
	return 0;
}

static void prepare(void)
{
	unsigned int i;

	init_completion(&bench.done);
	hrtimer_setup(&bench.probe, probe_fn, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_HARD);
	for (i = 0; i < bench.count; i++) {
		hrtimer_setup(&bench.raw[i].timer, raw_fn, CLOCK_MONOTONIC,
			      HRTIMER_MODE_ABS);
		tasklet_setup(&bench.raw[i].tasklet, tasklet_fn);
		KeInitializeTimer(&bench.nt[i].timer);
		KeInitializeDpc(&bench.nt[i].dpc, dpc_fn, NULL);
	}
}

/* All have expired; the last callbacks may still be returning. */
static void finish(void)
{
	unsigned int i;

	for (i = 0; i < bench.count; i++) {
		hrtimer_cancel(&bench.raw[i].timer);
		tasklet_kill(&bench.raw[i].tasklet);
		KeCancelTimer(&bench.nt[i].timer);
	}
	KeFlushQueuedDpcs();
}

/**
 * bench_expiry_mass() - 10^5 timers due at once
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int bench_expiry_mass(void)
{
	int ret = -ENOMEM;

	bench.count = bench_quick ? QUICK_TIMERS : TIMERS;
	bench.raw = vcalloc(bench.count, sizeof(*bench.raw));
	bench.nt = vcalloc(bench.count, sizeof(*bench.nt));
	if (bench.raw && bench.nt) {
		prepare();
		ret = measure(true);
		if (!ret)
			ret = measure(false);
		finish();
	}
	vfree(bench.nt);
	vfree(bench.raw);
	return ret;
}
