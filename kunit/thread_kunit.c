// SPDX-License-Identifier: GPL-2.0
/*
 * System threads, their objects and the handles on them.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/string.h>

#include "../shim/ke_api.h"
#include "../shim/ke_thread.h"
#include "../shim/nt_api.h"
#include "../shim/ob_handle.h"
#include "../shim/status.h"
#include "helpers.h"

static const s64 patience_100ns = PATIENCE_100NS;

/**
 * struct job - what a thread of a case does and saw
 * @leave: event that lets the thread end
 * @started: completed at its start
 * @self: KeGetCurrentThread()
 * @status: to end with; 0: return
 * @runs: how many started
 * @irql: at which level
 * @comm: its name
 */
struct job {
	struct nts_header leave;
	struct completion started;
	void *self;
	s32 status;
	atomic_t runs;
	u8 irql;
	char comm[TASK_COMM_LEN];
};

static void job_fn(void *context)
{
	struct job *job = context;

	job->self = KeGetCurrentThread();
	job->irql = KeGetCurrentIrql();
	strscpy(job->comm, current->comm, sizeof(job->comm));
	atomic_inc(&job->runs);
	complete(&job->started);
	KeWaitForSingleObject(&job->leave, 0, 0, 0, NULL);
	if (job->status)
		PsTerminateSystemThread(job->status);
}

static struct job *new_job(struct kunit *test)
{
	struct job *job = kunit_kzalloc(test, sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, job);
	init_completion(&job->started);
	KeInitializeEvent(&job->leave, 0, 0);
	return job;
}

static s32 start(void **handle, struct job *job)
{
	return PsCreateSystemThread(handle, 0, NULL, NULL, NULL, job_fn, job);
}

/* Starts a thread and gives its object, without leaving a handle open. */
static void *new_thread(struct kunit *test, struct job *job)
{
	void *handle, *object;

	KUNIT_ASSERT_EQ(test, start(&handle, job), NTS_STATUS_SUCCESS);
	KUNIT_ASSERT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, *PsThreadType, 0,
						  &object, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), NTS_STATUS_SUCCESS);
	return object;
}

static s32 join(void *thread)
{
	return KeWaitForSingleObject(thread, 0, 0, 0, &patience_100ns);
}

/* Shows: T-NEW-01, T-NEW-05, W-THR-01 */
static void thread_runs_and_is_signaled_at_its_end(struct kunit *test)
{
	struct job *job = new_job(test);
	void *thread = new_thread(test, job);

	KUNIT_EXPECT_EQ(test, nts_test_look(thread), NTS_STATUS_TIMEOUT);
	KeSetEvent(&job->leave, 0, 0);
	KUNIT_EXPECT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, atomic_read(&job->runs), 1);
	KUNIT_EXPECT_EQ(test, job->irql, 0);
	ObfDereferenceObject(thread);
}

/* Shows: T-NEW-06, T-NEW-05 */
static void terminate_ends_the_thread(struct kunit *test)
{
	struct job *job = new_job(test);
	void *thread;

	job->status = NTS_STATUS_INVALID_PARAMETER;
	thread = new_thread(test, job);
	KeSetEvent(&job->leave, 0, 0);
	KUNIT_EXPECT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);
}

/* Shows: T-NEW-06 */
static void terminate_elsewhere_is_reported(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, PsTerminateSystemThread(0),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-NEW-06"), 1);
}

/* Shows: T-NEW-01, T-CUR-04 */
static void other_process_is_refused(struct kunit *test)
{
	struct job *job = new_job(test);
	void *ids[2] = {};
	void *handle = test;

	KUNIT_EXPECT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, test, NULL,
					     job_fn, job),
			NTS_STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_PTR_EQ(test, handle, (void *)test);

	KeSetEvent(&job->leave, 0, 0);
	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, (void *)-1L, ids,
					     job_fn, job),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, (unsigned long)ids[0], 4);
	KUNIT_EXPECT_NOT_NULL(test, ids[1]);
	wait_for_completion_timeout(&job->started, 30 * HZ);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), NTS_STATUS_SUCCESS);
}

