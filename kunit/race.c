// SPDX-License-Identifier: GPL-2.0
/*
 * The harness of the race suites: threads, the common start of each round, the
 * steering of the delay, memory that is poisoned when it may be freed, and the
 * histogram. It knows nothing of timers, DPCs or waits.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/poison.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "race.h"

static unsigned int race_rounds = 300;
module_param(race_rounds, uint, 0444);
MODULE_PARM_DESC(race_rounds, "Rounds of each race (default 300)");

static unsigned long long race_seed;
module_param(race_seed, ullong, 0444);
MODULE_PARM_DESC(race_seed, "Seed of the races (default 0: a new one each)");

/*
 * How long a side looks for another before it sleeps for a moment: processors
 * of this kernel may share processors of a busy machine, where spinning keeps
 * away the very side that is waited for. At the start both must be awake.
 */
#define PATIENCE_NS 10000
#define PATIENCE_AT_START_NS 100000

/* These moments become longer: looking too often is no better than spinning. */
#define NAP_MIN_US 10
#define NAP_MAX_US 160

/* So many rounds with a late side, and the delay is steered all the same. */
#define LATE_ROUNDS 32

/*
 * After a round with a late side all sides sleep until shortly before the next
 * start: a machine that is busy runs those at once that have slept.
 */
#define APPOINTMENT_NS 400000
#define AWAKE_BEFORE_NS 250000
#define LATE_NS 10000

/*
 * From so many rounds on, each outcome must occur in one of a hundred. Fewer
 * may all fall into a moment in which the machine had one processor to give.
 */
#define ROUNDS_FOR_ALL_OUTCOMES 10000

/* Rounds after which the sides change places. */
#define LAP 128

/* One round in so many takes its objects from the kernel's allocator. */
#define KMALLOC_EVERY 10

/* What a function with an object and a wait in it has used of the stack. */
#define SCRIBBLE_SIZE 1024

/* Bounds of the steered delay and of its steps. */
#define DELAY_MAX_NS 2000000
#define STEP_MIN_NS 100
#define STEP_MAX_NS 64000
#define STEP_FIRST_NS 4000
#define JITTER_NS 2000

/* Until @word has reached @value; returns whether that took no sleep. */
static bool await(const u32 *word, u32 value, u64 patience_ns)
{
	unsigned int looks = 0, nap_us = NAP_MIN_US;
	u64 end_ns = 0;

	/* Pairs with the release of the side that has got so far. */
	while (smp_load_acquire(word) < value) {
		cpu_relax();
		if (++looks % 64)
			continue;
		if (!end_ns)
			end_ns = ktime_get_ns() + patience_ns;
		if (ktime_get_ns() < end_ns)
			continue;
		usleep_range(nap_us, nap_us + NAP_MIN_US);
		nap_us = min(2 * nap_us, NAP_MAX_US);
	}
	return !end_ns || ktime_get_ns() < end_ns;
}

/**
 * nts_race_await() - until a word has reached a value
 * @word: written by another side with a release; never decreases
 * @value: what it must reach
 *
 * Context: process; sleeps if it takes long.
 */
void nts_race_await(const u32 *word, u32 value)
{
	await(word, value, PATIENCE_NS);
}

/**
 * nts_race_delay() - let time pass without sleeping
 * @ns: how much at least
 *
 * Context: any.
 */
void nts_race_delay(u32 ns)
{
	u64 end_ns = ktime_get_ns() + ns;

	if (!ns)
		return;
	while (ktime_get_ns() < end_ns)
		cpu_relax();
}

/**
 * nts_race_due_100ns() - the due time of what the first side races against
 * @race: the race
 *
 * Longer than planned if the first side cannot be early enough.
 *
 * Context: any side.
 * Return: relative due time of this round, negative.
 */
s64 nts_race_due_100ns(const struct nts_race *race)
{
	return -(s64)(race->plan->due_ns + max(-race->wait_ns, 0)) / 100;
}

/**
 * nts_race_check() - note what must never be
 * @race: the race
 * @good: false: the round is wrong, and the case fails
 * @what: what should have been; a constant
 *
 * Context: any side, or a callback of one.
 * Return: @good.
 */
bool nts_race_check(struct nts_race *race, bool good, const char *what)
{
	if (likely(good))
		return true;
	if (atomic_inc_return(&race->wrong) == 1) {
		race->first_wrong = what;
		race->wrong_round = race->round;
	}
	return false;
}

