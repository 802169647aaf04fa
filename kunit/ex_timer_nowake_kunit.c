// SPDX-License-Identifier: GPL-2.0
/*
 * No-wake EX_TIMERs. With time moved by hand, a look is what a processor that
 * is awake does, an expiry what the event does that would wake it. Then on a
 * processor that is busy and on one that sleeps.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/timer.h>

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "dpc_probe.h"
#include "ex_timer.h"

#define MS NSEC_PER_MSEC
#define DUE (20 * UNITS_PER_MS)
#define FAR (3600 * UNITS_PER_SEC)
#define TOLERANCE (500 * MS)

static bool signaled(const struct nts_systimer *timer)
{
	return nts_timer_signaled(&timer->timer);
}

/* Let time pass in which nothing happens, neither look nor event. */
static void sleep_for(struct kunit *test, u64 ns)
{
	struct nts_engine *e = test->priv;

	e->now.mono_ns += ns;
	e->now.real_ns += ns;
}

static void look(struct kunit *test, struct nts_systimer *timer)
{
	struct nts_engine *e = test->priv;

	nts_systimer_look(timer, &e->now);
}

static struct nts_systimer *start(struct kunit *test, u32 period_100ns,
				  u64 tolerance_ns)
{
	struct nts_systimer *timer =
		nts_engine_ex_timer(test, EX_NO_WAKE, NULL);

	nts_engine_ex_set_tolerant(test, timer, -DUE, period_100ns,
				   tolerance_ns);
	return timer;
}

static u64 lateness_allowed(const struct nts_systimer *timer)
{
	return timer->timer.latest_ns - timer->timer.due_ns;
}

/* Shows: ET-170, ET-177 */
static void awake_processor_expires_it_at_due(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, TOLERANCE);

	sleep_for(test, 20 * MS - 1);
	look(test, timer);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	sleep_for(test, 1);
	look(test, timer);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-171 */
static void sleeping_processor_is_woken_after_the_tolerance(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, TOLERANCE);
	struct nts_engine *e = test->priv;
	u64 due_ns = e->now.mono_ns + 20 * MS;

	KUNIT_EXPECT_EQ(test, timer->timer.due_ns, due_ns);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, due_ns + TOLERANCE);
	sleep_for(test, 20 * MS + TOLERANCE);
	nts_engine_expire(e);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-171 */
static void processor_that_wakes_expires_what_has_passed(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, TOLERANCE);

	sleep_for(test, 120 * MS);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	look(test, timer);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	/* The event that is still to come finds nothing. */
	nts_engine_consume(test->priv, &timer->timer);
	nts_engine_advance(test->priv, NSEC_PER_SEC);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-171 */
static void other_timers_do_not_look_at_it(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, TOLERANCE);
	struct nts_timer *other =
		nts_engine_timer(test, NT_LAYOUT_TYPE_NOTIFICATION_TIMER);
	struct nts_engine *e = test->priv;

	nts_engine_set(e, other, -2 * DUE, 0, NULL);
	sleep_for(test, 30 * MS);
	nts_engine_expire(e);
	KUNIT_EXPECT_FALSE(test, signaled(timer));
	KUNIT_EXPECT_TRUE(test, nts_timer_armed(&timer->timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-172 */
static void endless_tolerance_has_no_event(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, NTS_TOLERANCE_ENDLESS_NS);

	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, NTS_NEVER_NS);
	sleep_for(test, 3600 * NSEC_PER_SEC);
	look(test, timer);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-173 */
static void no_tolerance_is_a_normal_timer(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, 0);

	KUNIT_EXPECT_EQ(test, lateness_allowed(timer), 0);
	nts_engine_advance(test->priv, 20 * MS);
	KUNIT_EXPECT_TRUE(test, signaled(timer));
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-175 */
static void sum_of_due_and_tolerance_saturates(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, nts_ns_from_100ns(S64_MAX));

	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, NTS_NEVER_NS);
	nts_engine_ex_set_tolerant(test, timer, -DUE, 0,
				   KTIME_MAX - timer->timer.due_ns);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, KTIME_MAX);
	/* One more, and a large one that is not endless. */
	nts_engine_ex_set_tolerant(test, timer, -DUE, 0,
				   KTIME_MAX - timer->timer.due_ns + 1);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, NTS_NEVER_NS);
	nts_engine_ex_set_tolerant(test, timer, -DUE, 0, KTIME_MAX);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, NTS_NEVER_NS);
	nts_engine_ex_set_tolerant(test, timer, S64_MIN, 0, TOLERANCE);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns, NTS_NEVER_NS);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-176 */
