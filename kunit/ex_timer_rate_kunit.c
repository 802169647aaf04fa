// SPDX-License-Identifier: GPL-2.0
/*
 * EX_TIMER measured on real events: how often short periods expire, how long
 * the grid of a period lasts, how late a high-resolution timer is. And what
 * happens without memory.
 */

#include "../shim/compat.h"

#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sort.h>
#include <linux/timekeeping.h>

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "ex_timer.h"

static const s64 patience_100ns = PATIENCE_100NS;

/**
 * struct rate - a period that is shorter than the tick
 * @attributes: of the timer
 * @period_100ns: of the set
 */
struct rate {
	u32 attributes;
	u32 period_100ns;
};

static const struct rate rates[] = {
	{ 0, 1 },
	{ 0, 10 },
	{ 0, 10000 },
	{ EX_HIGH_RESOLUTION, 1 },
	{ EX_HIGH_RESOLUTION, 100 },
	{ EX_NO_WAKE, 1 },
};

static void describe_rate(const struct rate *rate, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "attributes 0x%x period %u",
		 rate->attributes, rate->period_100ns);
}

KUNIT_ARRAY_PARAM(rate, rates, describe_rate);

static u64 programs_of(const struct nts_systimer *timer)
{
	return READ_ONCE(timer->shard->queue[NTS_CLOCK_MONO].programs);
}

/* Shows: ET-035, ET-032, ET-155 */
static void short_periods_do_not_storm(struct kunit *test)
{
	const s64 while_100ns = -300 * UNITS_PER_MS;
	const struct rate *rate = test->param_value;
	struct ex_calls calls = {};
	struct nts_systimer *timer;
	u64 start_ns, programs, ticks;

	timer = ExAllocateTimer(nts_test_ex_callback, &calls, rate->attributes);
	KUNIT_ASSERT_NOT_NULL(test, timer);
	programs = programs_of(timer);
	start_ns = ktime_get_ns();
	ExSetTimer(timer, -1, rate->period_100ns, NULL);
	ticks = nts_ns_from_100ns(nts_clock_tick_cur());
	KeDelayExecutionThread(0, 0, &while_100ns);
	programs = programs_of(timer) - programs;
	KUNIT_EXPECT_EQ(test, ExCancelTimer(timer, NULL), 1);
	ticks = div64_u64(ktime_get_ns() - start_ns, ticks);
	ExDeleteTimer(timer, 1, 1, NULL);
	kunit_info(test, "%d calls, %llu events in %llu ticks\n",
		   atomic_read(&calls.calls), programs, ticks);
	/* The first comes at once, the last may be about to. */
	KUNIT_EXPECT_LE(test, atomic_read(&calls.calls), ticks + 2);
	KUNIT_EXPECT_GE(test, atomic_read(&calls.calls), 1);
	/* A few are those of this thread's delay. */
	KUNIT_EXPECT_LE(test, programs, ticks + 10);
}

/* Shows: ET-034, ET-036, ET-037 */
static void grid_lasts(struct kunit *test)
{
	unsigned int periods = nts_test_time_is_simulated() ? 10000 : 25;
	const u32 period = 20 * UNITS_PER_MS;
	s64 while_100ns = -(s64)(period * periods + period / 2);
	struct ex_calls calls = {};
	struct nts_systimer *timer;
	u64 first_ns;

	timer = ExAllocateTimer(nts_test_ex_callback, &calls, 0);
	KUNIT_ASSERT_NOT_NULL(test, timer);
	ExSetTimer(timer, -(s64)period, period, NULL);
	first_ns = READ_ONCE(timer->timer.due_ns);
	KeDelayExecutionThread(0, 0, &while_100ns);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(timer, NULL), 1);
	KUNIT_EXPECT_EQ(test,
			(timer->timer.due_ns - first_ns) %
				nts_ns_from_100ns(period),
			0);
	KUNIT_EXPECT_GE(test, timer->timer.due_ns,
			first_ns + (u64)periods * nts_ns_from_100ns(period));
	ExDeleteTimer(timer, 1, 1, NULL);
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_EQ(test, atomic_read(&calls.calls), periods);
	else
		KUNIT_EXPECT_GE(test, atomic_read(&calls.calls), 1);
}

#define SAMPLES 200

