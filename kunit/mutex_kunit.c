// SPDX-License-Identifier: GPL-2.0
/*
 * KMUTEX and KMUTANT: who owns them, how often, and what becomes of them when
 * the owner ends.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/string.h>

#include "../shim/ke_api.h"
#include "../shim/mutant.h"
#include "../shim/nt_api.h"
#include "../shim/ps_thread.h"
#include "../shim/status.h"
#include "helpers.h"

static const s64 patience_100ns = PATIENCE_100NS;

/**
 * struct actor - a thread that acquires a mutex
 * @mutex: to wait for
 * @leave: it then waits for this one; NULL: it does not
 * @release: it gives the mutex up at its end
 * @acquired: set when it has the mutex
 * @status: of its wait
 * @thread: its object
 */
struct actor {
	struct nts_mutant *mutex;
	struct nts_header *leave;
	bool release;
	struct nts_header acquired;
	s32 status;
	void *thread;
};

static void actor_fn(void *context)
{
	struct actor *actor = context;

	actor->status =
		KeWaitForSingleObject(actor->mutex, 0, 0, 0, &patience_100ns);
	KeSetEvent(&actor->acquired, 0, 0);
	if (actor->leave)
		KeWaitForSingleObject(actor->leave, 0, 0, 0, NULL);
	if (actor->release)
		KeReleaseMutex(actor->mutex, 0);
}

static void run_thread(struct kunit *test, void (*routine)(void *),
		       void *context, void **thread)
{
	void *handle;

	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     routine, context),
			NTS_STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, NULL, 0, thread,
						  NULL),
			NTS_STATUS_SUCCESS);
	ZwClose(handle);
}

static void join_thread(struct kunit *test, void *thread)
{
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(thread, 0, 0, 0, &patience_100ns),
			NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);
}

static void start_actor(struct kunit *test, struct actor *actor,
			struct nts_mutant *mutex, struct nts_header *leave,
			bool release)
{
	actor->mutex = mutex;
	actor->leave = leave;
	actor->release = release;
	KeInitializeEvent(&actor->acquired, 0, 0);
	run_thread(test, actor_fn, actor, &actor->thread);
}

static s32 await_acquired(struct actor *actor)
{
	KeWaitForSingleObject(&actor->acquired, 0, 0, 0, &patience_100ns);
	return actor->status;
}

static struct nts_owner *self(void)
{
	return &container_of(KeGetCurrentThread(), struct nts_thread, header)
			->owner;
}

/* Shows: W-MTX-01, W-MTX-14, W-HDR-03 */
static void init_makes_it_free(struct kunit *test)
{
	static const u32 levels[] = { 0, 1, 0x100, 7 };
	struct nts_mutant mutex;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		memset(&mutex, 0x55, sizeof(mutex));
		KeInitializeMutex(&mutex, levels[i]);
		KUNIT_EXPECT_EQ(test, mutex.header.type, 2);
		KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
		KUNIT_EXPECT_NULL(test, mutex.owner);
	}
}

/* Shows: W-SIG-04, W-ONE-04, W-MTX-13 */
static void wait_makes_the_owner(struct kunit *test)
{
	struct nts_mutant mutex;

	KeInitializeMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, KeWaitForMutexObject(&mutex, 0, 0, 0, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, mutex.owner, self());
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 0);
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_NULL(test, mutex.owner);
}

/* Shows: W-MTX-02, W-MTX-04, W-SIG-05, W-MTX-14 */
static void release_returns_the_state_before(struct kunit *test)
{
	struct nts_mutant mutex;
	int i;

	KeInitializeMutex(&mutex, 0);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, nts_test_look(&mutex),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), -i);
	}
	for (i = 4; i > 0; i--)
		KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), -i);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
}

/* Shows: W-MTX-03 */
static void acquisition_at_the_limit_changes_nothing(struct kunit *test)
{
	struct nts_mutant mutex;
	struct nts_header event;
	void *objects[] = { &event, &mutex };

	KeInitializeMutex(&mutex, 0);
	KeInitializeEvent(&event, 1, 1);
	nts_test_look(&mutex);
	mutex.header.signal_state = S32_MIN + 1;
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex),
			NTS_STATUS_MUTANT_LIMIT_EXCEEDED);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(2, objects, WAIT_ALL, 0, 0, 0,
						 NULL, NULL),
			NTS_STATUS_MUTANT_LIMIT_EXCEEDED);
	/* Nor is it waited for what can never be. */
	KeClearEvent(&event);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(2, objects, WAIT_ALL, 0, 0, 0,
						 NULL, NULL),
			NTS_STATUS_MUTANT_LIMIT_EXCEEDED);
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test,
			nts_test_take_raised("W-MTX-03",
					     NTS_STATUS_MUTANT_LIMIT_EXCEEDED),
			3);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), S32_MIN);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&mutex.header), 0);
	mutex.header.signal_state = 0;
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
}

