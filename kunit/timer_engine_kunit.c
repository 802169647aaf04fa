// SPDX-License-Identifier: GPL-2.0
/*
 * The timer engine, exactly: a shard of the case's own, time moved by hand. One
 * shots: due times, clocks, set, cancel and order.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/string.h>

#include "helpers.h"

#define NOTIFICATION NT_LAYOUT_TYPE_NOTIFICATION_TIMER
#define SYNCHRONIZATION NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER

/* Shows: KT-004, W-HDR-03, W-HDR-09 */
static void sizes_and_codes_are_fixed(struct kunit *test)
{
	KUNIT_EXPECT_LE(test, sizeof(struct nts_timer), NT_LAYOUT_KTIMER_SIZE);
	KUNIT_EXPECT_LE(test, NT_LAYOUT_KTIMER_SIZE, 2 * 64);
	KUNIT_EXPECT_LE(test, NT_LAYOUT_KEVENT_SIZE, 2 * 24);
	KUNIT_EXPECT_LE(test, NT_LAYOUT_KDPC_SIZE, 2 * 64);
	KUNIT_EXPECT_EQ(test, NOTIFICATION, 8);
	KUNIT_EXPECT_EQ(test, SYNCHRONIZATION, 9);
}

/* Shows: KT-012 */
static void prepared_timer_is_idle(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_FALSE(test, nts_timer_armed(timer));
	KUNIT_EXPECT_TRUE(test, list_empty(&timer->header.wait_list));
	KUNIT_EXPECT_FALSE(test, nts_engine_cancel(e, timer));
}

static const int fills[] = { 0x00, 0x55, 0xaa, 0xff };

static void describe_fill(const int *fill, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "fill 0x%02x", *fill);
}

KUNIT_ARRAY_PARAM(fill, fills, describe_fill);

/* Shows: KT-013 */
static void old_content_does_not_matter(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	const int *fill = test->param_value;
	struct nts_engine *e = test->priv;

	memset(timer, *fill, sizeof(*timer));
	KUNIT_EXPECT_TRUE(test,
			  nts_timer_prepare(&e->shard, timer, NOTIFICATION));
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, -1, 0, NULL));
	nts_engine_advance(e, 100);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Shows: KT-015 */
static void preparing_again_clears_signal(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -1, 0, NULL);
	nts_engine_advance(e, 100);
	KUNIT_EXPECT_TRUE(test,
			  nts_timer_prepare(&e->shard, timer, SYNCHRONIZATION));
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_EQ(test, timer->header.type, SYNCHRONIZATION);
	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, -1, 0, NULL));
}

/* Shows: KT-016 */
static void preparing_armed_timer_keeps_arm(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	nts_test_dpc_init(&counter);
	nts_engine_set(e, timer, -1, 0, &counter.dpc);
	KUNIT_EXPECT_FALSE(test, nts_timer_prepare(&e->shard, timer,
						   SYNCHRONIZATION));
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(timer));
	KUNIT_EXPECT_EQ(test, timer->header.type, SYNCHRONIZATION);
	nts_engine_advance(e, 100);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
}

/* Shows: KT-021, KT-030 */
static void relative_expires_at_due_not_before(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -5 * UNITS_PER_MS, 0, NULL);
	nts_engine_advance(e, 5 * NSEC_PER_MSEC - 1);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_FALSE(test, nts_timer_armed(timer));
}

/* Shows: KT-029 */
static void one_unit_from_now_is_armed_first(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -1, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(timer));
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	nts_engine_advance(e, 99);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Shows: KT-022, KT-030 */
static void absolute_expires_at_system_time(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, nts_engine_systime(e) + 7, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(timer));
	nts_engine_advance(e, 699);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Due times that are over at the call; the first two are relative to now. */
static const s64 past_times[] = { 0, -1, 1, NTS_EPOCH_100NS };

static void describe_past(const s64 *due, char *desc)
{
	if (due < past_times + 2)
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "now %+lld", *due);
	else
		snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lld", *due);
}

KUNIT_ARRAY_PARAM(past, past_times, describe_past);