/* Shows: T-NEW-10 */
static void thread_is_named_after_driver_and_routine(struct kunit *test)
{
	struct job *job = new_job(test);
	void *thread = new_thread(test, job);

	KeSetEvent(&job->leave, 0, 0);
	join(thread);
	KUNIT_EXPECT_STREQ(test, job->comm, "ntshim_kunit/jo");
	ObfDereferenceObject(thread);
}

/* Shows: T-CUR-01, T-CUR-02 */
static void current_thread_is_the_created_one(struct kunit *test)
{
	struct job *job = new_job(test);
	void *thread = new_thread(test, job);
	void *self = KeGetCurrentThread();

	KeSetEvent(&job->leave, 0, 0);
	join(thread);
	KUNIT_EXPECT_PTR_EQ(test, job->self, thread);
	KUNIT_EXPECT_PTR_NE(test, self, thread);
	KUNIT_EXPECT_PTR_EQ(test, self, PsGetCurrentThread());
	ObfDereferenceObject(thread);
}

static void current_fn(struct nts_dpc *dpc, void *context, void *arg1,
		       void *arg2)
{
	*(void **)context = KeGetCurrentThread();
}

/* Shows: T-CUR-03, I-RUN-04 */
static void dpc_has_a_placeholder_thread(struct kunit *test)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	void *seen = NULL;

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeDpc(dpc, current_fn, &seen);
	KeInsertQueueDpc(dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_NOT_NULL(test, seen);
	KUNIT_EXPECT_PTR_NE(test, seen, KeGetCurrentThread());
}

/* Shows: T-HND-02 */
static void handle_gives_the_thread(struct kunit *test)
{
	static struct nts_object_type other = { .name = "other" };
	struct job *job = new_job(test);
	void *handle, *object = NULL;

	KUNIT_ASSERT_EQ(test, start(&handle, job), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, &other, 0, &object,
						  NULL),
			NTS_STATUS_OBJECT_TYPE_MISMATCH);
	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, NULL, 1, &object,
						  NULL),
			NTS_STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_NULL(test, object);
	KUNIT_ASSERT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, NULL, 0, &object,
						  NULL),
			NTS_STATUS_SUCCESS);
	ZwClose(handle);
	KeSetEvent(&job->leave, 0, 0);
	KUNIT_EXPECT_EQ(test, join(object), NTS_STATUS_SUCCESS);
	ObfDereferenceObject(object);
}

/* Shows: T-HND-01, T-HND-05 */
static void closed_handle_is_invalid(struct kunit *test)
{
	struct job *job = new_job(test);
	void *handle, *object;

	KeSetEvent(&job->leave, 0, 0);
	KUNIT_ASSERT_EQ(test, start(&handle, job), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, (unsigned long)handle % 4, 0);
	KUNIT_EXPECT_TRUE(test,
			  wait_for_completion_timeout(&job->started, 30 * HZ));
	KUNIT_EXPECT_EQ(test, ZwClose(handle), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), NTS_STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, NULL, 0, &object,
						  NULL),
			NTS_STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_EQ(test, ZwClose(NULL), NTS_STATUS_INVALID_HANDLE);
	KUNIT_EXPECT_EQ(test, ZwClose((void *)-1L), NTS_STATUS_INVALID_HANDLE);
}

/* Shows: W-THR-05, T-CUR-05, T-HND-03, T-HND-04 */
static void object_outlives_the_thread(struct kunit *test)
{
	struct job *job = new_job(test);
	void *thread = new_thread(test, job);

	ObfReferenceObject(thread);
	KeSetEvent(&job->leave, 0, 0);
	KUNIT_EXPECT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(thread), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_GT(test, ObfDereferenceObject(thread), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(thread), NTS_STATUS_SUCCESS);
	local_bh_disable();
	ObfDereferenceObject(thread);
	local_bh_enable();
}

