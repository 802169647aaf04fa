// SPDX-License-Identifier: GPL-2.0
/*
 * Rules of waits that concern every kind of object, or the call itself: what
 * may be waited for, what the call reads, what it never does.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../shim/ex_timer.h"
#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/mutant.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/wait.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

static const s64 look_100ns;
static const s64 patience_100ns = PATIENCE_100NS;

static void return_at_once(void *context)
{
}

static void *ended_thread(struct kunit *test)
{
	void *handle, *thread;

	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     return_at_once, NULL),
			NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
	ZwClose(handle);
	return thread;
}

/* Shows: W-HDR-01, W-TMR-07, W-SIG-06, W-SIG-10 */
static void one_call_waits_for_every_kind(struct kunit *test)
{
	struct nts_systimer *ex_timer = ExAllocateTimer(NULL, NULL, 0);
	struct nts_wait_block blocks[7];
	struct nts_semaphore semaphore;
	struct nts_header events[2];
	struct nts_mutant mutex;
	struct nts_timer timer;
	void *thread = ended_thread(test);
	void *objects[] = { &events[0], &events[1], &semaphore, &mutex,
			    &timer,	ex_timer,   thread };
	int round;

	KUNIT_ASSERT_NOT_NULL(test, ex_timer);
	KeInitializeEvent(&events[0], NOTIFICATION, 1);
	KeInitializeEvent(&events[1], SYNCHRONIZATION, 1);
	KeInitializeSemaphore(&semaphore, 2, 2);
	KeInitializeMutex(&mutex, 0);
	KeInitializeTimerEx(&timer, 1);
	KeSetTimer(&timer, 0, NULL);
	ExSetTimer(ex_timer, -UNITS_PER_MS, 0, NULL);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(ARRAY_SIZE(objects), objects,
						 WAIT_ALL, 0, 0, 0,
						 &patience_100ns, blocks),
			NTS_STATUS_SUCCESS);
	/* What one wait has taken is not there for the next. */
	for (round = 0; round < 2; round++) {
		KUNIT_EXPECT_EQ(test, nts_test_look(&events[0]),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, nts_test_look(thread),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, nts_test_look(&mutex),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, nts_test_look(&events[1]),
				NTS_STATUS_TIMEOUT);
		KUNIT_EXPECT_EQ(test, nts_test_look(&timer),
				NTS_STATUS_TIMEOUT);
		KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore),
				round ? NTS_STATUS_TIMEOUT :
					NTS_STATUS_SUCCESS);
	}
	for (round = 0; round < 3; round++)
		KeReleaseMutex(&mutex, 0);
	ExDeleteTimer(ex_timer, 1, 1, NULL);
	ObfDereferenceObject(thread);
}

/* Shows: W-SIG-07, W-SIG-08, W-TMR-01 */
static void timers_are_signaled_by_kind(struct kunit *test)
{
	struct nts_timer timers[2];
	int kind, round;

	for (kind = NOTIFICATION; kind <= SYNCHRONIZATION; kind++) {
		KeInitializeTimerEx(&timers[kind], kind);
		KUNIT_EXPECT_EQ(test, nts_test_look(&timers[kind]),
				NTS_STATUS_TIMEOUT);
		KeSetTimer(&timers[kind], -UNITS_PER_MS, NULL);
		KUNIT_EXPECT_EQ(test,
				KeWaitForSingleObject(&timers[kind], 0, 0, 0,
						      &patience_100ns),
				NTS_STATUS_SUCCESS);
		for (round = 0; round < 2; round++)
			KUNIT_EXPECT_EQ(test, nts_test_look(&timers[kind]),
					kind == NOTIFICATION ?
						NTS_STATUS_SUCCESS :
						NTS_STATUS_TIMEOUT);
		/* Set again, it is not signaled before it expires. */
		KeSetTimer(&timers[kind], -UNITS_PER_SEC, NULL);
		KUNIT_EXPECT_EQ(test, nts_test_look(&timers[kind]),
				NTS_STATUS_TIMEOUT);
		KeCancelTimer(&timers[kind]);
	}
}

struct other_look {
	void *object;
	s32 status;
	struct completion done;
};

