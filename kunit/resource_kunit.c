// SPDX-License-Identifier: GPL-2.0
/*
 * Rundown protection and resources through their exported routines.
 */

#include "../shim/compat.h"

#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/slab.h>

#include "../shim/irql.h"
#include "../shim/lock_api.h"
#include "../shim/mutex_api.h"
#include "../shim/nt_api.h"
#include "crew.h"
#include "helpers.h"

/* Shows: L-RND-01 */
static void references_end_with_the_rundown(struct kunit *test)
{
	atomic_long_t rundown = ATOMIC_LONG_INIT(0);
	u8 old, at_dispatch;

	old = KeRaiseIrqlToDpcLevel();
	at_dispatch = ExAcquireRundownProtection(&rundown);
	ExReleaseRundownProtection(&rundown);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, at_dispatch, 1);
	ExWaitForRundownProtectionRelease(&rundown);
	KUNIT_EXPECT_EQ(test, ExAcquireRundownProtection(&rundown), 0);
	ExWaitForRundownProtectionRelease(&rundown);
	ExReInitializeRundownProtection(&rundown);
	KUNIT_EXPECT_EQ(test, ExAcquireRundownProtection(&rundown), 1);
	ExReleaseRundownProtection(&rundown);
	ExRundownCompleted(&rundown);
	KUNIT_EXPECT_EQ(test, ExAcquireRundownProtection(&rundown), 0);
	ExInitializeRundownProtection(&rundown);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&rundown), 0);
	ExReleaseRundownProtection(&rundown);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RND-01"), 1);
}

/* Shows: L-RND-03 */
static void several_references_at_once(struct kunit *test)
{
	atomic_long_t rundown = ATOMIC_LONG_INIT(0);

	KUNIT_EXPECT_EQ(test, ExAcquireRundownProtectionEx(&rundown, 5), 1);
	ExReleaseRundownProtectionEx(&rundown, 3);
	ExReleaseRundownProtection(&rundown);
	ExReleaseRundownProtectionEx(&rundown, 2);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RND-01"), 1);
	ExReleaseRundownProtection(&rundown);
	ExWaitForRundownProtectionRelease(&rundown);
	KUNIT_EXPECT_EQ(test, ExAcquireRundownProtectionEx(&rundown, 2), 0);
}

/* An object that its users may find gone. */
struct guarded_object {
	atomic_long_t rundown;
	atomic_t users;
};

static struct guarded_object *object_in_use;

static void leave_object(struct crew *crew)
{
	struct guarded_object *object = object_in_use;

	atomic_inc(&object->users);
	usleep_range(1, 50);
	/* The last of them lets the waiter free the object. */
	ExReleaseRundownProtection(&object->rundown);
}

/* Shows: L-RND-01, L-RND-02 */
static void waiter_may_free_at_once(struct kunit *test)
{
	struct crew *crew = crew_new(test, leave_object);
	struct guarded_object *object;
	unsigned int i;
	int users;

	for (i = 0; i < 200; i++) {
		object = kzalloc(sizeof(*object), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, object);
		object_in_use = object;
		ExAcquireRundownProtectionEx(&object->rundown, 2);
		crew_start(test, crew, 2);
		ExWaitForRundownProtectionRelease(&object->rundown);
		users = atomic_read(&object->users);
		kfree(object);
		crew_join(test, crew, 2);
		KUNIT_ASSERT_EQ(test, users, 2);
	}
}

/* Shows: L-RND-01 */
static void rundown_wait_above_apc_level_is_reported(struct kunit *test)
{
	atomic_long_t rundown = ATOMIC_LONG_INIT(0);
	u8 old;

	ExAcquireRundownProtection(&rundown);
	old = KeRaiseIrqlToDpcLevel();
	ExWaitForRundownProtectionRelease(&rundown);
	KeLowerIrql(old);
	ExReleaseRundownProtection(&rundown);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RND-01"), 1);
}