/* Shows: W-THR-01 */
static void many_threads_are_joined_together(struct kunit *test)
{
	struct nts_wait_block *blocks;
	struct job *job = new_job(test);
	void *threads[8];
	unsigned int i;

	blocks = kunit_kzalloc(test,
			       ARRAY_SIZE(threads) * NT_LAYOUT_KWAIT_BLOCK_SIZE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, blocks);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		threads[i] = new_thread(test, job);
	KeSetEvent(&job->leave, 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(ARRAY_SIZE(threads), threads,
						 0, 0, 0, 0, &patience_100ns,
						 blocks),
			0);
	for (i = 0; i < ARRAY_SIZE(threads); i++)
		ObfDereferenceObject(threads[i]);
	KUNIT_EXPECT_EQ(test, atomic_read(&job->runs), 8);
}

/* Shows: V-20, V-21, V-22 */
static void calls_at_dispatch_level_are_refused(struct kunit *test)
{
	struct job *job = new_job(test);
	void *handle = NULL, *object;

	local_bh_disable();
	KUNIT_EXPECT_NE(test, start(&handle, job), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_NE(test, ZwClose((void *)4L), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_NE(test,
			ObReferenceObjectByHandle((void *)4L, 0, NULL, 0,
						  &object, NULL),
			NTS_STATUS_SUCCESS);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-20"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-21"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-22"), 1);
	KUNIT_EXPECT_NULL(test, handle);
}

static void raise_and_return(void *context)
{
	KfRaiseIrql(2);
}

/* Shows: T-NEW-11, I-LVL-06 */
static void thread_that_ends_raised_is_reported(struct kunit *test)
{
	void *handle, *thread;

	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     raise_and_return, NULL),
			NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
	ZwClose(handle);
	KUNIT_EXPECT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-NEW-11"), 1);
}

#define LOOP_ROUNDS 100

static void return_at_once(void *context)
{
	atomic_inc(context);
}

/* Shows: T-NEW-02, T-NEW-07, W-THR-02, T-HND-03 */
static void loop_of_short_threads_loses_none(struct kunit *test)
{
	atomic_t runs = ATOMIC_INIT(0);
	void *handle, *thread;
	unsigned int i;

	for (i = 0; i < LOOP_ROUNDS; i++) {
		KUNIT_ASSERT_EQ(test,
				PsCreateSystemThread(&handle, 0, NULL, NULL,
						     NULL, return_at_once,
						     &runs),
				NTS_STATUS_SUCCESS);
		KUNIT_ASSERT_EQ(test,
				ObReferenceObjectByHandle(handle, 0, NULL, 0,
							  &thread, NULL),
				NTS_STATUS_SUCCESS);
		ZwClose(handle);
		KUNIT_ASSERT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
		ObfDereferenceObject(thread);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&runs), LOOP_ROUNDS);
}

/* Shows: T-NEW-12 */
static void io_thread_just_returns(struct kunit *test)
{
	atomic_t runs = ATOMIC_INIT(0);
	void *handle, *thread;

	KUNIT_ASSERT_EQ(test,
			IoCreateSystemThread(test, &handle, 0, NULL, NULL, NULL,
					     return_at_once, &runs),
			NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
	ZwClose(handle);
	KUNIT_EXPECT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);
	KUNIT_EXPECT_EQ(test, atomic_read(&runs), 1);
}

/**
 * struct creator - a task that creates a thread and ends
 * @job: of the thread
 * @handle: on it
 * @status: of the creation
 * @refusals: creations that failed before one did not
 * @done: completed at its end
 */
struct creator {
	struct job *job;
	void *handle;
	s32 status;
	int refusals;
	struct completion done;
};

static int create_and_end(void *data)
{
	struct creator *creator = data;

	creator->status = start(&creator->handle, creator->job);
	kthread_complete_and_exit(&creator->done, 0);
}

