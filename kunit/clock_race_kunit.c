// SPDX-License-Identifier: GPL-2.0
/*
 * Absolute timers against somebody who sets the wall clock, through the real
 * call that clock_settime() makes.
 */

#include "../shim/compat.h"

#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/math.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "helpers.h"
#include "race.h"

#define DUE_NS 15000
#define HALF_HOUR_NS (1800 * (s64)NSEC_PER_SEC)

/**
 * struct setting - one round, and totals of all
 * @timer: absolute one-shot
 * @dpc: its DPC
 * @others: timers, some in each shard
 * @later: the one of them that lies in the shard of @timer
 * @runs: how often that ran in this round
 * @was_armed: what the cancel returned
 * @wall_ns: what the wall clock is ahead of running time, before the race
 * @cancelled: rounds in which the cancel found the timer armed
 * @expiries: rounds in which it expired
 * @missed_steps: rounds in which Linux had missed one, see missed_step()
 */
struct setting {
	struct nts_timer *timer;
	struct nts_dpc *dpc;
	struct nts_timer others[16];
	struct nts_timer *later;
	atomic_t runs;
	u8 was_armed;
	s64 wall_ns;
	u32 cancelled;
	u32 expiries;
	u32 missed_steps;
};

static void count_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	atomic_inc(context);
}

/* Set the wall clock to what it would be, plus @step_ns. */
static void set_clock(struct nts_race *race, s64 step_ns)
{
	struct setting *s = race->data;
	struct timespec64 time =
		ns_to_timespec64(s->wall_ns + (s64)ktime_get_ns() + step_ns);

	nts_race_check(race, !do_settimeofday64(&time), "the clock can be set");
}

static void prepare(struct nts_race *race)
{
	struct setting *s = race->data;

	s->timer = nts_race_alloc(race, sizeof(*s->timer));
	s->dpc = nts_race_alloc(race, sizeof(*s->dpc));
	KeInitializeTimer(s->timer);
	KeInitializeDpc(s->dpc, count_fn, &s->runs);
	atomic_set(&s->runs, 0);
}

static void arm_in(struct setting *s, s64 ns)
{
	KeSetTimer(s->timer,
		   nts_systime_from_real(ktime_get_real_ns()) + ns / 100,
		   s->dpc);
}

static void prepare_in_half_an_hour(struct nts_race *race)
{
	prepare(race);
	arm_in(race->data, HALF_HOUR_NS);
}

static void arm_soon(struct nts_race *race, unsigned int side)
{
	arm_in(race->data, -nts_race_due_100ns(race) * 100);
}

static void cancel(struct nts_race *race, unsigned int side)
{
	struct setting *s = race->data;

	s->was_armed = KeCancelTimer(s->timer);
}

static void step_forward(struct nts_race *race, unsigned int side)
{
	set_clock(race, 2 * HALF_HOUR_NS);
}

static void step_back(struct nts_race *race, unsigned int side)
{
	set_clock(race, -2 * HALF_HOUR_NS);
}

static int judge(struct nts_race *race)
{
	struct setting *s = race->data;
	int runs;

	KeFlushQueuedDpcs();
	set_clock(race, 0);
	runs = atomic_read(&s->runs);
	s->cancelled += s->was_armed;
	s->expiries += runs;
	nts_race_free(race, s->timer);
	nts_race_free(race, s->dpc);
	nts_race_check(race, s->was_armed + runs == 1,
		       "the timer is found armed or has expired");
	return s->was_armed ? 0 : 1;
}

/* What was due before the step has expired, what was not is armed for good. */
static int judge_step_back(struct nts_race *race)
{
	cancel(race, 0);
	return judge(race);
}

static void race_for_clock(struct kunit *test, const struct nts_race_plan *plan)
{
	struct setting *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	const struct nts_race *race;

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->wall_ns = ktime_get_real_ns() - ktime_get_ns();
	race = nts_race_run(test, plan, s);
	KUNIT_EXPECT_EQ(test, s->cancelled + s->expiries, race->rounds);
	if (s->missed_steps)
		kunit_info(test, "race: in %u rounds Linux missed a step\n",
			   s->missed_steps);
}

