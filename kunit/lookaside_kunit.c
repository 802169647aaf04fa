// SPDX-License-Identifier: GPL-2.0
/*
 * Lookaside lists: where blocks come from, and what is said of lists that are
 * misused or forgotten.
 */

#include "../shim/compat.h"

#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "../shim/ex_lookaside.h"
#include "../shim/irql.h"
#include "../shim/nt_api.h"
#include "../shim/pool.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define TAG 0x74736554
#define SIZE 40
#define NON_PAGED_NX 512

static struct nts_lookaside *new_memory(struct kunit *test)
{
	struct nts_lookaside *list =
		kunit_kmalloc(test, sizeof(*list), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, list);
	memset(list, 0xcc, sizeof(*list));
	return list;
}

/* Shows: P-LKA-01 */
static void blocks_come_from_the_pool(struct kunit *test)
{
	struct nts_lookaside *list = new_memory(test);
	struct nts_pool_usage before, with, after;
	void *one, *two;

	ExInitializeNPagedLookasideList(list, NULL, NULL, 0, SIZE, TAG, 0);
	nts_pool_sum(THIS_MODULE, &before);
	one = ExAllocateFromLookasideListEx(list);
	two = ExAllocateFromLookasideListEx(list);
	KUNIT_ASSERT_NOT_NULL(test, one);
	KUNIT_ASSERT_NOT_NULL(test, two);
	KUNIT_EXPECT_PTR_NE(test, one, two);
	memset(one, 1, SIZE);
	memset(two, 2, SIZE);
	nts_pool_sum(THIS_MODULE, &with);
	KUNIT_EXPECT_EQ(test, with.blocks - before.blocks, 2);
	KUNIT_EXPECT_EQ(test, with.bytes - before.bytes, 2 * SIZE);
	ExFreeToLookasideListEx(list, one);
	/* The order of the end of a block and of its list is the driver's. */
	ExDeleteLookasideListEx(list);
	ExFreePoolWithTag(two, TAG);
	nts_pool_sum(THIS_MODULE, &after);
	KUNIT_EXPECT_EQ(test, after.blocks, before.blocks);
}

/**
 * struct calls - what the routines of a list were called with
 * @list: the list; the first member, so that routines find the rest
 * @type: of the last allocation
 * @size: likewise
 * @tag: likewise
 * @allocated: number of allocations
 * @freed: number of frees
 * @block: what is allocated
 */
struct calls {
	struct nts_lookaside list;
	int type;
	size_t size;
	u32 tag;
	unsigned int allocated;
	unsigned int freed;
	u8 block[SIZE];
};

static void *allocate_fn(int type, size_t size, u32 tag,
			 struct nts_lookaside *list)
{
	struct calls *calls = container_of(list, struct calls, list);

	calls->type = type;
	calls->size = size;
	calls->tag = tag;
	calls->allocated++;
	return calls->block;
}

static void free_fn(void *block, struct nts_lookaside *list)
{
	struct calls *calls = container_of(list, struct calls, list);

	if (block == calls->block)
		calls->freed++;
}

/* Shows: P-LKA-01 */
static void driver_routines_are_used(struct kunit *test)
{
	struct calls *calls = kunit_kzalloc(test, sizeof(*calls), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, calls);
	KUNIT_ASSERT_EQ(test,
			ExInitializeLookasideListEx(&calls->list, allocate_fn,
						    free_fn, NON_PAGED_NX, 0,
						    SIZE, TAG, 0),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, ExAllocateFromLookasideListEx(&calls->list),
			    (void *)calls->block);
	KUNIT_EXPECT_EQ(test, calls->type, NON_PAGED_NX);
	KUNIT_EXPECT_EQ(test, calls->size, SIZE);
	KUNIT_EXPECT_EQ(test, calls->tag, TAG);
	ExFreeToLookasideListEx(&calls->list, calls->block);
	ExFlushLookasideListEx(&calls->list);
	KUNIT_EXPECT_EQ(test, calls->allocated, 1);
	KUNIT_EXPECT_EQ(test, calls->freed, 1);
	ExDeleteLookasideListEx(&calls->list);
}

