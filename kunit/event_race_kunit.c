// SPDX-License-Identifier: GPL-2.0
/*
 * Events that end with a wait, on the waiter's stack or in memory that it
 * frees; events that go to and fro; and what is written before a signal.
 */

#include "../shim/compat.h"

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "helpers.h"
#include "race.h"

/**
 * struct handing - one round, and totals of all
 * @event: what is waited for; on the waiter's stack, or freed by it
 * @answer: event that goes back
 * @published: last round in which @event was on the stack and initialised
 * @seen: the event was signaled before the wait
 * @status: what the waits of the sides returned
 * @taken: signals that the waits have taken
 * @letter: written before the signal, the round's number; neither atomic nor
 *	volatile
 * @read: what the waiter found of it
 * @previous: what the signal found
 */
struct handing {
	struct nts_header *event;
	struct nts_header answer;
	u32 published;
	bool seen;
	s32 status[NTS_RACE_SIDES];
	u32 taken;
	u32 letter;
	u32 read;
	s32 previous;
};

static s32 wait_patiently(void *object)
{
	s64 timeout_100ns = PATIENCE_100NS;

	return KeWaitForSingleObject(object, 0, 0, 0, &timeout_100ns);
}

static void race_to_hand_over(struct kunit *test,
			      const struct nts_race_plan *plan)
{
	struct handing *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	nts_race_run(test, plan, h);
}

static void set(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	KeSetEvent(h->event, 0, 0);
}

/* W-RAC-06, W-RAC-07: the object ends with the wait. */

static noinline void wait_in_frame(struct nts_race *race)
{
	struct handing *h = race->data;
	struct nts_header event;

	KeInitializeEvent(&event, 0, 0);
	h->event = &event;
	/* Pairs with the acquire in set_on_stack(). */
	smp_store_release(&h->published, race->round);
	nts_race_delay(max(race->wait_ns, 0));
	h->seen = KeReadStateEvent(&event);
	h->status[0] = wait_patiently(&event);
}

static void wait_on_stack(struct nts_race *race, unsigned int side)
{
	wait_in_frame(race);
	nts_race_scribble(race);
}

static void set_on_stack(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	nts_race_await(&h->published, race->round);
	KeSetEvent(h->event, 0, 0);
}

static int judge_wait(struct nts_race *race)
{
	struct handing *h = race->data;

	nts_race_check(race, h->status[0] == NTS_STATUS_SUCCESS,
		       "the wait succeeds");
	return h->seen ? 0 : 1;
}

static const struct nts_race_plan stack_plan = {
	.sides = { wait_on_stack, set_on_stack },
	.judge = judge_wait,
	.outcomes = { { "set before the wait", NTS_RACE_EARLIER },
		      { "set after the first look", NTS_RACE_LATER } },
	.own_delay = true,
};

/* Shows: W-RAC-06, W-HDR-05 */
static void event_on_stack_ends_with_the_wait(struct kunit *test)
{
	race_to_hand_over(test, &stack_plan);
}

static void prepare_event(struct nts_race *race)
{
	struct handing *h = race->data;

	h->event = nts_race_alloc(race, sizeof(*h->event));
	KeInitializeEvent(h->event, 1, 0);
}

static void wait_and_free(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	h->seen = KeReadStateEvent(h->event);
	h->status[side] = wait_patiently(h->event);
	nts_race_free(race, h->event);
}

static const struct nts_race_plan free_plan = {
	.prepare = prepare_event,
	.sides = { wait_and_free, set },
	.judge = judge_wait,
	.outcomes = { { "set before the wait", NTS_RACE_EARLIER },
		      { "set after the first look", NTS_RACE_LATER } },
};

/* Shows: W-RAC-07, W-HDR-04 */
static void event_is_freed_by_its_waiter(struct kunit *test)
{
	race_to_hand_over(test, &free_plan);
}

/* W-RAC-09: to and fro. */

static void produce(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	nts_race_check(race, !KeSetEvent(h->event, 0, 0),
		       "each signal is taken before the next");
	h->status[side] = wait_patiently(&h->answer);
}

static void consume(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	h->seen = KeReadStateEvent(h->event);
	h->status[side] = wait_patiently(h->event);
	h->taken += h->status[side] == NTS_STATUS_SUCCESS;
	nts_race_check(race, !KeSetEvent(&h->answer, 0, 0),
		       "each answer is taken before the next");
}

