// SPDX-License-Identifier: GPL-2.0
/*
 * Signals against timeouts, against each other and against thieves: who takes
 * what is counted, and nothing is taken by half.
 */

#include "../shim/compat.h"

#include <linux/delay.h>
#include <linux/overflow.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/wait_async.h"
#include "helpers.h"
#include "race.h"

#define DUE_NS 20000

#define WAIT_ALL 0
#define WAIT_ANY 1

/**
 * struct objects - what the sides of one round wait for and signal
 * @a: an event, as @b and @c
 * @b: an event
 * @c: an event
 * @semaphore: with a limit of 1
 * @timer: a synchronization timer
 * @dpc: its DPC
 */
struct objects {
	struct nts_header a;
	struct nts_header b;
	struct nts_header c;
	struct nts_semaphore semaphore;
	struct nts_timer timer;
	struct nts_dpc dpc;
};

/**
 * struct asked - an asynchronous wait
 * @race: whose
 * @async: the wait, freed by its callback
 */
struct asked {
	struct nts_race *race;
	struct nts_async_wait async;
};

/**
 * struct signals - one round, and totals of all
 * @objects: freed at its end, or by the waiter
 * @token: the object of a wait that may time out
 * @seen: something that one side has seen before its call
 * @in_call: the second side is inside one of its calls
 * @status: what the waits of the sides returned
 * @order: which side's wait came how many
 * @arrivals: counts for @order
 * @asked_done: how many asynchronous waits have ended
 * @asked_status: how the last one has
 * @taken: signals that waits have taken, in all rounds
 * @left: signals that were left
 */
struct signals {
	struct objects *objects;
	struct nts_header *token;
	bool seen;
	bool in_call;
	s32 status[NTS_RACE_SIDES];
	unsigned int order[NTS_RACE_SIDES];
	atomic_t arrivals;
	atomic_t asked_done;
	s32 asked_status;
	u32 taken;
	u32 left;
};

static s32 wait_for(void *objects[], unsigned int count, int type)
{
	s64 timeout_100ns = PATIENCE_100NS;

	return KeWaitForMultipleObjects(count, objects, type, 0, 0, 0,
					&timeout_100ns, NULL);
}

static s32 look(void *object)
{
	s64 now = 0;

	return KeWaitForSingleObject(object, 0, 0, 0, &now);
}

static void prepare_events(struct nts_race *race, int type, u8 state)
{
	struct signals *s = race->data;

	s->objects = nts_race_alloc(race, sizeof(*s->objects));
	KeInitializeEvent(&s->objects->a, type, state);
	KeInitializeEvent(&s->objects->b, 1, state);
	KeInitializeEvent(&s->objects->c, 1, state);
	KeInitializeSemaphore(&s->objects->semaphore, 0, 1);
	KeInitializeTimerEx(&s->objects->timer, 1);
	s->token = &s->objects->a;
	atomic_set(&s->arrivals, 0);
	atomic_set(&s->asked_done, 0);
}

static void prepare(struct nts_race *race)
{
	prepare_events(race, 1, 0);
}

static void prepare_notification(struct nts_race *race)
{
	prepare_events(race, 0, 0);
}

static void set_a(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;

	KeSetEvent(&s->objects->a, 0, 0);
}

static void set_b(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;

	KeSetEvent(&s->objects->b, 0, 0);
}

static void race_for_signals(struct kunit *test,
			     const struct nts_race_plan *plan)
{
	struct signals *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	nts_race_run(test, plan, s);
}

/* Asynchronous waits: told in a DPC, where the record may be freed. */

static void asked_fn(struct nts_async_wait *async, s32 status)
{
	struct asked *asked = container_of(async, struct asked, async);
	struct nts_race *race = asked->race;
	struct signals *s = race->data;

	s->asked_status = status;
	nts_race_free(race, asked);
	atomic_inc(&s->asked_done);
}

/* Only for objects that are not signaled, or not all. */
static void ask(struct nts_race *race, struct nts_header *const *objects,
		unsigned int count, bool all)
{
	struct nts_async_request request = {
		.objects = objects,
		.done_fn = asked_fn,
		.count = count,
		.all = all,
	};
	struct asked *asked;

	asked = nts_race_alloc(race,
			       size_add(sizeof(*asked),
					size_mul(count,
						 sizeof(struct nts_wait_block))));
	asked->race = race;
	nts_race_check(race,
		       nts_async_start(&asked->async, &request) ==
			       NTS_STATUS_PENDING,
		       "there is nothing to take yet");
}

/* W-RAC-01: a signal and a timeout. */

static void wait_until_due(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;
	s64 timeout_100ns = nts_race_due_100ns(race);

	s->status[side] =
		KeWaitForSingleObject(s->token, 0, 0, 0, &timeout_100ns);
}

static int judge_timeout(struct nts_race *race)
{
	struct signals *s = race->data;
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
	struct signals *s = race->data;

	prepare(race);
	s->token = &s->objects->semaphore.header;
}

