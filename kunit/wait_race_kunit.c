// SPDX-License-Identifier: GPL-2.0
/*
 * Signals against timeouts and against each other: who takes what is counted.
 */

#include "../shim/compat.h"

#include <linux/delay.h>
#include <linux/sched.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"
#include "race.h"
#include "race_signals.h"

#define DUE_NS 20000

static void prepare_notification(struct nts_race *race)
{
	nts_signals_init(race, 0, 0);
}

/* W-RAC-01: a signal and a timeout. */

static void wait_until_due(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;
	s64 timeout_100ns = nts_race_due_100ns(race);

	s->status[side] =
		KeWaitForSingleObject(s->token, 0, 0, 0, &timeout_100ns);
}

static int judge_timeout(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	s32 left = nts_signal_read(s->token);
	bool taken = s->status[1] == NTS_STATUS_SUCCESS;

	nts_race_free(race, s->objects);
	s->taken += taken;
	s->left += left;
	nts_race_check(race, taken || s->status[1] == NTS_STATUS_TIMEOUT,
		       "the wait succeeds or times out");
	nts_race_check(race, taken + left == 1,
		       "the signal is taken or left, never both");
	return taken ? 0 : 1;
}

static void prepare_semaphore(struct nts_race *race)
{
	struct nts_signals *s = race->data;

	nts_signals_prepare(race);
	s->token = &s->objects->semaphore.header;
}

static void release_semaphore(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	nts_race_check(race,
		       !KeReleaseSemaphore(&s->objects->semaphore, 0, 1, 0),
		       "the count was 0");
}