/* Shows: KT-023, KT-027 */
static void past_expires_inside_set(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	const s64 *due = test->param_value;
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;
	s64 base = due < past_times + 2 ? nts_engine_systime(e) : 0;

	nts_test_dpc_init(&counter);
	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, base + *due, 0,
						&counter.dpc));
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_FALSE(test, nts_timer_armed(timer));
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
	KUNIT_EXPECT_FALSE(test, nts_engine_cancel(e, timer));
}

/* Shows: KT-022, KT-024 */
static void zero_is_1601_not_now_plus_zero(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	e->now.real_ns = 0;
	nts_engine_set(e, timer, 0, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

static const s64 never_times[] = {
	S64_MIN, S64_MIN + 1, -92233720368547759LL, 208678456368547759LL,
	S64_MAX,
};

static void describe_never(const s64 *due, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lld", *due);
}

KUNIT_ARRAY_PARAM(never, never_times, describe_never);

/* Shows: KT-026, KT-027, KT-028 */
static void never_stays_armed(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	const s64 *due = test->param_value;
	struct nts_engine *e = test->priv;

	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, *due, 0, NULL));
	e->now.mono_ns = KTIME_MAX;
	e->now.real_ns = KTIME_MAX;
	nts_engine_expire(e);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_TRUE(test, nts_engine_set(e, timer, *due, 0, NULL));
	KUNIT_EXPECT_TRUE(test, nts_engine_cancel(e, timer));
}

/* Shows: KT-042 */
static void clock_set_forward_expires_absolute(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, nts_engine_systime(e) + UNITS_PER_SEC, 0,
		       NULL);
	e->now.real_ns += NSEC_PER_SEC;
	nts_engine_expire(e);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Shows: KT-042, KT-046, TM-091 */
static void clock_set_back_lengthens_absolute(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, nts_engine_systime(e) + UNITS_PER_SEC, 0,
		       NULL);
	/* The event came, the clock was set before it was handled. */
	e->now.mono_ns += NSEC_PER_SEC;
	e->now.real_ns += NSEC_PER_SEC - 1;
	nts_engine_expire(e);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(timer));
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Shows: KT-043 */
static void clock_set_does_not_move_relative(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -UNITS_PER_SEC, 0, NULL);
	e->now.real_ns += 3600 * NSEC_PER_SEC;
	nts_engine_advance(e, NSEC_PER_SEC - 1);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	e->now.real_ns -= 7200 * NSEC_PER_SEC;
	nts_engine_advance(e, 1);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Shows: KT-045 */
static void clock_set_back_does_not_rearm(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, nts_engine_systime(e) + 1, 0, NULL);
	nts_engine_advance(e, 100);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, timer));
	e->now.real_ns -= NSEC_PER_SEC;
	nts_engine_advance(e, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
}

/* Shows: KT-050, KT-051 */
static void sleep_counts_for_absolute_only(struct kunit *test)
{
	struct nts_timer *relative = nts_engine_timer(test, NOTIFICATION);
	struct nts_timer *absolute = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, relative, -5 * UNITS_PER_SEC, 0, NULL);
	nts_engine_set(e, absolute, nts_engine_systime(e) + 5 * UNITS_PER_SEC,
		       0, NULL);
	/* In system sleep only the wall clock goes on. */
	e->now.real_ns += 10 * NSEC_PER_SEC;
	nts_engine_expire(e);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(absolute));
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(relative));
	nts_engine_advance(e, 5 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(relative));
}

/* Shows: KT-061, KT-062 */
static void set_returns_whether_armed(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, -10, 0, NULL));
	KUNIT_EXPECT_TRUE(test, nts_engine_set(e, timer, -10, 0, NULL));
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, -10, 0, NULL));
	nts_engine_cancel(e, timer);
	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, -10, 100, NULL));
	nts_engine_advance(e, NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, nts_engine_set(e, timer, -10, 0, NULL));
}

/* Shows: KT-023, KT-061 */
static void past_set_returns_whether_armed(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, -10, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_engine_set(e, timer, 0, 0, NULL));
	KUNIT_EXPECT_FALSE(test, nts_engine_set(e, timer, 0, 0, NULL));
}