/* Shows: T-NEW-04 */
static void thread_survives_its_creator(struct kunit *test)
{
	struct creator creator = { .job = new_job(test) };
	void *thread;

	init_completion(&creator.done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(create_and_end, &creator,
						       "nts-creator"));
	wait_for_completion(&creator.done);
	KUNIT_ASSERT_EQ(test, creator.status, NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(creator.handle, 0, NULL, 0, &thread, NULL);
	ZwClose(creator.handle);
	KUNIT_EXPECT_EQ(test, nts_test_look(thread), NTS_STATUS_TIMEOUT);
	KeSetEvent(&creator.job->leave, 0, 0);
	KUNIT_EXPECT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);
}

#define REFUSAL_TRIES 1000

/* A task that is being killed gets no thread from Linux, mostly. */
static int create_while_killed(void *data)
{
	struct creator *creator = data;
	int i;

	allow_signal(SIGKILL);
	send_sig(SIGKILL, current, 1);
	for (i = 0; i < REFUSAL_TRIES; i++) {
		creator->handle = data;
		creator->status = start(&creator->handle, creator->job);
		if (creator->status != NTS_STATUS_SUCCESS)
			break;
		ZwClose(creator->handle);
	}
	flush_signals(current);
	kthread_complete_and_exit(&creator->done, 0);
}

/* Shows: T-NEW-03 */
static void failed_creation_writes_no_handle(struct kunit *test)
{
	struct creator creator = { .job = new_job(test) };

	init_completion(&creator.done);
	KeSetEvent(&creator.job->leave, 0, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(create_while_killed,
						       &creator, "nts-killed"));
	wait_for_completion(&creator.done);
	KUNIT_EXPECT_EQ(test, creator.status,
			NTS_STATUS_INSUFFICIENT_RESOURCES);
	KUNIT_EXPECT_PTR_EQ(test, creator.handle, (void *)&creator);
	nts_thread_finish_driver(THIS_MODULE, 30000);
}

static int finish_fn(void *data)
{
	nts_thread_finish_driver(THIS_MODULE, 1);
	complete(data);
	return 0;
}

/* Shows: T-NEW-08, M-LIF-09, V-30 */
static void unload_waits_for_threads(struct kunit *test)
{
	DECLARE_COMPLETION_ONSTACK(finished);
	struct job *job = new_job(test);
	void *thread = new_thread(test, job);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(finish_fn, &finished,
						       "nts-finish"));
	KUNIT_EXPECT_EQ(test, nts_test_await_findings("T-NEW-08", 1), 1);
	KUNIT_EXPECT_FALSE(test,
			   wait_for_completion_timeout(&finished, HZ / 20));
	KeSetEvent(&job->leave, 0, 0);
	KUNIT_EXPECT_TRUE(test,
			  wait_for_completion_timeout(&finished, 30 * HZ));
	/* It has left the driver's code; its end is told after that. */
	KUNIT_EXPECT_EQ(test, nts_test_wait(thread, PATIENCE_100NS),
			NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);

	/* One that has ended already is none of its business. */
	nts_thread_finish_driver(THIS_MODULE, 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-NEW-08"), 0);
}

/* Shows: T-HND-05, V-30 */
static void handle_left_at_unload_is_closed(struct kunit *test)
{
	struct job *job = new_job(test);
	void *handle, *object;

	KeSetEvent(&job->leave, 0, 0);
	KUNIT_ASSERT_EQ(test, start(&handle, job), NTS_STATUS_SUCCESS);
	nts_handle_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-HND-05"), 1);
	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, NULL, 0, &object,
						  NULL),
			NTS_STATUS_INVALID_HANDLE);
	nts_handle_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-HND-05"), 0);
	nts_thread_finish_driver(THIS_MODULE, 30000);
}

/* Shows: T-HND-04 */
static void deferred_destruction_does_not_sleep(struct kunit *test)
{
	struct job *job = new_job(test);
	void *thread = new_thread(test, job);

	KeSetEvent(&job->leave, 0, 0);
	KUNIT_EXPECT_EQ(test, join(thread), NTS_STATUS_SUCCESS);
	ObfReferenceObject(thread);
	local_bh_disable();
	ObDereferenceObjectDeferDelete(thread);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_look(thread), NTS_STATUS_SUCCESS);
	ObDereferenceObjectDeferDelete(thread);
	ObDereferenceObjectDeferDelete(&job->leave);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-HND-04"), 1);
}

