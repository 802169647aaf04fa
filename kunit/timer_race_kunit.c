// SPDX-License-Identifier: GPL-2.0
/*
 * Timer calls against expiries and against each other, on real events. Each
 * case counts both outcomes, steers its delay towards the moment where both
 * occur, and ends with exact totals.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>

#include "../shim/ke_api.h"
#include "helpers.h"

#define ROUNDS 2000

/* Each outcome must occur in at least one round of a hundred. */
#define OFTEN (ROUNDS / 100)

#define DUE_100NS (100 * UNITS_PER_US)
#define FAR_100NS (3600 * UNITS_PER_SEC)

/**
 * struct race - rounds of one call against the expiry of one arm
 * @timer: one-shot
 * @counter: its DPC
 * @delay_us: between set and the call under test; follows the last outcome
 * @won: rounds in which the call came first
 */
struct race {
	struct nts_timer timer;
	struct nts_test_dpc counter;
	unsigned int delay_us;
	int won;
};

static void start_race(struct kunit *test, struct race *race)
{
	if (nts_test_time_is_simulated())
		kunit_skip(test, "nothing races in simulated time");
	KeInitializeTimer(&race->timer);
	nts_test_dpc_init(&race->counter);
	race->delay_us = 100;
	race->won = 0;
}

static void race_once(struct race *race, bool (*call)(struct nts_timer *timer))
{
	KeSetTimer(&race->timer, -DUE_100NS, &race->counter.dpc);
	udelay(race->delay_us);
	if (call(&race->timer)) {
		race->won++;
		race->delay_us++;
	} else if (race->delay_us) {
		race->delay_us--;
	}
	/* The next expiry must not merge with a DPC that is still queued. */
	nts_dpc_flush();
}

static void end_race(struct kunit *test, struct race *race)
{
	int expired = nts_test_dpc_runs(&race->counter);

	kunit_info(test, "call first %d, expiry first %d\n", race->won,
		   expired);
	KUNIT_EXPECT_EQ(test, race->won + expired, ROUNDS);
	KUNIT_EXPECT_GE(test, race->won, OFTEN);
	KUNIT_EXPECT_GE(test, expired, OFTEN);
}

static bool cancel(struct nts_timer *timer)
{
	return KeCancelTimer(timer);
}

/* Shows: KT-141, KT-201 */
static void cancel_or_expiry_but_never_both(struct kunit *test)
{
	struct race race;
	int i;

	start_race(test, &race);
	for (i = 0; i < ROUNDS; i++)
		race_once(&race, cancel);
	end_race(test, &race);
}

/* Returns what the first set returned; leaves the timer disarmed. */
static bool set_far(struct nts_timer *timer)
{
	bool was_armed = KeSetTimer(timer, -FAR_100NS, NULL);

	KeCancelTimer(timer);
	return was_armed;
}

/* Shows: KT-063, KT-064, KT-200 */
static void set_or_expiry_but_never_both(struct kunit *test)
{
	struct race race;
	int i;

	start_race(test, &race);
	for (i = 0; i < ROUNDS; i++)
		race_once(&race, set_far);
	end_race(test, &race);
}

/* Shows: KT-083, KT-144, KT-145, KT-202 */
static void cancel_of_periodic_always_finds_it(struct kunit *test)
{
	struct race race;
	int i, runs;

	start_race(test, &race);
	for (i = 0; i < ROUNDS; i++) {
		KeSetTimerEx(&race.timer, -DUE_100NS, 1, &race.counter.dpc);
		udelay(i % 200);
		KUNIT_ASSERT_EQ(test, KeCancelTimer(&race.timer), 1);
		runs = nts_test_dpc_runs(&race.counter);
		KUNIT_ASSERT_EQ(test, nts_test_dpc_runs(&race.counter), runs);
	}
}

/**
 * struct rival - one of two threads that set and cancel the same timer
 * @timer: shared
 * @armed: how many sets found it disarmed
 * @disarmed: how many cancels found it armed
 * @ended: completed at the end
 */
struct rival {
	struct nts_timer *timer;
	int armed;
	int disarmed;
	struct completion ended;
};

static int set_and_cancel_fn(void *data)
{
	struct rival *rival = data;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		rival->armed += !KeSetTimer(rival->timer, -FAR_100NS, NULL);
		rival->disarmed += KeCancelTimer(rival->timer);
	}
	complete(&rival->ended);
	return 0;
}

/* Shows: KT-061, KT-073, KT-203 */
static void every_arm_is_disarmed_once(struct kunit *test)
{
	struct rival rivals[2];
	struct task_struct *task;
	struct nts_timer timer;
	int i;

	KeInitializeTimer(&timer);
	for (i = 0; i < 2; i++) {
		rivals[i] = (struct rival){ .timer = &timer };
		init_completion(&rivals[i].ended);
		task = kthread_run(set_and_cancel_fn, &rivals[i], "nts-rival");
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	}
	for (i = 0; i < 2; i++)
		wait_for_completion(&rivals[i].ended);
	KUNIT_EXPECT_EQ(test, rivals[0].armed + rivals[1].armed,
			rivals[0].disarmed + rivals[1].disarmed);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 0);
}

static struct kunit_case timer_race_cases[] = {
	KUNIT_CASE(cancel_or_expiry_but_never_both),
	KUNIT_CASE(set_or_expiry_but_never_both),
	KUNIT_CASE(cancel_of_periodic_always_finds_it),
	KUNIT_CASE(every_arm_is_disarmed_once),
	{}
};

static struct kunit_suite timer_race_suite = {
	.name = "ntshim_timer_race",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = timer_race_cases,
};

kunit_test_suite(timer_race_suite);
