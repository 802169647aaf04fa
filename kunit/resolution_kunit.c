// SPDX-License-Identifier: GPL-2.0
/*
 * The length of the clock tick: what it is, who may shorten it, and what that
 * changes. Local time.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/irqflags.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/time.h>

#include "../shim/nt_api.h"
#include "../shim/resolution.h"
#include "helpers.h"

#define SYNCHRONIZATION NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER

#define MS NSEC_PER_MSEC

/* The defaults of the parameters tick_max and tick_min. */
#define LONGEST 156250
#define SHORTEST 10000

/* A case that failed must not leave the next one its requests. */
static void resolution_exit(struct kunit *test)
{
	nts_resolution_drop(THIS_MODULE);
	nts_engine_exit(test);
}

static u32 current_tick(void)
{
	u32 longest, shortest, current_100ns;

	ExQueryTimerResolution(&longest, &shortest, &current_100ns);
	return current_100ns;
}

/* Shows: TM-020, TM-024 */
static void query_gives_all_three(struct kunit *test)
{
	u32 longest, shortest, current_100ns;
	unsigned long flags;

	ExQueryTimerResolution(&longest, &shortest, &current_100ns);
	KUNIT_EXPECT_EQ(test, longest, LONGEST);
	KUNIT_EXPECT_EQ(test, shortest, SHORTEST);
	KUNIT_EXPECT_EQ(test, current_100ns, LONGEST);

	ExSetTimerResolution(20000, 1);
	local_irq_save(flags);
	ExQueryTimerResolution(&longest, &shortest, &current_100ns);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, longest, LONGEST);
	KUNIT_EXPECT_EQ(test, shortest, SHORTEST);
	KUNIT_EXPECT_EQ(test, current_100ns, 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
}

/* Shows: TM-026 */
static void request_is_clamped(struct kunit *test)
{
	static const struct {
		u32 desired, result;
	} table[] = {
		{ 0, SHORTEST },
		{ 1, SHORTEST },
		{ SHORTEST - 1, SHORTEST },
		{ SHORTEST, SHORTEST },
		{ SHORTEST + 1, SHORTEST + 1 },
		{ 100000, 100000 },
		{ LONGEST - 1, LONGEST - 1 },
		{ LONGEST, LONGEST },
		{ LONGEST + 1, LONGEST },
		{ 1000000000, LONGEST },
		{ U32_MAX, LONGEST },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(table); i++) {
		KUNIT_EXPECT_EQ_MSG(test,
				    ExSetTimerResolution(table[i].desired, 1),
				    table[i].result, "%u", table[i].desired);
		KUNIT_EXPECT_EQ(test, current_tick(), table[i].result);
		KUNIT_EXPECT_EQ(test, ExSetTimerResolution(U32_MAX, 0),
				LONGEST);
	}
}

/* Shows: TM-026, TM-027 */
static void shortest_stays_until_all_are_released(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(50000, 1), 50000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(20000, 1), 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(90000, 1), 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(20000, 0), 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(120000, 1), 120000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
}

/* Shows: TM-027 */
static void release_without_request_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(10000, 0), LONGEST);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("TM-027"), 1);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(30000, 1), 30000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("TM-027"), 1);
}

/* Shows: TM-028 */
static void request_that_changed_nothing_needs_its_release(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(20000, 1), 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(U32_MAX, 1), 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), 20000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
}

/* Shows: TM-029 */
static void change_above_apc_level_is_refused(struct kunit *test)
{
	u32 result;

	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(40000, 1), 40000);
	local_bh_disable();
	result = ExSetTimerResolution(20000, 1);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, result, 40000);
	local_bh_disable();
	result = ExSetTimerResolution(20000, 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, result, 40000);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("TM-029"), 2);
	KUNIT_EXPECT_EQ(test, current_tick(), 40000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
}

/* Shows: TM-025 */
static void precise_timer_makes_the_tick_shortest(struct kunit *test)
{
	nts_clock_precise_begin();
	KUNIT_EXPECT_EQ(test, current_tick(), SHORTEST);
	nts_clock_precise_begin();
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(50000, 1), SHORTEST);
	nts_clock_precise_end();
	KUNIT_EXPECT_EQ(test, current_tick(), SHORTEST);
	nts_clock_precise_end();
	KUNIT_EXPECT_EQ(test, current_tick(), 50000);
	KUNIT_EXPECT_EQ(test, ExSetTimerResolution(0, 0), LONGEST);
}

