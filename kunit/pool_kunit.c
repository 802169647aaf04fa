// SPDX-License-Identifier: GPL-2.0
/*
 * Pool memory: arguments, alignment, content, wrong frees.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "../shim/nt_api.h"
#include "helpers.h"

#define TAG 0x74736554 /* "Test" */
#define NON_PAGED 0x40
#define PAGED 0x100

/* Shows: P-ALL-01, P-ALL-02 */
static void pool_flags_are_checked(struct kunit *test)
{
	static const u64 bad[] = { 0, NON_PAGED | PAGED, NON_PAGED | 0x200, 1 };
	void *block;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_NULL_MSG(test, ExAllocatePool2(bad[i], 8, TAG),
				      "flags 0x%llx", bad[i]);
	KUNIT_EXPECT_NULL(test, ExAllocatePool2(NON_PAGED, 0, TAG));
	KUNIT_EXPECT_NULL(test, ExAllocatePool2(NON_PAGED, 8, 0));
	KUNIT_EXPECT_NULL(test, ExAllocatePool2(NON_PAGED, SIZE_MAX, TAG));
	KUNIT_EXPECT_NULL(test, ExAllocatePool2(NON_PAGED, SIZE_MAX - 8, TAG));

	block = ExAllocatePool2(NON_PAGED | 1ULL << 40, 8, TAG);
	KUNIT_ASSERT_NOT_NULL(test, block);
	ExFreePoolWithTag(block, TAG);
}

static void expect_block(struct kunit *test, size_t size)
{
	unsigned long align = size >= PAGE_SIZE ? PAGE_SIZE : 16;
	char *block = ExAllocatePool2(NON_PAGED, size, TAG);

	KUNIT_ASSERT_NOT_NULL_MSG(test, block, "size %zu", size);
	KUNIT_EXPECT_EQ_MSG(test, (unsigned long)block % align, 0, "size %zu",
			    size);
	KUNIT_EXPECT_NULL_MSG(test, memchr_inv(block, 0, size), "size %zu",
			      size);
	memset(block, 0x55, size);
	ExFreePoolWithTag(block, TAG);
}

/* Shows: P-ALL-01, P-ALL-08 */
static void every_size_is_aligned(struct kunit *test)
{
	size_t size;

	for (size = 1; size <= 3 * PAGE_SIZE; size += size < 512 ? 1 : 37)
		expect_block(test, size);
	expect_block(test, PAGE_SIZE - 16);
	expect_block(test, PAGE_SIZE);
	expect_block(test, 1 << 20);
}

/* Shows: P-ALL-03, P-ALL-10 */
static void empty_block_is_reported(struct kunit *test)
{
	void *block = ExAllocatePoolWithTag(0, 0, TAG);

	KUNIT_EXPECT_NOT_NULL(test, block);
	ExFreePool(block);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-ALL-10"), 1);
}

/* Shows: P-ALL-07, P-ALL-05 */
static void dispatch_level_may_allocate(struct kunit *test)
{
	void *block, *paged;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "no allocation in atomic context there");
	local_bh_disable();
	block = ExAllocatePool2(NON_PAGED, 100, TAG);
	paged = ExAllocatePool2(PAGED, 100, TAG);
	ExFreePoolWithTag(block, TAG);
	ExFreePoolWithTag(paged, TAG);
	local_bh_enable();
	KUNIT_EXPECT_NOT_NULL(test, block);
	KUNIT_EXPECT_NOT_NULL(test, paged);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-ALL-05"), 1);
}

/* Shows: P-FRE-01 */
static void wrong_frees_are_reported(struct kunit *test)
{
	void *block = ExAllocatePoolWithTag(512, 100, TAG);
	void *page = ExAllocatePoolWithTag(512, PAGE_SIZE, TAG);

	ExFreePool(NULL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-01"), 1);
	ExFreePoolWithTag(page, TAG + 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-01"), 1);
	ExFreePoolWithTag(page, TAG);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-01"), 1);
	ExFreePoolWithTag(block, TAG | 0x80000000);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-01"), 0);
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pool_flags_are_checked),
	KUNIT_CASE(every_size_is_aligned),
	KUNIT_CASE(empty_block_is_reported),
	KUNIT_CASE(dispatch_level_may_allocate),
	KUNIT_CASE(wrong_frees_are_reported),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "ntshim_pool",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);