static struct kunit_case rundown_cases[] = {
	KUNIT_CASE(references_end_with_the_rundown),
	KUNIT_CASE(several_references_at_once),
	KUNIT_CASE(waiter_may_free_at_once),
	KUNIT_CASE(rundown_wait_above_apc_level_is_reported),
	{}
};

static struct kunit_suite rundown_suite = {
	.name = "ntshim_rundown",
	.init = crew_suite_init,
	.exit = nts_test_exit,
	.test_cases = rundown_cases,
};

/* Shows: L-RES-01, L-RES-02 */
static void owner_may_come_again(struct kunit *test)
{
	struct crew *crew = crew_new(test, NULL);
	struct nts_resource *resource = crew_resource(crew);

	KUNIT_EXPECT_EQ(test, ExInitializeResourceLite(resource), 0);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredExclusiveLite(resource), 0);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceExclusiveLite(resource, 1), 1);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceExclusiveLite(resource, 1), 1);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceSharedLite(resource, 1), 1);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredExclusiveLite(resource), 1);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredSharedLite(resource), 3);
	ExReleaseResourceLite(resource);
	ExReleaseResourceLite(resource);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredExclusiveLite(resource), 1);
	ExReleaseResourceLite(resource);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredSharedLite(resource), 0);
	ExReleaseResourceLite(resource);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-01"), 1);
	KUNIT_EXPECT_EQ(test, ExDeleteResourceLite(resource), 0);
}

static void look_at_resource(struct crew *crew)
{
	struct nts_resource *resource = crew_resource(crew);

	if (ExAcquireResourceSharedLite(resource, 0)) {
		atomic_inc(&crew->entered);
		ExReleaseResourceLite(resource);
	}
	if (ExAcquireResourceExclusiveLite(resource, 0)) {
		atomic_add(100, &crew->entered);
		ExReleaseResourceLite(resource);
	}
}

static int look(struct kunit *test, struct crew *crew)
{
	atomic_set(&crew->entered, 0);
	crew->fn = look_at_resource;
	crew_start(test, crew, 1);
	crew_join(test, crew, 1);
	return atomic_read(&crew->entered);
}

/* Shows: L-RES-01 */
static void readers_share(struct kunit *test)
{
	struct crew *crew = crew_new(test, NULL);
	struct nts_resource *resource = crew_resource(crew);

	ExInitializeResourceLite(resource);
	KUNIT_EXPECT_EQ(test, look(test, crew), 101);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceSharedLite(resource, 1), 1);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceSharedLite(resource, 1), 1);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredSharedLite(resource), 2);
	KUNIT_EXPECT_EQ(test, look(test, crew), 1);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceExclusiveLite(resource, 0), 0);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceExclusiveLite(resource, 1), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-01"), 1);
	ExReleaseResourceLite(resource);
	ExReleaseResourceLite(resource);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceExclusiveLite(resource, 1), 1);
	KUNIT_EXPECT_EQ(test, look(test, crew), 0);
	ExReleaseResourceLite(resource);
	ExDeleteResourceLite(resource);
}

static void write_resource(struct crew *crew)
{
	ExAcquireResourceExclusiveLite(crew_resource(crew), 1);
	crew->count++;
	ExReleaseResourceLite(crew_resource(crew));
}

static void read_resource(struct crew *crew)
{
	ExAcquireResourceSharedLite(crew_resource(crew), 1);
	atomic_inc(&crew->entered);
	ExReleaseResourceLite(crew_resource(crew));
}

static void await(struct kunit *test, u32 (*count_fn)(struct nts_resource *r),
		  struct crew *crew)
{
	unsigned long limit = jiffies + 30 * HZ;

	while (!count_fn(crew_resource(crew))) {
		KUNIT_ASSERT_TRUE(test, time_before(jiffies, limit));
		usleep_range(50, 100);
	}
}