static void tolerance_belongs_to_the_set(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 0, TOLERANCE);

	KUNIT_EXPECT_EQ(test, lateness_allowed(timer), TOLERANCE);
	nts_engine_ex_set(test, timer, -DUE, 0);
	KUNIT_EXPECT_EQ(test, lateness_allowed(timer), 0);
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-176, ET-177 */
static void tolerance_does_not_shift_the_grid(struct kunit *test)
{
	struct nts_systimer *timer = start(test, 100 * UNITS_PER_MS, 30 * MS);
	struct nts_engine *e = test->priv;
	u64 first_ns = timer->timer.due_ns;
	int i;

	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, timer->timer.due_ns,
				first_ns + i * 100 * MS);
		KUNIT_EXPECT_EQ(test, lateness_allowed(timer), 30 * MS);
		/* By turns when due, and when the event comes. */
		e->now.mono_ns = timer->timer.due_ns + (i & 1) * 30 * MS;
		if (i & 1)
			nts_engine_expire(e);
		else
			look(test, timer);
		KUNIT_EXPECT_TRUE(test, nts_engine_consume(e, &timer->timer));
	}
	nts_engine_ex_delete(timer, true, NULL);
}

/* Shows: ET-030, ET-174, ET-177 */
static void sleep_counts_for_absolute_times_only(struct kunit *test)
{
	struct nts_systimer *relative = start(test, 0, TOLERANCE);
	struct nts_systimer *absolute =
		nts_engine_ex_timer(test, EX_NO_WAKE, NULL);
	struct nts_engine *e = test->priv;

	nts_engine_ex_set_tolerant(test, absolute, nts_engine_systime(e) + DUE,
				   0, TOLERANCE);
	/* The system sleeps for an hour. */
	e->now.real_ns += 3600 * NSEC_PER_SEC;
	look(test, relative);
	look(test, absolute);
	KUNIT_EXPECT_FALSE(test, signaled(relative));
	KUNIT_EXPECT_TRUE(test, signaled(absolute));
	nts_engine_ex_delete(relative, true, NULL);
	nts_engine_ex_delete(absolute, true, NULL);
}

static struct kunit_case ex_timer_nowake_cases[] = {
	KUNIT_CASE(awake_processor_expires_it_at_due),
	KUNIT_CASE(sleeping_processor_is_woken_after_the_tolerance),
	KUNIT_CASE(processor_that_wakes_expires_what_has_passed),
	KUNIT_CASE(other_timers_do_not_look_at_it),
	KUNIT_CASE(endless_tolerance_has_no_event),
	KUNIT_CASE(no_tolerance_is_a_normal_timer),
	KUNIT_CASE(sum_of_due_and_tolerance_saturates),
	KUNIT_CASE(tolerance_belongs_to_the_set),
	KUNIT_CASE(tolerance_does_not_shift_the_grid),
	KUNIT_CASE(sleep_counts_for_absolute_times_only),
	{}
};

static struct kunit_suite ex_timer_nowake_suite = {
	.name = "ntshim_ex_timer_nowake",
	.init = nts_engine_init,
	.exit = nts_engine_exit,
	.test_cases = ex_timer_nowake_cases,
};

/**
 * struct lateness - of the expiries of one no-wake timer
 * @timer: it
 * @due_ns: of the set
 * @came_ns: when the callback ran, 0 before
 */
struct lateness {
	struct nts_systimer *timer;
	u64 due_ns;
	u64 came_ns;
};

static void note_fn(struct nts_systimer *timer, void *context)
{
	struct lateness *late = context;

	WRITE_ONCE(late->came_ns, ktime_get_ns());
}

static void set_tolerant(struct kunit *test, struct lateness *late,
			 s64 due_100ns, s64 tolerance_100ns)
{
	struct nts_ext_set parameters = { .tolerance_100ns = tolerance_100ns };

	late->came_ns = 0;
	late->timer = ExAllocateTimer(note_fn, late, EX_NO_WAKE);
	KUNIT_ASSERT_NOT_NULL(test, late->timer);
	late->due_ns = ktime_get_ns() + due_100ns * 100;
	ExSetTimer(late->timer, -due_100ns, 0, &parameters);
}

/* Longer than a busy host keeps a processor waiting. */
static const s64 live_tolerances[] = { 60 * UNITS_PER_SEC, -1 };

static void describe_tolerance(const s64 *tolerance, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lld", *tolerance);
}