/* Shows: P-LKA-01 */
static void bad_pool_type_and_flags_are_refused(struct kunit *test)
{
	struct nts_lookaside *list = new_memory(test), before;

	before = *list;
	KUNIT_EXPECT_EQ(test,
			ExInitializeLookasideListEx(list, NULL, NULL, 0x40, 0,
						    SIZE, TAG, 0),
			NTS_STATUS_INVALID_PARAMETER_4);
	KUNIT_EXPECT_EQ(test,
			ExInitializeLookasideListEx(list, NULL, NULL, -1, 0,
						    SIZE, TAG, 0),
			NTS_STATUS_INVALID_PARAMETER_4);
	KUNIT_EXPECT_EQ(test,
			ExInitializeLookasideListEx(list, NULL, NULL,
						    NON_PAGED_NX, 3, SIZE, TAG,
						    0),
			NTS_STATUS_INVALID_PARAMETER_5);
	KUNIT_EXPECT_EQ(test,
			ExInitializeLookasideListEx(list, NULL, NULL,
						    NON_PAGED_NX, 4, SIZE, TAG,
						    0),
			NTS_STATUS_INVALID_PARAMETER_5);
	KUNIT_EXPECT_MEMEQ(test, list, &before, sizeof(before));
}

/* Shows: P-LKA-01, V-15 */
static void paged_list_at_dispatch_level_is_reported(struct kunit *test)
{
	struct nts_lookaside *list = new_memory(test);
	void *block;
	u8 old;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "PREEMPT_RT allocates nothing there");
	ExInitializePagedLookasideList(list, NULL, NULL, 0, SIZE, TAG, 0);
	old = KeRaiseIrqlToDpcLevel();
	block = ExAllocateFromLookasideListEx(list);
	KeLowerIrql(old);
	KUNIT_EXPECT_NOT_NULL(test, block);
	ExFreeToLookasideListEx(list, block);
	ExDeleteLookasideListEx(list);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-ALL-05"), 1);
}

/* Shows: P-LKA-01 */
static void deleted_list_is_reported(struct kunit *test)
{
	struct nts_lookaside *list = new_memory(test);

	ExInitializeNPagedLookasideList(list, NULL, NULL, 0, SIZE, TAG, 0);
	ExDeleteLookasideListEx(list);
	KUNIT_EXPECT_NULL(test, ExAllocateFromLookasideListEx(list));
	ExFreeToLookasideListEx(list, test);
	ExFlushLookasideListEx(list);
	ExDeleteLookasideListEx(list);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-LKA-01"), 4);
}

/* Shows: P-LKA-02, V-30 */
static void list_left_at_unload_is_reported(struct kunit *test)
{
	struct nts_lookaside *left = new_memory(test);
	struct nts_lookaside *deleted = new_memory(test);

	/* Initialised twice it is one list still. */
	ExInitializeNPagedLookasideList(left, NULL, NULL, 0, SIZE, TAG, 0);
	ExInitializeNPagedLookasideList(left, NULL, NULL, 0, SIZE, TAG, 0);
	ExInitializePagedLookasideList(deleted, NULL, NULL, 0, SIZE, TAG, 0);
	ExDeleteLookasideListEx(deleted);
	nts_lookaside_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-LKA-02"), 1);
	nts_lookaside_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-LKA-02"), 0);
}

static struct kunit_case lookaside_cases[] = {
	KUNIT_CASE(blocks_come_from_the_pool),
	KUNIT_CASE(driver_routines_are_used),
	KUNIT_CASE(bad_pool_type_and_flags_are_refused),
	KUNIT_CASE(paged_list_at_dispatch_level_is_reported),
	KUNIT_CASE(deleted_list_is_reported),
	KUNIT_CASE(list_left_at_unload_is_reported),
	{}
};

static struct kunit_suite lookaside_suite = {
	.name = "ntshim_lookaside",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = lookaside_cases,
};

kunit_test_suite(lookaside_suite);