/* Shows: KT-060, KT-067 */
static void set_clears_signal(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, 0, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	nts_engine_set(e, timer, -10, 0, NULL);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
}

/* Shows: KT-063, KT-200 */
static void set_silences_earlier_arm(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc old, new;

	nts_test_dpc_init(&old);
	nts_test_dpc_init(&new);
	nts_engine_set(e, timer, -10, 0, &old.dpc);
	KUNIT_EXPECT_TRUE(test, nts_engine_set(e, timer, -20, 0, &new.dpc));
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&old), 0);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&new), 1);
}

/* Shows: KT-064, KT-200 */
static void set_after_expiry_leaves_its_dpc(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	nts_test_dpc_init(&counter);
	nts_engine_set(e, timer, -10, 0, &counter.dpc);
	local_bh_disable();
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_FALSE(test,
			   nts_engine_set(e, timer, -10, 0, &counter.dpc));
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 2);
}

/* Shows: KT-065, KT-120 */
static void set_replaces_dpc(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	nts_test_dpc_init(&counter);
	nts_engine_set(e, timer, -10, 0, &counter.dpc);
	nts_engine_set(e, timer, -10, 0, NULL);
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 0);
}

/* Shows: KT-101, KT-103 */
static void type_decides_what_a_wait_takes(struct kunit *test)
{
	struct nts_timer *notify = nts_engine_timer(test, NOTIFICATION);
	struct nts_timer *sync = nts_engine_timer(test, SYNCHRONIZATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, notify, 0, 0, NULL);
	nts_engine_set(e, sync, 0, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, notify));
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, notify));
	KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, sync));
	KUNIT_EXPECT_FALSE(test, nts_engine_consume(e, sync));
}

/* Shows: KT-110, KT-048 */
static void expiries_come_in_due_order(struct kunit *test)
{
	static const s64 due[] = { 30, 10, 20, 10 };
	struct nts_test_dpc *counter;
	struct nts_engine *e = test->priv;
	s64 base = nts_engine_systime(e);
	int i;

	counter = kunit_kcalloc(test, 4, sizeof(*counter), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, counter);
	for (i = 0; i < 4; i++) {
		nts_test_dpc_init(&counter[i]);
		nts_engine_set(e, nts_engine_timer(test, NOTIFICATION),
			       base + due[i], 0, &counter[i].dpc);
	}
	nts_engine_advance(e, NSEC_PER_SEC);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter[i]), 1);
	KUNIT_EXPECT_LT(test, counter[1].order, counter[3].order);
	KUNIT_EXPECT_LT(test, counter[3].order, counter[2].order);
	KUNIT_EXPECT_LT(test, counter[2].order, counter[0].order);
}

/* More timers than a queue keeps unsorted, in two groups of equal due times. */
#define CROWD 40

/* Shows: KT-110 */
static void crowd_expires_in_due_and_arming_order(struct kunit *test)
{
	struct nts_test_dpc *counter;
	struct nts_engine *e = test->priv;
	int i;

	counter = kunit_kcalloc(test, CROWD, sizeof(*counter), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, counter);
	for (i = 0; i < CROWD; i++) {
		nts_test_dpc_init(&counter[i]);
		nts_engine_set(e, nts_engine_timer(test, NOTIFICATION),
			       i & 1 ? -10 : -20, 0, &counter[i].dpc);
	}
	nts_engine_advance(e, NSEC_PER_SEC);
	for (i = 0; i < CROWD; i++)
		KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter[i]), 1);
	for (i = 2; i < CROWD; i++)
		KUNIT_EXPECT_LT(test, counter[i - 2].order, counter[i].order);
	KUNIT_EXPECT_LT(test, counter[CROWD - 1].order, counter[0].order);
}

/* Shows: KT-201 */
static void budget_leaves_the_rest_armed(struct kunit *test)
{
	struct nts_timer *first = nts_engine_timer(test, NOTIFICATION);
	struct nts_timer *second = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, first, -10, 0, NULL);
	nts_engine_set(e, second, -10, 0, NULL);
	e->now.mono_ns += 1000;
	KUNIT_EXPECT_TRUE(test, nts_timer_expire(&e->shard, &e->now, 1));
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(first));
	KUNIT_EXPECT_TRUE(test, nts_engine_cancel(e, second));
	KUNIT_EXPECT_FALSE(test, nts_timer_expire(&e->shard, &e->now, 1));
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(second));
}

