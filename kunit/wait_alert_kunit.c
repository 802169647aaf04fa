// SPDX-License-Identifier: GPL-2.0
/*
 * What ends a wait beside objects and time: alerts, and signals of the task in
 * UserMode. Kernel threads that allow signals stand for tasks of users.
 */

#include "../shim/compat.h"

#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/signal.h>

#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

#define KERNEL_MODE 0
#define USER_MODE 1

static const s64 look_100ns;
static const s64 patience_100ns = PATIENCE_100NS;

/**
 * struct sleeper - a thread that waits in some mode
 * @event: for what
 * @mode: KernelMode or UserMode
 * @alertable: of the wait
 * @in_region: it waits in a critical region
 * @task: the thread
 * @status: of its wait
 * @thread: its object
 */
struct sleeper {
	struct nts_header event;
	s8 mode;
	bool alertable;
	bool in_region;
	struct task_struct *task;
	s32 status;
	void *thread;
};

static void sleeper_fn(void *context)
{
	struct sleeper *sleeper = context;

	allow_signal(SIGKILL);
	allow_signal(SIGUSR1);
	sleeper->task = current;
	if (sleeper->in_region)
		KeEnterCriticalRegion();
	sleeper->status =
		KeWaitForSingleObject(&sleeper->event, 0, sleeper->mode,
				      sleeper->alertable, &patience_100ns);
	if (sleeper->in_region)
		KeLeaveCriticalRegion();
	flush_signals(current);
}

static struct sleeper *start_sleeper_in(struct kunit *test, s8 mode,
					bool alertable, bool in_region)
{
	struct sleeper *sleeper =
		kunit_kzalloc(test, sizeof(*sleeper), GFP_KERNEL);
	void *handle;

	KUNIT_ASSERT_NOT_NULL(test, sleeper);
	sleeper->mode = mode;
	sleeper->alertable = alertable;
	sleeper->in_region = in_region;
	KeInitializeEvent(&sleeper->event, SYNCHRONIZATION, 0);
	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     sleeper_fn, sleeper),
			NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(handle, 0, NULL, 0, &sleeper->thread, NULL);
	ZwClose(handle);
	nts_test_await_waits(test, &sleeper->event, 1);
	nts_test_await_sleep(sleeper->task);
	return sleeper;
}

static struct sleeper *start_sleeper(struct kunit *test, s8 mode,
				     bool alertable)
{
	return start_sleeper_in(test, mode, alertable, false);
}

/* How the thread's wait ended. */
static s32 join(struct kunit *test, struct sleeper *sleeper)
{
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(sleeper->thread, 0, 0, 0,
					      &patience_100ns),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&sleeper->event), 0);
	ObfDereferenceObject(sleeper->thread);
	return sleeper->status;
}

/* Nothing that was done to it has ended the wait; a signal does. */
static void expect_still_waiting(struct kunit *test, struct sleeper *sleeper)
{
	static const s64 while_100ns = -5 * UNITS_PER_MS;

	KeDelayExecutionThread(0, 0, &while_100ns);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&sleeper->event), 1);
	KeSetEvent(&sleeper->event, 0, 0);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_SUCCESS);
}

static u8 alert_self(s8 mode)
{
	return KeAlertThread(KeGetCurrentThread(), mode);
}

/* A look in some mode by the calling thread; the object is not on its stack. */
static s32 look(s8 mode, bool alertable, bool signaled)
{
	static struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, signaled);
	return KeWaitForSingleObject(&event, 0, mode, alertable, &look_100ns);
}

/* Shows: W-ALT-05, W-ALT-04, W-RET-01 */
static void alert_ends_an_alertable_wait(struct kunit *test)
{
	struct sleeper *sleeper = start_sleeper(test, KERNEL_MODE, true);

	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, KERNEL_MODE), 0);
	/* The alert went with the wait. */
	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, KERNEL_MODE), 0);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_ALERTED);
}

/* Shows: W-ALT-05, W-ALT-03 */
static void alerts_end_user_mode_waits(struct kunit *test)
{
	struct sleeper *sleeper;
	s8 mode;

	for (mode = KERNEL_MODE; mode <= USER_MODE; mode++) {
		sleeper = start_sleeper(test, USER_MODE, true);
		KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, mode), 0);
		KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_ALERTED);
	}
}