static int other_look_fn(void *data)
{
	struct other_look *other = data;

	other->status = nts_test_look(other->object);
	complete(&other->done);
	return 0;
}

/* How a look by another thread ends. */
static s32 look_from_elsewhere(struct kunit *test, void *object)
{
	struct other_look other = { .object = object };

	init_completion(&other.done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(other_look_fn, &other,
						       "nts-look"));
	wait_for_completion(&other.done);
	return other.status;
}

/* Shows: W-SIG-09, W-SIG-05 */
static void only_states_above_zero_are_signaled(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_mutant mutex;
	int i;

	KeInitializeSemaphore(&semaphore, 0, S32_MAX);
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore), NTS_STATUS_TIMEOUT);
	KeReleaseSemaphore(&semaphore, 0, S32_MAX, 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore), NTS_STATUS_SUCCESS);
	KeInitializeMutex(&mutex, 0);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, nts_test_look(&mutex),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, look_from_elsewhere(test, &mutex),
				NTS_STATUS_TIMEOUT);
	}
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&mutex), -2);
	for (i = 0; i < 3; i++)
		KeReleaseMutex(&mutex, 0);
}

/* Shows: W-HDR-04 */
static void idle_objects_may_be_overwritten(struct kunit *test)
{
	union {
		struct nts_header event;
		struct nts_semaphore semaphore;
		struct nts_mutant mutex;
		struct nts_timer timer;
		u8 bytes[NT_LAYOUT_KTIMER_SIZE];
	} *memory = kunit_kzalloc(test, sizeof(*memory), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, memory);
	for (i = 0; i < 100; i++) {
		KeInitializeMutex(&memory->mutex, 0);
		nts_test_look(memory);
		KeReleaseMutex(&memory->mutex, 0);
		memset(memory, 0xff, sizeof(*memory));
		KeInitializeSemaphore(&memory->semaphore, 1, 1);
		nts_test_look(memory);
		memset(memory, 0, sizeof(*memory));
		KeInitializeTimer(&memory->timer);
		KeSetTimer(&memory->timer, -1, NULL);
		KeCancelTimer(&memory->timer);
		KeInitializeEvent(&memory->event, NOTIFICATION, 1);
		nts_test_look(memory);
		memset(memory, 0, sizeof(*memory));
	}
	nts_dpc_flush();
	KUNIT_EXPECT_NULL(test, memchr_inv(memory, 0, sizeof(*memory)));
}

/* Shows: W-HDR-07 */
static void event_with_waiters_is_not_made_anew(struct kunit *test)
{
	struct nts_header event, copy;
	struct nts_test_waiter waiter;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	nts_test_start_waiter(test, &waiter, &event, NULL);
	KeInitializeEvent(&event, NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-07"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 1);
	/* Bytes that merely look like it are made anew. */
	memcpy(&copy, &event, sizeof(copy));
	KeInitializeEvent(&copy, NOTIFICATION, 0);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&copy, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, 0, 0), 0);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
	KeInitializeEvent(&event, NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 1);
}

/* Shows: W-HDR-07 */
static void timer_with_waiters_is_not_made_anew(struct kunit *test)
{
	struct nts_test_waiter waiter;
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	nts_test_start_waiter(test, &waiter, &timer, NULL);
	KeInitializeTimer(&timer);
	KeInitializeTimerEx(&timer, SYNCHRONIZATION);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-07"), 2);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&timer.header), 1);
	KeSetTimer(&timer, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 1);
}

/**
 * struct init_call - objects that are initialised somewhere
 * @event: one
 * @mutex: another
 * @mutant: another
 * @work: initialises them in a hard interrupt
 * @level: IRQL there
 */
struct init_call {
	struct nts_header event;
	struct nts_mutant mutex;
	struct nts_mutant mutant;
	struct irq_work work;
	u8 level;
};

static void init_objects(struct init_call *call)
{
	call->level = KeGetCurrentIrql();
	memset(&call->event, 0x55, sizeof(call->event));
	memset(&call->mutex, 0x55, sizeof(call->mutex));
	memset(&call->mutant, 0x55, sizeof(call->mutant));
	KeInitializeEvent(&call->event, SYNCHRONIZATION, 1);
	KeInitializeMutex(&call->mutex, 0);
	KeInitializeMutant(&call->mutant, 0);
}

