// SPDX-License-Identifier: GPL-2.0
/*
 * EX_TIMER calls against expiries, callbacks and each other. What a callback
 * uses is freed when the call that ends it has returned. Where an expiry races,
 * the second side arms the timer and lends its processor to the interrupt.
 */

#include "../shim/compat.h"

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/processor.h>

#include "../shim/nt_api.h"
#include "ex_timer.h"
#include "race.h"

#define DUE_NS 15000
/* How long a callback takes: long enough for a call to come meanwhile. */
#define STAY_NS 5000
/* How long one that waits for the call does so: its processor may be away. */
#define PATIENCE_NS NSEC_PER_MSEC
#define FAR_100NS (3600 * UNITS_PER_SEC)

struct rivals;

/**
 * struct scene - what the callbacks use, freed at the earliest moment
 * @r: the round
 * @touched: written by each callback when it comes and when it goes
 */
struct scene {
	struct rivals *r;
	u32 touched;
};

/**
 * struct rivals - one round, and totals of all
 * @timer: what they race for
 * @scene: context of its callbacks
 * @in_callback: what the callback does with the timer, or NULL
 * @patient: the callback waits for the first side to make its call
 * @called: it has made it, or is about to
 * @entered: callbacks that have begun
 * @left: callbacks that have returned
 * @ends: delete callbacks
 * @left_at_end: @left when the delete callback was called
 * @entered_before: @entered when the first side made its call
 * @left_before: @left then
 * @left_after: @left when that call had returned
 * @ends_after: @ends then
 * @result: what each side's call returned
 * @set_result: what the call in the callback returned
 * @returned: a waiting delete has returned
 * @calls_won: rounds in which the call found the arm
 * @expiries: callbacks of all rounds
 * @timers: how many there were before the race
 */
struct rivals {
	struct nts_systimer *timer;
	struct scene *scene;
	u8 (*in_callback)(struct nts_systimer *timer);
	bool patient;
	bool called;
	atomic_t entered;
	atomic_t left;
	atomic_t ends;
	int left_at_end;
	int entered_before;
	int left_before;
	int left_after;
	int ends_after;
	u8 result[NTS_RACE_SIDES];
	u8 set_result;
	bool returned;
	u32 calls_won;
	u32 expiries;
	unsigned int timers;
};

static void await_call(const struct rivals *r)
{
	u64 end_ns = ktime_get_ns() + PATIENCE_NS;

	while (!READ_ONCE(r->called) && ktime_get_ns() < end_ns)
		cpu_relax();
}

static void callback_fn(struct nts_systimer *timer, void *context)
{
	struct scene *scene = context;
	struct rivals *r = scene->r;

	scene->touched++;
	atomic_inc(&r->entered);
	if (r->patient)
		await_call(r);
	nts_race_delay(STAY_NS);
	if (r->in_callback)
		r->set_result = r->in_callback(timer);
	scene->touched++;
	atomic_inc(&r->left);
}

static void end_fn(void *context)
{
	struct scene *scene = context;
	struct rivals *r = scene->r;

	scene->touched++;
	r->left_at_end = atomic_read(&r->left);
	atomic_inc(&r->ends);
}

static void prepare(struct nts_race *race)
{
	struct rivals *r = race->data;

	r->scene = nts_race_alloc(race, sizeof(*r->scene));
	r->scene->r = r;
	atomic_set(&r->entered, 0);
	atomic_set(&r->left, 0);
	atomic_set(&r->ends, 0);
	memset(r->result, 0, sizeof(r->result));
	r->set_result = 0;
	r->returned = false;
	r->called = false;
	r->timer = ExAllocateTimer(callback_fn, r->scene, 0);
	/* Atomic memory comes back when somebody has had a chance to free some. */
	while (!r->timer) {
		usleep_range(100, 200);
		r->timer = ExAllocateTimer(callback_fn, r->scene, 0);
	}
}

static void arm(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	ExSetTimer(r->timer, nts_race_due_100ns(race), 0, NULL);
}

static u8 end_timer(struct rivals *r, bool cancel, bool wait)
{
	struct nts_ext_delete parameters = { .callback = end_fn,
					     .context = r->scene };

	return ExDeleteTimer(r->timer, cancel, wait, &parameters);
}

