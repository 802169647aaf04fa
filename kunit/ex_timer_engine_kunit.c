// SPDX-License-Identifier: GPL-2.0
/*
 * EX_TIMER, exactly: a shard of the case's own, time moved by hand. Due times,
 * periods, set, cancel and callbacks.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>

#include "../shim/nt_api.h"
#include "ex_timer.h"

#define MS NSEC_PER_MSEC

static bool armed(const struct nts_systimer *timer)
{
	return nts_timer_armed(&timer->timer);
}

static bool signaled(const struct nts_systimer *timer)
{
	return nts_timer_signaled(&timer->timer);
}

static bool consume(struct kunit *test, struct nts_systimer *timer)
{
	return nts_engine_consume(test->priv, &timer->timer);
}

static void advance(struct kunit *test, u64 ns)
{
	nts_engine_advance(test->priv, ns);
}

/* Shows: ET-011 */
static void fresh_timer_is_idle(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);

	KUNIT_EXPECT_FALSE(test, armed(timer));
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	KUNIT_EXPECT_FALSE(test, nts_systimer_is_disabled(timer));
	KUNIT_EXPECT_FALSE(test, nts_systimer_cancel(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-012, ET-030, ET-019 */
static void relative_expires_at_due_not_before(struct kunit *test)
{
	struct nts_systimer *timer =
		nts_engine_ex_timer(test, EX_NOTIFICATION, NULL);

	nts_engine_ex_set(test, timer, -5 * UNITS_PER_MS, 0);
	advance(test, 5 * MS - 1);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	advance(test, 1);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	KUNIT_EXPECT_FALSE(test, armed(timer));
	KUNIT_EXPECT_TRUE(test, consume(test, timer));
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Due times relative to the engine's system time; what is not after it is past. */
static const s64 absolute_times[] = { -UNITS_PER_SEC, -1, 0, 1, 70000 };

static void describe_absolute(const s64 *due, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "now %+lld", *due);
}

KUNIT_ARRAY_PARAM(absolute, absolute_times, describe_absolute);

/* Shows: ET-030 */
static void absolute_expires_at_system_time(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	const s64 *due = test->param_value;
	struct nts_engine *e = test->priv;

	nts_engine_ex_set(test, timer, nts_engine_systime(e) + *due, 0);
	KUNIT_EXPECT_EQ(test, armed(timer), *due > 0);
	if (*due > 0) {
		advance(test, *due * 100 - 1);
		KUNIT_EXPECT_FALSE(test, signaled(timer));
		advance(test, 1);
	}
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-030 */
static void absolute_follows_the_wall_clock(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	struct nts_engine *e = test->priv;

	nts_engine_ex_set(test, timer, nts_engine_systime(e) + UNITS_PER_SEC,
			  0);
	e->now.real_ns -= NSEC_PER_SEC;
	advance(test, NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	e->now.real_ns += NSEC_PER_SEC;
	nts_engine_expire(e);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

static const s64 never_times[] = { S64_MIN, -92233720368547759LL,
				   208678456368547759LL, S64_MAX };

static void describe_never(const s64 *due, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lld", *due);
}

KUNIT_ARRAY_PARAM(never, never_times, describe_never);

/* Shows: ET-030 */
static void never_stays_armed(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	const s64 *due = test->param_value;
	struct nts_engine *e = test->priv;

	nts_engine_ex_set(test, timer, *due, 0);
	e->now = (struct nts_now){ KTIME_MAX, KTIME_MAX };
	nts_engine_expire(e);
	KUNIT_EXPECT_TRUE(test, armed(timer));
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	KUNIT_EXPECT_TRUE(test, nts_engine_ex_delete(timer, true, NULL));
}

/* Shows: ET-032, ET-034 */
static void period_counts_100ns(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	int i;

	nts_engine_ex_set(test, timer, -30 * UNITS_PER_MS, 200001);
	advance(test, 30 * MS);
	KUNIT_EXPECT_TRUE(test, consume(test, timer));
	for (i = 0; i < 10; i++) {
		advance(test, 20 * MS + 99);
		KUNIT_EXPECT_FALSE(test, consume(test, timer));
		advance(test, 1);
		KUNIT_EXPECT_TRUE(test, consume(test, timer));
	}
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-032 */
static void longest_period_works(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);

	nts_engine_ex_set(test, timer, 0, S32_MAX);
	KUNIT_EXPECT_TRUE(test, consume(test, timer));
	advance(test, S32_MAX * 100ULL - 1);
	KUNIT_EXPECT_FALSE(test, consume(test, timer));
	advance(test, 1);
	KUNIT_EXPECT_TRUE(test, consume(test, timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-032 */
static void zero_period_is_one_shot(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);

	nts_engine_ex_set(test, timer, -1, 0);
	advance(test, 100);
	KUNIT_EXPECT_TRUE(test, consume(test, timer));
	advance(test, NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* How many expiries @ticks of @tick_100ns bring, looked at each microsecond. */
static unsigned int expiries(struct kunit *test, struct nts_systimer *timer,
			     u32 tick_100ns, unsigned int ticks)
{
	return nts_engine_run_for(test->priv, &timer->timer,
				  (u64)tick_100ns * 100 * ticks, NSEC_PER_USEC);
}

static const u32 short_periods[] = { 1, 10, 5000, 100000 };

static void describe_period(const u32 *period, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u units", *period);
}

KUNIT_ARRAY_PARAM(short_period, short_periods, describe_period);

/* Shows: ET-035 */
static void short_period_expires_once_per_tick(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	const u32 *period = test->param_value;
	u32 tick = nts_clock_tick_cur();

	KUNIT_ASSERT_GT(test, tick, *period);
	nts_engine_ex_set(test, timer, -10, *period);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, 10, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick, 10), 10);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-035, ET-151, ET-155 */
static void high_resolution_timer_shortens_the_tick(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	struct nts_systimer *fast =
		nts_engine_ex_timer(test, EX_HIGH_RESOLUTION, NULL);
	u32 tick_max = nts_clock_tick_max(), tick_min = nts_clock_tick_min();

	nts_engine_ex_set(test, timer, -10, tick_min);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, 10, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_max, 4), 4);
	nts_engine_ex_set(test, fast, -3600 * UNITS_PER_SEC, 0);
	/* The next expiry is where it was; the change shows in the spacing. */
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_max, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_min, 20), 20);
	nts_systimer_cancel(fast);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_min, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_max, 4), 4);
	nts_engine_ex_delete(timer, true, NULL);
	nts_engine_ex_delete(fast, true, NULL);
}

/* Shows: ET-035, TM-027 */
static void request_shortens_the_tick_too(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	struct nts_systimer *fast =
		nts_engine_ex_timer(test, EX_HIGH_RESOLUTION, NULL);
	u32 tick_max = nts_clock_tick_max(), tick_min = nts_clock_tick_min();
	u32 request = 4 * tick_min;

	ExSetTimerResolution(request, 1);
	nts_engine_ex_set(test, timer, -10, tick_min);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, 10, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, request, 4), 4);
	nts_engine_ex_set(test, fast, -3600 * UNITS_PER_SEC, 0);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, request, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_min, 8), 8);
	/* Back to what is still asked for, not to the longest. */
	nts_systimer_cancel(fast);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_min, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, request, 4), 4);
	ExSetTimerResolution(0, 0);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, request, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick_max, 3), 3);
	nts_engine_ex_delete(timer, true, NULL);
	nts_engine_ex_delete(fast, true, NULL);
}