/* Shows: KT-122 */
static void dpc_gets_system_time(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;
	u64 systime;

	nts_test_dpc_init(&counter);
	nts_engine_set(e, timer, -10, 0, &counter.dpc);
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
	systime = (u64)(unsigned long)counter.arg2 << 32 |
		  (unsigned long)counter.arg1;
	KUNIT_EXPECT_EQ(test, systime, nts_engine_systime(e));
}

/* Shows: KT-126 */
static void shared_dpc_merges_expiries(struct kunit *test)
{
	struct nts_engine *e = test->priv;
	struct nts_test_dpc shared;
	int i;

	nts_test_dpc_init(&shared);
	for (i = 0; i < 3; i++)
		nts_engine_set(e, nts_engine_timer(test, NOTIFICATION), -10, 0,
			       &shared.dpc);
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&shared), 1);
}

/* Shows: KT-182, KT-186 */
static void tolerance_orders_by_latest_time(struct kunit *test)
{
	struct nts_timer *early = nts_engine_timer(test, NOTIFICATION);
	struct nts_timer *exact = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set_tolerant(e, early, -UNITS_PER_SEC, 0, 5000, NULL);
	nts_engine_set(e, exact, -2 * UNITS_PER_SEC, 0, NULL);
	KUNIT_EXPECT_EQ(test, early->latest_ns - early->due_ns,
			5 * NSEC_PER_SEC);
	/* No event of its own before its latest time: it rides along. */
	nts_engine_advance(e, 2 * NSEC_PER_SEC);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(exact));
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(early));
	nts_engine_set(e, early, -UNITS_PER_SEC, 0, NULL);
	KUNIT_EXPECT_EQ(test, early->latest_ns, early->due_ns);
}

static struct kunit_case timer_cases[] = {
	KUNIT_CASE(sizes_and_codes_are_fixed),
	KUNIT_CASE(prepared_timer_is_idle),
	KUNIT_CASE_PARAM(old_content_does_not_matter, fill_gen_params),
	KUNIT_CASE(preparing_again_clears_signal),
	KUNIT_CASE(preparing_armed_timer_keeps_arm),
	KUNIT_CASE(relative_expires_at_due_not_before),
	KUNIT_CASE(one_unit_from_now_is_armed_first),
	KUNIT_CASE(absolute_expires_at_system_time),
	KUNIT_CASE_PARAM(past_expires_inside_set, past_gen_params),
	KUNIT_CASE(zero_is_1601_not_now_plus_zero),
	KUNIT_CASE_PARAM(never_stays_armed, never_gen_params),
	KUNIT_CASE(clock_set_forward_expires_absolute),
	KUNIT_CASE(clock_set_back_lengthens_absolute),
	KUNIT_CASE(clock_set_does_not_move_relative),
	KUNIT_CASE(clock_set_back_does_not_rearm),
	KUNIT_CASE(sleep_counts_for_absolute_only),
	KUNIT_CASE(set_returns_whether_armed),
	KUNIT_CASE(past_set_returns_whether_armed),
	KUNIT_CASE(set_clears_signal),
	KUNIT_CASE(set_silences_earlier_arm),
	KUNIT_CASE(set_after_expiry_leaves_its_dpc),
	KUNIT_CASE(set_replaces_dpc),
	KUNIT_CASE(type_decides_what_a_wait_takes),
	KUNIT_CASE(expiries_come_in_due_order),
	KUNIT_CASE(crowd_expires_in_due_and_arming_order),
	KUNIT_CASE(budget_leaves_the_rest_armed),
	KUNIT_CASE(dpc_gets_system_time),
	KUNIT_CASE(shared_dpc_merges_expiries),
	KUNIT_CASE(tolerance_orders_by_latest_time),
	{}
};

static struct kunit_suite timer_suite = {
	.name = "ntshim_timer",
	.init = nts_engine_init,
	.exit = nts_engine_exit,
	.test_cases = timer_cases,
};

kunit_test_suite(timer_suite);
