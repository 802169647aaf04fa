// SPDX-License-Identifier: GPL-2.0
/*
 * Deletion of EX_TIMERs, exactly: a shard of the case's own, time moved by
 * hand. What waits is in the API's suite.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>

#include "ex_timer.h"

#define MS NSEC_PER_MSEC
#define PERIOD (20 * UNITS_PER_MS)

/* Every state that a delete can find, and what its call returns. */
enum found {
	NEVER_SET,
	CANCELLED,
	EXPIRED,
	PENDING,
	PERIODIC,
	PERIODIC_EXPIRED,
};

/**
 * struct delete_row - one state and one Cancel argument
 * @name: for the log
 * @found: what happened before
 * @cancel: Cancel
 * @result: what delete returns
 * @calls_before: callbacks until the delete
 * @calls_after: callbacks in all, long after it
 */
struct delete_row {
	const char *name;
	enum found found;
	bool cancel;
	bool result;
	int calls_before;
	int calls_after;
};

static const struct delete_row delete_rows[] = {
	{ "never set, cancel", NEVER_SET, true, false, 0, 0 },
	{ "never set", NEVER_SET, false, false, 0, 0 },
	{ "cancelled, cancel", CANCELLED, true, false, 0, 0 },
	{ "cancelled", CANCELLED, false, false, 0, 0 },
	{ "expired, cancel", EXPIRED, true, false, 1, 1 },
	{ "expired", EXPIRED, false, false, 1, 1 },
	{ "pending, cancel", PENDING, true, true, 0, 0 },
	{ "pending", PENDING, false, false, 0, 1 },
	{ "periodic, cancel", PERIODIC, true, true, 0, 0 },
	{ "periodic", PERIODIC, false, false, 0, 1 },
	{ "periodic after 2, cancel", PERIODIC_EXPIRED, true, true, 2, 2 },
	{ "periodic after 2", PERIODIC_EXPIRED, false, false, 2, 3 },
};

static void describe_row(const struct delete_row *row, char *desc)
{
	strscpy(desc, row->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(row, delete_rows, describe_row);

static void bring_about(struct kunit *test, struct nts_systimer *timer,
			enum found found)
{
	struct nts_engine *e = test->priv;

	if (found == NEVER_SET)
		return;
	nts_engine_ex_set(test, timer, -PERIOD, found >= PERIODIC ? PERIOD : 0);
	if (found == CANCELLED)
		nts_systimer_cancel(timer);
	if (found == EXPIRED || found == PERIODIC_EXPIRED)
		nts_engine_advance(e, 20 * MS);
	if (found == PERIODIC_EXPIRED)
		nts_engine_advance(e, 30 * MS);
}

/* Shows: ET-101, ET-105, ET-106, ET-107 */
static void return_says_whether_it_cancelled(struct kunit *test)
{
	const struct delete_row *row = test->param_value;
	unsigned int before = nts_systimer_count();
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);
	int i;

	bring_about(test, timer, row->found);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), row->calls_before);
	KUNIT_EXPECT_EQ(test, nts_engine_ex_delete(timer, row->cancel, &calls),
			row->result);
	for (i = 0; i < 10; i++) {
		nts_engine_advance(test->priv, 20 * MS);
		KUNIT_EXPECT_EQ(test, nts_test_ex_ends(&calls), 1);
		KUNIT_EXPECT_EQ(test, calls.ended_at, row->calls_after);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&calls.calls), row->calls_after);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before);
}

/* Shows: ET-104, ET-108, ET-130 */
static void idle_timer_is_freed_at_once(struct kunit *test)
{
	unsigned int before = nts_systimer_count();
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before + 1);
	nts_engine_ex_delete(timer, false, &calls);
	KUNIT_EXPECT_EQ(test, atomic_read(&calls.ends), 1);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before);
}

/* Shows: ET-100, ET-103, ET-046, ET-060 */
static void deleted_timer_refuses_everything(struct kunit *test)
{
	struct ex_calls calls = {}, second = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);
	struct nts_engine *e = test->priv;
	u64 due_ns = e->now.mono_ns + 20 * MS;

	nts_engine_ex_set(test, timer, -PERIOD, 0);
	nts_engine_ex_delete(timer, false, NULL);
	KUNIT_EXPECT_TRUE(test, nts_systimer_is_disabled(timer));
	KUNIT_EXPECT_FALSE(test, nts_engine_ex_set(test, timer, -1, 0));
	KUNIT_EXPECT_FALSE(test, nts_engine_ex_set(test, timer, 0, 0));
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(&timer->timer));
	KUNIT_EXPECT_FALSE(test, nts_systimer_cancel(timer));
	KUNIT_EXPECT_FALSE(test, nts_engine_ex_delete(timer, true, &second));
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(&timer->timer));
	KUNIT_EXPECT_EQ(test, timer->timer.due_ns, due_ns);
	nts_engine_advance(e, 20 * MS);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	KUNIT_EXPECT_EQ(test, nts_test_ex_ends(&second), 0);
}