/* Shows: W-MTX-05, W-SIG-04, W-FIF-01 */
static void last_release_hands_it_to_the_first_waiter(struct kunit *test)
{
	struct nts_mutant mutex;
	struct nts_header leave;
	struct actor actors[2];
	int i;

	KeInitializeMutex(&mutex, 0);
	KeInitializeEvent(&leave, 1, 0);
	nts_test_look(&mutex);
	nts_test_look(&mutex);
	for (i = 0; i < 2; i++) {
		start_actor(test, &actors[i], &mutex, &leave, true);
		nts_test_await_waits(test, &mutex.header, i + 1);
	}
	/* Queued threads do not keep the owner out. */
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_SUCCESS);
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), -1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&mutex.header), 2);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	/* Never free in between, whether or not the waiter has run. */
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, await_acquired(&actors[0]), NTS_STATUS_SUCCESS);
	KeSetEvent(&leave, 0, 0);
	KUNIT_EXPECT_EQ(test, await_acquired(&actors[1]), NTS_STATUS_SUCCESS);
	KeSetEvent(&leave, 0, 0);
	for (i = 0; i < 2; i++)
		join_thread(test, actors[i].thread);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
}

/* Shows: W-MTX-06, W-MTX-13 */
static void release_by_another_thread_changes_nothing(struct kunit *test)
{
	struct nts_mutant mutex;
	struct nts_header leave;
	struct actor actor;

	KeInitializeMutex(&mutex, 0);
	KeInitializeEvent(&leave, 1, 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
	start_actor(test, &actor, &mutex, &leave, true);
	await_acquired(&actor);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 0);
	KUNIT_EXPECT_EQ(test,
			nts_test_take_raised("W-MTX-06",
					     NTS_STATUS_MUTANT_NOT_OWNED),
			2);
	KeSetEvent(&leave, 0, 0);
	join_thread(test, actor.thread);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
}

/* Shows: W-MTX-07, W-IRQ-06 */
static void release_at_another_level_is_reported(struct kunit *test)
{
	struct nts_mutant mutex;

	KeInitializeMutex(&mutex, 0);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_SUCCESS);
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_SUCCESS);
	local_bh_enable();
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MTX-07"), 1);
	nts_test_look(&mutex);
	local_bh_disable();
	KeReleaseMutex(&mutex, 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MTX-07"), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
}

/* Shows: W-MTX-07 */
static void nested_acquisition_may_be_at_another_level(struct kunit *test)
{
	struct nts_mutant mutex;

	KeInitializeMutex(&mutex, 0);
	nts_test_look(&mutex);
	local_bh_disable();
	nts_test_look(&mutex);
	KeReleaseMutex(&mutex, 0);
	local_bh_enable();
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MTX-07"), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
}

/* Shows: W-MTX-08 */
static void mutex_holds_apcs_off_and_mutant_does_not(struct kunit *test)
{
	struct nts_mutant mutex, mutant;

	KeInitializeMutex(&mutex, 0);
	KeInitializeMutant(&mutant, 1);
	KUNIT_EXPECT_PTR_EQ(test, mutant.owner, self());
	KUNIT_EXPECT_EQ(test, self()->apcs_off, 0);
	nts_test_look(&mutex);
	nts_test_look(&mutex);
	KUNIT_EXPECT_EQ(test, self()->apcs_off, 1);
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, self()->apcs_off, 1);
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, self()->apcs_off, 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutant(&mutant, 0, 0, 0), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&self()->mutants));
}