/**
 * nts_race_idle() - a side that only lends its processor, for an interrupt
 * @race: the race
 * @side: which side
 */
void nts_race_idle(struct nts_race *race, unsigned int side)
{
}

/**
 * nts_race_scribble() - use the stack that a frame before has used
 * @race: the race
 *
 * To be called by whoever called the function whose frame has ended, for
 * somebody who might still write to objects in it.
 *
 * Context: process.
 */
noinline void nts_race_scribble(struct nts_race *race)
{
	u8 frame[SCRIBBLE_SIZE];

	memset(frame, POISON_FREE, sizeof(frame));
	/* The compiler must take the bytes for used, and read them again. */
	barrier_data(frame);
	nts_race_delay(500);
	barrier_data(frame);
	nts_race_check(race, !memchr_inv(frame, POISON_FREE, sizeof(frame)),
		       "nobody writes to a frame that has ended");
}

static bool is_slot(const struct nts_race *race, const void *object)
{
	return object >= (void *)race->slots &&
	       object < (void *)race->slots[NTS_RACE_SLOTS];
}

/**
 * nts_race_alloc() - memory for an object of one round
 * @race: the race
 * @size: at most NTS_RACE_SLOT_SIZE bytes
 *
 * In nine rounds of ten a slot that was poisoned when it was freed, a while
 * ago; that nobody has written to it since is checked here.
 *
 * Context: prepare() only.
 * Return: the memory, not zeroed; never NULL.
 */
void *nts_race_alloc(struct nts_race *race, size_t size)
{
	void *object = NULL;

	if (race->round % KMALLOC_EVERY == 0)
		object = kmalloc(size, GFP_KERNEL);
	if (object)
		return object;
	race->slot = (race->slot + 1) % NTS_RACE_SLOTS;
	object = race->slots[race->slot];
	nts_race_check(race,
		       !memchr_inv(object, POISON_FREE, NTS_RACE_SLOT_SIZE),
		       "nobody writes to memory that was free");
	return object;
}

/**
 * nts_race_free() - free at the earliest moment that the rules allow
 * @race: the race
 * @object: from nts_race_alloc()
 *
 * Context: any.
 */
void nts_race_free(struct nts_race *race, void *object)
{
	if (is_slot(race, object))
		memset(object, POISON_FREE, NTS_RACE_SLOT_SIZE);
	else
		kfree(object);
}

/* Each side gets a processor of its own, another one than before. */
static void choose_places(struct nts_race *race)
{
	unsigned int cpus = num_online_cpus();
	unsigned int first = prandom_u32_state(&race->random) % cpus;
	unsigned int apart = 1, i;

	if (race->nr_sides == 2 && cpus > 2)
		apart += prandom_u32_state(&race->random) % (cpus - 1);
	for (i = 0; i < race->nr_sides; i++)
		race->sides[i].cpu = (first + i * apart) % cpus;
}

static void choose_delay(struct nts_race *race)
{
	u32 jitter_ns = race->plan->jitter_ns ?: JITTER_NS;

	race->aim = prandom_u32_state(&race->random) % race->nr_aims;
	race->wait_ns = race->aims[race->aim].delay_ns +
			(s32)(prandom_u32_state(&race->random) % jitter_ns);
}

/* A few moves in one direction make the steps longer, a turn shorter. */
static void steer(struct nts_race_aim *aim, enum nts_race_steer direction)
{
	if (!direction)
		return;
	if (direction != aim->last) {
		aim->step_ns = max_t(s32, aim->step_ns / 2, STEP_MIN_NS);
		aim->same = 0;
	} else if (++aim->same % 4 == 0) {
		aim->step_ns = min_t(s32, aim->step_ns * 2, STEP_MAX_NS);
	}
	aim->last = direction;
	aim->delay_ns = clamp_t(s32, aim->delay_ns + direction * aim->step_ns,
				-DELAY_MAX_NS, DELAY_MAX_NS);
}

/* Aim i lies between the outcomes i and i + 1. */
static enum nts_race_steer choose_steer(const struct nts_race *race,
					unsigned int outcome)
{
	if (!race->plan->in_order)
		return race->plan->outcomes[outcome].steer;
	return outcome <= race->aim ? NTS_RACE_LATER : NTS_RACE_EARLIER;
}