/* Shows: W-ALT-05 */
static void alert_leaves_other_waits_alone(struct kunit *test)
{
	struct sleeper *sleeper = start_sleeper(test, KERNEL_MODE, true);

	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, USER_MODE), 0);
	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, USER_MODE), 1);
	expect_still_waiting(test, sleeper);
	sleeper = start_sleeper(test, KERNEL_MODE, false);
	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, KERNEL_MODE), 0);
	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, KERNEL_MODE), 1);
	expect_still_waiting(test, sleeper);
}

/* Shows: W-ALT-05, W-ONE-01 */
static void pending_alert_ends_the_next_alertable_wait(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, alert_self(KERNEL_MODE), 0);
	KUNIT_EXPECT_EQ(test, alert_self(KERNEL_MODE), 1);
	KUNIT_EXPECT_EQ(test, look(KERNEL_MODE, false, false),
			NTS_STATUS_TIMEOUT);
	/* An object comes first, a time limit that has passed after. */
	KUNIT_EXPECT_EQ(test, look(KERNEL_MODE, true, true),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, look(KERNEL_MODE, true, false),
			NTS_STATUS_ALERTED);
	KUNIT_EXPECT_EQ(test, look(KERNEL_MODE, true, false),
			NTS_STATUS_TIMEOUT);
}

/* Shows: W-ALT-06, W-ONE-01 */
static void own_mode_is_checked_before_the_signal(struct kunit *test)
{
	alert_self(KERNEL_MODE);
	alert_self(USER_MODE);
	allow_signal(SIGUSR1);
	send_sig(SIGUSR1, current, 1);
	KUNIT_EXPECT_EQ(test, look(KERNEL_MODE, false, false),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, look(USER_MODE, true, true), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, look(USER_MODE, true, false), NTS_STATUS_ALERTED);
	KUNIT_EXPECT_EQ(test, look(USER_MODE, true, false),
			NTS_STATUS_USER_APC);
	flush_signals(current);
	disallow_signal(SIGUSR1);
	KUNIT_EXPECT_EQ(test, look(USER_MODE, true, false), NTS_STATUS_ALERTED);
	KUNIT_EXPECT_EQ(test, look(USER_MODE, true, false), NTS_STATUS_TIMEOUT);
}

static void look_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	s32 *status = context;

	*status = look(USER_MODE, true, false);
}

/* Shows: W-ALT-03 */
static void signal_of_the_task_below_is_nothing_to_a_dpc(struct kunit *test)
{
	struct nts_dpc dpc;
	s32 status;

	KeInitializeDpc(&dpc, look_fn, &status);
	allow_signal(SIGUSR1);
	send_sig(SIGUSR1, current, 1);
	KeInsertQueueDpc(&dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, status, NTS_STATUS_TIMEOUT);
	flush_signals(current);
	disallow_signal(SIGUSR1);
}

/* Shows: W-ALT-01, W-ALT-04 */
static void signals_do_not_end_kernel_mode_waits(struct kunit *test)
{
	struct sleeper *sleeper;
	int alertable;

	for (alertable = 0; alertable < 2; alertable++) {
		sleeper = start_sleeper(test, KERNEL_MODE, alertable);
		send_sig(SIGUSR1, sleeper->task, 1);
		send_sig(SIGKILL, sleeper->task, 1);
		expect_still_waiting(test, sleeper);
	}
}

/* Shows: W-ALT-02, W-RET-01, W-RAC-15 */
static void only_a_fatal_signal_ends_a_user_mode_wait(struct kunit *test)
{
	struct sleeper *sleeper = start_sleeper(test, USER_MODE, false);

	send_sig(SIGUSR1, sleeper->task, 1);
	expect_still_waiting(test, sleeper);
	sleeper = start_sleeper(test, USER_MODE, false);
	send_sig(SIGKILL, sleeper->task, 1);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_USER_APC);
}

/* Shows: W-ALT-03 */
static void any_signal_ends_an_alertable_user_mode_wait(struct kunit *test)
{
	struct sleeper *sleeper = start_sleeper(test, USER_MODE, true);

	send_sig(SIGUSR1, sleeper->task, 1);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_USER_APC);
}