static int compare(const void *a, const void *b)
{
	u64 left = *(const u64 *)a, right = *(const u64 *)b;

	return left < right ? -1 : left > right;
}

/* Shows: ET-150 */
static void high_resolution_is_punctual(struct kunit *test)
{
	u64 *late_ns =
		kunit_kcalloc(test, SAMPLES, sizeof(*late_ns), GFP_KERNEL);
	struct nts_systimer *timer;
	u64 due_ns;
	int i;

	if (IS_ENABLED(CONFIG_KCSAN))
		kunit_skip(test, "KCSAN delays accesses on purpose");
	KUNIT_ASSERT_NOT_NULL(test, late_ns);
	timer = ExAllocateTimer(NULL, NULL, EX_HIGH_RESOLUTION);
	KUNIT_ASSERT_NOT_NULL(test, timer);
	for (i = 0; i < SAMPLES; i++) {
		due_ns = ktime_get_ns() + 1500 * NSEC_PER_USEC;
		ExSetTimer(timer, -1500 * UNITS_PER_US, 0, NULL);
		KUNIT_ASSERT_EQ(test,
				KeWaitForSingleObject(timer, 0, 0, 0,
						      &patience_100ns),
				NTS_STATUS_SUCCESS);
		late_ns[i] = ktime_get_ns() - due_ns;
		KUNIT_ASSERT_GE(test, (s64)late_ns[i], 0);
	}
	ExDeleteTimer(timer, 1, 1, NULL);
	sort(late_ns, SAMPLES, sizeof(*late_ns), compare, NULL);
	kunit_info(test, "late by ns: least %llu p50 %llu p99 %llu most %llu\n",
		   late_ns[0], late_ns[SAMPLES / 2],
		   late_ns[SAMPLES * 99 / 100], late_ns[SAMPLES - 1]);
	/* An idle machine is meant; a busy one has idle moments. */
	i = nts_test_time_is_simulated() ? SAMPLES * 99 / 100 : SAMPLES / 4;
	KUNIT_EXPECT_LT(test, late_ns[i], NSEC_PER_MSEC);
}

/* Shows: ET-010, ET-018 */
static void failing_allocation_gives_null(struct kunit *test)
{
#ifdef CONFIG_FAULT_INJECTION
	unsigned int before = nts_systimer_count();

	WRITE_ONCE(current->fail_nth, 1);
	KUNIT_EXPECT_NULL(test, ExAllocateTimer(NULL, NULL, 0));
	KUNIT_EXPECT_EQ(test, READ_ONCE(current->fail_nth), 0);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before);
#else
	kunit_skip(test, "no fault injection");
#endif
}

/* Shows: ET-110, ET-067 */
static void nothing_but_allocation_needs_memory(struct kunit *test)
{
#ifdef CONFIG_FAULT_INJECTION
	struct ex_calls calls = {};
	struct nts_ext_delete parameters = { .callback = nts_test_ex_end,
					     .context = &calls };
	struct nts_systimer *timer;

	timer = ExAllocateTimer(nts_test_ex_callback, &calls, EX_NO_WAKE);
	KUNIT_ASSERT_NOT_NULL(test, timer);
	WRITE_ONCE(current->fail_nth, 1);
	ExSetTimer(timer, -3600 * UNITS_PER_SEC, 0, NULL);
	ExCancelTimer(timer, NULL);
	ExSetTimer(timer, 0, 0, NULL);
	ExDeleteTimer(timer, 1, 1, &parameters);
	KUNIT_EXPECT_EQ(test, READ_ONCE(current->fail_nth), 1);
	WRITE_ONCE(current->fail_nth, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&calls.calls), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&calls.ends), 1);
#else
	kunit_skip(test, "no fault injection");
#endif
}

static struct kunit_case ex_timer_rate_cases[] = {
	KUNIT_CASE_PARAM(short_periods_do_not_storm, rate_gen_params),
	KUNIT_CASE(grid_lasts),
	KUNIT_CASE(high_resolution_is_punctual),
	KUNIT_CASE(failing_allocation_gives_null),
	KUNIT_CASE(nothing_but_allocation_needs_memory),
	{}
};

static struct kunit_suite ex_timer_rate_suite = {
	.name = "ntshim_ex_timer_rate",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = ex_timer_rate_cases,
};

kunit_test_suite(ex_timer_rate_suite);
