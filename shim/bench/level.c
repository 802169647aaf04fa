// SPDX-License-Identifier: GPL-2.0
/*
 * Raising to DISPATCH_LEVEL and lowering again, beside what it comes down to:
 * bottom halves off and on.
 */

#include "../compat.h"

#include <linux/bottom_half.h>
#include <linux/kernel.h>

#include "../irql.h"
#include "../nt_api.h"
#include "bench.h"

#define BATCH 1000
#define ROUNDS 201
#define QUICK_ROUNDS 3

static u64 raw_levels(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		local_bh_disable();
		local_bh_enable();
	}
	return bench_ticks() - start;
}

static u64 nt_levels(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;
	u8 before;

	for (i = 0; i < BATCH; i++) {
		KeRaiseIrql(NTS_DISPATCH_LEVEL, &before);
		KeLowerIrql(before);
	}
	return bench_ticks() - start;
}

/**
 * bench_level() - KeRaiseIrql and KeLowerIrql
 *
 * Context: process, PASSIVE_LEVEL.
 * Return: 0, or -ENOMEM.
 */
int bench_level(void)
{
	const struct bench_case c = {
		.name = "raise_lower",
		.ops = BATCH,
		.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS,
		.sides = { { "raw", raw_levels }, { "nt", nt_levels } },
	};

	return bench_measure(&c);
}