/* Shows: L-CRG-05 */
static void region_holds_back_signals_that_do_not_kill(struct kunit *test)
{
	struct sleeper *sleeper = start_sleeper_in(test, USER_MODE, true, true);

	send_sig(SIGUSR1, sleeper->task, 1);
	expect_still_waiting(test, sleeper);
	sleeper = start_sleeper_in(test, USER_MODE, true, true);
	send_sig(SIGKILL, sleeper->task, 1);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_USER_APC);
	/* An alert is no signal. */
	sleeper = start_sleeper_in(test, USER_MODE, true, true);
	KeAlertThread(sleeper->thread, USER_MODE);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_ALERTED);
}

/* Shows: L-CRG-05 */
static void signal_that_was_held_back_ends_the_next_wait(struct kunit *test)
{
	static const s64 while_100ns = -5 * UNITS_PER_MS;

	allow_signal(SIGUSR1);
	KeEnterCriticalRegion();
	send_sig(SIGUSR1, current, 1);
	KUNIT_EXPECT_EQ(test,
			KeDelayExecutionThread(USER_MODE, 1, &while_100ns),
			NTS_STATUS_SUCCESS);
	KeLeaveCriticalRegion();
	KUNIT_EXPECT_EQ(test,
			KeDelayExecutionThread(USER_MODE, 1, &while_100ns),
			NTS_STATUS_USER_APC);
	flush_signals(current);
	disallow_signal(SIGUSR1);
}

/* Shows: W-RAC-02, W-SIG-10 */
static void signal_and_alert_exclude_each_other(struct kunit *test)
{
	struct sleeper *sleeper = start_sleeper(test, KERNEL_MODE, true);

	/* The thread may not have run between the two. */
	KeSetEvent(&sleeper->event, 0, 0);
	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, KERNEL_MODE), 0);
	KUNIT_EXPECT_EQ(test, KeAlertThread(sleeper->thread, KERNEL_MODE), 1);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&sleeper->event), 0);

	sleeper = start_sleeper(test, KERNEL_MODE, true);
	KeAlertThread(sleeper->thread, KERNEL_MODE);
	KeSetEvent(&sleeper->event, 0, 0);
	KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_ALERTED);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&sleeper->event), 1);
}

/* Shows: W-MUL-06, W-MUL-13 */
static void alerted_all_has_taken_nothing(struct kunit *test)
{
	struct nts_header events[2];
	void *objects[] = { &events[0], &events[1] };

	KeInitializeEvent(&events[0], SYNCHRONIZATION, 1);
	KeInitializeEvent(&events[1], SYNCHRONIZATION, 0);
	alert_self(KERNEL_MODE);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(2, objects, WAIT_ALL, 0,
						 KERNEL_MODE, 1,
						 &patience_100ns, NULL),
			NTS_STATUS_ALERTED);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[0]), 1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[1]), 0);
	KUNIT_EXPECT_EQ(test, events[1].wait_all_blocks, 0);
}

/* Shows: W-ALT-07, W-DLY-01 */
static void alertable_without_alerts_changes_nothing(struct kunit *test)
{
	static const s64 short_100ns = -UNITS_PER_MS;

	KUNIT_EXPECT_EQ(test,
			KeDelayExecutionThread(KERNEL_MODE, 1, &short_100ns),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, look(KERNEL_MODE, true, false),
			NTS_STATUS_TIMEOUT);
}

/* Shows: W-DLY-01 */
static void alert_ends_an_alertable_delay(struct kunit *test)
{
	alert_self(KERNEL_MODE);
	KUNIT_EXPECT_EQ(test,
			KeDelayExecutionThread(KERNEL_MODE, 0, &look_100ns),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test,
			KeDelayExecutionThread(KERNEL_MODE, 1, &patience_100ns),
			NTS_STATUS_ALERTED);
	KUNIT_EXPECT_EQ(test,
			KeDelayExecutionThread(KERNEL_MODE, 1, &look_100ns),
			NTS_STATUS_SUCCESS);
}