KUNIT_ARRAY_PARAM(live_tolerance, live_tolerances, describe_tolerance);

/* Shows: ET-170, ET-177 */
static void busy_processor_is_punctual(struct kunit *test)
{
	const s64 *tolerance = test->param_value;
	u64 tick_ns = nts_ns_from_100ns(nts_clock_tick_max());
	struct lateness late;
	u64 limit_ns;

	migrate_disable();
	set_tolerant(test, &late, DUE, *tolerance);
	limit_ns = late.due_ns + 20 * NSEC_PER_SEC;
	while (!READ_ONCE(late.came_ns) && ktime_get_ns() < limit_ns) {
		udelay(5);
		/* Softirqs may have been left to a thread. */
		cond_resched();
	}
	migrate_enable();
	KUNIT_EXPECT_GE(test, late.came_ns, late.due_ns);
	/* It was not the event at due + tolerance. */
	KUNIT_EXPECT_LT(test, late.came_ns - late.due_ns, 15 * NSEC_PER_SEC);
	/*
	 * The simulated kernel has its tick, for all its events, each 10 ms, and
	 * lets a little time pass whenever its clock is read.
	 */
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LE(test, late.came_ns - late.due_ns,
				max(tick_ns, 2ULL * TICK_NSEC) +
					10 * NSEC_PER_USEC);
	kunit_info(test, "%llu us late\n",
		   (late.came_ns - late.due_ns) / NSEC_PER_USEC);
	ExDeleteTimer(late.timer, 1, 1, NULL);
}

/* Shows: ET-170, ET-171, ET-177 */
static void processor_that_wakes_is_enough(struct kunit *test)
{
	const s64 nap_100ns = -10 * UNITS_PER_MS;
	const s64 *tolerance = test->param_value;
	struct lateness late;
	u64 limit_ns;

	set_tolerant(test, &late, DUE, *tolerance);
	limit_ns = late.due_ns + 30 * NSEC_PER_SEC;
	while (!READ_ONCE(late.came_ns) && ktime_get_ns() < limit_ns)
		KeDelayExecutionThread(0, 0, &nap_100ns);
	KUNIT_EXPECT_GE(test, late.came_ns, late.due_ns);
	kunit_info(test, "%llu us late\n",
		   (late.came_ns - late.due_ns) / NSEC_PER_USEC);
	ExDeleteTimer(late.timer, 1, 1, NULL);
}

/* Shows: ET-171, ET-172 */
static void look_wakes_no_processor(struct kunit *test)
{
	const s64 *tolerance = test->param_value;
	struct lateness late;

	set_tolerant(test, &late, FAR, *tolerance);
	KUNIT_EXPECT_TRUE(test, timer_pending(&late.timer->awake));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(late.timer->awake.flags) &
					TIMER_DEFERRABLE);
	ExDeleteTimer(late.timer, 1, 1, NULL);
}

static unsigned int processor_of_look(const struct lateness *late)
{
	return READ_ONCE(late->timer->awake.flags) & TIMER_CPUMASK;
}

/* Shows: ET-170, ET-171 */
static void look_is_at_the_processor_of_the_last_set(struct kunit *test)
{
	struct nts_ext_set parameters = { .tolerance_100ns = UNITS_PER_SEC };
	unsigned int away = nts_probe_other_cpu(test);
	struct lateness late;

	set_tolerant(test, &late, FAR, UNITS_PER_SEC);
	KUNIT_EXPECT_EQ(test, processor_of_look(&late), raw_smp_processor_id());
	KUNIT_EXPECT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(away)),
			0);
	ExSetTimer(late.timer, -FAR, 0, &parameters);
	KUNIT_EXPECT_EQ(test, processor_of_look(&late), away);
	ExDeleteTimer(late.timer, 1, 1, NULL);
}

static struct kunit_case ex_timer_nowake_live_cases[] = {
	KUNIT_CASE_PARAM(busy_processor_is_punctual, live_tolerance_gen_params),
	KUNIT_CASE_PARAM(processor_that_wakes_is_enough,
			 live_tolerance_gen_params),
	KUNIT_CASE_PARAM(look_wakes_no_processor, live_tolerance_gen_params),
	KUNIT_CASE(look_is_at_the_processor_of_the_last_set),
	{}
};

static struct kunit_suite ex_timer_nowake_live_suite = {
	.name = "ntshim_ex_timer_nowake_live",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = ex_timer_nowake_live_cases,
};

kunit_test_suites(&ex_timer_nowake_suite, &ex_timer_nowake_live_suite);
