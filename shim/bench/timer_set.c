// SPDX-License-Identifier: GPL-2.0
/*
 * Setting and cancelling timers while others are armed: an hrtimer, a KTIMER
 * with a DPC, and for reference a timer of the kernel's wheel.
 */

#include "../compat.h"

#include <linux/hrtimer.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/timer.h>
#include <linux/vmalloc.h>

#include "../ke_api.h"
#include "../nt_api.h"
#include "../timer.h"
#include "bench.h"

#define BATCH 100
#define ROUNDS 201
#define QUICK_ROUNDS 3

/*
 * Nothing here expires. The others come in 2000 to 2430 seconds. What is to be
 * the earliest of all is due before all that was set until then, by a step that
 * is longer than what happens in between.
 */
#define EARLIEST_SECONDS 1500
#define EARLIER_BY_NS (5 * NSEC_PER_MSEC)
#define DUE_SECONDS 1800
#define OTHERS_DUE_SECONDS 2000
#define LATER_SECONDS 3000

static const unsigned int sizes[] = { 0, 1000, 100000, 1000000 };

/**
 * struct set_bench - the timers of a number of others
 * @others: how many other timers of each kind are armed
 * @raw: the other hrtimers
 * @nt: the other KTIMERs
 * @wheel: the other timers of the wheel
 * @raw_timers: hrtimers that are measured
 * @nt_timers: KTIMERs that are measured
 * @wheel_timers: timers of the wheel that are measured
 * @dpc: DPC of @nt_timers, which never runs
 */
struct set_bench {
	unsigned int others;
	struct hrtimer *raw;
	struct nts_timer *nt;
	struct timer_list *wheel;
	struct hrtimer raw_timers[BATCH];
	struct nts_timer nt_timers[BATCH];
	struct timer_list wheel_timers[BATCH];
	struct nts_dpc dpc;
};

/* Due times from now of what was set last as the earliest of all. */
static u64 raw_earliest_ns = EARLIEST_SECONDS * NSEC_PER_SEC;
static u64 nt_earliest_ns = EARLIEST_SECONDS * NSEC_PER_SEC;

static enum hrtimer_restart nothing_fn(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

static void nothing_wheel_fn(struct timer_list *timer)
{
}

static void nothing_dpc(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
}

static void init_one(struct hrtimer *raw, struct nts_timer *nt,
		     struct timer_list *wheel)
{
	hrtimer_setup(raw, nothing_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	KeInitializeTimer(nt);
	timer_setup(wheel, nothing_wheel_fn, 0);
}

static void arm_others(struct set_bench *b)
{
	u64 due_ns;
	unsigned int i;

	for (i = 0; i < b->others; i++) {
		init_one(&b->raw[i], &b->nt[i], &b->wheel[i]);
		due_ns = (u64)OTHERS_DUE_SECONDS * NSEC_PER_SEC +
			 get_random_u32() * 100ull;
		hrtimer_start(&b->raw[i], ns_to_ktime(due_ns),
			      HRTIMER_MODE_REL);
		KeSetTimer(&b->nt[i], -(s64)(due_ns / 100), NULL);
		mod_timer(&b->wheel[i], jiffies + nsecs_to_jiffies(due_ns));
		cond_resched();
	}
}

static void cancel_others(struct set_bench *b)
{
	unsigned int i;

	for (i = 0; i < b->others; i++) {
		hrtimer_cancel(&b->raw[i]);
		KeCancelTimer(&b->nt[i]);
		timer_delete_sync(&b->wheel[i]);
		cond_resched();
	}
}

static void cancel_measured(struct set_bench *b)
{
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		hrtimer_cancel(&b->raw_timers[i]);
		KeCancelTimer(&b->nt_timers[i]);
		timer_delete(&b->wheel_timers[i]);
	}
}

/* ------------------------------------------------------- set and cancel */

static u64 raw_set_cancel(void *context)
{
	struct set_bench *b = context;
	ktime_t due = ktime_set(DUE_SECONDS, 0);
	struct bench_span span = bench_begin();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		hrtimer_start(&b->raw_timers[0], due, HRTIMER_MODE_REL);
		hrtimer_cancel(&b->raw_timers[0]);
	}
	return bench_end(span);
}

static u64 nt_set_cancel(void *context)
{
	struct set_bench *b = context;
	s64 due_100ns = -(s64)DUE_SECONDS * 10000000;
	struct bench_span span = bench_begin();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		KeSetTimer(&b->nt_timers[0], due_100ns, &b->dpc);
		KeCancelTimer(&b->nt_timers[0]);
	}
	return bench_end(span);
}

static u64 wheel_set_cancel(void *context)
{
	struct set_bench *b = context;
	struct bench_span span = bench_begin();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		mod_timer(&b->wheel_timers[0], jiffies + DUE_SECONDS * HZ);
		timer_delete(&b->wheel_timers[0]);
	}
	return bench_end(span);
}

/* ----------------------------------------------- set again while armed */

static u64 raw_reset(void *context)
{
	struct set_bench *b = context;
	ktime_t due = ktime_set(DUE_SECONDS, 0);
	struct bench_span span;
	unsigned int i;

	hrtimer_start(&b->raw_timers[0], due, HRTIMER_MODE_REL);
	span = bench_begin();
	for (i = 0; i < BATCH; i++)
		hrtimer_start(&b->raw_timers[0], due, HRTIMER_MODE_REL);
	return bench_end(span);
}

