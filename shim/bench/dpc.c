// SPDX-License-Identifier: GPL-2.0
/*
 * From the call that queues a DPC to its routine, beside tasklet_hi_schedule().
 * Both run before the bottom halves are enabled again: a tasklet's caller must
 * see to that himself, else a thread of the kernel would be woken for it.
 */

#include "../compat.h"

#include <linux/bottom_half.h>
#include <linux/interrupt.h>
#include <linux/kernel.h>

#include "../nt_api.h"
#include "bench.h"

#define BATCH 100
#define ROUNDS 201
#define QUICK_ROUNDS 3

/**
 * struct dpc_bench - one of each
 * @tasklet: the tasklet
 * @dpc: the DPC
 * @ran: ticks at which the routine started
 */
struct dpc_bench {
	struct tasklet_struct tasklet;
	struct nts_dpc dpc;
	u64 ran;
};

static struct dpc_bench bench;

static void tasklet_fn(struct tasklet_struct *tasklet)
{
	bench.ran = bench_ticks();
}

static void dpc_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	bench.ran = bench_ticks();
}

static u64 raw_insert(void *context)
{
	u64 start, ticks = 0;
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		start = bench_ticks();
		local_bh_disable();
		tasklet_hi_schedule(&bench.tasklet);
		local_bh_enable();
		ticks += READ_ONCE(bench.ran) - start;
	}
	return ticks;
}

static u64 nt_insert(void *context)
{
	u64 start, ticks = 0;
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		start = bench_ticks();
		KeInsertQueueDpc(&bench.dpc, NULL, NULL);
		ticks += READ_ONCE(bench.ran) - start;
	}
	return ticks;
}

/**
 * bench_dpc() - queueing a DPC beside scheduling a tasklet
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int bench_dpc(void)
{
	const struct bench_case c = {
		.name = "dpc",
		.ops = BATCH,
		.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS,
		.sides = { { "raw", raw_insert }, { "nt", nt_insert } },
	};
	int ret;

	tasklet_setup(&bench.tasklet, tasklet_fn);
	KeInitializeDpc(&bench.dpc, dpc_fn, NULL);
	ret = bench_measure(&c);
	tasklet_kill(&bench.tasklet);
	KeFlushQueuedDpcs();
	return ret;
}
