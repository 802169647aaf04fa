// SPDX-License-Identifier: GPL-2.0
/*
 * What belongs to a thread: a mutex that is handed over, an alert, its end.
 */

#include "../shim/compat.h"

#include <linux/delay.h>

#include "../shim/ke_api.h"
#include "../shim/mutant.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"
#include "race.h"

#define DUE_NS 20000

/**
 * struct owning - one round
 * @mutex: owned by the first side at the start
 * @timer: synchronization timer that the second side waits for
 * @never: event that is never set
 * @leave: tells @object to end
 * @waiter: thread of the second side
 * @object: thread of its own, with one reference
 * @seen: it had ended before the wait
 * @status: of the wait
 * @again: of a look after it
 */
struct owning {
	struct nts_mutant *mutex;
	struct nts_timer *timer;
	struct nts_header never;
	struct nts_header *leave;
	void *waiter;
	void *object;
	bool seen;
	s32 status;
	s32 again;
};

static s32 wait_patiently(void *object, bool alertable)
{
	s64 timeout_100ns = PATIENCE_100NS;

	return KeWaitForSingleObject(object, 0, 0, alertable, &timeout_100ns);
}

static s32 look(void *object, bool alertable)
{
	s64 now = 0;

	return KeWaitForSingleObject(object, 0, 0, alertable, &now);
}

static void race_of_threads(struct kunit *test,
			    const struct nts_race_plan *plan)
{
	struct owning *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, o);
	KeInitializeEvent(&o->never, 0, 0);
	nts_race_run(test, plan, o);
}

/* W-RAC-10 */

static void prepare_mutex(struct nts_race *race)
{
	struct owning *o = race->data;

	o->mutex = nts_race_alloc(race, sizeof(*o->mutex));
	KeInitializeMutex(o->mutex, 0);
	nts_race_check(race, look(o->mutex, false) == NTS_STATUS_SUCCESS,
		       "a free mutex can be acquired");
}

static void release_mutex(struct nts_race *race, unsigned int side)
{
	struct owning *o = race->data;

	nts_race_check(race, !KeReleaseMutex(o->mutex, 0),
		       "its owner gives it up");
}

static void acquire_until_due(struct nts_race *race, unsigned int side)
{
	struct owning *o = race->data;
	s64 timeout_100ns = nts_race_due_100ns(race);

	o->status = KeWaitForSingleObject(o->mutex, 0, 0, 0, &timeout_100ns);
	if (o->status != NTS_STATUS_SUCCESS)
		return;
	nts_race_check(race, !KeReadStateMutex(o->mutex), "the waiter owns it");
	nts_race_check(race, !KeReleaseMutex(o->mutex, 0),
		       "its new owner gives it up");
}

/* Either way it is free in the end, for whoever comes next. */
static int judge_mutex(struct nts_race *race)
{
	struct owning *o = race->data;

	nts_race_check(race, look(o->mutex, false) == NTS_STATUS_SUCCESS,
		       "the next one acquires it");
	KeReleaseMutex(o->mutex, 0);
	nts_race_free(race, o->mutex);
	if (o->status == NTS_STATUS_SUCCESS)
		return 0;
	nts_race_check(race, o->status == NTS_STATUS_TIMEOUT,
		       "the wait succeeds or times out");
	return 1;
}