/* Shows: ET-035, ET-154 */
static void fast_period_is_at_least_the_shortest_tick(struct kunit *test)
{
	struct nts_systimer *timer =
		nts_engine_ex_timer(test, EX_HIGH_RESOLUTION, NULL);
	u32 tick = nts_clock_tick_min();

	nts_engine_ex_set(test, timer, -10, 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, 10, 1), 1);
	KUNIT_EXPECT_EQ(test, expiries(test, timer, tick, 50), 50);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-036 */
static void jitter_does_not_move_the_grid(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	struct nts_engine *e = test->priv;
	u64 first_ns = e->now.mono_ns + 20 * MS;
	int i;

	nts_engine_ex_set(test, timer, -20 * UNITS_PER_MS, 20 * UNITS_PER_MS);
	for (i = 0; i < 100; i++) {
		KUNIT_EXPECT_EQ(test, timer->timer.due_ns,
				first_ns + i * 20 * MS);
		/* Handled up to 19 ms late. */
		advance(test,
			timer->timer.due_ns + i * 7 % 20 * MS - e->now.mono_ns);
		KUNIT_EXPECT_TRUE(test, consume(test, timer));
	}
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-037 */
static void multiple_of_the_tick_is_uniform(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);
	u32 period = 2 * nts_clock_tick_max();
	int i;

	nts_engine_ex_set(test, timer, -(s64)period, period);
	for (i = 0; i < 20; i++) {
		advance(test, period * 100ULL - 1);
		KUNIT_EXPECT_FALSE(test, consume(test, timer));
		advance(test, 1);
		KUNIT_EXPECT_TRUE(test, consume(test, timer));
	}
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-038 */
static void set_returns_whether_pending(struct kunit *test)
{
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, NULL);

	KUNIT_EXPECT_FALSE(test, nts_engine_ex_set(test, timer, -10, 0));
	KUNIT_EXPECT_TRUE(test, nts_engine_ex_set(test, timer, -10, 0));
	nts_systimer_cancel(timer);
	KUNIT_EXPECT_FALSE(test, nts_engine_ex_set(test, timer, -10, 0));
	advance(test, NSEC_PER_USEC);
	KUNIT_EXPECT_FALSE(test, nts_engine_ex_set(test, timer, -10, 1000));
	advance(test, NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, nts_engine_ex_set(test, timer, -10, 0));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-039, ET-061 */
static void set_cancels_the_pending_operation(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	nts_engine_ex_set(test, timer, -10 * UNITS_PER_MS, 0);
	KUNIT_EXPECT_TRUE(test, nts_engine_ex_set(test, timer,
						  -20 * UNITS_PER_MS, 0));
	advance(test, 20 * MS - 1);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 0);
	advance(test, 1);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-039, ET-040 */
static void set_after_expiry_leaves_the_queued_callback(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	nts_engine_ex_set(test, timer, -10, 0);
	local_bh_disable();
	advance(test, NSEC_PER_USEC);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	KUNIT_EXPECT_FALSE(test, nts_engine_ex_set(test, timer, -10, 0));
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	advance(test, NSEC_PER_USEC);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 2);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-060, ET-061 */
static void cancel_returns_whether_pending(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	KUNIT_EXPECT_FALSE(test, nts_systimer_cancel(timer));
	nts_engine_ex_set(test, timer, -10, 0);
	KUNIT_EXPECT_TRUE(test, nts_systimer_cancel(timer));
	KUNIT_EXPECT_FALSE(test, nts_systimer_cancel(timer));
	advance(test, NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 0);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-060, ET-062 */
static void cancel_after_expiry_leaves_signal_and_callback(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	nts_engine_ex_set(test, timer, -10, 0);
	local_bh_disable();
	advance(test, NSEC_PER_USEC);
	KUNIT_EXPECT_FALSE(test, nts_systimer_cancel(timer));
	local_bh_enable();
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-064 */
static void cancel_of_periodic_leaves_the_queued_callback(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	nts_engine_ex_set(test, timer, -10, 20 * UNITS_PER_MS);
	local_bh_disable();
	advance(test, NSEC_PER_USEC);
	KUNIT_EXPECT_TRUE(test, nts_systimer_cancel(timer));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	advance(test, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-063 */
static void expiries_merge_into_a_queued_callback(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);
	int i;

	nts_engine_ex_set(test, timer, -20 * UNITS_PER_MS, 20 * UNITS_PER_MS);
	local_bh_disable();
	for (i = 0; i < 3; i++) {
		advance(test, 20 * MS);
		KUNIT_EXPECT_TRUE(test, consume(test, timer));
	}
	KUNIT_EXPECT_EQ(test, timer->users, 1);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-080, ET-012, ET-013, ET-081 */
static void callback_gets_timer_and_context(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	nts_engine_ex_set(test, timer, -10, 0);
	advance(test, NSEC_PER_USEC);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	KUNIT_EXPECT_PTR_EQ(test, calls.timer, timer);
	/* It stays on the processor of the expiry. */
	KUNIT_EXPECT_EQ(test, timer->dpc.target, 0);
	KUNIT_EXPECT_EQ(test, timer->dpc.importance, NTS_DPC_MEDIUM);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-150, ET-152, ET-154 */
static void high_resolution_is_programmed_exactly(struct kunit *test)
{
	struct nts_systimer *timer =
		nts_engine_ex_timer(test, EX_HIGH_RESOLUTION, NULL);
	struct nts_engine *e = test->priv;
	u64 due_ns = e->now.mono_ns + 12345 * 100;

	nts_engine_ex_set(test, timer, -12345, 0);
	KUNIT_EXPECT_EQ(test, timer->timer.due_ns, due_ns);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, due_ns);
	advance(test, 12345 * 100 - 1);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	advance(test, 1);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-151, ET-153 */
static void tick_is_short_exactly_while_one_is_pending(struct kunit *test)
{
	struct nts_systimer *timer =
		nts_engine_ex_timer(test, EX_HIGH_RESOLUTION, NULL);
	u32 tick_max = nts_clock_tick_max(), tick_min = nts_clock_tick_min();

	KUNIT_EXPECT_EQ(test, nts_clock_tick_cur(), tick_max);
	nts_engine_ex_set(test, timer, -10, 0);
	nts_engine_ex_set(test, timer, -10, 0);
	KUNIT_EXPECT_EQ(test, nts_clock_tick_cur(), tick_min);
	advance(test, NSEC_PER_USEC);
	KUNIT_EXPECT_EQ(test, nts_clock_tick_cur(), tick_max);
	nts_engine_ex_set(test, timer, -10, 20 * UNITS_PER_MS);
	advance(test, NSEC_PER_SEC);
	KUNIT_EXPECT_EQ(test, nts_clock_tick_cur(), tick_min);
	nts_systimer_cancel(timer);
	KUNIT_EXPECT_EQ(test, nts_clock_tick_cur(), tick_max);
	nts_engine_ex_set(test, timer, -10, 0);
	nts_engine_ex_delete(timer, true, NULL);
	KUNIT_EXPECT_EQ(test, nts_clock_tick_cur(), tick_max);
}

static struct kunit_case ex_timer_engine_cases[] = {
	KUNIT_CASE(fresh_timer_is_idle),
	KUNIT_CASE(relative_expires_at_due_not_before),
	KUNIT_CASE_PARAM(absolute_expires_at_system_time, absolute_gen_params),
	KUNIT_CASE(absolute_follows_the_wall_clock),
	KUNIT_CASE_PARAM(never_stays_armed, never_gen_params),
	KUNIT_CASE(period_counts_100ns),
	KUNIT_CASE(longest_period_works),
	KUNIT_CASE(zero_period_is_one_shot),
	KUNIT_CASE_PARAM(short_period_expires_once_per_tick,
			 short_period_gen_params),
	KUNIT_CASE(high_resolution_timer_shortens_the_tick),
	KUNIT_CASE(request_shortens_the_tick_too),
	KUNIT_CASE(fast_period_is_at_least_the_shortest_tick),
	KUNIT_CASE(jitter_does_not_move_the_grid),
	KUNIT_CASE(multiple_of_the_tick_is_uniform),
	KUNIT_CASE(set_returns_whether_pending),
	KUNIT_CASE(set_cancels_the_pending_operation),
	KUNIT_CASE(set_after_expiry_leaves_the_queued_callback),
	KUNIT_CASE(cancel_returns_whether_pending),
	KUNIT_CASE(cancel_after_expiry_leaves_signal_and_callback),
	KUNIT_CASE(cancel_of_periodic_leaves_the_queued_callback),
	KUNIT_CASE(expiries_merge_into_a_queued_callback),
	KUNIT_CASE(callback_gets_timer_and_context),
	KUNIT_CASE(high_resolution_is_programmed_exactly),
	KUNIT_CASE(tick_is_short_exactly_while_one_is_pending),
	{}
};

static struct kunit_suite ex_timer_engine_suite = {
	.name = "ntshim_ex_timer_engine",
	.init = nts_engine_init,
	.exit = nts_engine_exit,
	.test_cases = ex_timer_engine_cases,
};

kunit_test_suite(ex_timer_engine_suite);