/* Shows: TM-021 */
static void increment_is_always_the_longest_tick(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, KeQueryTimeIncrement(), LONGEST);
	ExSetTimerResolution(SHORTEST, 1);
	KUNIT_EXPECT_EQ(test, KeQueryTimeIncrement(), LONGEST);
	ExSetTimerResolution(0, 0);
}

/* Shows: KT-085, TM-030 */
static void change_applies_from_the_next_expiry(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;
	u64 longest_ns = LONGEST * 100;

	nts_engine_set(e, timer, -UNITS_PER_MS, 1, NULL);
	nts_engine_advance(e, MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));

	/* The interval that is running keeps its length. */
	ExSetTimerResolution(0, 1);
	nts_engine_advance(e, longest_ns - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	KUNIT_EXPECT_EQ(test, nts_engine_run_for(e, timer, 20 * MS, MS), 20);

	ExSetTimerResolution(0, 0);
	nts_engine_advance(e, MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, longest_ns - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
}

static void expect_exact_one_shot(struct kunit *test, s64 due_100ns, u64 ns)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, due_100ns, 0, NULL);
	nts_engine_advance(e, ns - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
}

/* Shows: KT-041, TM-030 */
static void one_shots_know_no_tick(struct kunit *test)
{
	struct nts_engine *e = test->priv;

	expect_exact_one_shot(test, -1, 100);
	expect_exact_one_shot(test, -12345, 1234500);
	expect_exact_one_shot(test, nts_engine_systime(e) + 777, 77700);
	ExSetTimerResolution(0, 1);
	expect_exact_one_shot(test, -1, 100);
	expect_exact_one_shot(test, -12345, 1234500);
	ExSetTimerResolution(0, 0);
}

/* Shows: TM-031 */
static void requests_go_with_their_driver(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nts_resolution_drop(THIS_MODULE), 0);
	ExSetTimerResolution(20000, 1);
	ExSetTimerResolution(30000, 1);
	ExSetTimerResolution(40000, 1);
	ExSetTimerResolution(0, 0);
	KUNIT_EXPECT_EQ(test, current_tick(), 20000);
	KUNIT_EXPECT_EQ(test, nts_resolution_drop(THIS_MODULE), 2);
	KUNIT_EXPECT_EQ(test, current_tick(), LONGEST);
	KUNIT_EXPECT_EQ(test, nts_resolution_drop(THIS_MODULE), 0);
}

/* Shows: TM-008 */
static void local_time_is_system_time_less_bias(struct kunit *test)
{
	static const int minutes_west[] = { 0, 480, -345, 720, -840 };
	static const s64 instants[] = { 0, 1, 132223104000000001LL,
					S64_MAX / 2 };
	const int saved = sys_tz.tz_minuteswest;
	unsigned int i, j;
	s64 local, back;

	for (i = 0; i < ARRAY_SIZE(minutes_west); i++) {
		sys_tz.tz_minuteswest = minutes_west[i];
		for (j = 0; j < ARRAY_SIZE(instants); j++) {
			ExSystemTimeToLocalTime(&instants[j], &local);
			ExLocalTimeToSystemTime(&local, &back);
			KUNIT_EXPECT_EQ(test, instants[j] - local,
					minutes_west[i] * 60 * UNITS_PER_SEC);
			KUNIT_EXPECT_EQ(test, back, instants[j]);
		}
	}
	sys_tz.tz_minuteswest = saved;
}

static struct kunit_case resolution_cases[] = {
	KUNIT_CASE(query_gives_all_three),
	KUNIT_CASE(request_is_clamped),
	KUNIT_CASE(shortest_stays_until_all_are_released),
	KUNIT_CASE(release_without_request_is_reported),
	KUNIT_CASE(request_that_changed_nothing_needs_its_release),
	KUNIT_CASE(change_above_apc_level_is_refused),
	KUNIT_CASE(precise_timer_makes_the_tick_shortest),
	KUNIT_CASE(increment_is_always_the_longest_tick),
	KUNIT_CASE(change_applies_from_the_next_expiry),
	KUNIT_CASE(one_shots_know_no_tick),
	KUNIT_CASE(requests_go_with_their_driver),
	KUNIT_CASE(local_time_is_system_time_less_bias),
	{}
};

static struct kunit_suite resolution_suite = {
	.name = "ntshim_resolution",
	.init = nts_engine_init,
	.exit = resolution_exit,
	.test_cases = resolution_cases,
};

kunit_test_suite(resolution_suite);
