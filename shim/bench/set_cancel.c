// SPDX-License-Identifier: GPL-2.0
/*
 * The pattern that drivers use most: set a timeout, then cancel it. Measures
 * KeSetTimer + KeCancelTimer beside hrtimer_start + hrtimer_cancel, in turn in
 * the same run, with other timers armed that are due later. One line for each
 * number of them; scripts/bench reads the lines.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "../compat.h"

#include <linux/hrtimer.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/sort.h>
#include <linux/timex.h>
#include <linux/vmalloc.h>

#include "../ke_api.h"
#include "../nt_api.h"
#include "../timer.h"

#define BATCH 100
#define ROUNDS 201
#define DUE_SECONDS 10
/* The others are due in 1000 to 1430 seconds. */
#define OTHERS_DUE_SECONDS 1000

static const unsigned int sizes[] = { 0, 1000, 100000 };

/**
 * struct bench - one measurement
 * @others: how many other timers are armed
 * @raw: the other hrtimers
 * @nt: the other KTIMERs
 * @raw_timer: the hrtimer that is measured
 * @nt_timer: the KTIMER that is measured
 * @dpc: its DPC, which never runs
 * @raw_ticks: each batch's time
 * @nt_ticks: each batch's time
 */
struct bench {
	unsigned int others;
	struct hrtimer *raw;
	struct nts_timer *nt;
	struct hrtimer raw_timer;
	struct nts_timer nt_timer;
	struct nts_dpc dpc;
	u64 raw_ticks[ROUNDS];
	u64 nt_ticks[ROUNDS];
};

/* Cycles where there is a counter, which under -icount counts instructions. */
static u64 read_ticks(void)
{
	return IS_ENABLED(CONFIG_UML) ? ktime_get_ns() : get_cycles();
}

static enum hrtimer_restart nothing_fn(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

static void nothing_dpc(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
}

static u64 other_due_ns(void)
{
	return (u64)OTHERS_DUE_SECONDS * NSEC_PER_SEC +
	       get_random_u32() * 100ull;
}

static void arm_others(struct bench *bench)
{
	unsigned int i;

	for (i = 0; i < bench->others; i++) {
		hrtimer_setup(&bench->raw[i], nothing_fn, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL);
		hrtimer_start(&bench->raw[i], ns_to_ktime(other_due_ns()),
			      HRTIMER_MODE_REL);
		KeInitializeTimer(&bench->nt[i]);
		KeSetTimer(&bench->nt[i], -(s64)(other_due_ns() / 100), NULL);
	}
}

static void cancel_others(struct bench *bench)
{
	unsigned int i;

	for (i = 0; i < bench->others; i++) {
		hrtimer_cancel(&bench->raw[i]);
		KeCancelTimer(&bench->nt[i]);
	}
}

static u64 raw_batch(struct bench *bench)
{
	ktime_t due = ktime_set(DUE_SECONDS, 0);
	unsigned long flags;
	unsigned int i;
	u64 start;

	local_irq_save(flags);
	start = read_ticks();
	for (i = 0; i < BATCH; i++) {
		hrtimer_start(&bench->raw_timer, due, HRTIMER_MODE_REL);
		hrtimer_cancel(&bench->raw_timer);
	}
	start = read_ticks() - start;
	local_irq_restore(flags);
	return start;
}

static u64 nt_batch(struct bench *bench)
{
	s64 due_100ns = -(s64)DUE_SECONDS * 10000000;
	unsigned long flags;
	unsigned int i;
	u64 start;

	local_irq_save(flags);
	start = read_ticks();
	for (i = 0; i < BATCH; i++) {
		KeSetTimer(&bench->nt_timer, due_100ns, &bench->dpc);
		KeCancelTimer(&bench->nt_timer);
	}
	start = read_ticks() - start;
	local_irq_restore(flags);
	return start;
}

static int compare_ticks(const void *a, const void *b)
{
	u64 left = *(const u64 *)a, right = *(const u64 *)b;

	return left < right ? -1 : left > right;
}

static void report(struct bench *bench)
{
	sort(bench->raw_ticks, ROUNDS, sizeof(u64), compare_ticks, NULL);
	sort(bench->nt_ticks, ROUNDS, sizeof(u64), compare_ticks, NULL);
	pr_info("set_cancel others %u batch %u raw min %llu p50 %llu p99 %llu nt min %llu p50 %llu p99 %llu\n",
		bench->others, BATCH, bench->raw_ticks[0],
		bench->raw_ticks[ROUNDS / 2],
		bench->raw_ticks[ROUNDS * 99 / 100], bench->nt_ticks[0],
		bench->nt_ticks[ROUNDS / 2],
		bench->nt_ticks[ROUNDS * 99 / 100]);
}

static void measure(struct bench *bench)
{
	unsigned int round;

	hrtimer_setup(&bench->raw_timer, nothing_fn, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL);
	KeInitializeTimer(&bench->nt_timer);
	KeInitializeDpc(&bench->dpc, nothing_dpc, NULL);
	arm_others(bench);
	/* The first of each warms the caches. */
	raw_batch(bench);
	nt_batch(bench);
	for (round = 0; round < ROUNDS; round++) {
		bench->raw_ticks[round] = raw_batch(bench);
		bench->nt_ticks[round] = nt_batch(bench);
	}
	cancel_others(bench);
	report(bench);
}

static int bench_size(unsigned int others)
{
	struct bench *bench = vzalloc(sizeof(*bench));
	int ret = -ENOMEM;

	if (!bench)
		return ret;
	bench->others = others;
	bench->raw = vzalloc(array_size(others + 1, sizeof(*bench->raw)));
	bench->nt = vzalloc(array_size(others + 1, sizeof(*bench->nt)));
	if (bench->raw && bench->nt) {
		measure(bench);
		ret = 0;
	}
	vfree(bench->nt);
	vfree(bench->raw);
	vfree(bench);
	return ret;
}

static int __init bench_init(void)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(sizes) && !ret; i++)
		ret = bench_size(sizes[i]);
	return ret;
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);

MODULE_DESCRIPTION("ntshim beside the raw kernel primitives");
MODULE_LICENSE("GPL");