/* Shows: ET-105, ET-106 */
static void last_expiry_still_signals(struct kunit *test)
{
	struct nts_systimer *timer =
		nts_engine_ex_timer(test, EX_NOTIFICATION, NULL);
	unsigned int before = nts_systimer_count();

	nts_engine_ex_set(test, timer, -PERIOD, PERIOD);
	nts_engine_ex_delete(timer, false, NULL);
	/* The DPC that frees it is held up. */
	local_bh_disable();
	nts_engine_advance(test->priv, 20 * MS);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(&timer->timer));
	KUNIT_EXPECT_FALSE(test, nts_timer_armed(&timer->timer));
	local_bh_enable();
	nts_dpc_flush();
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before - 1);
}

/* Shows: ET-106 */
static void disable_before_a_late_expiry_step_is_in_time(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);
	struct nts_engine *e = test->priv;

	nts_engine_ex_set(test, timer, -PERIOD, PERIOD);
	/* The event has come, its step has not begun. */
	e->now.mono_ns += 20 * MS;
	nts_engine_ex_delete(timer, false, &calls);
	nts_engine_expire(e);
	KUNIT_EXPECT_EQ(test, nts_test_ex_ends(&calls), 1);
	KUNIT_EXPECT_EQ(test, calls.ended_at, 1);
}

/* Shows: ET-108, ET-110, ET-131 */
static void queued_callback_delays_the_end(struct kunit *test)
{
	unsigned int before = nts_systimer_count();
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	nts_engine_ex_set(test, timer, -10, 0);
	local_bh_disable();
	nts_engine_advance(test->priv, NSEC_PER_USEC);
	KUNIT_EXPECT_FALSE(test, nts_engine_ex_delete(timer, true, &calls));
	KUNIT_EXPECT_EQ(test, atomic_read(&calls.ends), 0);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before + 1);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_ex_ends(&calls), 1);
	KUNIT_EXPECT_EQ(test, calls.ended_at, 1);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before);
}

/* Shows: ET-109 */
static void cancel_of_periodic_waits_for_its_callback(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	nts_engine_ex_set(test, timer, -10, PERIOD);
	local_bh_disable();
	nts_engine_advance(test->priv, NSEC_PER_USEC);
	KUNIT_EXPECT_TRUE(test, nts_engine_ex_delete(timer, true, &calls));
	KUNIT_EXPECT_EQ(test, atomic_read(&calls.ends), 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_ex_ends(&calls), 1);
	KUNIT_EXPECT_EQ(test, calls.ended_at, 1);
}

/* Shows: ET-190 */
static void users_are_counted(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = nts_engine_ex_timer(test, 0, &calls);

	KUNIT_EXPECT_EQ(test, timer->users, 0);
	nts_engine_ex_set(test, timer, -10, PERIOD);
	KUNIT_EXPECT_EQ(test, timer->users, 0);
	local_bh_disable();
	nts_engine_advance(test->priv, NSEC_PER_USEC);
	KUNIT_EXPECT_EQ(test, timer->users, 1);
	nts_engine_advance(test->priv, 20 * MS);
	KUNIT_EXPECT_EQ(test, timer->users, 1);
	local_bh_enable();
	nts_dpc_flush();
	KUNIT_EXPECT_EQ(test, timer->users, 0);
	nts_engine_ex_delete(timer, true, NULL);
}

static struct kunit_case ex_timer_delete_cases[] = {
	KUNIT_CASE_PARAM(return_says_whether_it_cancelled, row_gen_params),
	KUNIT_CASE(idle_timer_is_freed_at_once),
	KUNIT_CASE(deleted_timer_refuses_everything),
	KUNIT_CASE(last_expiry_still_signals),
	KUNIT_CASE(disable_before_a_late_expiry_step_is_in_time),
	KUNIT_CASE(queued_callback_delays_the_end),
	KUNIT_CASE(cancel_of_periodic_waits_for_its_callback),
	KUNIT_CASE(users_are_counted),
	{}
};

static struct kunit_suite ex_timer_delete_suite = {
	.name = "ntshim_ex_timer_delete",
	.init = nts_engine_init,
	.exit = nts_engine_exit,
	.test_cases = ex_timer_delete_cases,
};

kunit_test_suite(ex_timer_delete_suite);