/* Shows: W-MTX-09 */
static void mutex_of_ended_thread_is_reported_and_stays_owned(struct kunit *test)
{
	struct nts_mutant mutex;
	struct actor actor;

	KeInitializeMutex(&mutex, 0);
	start_actor(test, &actor, &mutex, NULL, false);
	join_thread(test, actor.thread);
	KUNIT_EXPECT_EQ(test,
			nts_test_take_reports("W-MTX-09", 0x4000008a,
					      (unsigned long)actor.thread),
			1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	KUNIT_EXPECT_EQ(test,
			nts_test_take_raised("W-MTX-06",
					     NTS_STATUS_MUTANT_NOT_OWNED),
			1);
}

/* Shows: W-MTX-11, W-MTX-10 */
static void mutex_of_ended_thread_may_be_abandoned(struct kunit *test)
{
	struct nts_mutant mutex;
	struct actor actor;

	KeInitializeMutex(&mutex, 0);
	nts_abandon_mutexes = true;
	start_actor(test, &actor, &mutex, NULL, false);
	join_thread(test, actor.thread);
	nts_abandon_mutexes = false;
	KUNIT_EXPECT_EQ(test,
			nts_test_take_reports("W-MTX-09", 0x4000008a,
					      (unsigned long)actor.thread),
			1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_ABANDONED);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_SUCCESS);
	KeReleaseMutex(&mutex, 0);
}

/* Shows: W-MTX-10, W-MTX-06 */
static void mutant_of_ended_thread_is_abandoned(struct kunit *test)
{
	struct nts_mutant mutant;
	struct actor actor;

	KeInitializeMutant(&mutant, 0);
	start_actor(test, &actor, &mutant, NULL, false);
	join_thread(test, actor.thread);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutant), 1);
	KeReleaseMutex(&mutant, 0);
	KUNIT_EXPECT_EQ(test,
			nts_test_take_raised("W-MTX-06", NTS_STATUS_ABANDONED),
			1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutant), NTS_STATUS_ABANDONED);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutant), 0);
	KeReleaseMutex(&mutant, 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutant), NTS_STATUS_SUCCESS);
	KeReleaseMutex(&mutant, 0);
}

/* Shows: W-MTX-10, W-RET-02, W-RET-03 */
static void abandoned_mutant_tells_its_next_owner(struct kunit *test)
{
	struct nts_header events[2];
	struct nts_mutant mutant;
	void *objects[] = { &events[0], &events[1], &mutant };
	int i;

	KeInitializeMutant(&mutant, 1);
	for (i = 0; i < 2; i++)
		KeInitializeEvent(&events[i], 0, 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutant(&mutant, 0, 1, 0), 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, WAIT_ANY, 0, 0, 0,
						 NULL, NULL),
			NTS_STATUS_ABANDONED + 2);
	KUNIT_EXPECT_EQ(test, KeReleaseMutant(&mutant, 0, 1, 0), 0);
	for (i = 0; i < 2; i++)
		KeSetEvent(&events[i], 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, WAIT_ALL, 0, 0, 0,
						 NULL, NULL),
			NTS_STATUS_ABANDONED);
	KUNIT_EXPECT_EQ(test, KeReleaseMutant(&mutant, 0, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutant), NTS_STATUS_SUCCESS);
	KeReleaseMutant(&mutant, 0, 0, 0);
}

/* Shows: W-MTX-10, W-MTX-05 */
static void blocked_waiter_is_told_of_abandonment(struct kunit *test)
{
	struct nts_mutant mutant;
	struct actor actor;

	KeInitializeMutant(&mutant, 1);
	nts_test_look(&mutant);
	start_actor(test, &actor, &mutant, NULL, true);
	nts_test_await_waits(test, &mutant.header, 1);
	KUNIT_EXPECT_EQ(test, KeReleaseMutant(&mutant, 0, 1, 0), -1);
	KUNIT_EXPECT_EQ(test, await_acquired(&actor), NTS_STATUS_ABANDONED);
	join_thread(test, actor.thread);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutant), 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutant), NTS_STATUS_SUCCESS);
	KeReleaseMutant(&mutant, 0, 0, 0);
}

/* A task of Linux, of whose end nothing tells. */
static int own_and_end(void *data)
{
	struct actor *actor = data;

	nts_test_look(actor->mutex);
	KeSetEvent(&actor->acquired, 0, 0);
	KeWaitForSingleObject(actor->leave, 0, 0, 0, NULL);
	return 0;
}

/* Shows: W-MTX-10, T-CUR-02 */
static void task_that_ends_abandons_its_mutant(struct kunit *test)
{
	struct nts_mutant mutant;
	struct nts_header leave;
	struct actor actor = { .mutex = &mutant, .leave = &leave };

	KeInitializeMutant(&mutant, 0);
	KeInitializeEvent(&leave, 0, 0);
	KeInitializeEvent(&actor.acquired, 0, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(own_and_end, &actor,
						       "nts-owner"));
	await_acquired(&actor);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutant), NTS_STATUS_TIMEOUT);
	KeSetEvent(&leave, 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(&mutant, 0, 0, 0,
					      &patience_100ns),
			NTS_STATUS_ABANDONED);
	KeReleaseMutex(&mutant, 0);
}