static void starve_writer(struct crew *crew)
{
	if (!ExAcquireSharedStarveExclusive(crew_resource(crew), 0))
		return;
	atomic_inc(&crew->entered);
	ExReleaseResourceLite(crew_resource(crew));
}

/* Shows: L-RES-01, L-RES-02 */
static void waiting_writer_keeps_new_readers_out(struct kunit *test)
{
	struct crew *crew = crew_new(test, write_resource);
	struct nts_resource *resource = crew_resource(crew);

	ExInitializeResourceLite(resource);
	ExAcquireResourceSharedLite(resource, 1);
	crew_start(test, crew, 1);
	await(test, ExGetExclusiveWaiterCount, crew);
	KUNIT_EXPECT_EQ(test, look(test, crew), 0);
	crew->fn = starve_writer;
	crew_start(test, crew, 1);
	crew_join(test, crew, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->entered), 1);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceSharedLite(resource, 0), 1);
	ExReleaseResourceLite(resource);
	KUNIT_EXPECT_EQ(test, crew->count, 0);
	ExReleaseResourceLite(resource);
	crew_join(test, crew, 1);
	KUNIT_EXPECT_EQ(test, crew->count, 1);
	KUNIT_EXPECT_EQ(test, ExGetExclusiveWaiterCount(resource), 0);
	ExDeleteResourceLite(resource);
}

/* Shows: L-RES-02 */
static void writer_becomes_reader(struct kunit *test)
{
	struct crew *crew = crew_new(test, read_resource);
	struct nts_resource *resource = crew_resource(crew);

	ExInitializeResourceLite(resource);
	ExConvertExclusiveToSharedLite(resource);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-02"), 1);
	ExAcquireResourceExclusiveLite(resource, 1);
	crew_start(test, crew, 1);
	await(test, ExGetSharedWaiterCount, crew);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->entered), 0);
	ExConvertExclusiveToSharedLite(resource);
	crew_join(test, crew, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->entered), 1);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredExclusiveLite(resource), 0);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredSharedLite(resource), 1);
	ExReleaseResourceLite(resource);
	ExDeleteResourceLite(resource);
}

static u8 other_storage[NT_LAYOUT_ERESOURCE_SIZE] __aligned(8);

/* Shows: V-14 */
static void resource_above_apc_level_is_refused(struct kunit *test)
{
	struct crew *crew = crew_new(test, NULL);
	struct nts_resource *resource = crew_resource(crew);
	u8 old, exclusive, shared;
	s32 initialised;

	ExInitializeResourceLite(resource);
	old = KeRaiseIrqlToDpcLevel();
	initialised =
		ExInitializeResourceLite((struct nts_resource *)other_storage);
	exclusive = ExAcquireResourceExclusiveLite(resource, 1);
	shared = ExAcquireResourceSharedLite(resource, 0);
	KeLowerIrql(old);
	ExDeleteResourceLite(resource);
	KUNIT_EXPECT_LT(test, initialised, 0);
	KUNIT_EXPECT_EQ(test, exclusive, 0);
	KUNIT_EXPECT_EQ(test, shared, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-14"), 3);
}

/**
 * struct stranger - a task that has never had to do with the library
 * @resource: what it says that it holds
 * @release: how
 * @done: completed at its end
 */
struct stranger {
	struct nts_resource *resource;
	void (*release)(struct nts_resource *resource);
	struct completion done;
};

static int stranger_fn(void *data)
{
	struct stranger *stranger = data;

	stranger->release(stranger->resource);
	complete(&stranger->done);
	return 0;
}

static void release_as_stranger(struct kunit *test,
				struct nts_resource *resource,
				void (*release)(struct nts_resource *resource))
{
	struct stranger stranger = { resource, release };

	init_completion(&stranger.done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(stranger_fn, &stranger,
						       "nts-stranger"));
	wait_for_completion(&stranger.done);
}

/* Shows: L-RES-01, L-RES-02 */
static void stranger_holds_no_resource(struct kunit *test)
{
	struct crew *crew = crew_new(test, NULL);
	struct nts_resource *resource = crew_resource(crew);

	ExInitializeResourceLite(resource);
	release_as_stranger(test, resource, ExReleaseResourceLite);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-01"), 1);
	release_as_stranger(test, resource, ExConvertExclusiveToSharedLite);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-02"), 1);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceExclusiveLite(resource, 0), 1);
	ExReleaseResourceLite(resource);
	KUNIT_EXPECT_EQ(test, look(test, crew), 101);
	ExDeleteResourceLite(resource);
}

/* Shows: L-RES-02 */
static void deleted_resource_is_reported(struct kunit *test)
{
	struct crew *crew = crew_new(test, NULL);
	struct nts_resource *resource = crew_resource(crew);

	ExInitializeResourceLite(resource);
	ExDeleteResourceLite(resource);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceExclusiveLite(resource, 0), 0);
	KUNIT_EXPECT_EQ(test, ExAcquireResourceSharedLite(resource, 0), 0);
	ExReleaseResourceLite(resource);
	ExConvertExclusiveToSharedLite(resource);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredExclusiveLite(resource), 0);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredSharedLite(resource), 0);
	KUNIT_EXPECT_EQ(test, ExGetExclusiveWaiterCount(resource), 0);
	KUNIT_EXPECT_EQ(test, ExGetSharedWaiterCount(resource), 0);
	ExDeleteResourceLite(resource);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-02"), 9);
}

