// SPDX-License-Identifier: GPL-2.0
/*
 * From the due time to the deferred routine: an hrtimer whose callback
 * schedules a tasklet, and a KTIMER with a DPC. The processor spins meanwhile,
 * so the way out of idle is not part of it.
 */

#include "../compat.h"

#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>
#include <linux/sched.h>

#include "../ke_api.h"
#include "../nt_api.h"
#include "../timer.h"
#include "bench.h"

#define ROUNDS 2001
#define QUICK_ROUNDS 11

/* Due times are spread, so that they fall between ticks of the kernel. */
#define DUE_MIN_NS (20 * NSEC_PER_USEC)
#define DUE_STEP_NS 700
#define DUE_STEPS 61

/**
 * struct latency_bench - a timer of each kind
 * @raw: the hrtimer
 * @tasklet: scheduled by @raw
 * @nt: the KTIMER
 * @dpc: its DPC
 * @turn: chooses the next due time
 * @ran_ns: when the routine ran; 0: not yet
 */
struct latency_bench {
	struct hrtimer raw;
	struct tasklet_struct tasklet;
	struct nts_timer nt;
	struct nts_dpc dpc;
	unsigned int turn;
	u64 ran_ns;
};

static struct latency_bench latency;

static u64 next_delay_ns(void)
{
	return DUE_MIN_NS + latency.turn++ / 2 % DUE_STEPS * DUE_STEP_NS;
}

/* The softirq may have been left to a thread, which wants to run then. */
static u64 wait_for_run(void)
{
	u64 ran_ns;

	while (!(ran_ns = READ_ONCE(latency.ran_ns)))
		cond_resched();
	WRITE_ONCE(latency.ran_ns, 0);
	return ran_ns;
}

static enum hrtimer_restart raw_fn(struct hrtimer *timer)
{
	tasklet_hi_schedule(&latency.tasklet);
	return HRTIMER_NORESTART;
}

static void tasklet_fn(struct tasklet_struct *tasklet)
{
	WRITE_ONCE(latency.ran_ns, ktime_get_ns());
}

static void dpc_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	WRITE_ONCE(latency.ran_ns, ktime_get_ns());
}

static u64 raw_latency(void *context)
{
	u64 due_ns;

	hrtimer_start(&latency.raw, ns_to_ktime(next_delay_ns()),
		      HRTIMER_MODE_REL);
	due_ns = ktime_to_ns(hrtimer_get_expires(&latency.raw));
	return wait_for_run() - due_ns;
}

static u64 nt_latency(void *context)
{
	u64 due_ns;

	KeSetTimer(&latency.nt, -(s64)(next_delay_ns() / 100), &latency.dpc);
	due_ns = latency.nt.due_ns;
	return wait_for_run() - due_ns;
}

/**
 * bench_expiry_latency() - expiry to DPC beside hrtimer and tasklet
 *
 * Context: process, may be preempted.
 * Return: 0, or -ENOMEM.
 */
int bench_expiry_latency(void)
{
	const struct bench_case c = {
		.name = "expiry_dpc",
		.ops = 1,
		.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS,
		.sides = { { "raw", raw_latency }, { "nt", nt_latency } },
	};
	int ret;

	hrtimer_setup(&latency.raw, raw_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	tasklet_setup(&latency.tasklet, tasklet_fn);
	KeInitializeTimer(&latency.nt);
	KeInitializeDpc(&latency.dpc, dpc_fn, NULL);
	ret = bench_measure(&c);
	hrtimer_cancel(&latency.raw);
	tasklet_kill(&latency.tasklet);
	KeCancelTimer(&latency.nt);
	KeFlushQueuedDpcs();
	return ret;
}
