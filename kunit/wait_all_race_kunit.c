// SPDX-License-Identifier: GPL-2.0
/*
 * Waits for all of several objects against thieves and against each other:
 * nothing is taken by half.
 */

#include "../shim/compat.h"

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"
#include "race.h"
#include "race_signals.h"

/* W-RAC-04: a wait for all and a thief. */

static void prepare_all(struct nts_race *race)
{
	struct nts_signals *s = race->data;
	struct nts_header *objects[2];

	nts_signals_prepare(race);
	KeSetEvent(&s->objects->a, 0, 0);
	objects[0] = &s->objects->a;
	objects[1] = &s->objects->b;
	nts_signals_ask(race, objects, 2, true);
}

static void steal_a(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	s->status[side] = nts_signals_look(&s->objects->a);
}

/* A wait for all that lost @a has touched nothing: @a again, and it ends. */
static int judge_all(struct nts_race *race)
{
	struct nts_signals *s = race->data;
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
	.sides = { steal_a, nts_signals_set_b },
	.judge = judge_all,
	.outcomes = { { "the thief", NTS_RACE_LATER },
		      { "the wait for all", NTS_RACE_EARLIER } },
};

/* Shows: W-RAC-04, W-MUL-06, W-MUL-07 */
static void wait_for_all_or_thief(struct kunit *test)
{
	nts_signals_race(test, &all_plan);
}

/* W-RAC-05: waits for all over sets that overlap, in different order. */

static void prepare_signaled(struct nts_race *race)
{
	nts_signals_init(race, 1, 1);
}

/* Takes the objects as one would take locks, and gives them back. */
static void take_and_give(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;
	struct nts_signals_objects *o = s->objects;
	void *sets[NTS_RACE_SIDES][3] = {
		{ &o->a, &o->b, &o->c },
		{ &o->c, &o->b },
		{ &o->b, &o->a },
		{ &o->c, &o->a, &o->b },
	};
	unsigned int count = side == 1 || side == 2 ? 2 : 3, i;

	s->status[side] = nts_signals_wait(sets[side], count, WAIT_ALL);
	s->order[side] = atomic_inc_return(&s->arrivals);
	for (i = 0; i < count; i++)
		nts_race_check(race, !KeSetEvent(sets[side][i], 0, 0),
			       "nobody else holds what a wait has taken");
}

static int judge_overlap(struct nts_race *race)
{
	struct nts_signals *s = race->data;
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
	nts_signals_race(test, &overlap_plan);
}

static struct kunit_case wait_all_race_cases[] = {
	KUNIT_CASE(wait_for_all_or_thief),
	KUNIT_CASE(overlapping_waits_for_all),
	{}
};

static struct kunit_suite wait_all_race_suite = {
	.name = "ntshim_race_wait_all",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_all_race_cases,
};

kunit_test_suite(wait_all_race_suite);