/* After it nobody may run a callback or use what callbacks use. */
static void delete_wait_free(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->entered_before = atomic_read(&r->entered);
	r->left_before = atomic_read(&r->left);
	WRITE_ONCE(r->called, true);
	r->result[side] = end_timer(r, true, true);
	r->left_after = atomic_read(&r->left);
	r->ends_after = atomic_read(&r->ends);
	nts_race_free(race, r->scene);
}

/* What holds after each waiting delete. */
static void check_end(struct nts_race *race)
{
	struct rivals *r = race->data;
	int entered = atomic_read(&r->entered);

	nts_race_check(race, r->left_after == entered,
		       "no callback runs or starts after a waiting delete");
	nts_race_check(race, r->ends_after == 1 && atomic_read(&r->ends) == 1,
		       "the delete callback has run, once");
	nts_race_check(race, r->left_at_end == entered,
		       "the delete callback comes after the last callback");
	nts_race_check(race, nts_systimer_count() == r->timers,
		       "the timer has been freed");
}

enum {
	DELETE_FIRST,
	IN_FLIGHT,
	CALLBACK_OVER
};

static int judge_delete(struct nts_race *race)
{
	struct rivals *r = race->data;
	int calls = atomic_read(&r->entered);

	check_end(race);
	r->calls_won += r->result[0];
	r->expiries += calls;
	nts_race_check(race, r->result[0] + calls == 1,
		       "delete cancels the arm or its expiry calls back");
	if (r->result[0])
		return DELETE_FIRST;
	return r->left_before ? CALLBACK_OVER : IN_FLIGHT;
}

static void expect_each_arm_ended_once(struct kunit *test,
				       const struct nts_race_plan *plan)
{
	struct rivals r = { .timers = nts_systimer_count() };
	const struct nts_race *race = nts_race_run(test, plan, &r);

	KUNIT_EXPECT_EQ(test, r.calls_won + r.expiries, race->rounds);
	KUNIT_EXPECT_EQ(test, r.calls_won, race->counts[0]);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), r.timers);
}

/* With more processors than the machine has, a call is often late. */
static void prepare_patient(struct nts_race *race)
{
	struct rivals *r = race->data;

	r->patient = race->round % 2;
	prepare(race);
}

static const struct nts_race_plan delete_plan = {
	.prepare = prepare_patient,
	.ready = arm,
	.sides = { delete_wait_free, nts_race_idle },
	.judge = judge_delete,
	.outcomes = { { "delete first" },
		      { "callback on its way or running" },
		      { "callback over" } },
	.due_ns = DUE_NS,
	.in_order = true,
};

/* Shows: ET-107, ET-108, ET-111, ET-115 */
static void delete_or_expiry_but_never_both(struct kunit *test)
{
	expect_each_arm_ended_once(test, &delete_plan);
}