static void judge_round(struct nts_race *race)
{
	int outcome = race->plan->judge(race);

	if (!nts_race_check(race, outcome >= 0, "the outcome is allowed"))
		return;
	race->counts[outcome]++;
	/* A side that was late says little about the delay. */
	if (READ_ONCE(race->late)) {
		race->total_late++;
		if (++race->late_rounds % LATE_ROUNDS)
			return;
	} else {
		race->late_rounds = 0;
	}
	steer(&race->aims[race->aim], choose_steer(race, outcome));
}

/* Keep the appointment for the start; returns whether that worked out. */
static bool keep_appointment(struct nts_race *race)
{
	u64 now_ns = ktime_get_ns();
	u64 wake_ns = race->start_ns - AWAKE_BEFORE_NS;

	if (now_ns < wake_ns)
		usleep_range((wake_ns - now_ns) / 1000,
			     (wake_ns - now_ns) / 1000 + 1);
	while ((now_ns = ktime_get_ns()) < race->start_ns)
		cpu_relax();
	return now_ns < race->start_ns + LATE_NS;
}

/*
 * All sides are there: off they go. What the others still have to get ready
 * takes the same time in each round, so the delay counts from there.
 */
static void start_others(struct nts_race *race, u32 round)
{
	unsigned int i;
	bool soon = true;

	for (i = 1; i < race->nr_sides; i++)
		nts_race_await(&race->sides[i].arrived, round);
	race->start_ns = 0;
	if (race->late_rounds)
		race->start_ns = ktime_get_ns() + APPOINTMENT_NS;
	/* Pairs with the acquire of the others. */
	smp_store_release(&race->started, round);
	if (race->start_ns)
		soon = keep_appointment(race);
	for (i = 1; race->plan->ready && i < race->nr_sides; i++)
		soon &= await(&race->sides[i].ready, round,
			      PATIENCE_AT_START_NS);
	if (!soon)
		WRITE_ONCE(race->late, true);
}

static void await_start(struct nts_race_side *side, u32 round)
{
	struct nts_race *race = side->race;
	bool soon;

	/* Pairs with the acquire of the first side, which waits for all. */
	smp_store_release(&side->arrived, round);
	soon = await(&race->started, round, PATIENCE_AT_START_NS);
	if (race->start_ns)
		soon = keep_appointment(race);
	if (!soon)
		WRITE_ONCE(race->late, true);
	if (!race->plan->ready)
		return;
	race->plan->ready(race, side->index);
	/* Pairs with the acquire of the first side, whose delay begins. */
	smp_store_release(&side->ready, round);
}

/* Long delays must not keep the machine's processor from the other side. */
static void wait_for_turn(s32 ns)
{
	if (ns > PATIENCE_AT_START_NS)
		usleep_range(ns / 1000, ns / 1000 + 10);
	else if (ns > 0)
		nts_race_delay(ns);
}

/* The part of a round that all sides have in common. */
static void run_side(struct nts_race_side *side, u32 round)
{
	struct nts_race *race = side->race;
	s32 wait_ns = race->wait_ns;

	if (round % LAP == 1)
		set_cpus_allowed_ptr(current, cpumask_of(side->cpu));
	if (side->index) {
		await_start(side, round);
		if (!race->plan->due_ns)
			wait_for_turn(-wait_ns);
	} else {
		start_others(race, round);
		if (!race->plan->own_delay)
			wait_for_turn(wait_ns);
	}
	race->plan->sides[side->index](race, side->index);
	/* Pairs with the acquire of the first side: judge() sees our results. */
	smp_store_release(&side->finished, round);
}

static void lead_round(struct nts_race *race, u32 round)
{
	unsigned int i;

	race->round = round;
	race->late = false;
	if (round % LAP == 1)
		choose_places(race);
	choose_delay(race);
	if (race->plan->prepare)
		race->plan->prepare(race);
	/* Pairs with the acquire of the others: they see what is prepared. */
	smp_store_release(&race->prepared, round);
	run_side(&race->sides[0], round);
	for (i = 1; i < race->nr_sides; i++)
		nts_race_await(&race->sides[i].finished, round);
	judge_round(race);
}

static int side_fn(void *data)
{
	struct nts_race_side *side = data;
	struct nts_race *race = side->race;
	u32 round;

	for (round = 1; round <= race->rounds; round++) {
		if (side == race->sides) {
			lead_round(race, round);
		} else {
			nts_race_await(&race->prepared, round);
			run_side(side, round);
		}
		cond_resched();
	}
	kthread_complete_and_exit(&race->ended, 0);
}