static const struct nts_race_plan timeout_plan = {
	.prepare = nts_signals_prepare,
	.sides = { nts_signals_set_a, wait_until_due },
	.judge = judge_timeout,
	.outcomes = { { "signal first", NTS_RACE_LATER },
		      { "timeout first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

static void race_for_tokens(struct kunit *test,
			    const struct nts_race_plan *plan)
{
	struct nts_signals *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	const struct nts_race *race;

	KUNIT_ASSERT_NOT_NULL(test, s);
	race = nts_race_run(test, plan, s);
	KUNIT_EXPECT_EQ(test, s->taken + s->left, race->rounds);
	KUNIT_EXPECT_EQ(test, s->taken, race->counts[0]);
}

/* Shows: W-RAC-01, W-SIG-10 */
static void signal_or_timeout(struct kunit *test)
{
	race_for_tokens(test, &timeout_plan);
}

static const struct nts_race_plan semaphore_plan = {
	.prepare = prepare_semaphore,
	.sides = { release_semaphore, wait_until_due },
	.judge = judge_timeout,
	.outcomes = { { "release first", NTS_RACE_LATER },
		      { "timeout first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

/* Shows: W-RAC-01, W-SIG-03, W-SEM-05 */
static void release_or_timeout(struct kunit *test)
{
	race_for_tokens(test, &semaphore_plan);
}

/* W-RET-05: wake-ups that are not ours, before and after the signal. */

static void note_waiter(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	s->waiter = current;
}

static void wake_and_set(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;
	int i;

	for (i = 0; i < 10; i++) {
		wake_up_process(s->waiter);
		nts_race_delay(200);
	}
	nts_signals_set_a(race, side);
	wake_up_process(s->waiter);
}

/* Its waiter knows no third result, whatever has woken it. */
static const struct nts_race_plan stray_plan = {
	.prepare = nts_signals_prepare,
	.ready = note_waiter,
	.sides = { wake_and_set, wait_until_due },
	.judge = judge_timeout,
	.outcomes = { { "signal first", NTS_RACE_LATER },
		      { "timeout first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 2,
};

/* Shows: W-RET-05, W-ONE-06 */
static void stray_wake_ups_give_no_other_status(struct kunit *test)
{
	race_for_tokens(test, &stray_plan);
}

/* W-RAC-12: the wait that times out lies among others. */

static void prepare_crowd(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	struct nts_header *object;

	prepare_notification(race);
	object = &s->objects->a;
	nts_signals_ask(race, &object, 1, false);
	nts_signals_ask(race, &object, 1, false);
}

static void wait_until_due_on_stack(struct nts_race *race, unsigned int side)
{
	wait_until_due(race, side);
	nts_race_scribble(race);
}

static int judge_crowd(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	bool released = s->status[1] == NTS_STATUS_SUCCESS;

	KeFlushQueuedDpcs();
	nts_race_check(race, KeReadStateEvent(&s->objects->a),
		       "a notification event stays signaled");
	nts_race_free(race, s->objects);
	nts_race_check(race, atomic_read(&s->asked_done) == 2,
		       "the other waits end, each once");
	nts_race_check(race, released || s->status[1] == NTS_STATUS_TIMEOUT,
		       "the wait succeeds or times out");
	return released ? 0 : 1;
}

static const struct nts_race_plan crowd_plan = {
	.prepare = prepare_crowd,
	.sides = { nts_signals_set_a, wait_until_due_on_stack },
	.judge = judge_crowd,
	.outcomes = { { "signal first", NTS_RACE_LATER },
		      { "timeout first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 2,
};

/* Shows: W-RAC-12, W-MUL-13 */
static void timeout_leaves_a_list_that_is_walked(struct kunit *test)
{
	nts_signals_race(test, &crowd_plan);
}

/* W-RAC-03: two signallers, one wait for any. */

static void prepare_any(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	struct nts_header *objects[2];

	nts_signals_prepare(race);
	objects[0] = &s->objects->a;
	objects[1] = &s->objects->b;
	nts_signals_ask(race, objects, 2, false);
}

static int judge_any(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	s32 left[2];

	KeFlushQueuedDpcs();
	left[0] = KeReadStateEvent(&s->objects->a);
	left[1] = KeReadStateEvent(&s->objects->b);
	nts_race_free(race, s->objects);
	if (!nts_race_check(race, atomic_read(&s->asked_done) == 1,
			    "the wait ends once") ||
	    !nts_race_check(race, !(s->asked_status & ~1), "by one object"))
		return NTS_RACE_WRONG;
	nts_race_check(race, !left[s->asked_status], "its signal is taken");
	nts_race_check(race, left[!s->asked_status], "the other one is left");
	return s->asked_status;
}

static const struct nts_race_plan any_plan = {
	.prepare = prepare_any,
	.sides = { nts_signals_set_a, nts_signals_set_b },
	.judge = judge_any,
	.outcomes = { { "the first signaller won", NTS_RACE_LATER },
		      { "the second won", NTS_RACE_EARLIER } },
};

/* Shows: W-RAC-03, W-MUL-05, W-SIG-10 */
static void two_signals_for_one_wait(struct kunit *test)
{
	nts_signals_race(test, &any_plan);
}

static void arm_timer(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	KeSetTimer(&s->objects->timer, nts_race_due_100ns(race), NULL);
}

static void wait_for_event_or_timer(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;
	void *objects[] = { &s->objects->a, &s->objects->timer };

	s->status[side] = nts_signals_wait(objects, 2, WAIT_ANY);
}

static int judge_event_or_timer(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	bool expired = !KeCancelTimer(&s->objects->timer);
	bool timer_left = KeReadStateTimer(&s->objects->timer);
	bool event_left = KeReadStateEvent(&s->objects->a);

	nts_race_free(race, s->objects);
	if (s->status[1] == 0) {
		nts_race_check(race, !event_left, "the event is taken");
		nts_race_check(race, timer_left == expired,
			       "an expiry leaves its signal");
		return 0;
	}
	nts_race_check(race, s->status[1] == 1, "one of the two ends the wait");
	nts_race_check(race, event_left, "the event is left");
	nts_race_check(race, expired && !timer_left, "the expiry is taken");
	return 1;
}

static const struct nts_race_plan event_or_timer_plan = {
	.prepare = nts_signals_prepare,
	.ready = arm_timer,
	.sides = { nts_signals_set_a, wait_for_event_or_timer },
	.judge = judge_event_or_timer,
	.outcomes = { { "the event", NTS_RACE_LATER },
		      { "the timer", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

/* Shows: W-RAC-03, W-RAC-11, W-TMR-05 */
static void event_or_expiry_for_one_wait(struct kunit *test)
{
	nts_signals_race(test, &event_or_timer_plan);
}

/* W-RAC-08: set, and clear at once. */

static void set_and_clear(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	s->seen = nts_test_count_waits(&s->objects->a) == 3;
	KeSetEvent(&s->objects->a, 0, 0);
	KeClearEvent(&s->objects->a);
	KeSetEvent(&s->objects->b, 0, 0);
}

static void wait_for_either(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;
	void *objects[] = { &s->objects->a, &s->objects->b };

	s->status[side] = nts_signals_wait(objects, 2, WAIT_ANY);
}

static int judge_clear(struct nts_race *race)
{
	struct nts_signals *s = race->data;

	KeFlushQueuedDpcs();
	nts_race_free(race, s->objects);
	nts_race_check(race, atomic_read(&s->asked_done) == 2,
		       "a wait that is blocked at the set is released");
	nts_race_check(race, !s->seen || !s->status[1],
		       "a thread that is blocked at the set is released");
	nts_race_check(race, !(s->status[1] & ~1), "one of the events ends it");
	return s->status[1] == 0 ? 0 : 1;
}

static const struct nts_race_plan clear_plan = {
	.prepare = prepare_crowd,
	.sides = { set_and_clear, wait_for_either },
	.judge = judge_clear,
	.outcomes = { { "blocked at the set", NTS_RACE_EARLIER },
		      { "came after the clear", NTS_RACE_LATER } },
	.share = 2,
};

/* Shows: W-RAC-08, W-EVT-11 */
static void set_and_clear_releases_who_waits(struct kunit *test)
{
	nts_signals_race(test, &clear_plan);
}

/* W-RAC-11: an expiry interrupts calls, while others hold the locks. */

/* On the processor that the expiry has interrupted. */
static void look_into_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	struct nts_signals *s = context;

	s->seen = READ_ONCE(s->in_call);
}

static void prepare_busy(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	struct nts_header *object;

	nts_signals_prepare(race);
	KeInitializeDpc(&s->objects->dpc, look_into_fn, s);
	object = &s->objects->timer.header;
	nts_signals_ask(race, &object, 1, false);
}

static void arm_with_dpc(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	KeSetTimer(&s->objects->timer, nts_race_due_100ns(race),
		   &s->objects->dpc);
}

/* Longer than the timer takes. */
static void call_busily(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;
	u64 end_ns = ktime_get_ns() - nts_race_due_100ns(race) * 200;

	while (ktime_get_ns() < end_ns) {
		WRITE_ONCE(s->in_call, true);
		nts_signals_set_a(race, side);
		KeClearEvent(&s->objects->a);
		WRITE_ONCE(s->in_call, false);
		nts_race_delay(300);
	}
}

static void lock_busily(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;
	u64 end_ns = ktime_get_ns() - nts_race_due_100ns(race) * 200;

	while (ktime_get_ns() < end_ns) {
		nts_signals_set_b(race, side);
		KeClearEvent(&s->objects->b);
		KeReadStateTimer(&s->objects->timer);
	}
}

static int judge_busy(struct nts_race *race)
{
	struct nts_signals *s = race->data;

	while (!atomic_read(&s->asked_done))
		usleep_range(10, 20);
	KeFlushQueuedDpcs();
	nts_race_check(race, !KeCancelTimer(&s->objects->timer),
		       "the timer has expired");
	nts_race_check(race, !KeReadStateTimer(&s->objects->timer),
		       "the wait has taken its signal");
	nts_race_free(race, s->objects);
	return s->seen ? 0 : 1;
}

static const struct nts_race_plan busy_plan = {
	.prepare = prepare_busy,
	.ready = arm_with_dpc,
	.sides = { lock_busily, call_busily },
	.judge = judge_busy,
	.outcomes = { { "interrupted a call", NTS_RACE_KEEP },
		      { "interrupted the driver", NTS_RACE_KEEP } },
	.due_ns = DUE_NS,
};

/* Shows: W-RAC-11, W-IMP-01, W-IMP-02 */
static void expiry_among_busy_locks(struct kunit *test)
{
	nts_signals_race(test, &busy_plan);
}

static struct kunit_case wait_race_cases[] = {
	KUNIT_CASE(signal_or_timeout),
	KUNIT_CASE(release_or_timeout),
	KUNIT_CASE(stray_wake_ups_give_no_other_status),
	KUNIT_CASE(timeout_leaves_a_list_that_is_walked),
	KUNIT_CASE(two_signals_for_one_wait),
	KUNIT_CASE(event_or_expiry_for_one_wait),
	KUNIT_CASE(set_and_clear_releases_who_waits),
	KUNIT_CASE(expiry_among_busy_locks),
	{}
};

static struct kunit_suite wait_race_suite = {
	.name = "ntshim_race_wait",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_race_cases,
};

kunit_test_suite(wait_race_suite);
