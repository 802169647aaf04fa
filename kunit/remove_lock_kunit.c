// SPDX-License-Identifier: GPL-2.0
/*
 * Remove locks: who gets one, when the wait for the last release ends, and what
 * the verifier says.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../shim/io_remove_lock.h"
#include "../shim/irql.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define SIZE sizeof(struct nts_remove_lock)
#define PATIENCE_JIFFIES (30 * HZ)
#define ROUNDS 300

/* Tags, which nobody looks at. */
#define TAG(n) ((const void *)(unsigned long)(n))

static enum nts_verifier_mode mode_before;

/* The checks are on; each case sees to its mode. */
static int remove_lock_init(struct kunit *test)
{
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void remove_lock_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_verifier_switch(mode_before);
}

static s32 acquire(struct nts_remove_lock *lock, const void *tag)
{
	return IoAcquireRemoveLockEx(lock, tag, __FILE__, __LINE__, SIZE);
}

/**
 * struct removal - a thread that removes
 * @lock: allocated apart and freed as soon as that is allowed
 * @tag: of its own use
 * @begun: completed when it is about to wait
 * @done: completed after the wait
 */
struct removal {
	struct nts_remove_lock *lock;
	const void *tag;
	struct completion begun;
	struct completion done;
};

static int remove_fn(void *data)
{
	struct removal *removal = data;

	complete(&removal->begun);
	IoReleaseRemoveLockAndWaitEx(removal->lock, removal->tag, SIZE);
	/* Nobody may touch it any more. */
	memset(removal->lock, 0x6b, SIZE);
	kfree(removal->lock);
	complete(&removal->done);
	return 0;
}

static void new_lock(struct kunit *test, struct removal *removal)
{
	removal->tag = TAG(1);
	removal->lock = kmalloc(SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, removal->lock);
	memset(removal->lock, 0xcc, SIZE);
	IoInitializeRemoveLockEx(removal->lock, 0, 0, 0, SIZE);
	init_completion(&removal->begun);
	init_completion(&removal->done);
	KUNIT_ASSERT_EQ(test, acquire(removal->lock, removal->tag),
			NTS_STATUS_SUCCESS);
}

static void start_removal(struct kunit *test, struct removal *removal)
{
	struct task_struct *task =
		kthread_run(remove_fn, removal, "nts-remove");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&removal->begun,
							    PATIENCE_JIFFIES));
}

static void expect_end(struct kunit *test, struct removal *removal)
{
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&removal->done,
							    PATIENCE_JIFFIES));
}

/* Shows: M-RML-01, M-RML-03, M-RML-04 */
static void wait_returns_with_the_last_release(struct kunit *test)
{
	struct removal removal;

	new_lock(test, &removal);
	KUNIT_EXPECT_EQ(test, atomic_read(&removal.lock->count), 2);
	KUNIT_EXPECT_EQ(test, removal.lock->removed, 0);
	KUNIT_EXPECT_EQ(test, acquire(removal.lock, TAG(2)),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, acquire(removal.lock, NULL), NTS_STATUS_SUCCESS);
	start_removal(test, &removal);
	nts_test_await_waits(test, &removal.lock->event, 1);
	IoReleaseRemoveLockEx(removal.lock, TAG(2), SIZE);
	KUNIT_EXPECT_FALSE(test, completion_done(&removal.done));
	IoReleaseRemoveLockEx(removal.lock, NULL, SIZE);
	expect_end(test, &removal);
}

/* Shows: M-RML-02, M-RML-04 */
static void acquire_fails_once_removal_has_begun(struct kunit *test)
{
	struct removal removal;

	new_lock(test, &removal);
	acquire(removal.lock, TAG(2));
	start_removal(test, &removal);
	nts_test_await_waits(test, &removal.lock->event, 1);
	KUNIT_EXPECT_EQ(test, acquire(removal.lock, TAG(3)),
			NTS_STATUS_DELETE_PENDING);
	KUNIT_EXPECT_FALSE(test, completion_done(&removal.done));
	IoReleaseRemoveLockEx(removal.lock, TAG(2), SIZE);
	expect_end(test, &removal);
}

static int use_fn(void *data)
{
	struct removal *removal = data;

	IoReleaseRemoveLockEx(removal->lock, TAG(2), SIZE);
	return 0;
}

/* Shows: M-RML-03 */
static void last_release_touches_nothing_more(struct kunit *test)
{
	struct task_struct *task;
	struct removal removal;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		new_lock(test, &removal);
		acquire(removal.lock, TAG(2));
		task = kthread_create(use_fn, &removal, "nts-use");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
		get_task_struct(task);
		start_removal(test, &removal);
		wake_up_process(task);
		expect_end(test, &removal);
		/* The thread reads the record, which the next round reuses. */
		kthread_stop(task);
		put_task_struct(task);
	}
}

/* Shows: M-RML-02, M-RML-03, V-26 */
static void use_at_dispatch_level_is_fine(struct kunit *test)
{
	struct removal removal;
	s32 status;
	u8 old;

	new_lock(test, &removal);
	old = KeRaiseIrqlToDpcLevel();
	status = acquire(removal.lock, TAG(2));
	IoReleaseRemoveLockEx(removal.lock, TAG(2), SIZE);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, status, NTS_STATUS_SUCCESS);
	old = KfRaiseIrql(NTS_HIGH_LEVEL);
	acquire(removal.lock, TAG(2));
	IoReleaseRemoveLockEx(removal.lock, TAG(2), SIZE);
	KeLowerIrql(old);
	/* Its own look at the level, and that of the release. */
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-26"), 2);
	IoReleaseRemoveLockAndWaitEx(removal.lock, removal.tag, SIZE);
	kfree(removal.lock);
}

