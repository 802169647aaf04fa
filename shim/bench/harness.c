// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the sides of a case in turn and reports their times. One line for each
 * side: row NAME SIZE OPS SIDE COUNT MIN P50 P99 MAX, times in ticks of a
 * batch: nanoseconds in UML, else cycles, which are instructions under -icount.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "../compat.h"

#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/vmalloc.h>

#include "bench.h"

static int compare_ticks(const void *a, const void *b)
{
	u64 left = *(const u64 *)a, right = *(const u64 *)b;

	return left < right ? -1 : left > right;
}

static void report(const struct bench_case *c, const char *side, u64 *ticks)
{
	sort(ticks, c->rounds, sizeof(*ticks), compare_ticks, NULL);
	pr_info("row %s %u %u %s %u %llu %llu %llu %llu\n", c->name, c->size,
		c->ops, side, c->rounds, ticks[0], ticks[c->rounds / 2],
		ticks[c->rounds * 99 / 100], ticks[c->rounds - 1]);
}

static void run_rounds(const struct bench_case *c, u64 *ticks)
{
	const struct bench_side *side;
	unsigned int round, i;

	/* The first batch of each side warms the caches. */
	for (round = 0; round <= c->rounds; round++) {
		for (i = 0; i < BENCH_SIDES_MAX; i++) {
			side = &c->sides[i];
			if (!side->name)
				continue;
			ticks[i * c->rounds + (round ? round - 1 : 0)] =
				side->batch(c->context);
		}
		cond_resched();
	}
}

/**
 * bench_measure() - run one case and log its rows
 * @c: the case
 *
 * Context: process; the batches decide about the rest.
 * Return: 0, or -ENOMEM.
 */
int bench_measure(const struct bench_case *c)
{
	unsigned int i;
	u64 *ticks;

	ticks = vcalloc(array_size(BENCH_SIDES_MAX, c->rounds), sizeof(*ticks));
	if (!ticks)
		return -ENOMEM;
	run_rounds(c, ticks);
	for (i = 0; i < BENCH_SIDES_MAX; i++)
		if (c->sides[i].name)
			report(c, c->sides[i].name, &ticks[i * c->rounds]);
	vfree(ticks);
	return 0;
}

/**
 * bench_value() - log a number that is no time of a batch
 * @name: what it is
 * @size: what varies
 * @side: whose it is
 * @value: the number
 *
 * Context: process.
 */
void bench_value(const char *name, unsigned int size, const char *side,
		 u64 value)
{
	pr_info("value %s %u %s %llu\n", name, size, side, value);
}
