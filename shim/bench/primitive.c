// SPDX-License-Identifier: GPL-2.0
/*
 * What the steps cost that both sides are made of: to see where the rest of a
 * ratio goes. There is nothing to compare, so there is one side.
 */

#include "../compat.h"

#include <linux/atomic.h>
#include <linux/irqflags.h>
#include <linux/kernel.h>
#include <linux/spinlock.h>

#include "../clock.h"
#include "../dpc_queue.h"
#include "bench.h"

#define BATCH 100
#define ROUNDS 21
#define QUICK_ROUNDS 3

static DEFINE_RAW_SPINLOCK(lock);
static struct nts_dpcq queue;
static struct nts_dpc dpc;
static atomic_t word;

/* Defines a batch of one statement. */
#define PRIMITIVE(name, statement)                      \
	static u64 batch_##name(void *context)          \
	{                                               \
		struct bench_span span = bench_begin(); \
		unsigned int i;                         \
                                                        \
		for (i = 0; i < BATCH; i++) {           \
			statement;                      \
			barrier();                      \
		}                                       \
		return bench_end(span);                 \
	}

PRIMITIVE(loop, )
PRIMITIVE(read_clock, ktime_get_ns())
PRIMITIVE(read_both_clocks, nts_clock_read())
PRIMITIVE(compare_and_swap, atomic_cmpxchg(&word, 0, 0))

static u64 batch_lock(void *context)
{
	struct bench_span span = bench_begin();
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		raw_spin_lock_irqsave(&lock, flags);
		raw_spin_unlock_irqrestore(&lock, flags);
	}
	return bench_end(span);
}

static u64 batch_irqs(void *context)
{
	struct bench_span span = bench_begin();
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		local_irq_save(flags);
		local_irq_restore(flags);
	}
	return bench_end(span);
}

static void insert(struct nts_dpc_origin *origin, struct nts_dpc_limits *limits)
{
	raw_spin_lock(&queue.lock);
	nts_dpcq_insert(&queue, &dpc, NULL, NULL, origin, limits);
	raw_spin_unlock(&queue.lock);
}

/* Into a queue and out of it, without the call. */
static u64 batch_dpc_queue(void *context)
{
	struct nts_dpc_origin origin = { .now_ns = 1 };
	struct nts_dpc_limits limits = { .tick_ns = NSEC_PER_SEC };
	struct bench_span span = bench_begin();
	struct nts_dpc_call call;
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		insert(&origin, &limits);
		nts_dpcq_take(&queue, &call);
	}
	return bench_end(span);
}

#define SIDE(name)                  \
	{                           \
#name, batch_##name \
	}

static const struct bench_side sides[] = {
	SIDE(loop),
	SIDE(irqs),
	SIDE(lock),
	SIDE(read_clock),
	SIDE(read_both_clocks),
	SIDE(compare_and_swap),
	SIDE(dpc_queue),
};

/**
 * bench_primitive() - costs of single steps
 *
 * Context: process.
 * Return: 0, or -ENOMEM.
 */
int bench_primitive(void)
{
	struct bench_case c = {
		.name = "step",
		.ops = BATCH,
		.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS,
	};
	unsigned int i;
	int ret = 0;

	nts_dpcq_init(&queue, 0, false);
	nts_dpc_init(&dpc, NTS_DPC_ORDINARY, NULL, NULL);
	for (i = 0; i < ARRAY_SIZE(sides) && !ret; i++) {
		c.sides[0] = sides[i];
		ret = bench_measure(&c);
	}
	return ret;
}
