// SPDX-License-Identifier: GPL-2.0
/*
 * KeCancelTimer on a shard whose time is moved by hand.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/string.h>

#include "helpers.h"

#define NOTIFICATION NT_LAYOUT_TYPE_NOTIFICATION_TIMER

/* More than wait unsorted. */
#define CROWD 40

/* Shows: KT-140, KT-146, KT-147 */
static void cancel_finds_every_timer_of_a_crowd(struct kunit *test)
{
	struct nts_timer *timers[CROWD];
	struct nts_engine *e = test->priv;
	int i;

	for (i = 0; i < CROWD; i++) {
		timers[i] = nts_engine_timer(test, NOTIFICATION);
		nts_engine_set(e, timers[i], -10 - (i * 7) % 11, 0, NULL);
	}
	for (i = 0; i < CROWD; i += 2)
		KUNIT_EXPECT_TRUE(test, nts_engine_cancel(e, timers[i]));
	nts_engine_advance(e, NSEC_PER_SEC);
	for (i = 0; i < CROWD; i++)
		KUNIT_EXPECT_EQ(test, nts_timer_signaled(timers[i]), i & 1);
}

/* Shows: KT-140, KT-141 */
static void cancel_returns_whether_armed(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	nts_test_dpc_init(&counter);
	KUNIT_EXPECT_FALSE(test, nts_engine_cancel(e, timer));
	nts_engine_set(e, timer, -10, 0, &counter.dpc);
	KUNIT_EXPECT_TRUE(test, nts_engine_cancel(e, timer));
	KUNIT_EXPECT_FALSE(test, nts_engine_cancel(e, timer));
	nts_engine_advance(e, NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 0);
}

/* Shows: KT-142, DP-052 */
static void cancel_leaves_queued_dpc(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc counter;

	nts_test_dpc_init(&counter);
	local_bh_disable();
	nts_engine_set(e, timer, 0, 0, &counter.dpc);
	KUNIT_EXPECT_FALSE(test, nts_engine_cancel(e, timer));
	KUNIT_EXPECT_TRUE(test, nts_dpc_remove(&counter.dpc));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 0);
}

/* Shows: KT-108 */
static void cancel_keeps_signal(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, timer, 0, 0, NULL);
	KUNIT_EXPECT_FALSE(test, nts_engine_cancel(e, timer));
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
}

/* Shows: KT-147 */
static void cancel_leaves_other_timers(struct kunit *test)
{
	struct nts_timer *one = nts_engine_timer(test, NOTIFICATION);
	struct nts_timer *two = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;
	struct nts_test_dpc shared;

	nts_test_dpc_init(&shared);
	nts_engine_set(e, one, -10, 0, &shared.dpc);
	nts_engine_set(e, two, -10, 0, &shared.dpc);
	nts_engine_cancel(e, one);
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(one));
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(two));
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&shared), 1);
}

/* Shows: KT-146, W-HDR-04 */
static void cancelled_memory_is_not_touched(struct kunit *test)
{
	struct nts_timer *timer = nts_engine_timer(test, NOTIFICATION);
	struct nts_timer *other = nts_engine_timer(test, NOTIFICATION);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, other, -20, 0, NULL);
	nts_engine_set(e, timer, -10, 0, NULL);
	nts_engine_cancel(e, timer);
	memset(timer, 0, sizeof(*timer));
	nts_engine_advance(e, 1000);
	nts_engine_advance(e, 1000);
	KUNIT_EXPECT_NULL(test, memchr_inv(timer, 0, sizeof(*timer)));
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(other));
}

static struct kunit_case timer_cancel_cases[] = {
	KUNIT_CASE(cancel_finds_every_timer_of_a_crowd),
	KUNIT_CASE(cancel_returns_whether_armed),
	KUNIT_CASE(cancel_leaves_queued_dpc),
	KUNIT_CASE(cancel_keeps_signal),
	KUNIT_CASE(cancel_leaves_other_timers),
	KUNIT_CASE(cancelled_memory_is_not_touched),
	{}
};

static struct kunit_suite timer_cancel_suite = {
	.name = "ntshim_timer_cancel",
	.init = nts_engine_init,
	.exit = nts_engine_exit,
	.test_cases = timer_cancel_cases,
};

kunit_test_suite(timer_cancel_suite);
