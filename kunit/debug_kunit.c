// SPDX-License-Identifier: GPL-2.0
/*
 * Assertions, break points, debug output's limits, and guarded blocks, most of
 * them through sources that are compiled as a driver is.
 */

#include "../shim/compat.h"

#include <linux/bits.h>
#include <linux/bottom_half.h>
#include <linux/jiffies.h>
#include <linux/module.h>

#include "../shim/nt_api.h"
#include "../shim/rtl_dbgprint.h"
#include "helpers.h"
#include "ported/ported.h"

/* Shows: G-DBG-06 */
static void assertions_count_when_checked(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, AssertWhenChecked(), 6);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-06"), 4);
	KUNIT_EXPECT_EQ(test, AssertWhenCheckedCxx(), 6);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-06"), 4);
	/* A free driver evaluates what it verifies, and asserts nothing. */
	KUNIT_EXPECT_EQ(test, AssertWhenFree(), 2);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-06"), 0);
}

/* Shows: G-DBG-07 */
static void break_points_stop_nothing(struct kunit *test)
{
	BreakTwice();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-07"), 4);
}

/* Shows: G-DBG-08 */
static void paged_code_looks_at_the_level(struct kunit *test)
{
	PagedWhenChecked();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-06"), 0);
	local_bh_disable();
	PagedWhenChecked();
	PrintWhenFree();
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-06"), 2);
}

/* Shows: G-DBG-04, G-DBG-05 */
static void wide_text_is_for_passive_level(struct kunit *test)
{
	PrintWhenChecked();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-04"), 0);
	local_bh_disable();
	PrintWhenFree();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-04"), 0);
	PrintWhenChecked();
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-04"), 1);
}

/* Shows: G-DBG-09 */
static void repeated_lines_are_limited(struct kunit *test)
{
	const u64 one = 0x1234567800000001ULL, other = 0x1234567800000002ULL;
	unsigned int left_out, i, allowed = 0;
	unsigned long now = jiffies;

	for (i = 0; i < 100; i++)
		allowed += nts_dbgprint_limit(one, now, 3, &left_out);
	KUNIT_EXPECT_EQ(test, allowed, 3);
	KUNIT_EXPECT_TRUE(test, nts_dbgprint_limit(other, now, 3, &left_out));
	KUNIT_EXPECT_FALSE(test,
			   nts_dbgprint_limit(one, now + HZ - 1, 3, &left_out));
	KUNIT_EXPECT_TRUE(test,
			  nts_dbgprint_limit(one, now + HZ, 3, &left_out));
	KUNIT_EXPECT_EQ(test, left_out, 98);
	KUNIT_EXPECT_TRUE(test,
			  nts_dbgprint_limit(one, now + HZ, 0, &left_out));

	/* Many other lines make the oldest give way; that must not lose any. */
	for (i = 0; i < 100; i++)
		KUNIT_EXPECT_TRUE(test, nts_dbgprint_limit(other + 1 + i, now,
							   3, &left_out));
}

/* Shows: G-DBG-01 */
static void filter_knows_component_and_level(struct kunit *test)
{
	enum {
		VIDEO = 0,
		IHVDRIVER = 77,
		DEFAULT = 101
	};
	enum {
		ERROR,
		WARNING,
		TRACE,
		INFO
	};
	const u32 all = U32_MAX, no_info = ~(u32)BIT(INFO);

	KUNIT_EXPECT_TRUE(test, nts_dbgprint_is_shown(DEFAULT, INFO, all));
	KUNIT_EXPECT_TRUE(test, nts_dbgprint_is_shown(IHVDRIVER, TRACE, all));
	KUNIT_EXPECT_TRUE(test, nts_dbgprint_is_shown(DEFAULT, 31, BIT(31)));
	KUNIT_EXPECT_FALSE(test, nts_dbgprint_is_shown(DEFAULT, INFO, no_info));
	KUNIT_EXPECT_TRUE(test,
			  nts_dbgprint_is_shown(DEFAULT, WARNING, no_info));
	/* Of other components errors alone. */
	KUNIT_EXPECT_FALSE(test, nts_dbgprint_is_shown(VIDEO, WARNING, all));
	KUNIT_EXPECT_TRUE(test, nts_dbgprint_is_shown(VIDEO, ERROR, all));
	/* From 32 on it is a mask. */
	KUNIT_EXPECT_TRUE(test, nts_dbgprint_is_shown(DEFAULT, 32, BIT(5)));
	KUNIT_EXPECT_FALSE(test,
			   nts_dbgprint_is_shown(DEFAULT, 32, ~(u32)BIT(5)));
	KUNIT_EXPECT_EQ(test, DbgPrint("# filter: shown\n"), 0);
	KUNIT_EXPECT_EQ(test, DbgPrintEx(VIDEO, INFO, "never shown\n"), 0);
}

/* Shows: B-EXC-01 */
static void guarded_blocks_run_through(struct kunit *test)
{
	nts_test_expect_all(test, GuardedBlocksInC());
	nts_test_expect_all(test, GuardedBlocksInCxx());
}

/* Shows: B-CHK-06 */
static void bug_check_codes_have_names(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, BugCheckCodes(), 0xa ^ 0xd1 ^ 0xe2);
}

static struct kunit_case debug_cases[] = {
	KUNIT_CASE(assertions_count_when_checked),
	KUNIT_CASE(break_points_stop_nothing),
	KUNIT_CASE(paged_code_looks_at_the_level),
	KUNIT_CASE(wide_text_is_for_passive_level),
	KUNIT_CASE(repeated_lines_are_limited),
	KUNIT_CASE(filter_knows_component_and_level),
	KUNIT_CASE(guarded_blocks_run_through),
	KUNIT_CASE(bug_check_codes_have_names),
	{}
};

static struct kunit_suite debug_suite = {
	.name = "ntshim_debug",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = debug_cases,
};

kunit_test_suite(debug_suite);