static void expect_init_at(struct kunit *test, struct init_call *call, u8 level)
{
	KUNIT_EXPECT_EQ(test, call->level, level);
	KUNIT_EXPECT_EQ(test, nts_test_look(&call->event), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&call->event), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, nts_test_look(&call->mutex), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&call->mutex, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&call->mutant), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&call->mutant, 0), 0);
}

/* Shows: W-HDR-06 */
static void init_works_at_every_level(struct kunit *test)
{
	static const u8 levels[] = { NTS_PASSIVE_LEVEL, NTS_APC_LEVEL,
				     NTS_DISPATCH_LEVEL, NTS_DEVICE_LEVEL,
				     NTS_HIGH_LEVEL };
	struct init_call call;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		KfRaiseIrql(levels[i]);
		init_objects(&call);
		KeLowerIrql(NTS_PASSIVE_LEVEL);
		expect_init_at(test, &call, levels[i]);
	}
}

static void init_in_dpc_fn(struct nts_dpc *dpc, void *context, void *arg1,
			   void *arg2)
{
	init_objects(context);
}

static void init_in_irq_fn(struct irq_work *work)
{
	init_objects(container_of(work, struct init_call, work));
}

/* Shows: W-HDR-06 */
static void init_works_in_dpcs_and_hard_interrupts(struct kunit *test)
{
	struct init_call call = { .work = IRQ_WORK_INIT_HARD(init_in_irq_fn) };
	struct nts_dpc dpc;

	KeInitializeDpc(&dpc, init_in_dpc_fn, &call);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	expect_init_at(test, &call, NTS_DISPATCH_LEVEL);
	irq_work_queue(&call.work);
	irq_work_sync(&call.work);
	expect_init_at(test, &call, NTS_DEVICE_LEVEL);
}

/* Init that took the lock of its shard would hang, or be told of by lockdep. */
/* Shows: W-HDR-06 */
static void init_takes_no_lock(struct kunit *test)
{
	struct nts_mutant mutex;
	struct nts_shard *shard = nts_shard_of(&mutex);
	unsigned long flags;

	memset(&mutex, 0, sizeof(mutex));
	raw_spin_lock_irqsave(&shard->lock, flags);
	KeInitializeEvent(&mutex.header, SYNCHRONIZATION, 1);
	KeInitializeMutex(&mutex, 0);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	KUNIT_EXPECT_EQ(test, nts_test_look(&mutex), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReleaseMutex(&mutex, 0), 0);
}

/* Shows: W-RET-06 */
static void call_without_array_or_interval_is_refused(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(1, NULL, WAIT_ANY, 0, 0, 0,
						 NULL, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, KeDelayExecutionThread(0, 0, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-RET-06"), 2);
}

/* Shows: W-ONE-02 */
static void wait_reason_has_no_effect(struct kunit *test)
{
	struct nts_header event;
	int reason;

	for (reason = -1; reason <= 64; reason++) {
		KeInitializeEvent(&event, SYNCHRONIZATION, 1);
		KUNIT_EXPECT_EQ(test,
				KeWaitForSingleObject(&event, reason, 0, 0,
						      NULL),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test,
				KeWaitForSingleObject(&event, reason, 0, 0,
						      &look_100ns),
				NTS_STATUS_TIMEOUT);
	}
}

/* Shows: W-TMO-04 */
static void timeout_is_read_once(struct kunit *test)
{
	/* Long enough to be seen waiting on a busy machine. */
	s64 timeout_100ns = -UNITS_PER_SEC;
	struct nts_test_waiter waiter;
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	nts_test_start_waiter(test, &waiter, &event, &timeout_100ns);
	WRITE_ONCE(timeout_100ns, S64_MIN);
	KUNIT_ASSERT_TRUE(test, nts_test_join(&waiter));
	KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, timeout_100ns, S64_MIN);
}

/**
 * struct array_waiter - a thread that waits through arrays it does not own
 * @objects: object array
 * @blocks: wait blocks
 * @status: of the wait
 * @done: completed at its end
 */
struct array_waiter {
	void *objects[4];
	struct nts_wait_block blocks[4];
	s32 status;
	struct completion done;
};

static int array_waiter_fn(void *data)
{
	struct array_waiter *waiter = data;

	waiter->status = KeWaitForMultipleObjects(4, waiter->objects, WAIT_ANY,
						  0, 0, 0, &patience_100ns,
						  waiter->blocks);
	complete(&waiter->done);
	return 0;
}

/* Shows: W-MUL-03, W-MUL-02 */
static void arrays_are_the_callers_again(struct kunit *test)
{
	struct nts_header events[4];
	struct array_waiter waiter;
	int i;

	memset(&waiter, 0x55, sizeof(waiter));
	init_completion(&waiter.done);
	for (i = 0; i < 4; i++) {
		KeInitializeEvent(&events[i], SYNCHRONIZATION, 0);
		waiter.objects[i] = &events[i];
	}
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(array_waiter_fn, &waiter,
						       "nts-arrays"));
	nts_test_await_waits(test, &events[3], 1);
	memset(waiter.objects, 0xff, sizeof(waiter.objects));
	KeSetEvent(&events[2], 0, 0);
	wait_for_completion(&waiter.done);
	memset(waiter.blocks, 0xff, sizeof(waiter.blocks));
	KUNIT_EXPECT_EQ(test, waiter.status, 2);
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, KeSetEvent(&events[i], 0, 0), 0);
}

