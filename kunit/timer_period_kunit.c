// SPDX-License-Identifier: GPL-2.0
/*
 * The timer engine, exactly: periodic timers, their grid and their DPCs.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>

#include "helpers.h"

#define NOTIFICATION NT_LAYOUT_TYPE_NOTIFICATION_TIMER
#define SYNCHRONIZATION NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER

#define MS NSEC_PER_MSEC

/* Shows: KT-080, KT-069 */
static void period_separates_expiries(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;
	int i;

	nts_engine_set(e, timer, -30 * UNITS_PER_MS, 50, NULL);
	nts_engine_advance(e, 30 * MS - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	for (i = 0; i < 10; i++) {
		nts_engine_advance(e, 50 * MS - 1);
		KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
		nts_engine_advance(e, 1);
		KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	}
}

/* Shows: KT-081 */
static void late_handling_does_not_move_the_grid(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -100 * UNITS_PER_MS, 100, NULL);
	nts_engine_advance(e, 140 * MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 60 * MS - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
}

/* Shows: KT-084 */
static void missed_periods_collapse(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	nts_test_dpc_init(&counter);
	nts_engine_set(e, timer, -100 * UNITS_PER_MS, 100, &counter.dpc);
	nts_engine_advance(e, 1050 * MS);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 50 * MS - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
}

/* Shows: KT-084 */
static void exactly_one_period_late_skips_to_the_future(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -100 * UNITS_PER_MS, 100, NULL);
	e->now.mono_ns += 200 * MS;
	nts_timer_expire(&e->shard, &e->now, 1);
	KUNIT_EXPECT_EQ(test, timer->due_ns, e->now.mono_ns + 100 * MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	nts_engine_expire(e);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 100 * MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
}

/* Shows: KT-085, TM-030 */
static void period_below_the_tick_acts_as_the_tick(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	u64 tick_ns = nts_ns_from_100ns(nts_clock_tick_cur());
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -UNITS_PER_MS, 1, NULL);
	nts_engine_advance(e, MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	KUNIT_EXPECT_GT(test, tick_ns, MS);
	/* The last tick ends between two looks. */
	KUNIT_EXPECT_EQ(test,
			nts_engine_run_for(e, timer, 10 * tick_ns + MS, MS),
			10);
}

/* Shows: KT-070 */
static void longest_period_works(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, 0, S32_MAX, NULL);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, S32_MAX * MS - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
}

/* Shows: KT-047, KT-053 */
static void absolute_period_runs_on_running_time(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, nts_engine_systime(e) + UNITS_PER_SEC, 50,
		       NULL);
	nts_engine_advance(e, NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	e->now.real_ns += 3600 * NSEC_PER_SEC;
	nts_engine_expire(e);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	KUNIT_EXPECT_EQ(test, nts_engine_run_for(e, timer, 500 * MS, MS), 10);
}

/* Shows: KT-081 */
static void absolute_grid_starts_where_expiry_was_seen(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, nts_engine_systime(e) + UNITS_PER_SEC, 100,
		       NULL);
	nts_engine_advance(e, NSEC_PER_SEC + 30 * MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 100 * MS - 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
}

/* Shows: KT-024, KT-086 */
static void past_due_time_starts_the_grid_now(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	nts_test_dpc_init(&counter);
	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, 0, 50, &counter.dpc));
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(timer));
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
	KUNIT_EXPECT_EQ(test, nts_engine_run_for(e, timer, 500 * MS, MS), 10);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 11);
}

/* Shows: KT-062, KT-082, KT-083 */
static void periodic_timer_is_always_armed(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	int i;

	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 50, NULL);
	for (i = 0; i < 3; i++) {
		nts_engine_advance(e, 50 * MS);
		KUNIT_EXPECT_TRUE(test, nts_timer_armed(timer));
	}
	KUNIT_EXPECT_TRUE(test, nts_engine_set(e, timer, -50 * UNITS_PER_MS, 50,
					       NULL));
	nts_engine_advance(e, 50 * MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_cancel(e, timer));
}

struct cancelling {
	struct nts_dpc dpc;
	struct nts_engine *e;
	struct nts_timer *timer;
	bool was_armed;
};

static void cancel_from_dpc(struct nts_dpc *dpc, void *context, void *arg1,
			    void *arg2)
{
	struct cancelling *c = context;

	c->was_armed = nts_engine_cancel(c->e, c->timer);
}

