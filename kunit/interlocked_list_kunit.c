// SPDX-License-Identifier: GPL-2.0
/*
 * The ExInterlocked routines that take a spin lock.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/preempt.h>

#include "../shim/irql.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define ROUNDS 20000

/* Shows: L-EXI-03 */
static void lists_tell_what_was_there(struct kunit *test)
{
	struct nts_list_entry head = { &head, &head }, a, b, c;
	struct nts_single_list_entry top = { NULL }, x, y;
	struct nts_spinlock lock = {};

	KUNIT_EXPECT_NULL(test, ExInterlockedRemoveHeadList(&head, &lock));
	KUNIT_EXPECT_NULL(test, ExInterlockedInsertTailList(&head, &b, &lock));
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedInsertHeadList(&head, &a, &lock),
			    &b);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedInsertTailList(&head, &c, &lock),
			    &b);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedRemoveHeadList(&head, &lock),
			    &a);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedRemoveHeadList(&head, &lock),
			    &b);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedRemoveHeadList(&head, &lock),
			    &c);
	KUNIT_EXPECT_PTR_EQ(test, head.flink, &head);
	KUNIT_EXPECT_PTR_EQ(test, head.blink, &head);
	KUNIT_EXPECT_NULL(test, ExInterlockedInsertHeadList(&head, &a, &lock));

	KUNIT_EXPECT_NULL(test, ExInterlockedPopEntryList(&top, &lock));
	KUNIT_EXPECT_NULL(test, ExInterlockedPushEntryList(&top, &x, &lock));
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPushEntryList(&top, &y, &lock),
			    &x);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPopEntryList(&top, &lock), &y);
	KUNIT_EXPECT_PTR_EQ(test, ExInterlockedPopEntryList(&top, &lock), &x);
	KUNIT_EXPECT_NULL(test, top.next);
	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&lock), 1);
}

/* Shows: L-EXI-01, L-EXI-03 */
static void any_level_may_add(struct kunit *test)
{
	static const u8 levels[] = { NTS_PASSIVE_LEVEL, NTS_DISPATCH_LEVEL,
				     NTS_HIGH_LEVEL };
	struct nts_spinlock lock = {};
	u32 value = U32_MAX, before;
	s64 large = -1, large_before;
	unsigned int i;
	u8 old, level;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		old = KfRaiseIrql(levels[i]);
		before = ExInterlockedAddUlong(&value, 1, &lock);
		large_before = ExInterlockedAddLargeInteger(&large, 1, &lock);
		level = KeGetCurrentIrql();
		KeLowerIrql(old);
		KUNIT_EXPECT_EQ(test, before, (u32)(i - 1));
		KUNIT_EXPECT_EQ(test, large_before, (s64)i - 1);
		KUNIT_EXPECT_EQ(test, level, levels[i]);
	}
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
}

/**
 * struct shared - what the processors share
 * @top: list of two entries that they take off and put back
 * @entries: the two
 * @lock: protects all
 * @sum: incremented for each entry taken
 * @done: completed by each thread
 */
struct shared {
	struct nts_single_list_entry top;
	struct nts_single_list_entry entries[2];
	struct nts_spinlock lock;
	s64 sum;
	struct completion done;
};

static int shuffle_fn(void *data)
{
	struct shared *shared = data;
	struct nts_single_list_entry *entry;
	unsigned int taken = 0;

	while (taken < ROUNDS) {
		entry = ExInterlockedPopEntryList(&shared->top, &shared->lock);
		if (!entry) {
			cond_resched();
			continue;
		}
		taken++;
		ExInterlockedAddLargeInteger(&shared->sum, 1, &shared->lock);
		ExInterlockedPushEntryList(&shared->top, entry, &shared->lock);
	}
	complete(&shared->done);
	return 0;
}

static struct shared *new_shared(struct kunit *test)
{
	struct shared *shared =
		kunit_kzalloc(test, sizeof(*shared), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, shared);
	init_completion(&shared->done);
	ExInterlockedPushEntryList(&shared->top, &shared->entries[0],
				   &shared->lock);
	ExInterlockedPushEntryList(&shared->top, &shared->entries[1],
				   &shared->lock);
	return shared;
}

/* Shows: L-EXI-01 */
static void processors_lose_no_entry(struct kunit *test)
{
	struct shared *shared = new_shared(test);
	struct task_struct *task;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		task = kthread_run(shuffle_fn, shared, "nts-shuffle");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	}
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_TRUE(test,
				  wait_for_completion_timeout(&shared->done,
							      120 * HZ));
	KUNIT_EXPECT_EQ(test, shared->sum, 3 * ROUNDS);
	KUNIT_EXPECT_NOT_NULL(test, shared->top.next);
	KUNIT_EXPECT_NOT_NULL(test, shared->top.next->next);
	KUNIT_EXPECT_NULL(test, shared->top.next->next->next);
}

/* Shows: L-SPN-11 */
static void own_lock_is_reported_and_does_not_hang(struct kunit *test)
{
	enum nts_verifier_mode mode = nts_verifier_mode();
	struct nts_spinlock lock = {};
	u32 value = 0, before;
	u8 old;

	nts_verifier_switch(NTS_VERIFIER_ON);
	old = KeAcquireSpinLockRaiseToDpc(&lock);
	before = ExInterlockedAddUlong(&value, 1, &lock);
	KeReleaseSpinLock(&lock, old);
	nts_verifier_switch(mode);
	KUNIT_EXPECT_EQ(test, before, 0);
	KUNIT_EXPECT_EQ(test, value, 1);
	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&lock), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-11"), 1);
}

static struct kunit_case interlocked_cases[] = {
	KUNIT_CASE(lists_tell_what_was_there),
	KUNIT_CASE(any_level_may_add),
	KUNIT_CASE(processors_lose_no_entry),
	KUNIT_CASE(own_lock_is_reported_and_does_not_hang),
	{}
};

static struct kunit_suite interlocked_suite = {
	.name = "ntshim_interlocked_list",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = interlocked_cases,
};

kunit_test_suite(interlocked_suite);