static int all_of_two_fn(void *data)
{
	struct array_waiter *waiter = data;

	waiter->status = KeWaitForMultipleObjects(2, waiter->objects, WAIT_ALL,
						  0, 0, 0, NULL, NULL);
	complete(&waiter->done);
	return 0;
}

/* Shows: W-EVT-09, W-EVT-10, W-EVT-08 */
static void pulse_satisfies_a_wait_all(struct kunit *test)
{
	struct nts_header events[2];
	struct array_waiter waiter;
	int i;

	for (i = 0; i < 2; i++) {
		KeInitializeEvent(&events[i], i, 0);
		waiter.objects[i] = &events[i];
	}
	init_completion(&waiter.done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(all_of_two_fn, &waiter,
						       "nts-pulsed"));
	nts_test_await_waits(test, &events[1], 1);
	/* Too early: the other one is not signaled. */
	KUNIT_EXPECT_EQ(test, KePulseEvent(&events[0], 0, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[0]), 1);
	KeSetEvent(&events[1], 0, 0);
	KUNIT_EXPECT_EQ(test, KePulseEvent(&events[0], 0, 0), 0);
	wait_for_completion(&waiter.done);
	KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[0]), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[1]), 0);
}

/* Shows: W-MUL-11 */
static void wait_for_nothing_is_a_delay(struct kunit *test)
{
	static const s64 short_100ns = -5 * UNITS_PER_MS;
	u64 start_ns = ktime_get_ns();

	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(0, NULL, WAIT_ANY, 0, 0, 0,
						 &short_100ns, NULL),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - start_ns, 5 * NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(0, NULL, WAIT_ALL, 0, 0, 0,
						 NULL, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-MUL-11", 0, 0), 2);
}

/* Shows: W-MUL-09 */
static void all_that_names_an_event_twice_takes_it_once(struct kunit *test)
{
	struct nts_header events[2];
	void *objects[] = { &events[0], &events[1], &events[0] };
	struct nts_test_waiter waiter;

	KeInitializeEvent(&events[0], SYNCHRONIZATION, 0);
	KeInitializeEvent(&events[1], NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, WAIT_ALL, 0, 0, 0,
						 &look_100ns, NULL),
			NTS_STATUS_TIMEOUT);
	KeSetEvent(&events[0], 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, WAIT_ALL, 0, 0, 0,
						 &look_100ns, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MUL-09"), 2);
	nts_test_start_waiter(test, &waiter, &events[0], NULL);
	KeSetEvent(&events[0], 0, 0);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
}

static void wait_for_self(void *context)
{
	static const s64 short_100ns = -UNITS_PER_MS;
	void *self = KeGetCurrentThread();
	s32 *statuses = context;

	statuses[0] = KeWaitForSingleObject(self, 0, 0, 0, &short_100ns);
	/* Reported, and saved from it by an alert. */
	KeAlertThread(self, 0);
	statuses[1] = KeWaitForSingleObject(self, 0, 0, 1, NULL);
}

/* Shows: W-THR-04 */
static void endless_wait_for_oneself_is_noted(struct kunit *test)
{
	s32 statuses[2] = { 0 };
	void *handle, *thread;

	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     wait_for_self, statuses),
			NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
	ZwClose(handle);
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(thread, 0, 0, 0, &patience_100ns),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, statuses[0], NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, statuses[1], NTS_STATUS_ALERTED);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-THR-04"), 1);
	ObfDereferenceObject(thread);
}