static u64 nt_reset(void *context)
{
	struct set_bench *b = context;
	s64 due_100ns = -(s64)DUE_SECONDS * 10000000;
	struct bench_span span;
	unsigned int i;

	KeSetTimer(&b->nt_timers[0], due_100ns, &b->dpc);
	span = bench_begin();
	for (i = 0; i < BATCH; i++)
		KeSetTimer(&b->nt_timers[0], due_100ns, &b->dpc);
	return bench_end(span);
}

static u64 wheel_reset(void *context)
{
	struct set_bench *b = context;
	struct bench_span span;
	unsigned int i;

	mod_timer(&b->wheel_timers[0], jiffies + DUE_SECONDS * HZ);
	span = bench_begin();
	/* The same jiffy again would be noticed, and nothing done. */
	for (i = 0; i < BATCH; i++)
		mod_timer(&b->wheel_timers[0],
			  jiffies + (DUE_SECONDS + 60 * (i % 2)) * HZ);
	return bench_end(span);
}

/* ------------------------------------- set the earliest, set a later one */

static u64 raw_set_all(struct set_bench *b, u64 due_ns, s64 step_ns)
{
	struct bench_span span;
	unsigned int i;
	u64 ticks;

	span = bench_begin();
	for (i = 0; i < BATCH; i++, due_ns += step_ns)
		hrtimer_start(&b->raw_timers[i], ns_to_ktime(due_ns),
			      HRTIMER_MODE_REL);
	ticks = bench_end(span);
	for (i = 0; i < BATCH; i++)
		hrtimer_cancel(&b->raw_timers[i]);
	return ticks;
}

static u64 nt_set_all(struct set_bench *b, u64 due_ns, s64 step_ns)
{
	s64 due_100ns = -(s64)(due_ns / 100), step_100ns = -step_ns / 100;
	struct bench_span span;
	unsigned int i;
	u64 ticks;

	span = bench_begin();
	for (i = 0; i < BATCH; i++, due_100ns += step_100ns)
		KeSetTimer(&b->nt_timers[i], due_100ns, &b->dpc);
	ticks = bench_end(span);
	for (i = 0; i < BATCH; i++)
		KeCancelTimer(&b->nt_timers[i]);
	return ticks;
}

static u64 raw_set_earliest(void *context)
{
	u64 due_ns = raw_earliest_ns;

	raw_earliest_ns -= BATCH * EARLIER_BY_NS;
	return raw_set_all(context, due_ns, -EARLIER_BY_NS);
}

static u64 nt_set_earliest(void *context)
{
	u64 due_ns = nt_earliest_ns;

	nt_earliest_ns -= BATCH * EARLIER_BY_NS;
	return nt_set_all(context, due_ns, -EARLIER_BY_NS);
}

static u64 raw_set_later(void *context)
{
	return raw_set_all(context, LATER_SECONDS * NSEC_PER_SEC,
			   NSEC_PER_MSEC);
}

static u64 nt_set_later(void *context)
{
	return nt_set_all(context, LATER_SECONDS * NSEC_PER_SEC, NSEC_PER_MSEC);
}

/* ------------------------------------------------------------- the part */

static const struct bench_case cases[] = {
	{ .name = "set_earliest",
	  .sides = { { "raw", raw_set_earliest }, { "nt", nt_set_earliest } } },
	{ .name = "set_later",
	  .sides = { { "raw", raw_set_later }, { "nt", nt_set_later } } },
	{ .name = "set_cancel",
	  .sides = { { "raw", raw_set_cancel },
		     { "nt", nt_set_cancel },
		     { "wheel", wheel_set_cancel } } },
	{ .name = "reset",
	  .sides = { { "raw", raw_reset },
		     { "nt", nt_reset },
		     { "wheel", wheel_reset } } },
};

static int measure(struct set_bench *b)
{
	struct bench_case c;
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(cases) && !ret; i++) {
		c = cases[i];
		c.size = b->others;
		c.ops = BATCH;
		c.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS;
		c.context = b;
		ret = bench_measure(&c);
		cancel_measured(b);
	}
	return ret;
}

static void prepare(struct set_bench *b)
{
	unsigned int i;

	KeInitializeDpc(&b->dpc, nothing_dpc, NULL);
	for (i = 0; i < BATCH; i++)
		init_one(&b->raw_timers[i], &b->nt_timers[i],
			 &b->wheel_timers[i]);
}

static int bench_size(unsigned int others)
{
	struct set_bench *b = vzalloc(sizeof(*b));
	int ret = -ENOMEM;

	if (!b)
		return ret;
	b->others = others;
	b->raw = vcalloc(others + 1, sizeof(*b->raw));
	b->nt = vcalloc(others + 1, sizeof(*b->nt));
	b->wheel = vcalloc(others + 1, sizeof(*b->wheel));
	if (b->raw && b->nt && b->wheel) {
		prepare(b);
		arm_others(b);
		ret = measure(b);
		cancel_others(b);
	}
	vfree(b->wheel);
	vfree(b->nt);
	vfree(b->raw);
	vfree(b);
	return ret;
}

/**
 * bench_timer_set() - set, set again and cancel, with other timers armed
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int bench_timer_set(void)
{
	unsigned int i, nr_sizes = bench_quick ? 2 : ARRAY_SIZE(sizes);
	int ret = 0;

	for (i = 0; i < nr_sizes && !ret; i++)
		ret = bench_size(sizes[i]);
	return ret;
}
