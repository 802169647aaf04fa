// SPDX-License-Identifier: GPL-2.0
/*
 * The verifier on what a system thread leaves behind at its end: each gives its
 * report, and what was given back in time gives none.
 */

#include "../shim/compat.h"

#include <linux/slab.h>

#include "../include/nt/nt_layout.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/mutex_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"

/**
 * struct left - what a thread may leave
 * @mutex: a fast mutex
 * @other: another
 * @lock: a spin lock
 * @resource: an ERESOURCE
 * @taken: set by the thread when it has what the case is about
 * @go: set by the case: the thread may end
 */
struct left {
	struct nts_fast_mutex mutex, other;
	struct nts_spinlock lock;
	u8 resource[NT_LAYOUT_ERESOURCE_SIZE] __aligned(sizeof(void *));
	struct nts_header taken, go;
};

static enum nts_verifier_mode mode_before;

static struct nts_resource *resource_of(struct left *left)
{
	return (struct nts_resource *)left->resource;
}

static int threads_init(struct kunit *test)
{
	struct left *left = kunit_kzalloc(test, sizeof(*left), GFP_KERNEL);

	if (!left)
		return -ENOMEM;
	test->priv = left;
	ExInitializeFastMutex(&left->mutex);
	ExInitializeFastMutex(&left->other);
	ExInitializeResourceLite(resource_of(left));
	KeInitializeEvent(&left->taken, 0, 0);
	KeInitializeEvent(&left->go, 0, 0);
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void threads_exit(struct kunit *test)
{
	struct left *left = test->priv;

	if (left)
		ExDeleteResourceLite(resource_of(left));
	nts_verifier_switch(mode_before);
	nts_test_exit(test);
}

static void *start(struct kunit *test, void (*routine)(void *context))
{
	void *handle, *thread;

	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     routine, test->priv),
			NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
	ZwClose(handle);
	return thread;
}

static void join(struct kunit *test, void *thread)
{
	KUNIT_EXPECT_EQ(test, nts_test_wait(thread, PATIENCE_100NS),
			NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);
}

static void leave_mutexes(void *context)
{
	struct left *left = context;

	ExAcquireFastMutexUnsafe(&left->mutex);
	ExTryToAcquireFastMutex(&left->other);
	KeLowerIrql(NTS_PASSIVE_LEVEL);
	PsTerminateSystemThread(NTS_STATUS_SUCCESS);
}

/* Shows: T-NEW-11 */
static void mutex_left_by_a_thread_is_reported(struct kunit *test)
{
	struct left *left = test->priv;

	join(test, start(test, leave_mutexes));
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("T-NEW-11", 0xc4, 0), 2);
	KUNIT_EXPECT_EQ(test, ExTryToAcquireFastMutex(&left->mutex), 0);
}

static void leave_resource(void *context)
{
	struct left *left = context;

	ExAcquireResourceExclusiveLite(resource_of(left), 1);
	ExAcquireResourceExclusiveLite(resource_of(left), 1);
	ExReleaseResourceLite(resource_of(left));
}

/* Shows: T-NEW-11 */
static void resource_left_by_a_thread_is_reported(struct kunit *test)
{
	struct left *left = test->priv;
	void *record;

	join(test, start(test, leave_resource));
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("T-NEW-11", 0xc4, 0), 1);
	ExDeleteResourceLite(resource_of(left));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-01"), 1);
	/* Nobody can end it any more; its memory begins with what it is made of. */
	memcpy(&record, left->resource, sizeof(record));
	kfree(record);
	ExInitializeResourceLite(resource_of(left));
}

static void give_back(void *context)
{
	struct left *left = context;

	ExAcquireFastMutex(&left->mutex);
	ExAcquireResourceSharedLite(resource_of(left), 1);
	ExAcquireResourceSharedLite(resource_of(left), 1);
	ExReleaseResourceLite(resource_of(left));
	ExReleaseFastMutex(&left->mutex);
	ExAcquireFastMutexUnsafe(&left->mutex);
	ExReleaseResourceLite(resource_of(left));
	ExReleaseFastMutexUnsafe(&left->mutex);
}

/* Shows: T-NEW-11, V-40 */
static void what_a_thread_gave_back_is_not_reported(struct kunit *test)
{
	join(test, start(test, give_back));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-NEW-11"), 0);
}

static void take_and_await(void *context)
{
	struct left *left = context;

	ExAcquireFastMutexUnsafe(&left->mutex);
	KeSetEvent(&left->taken, 0, 0);
	nts_test_wait(&left->go, PATIENCE_100NS);
}

/* Shows: V-40, T-NEW-11 */
static void what_was_taken_before_a_switch_is_forgotten(struct kunit *test)
{
	struct left *left = test->priv;
	void *thread = start(test, take_and_await);

	KUNIT_EXPECT_EQ(test, nts_test_wait(&left->taken, PATIENCE_100NS),
			NTS_STATUS_SUCCESS);
	nts_verifier_switch(NTS_VERIFIER_OFF);
	nts_verifier_switch(NTS_VERIFIER_ON);
	KeSetEvent(&left->go, 0, 0);
	join(test, thread);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-NEW-11"), 0);
}

static void leave_lock(void *context)
{
	struct left *left = context;

	KeAcquireSpinLockRaiseToDpc(&left->lock);
}

/* Shows: T-NEW-11, V-11 */
static void spin_lock_left_by_a_thread_is_released(struct kunit *test)
{
	struct left *left = test->priv;

	join(test, start(test, leave_lock));
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("V-11", 0xc4, 0x40009), 1);
	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&left->lock), 1);
}

static void leave_region(void *context)
{
	KeEnterCriticalRegion();
	KeEnterGuardedRegion();
}

/* Shows: T-NEW-11, L-CRG-06 */
static void region_left_by_a_thread_is_reported(struct kunit *test)
{
	join(test, start(test, leave_region));
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("L-CRG-06", 0x1, 0), 1);
}

static struct kunit_case threads_cases[] = {
	KUNIT_CASE(mutex_left_by_a_thread_is_reported),
	KUNIT_CASE(resource_left_by_a_thread_is_reported),
	KUNIT_CASE(what_a_thread_gave_back_is_not_reported),
	KUNIT_CASE(what_was_taken_before_a_switch_is_forgotten),
	KUNIT_CASE(spin_lock_left_by_a_thread_is_released),
	KUNIT_CASE(region_left_by_a_thread_is_reported),
	{}
};

static struct kunit_suite threads_suite = {
	.name = "ntshim_verifier_threads",
	.init = threads_init,
	.exit = threads_exit,
	.test_cases = threads_cases,
};

kunit_test_suite(threads_suite);
