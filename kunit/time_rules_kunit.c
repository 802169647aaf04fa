// SPDX-License-Identifier: GPL-2.0
/*
 * Rules about the time base that hold over calls, threads and clock changes.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
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

static u64 system_time(void)
{
	s64 time_100ns;

	KeQuerySystemTime(&time_100ns);
	return time_100ns;
}

static u64 precise_system_time(void)
{
	s64 time_100ns;

	KeQuerySystemTimePrecise(&time_100ns);
	return time_100ns;
}

static u64 precise_interrupt_time(void)
{
	return KeQueryInterruptTimePrecise(NULL);
}

static u64 precise_unbiased_time(void)
{
	return KeQueryUnbiasedInterruptTimePrecise(NULL);
}

static u64 performance_counter(void)
{
	return KeQueryPerformanceCounter(NULL);
}

static u64 wall_clock_of_timers(void)
{
	return nts_systime_from_real(nts_clock_read().real_ns);
}

static u64 running_time_of_timers(void)
{
	return nts_100ns_from_ns(nts_clock_read().mono_ns);
}

static u64 linux_real(void)
{
	return nts_systime_from_real(ktime_get_real_ns());
}

static u64 linux_boottime(void)
{
	return nts_100ns_from_ns(ktime_get_boottime_ns());
}

static u64 linux_monotonic(void)
{
	return nts_100ns_from_ns(ktime_get_ns());
}

/**
 * struct reading - a clock of the API and the one behind it
 * @name: what is read
 * @nt_fn: the routine, units of 100 ns
 * @linux_fn: the same in Linux
 */
struct reading {
	const char *name;
	u64 (*nt_fn)(void);
	u64 (*linux_fn)(void);
};

static const struct reading readings[] = {
	{ "system time", system_time, linux_real },
	{ "precise system time", precise_system_time, linux_real },
	{ "interrupt time", KeQueryInterruptTime, linux_boottime },
	{ "precise interrupt time", precise_interrupt_time, linux_boottime },
	{ "unbiased time", KeQueryUnbiasedInterruptTime, linux_monotonic },
	{ "precise unbiased time", precise_unbiased_time, linux_monotonic },
	{ "performance counter", performance_counter, linux_boottime },
	{ "wall clock of timers", wall_clock_of_timers, linux_real },
	{ "running time of timers", running_time_of_timers, linux_monotonic },
};

static void describe(const struct reading *reading, char *text)
{
	strscpy(text, reading->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(reading, readings, describe);

/* Shows: TM-006 */
static void no_clock_lags(struct kunit *test)
{
	const struct reading *reading = test->param_value;
	u64 before, time, after;
	int i;

	for (i = 0; i < 100; i++) {
		/* To another place between two ticks of a coarse clock. */
		usleep_range(130, 140);
		before = reading->linux_fn();
		time = reading->nt_fn();
		after = reading->linux_fn();
		KUNIT_ASSERT_GE(test, time, before);
		KUNIT_ASSERT_LE(test, time, after);
	}
}

static u64 whole_ticks(u32 increment_100ns)
{
	return div_u64(nts_100ns_from_ns(ktime_get_ns()), increment_100ns);
}

/* Until right after the next tick, when a coarse clock has not seen it yet. */
static void sleep_until_tick(u32 increment_100ns)
{
	u64 tick_ns = nts_ns_from_100ns(increment_100ns), passed_ns;
	unsigned long left_us;

	div64_u64_rem(ktime_get_ns(), tick_ns, &passed_ns);
	left_us = div_u64(tick_ns - passed_ns, NSEC_PER_USEC) + 1;
	usleep_range(left_us, left_us + 10);
}

/* Shows: TM-006, TM-022 */
static void tick_count_does_not_lag(struct kunit *test)
{
	u32 increment_100ns = KeQueryTimeIncrement();
	u64 before, after;
	s64 ticks;
	int i;

	for (i = 0; i < 20; i++) {
		sleep_until_tick(increment_100ns);
		before = whole_ticks(increment_100ns);
		KeQueryTickCount(&ticks);
		after = whole_ticks(increment_100ns);
		KUNIT_ASSERT_GE(test, (u64)ticks, before);
		KUNIT_ASSERT_LE(test, (u64)ticks, after);
	}
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
	KUNIT_CASE_PARAM(no_clock_lags, reading_gen_params),
	KUNIT_CASE(tick_count_does_not_lag),
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
