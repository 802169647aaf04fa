// SPDX-License-Identifier: GPL-2.0
/*
 * Rules about the time base that hold over calls, threads and clock changes.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"

#define UNITS_PER_YEAR (365 * 24 * 3600 * UNITS_PER_SEC)

/**
 * struct irq_query - clocks asked in a hard interrupt
 * @work: makes it
 * @plain_100ns: KeQuerySystemTime()
 * @precise_100ns: KeQuerySystemTimePrecise()
 * @counter: KeQueryPerformanceCounter()
 * @increment: KeQueryTimeIncrement()
 */
struct irq_query {
	struct irq_work work;
	s64 plain_100ns;
	s64 precise_100ns;
	s64 counter;
	u32 increment;
};

static void query_fn(struct irq_work *work)
{
	struct irq_query *query = container_of(work, struct irq_query, work);

	KeQuerySystemTime(&query->plain_100ns);
	KeQuerySystemTimePrecise(&query->precise_100ns);
	query->counter = KeQueryPerformanceCounter(NULL);
	query->increment = KeQueryTimeIncrement();
}

/* Shows: TM-005, TM-043, V-25 */
static void clocks_work_in_hard_interrupts(struct kunit *test)
{
	struct irq_query query = { .work = IRQ_WORK_INIT_HARD(query_fn) };
	s64 before_100ns, after_100ns;

	KeQuerySystemTime(&before_100ns);
	irq_work_queue(&query.work);
	irq_work_sync(&query.work);
	KeQuerySystemTimePrecise(&after_100ns);
	KUNIT_EXPECT_GE(test, query.plain_100ns, before_100ns);
	KUNIT_EXPECT_GE(test, query.precise_100ns, query.plain_100ns);
	KUNIT_EXPECT_GE(test, after_100ns, query.precise_100ns);
	KUNIT_EXPECT_LE(test, query.counter, KeQueryPerformanceCounter(NULL));
	KUNIT_EXPECT_EQ(test, query.increment, KeQueryTimeIncrement());
}

/* Shows: TM-010, TM-041 */
static void clock_set_moves_no_counter(struct kunit *test)
{
	u64 start_ns = ktime_get_ns();
	s64 counter = KeQueryPerformanceCounter(NULL);
	u64 biased = KeQueryInterruptTime();
	u64 unbiased = KeQueryUnbiasedInterruptTime();
	struct timespec64 old, new;
	u64 passed;

	ktime_get_real_ts64(&old);
	new = old;
	new.tv_sec += 100000;
	KUNIT_ASSERT_EQ(test, do_settimeofday64(&new), 0);
	counter = KeQueryPerformanceCounter(NULL) - counter;
	biased = KeQueryInterruptTime() - biased;
	unbiased = KeQueryUnbiasedInterruptTime() - unbiased;
	passed = nts_100ns_from_ns(ktime_get_ns() - start_ns);
	timespec64_add_ns(&old, ktime_get_ns() - start_ns);
	KUNIT_EXPECT_EQ(test, do_settimeofday64(&old), 0);
	/* Both ends of an interval are rounded down. */
	KUNIT_EXPECT_LE(test, counter, passed + 1);
	KUNIT_EXPECT_LE(test, biased, passed + 1);
	KUNIT_EXPECT_LE(test, unbiased, passed + 1);
}

/* Shows: TM-042, TM-015, TM-040 */
static void wandering_thread_reads_no_step_back(struct kunit *test)
{
	s64 counter, last = 0;
	u64 now, before = 0;
	unsigned int cpu;
	int i;

	for (i = 0; i < 20000; i++) {
		if (i % 1000 == 0) {
			cpu = i / 1000 % num_online_cpus();
			KUNIT_ASSERT_EQ(test,
					set_cpus_allowed_ptr(current,
							     cpumask_of(cpu)),
					0);
		}
		counter = KeQueryPerformanceCounter(NULL);
		now = KeQueryInterruptTime();
		KUNIT_ASSERT_GE(test, counter, last);
		KUNIT_ASSERT_GE(test, now, (u64)counter);
		KUNIT_ASSERT_GE(test, now, before);
		last = counter;
		before = now;
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

/* Shows: TM-044 */
static void counter_lasts_a_century(struct kunit *test)
{
	s64 last = nts_100ns_from_ns(KTIME_MAX);
	s64 frequency;

	KeQueryPerformanceCounter(&frequency);
	KUNIT_EXPECT_EQ(test, frequency, UNITS_PER_SEC);
	KUNIT_EXPECT_GT(test, last, 100 * UNITS_PER_YEAR);
}

/* Shows: TM-050, TM-051 */
static void delays_take_both_kinds_of_time(struct kunit *test)
{
	s64 interval_100ns = -5 * UNITS_PER_MS;
	u64 start_ns = ktime_get_ns();
	s64 due_100ns, now_100ns;

	KUNIT_EXPECT_EQ(test, KeDelayExecutionThread(0, 0, &interval_100ns),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - start_ns, 5 * NSEC_PER_MSEC);
	KeQuerySystemTime(&due_100ns);
	due_100ns += 5 * UNITS_PER_MS;
	KUNIT_EXPECT_EQ(test, KeDelayExecutionThread(0, 0, &due_100ns),
			NTS_STATUS_SUCCESS);
	KeQuerySystemTime(&now_100ns);
	KUNIT_EXPECT_GE(test, now_100ns, due_100ns);
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LE(test, now_100ns, due_100ns + UNITS_PER_MS);
}

static struct kunit_case time_rules_cases[] = {
	KUNIT_CASE(clocks_work_in_hard_interrupts),
	KUNIT_CASE(clock_set_moves_no_counter),
	KUNIT_CASE(wandering_thread_reads_no_step_back),
	KUNIT_CASE(counter_lasts_a_century),
	KUNIT_CASE(delays_take_both_kinds_of_time),
	{}
};

static struct kunit_suite time_rules_suite = {
	.name = "ntshim_time_rules",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = time_rules_cases,
};

kunit_test_suite(time_rules_suite);