static const struct nts_race_plan flight_plan = {
	.prepare = prepare,
	.ready = arm,
	.sides = { delete_wait_free, nts_race_idle },
	.judge = judge_delete,
	.outcomes = { { "delete first", NTS_RACE_LATER, true },
		      { "callback on its way or running", NTS_RACE_LATER },
		      { "callback over", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

/* Shows: ET-111, ET-130, ET-131, ET-134 */
static void waiting_delete_outlasts_callbacks(struct kunit *test)
{
	expect_each_arm_ended_once(test, &flight_plan);
}

static u8 set_far(struct nts_systimer *timer)
{
	return ExSetTimer(timer, -FAR_100NS, 0, NULL);
}

static void prepare_set(struct nts_race *race)
{
	struct rivals *r = race->data;

	prepare(race);
	r->in_callback = set_far;
}

static int judge_set(struct nts_race *race)
{
	struct rivals *r = race->data;
	int calls = atomic_read(&r->entered);

	check_end(race);
	nts_race_check(race, !r->set_result,
		       "set in the callback of a one-shot finds nothing pending");
	nts_race_check(race, calls <= 1, "what delete cancels never expires");
	nts_race_check(race, r->result[0] || calls,
		       "delete cancels the arm or its expiry calls back");
	if (!calls)
		return 2;
	return r->result[0] ? 0 : 1;
}

static const struct nts_race_plan set_plan = {
	.prepare = prepare_set,
	.ready = arm,
	.sides = { delete_wait_free, nts_race_idle },
	.judge = judge_set,
	.outcomes = { { "set first", NTS_RACE_EARLIER },
		      { "delete first", NTS_RACE_LATER },
		      { "delete before the expiry", NTS_RACE_LATER, true } },
	.due_ns = DUE_NS,
};

/* Shows: ET-117, ET-084, ET-046, ET-107 */
static void delete_or_set_in_the_callback(struct kunit *test)
{
	struct rivals r = { .timers = nts_systimer_count() };

	nts_race_run(test, &set_plan, &r);
}

static void delete_later(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->entered_before = atomic_read(&r->entered);
	r->result[side] = end_timer(r, false, false);
}

static int judge_deferred(struct nts_race *race)
{
	struct rivals *r = race->data;

	while (!atomic_read(&r->ends))
		usleep_range(10, 20);
	KeFlushQueuedDpcs();
	nts_race_check(race, !r->result[0], "it cancels nothing");
	nts_race_check(race, atomic_read(&r->entered) == 1,
		       "the arm expires once, deleted or not");
	nts_race_check(race, r->left_at_end == 1,
		       "the delete callback comes after the last callback");
	nts_race_check(race, atomic_read(&r->ends) == 1,
		       "the delete callback runs once");
	nts_race_check(race, nts_systimer_count() == r->timers,
		       "the timer has been freed");
	nts_race_free(race, r->scene);
	return r->entered_before ? 1 : 0;
}

static const struct nts_race_plan deferred_plan = {
	.prepare = prepare,
	.ready = arm,
	.sides = { delete_later, nts_race_idle },
	.judge = judge_deferred,
	.outcomes = { { "delete first", NTS_RACE_LATER },
		      { "callback first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 10,
};

/* Shows: ET-105, ET-110, ET-130, ET-131 */
static void deferred_delete_lets_it_expire_once(struct kunit *test)
{
	struct rivals r = { .timers = nts_systimer_count() };

	nts_race_run(test, &deferred_plan, &r);
}

static void cancel(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[side] = ExCancelTimer(r->timer, NULL);
}

/* What the first side's call left is ended here. */
static int judge_call(struct nts_race *race)
{
	struct rivals *r = race->data;
	int calls;

	KeFlushQueuedDpcs();
	calls = atomic_read(&r->entered);
	r->calls_won += r->result[0];
	r->expiries += calls;
	nts_race_check(race, r->result[0] + calls == 1,
		       "the call finds the arm or its expiry calls back");
	ExDeleteTimer(r->timer, 1, 1, NULL);
	nts_race_check(race, nts_systimer_count() == r->timers,
		       "the timer has been freed");
	nts_race_free(race, r->scene);
	return r->result[0] ? 0 : 1;
}

static const struct nts_race_plan cancel_plan = {
	.prepare = prepare,
	.ready = arm,
	.sides = { cancel, nts_race_idle },
	.judge = judge_call,
	.outcomes = { { "cancel first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 10,
};

/* Shows: ET-061, ET-062, ET-067 */
static void cancel_or_expiry_but_never_both(struct kunit *test)
{
	expect_each_arm_ended_once(test, &cancel_plan);
}

static void set_again(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[side] = ExSetTimer(r->timer, -FAR_100NS, 0, NULL);
}

static const struct nts_race_plan set_again_plan = {
	.prepare = prepare,
	.ready = arm,
	.sides = { set_again, nts_race_idle },
	.judge = judge_call,
	.outcomes = { { "set first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 10,
};

/* Shows: ET-039 */
static void set_or_expiry_but_never_both(struct kunit *test)
{
	expect_each_arm_ended_once(test, &set_again_plan);
}

/* All sides may still name the timer: the first one's delete does not free it. */
static void prepare_held(struct nts_race *race)
{
	struct rivals *r = race->data;

	prepare(race);
	nts_race_check(race, nts_systimer_hold(r->timer), "it can be held");
}

static void delete_only(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[side] = end_timer(r, true, false);
}

static int judge_crowd(struct nts_race *race)
{
	struct rivals *r = race->data;
	unsigned int i, ended = 0;

	for (i = 0; i < race->nr_sides; i++)
		ended += r->result[i];
	nts_race_check(race, !nts_timer_armed(&r->timer->timer),
		       "nothing is pending after a cancelling delete");
	nts_race_check(race, !atomic_read(&r->ends),
		       "the end waits for the last user");
	nts_race_check(race, ended <= (race->nr_sides > 3 ? 2 : 1),
		       "no arm is ended twice");
	nts_systimer_release(r->timer);
	nts_race_check(race, atomic_read(&r->ends) == 1,
		       "the delete callback runs once");
	nts_race_check(race, !atomic_read(&r->entered), "nothing has expired");
	nts_race_check(race, nts_systimer_count() == r->timers,
		       "the timer has been freed");
	nts_race_free(race, r->scene);
	return ended ? 1 : 0;
}

static const struct nts_race_plan crowd_plan = {
	.prepare = prepare_held,
	.sides = { delete_only, set_again, cancel, set_again },
	.judge = judge_crowd,
	.outcomes = { { "delete before the sets", NTS_RACE_LATER },
		      { "a set before delete", NTS_RACE_EARLIER } },
};

/* Shows: ET-117, ET-100, ET-103 */
static void set_cancel_and_delete_take_turns(struct kunit *test)
{
	struct rivals r = { .timers = nts_systimer_count() };

	nts_race_run(test, &crowd_plan, &r);
}

/*
 * The hold of prepare_held() keeps the memory for a delete that comes late, and
 * goes when that has made up its mind.
 */
static void take_leftover(struct nts_race *race, unsigned int side)
{
	struct nts_systimer_leftover left;
	struct rivals *r = race->data;

	r->result[side] = nts_systimer_take_leftover(THIS_MODULE, &left);
	while (r->result[side] && !READ_ONCE(r->returned))
		cpu_relax();
	nts_systimer_release(r->timer);
}

static void delete_wait(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	end_timer(r, true, true);
	WRITE_ONCE(r->returned, true);
}

/* The waiting delete has returned, or this would not be reached. */
static int judge_leftover(struct nts_race *race)
{
	struct rivals *r = race->data;
	bool taken = r->result[1];

	nts_race_check(race, atomic_read(&r->ends) == !taken,
		       "the delete callback runs unless unload ended the timer");
	nts_race_check(race, nts_systimer_count() == r->timers,
		       "the timer has been freed");
	nts_race_free(race, r->scene);
	return taken ? 1 : 0;
}

static const struct nts_race_plan leftover_plan = {
	.prepare = prepare_held,
	.sides = { delete_wait, take_leftover },
	.judge = judge_leftover,
	.outcomes = { { "delete first", NTS_RACE_LATER },
		      { "unload first", NTS_RACE_EARLIER } },
	.share = 4,
};

/* Shows: ET-111, ET-192 */
static void unload_lets_a_waiting_delete_return(struct kunit *test)
{
	struct rivals r = { .timers = nts_systimer_count() };

	nts_race_run(test, &leftover_plan, &r);
}

static struct kunit_case ex_timer_race_cases[] = {
	KUNIT_CASE(delete_or_expiry_but_never_both),
	KUNIT_CASE(waiting_delete_outlasts_callbacks),
	KUNIT_CASE(delete_or_set_in_the_callback),
	KUNIT_CASE(deferred_delete_lets_it_expire_once),
	KUNIT_CASE(cancel_or_expiry_but_never_both),
	KUNIT_CASE(set_or_expiry_but_never_both),
	KUNIT_CASE(set_cancel_and_delete_take_turns),
	KUNIT_CASE(unload_lets_a_waiting_delete_return),
	{}
};

static struct kunit_suite ex_timer_race_suite = {
	.name = "ntshim_race_ex_timer",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = ex_timer_race_cases,
};

kunit_test_suite(ex_timer_race_suite);