/* Shows: W-FIF-05, W-FIF-02 */
static void signaller_at_dispatch_level_goes_on(struct kunit *test)
{
	struct nts_test_waiter waiter;
	struct nts_header event;
	bool ran;

	set_cpus_allowed_ptr(current, cpumask_of(0));
	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	nts_test_start_waiter(test, &waiter, &event, NULL);
	set_cpus_allowed_ptr(waiter.task, cpumask_of(0));
	sched_set_fifo(waiter.task);
	local_bh_disable();
	KeSetEvent(&event, 0, 0);
	ran = completion_done(&waiter.done);
	local_bh_enable();
	/* There a thread at DISPATCH_LEVEL gives way (I-CTX-10). */
	KUNIT_EXPECT_EQ(test, ran, IS_ENABLED(CONFIG_PREEMPT_RT));
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

/* Shows: W-DLY-05 */
static void short_delays_sleep(struct kunit *test)
{
	u64 start_ns = ktime_get_ns();
	s64 interval_100ns;
	int i;

	/* A thread that spun would stop simulated time. */
	for (i = 1; i <= 100; i++) {
		interval_100ns = -i;
		KUNIT_EXPECT_EQ(test,
				KeDelayExecutionThread(0, 0, &interval_100ns),
				NTS_STATUS_SUCCESS);
	}
	KUNIT_EXPECT_GE(test, ktime_get_ns() - start_ns, 5050 * 100);
}

/* Shows: W-IRQ-05 */
static void level_is_the_same_on_return(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_header event;
	struct nts_mutant mutex;
	u8 level;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KeInitializeSemaphore(&semaphore, 0, 9);
	KeInitializeMutex(&mutex, 0);
	for (level = 0; level <= 2; level++) {
		KfRaiseIrql(level);
		KeSetEvent(&event, 0, 0);
		KeReleaseSemaphore(&semaphore, 0, 1, 0);
		nts_test_look(&mutex);
		KeReleaseMutex(&mutex, 0);
		nts_test_look(&semaphore);
		KePulseEvent(&event, 0, 0);
		nts_test_look(&event);
		KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), level);
		KeLowerIrql(0);
	}
}

static struct kunit_case wait_rules_cases[] = {
	KUNIT_CASE(one_call_waits_for_every_kind),
	KUNIT_CASE(timers_are_signaled_by_kind),
	KUNIT_CASE(only_states_above_zero_are_signaled),
	KUNIT_CASE(idle_objects_may_be_overwritten),
	KUNIT_CASE(event_with_waiters_is_not_made_anew),
	KUNIT_CASE(timer_with_waiters_is_not_made_anew),
	KUNIT_CASE(init_works_at_every_level),
	KUNIT_CASE(init_works_in_dpcs_and_hard_interrupts),
	KUNIT_CASE(init_takes_no_lock),
	KUNIT_CASE(call_without_array_or_interval_is_refused),
	KUNIT_CASE(wait_reason_has_no_effect),
	KUNIT_CASE(timeout_is_read_once),
	KUNIT_CASE(arrays_are_the_callers_again),
	KUNIT_CASE(pulse_satisfies_a_wait_all),
	KUNIT_CASE(wait_for_nothing_is_a_delay),
	KUNIT_CASE(all_that_names_an_event_twice_takes_it_once),
	KUNIT_CASE(endless_wait_for_oneself_is_noted),
	KUNIT_CASE(signaller_at_dispatch_level_goes_on),
	KUNIT_CASE(short_delays_sleep),
	KUNIT_CASE(level_is_the_same_on_return),
	{}
};

static struct kunit_suite wait_rules_suite = {
	.name = "ntshim_wait_rules",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_rules_cases,
};

kunit_test_suite(wait_rules_suite);
