// SPDX-License-Identifier: GPL-2.0
/*
 * KSEMAPHORE through the exported routines.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"

static const s64 look_100ns;

static unsigned int take_limit_exceeded(void)
{
	return nts_test_take_raised("W-SEM-03",
				    NTS_STATUS_SEMAPHORE_LIMIT_EXCEEDED);
}

/* Shows: W-SEM-01, W-SEM-06, W-HDR-03 */
static void init_sets_count_and_limit(struct kunit *test)
{
	struct nts_semaphore semaphore;

	memset(&semaphore, 0x55, sizeof(semaphore));
	KeInitializeSemaphore(&semaphore, 2, S32_MAX);
	KUNIT_EXPECT_EQ(test, semaphore.header.type, 5);
	KUNIT_EXPECT_EQ(test, semaphore.limit, S32_MAX);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 2);
	KeInitializeSemaphore(&semaphore, 0, 1);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 0);
}

/* Shows: W-SEM-01 */
static void numbers_out_of_range_are_clamped(struct kunit *test)
{
	static const struct {
		s32 count, limit, count_taken, limit_taken;
	} cases[] = {
		{ -1, 5, 0, 5 },
		{ 6, 5, 5, 5 },
		{ 0, 0, 0, 1 },
		{ 3, -7, 1, 1 },
		{ S32_MIN, S32_MIN, 0, 1 },
	};
	struct nts_semaphore semaphore;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KeInitializeSemaphore(&semaphore, cases[i].count,
				      cases[i].limit);
		KUNIT_EXPECT_EQ_MSG(test, KeReadStateSemaphore(&semaphore),
				    cases[i].count_taken, "case %u", i);
		KUNIT_EXPECT_EQ_MSG(test, semaphore.limit, cases[i].limit_taken,
				    "case %u", i);
	}
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-SEM-01"),
			ARRAY_SIZE(cases));
}

/* Shows: W-SIG-03, W-SEM-02, W-TMO-02 */
static void each_wait_takes_one(struct kunit *test)
{
	struct nts_semaphore semaphore;

	KeInitializeSemaphore(&semaphore, 2, 10);
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 3, 0), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 1, 0), 3);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 4);
}

/* Shows: W-SEM-05, W-FIF-01 */
static void release_satisfies_in_order_and_keeps_the_rest(struct kunit *test)
{
	struct nts_test_waiter waiters[5];
	struct nts_semaphore semaphore;
	int i;

	KeInitializeSemaphore(&semaphore, 0, 10);
	for (i = 0; i < 5; i++)
		nts_test_start_waiter(test, &waiters[i], &semaphore, NULL);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 2, 0), 0);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&semaphore.header), 3);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 4, 0), 0);
	for (i = 2; i < 5; i++)
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 1);
}

/* Shows: W-SEM-03, W-SEM-08 */
static void release_beyond_the_limit_changes_nothing(struct kunit *test)
{
	struct nts_semaphore semaphore;

	KeInitializeSemaphore(&semaphore, 1, 1);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 1, 0), 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 2, 0), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 0);
	KeInitializeSemaphore(&semaphore, S32_MAX, S32_MAX);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 1, 0), S32_MAX);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, S32_MAX, 0),
			S32_MAX);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), S32_MAX);
	KUNIT_EXPECT_EQ(test, take_limit_exceeded(), 4);
}

/* Shows: W-SEM-03 */
static void release_beyond_the_limit_wakes_nobody(struct kunit *test)
{
	struct nts_test_waiter waiter;
	struct nts_semaphore semaphore;

	KeInitializeSemaphore(&semaphore, 0, 2);
	nts_test_start_waiter(test, &waiter, &semaphore, NULL);
	KeReleaseSemaphore(&semaphore, 0, 3, 0);
	KUNIT_EXPECT_EQ(test, take_limit_exceeded(), 1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&semaphore.header), 1);
	KeReleaseSemaphore(&semaphore, 0, 1, 0);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
}