/* Shows: V-29, M-RML-05 */
static void release_with_another_tag_is_reported(struct kunit *test)
{
	struct removal removal;

	new_lock(test, &removal);
	acquire(removal.lock, TAG(2));
	IoReleaseRemoveLockEx(removal.lock, TAG(3), SIZE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-29"), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&removal.lock->count), 2);
	/* What was acquired before the checks began is nobody's fault. */
	nts_verifier_switch(NTS_VERIFIER_OFF);
	acquire(removal.lock, TAG(4));
	nts_verifier_switch(NTS_VERIFIER_ON);
	IoReleaseRemoveLockEx(removal.lock, TAG(4), SIZE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-29"), 0);
	IoReleaseRemoveLockAndWaitEx(removal.lock, removal.tag, SIZE);
	kfree(removal.lock);
}

/* Shows: M-RML-03, V-29 */
static void release_of_a_free_lock_is_ignored(struct kunit *test)
{
	struct removal removal;

	new_lock(test, &removal);
	IoReleaseRemoveLockEx(removal.lock, removal.tag, SIZE);
	IoReleaseRemoveLockEx(removal.lock, removal.tag, SIZE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("M-RML-03"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-29"), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&removal.lock->count), 1);
	kfree(removal.lock);
}

/* Shows: V-29, V-43 */
static void late_acquire_is_noted_in_strict_mode(struct kunit *test)
{
	struct removal removal;

	new_lock(test, &removal);
	IoReleaseRemoveLockAndWaitEx(removal.lock, removal.tag, SIZE);
	KUNIT_EXPECT_EQ(test, acquire(removal.lock, TAG(2)),
			NTS_STATUS_DELETE_PENDING);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-29"), 0);
	nts_verifier_switch(NTS_VERIFIER_STRICT);
	KUNIT_EXPECT_EQ(test, acquire(removal.lock, TAG(2)),
			NTS_STATUS_DELETE_PENDING);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-29"), 1);
	kfree(removal.lock);
}

/* Shows: M-RML-05 */
static void limits_are_checked(struct kunit *test)
{
	struct removal removal;

	new_lock(test, &removal);
	removal.lock->high_water = 2;
	acquire(removal.lock, TAG(2));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("M-RML-05"), 0);
	acquire(removal.lock, TAG(3));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("M-RML-05"), 1);
	IoReleaseRemoveLockEx(removal.lock, TAG(2), SIZE);
	IoReleaseRemoveLockEx(removal.lock, TAG(3), SIZE);
	if (nts_test_time_is_simulated()) {
		removal.lock->max_minutes = 1;
		acquire(removal.lock, TAG(2));
		schedule_timeout_uninterruptible(61 * HZ);
		IoReleaseRemoveLockEx(removal.lock, TAG(2), SIZE);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("M-RML-05"), 1);
	}
	removal.lock->max_minutes = 0;
	IoReleaseRemoveLockAndWaitEx(removal.lock, removal.tag, SIZE);
	kfree(removal.lock);
}

/* Shows: V-23, M-RML-04 */
static void wait_at_dispatch_level_is_skipped(struct kunit *test)
{
	struct removal removal;

	new_lock(test, &removal);
	acquire(removal.lock, TAG(2));
	local_bh_disable();
	IoReleaseRemoveLockAndWaitEx(removal.lock, removal.tag, SIZE);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-23"), 1);
	KUNIT_EXPECT_EQ(test, acquire(removal.lock, TAG(3)),
			NTS_STATUS_DELETE_PENDING);
	IoReleaseRemoveLockEx(removal.lock, TAG(2), SIZE);
	kfree(removal.lock);
}

/* Shows: V-32 */
static void uninitialised_lock_is_refused(struct kunit *test)
{
	struct nts_remove_lock *lock = kunit_kzalloc(test, SIZE, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, lock);
	KUNIT_EXPECT_EQ(test, acquire(lock, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	IoReleaseRemoveLockEx(lock, NULL, SIZE);
	IoReleaseRemoveLockAndWaitEx(lock, NULL, SIZE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-32"), 3);
	KUNIT_EXPECT_EQ(test, atomic_read(&lock->count), 0);
}

static struct kunit_case remove_lock_cases[] = {
	KUNIT_CASE(wait_returns_with_the_last_release),
	KUNIT_CASE(acquire_fails_once_removal_has_begun),
	KUNIT_CASE(last_release_touches_nothing_more),
	KUNIT_CASE(use_at_dispatch_level_is_fine),
	KUNIT_CASE(release_with_another_tag_is_reported),
	KUNIT_CASE(release_of_a_free_lock_is_ignored),
	KUNIT_CASE(late_acquire_is_noted_in_strict_mode),
	KUNIT_CASE(limits_are_checked),
	KUNIT_CASE(wait_at_dispatch_level_is_skipped),
	KUNIT_CASE(uninitialised_lock_is_refused),
	{}
};

static struct kunit_suite remove_lock_suite = {
	.name = "ntshim_remove_lock",
	.init = remove_lock_init,
	.exit = remove_lock_exit,
	.test_cases = remove_lock_cases,
};

kunit_test_suite(remove_lock_suite);