/* Shows: W-MUL-07, W-SIG-05 */
static void all_counts_a_mutex_of_its_own_as_free(struct kunit *test)
{
	static const s64 short_100ns = -5 * UNITS_PER_MS;
	struct nts_mutant mutex;
	struct nts_timer timer;
	void *objects[] = { &mutex, &timer };

	KeInitializeMutex(&mutex, 0);
	KeInitializeTimerEx(&timer, 1);
	nts_test_look(&mutex);
	KeSetTimer(&timer, short_100ns, NULL);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(2, objects, WAIT_ALL, 0, 0, 0,
						 &patience_100ns, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), -1);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
	KeReleaseMutex(&mutex, 0);
	KeReleaseMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, mutex.header.wait_all_blocks, 0);
}

/**
 * struct all_actor - a thread that waits for two mutexes at once
 * @objects: both
 * @status: of its wait
 * @states: of both then
 */
struct all_actor {
	void *objects[2];
	s32 status;
	s32 states[2];
};

static void all_actor_fn(void *context)
{
	struct all_actor *actor = context;
	int i;

	actor->status = KeWaitForMultipleObjects(2, actor->objects, WAIT_ALL, 0,
						 0, 0, &patience_100ns, NULL);
	for (i = 0; i < 2; i++)
		actor->states[i] = KeReadStateMutex(actor->objects[i]);
	for (i = 0; i < 2; i++)
		KeReleaseMutex(actor->objects[i], 0);
}

/* Shows: W-MUL-06, W-MTX-05, W-RET-03 */
static void all_gets_mutexes_together_or_not(struct kunit *test)
{
	struct nts_mutant mutants[2];
	struct all_actor actor = { .objects = { &mutants[0], &mutants[1] } };
	void *thread;

	KeInitializeMutant(&mutants[0], 1);
	KeInitializeMutant(&mutants[1], 1);
	run_thread(test, all_actor_fn, &actor, &thread);
	nts_test_await_waits(test, &mutants[1].header, 1);
	KeReleaseMutant(&mutants[0], 0, 1, 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutants[0]), 1);
	KUNIT_EXPECT_NULL(test, mutants[0].owner);
	KeReleaseMutant(&mutants[1], 0, 0, 0);
	join_thread(test, thread);
	KUNIT_EXPECT_EQ(test, actor.status, NTS_STATUS_ABANDONED);
	KUNIT_EXPECT_EQ(test, actor.states[0], 0);
	KUNIT_EXPECT_EQ(test, actor.states[1], 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutants[0]), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutants[1]), 1);
}

/* Shows: W-MUL-09 */
static void all_that_names_it_twice_takes_it_once(struct kunit *test)
{
	struct nts_mutant mutex;
	void *objects[] = { &mutex, &mutex };

	KeInitializeMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(2, objects, WAIT_ALL, 0, 0, 0,
						 NULL, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 0);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MUL-09"), 1);
}

static void acquire_fn(struct nts_dpc *dpc, void *context, void *arg1,
		       void *arg2)
{
	*(s32 *)arg1 = nts_test_look(context);
}

/* Shows: T-CUR-03, W-RET-06 */
static void mutex_in_a_dpc_is_refused(struct kunit *test)
{
	s32 status = NTS_STATUS_SUCCESS;
	struct nts_mutant mutex;
	struct nts_dpc dpc;

	KeInitializeMutex(&mutex, 0);
	KeInitializeDpc(&dpc, acquire_fn, &mutex);
	KeInsertQueueDpc(&dpc, &status, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, status, NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-CUR-03"), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
}

/* Shows: W-ALT-10 */
static void user_mode_wait_is_taken_as_kernel_mode(struct kunit *test)
{
	static struct nts_mutant mutex;

	KeInitializeMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, KeWaitForMutexObject(&mutex, 0, 1, 0, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-ALT-10"), 1);
	KeReleaseMutex(&mutex, 0);
}

/* Shows: W-HDR-07, W-HDR-08 */
static void misuse_of_storage_is_reported(struct kunit *test)
{
	struct nts_mutant mutex;
	struct actor actor;

	memset(&mutex, 0, sizeof(mutex));
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-08"), 1);
	KeInitializeMutex(&mutex, 0);
	nts_test_look(&mutex);
	start_actor(test, &actor, &mutex, NULL, true);
	nts_test_await_waits(test, &mutex.header, 1);
	KeInitializeMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-07"), 1);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	join_thread(test, actor.thread);
}

/* Shows: W-HDR-07, W-MTX-04 */
static void init_of_an_owned_mutex_leaves_it_owned(struct kunit *test)
{
	struct nts_mutant mutex, copy;

	KeInitializeMutex(&mutex, 0);
	nts_test_look(&mutex);
	KeInitializeMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-07"), 1);
	KUNIT_EXPECT_PTR_EQ(test, mutex.owner, self());
	/* What only looks like an owned one is none. */
	memcpy(&copy, &mutex, sizeof(copy));
	KeInitializeMutex(&copy, 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&copy), 1);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
	KeInitializeMutex(&mutex, 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), 1);
}