/* Shows: W-ALT-09, T-NEW-09 */
static void driver_threads_sleep_idle(struct kunit *test)
{
	static const struct {
		s8 mode;
		bool alertable;
		unsigned int states;
	} cases[] = {
		{ KERNEL_MODE, false, TASK_UNINTERRUPTIBLE | TASK_NOLOAD },
		{ USER_MODE, false,
		  TASK_KILLABLE | TASK_FREEZABLE | TASK_NOLOAD },
		{ USER_MODE, true, TASK_INTERRUPTIBLE | TASK_FREEZABLE },
	};
	struct sleeper *sleeper;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		sleeper =
			start_sleeper(test, cases[i].mode, cases[i].alertable);
		KUNIT_EXPECT_EQ(test, READ_ONCE(sleeper->task->__state),
				cases[i].states);
		KeSetEvent(&sleeper->event, 0, 0);
		KUNIT_EXPECT_EQ(test, join(test, sleeper), NTS_STATUS_SUCCESS);
	}
}

/* Shows: W-ALT-11 */
static void user_mode_wait_on_the_stack_is_reported(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(&event, 0, USER_MODE, 0,
					      &look_100ns),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-ALT-11", 0xc4, 0x123),
			1);
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(&event, 0, KERNEL_MODE, 0,
					      &look_100ns),
			NTS_STATUS_TIMEOUT);
}

/* Shows: W-HDR-08 */
static void only_threads_are_alerted(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	KUNIT_EXPECT_EQ(test, KeAlertThread(&event, KERNEL_MODE), 0);
	KUNIT_EXPECT_EQ(test, KeAlertThread(NULL, KERNEL_MODE), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-08"), 2);
}

/*
 * What the freezer leaves behind in a task that was thawed before it froze.
 *
 * Shows: W-ONE-06, W-ALT-03
 */
static void signal_that_nobody_has_sent_ends_no_wait(struct kunit *test)
{
	static const s64 short_100ns = -UNITS_PER_MS;
	struct nts_header *event =
		kunit_kzalloc(test, sizeof(*event), GFP_KERNEL);
	s32 looked, waited;

	KUNIT_ASSERT_NOT_NULL(test, event);
	KeInitializeEvent(event, SYNCHRONIZATION, 0);
	set_thread_flag(TIF_SIGPENDING);
	looked = KeWaitForSingleObject(event, 0, USER_MODE, 1, &look_100ns);
	set_thread_flag(TIF_SIGPENDING);
	waited = KeWaitForSingleObject(event, 0, USER_MODE, 1, &short_100ns);
	KUNIT_EXPECT_EQ(test, looked, NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, waited, NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_FALSE(test, signal_pending(current));
}

static struct kunit_case wait_alert_cases[] = {
	KUNIT_CASE(alert_ends_an_alertable_wait),
	KUNIT_CASE(alerts_end_user_mode_waits),
	KUNIT_CASE(alert_leaves_other_waits_alone),
	KUNIT_CASE(pending_alert_ends_the_next_alertable_wait),
	KUNIT_CASE(own_mode_is_checked_before_the_signal),
	KUNIT_CASE(signal_of_the_task_below_is_nothing_to_a_dpc),
	KUNIT_CASE(signals_do_not_end_kernel_mode_waits),
	KUNIT_CASE(only_a_fatal_signal_ends_a_user_mode_wait),
	KUNIT_CASE(signal_that_nobody_has_sent_ends_no_wait),
	KUNIT_CASE(any_signal_ends_an_alertable_user_mode_wait),
	KUNIT_CASE(region_holds_back_signals_that_do_not_kill),
	KUNIT_CASE(signal_that_was_held_back_ends_the_next_wait),
	KUNIT_CASE(signal_and_alert_exclude_each_other),
	KUNIT_CASE(alerted_all_has_taken_nothing),
	KUNIT_CASE(alertable_without_alerts_changes_nothing),
	KUNIT_CASE(alert_ends_an_alertable_delay),
	KUNIT_CASE(driver_threads_sleep_idle),
	KUNIT_CASE(user_mode_wait_on_the_stack_is_reported),
	KUNIT_CASE(only_threads_are_alerted),
	{}
};

static struct kunit_suite wait_alert_suite = {
	.name = "ntshim_wait_alert",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_alert_cases,
};

kunit_test_suite(wait_alert_suite);