/* Shows: W-SEM-04 */
static void adjustments_below_one_change_nothing(struct kunit *test)
{
	struct nts_semaphore semaphore;

	KeInitializeSemaphore(&semaphore, 2, 5);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 0, 0), 2);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-SEM-04"), 1);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, -1, 0), 2);
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, S32_MIN, 0), 2);
	KUNIT_EXPECT_EQ(test, take_limit_exceeded(), 2);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 2);
}

/* Shows: W-FIF-04 */
static void negative_increment_is_reported(struct kunit *test)
{
	struct nts_semaphore semaphore;

	KeInitializeSemaphore(&semaphore, 0, 5);
	KeReleaseSemaphore(&semaphore, -1, 1, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-FIF-04"), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 1);
}

static void release_fn(struct nts_dpc *dpc, void *context, void *arg1,
		       void *arg2)
{
	KeReleaseSemaphore(context, 0, 1, 0);
}

/* Shows: W-SEM-07, W-IRQ-06 */
static void dpc_may_release(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_test_waiter waiter;
	struct nts_dpc dpc;

	KeInitializeSemaphore(&semaphore, 0, 5);
	nts_test_start_waiter(test, &waiter, &semaphore, NULL);
	KeInitializeDpc(&dpc, release_fn, &semaphore);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 0);
}

/* Shows: W-IRQ-06 */
static void init_at_dispatch_level_is_legal(struct kunit *test)
{
	struct nts_semaphore semaphore;

	local_bh_disable();
	KeInitializeSemaphore(&semaphore, 0, 5);
	KeReleaseSemaphore(&semaphore, 0, 1, 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore), NTS_STATUS_SUCCESS);
}

/* Shows: W-HDR-08, W-RET-06 */
static void uninitialised_semaphore_is_reported(struct kunit *test)
{
	struct nts_semaphore semaphore;

	memset(&semaphore, 0, sizeof(semaphore));
	KUNIT_EXPECT_EQ(test, KeReleaseSemaphore(&semaphore, 0, 1, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-08"), 2);
}

/* Shows: W-HDR-07 */
static void init_with_waiters_is_reported(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_test_waiter waiter;

	KeInitializeSemaphore(&semaphore, 0, 5);
	nts_test_start_waiter(test, &waiter, &semaphore, NULL);
	KeInitializeSemaphore(&semaphore, 1, 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-07"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&semaphore.header), 1);
	KeReleaseSemaphore(&semaphore, 0, 2, 0);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
	KeInitializeSemaphore(&semaphore, 1, 1);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 1);
}

/* Shows: W-MUL-09 */
static void all_that_names_it_twice_takes_two(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_header event;
	void *objects[] = { &semaphore, &event, &semaphore };

	KeInitializeSemaphore(&semaphore, 1, 5);
	KeInitializeEvent(&event, 1, 1);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, WAIT_ALL, 0, 0, 0,
						 &look_100ns, NULL),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 1);
	KeReleaseSemaphore(&semaphore, 0, 2, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, WAIT_ALL, 0, 0, 0,
						 &look_100ns, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateSemaphore(&semaphore), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MUL-09"), 2);
}

static struct kunit_case semaphore_cases[] = {
	KUNIT_CASE(init_sets_count_and_limit),
	KUNIT_CASE(numbers_out_of_range_are_clamped),
	KUNIT_CASE(each_wait_takes_one),
	KUNIT_CASE(release_satisfies_in_order_and_keeps_the_rest),
	KUNIT_CASE(release_beyond_the_limit_changes_nothing),
	KUNIT_CASE(release_beyond_the_limit_wakes_nobody),
	KUNIT_CASE(adjustments_below_one_change_nothing),
	KUNIT_CASE(negative_increment_is_reported),
	KUNIT_CASE(dpc_may_release),
	KUNIT_CASE(init_at_dispatch_level_is_legal),
	KUNIT_CASE(uninitialised_semaphore_is_reported),
	KUNIT_CASE(init_with_waiters_is_reported),
	KUNIT_CASE(all_that_names_it_twice_takes_two),
	{}
};

static struct kunit_suite semaphore_suite = {
	.name = "ntshim_semaphore",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = semaphore_cases,
};

kunit_test_suite(semaphore_suite);