static void release_semaphore(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;

	nts_race_check(race,
		       !KeReleaseSemaphore(&s->objects->semaphore, 0, 1, 0),
		       "the count was 0");
}

static const struct nts_race_plan timeout_plan = {
	.prepare = prepare,
	.sides = { set_a, wait_until_due },
	.judge = judge_timeout,
	.outcomes = { { "signal first", NTS_RACE_LATER },
		      { "timeout first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

static void race_for_tokens(struct kunit *test,
			    const struct nts_race_plan *plan)
{
	struct signals *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
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

/* W-RAC-12: the wait that times out lies among others. */

static void prepare_crowd(struct nts_race *race)
{
	struct signals *s = race->data;
	struct nts_header *object;

	prepare_notification(race);
	object = &s->objects->a;
	ask(race, &object, 1, false);
	ask(race, &object, 1, false);
}

static void wait_until_due_on_stack(struct nts_race *race, unsigned int side)
{
	wait_until_due(race, side);
	nts_race_scribble(race);
}

static int judge_crowd(struct nts_race *race)
{
	struct signals *s = race->data;
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
	.sides = { set_a, wait_until_due_on_stack },
	.judge = judge_crowd,
	.outcomes = { { "signal first", NTS_RACE_LATER },
		      { "timeout first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 2,
};

/* Shows: W-RAC-12, W-MUL-13 */
static void timeout_leaves_a_list_that_is_walked(struct kunit *test)
{
	race_for_signals(test, &crowd_plan);
}

/* W-RAC-03: two signallers, one wait for any. */

static void prepare_any(struct nts_race *race)
{
	struct signals *s = race->data;
	struct nts_header *objects[2];

	prepare(race);
	objects[0] = &s->objects->a;
	objects[1] = &s->objects->b;
	ask(race, objects, 2, false);
}

static int judge_any(struct nts_race *race)
{
	struct signals *s = race->data;
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
	.sides = { set_a, set_b },
	.judge = judge_any,
	.outcomes = { { "the first signaller won", NTS_RACE_LATER },
		      { "the second won", NTS_RACE_EARLIER } },
};

/* Shows: W-RAC-03, W-MUL-05, W-SIG-10 */
static void two_signals_for_one_wait(struct kunit *test)
{
	race_for_signals(test, &any_plan);
}

static void arm_timer(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;

	KeSetTimer(&s->objects->timer, nts_race_due_100ns(race), NULL);
}

static void wait_for_event_or_timer(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;
	void *objects[] = { &s->objects->a, &s->objects->timer };

	s->status[side] = wait_for(objects, 2, WAIT_ANY);
}

static int judge_event_or_timer(struct nts_race *race)
{
	struct signals *s = race->data;
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
	.prepare = prepare,
	.ready = arm_timer,
	.sides = { set_a, wait_for_event_or_timer },
	.judge = judge_event_or_timer,
	.outcomes = { { "the event", NTS_RACE_LATER },
		      { "the timer", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

/* Shows: W-RAC-03, W-RAC-11, W-TMR-05 */
static void event_or_expiry_for_one_wait(struct kunit *test)
{
	race_for_signals(test, &event_or_timer_plan);
}

/* W-RAC-04: a wait for all and a thief. */

static void prepare_all(struct nts_race *race)
{
	struct signals *s = race->data;
	struct nts_header *objects[2];

	prepare(race);
	KeSetEvent(&s->objects->a, 0, 0);
	objects[0] = &s->objects->a;
	objects[1] = &s->objects->b;
	ask(race, objects, 2, true);
}

static void steal_a(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;

	s->status[side] = look(&s->objects->a);
}

/* A wait for all that lost @a has touched nothing: @a again, and it ends. */
static int judge_all(struct nts_race *race)
{
	struct signals *s = race->data;
	bool stolen = s->status[0] == NTS_STATUS_SUCCESS;

	KeFlushQueuedDpcs();
	nts_race_check(race, KeReadStateEvent(&s->objects->b) == stolen,
		       "a wait for all takes all or nothing");
	nts_race_check(race, atomic_read(&s->asked_done) == !stolen,
		       "the wait or the thief got the signal");
	if (stolen)
		KeSetEvent(&s->objects->a, 0, 0);
	KeFlushQueuedDpcs();
	nts_race_check(race, atomic_read(&s->asked_done) == 1,
		       "the wait ends once");
	nts_race_check(race,
		       !KeReadStateEvent(&s->objects->a) &&
			       !KeReadStateEvent(&s->objects->b),
		       "each signal is taken once");
	nts_race_free(race, s->objects);
	return stolen ? 0 : 1;
}

static const struct nts_race_plan all_plan = {
	.prepare = prepare_all,
	.sides = { steal_a, set_b },
	.judge = judge_all,
	.outcomes = { { "the thief", NTS_RACE_LATER },
		      { "the wait for all", NTS_RACE_EARLIER } },
};

/* Shows: W-RAC-04, W-MUL-06, W-MUL-07 */
static void wait_for_all_or_thief(struct kunit *test)
{
	race_for_signals(test, &all_plan);
}

/* W-RAC-05: waits for all over sets that overlap, in different order. */

static void prepare_signaled(struct nts_race *race)
{
	prepare_events(race, 1, 1);
}

/* Takes the objects as one would take locks, and gives them back. */
static void take_and_give(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;
	struct objects *o = s->objects;
	void *sets[NTS_RACE_SIDES][3] = {
		{ &o->a, &o->b, &o->c },
		{ &o->c, &o->b },
		{ &o->b, &o->a },
		{ &o->c, &o->a, &o->b },
	};
	unsigned int count = side == 1 || side == 2 ? 2 : 3, i;

	s->status[side] = wait_for(sets[side], count, WAIT_ALL);
	s->order[side] = atomic_inc_return(&s->arrivals);
	for (i = 0; i < count; i++)
		nts_race_check(race, !KeSetEvent(sets[side][i], 0, 0),
			       "nobody else holds what a wait has taken");
}

static int judge_overlap(struct nts_race *race)
{
	struct signals *s = race->data;
	unsigned int i;

	for (i = 0; i < race->nr_sides; i++)
		nts_race_check(race, s->status[i] == NTS_STATUS_SUCCESS,
			       "every wait gets its turn");
	nts_race_check(race,
		       KeReadStateEvent(&s->objects->a) &&
			       KeReadStateEvent(&s->objects->b) &&
			       KeReadStateEvent(&s->objects->c),
		       "every signal is given back");
	nts_race_free(race, s->objects);
	return s->order[0] == 1 ? 0 : 1;
}

static const struct nts_race_plan overlap_plan = {
	.prepare = prepare_signaled,
	.sides = { take_and_give, take_and_give, take_and_give, take_and_give },
	.judge = judge_overlap,
	.outcomes = { { "the first side came first", NTS_RACE_LATER },
		      { "another side did", NTS_RACE_EARLIER } },
};

/* Shows: W-RAC-05, W-MUL-06 */
static void overlapping_waits_for_all(struct kunit *test)
{
	race_for_signals(test, &overlap_plan);
}

/* W-RAC-08: set, and clear at once. */

static void set_and_clear(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;

	s->seen = nts_test_count_waits(&s->objects->a) == 3;
	KeSetEvent(&s->objects->a, 0, 0);
	KeClearEvent(&s->objects->a);
	KeSetEvent(&s->objects->b, 0, 0);
}

static void wait_for_either(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;
	void *objects[] = { &s->objects->a, &s->objects->b };

	s->status[side] = wait_for(objects, 2, WAIT_ANY);
}

static int judge_clear(struct nts_race *race)
{
	struct signals *s = race->data;

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
	race_for_signals(test, &clear_plan);
}

/* W-RAC-11: an expiry interrupts calls, while others hold the locks. */

/* On the processor that the expiry has interrupted. */
static void look_into_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	struct signals *s = context;

	s->seen = READ_ONCE(s->in_call);
}

static void prepare_busy(struct nts_race *race)
{
	struct signals *s = race->data;
	struct nts_header *object;

	prepare(race);
	KeInitializeDpc(&s->objects->dpc, look_into_fn, s);
	object = &s->objects->timer.header;
	ask(race, &object, 1, false);
}

static void arm_with_dpc(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;

	KeSetTimer(&s->objects->timer, nts_race_due_100ns(race),
		   &s->objects->dpc);
}

/* Longer than the timer takes. */
static void call_busily(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;
	u64 end_ns = ktime_get_ns() - nts_race_due_100ns(race) * 200;

	while (ktime_get_ns() < end_ns) {
		WRITE_ONCE(s->in_call, true);
		set_a(race, side);
		KeClearEvent(&s->objects->a);
		WRITE_ONCE(s->in_call, false);
		nts_race_delay(300);
	}
}

static void lock_busily(struct nts_race *race, unsigned int side)
{
	struct signals *s = race->data;
	u64 end_ns = ktime_get_ns() - nts_race_due_100ns(race) * 200;

	while (ktime_get_ns() < end_ns) {
		set_b(race, side);
		KeClearEvent(&s->objects->b);
		KeReadStateTimer(&s->objects->timer);
	}
}

static int judge_busy(struct nts_race *race)
{
	struct signals *s = race->data;

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
	race_for_signals(test, &busy_plan);
}

static struct kunit_case wait_race_cases[] = {
	KUNIT_CASE(signal_or_timeout),
	KUNIT_CASE(release_or_timeout),
	KUNIT_CASE(timeout_leaves_a_list_that_is_walked),
	KUNIT_CASE(two_signals_for_one_wait),
	KUNIT_CASE(event_or_expiry_for_one_wait),
	KUNIT_CASE(wait_for_all_or_thief),
	KUNIT_CASE(overlapping_waits_for_all),
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
