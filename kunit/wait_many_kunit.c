// SPDX-License-Identifier: GPL-2.0
/*
 * Waits for several objects, in simulated time and live.
 */

#include "../shim/compat.h"

#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/wait.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

/* A time limit that comes soon enough for a live case. */
#define SHORT_100NS (5 * UNITS_PER_MS)

static const s64 patience_100ns = PATIENCE_100NS;
static const s64 look_100ns;

static s32 wait_many(u32 count, void *objects[], int type,
		     const s64 *timeout_100ns)
{
	return KeWaitForMultipleObjects(count, objects, type, 0, 0, 0,
					timeout_100ns, NULL);
}

/* Shows: W-MUL-04, W-RET-02 */
static void any_prefers_lowest_index(struct kunit *test)
{
	struct nts_header events[3];
	void *objects[3];
	int i;

	for (i = 0; i < 3; i++) {
		KeInitializeEvent(&events[i], SYNCHRONIZATION, i > 0);
		objects[i] = &events[i];
	}
	KUNIT_EXPECT_EQ(test, wait_many(3, objects, WAIT_ANY, NULL), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[1]), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[2]), 1);
	KUNIT_EXPECT_EQ(test, wait_many(3, objects, WAIT_ANY, NULL), 2);
	KUNIT_EXPECT_EQ(test, wait_many(3, objects, WAIT_ANY, &look_100ns),
			NTS_STATUS_TIMEOUT);
}

/* Shows: W-MUL-05, W-MUL-13, W-RAC-03 */
static void any_returns_the_index_that_was_signaled(struct kunit *test)
{
	struct nts_header stop;
	struct nts_timer timer;
	void *objects[] = { &stop, &timer };

	KeInitializeEvent(&stop, NOTIFICATION, 0);
	KeInitializeTimerEx(&timer, 1);
	KeSetTimer(&timer, -SHORT_100NS, NULL);
	KUNIT_EXPECT_EQ(test, wait_many(2, objects, WAIT_ANY, &patience_100ns),
			1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&stop), 0);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&timer.header), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
}

/* Shows: W-TMR-05, KT-081 */
static void stop_event_and_periodic_timer_loop(struct kunit *test)
{
	int periods = nts_test_time_is_simulated() ? 100000 : 20;
	struct nts_header stop;
	struct nts_timer timer;
	void *objects[] = { &stop, &timer };
	u64 start_ns;
	int i;

	KeInitializeEvent(&stop, NOTIFICATION, 0);
	KeInitializeTimerEx(&timer, 1);
	start_ns = ktime_get_ns();
	KeSetTimerEx(&timer, -20 * UNITS_PER_MS, 20, NULL);
	for (i = 0; i < periods; i++)
		KUNIT_ASSERT_EQ(test, wait_many(2, objects, WAIT_ANY, NULL), 1);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - start_ns,
			periods * 20 * NSEC_PER_MSEC);
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LT(test, ktime_get_ns() - start_ns,
				(periods * 20 + 1) * NSEC_PER_MSEC);
	KeSetEvent(&stop, 0, 0);
	KUNIT_EXPECT_EQ(test, wait_many(2, objects, WAIT_ANY, NULL), 0);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
}