/* Shows: T-CUR-04 */
static void ids_are_those_of_linux(struct kunit *test)
{
	struct job *job = new_job(test);
	void *thread = new_thread(test, job);

	KUNIT_EXPECT_EQ(test, (long)PsGetCurrentThreadId(), current->pid);
	KUNIT_EXPECT_EQ(test, (long)PsGetCurrentProcessId(), 4);
	KUNIT_EXPECT_EQ(test, (long)PsGetThreadId(KeGetCurrentThread()),
			current->pid);
	KUNIT_EXPECT_NE(test, (long)PsGetThreadId(thread), current->pid);
	KUNIT_EXPECT_NOT_NULL(test, PsGetThreadId(thread));
	KeSetEvent(&job->leave, 0, 0);
	join(thread);
	ObfDereferenceObject(thread);
}

/* Shows: T-PRI-01, T-PRI-02, T-PRI-03, V-23 */
static void priority_is_a_number_and_a_nice_value(struct kunit *test)
{
	void *self = KeGetCurrentThread();

	KUNIT_EXPECT_EQ(test, KeQueryPriorityThread(self), 8);
	KUNIT_EXPECT_EQ(test, KeSetPriorityThread(self, 12), 8);
	KUNIT_EXPECT_EQ(test, task_nice(current), -4);
	KUNIT_EXPECT_EQ(test, KeSetPriorityThread(self, 16), 12);
	KUNIT_EXPECT_EQ(test, current->policy, SCHED_FIFO);
	KUNIT_EXPECT_EQ(test, KeSetPriorityThread(self, 1), 16);
	KUNIT_EXPECT_EQ(test, current->policy, SCHED_NORMAL);
	KUNIT_EXPECT_EQ(test, task_nice(current), 7);

	KUNIT_EXPECT_EQ(test, KeSetPriorityThread(self, 0), 1);
	KUNIT_EXPECT_EQ(test, KeSetPriorityThread(self, 32), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-PRI-02"), 2);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, KeSetPriorityThread(self, 9), 1);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-23"), 1);

	KUNIT_EXPECT_EQ(test, KeSetBasePriorityThread(self, 2), -7);
	KUNIT_EXPECT_EQ(test, KeQueryPriorityThread(self), 10);
	KUNIT_EXPECT_EQ(test, KeSetBasePriorityThread(self, 0), 2);
	KUNIT_EXPECT_EQ(test, task_nice(current), 0);
}

