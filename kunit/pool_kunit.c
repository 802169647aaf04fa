// SPDX-License-Identifier: GPL-2.0
/*
 * Pool memory: arguments, alignment, content, wrong frees.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../shim/nt_api.h"
#include "../shim/pool.h"
#include "helpers.h"
#include "ported/ported.h"

#define TAG 0x74736554 /* "Test" */
#define NON_PAGED 0x40
#define PAGED 0x100

/* Shows: P-ALL-01, P-ALL-02, P-ALL-11 */
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
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("P-ALL-05", 0xc4, 0x1), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("P-ALL-05", 0xc4, 0x11), 1);
}

/* Shows: P-FRE-01 */
static void wrong_frees_are_reported(struct kunit *test)
{
	void *block = ExAllocatePoolWithTag(512, 100, TAG);
	void *page = ExAllocatePoolWithTag(512, PAGE_SIZE, TAG);

	ExFreePool(NULL);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("P-FRE-01", 0xc2, 0x46), 1);
	ExFreePoolWithTag(page, TAG + 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("P-FRE-01", 0xc2, 0xa), 1);
	ExFreePoolWithTag(page, TAG);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("P-FRE-01", 0xc2, 0x46), 1);
	ExFreePool2(block, TAG | 0x80000000, NULL, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-01"), 0);
	ExFreePool(block);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("P-FRE-01", 0xc2, 0x46), 1);
}

/* Shows: P-ALL-03, P-ALL-04 */
static void every_older_call_allocates(struct kunit *test)
{
	static const struct nts_pool_parameter priority = { 1, 16 };
	static const struct nts_pool_parameter unknown = { 2, 0 };
	static const struct nts_pool_parameter optional = { 0x102, 0 };
	void *block;

	nts_test_expect_all(test, PoolCallsInC());
	nts_test_expect_all(test, PoolCallsInCxx());
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-ALL-04"), 2);

	KUNIT_EXPECT_NULL(test,
			  ExAllocatePool3(NON_PAGED, 8, TAG, &unknown, 1));
	block = ExAllocatePool3(NON_PAGED, 8, TAG, &optional, 1);
	KUNIT_EXPECT_NOT_NULL(test, block);
	ExFreePool(block);
	block = ExAllocatePool3(NON_PAGED, 8, TAG, &priority, 1);
	KUNIT_EXPECT_NOT_NULL(test, block);
	ExFreePool(block);
}

/* Shows: P-ALL-06, P-ALL-11 */
static void failure_that_raises_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, ExAllocatePoolWithTag(0, SIZE_MAX, TAG));
	KUNIT_EXPECT_NULL(test, ExAllocatePoolWithQuotaTag(8, SIZE_MAX, TAG));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-ALL-06"), 0);
	KUNIT_EXPECT_NULL(test, ExAllocatePoolWithTag(16, SIZE_MAX, TAG));
	KUNIT_EXPECT_NULL(test, ExAllocatePoolWithQuotaTag(0, SIZE_MAX, TAG));
	KUNIT_EXPECT_NULL(test,
			  ExAllocatePool2(NON_PAGED | 0x20, SIZE_MAX, TAG));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-ALL-06"), 3);
}

/* Shows: P-ALL-07 */
static void large_block_is_freed_at_dispatch_level(struct kunit *test)
{
	char *block = ExAllocatePool2(NON_PAGED, 8 << 20, TAG);

	KUNIT_ASSERT_NOT_NULL(test, block);
	KUNIT_EXPECT_TRUE(test, is_vmalloc_addr(block));
	block[(8 << 20) - 1] = 1;
	local_bh_disable();
	ExFreePoolWithTag(block, TAG);
	local_bh_enable();
}