static const struct nts_race_plan forward_plan = {
	.prepare = prepare_in_half_an_hour,
	.sides = { cancel, step_forward },
	.judge = judge,
	.outcomes = { { "cancel first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.share = 4,
};

/* Shows: KT-205, KT-042 */
static void cancel_or_step_past_due(struct kunit *test)
{
	race_for_clock(test, &forward_plan);
}

static const struct nts_race_plan back_plan = {
	.prepare = prepare,
	.ready = arm_soon,
	.sides = { step_back, nts_race_idle },
	.judge = judge_step_back,
	.outcomes = { { "step first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 4,
};

/* Shows: KT-205, KT-042, KT-046 */
static void expiry_or_step_back(struct kunit *test)
{
	race_for_clock(test, &back_plan);
}

static void prepare_several(struct nts_race *race)
{
	struct setting *s = race->data;
	unsigned int i;

	prepare(race);
	for (i = 0; i < ARRAY_SIZE(s->others); i++) {
		s->later = &s->others[i];
		if (nts_shard_of(s->later) == nts_shard_of(s->timer))
			break;
	}
	KeInitializeTimer(s->later);
}

/* The event may be left with a timer that is due before the new one. */
static void step_back_and_arm(struct nts_race *race, unsigned int side)
{
	struct setting *s = race->data;

	step_back(race, side);
	KeSetTimer(s->later,
		   nts_systime_from_real(ktime_get_real_ns()) +
			   4 * HALF_HOUR_NS / 100,
		   NULL);
}

static bool await_run(const struct setting *s, unsigned int seconds)
{
	u64 end_ns = ktime_get_ns() + seconds * (u64)NSEC_PER_SEC;

	while (!atomic_read(&s->runs) && ktime_get_ns() < end_ns)
		usleep_range(10, 20);
	return atomic_read(&s->runs);
}

/*
 * A processor of Linux before 7.3 that looks at the clock in the moment in which
 * it is set may take the old time for the new one, until it is set again; so it
 * is for every event of its by the wall clock. Whether that has happened to the
 * one of @timer.
 */
static bool missed_step(const struct nts_timer *timer)
{
	const struct nts_shard *shard = nts_shard_of(timer);
	const struct nts_timer_queue *queue = &shard->queue[NTS_CLOCK_REAL];
	s64 offset_ns = ktime_get_real_ns() - ktime_get_ns();

	return abs(nts_event_offset(&queue->event, offset_ns) - offset_ns) >
	       HALF_HOUR_NS;
}

/* When the clock is what it was, the first timer's time has come. */
static int judge_later(struct nts_race *race)
{
	struct setting *s = race->data;
	bool before = atomic_read(&s->runs);

	set_clock(race, 0);
	if (!await_run(s, 1) && missed_step(s->timer)) {
		s->missed_steps++;
		set_clock(race, 0);
	}
	nts_race_check(race, await_run(s, 30),
		       "the timer expires when its time has come");
	nts_race_check(race, KeCancelTimer(s->later),
		       "the later timer is armed");
	/* Only one that is lost is armed still. */
	cancel(race, 0);
	judge(race);
	return before ? 1 : 0;
}

static const struct nts_race_plan later_plan = {
	.prepare = prepare_several,
	.ready = arm_soon,
	.sides = { step_back_and_arm, nts_race_idle },
	.judge = judge_later,
	.outcomes = { { "step first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
	.share = 4,
};

/* Shows: KT-205, KT-042, KT-046, KT-040 */
static void step_back_among_several_timers(struct kunit *test)
{
	race_for_clock(test, &later_plan);
}

static struct kunit_case clock_race_cases[] = {
	KUNIT_CASE(cancel_or_step_past_due),
	KUNIT_CASE(expiry_or_step_back),
	KUNIT_CASE(step_back_among_several_timers),
	{}
};

static struct kunit_suite clock_race_suite = {
	.name = "ntshim_race_clock",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = clock_race_cases,
};

kunit_test_suite(clock_race_suite);
