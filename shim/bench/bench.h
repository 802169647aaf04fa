/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The harness of the benchmark: a case has sides that do the same with
 * different primitives. Their batches are run in turn, so that what disturbs
 * the machine disturbs all of them, and each side's times end up as one line
 * of the kernel log for scripts/bench.
 */
#ifndef NTSHIM_BENCH_H
#define NTSHIM_BENCH_H

#include <linux/irqflags.h>
#include <linux/kconfig.h>
#include <linux/ktime.h>
#include <linux/timekeeping.h>
#include <linux/timex.h>
#include <linux/types.h>

#define BENCH_SIDES_MAX 3

/**
 * struct bench_side - one way of doing what a case measures
 * @name: "raw" for the kernel's primitive, "nt" for ours, or a third
 * @batch: runs one batch on the case's context and returns the ticks it took
 */
struct bench_side {
	const char *name;
	u64 (*batch)(void *context);
};

/**
 * struct bench_case - one row of the result
 * @name: of the row
 * @size: what the row varies, such as the number of other timers
 * @ops: operations in a batch
 * @rounds: batches of each side, of which the first is not counted
 * @context: handed to the batches
 * @sides: those that have a name
 */
struct bench_case {
	const char *name;
	unsigned int size;
	unsigned int ops;
	unsigned int rounds;
	void *context;
	struct bench_side sides[BENCH_SIDES_MAX];
};

/**
 * struct bench_span - a stretch of code that is timed with interrupts off
 * @flags: interrupt state before
 * @start: its begin in ticks
 */
struct bench_span {
	unsigned long flags;
	u64 start;
};

/* The parameter: fewer rounds and sizes, to see that everything runs. */
extern bool bench_quick;

/* Cycles where there is a counter, which under -icount counts instructions. */
static inline u64 bench_ticks(void)
{
	return IS_ENABLED(CONFIG_UML) ? ktime_get_ns() : get_cycles();
}

static inline struct bench_span bench_begin(void)
{
	struct bench_span span;

	local_irq_save(span.flags);
	span.start = bench_ticks();
	return span;
}

static inline u64 bench_end(struct bench_span span)
{
	u64 ticks = bench_ticks() - span.start;

	local_irq_restore(span.flags);
	return ticks;
}

int bench_measure(const struct bench_case *c);
void bench_value(const char *name, unsigned int size, const char *side,
		 u64 value);

int bench_timer_set(void);
int bench_expiry_latency(void);
int bench_expiry_mass(void);
int bench_dpc(void);
int bench_event(void);
int bench_event_many(void);
int bench_level(void);
int bench_scale(void);
int bench_memory(void);
int bench_primitive(void);

#endif /* NTSHIM_BENCH_H */