/* Shows: T-AFF-01 */
static void affinity_moves_the_thread_and_reverts(struct kunit *test)
{
	const unsigned int last = num_online_cpus() - 1;
	struct nts_group_affinity to = { .mask = 1ULL << last }, old;

	KUNIT_EXPECT_EQ(test, KeSetSystemAffinityThreadEx(1ULL << last), 0);
	KUNIT_EXPECT_EQ(test, raw_smp_processor_id(), last);
	KUNIT_EXPECT_EQ(test, KeSetSystemAffinityThreadEx(1), 1ULL << last);
	KUNIT_EXPECT_EQ(test, raw_smp_processor_id(), 0);
	/* One more that is offline is ignored, none at all is refused. */
	KUNIT_EXPECT_EQ(test, KeSetSystemAffinityThreadEx(1 | 1ULL << 63), 1);
	KUNIT_EXPECT_EQ(test, KeSetSystemAffinityThreadEx(1ULL << 63),
			1 | 1ULL << 63);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-AFF-01"), 1);
	KeRevertToUserAffinityThreadEx(1ULL << last);
	KUNIT_EXPECT_EQ(test, raw_smp_processor_id(), last);
	KeRevertToUserAffinityThreadEx(0);
	KUNIT_EXPECT_EQ(test, current->nr_cpus_allowed, num_possible_cpus());

	KeSetSystemGroupAffinityThread(&to, &old);
	KUNIT_EXPECT_EQ(test, raw_smp_processor_id(), last);
	KUNIT_EXPECT_EQ(test, old.mask, 0);
	KeRevertToUserGroupAffinityThread(&old);
	KUNIT_EXPECT_EQ(test, current->nr_cpus_allowed, num_possible_cpus());

	local_bh_disable();
	KUNIT_EXPECT_EQ(test, KeSetSystemAffinityThreadEx(1), 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-AFF-01"), 1);
}

/* Shows: T-AFF-01 */
static void last_revert_gives_back_what_was_before(struct kunit *test)
{
	struct cpumask before;

	cpumask_copy(&before, &current->cpus_mask);
	set_cpus_allowed_ptr(current, cpumask_of(0));
	KUNIT_EXPECT_EQ(test, KeSetSystemAffinityThreadEx(1), 0);
	KeRevertToUserAffinityThreadEx(0);
	KUNIT_EXPECT_TRUE(test,
			  cpumask_equal(&current->cpus_mask, cpumask_of(0)));
	set_cpus_allowed_ptr(current, &before);
}

/* Neither belongs to the driver: not the thread, and not its processor. */
static void change_own_thread_fn(struct nts_dpc *dpc, void *context, void *arg1,
				 void *arg2)
{
	KeSetSystemAffinityThreadEx(~1ULL);
	KeSetSystemAffinityThreadEx(1);
	KeRevertToUserAffinityThreadEx(0);
	KeSetPriorityThread(KeGetCurrentThread(), 1);
	*(int *)context = current->policy;
}

/* Shows: T-AFF-01, V-23 */
static void threaded_dpc_leaves_its_thread_alone(struct kunit *test)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	int policy = SCHED_NORMAL;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeThreadedDpc(dpc, change_own_thread_fn, &policy);
	KeSetTargetProcessorDpc(dpc, num_online_cpus() - 1);
	for (i = 0; i < 2; i++) {
		KeInsertQueueDpc(dpc, NULL, NULL);
		KeFlushQueuedDpcs();
	}
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-AFF-01"), 6);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-23"), 2);
	KUNIT_EXPECT_EQ(test, policy, SCHED_FIFO);
}

static struct kunit_case thread_cases[] = {
	KUNIT_CASE(thread_runs_and_is_signaled_at_its_end),
	KUNIT_CASE(terminate_ends_the_thread),
	KUNIT_CASE(terminate_elsewhere_is_reported),
	KUNIT_CASE(other_process_is_refused),
	KUNIT_CASE(thread_is_named_after_driver_and_routine),
	KUNIT_CASE(current_thread_is_the_created_one),
	KUNIT_CASE(dpc_has_a_placeholder_thread),
	KUNIT_CASE(handle_gives_the_thread),
	KUNIT_CASE(closed_handle_is_invalid),
	KUNIT_CASE(object_outlives_the_thread),
	KUNIT_CASE(many_threads_are_joined_together),
	KUNIT_CASE(calls_at_dispatch_level_are_refused),
	KUNIT_CASE(thread_that_ends_raised_is_reported),
	KUNIT_CASE(loop_of_short_threads_loses_none),
	KUNIT_CASE(io_thread_just_returns),
	KUNIT_CASE(thread_survives_its_creator),
	KUNIT_CASE(failed_creation_writes_no_handle),
	KUNIT_CASE(unload_waits_for_threads),
	KUNIT_CASE(handle_left_at_unload_is_closed),
	KUNIT_CASE(deferred_destruction_does_not_sleep),
	KUNIT_CASE(ids_are_those_of_linux),
	KUNIT_CASE(priority_is_a_number_and_a_nice_value),
	KUNIT_CASE(affinity_moves_the_thread_and_reverts),
	KUNIT_CASE(last_revert_gives_back_what_was_before),
	KUNIT_CASE(threaded_dpc_leaves_its_thread_alone),
	{}
};

static struct kunit_suite thread_suite = {
	.name = "ntshim_thread",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = thread_cases,
};

kunit_test_suite(thread_suite);