/* Shows: KT-082, KT-144, KT-202 */
static void cancel_in_own_dpc_returns_true(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct cancelling c = { .e = test->priv, .timer = timer };

	nts_dpc_init(&c.dpc, NTS_DPC_ORDINARY, cancel_from_dpc, &c);
	nts_engine_set(c.e, timer, -UNITS_PER_MS, 50, &c.dpc);
	nts_engine_advance(c.e, MS);
	nts_dpc_flush();
	KUNIT_EXPECT_TRUE(test, c.was_armed);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(c.e, timer));
	nts_engine_advance(c.e, NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(c.e, timer));
}

/* Shows: KT-068 */
static void set_without_period_ends_it(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 50, NULL);
	nts_engine_advance(e, 50 * MS);
	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 0, NULL);
	KUNIT_EXPECT_EQ(test, nts_engine_run_for(e, timer, 500 * MS, MS), 1);
	KUNIT_EXPECT_FALSE(test, nts_timer_armed(timer));
}

/* Shows: KT-091 */
static void set_changes_the_period(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 50, NULL);
	KUNIT_EXPECT_EQ(test, nts_engine_run_for(e, timer, 500 * MS, MS), 10);
	nts_engine_set(e, timer, -100 * UNITS_PER_MS, 100, NULL);
	KUNIT_EXPECT_EQ(test, nts_engine_run_for(e, timer, 500 * MS, MS), 5);
}

/* Shows: KT-087 */
static void notification_stays_signaled(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 50, NULL);
	nts_engine_advance(e, 50 * MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	nts_engine_advance(e, 25 * MS);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	nts_engine_advance(e, 25 * MS);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Shows: KT-088, W-TMR-04 */
static void unconsumed_signals_do_not_add_up(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;
	int i;

	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 50, NULL);
	for (i = 0; i < 5; i++)
		nts_engine_advance(e, 50 * MS);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, timer));
}

/* Shows: KT-090, KT-123 */
static void queued_dpc_is_not_queued_twice(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;
	int i;

	nts_test_dpc_init(&counter);
	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 50, &counter.dpc);
	local_bh_disable();
	for (i = 0; i < 3; i++) {
		nts_engine_advance(e, 50 * MS);
		KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	}
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
}

/* Shows: KT-183 */
static void tolerance_does_not_move_the_grid(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;
	u64 first_ns = e->now.mono_ns + 100 * MS;
	int i;

	nts_engine_set_tolerant(e, timer, -100 * UNITS_PER_MS, 100, 30, NULL);
	for (i = 0; i < 10; i++) {
		KUNIT_EXPECT_EQ(test, timer->due_ns, first_ns + i * 100 * MS);
		KUNIT_EXPECT_EQ(test, timer->latest_ns,
				timer->due_ns + 30 * MS);
		/* Alternately as early and as late as allowed. */
		nts_engine_advance(e, timer->due_ns + (i & 1) * 30 * MS -
					      e->now.mono_ns);
		KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	}
}

/* Shows: KT-128 */
static void dpc_is_not_looked_at_before_expiry(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	memset(&counter, 0x55, sizeof(counter));
	nts_engine_set(e, timer, -50 * UNITS_PER_MS, 0, &counter.dpc);
	nts_test_dpc_init(&counter);
	nts_engine_advance(e, 50 * MS);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
}

static struct kunit_case timer_period_cases[] = {
	KUNIT_CASE(period_separates_expiries),
	KUNIT_CASE(late_handling_does_not_move_the_grid),
	KUNIT_CASE(missed_periods_collapse),
	KUNIT_CASE(exactly_one_period_late_skips_to_the_future),
	KUNIT_CASE(period_below_the_tick_acts_as_the_tick),
	KUNIT_CASE(longest_period_works),
	KUNIT_CASE(absolute_period_runs_on_running_time),
	KUNIT_CASE(absolute_grid_starts_where_expiry_was_seen),
	KUNIT_CASE(past_due_time_starts_the_grid_now),
	KUNIT_CASE(periodic_timer_is_always_armed),
	KUNIT_CASE(cancel_in_own_dpc_returns_true),
	KUNIT_CASE(set_without_period_ends_it),
	KUNIT_CASE(set_changes_the_period),
	KUNIT_CASE(notification_stays_signaled),
	KUNIT_CASE(unconsumed_signals_do_not_add_up),
	KUNIT_CASE(queued_dpc_is_not_queued_twice),
	KUNIT_CASE(tolerance_does_not_move_the_grid),
	KUNIT_CASE(dpc_is_not_looked_at_before_expiry),
	{}
};

static struct kunit_suite timer_period_suite = {
	.name = "ntshim_timer_period",
	.init = nts_engine_init,
	.exit = nts_engine_exit,
	.test_cases = timer_period_cases,
};

kunit_test_suite(timer_period_suite);