static int judge_pair(struct nts_race *race)
{
	struct handing *h = race->data;

	nts_race_check(race, h->status[0] == NTS_STATUS_SUCCESS,
		       "the answer comes");
	nts_race_check(race, h->taken == race->round,
		       "one release for each signal");
	return h->seen ? 0 : 1;
}

static const struct nts_race_plan pair_plan = {
	.sides = { produce, consume },
	.judge = judge_pair,
	.outcomes = { { "set before the wait", NTS_RACE_LATER },
		      { "set after the first look", NTS_RACE_EARLIER } },
};

/* Shows: W-RAC-09, W-EVT-05, W-SIG-02 */
static void no_signal_is_lost_or_doubled(struct kunit *test)
{
	struct nts_header event;
	struct handing h = { .event = &event };
	const struct nts_race *race;

	KeInitializeEvent(&event, 1, 0);
	KeInitializeEvent(&h.answer, 1, 0);
	race = nts_race_run(test, &pair_plan, &h);
	KUNIT_EXPECT_EQ(test, h.taken, race->rounds);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&h.answer), 0);
}

/* W-ONE-05: a letter, and a signal that it has come. */

static void write_and_set(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	h->letter = race->round;
	h->previous = KeSetEvent(h->event, 0, 0);
}

static void wait_and_read(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	h->seen = KeReadStateEvent(h->event);
	h->status[side] = wait_patiently(h->event);
	h->read = h->letter;
}

static void wait_and_peek(struct nts_race *race, unsigned int side)
{
	struct handing *h = race->data;

	h->status[side] = wait_patiently(h->event);
	/* The wait may have taken the earlier signal, the letter be on its way. */
	h->read = data_race(h->letter);
}

static int judge_letter(struct nts_race *race)
{
	struct handing *h = race->data;

	nts_race_free(race, h->event);
	nts_race_check(race, h->status[1] == NTS_STATUS_SUCCESS,
		       "the wait succeeds");
	nts_race_check(race, h->read == race->round,
		       "what was written before the signal is there");
	return h->seen ? 0 : 1;
}

static const struct nts_race_plan letter_plan = {
	.prepare = prepare_event,
	.sides = { write_and_set, wait_and_read },
	.judge = judge_letter,
	.outcomes = { { "set before the wait", NTS_RACE_LATER },
		      { "set after the first look", NTS_RACE_EARLIER } },
	.share = 2,
};

/* Shows: W-ONE-05 */
static void letter_is_there_after_the_wait(struct kunit *test)
{
	race_to_hand_over(test, &letter_plan);
}

static void prepare_signaled(struct nts_race *race)
{
	struct handing *h = race->data;

	prepare_event(race);
	KeSetEvent(h->event, 0, 0);
}

/* The wait never blocks. Which signal it has taken, the second one knows. */
static int judge_second_signal(struct nts_race *race)
{
	struct handing *h = race->data;
	bool found_signaled = h->previous;

	nts_race_check(race, KeReadStateEvent(h->event) == !found_signaled,
		       "two signals are one while it is not taken");
	nts_race_free(race, h->event);
	nts_race_check(race, h->status[1] == NTS_STATUS_SUCCESS,
		       "the wait succeeds");
	nts_race_check(race, !found_signaled || h->read == race->round,
		       "a signal to a signaled event tells of writes too");
	return found_signaled ? 0 : 1;
}

static const struct nts_race_plan second_signal_plan = {
	.prepare = prepare_signaled,
	.sides = { write_and_set, wait_and_peek },
	.judge = judge_second_signal,
	.outcomes = { { "found it signaled", NTS_RACE_LATER },
		      { "came after the wait", NTS_RACE_EARLIER } },
	.share = 2,
};

/* Shows: W-ONE-05, W-EVT-05 */
static void second_signal_tells_of_its_letter(struct kunit *test)
{
	race_to_hand_over(test, &second_signal_plan);
}

static struct kunit_case event_race_cases[] = {
	KUNIT_CASE(event_on_stack_ends_with_the_wait),
	KUNIT_CASE(event_is_freed_by_its_waiter),
	KUNIT_CASE(no_signal_is_lost_or_doubled),
	KUNIT_CASE(letter_is_there_after_the_wait),
	KUNIT_CASE(second_signal_tells_of_its_letter),
	{}
};

static struct kunit_suite event_race_suite = {
	.name = "ntshim_race_event",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = event_race_cases,
};

kunit_test_suite(event_race_suite);