/* Shows: W-MUL-06, W-RET-03, KT-104 */
static void all_takes_everything_or_nothing(struct kunit *test)
{
	struct nts_header event;
	struct nts_timer timer;
	void *objects[] = { &event, &timer };
	static const s64 short_100ns = -SHORT_100NS;

	KeInitializeEvent(&event, SYNCHRONIZATION, 1);
	KeInitializeTimerEx(&timer, 1);
	KUNIT_EXPECT_EQ(test, wait_many(2, objects, WAIT_ALL, &short_100ns),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 1);
	KeSetTimer(&timer, 0, NULL);
	KUNIT_EXPECT_EQ(test, wait_many(2, objects, WAIT_ALL, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
}

/* Shows: W-MUL-07, KT-104 */
static void all_is_satisfied_by_an_expiry(struct kunit *test)
{
	struct nts_header event;
	struct nts_timer timer;
	void *objects[] = { &event, &timer };

	KeInitializeEvent(&event, SYNCHRONIZATION, 1);
	KeInitializeTimerEx(&timer, 1);
	KeSetTimer(&timer, -SHORT_100NS, NULL);
	KUNIT_EXPECT_EQ(test, wait_many(2, objects, WAIT_ALL, &patience_100ns),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 0);
	KUNIT_EXPECT_EQ(test, event.wait_all_blocks, 0);
	KUNIT_EXPECT_EQ(test, timer.header.wait_all_blocks, 0);
}

struct all_waiter {
	void *objects[2];
	struct nts_header *done;
	int rounds;
	struct completion ended;
};

static int wait_all_fn(void *data)
{
	struct all_waiter *waiter = data;

	while (waiter->rounds--) {
		wait_many(2, waiter->objects, WAIT_ALL, NULL);
		KeSetEvent(waiter->done, 0, 0);
	}
	complete(&waiter->ended);
	return 0;
}

static void start_all_waiter(struct kunit *test, struct all_waiter *waiter,
			     void *first, void *second, struct nts_header *done,
			     int rounds)
{
	struct task_struct *task;

	waiter->objects[0] = first;
	waiter->objects[1] = second;
	waiter->done = done;
	waiter->rounds = rounds;
	init_completion(&waiter->ended);
	task = kthread_run(wait_all_fn, waiter, "nts-wait-all");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
}

/* Shows: W-MUL-08, W-MUL-07 */
static void all_that_must_wait_keeps_its_place(struct kunit *test)
{
	struct nts_header one, two, done;
	struct nts_test_waiter any;
	struct all_waiter all;

	KeInitializeEvent(&one, SYNCHRONIZATION, 0);
	KeInitializeEvent(&two, SYNCHRONIZATION, 0);
	KeInitializeEvent(&done, SYNCHRONIZATION, 0);
	start_all_waiter(test, &all, &one, &two, &done, 1);
	nts_test_await_waits(test, &one, 1);
	nts_test_start_waiter(test, &any, &one, NULL);
	/* The first in the queue cannot proceed, the second can. */
	KeSetEvent(&one, 0, 0);
	KUNIT_ASSERT_TRUE(test, nts_test_join(&any));
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&one), 1);
	KeSetEvent(&two, 0, 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&done), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&two), 1);
	KeSetEvent(&one, 0, 0);
	KUNIT_EXPECT_EQ(test, nts_test_wait(&done, PATIENCE_100NS),
			NTS_STATUS_SUCCESS);
	wait_for_completion(&all.ended);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&one), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&two), 0);
}

/* Shows: W-RAC-05, W-MUL-06 */
static void overlapping_alls_share_without_loss(struct kunit *test)
{
	const int rounds = 200;
	struct nts_header one, two, done;
	struct all_waiter forward, backward;
	int i;

	KeInitializeEvent(&one, SYNCHRONIZATION, 0);
	KeInitializeEvent(&two, SYNCHRONIZATION, 0);
	KeInitializeEvent(&done, SYNCHRONIZATION, 0);
	start_all_waiter(test, &forward, &one, &two, &done, rounds);
	start_all_waiter(test, &backward, &two, &one, &done, rounds);
	for (i = 0; i < 2 * rounds; i++) {
		KeSetEvent(i & 1 ? &one : &two, 0, 0);
		KeSetEvent(i & 1 ? &two : &one, 0, 0);
		KUNIT_ASSERT_EQ(test, nts_test_wait(&done, PATIENCE_100NS),
				NTS_STATUS_SUCCESS);
	}
	wait_for_completion(&forward.ended);
	wait_for_completion(&backward.ended);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&one), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&two), 0);
}

/* Shows: W-MUL-02, W-MUL-06 */
static void all_of_64_objects(struct kunit *test)
{
	struct nts_wait_block *blocks;
	struct nts_header *events;
	void **objects;
	int i;

	blocks = kunit_kcalloc(test, 64, sizeof(*blocks), GFP_KERNEL);
	events = kunit_kcalloc(test, 64, sizeof(*events), GFP_KERNEL);
	objects = kunit_kcalloc(test, 64, sizeof(*objects), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, blocks && events && objects);
	memset(blocks, 0x55, 64 * sizeof(*blocks));
	for (i = 0; i < 64; i++) {
		KeInitializeEvent(&events[i], SYNCHRONIZATION, i != 40);
		objects[i] = &events[i];
	}
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(64, objects, WAIT_ALL, 0, 0, 0,
						 &look_100ns, blocks),
			NTS_STATUS_TIMEOUT);
	KeSetEvent(&events[40], 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(64, objects, WAIT_ALL, 0, 0, 0,
						 &look_100ns, blocks),
			NTS_STATUS_SUCCESS);
	for (i = 0; i < 64; i++)
		KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[i]), 0);
}