/* Shows: P-FRE-03 */
static void blocks_are_counted_for_their_driver(struct kunit *test)
{
	struct nts_pool_usage before, after;
	void *small, *large;

	nts_pool_sum(THIS_MODULE, &before);
	small = ExAllocatePoolWithTag(512, 100, TAG);
	large = ExAllocatePool2(NON_PAGED, 2 * PAGE_SIZE, TAG);
	nts_pool_sum(THIS_MODULE, &after);
	KUNIT_EXPECT_EQ(test, after.blocks - before.blocks, 2);
	KUNIT_EXPECT_EQ(test, after.bytes - before.bytes, 100 + 2 * PAGE_SIZE);
	ExFreePool(small);
	ExFreePool(large);
	nts_pool_sum(THIS_MODULE, &after);
	KUNIT_EXPECT_EQ(test, after.blocks, before.blocks);
	KUNIT_EXPECT_EQ(test, after.bytes, before.bytes);
}

static noinline void *allocate_here(void)
{
	void *block = ExAllocatePoolWithTag(512, 100, TAG);

	/* Keeps the call above from becoming a jump. */
	barrier();
	return block;
}

/* Shows: P-FRE-03 */
static void blocks_left_at_unload_are_reported(struct kunit *test)
{
	void *blocks[3];
	unsigned int i;

	nts_pool_forget_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-03"), 0);
	for (i = 0; i < 2; i++)
		blocks[i] = allocate_here();
	blocks[2] = ExAllocatePoolWithTag(512, PAGE_SIZE, TAG);
	nts_pool_forget_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-03"), 2);
	for (i = 0; i < 3; i++)
		ExFreePoolWithTag(blocks[i], TAG);
	nts_pool_forget_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-03"), 0);
}

/* Shows: M-CMP-15 */
static void new_gives_memory_or_null(struct kunit *test)
{
	struct nts_pool_usage before, after;

	nts_pool_sum(THIS_MODULE, &before);
	nts_test_expect_all(test, NewInCxx());
	nts_pool_sum(THIS_MODULE, &after);
	KUNIT_EXPECT_EQ(test, after.blocks, before.blocks);
}

#define COUNT_ROUNDS 200

static int allocate_and_free(void *data)
{
	unsigned int i;

	for (i = 0; i < COUNT_ROUNDS; i++)
		ExFreePoolWithTag(allocate_here(), TAG);
	complete(data);
	return 0;
}

/* Shows: P-FRE-03 */
static void count_is_exact_on_two_processors(struct kunit *test)
{
	struct nts_pool_usage before, after;
	DECLARE_COMPLETION_ONSTACK(done);
	unsigned int i;

	nts_pool_sum(THIS_MODULE, &before);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
					     kthread_run(allocate_and_free,
							 &done, "nts-pool"));
	for (i = 0; i < 2; i++)
		wait_for_completion(&done);
	nts_pool_sum(THIS_MODULE, &after);
	KUNIT_EXPECT_EQ(test, after.blocks, before.blocks);
	KUNIT_EXPECT_EQ(test, after.bytes, before.bytes);
}

/* Shows: P-FRE-01 */
static void address_of_no_block_is_reported(struct kunit *test)
{
	static const unsigned long addresses[] = {
		0x10, 0x1010, 0x20, (unsigned long)-16, (unsigned long)-32,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(addresses); i++) {
		ExFreePool((void *)addresses[i]);
		KUNIT_EXPECT_EQ_MSG(test,
				    nts_test_take_reports("P-FRE-01", 0xc2,
							  0x46),
				    1, "%lx", addresses[i]);
	}
}

static struct kunit_case pool_cases[] = {
	KUNIT_CASE(pool_flags_are_checked),
	KUNIT_CASE(every_size_is_aligned),
	KUNIT_CASE(empty_block_is_reported),
	KUNIT_CASE(dispatch_level_may_allocate),
	KUNIT_CASE(wrong_frees_are_reported),
	KUNIT_CASE(address_of_no_block_is_reported),
	KUNIT_CASE(every_older_call_allocates),
	KUNIT_CASE(failure_that_raises_is_reported),
	KUNIT_CASE(large_block_is_freed_at_dispatch_level),
	KUNIT_CASE(blocks_are_counted_for_their_driver),
	KUNIT_CASE(blocks_left_at_unload_are_reported),
	KUNIT_CASE(new_gives_memory_or_null),
	KUNIT_CASE(count_is_exact_on_two_processors),
	{}
};

static struct kunit_suite pool_suite = {
	.name = "ntshim_pool",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = pool_cases,
};

kunit_test_suite(pool_suite);