/* Shows: L-RES-01 */
static void held_resource_is_not_deleted(struct kunit *test)
{
	struct crew *crew = crew_new(test, NULL);
	struct nts_resource *resource = crew_resource(crew);

	ExInitializeResourceLite(resource);
	ExAcquireResourceSharedLite(resource, 1);
	ExDeleteResourceLite(resource);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RES-01"), 1);
	KUNIT_EXPECT_EQ(test, ExIsResourceAcquiredSharedLite(resource), 1);
	ExReleaseResourceLite(resource);
	ExDeleteResourceLite(resource);
}

/* Shows: L-RES-01, L-RES-02, I-CTX-10 */
static void writer_becomes_reader_at_dispatch_level(struct kunit *test)
{
	struct crew *crew = crew_new(test, NULL);
	struct nts_resource *resource = crew_resource(crew);
	u32 shared, left;
	u8 old;

	ExInitializeResourceLite(resource);
	ExAcquireResourceExclusiveLite(resource, 1);
	ExAcquireResourceExclusiveLite(resource, 1);
	old = KeRaiseIrqlToDpcLevel();
	ExConvertExclusiveToSharedLite(resource);
	shared = ExIsResourceAcquiredSharedLite(resource);
	ExReleaseResourceLite(resource);
	ExReleaseResourceLite(resource);
	left = ExIsResourceAcquiredSharedLite(resource);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, shared, 2);
	KUNIT_EXPECT_EQ(test, left, 0);
	KUNIT_EXPECT_EQ(test, look(test, crew), 101);
	ExDeleteResourceLite(resource);
}

static struct kunit_case resource_cases[] = {
	KUNIT_CASE(owner_may_come_again),
	KUNIT_CASE(readers_share),
	KUNIT_CASE(waiting_writer_keeps_new_readers_out),
	KUNIT_CASE(writer_becomes_reader),
	KUNIT_CASE(resource_above_apc_level_is_refused),
	KUNIT_CASE(stranger_holds_no_resource),
	KUNIT_CASE(deleted_resource_is_reported),
	KUNIT_CASE(held_resource_is_not_deleted),
	KUNIT_CASE(writer_becomes_reader_at_dispatch_level),
	{}
};

static struct kunit_suite resource_suite = {
	.name = "ntshim_resource",
	.init = crew_suite_init,
	.exit = nts_test_exit,
	.test_cases = resource_cases,
};

kunit_test_suites(&rundown_suite, &resource_suite);
