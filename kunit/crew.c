// SPDX-License-Identifier: GPL-2.0
/*
 * A crew of threads that want a lock; see crew.h.
 */

#include "../shim/compat.h"

#include <linux/jiffies.h>
#include <linux/kthread.h>

#include "../shim/lock_api.h"
#include "crew.h"
#include "helpers.h"

/**
 * crew_suite_init() - begin a case in a critical region
 * @test: the case
 *
 * The region goes with the thread, which KUnit ends after the case.
 *
 * Return: 0.
 */
int crew_suite_init(struct kunit *test)
{
	KeEnterCriticalRegion();
	return nts_test_init(test);
}

/**
 * crew_new() - a crew without threads
 * @test: the case
 * @fn: what each thread will do
 *
 * Return: the crew; freed with the case.
 */
struct crew *crew_new(struct kunit *test, void (*fn)(struct crew *crew))
{
	struct crew *crew = kunit_kzalloc(test, sizeof(*crew), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, crew);
	crew->fn = fn;
	init_completion(&crew->done);
	return crew;
}

static int crew_thread(void *data)
{
	struct crew *crew = data;

	KeEnterCriticalRegion();
	crew->fn(crew);
	KeLeaveCriticalRegion();
	complete(&crew->done);
	return 0;
}

/**
 * crew_start() - start threads
 * @test: the case; ends without a thread
 * @crew: whose
 * @count: how many
 */
void crew_start(struct kunit *test, struct crew *crew, unsigned int count)
{
	struct task_struct *task;

	while (count--) {
		task = kthread_run(crew_thread, crew, "nts-crew");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	}
}

/**
 * crew_join() - until threads have done what they had to
 * @test: the case; ends if it takes too long
 * @crew: whose
 * @count: how many
 */
void crew_join(struct kunit *test, struct crew *crew, unsigned int count)
{
	while (count--)
		KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&crew->done,
								    120 * HZ));
}