static const struct nts_race_plan mutex_plan = {
	.prepare = prepare_mutex,
	.sides = { release_mutex, acquire_until_due },
	.judge = judge_mutex,
	.outcomes = { { "handed over", NTS_RACE_LATER },
		      { "timed out", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 2,
};

/* Shows: W-RAC-10, W-MTX-05, W-SIG-04 */
static void mutex_is_handed_over_or_timed_out(struct kunit *test)
{
	race_of_threads(test, &mutex_plan);
}

/* W-RAC-02 */

static void prepare_timer(struct nts_race *race)
{
	struct owning *o = race->data;

	o->timer = nts_race_alloc(race, sizeof(*o->timer));
	KeInitializeTimerEx(o->timer, 1);
}

static void arm(struct nts_race *race, unsigned int side)
{
	struct owning *o = race->data;

	o->waiter = KeGetCurrentThread();
	KeSetTimer(o->timer, nts_race_due_100ns(race), NULL);
}

static void alert(struct nts_race *race, unsigned int side)
{
	struct owning *o = race->data;

	nts_race_check(race, !KeAlertThread(o->waiter, 0),
		       "there is no alert from before");
}

static void wait_for_signal_or_alert(struct nts_race *race, unsigned int side)
{
	struct owning *o = race->data;

	o->status = wait_patiently(o->timer, true);
	/* An alert that did not end the wait is kept for the next one. */
	nts_race_await(&race->sides[0].finished, race->round);
	o->again = look(&o->never, true);
}

static int judge_alert(struct nts_race *race)
{
	struct owning *o = race->data;
	bool left;

	while (nts_timer_armed(o->timer))
		usleep_range(10, 20);
	/* The lock: the expiry may still be on its way out. */
	KeCancelTimer(o->timer);
	left = KeReadStateTimer(o->timer);
	nts_race_free(race, o->timer);
	if (o->status == NTS_STATUS_SUCCESS) {
		nts_race_check(race, !left && o->again == NTS_STATUS_ALERTED,
			       "the signal is taken, the alert is kept");
		return 0;
	}
	nts_race_check(race, o->status == NTS_STATUS_ALERTED,
		       "the signal or the alert ends the wait");
	nts_race_check(race, left && o->again == NTS_STATUS_TIMEOUT,
		       "the alert is consumed, the signal is left");
	return 1;
}

static const struct nts_race_plan alert_plan = {
	.prepare = prepare_timer,
	.ready = arm,
	.sides = { alert, wait_for_signal_or_alert },
	.judge = judge_alert,
	.outcomes = { { "signal first", NTS_RACE_EARLIER },
		      { "alert first", NTS_RACE_LATER } },
	.due_ns = DUE_NS,
	.share = 2,
};

/* Shows: W-RAC-02, W-ALT-05 */
static void signal_or_alert(struct kunit *test)
{
	race_of_threads(test, &alert_plan);
}

/* W-RAC-13 */

static void leave_fn(void *context)
{
	wait_patiently(context, false);
}

static void prepare_thread(struct nts_race *race)
{
	struct owning *o = race->data;
	void *handle;

	o->leave = nts_race_alloc(race, sizeof(*o->leave));
	KeInitializeEvent(o->leave, 0, 0);
	o->object = NULL;
	if (!nts_race_check(race,
			    !PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
						  leave_fn, o->leave),
			    "a thread can be made"))
		return;
	nts_race_check(race,
		       !ObReferenceObjectByHandle(handle, 0, *PsThreadType, 0,
						  &o->object, NULL),
		       "its handle gives its object");
	ZwClose(handle);
}

static void let_thread_end(struct nts_race *race, unsigned int side)
{
	struct owning *o = race->data;

	KeSetEvent(o->leave, 0, 0);
}

/* What the thread used may go, and with the last reference it itself. */
static void join_and_drop(struct nts_race *race, unsigned int side)
{
	struct owning *o = race->data;

	if (!o->object)
		return;
	o->seen = nts_signal_read(o->object) > 0;
	o->status = wait_patiently(o->object, false);
	ObfDereferenceObject(o->object);
}

static int judge_thread(struct nts_race *race)
{
	struct owning *o = race->data;

	if (!o->object)
		return NTS_RACE_WRONG;
	nts_race_free(race, o->leave);
	nts_race_check(race, o->status == NTS_STATUS_SUCCESS,
		       "the end of a thread ends waits for it");
	return o->seen ? 0 : 1;
}

static const struct nts_race_plan thread_plan = {
	.prepare = prepare_thread,
	.sides = { join_and_drop, let_thread_end },
	.judge = judge_thread,
	.outcomes = { { "ended before the wait", NTS_RACE_EARLIER },
		      { "ended after the first look", NTS_RACE_LATER } },
	.share = 100,
};

/* Shows: W-RAC-13, W-THR-02, W-THR-05 */
static void thread_ends_is_joined_and_dropped(struct kunit *test)
{
	race_of_threads(test, &thread_plan);
}

static struct kunit_case thread_race_cases[] = {
	KUNIT_CASE(mutex_is_handed_over_or_timed_out),
	KUNIT_CASE(signal_or_alert),
	KUNIT_CASE(thread_ends_is_joined_and_dropped),
	{}
};

static struct kunit_suite thread_race_suite = {
	.name = "ntshim_race_thread",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = thread_race_cases,
};

kunit_test_suite(thread_race_suite);