/* Shows: W-MUL-01, W-MUL-11, W-MUL-12 */
static void bad_counts_and_types_are_refused(struct kunit *test)
{
	struct nts_wait_block blocks[4];
	struct nts_header event;
	void *objects[4] = { &event, &event, &event, &event };

	KeInitializeEvent(&event, NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test, wait_many(3, objects, WAIT_ANY, NULL), 0);
	KUNIT_EXPECT_EQ(test, wait_many(4, objects, WAIT_ANY, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-MUL-01", 0xc, 0), 1);
	KUNIT_EXPECT_EQ(test, wait_many(0, objects, WAIT_ANY, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-MUL-11", 0, 0), 1);
	KUNIT_EXPECT_EQ(test, wait_many(1, objects, 2, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MUL-12"), 1);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(4, objects, WAIT_ANY, 0, 0, 0,
						 NULL, blocks),
			0);
}

/* Shows: W-MUL-01 */
static void more_than_64_objects_are_refused(struct kunit *test)
{
	struct nts_wait_block *blocks;
	struct nts_header event;
	void *objects[65];
	unsigned int i;
	int type;

	blocks = kunit_kcalloc(test, 65, sizeof(*blocks), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, blocks);
	KeInitializeEvent(&event, NOTIFICATION, 1);
	for (i = 0; i < ARRAY_SIZE(objects); i++)
		objects[i] = &event;
	for (type = WAIT_ALL; type <= WAIT_ANY; type++)
		KUNIT_EXPECT_EQ(test,
				KeWaitForMultipleObjects(65, objects, type, 0,
							 0, 0, &look_100ns,
							 blocks),
				NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-MUL-01", 0xc, 0), 2);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(64, objects, WAIT_ANY, 0, 0, 0,
						 &look_100ns, blocks),
			0);
}

/**
 * struct pool - threads that a driver joins at its end
 * @threads: objects of the threads
 * @blocks: to wait for all of them
 * @leave: ends all threads but the last
 * @last_leave: ends the last
 */
struct pool {
	void *threads[64];
	struct nts_wait_block blocks[64];
	struct nts_header leave;
	struct nts_header last_leave;
};

static void stay_until(void *leave)
{
	KeWaitForSingleObject(leave, 0, 0, 0, NULL);
}

static struct pool *start_pool(struct kunit *test)
{
	struct pool *pool = kunit_kzalloc(test, sizeof(*pool), GFP_KERNEL);
	void *handle;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, pool);
	KeInitializeEvent(&pool->leave, NOTIFICATION, 0);
	KeInitializeEvent(&pool->last_leave, NOTIFICATION, 0);
	for (i = 0; i < 64; i++) {
		KUNIT_ASSERT_EQ(test,
				PsCreateSystemThread(&handle, 0, NULL, NULL,
						     NULL, stay_until,
						     i < 63 ?
							     &pool->leave :
							     &pool->last_leave),
				NTS_STATUS_SUCCESS);
		ObReferenceObjectByHandle(handle, 0, NULL, 0, &pool->threads[i],
					  NULL);
		ZwClose(handle);
	}
	return pool;
}

static s32 join_pool(struct pool *pool, const s64 *timeout_100ns)
{
	return KeWaitForMultipleObjects(64, pool->threads, WAIT_ALL, 0, 0, 0,
					timeout_100ns, pool->blocks);
}

/* Shows: W-THR-06, W-THR-01 */
static void all_of_64_threads_are_joined(struct kunit *test)
{
	struct pool *pool = start_pool(test);
	int i;

	KeSetEvent(&pool->leave, 0, 0);
	for (i = 0; i < 63; i++)
		KUNIT_EXPECT_EQ(test,
				nts_test_wait(pool->threads[i], PATIENCE_100NS),
				NTS_STATUS_SUCCESS);
	/* One is left, so all is not yet. */
	KUNIT_EXPECT_EQ(test, join_pool(pool, &look_100ns), NTS_STATUS_TIMEOUT);
	KeSetEvent(&pool->last_leave, 0, 0);
	KUNIT_EXPECT_EQ(test, join_pool(pool, &patience_100ns),
			NTS_STATUS_SUCCESS);
	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_EQ(test, nts_test_look(pool->threads[i]),
				NTS_STATUS_SUCCESS);
		ObfDereferenceObject(pool->threads[i]);
	}
}

/* Shows: W-MUL-10 */
static void any_may_name_an_object_twice(struct kunit *test)
{
	struct nts_timer timer;
	void *objects[] = { &timer, &timer };

	KeInitializeTimerEx(&timer, 1);
	KeSetTimer(&timer, -SHORT_100NS, NULL);
	KUNIT_EXPECT_EQ(test, wait_many(2, objects, WAIT_ANY, &patience_100ns),
			0);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&timer.header), 0);
}

static struct kunit_case wait_many_cases[] = {
	KUNIT_CASE(any_prefers_lowest_index),
	KUNIT_CASE(any_returns_the_index_that_was_signaled),
	KUNIT_CASE(stop_event_and_periodic_timer_loop),
	KUNIT_CASE(all_takes_everything_or_nothing),
	KUNIT_CASE(all_is_satisfied_by_an_expiry),
	KUNIT_CASE(all_that_must_wait_keeps_its_place),
	KUNIT_CASE(overlapping_alls_share_without_loss),
	KUNIT_CASE(all_of_64_objects),
	KUNIT_CASE(bad_counts_and_types_are_refused),
	KUNIT_CASE(more_than_64_objects_are_refused),
	KUNIT_CASE(all_of_64_threads_are_joined),
	KUNIT_CASE(any_may_name_an_object_twice),
	{}
};

static struct kunit_suite wait_many_suite = {
	.name = "ntshim_wait_many",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_many_cases,
};

kunit_test_suite(wait_many_suite);