static void start_sides(struct kunit *test, struct nts_race *race)
{
	struct task_struct *tasks[NTS_RACE_SIDES];
	struct nts_race_side *side;
	unsigned int i;

	for (i = 0; i < race->nr_sides; i++) {
		side = &race->sides[i];
		side->race = race;
		side->index = i;
		tasks[i] = kthread_create(side_fn, side, "nts-race/%u", i);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tasks[i]);
	}
	for (i = 0; i < race->nr_sides; i++)
		wake_up_process(tasks[i]);
}

static unsigned int count_outcomes(const struct nts_race_plan *plan)
{
	unsigned int count = 0;

	while (count < NTS_RACE_OUTCOMES && plan->outcomes[count].name)
		count++;
	return count;
}

static unsigned int count_sides(const struct nts_race_plan *plan)
{
	unsigned int count = 0;

	while (count < NTS_RACE_SIDES && plan->sides[count])
		count++;
	return min(count, num_online_cpus());
}

static void start_aims(struct nts_race *race)
{
	const struct nts_race_plan *plan = race->plan;
	unsigned int i;

	race->nr_aims = plan->in_order ? count_outcomes(plan) - 1 : 1;
	for (i = 0; i < race->nr_aims; i++) {
		race->aims[i].delay_ns = plan->due_ns;
		race->aims[i].step_ns = STEP_FIRST_NS;
	}
}

static struct nts_race *new_race(struct kunit *test,
				 const struct nts_race_plan *plan, void *data)
{
	struct nts_race *race = kunit_kzalloc(test, sizeof(*race), GFP_KERNEL);
	u64 seed = race_seed ?: get_random_u64();

	KUNIT_ASSERT_NOT_NULL(test, race);
	race->plan = plan;
	race->data = data;
	race->rounds = max(race_rounds / (plan->share ?: 1), 200U);
	race->nr_sides = count_sides(plan);
	start_aims(race);
	prandom_seed_state(&race->random, seed);
	memset(race->slots, POISON_FREE, sizeof(race->slots));
	init_completion(&race->ended);
	kunit_info(test, "race: %u rounds, %u sides on %u CPUs, seed %llu\n",
		   race->rounds, race->nr_sides, num_online_cpus(), seed);
	return race;
}

static void show_histogram(struct kunit *test, struct nts_race *race, u64 ns)
{
	const struct nts_race_outcome *outcome;
	unsigned int i;

	for (i = 0; i < count_outcomes(race->plan); i++) {
		outcome = &race->plan->outcomes[i];
		kunit_info(test, "race: %8u %s\n", race->counts[i],
			   outcome->name);
		if (!outcome->rare && race->rounds >= ROUNDS_FOR_ALL_OUTCOMES)
			KUNIT_EXPECT_GE_MSG(test, race->counts[i],
					    race->rounds / 100,
					    "outcome '%s' is too rare",
					    outcome->name);
	}
	for (i = 0; i < race->nr_aims; i++)
		kunit_info(test, "race: delay %d ns\n", race->aims[i].delay_ns);
	kunit_info(test, "race: %llu ms, late in %u rounds\n",
		   ns / NSEC_PER_MSEC, race->total_late);
}

static void check_slots(struct nts_race *race)
{
	nts_race_check(race,
		       !memchr_inv(race->slots, POISON_FREE,
				   sizeof(race->slots)),
		       "every object is freed and then left alone");
}

/**
 * nts_race_run() - run a race, print its histogram, check it
 * @test: the case; skipped on one processor
 * @plan: the race
 * @data: for nts_race.data
 *
 * Return: the race, for the case's own totals; freed with the case.
 */
const struct nts_race *nts_race_run(struct kunit *test,
				    const struct nts_race_plan *plan,
				    void *data)
{
	struct nts_race *race;
	unsigned int i;
	u64 start_ns;

	if (num_online_cpus() < 2)
		kunit_skip(test, "a race needs two processors");
	race = new_race(test, plan, data);
	start_ns = ktime_get_ns();
	start_sides(test, race);
	for (i = 0; i < race->nr_sides; i++)
		/* No sleep is so long that it looks hung. */
		while (!wait_for_completion_timeout(&race->ended, HZ))
			;
	check_slots(race);
	show_histogram(test, race, ktime_get_ns() - start_ns);
	KUNIT_EXPECT_EQ_MSG(test, atomic_read(&race->wrong), 0,
			    "first in round %u: not so: %s", race->wrong_round,
			    race->first_wrong);
	return race;
}