static void overwrite_fn(void *context)
{
	struct nts_mutant *mutants = context;

	nts_test_look(&mutants[0]);
	nts_test_look(&mutants[1]);
	memset(&mutants[1], 0, sizeof(mutants[1]));
	KeInitializeMutant(&mutants[1], 0);
}

/* Shows: W-MTX-10, W-HDR-07 */
static void thread_that_overwrites_its_mutant_ends(struct kunit *test)
{
	struct nts_mutant *mutants =
		kunit_kcalloc(test, 2, sizeof(*mutants), GFP_KERNEL);
	void *thread;

	KUNIT_ASSERT_NOT_NULL(test, mutants);
	KeInitializeMutant(&mutants[0], 0);
	KeInitializeMutant(&mutants[1], 0);
	run_thread(test, overwrite_fn, mutants, &thread);
	join_thread(test, thread);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-07"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutants[0]), NTS_STATUS_ABANDONED);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutants[1]), NTS_STATUS_SUCCESS);
	KeReleaseMutex(&mutants[0], 0);
	KeReleaseMutex(&mutants[1], 0);
}

/* Shows: W-NXT-01, W-NXT-02, W-IRQ-05 */
static void wait_argument_is_a_hint(struct kunit *test)
{
	struct nts_mutant mutex;

	KeInitializeMutex(&mutex, 0);
	nts_test_look(&mutex);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 1), 0);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_SUCCESS);
	KeReleaseMutex(&mutex, 0);
}

static struct kunit_case mutex_cases[] = {
	KUNIT_CASE(init_makes_it_free),
	KUNIT_CASE(wait_makes_the_owner),
	KUNIT_CASE(release_returns_the_state_before),
	KUNIT_CASE(acquisition_at_the_limit_changes_nothing),
	KUNIT_CASE(last_release_hands_it_to_the_first_waiter),
	KUNIT_CASE(release_by_another_thread_changes_nothing),
	KUNIT_CASE(release_at_another_level_is_reported),
	KUNIT_CASE(nested_acquisition_may_be_at_another_level),
	KUNIT_CASE(mutex_holds_apcs_off_and_mutant_does_not),
	KUNIT_CASE(mutex_of_ended_thread_is_reported_and_stays_owned),
	KUNIT_CASE(mutex_of_ended_thread_may_be_abandoned),
	KUNIT_CASE(mutant_of_ended_thread_is_abandoned),
	KUNIT_CASE(abandoned_mutant_tells_its_next_owner),
	KUNIT_CASE(blocked_waiter_is_told_of_abandonment),
	KUNIT_CASE(task_that_ends_abandons_its_mutant),
	KUNIT_CASE(all_counts_a_mutex_of_its_own_as_free),
	KUNIT_CASE(all_gets_mutexes_together_or_not),
	KUNIT_CASE(all_that_names_it_twice_takes_it_once),
	KUNIT_CASE(mutex_in_a_dpc_is_refused),
	KUNIT_CASE(user_mode_wait_is_taken_as_kernel_mode),
	KUNIT_CASE(misuse_of_storage_is_reported),
	KUNIT_CASE(init_of_an_owned_mutex_leaves_it_owned),
	KUNIT_CASE(thread_that_overwrites_its_mutant_ends),
	KUNIT_CASE(wait_argument_is_a_hint),
	{}
};

static struct kunit_suite mutex_suite = {
	.name = "ntshim_mutex",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = mutex_cases,
};

kunit_test_suite(mutex_suite);
