// SPDX-License-Identifier: GPL-2.0
/*
 * Freeing at the earliest moment: in the timer's own DPC on another processor,
 * when a poll or a wait has seen the expiry, by leaving the stack frame. The
 * processor that expires the timer is still on its way out.
 */

#include "../shim/compat.h"

#include <linux/delay.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"
#include "race.h"

#define DUE_NS 15000

/* What a wait lasts that is to end with the timer or by its time limit. */
#define LIMIT_NS 60000

/* Far longer than a round can take. */
#define PERIOD_MS 100000

/**
 * struct packet - a timer and its DPC in one piece of memory
 * @timer: one-shot or periodic
 * @dpc: its DPC
 */
struct packet {
	struct nts_timer timer;
	struct nts_dpc dpc;
};

/**
 * struct freeing - one round
 * @packet: what is freed
 * @timer: what is freed, when there is no DPC
 * @pump: keeps the first side's processor draining DPCs
 * @freed: last round in which the DPC has freed the packet
 * @published: last round in which @timer is on a stack and initialised
 * @was_armed: what the DPC's cancel returned
 * @soon: the free, or the expiry, came before the side looked
 * @status: of the wait
 * @over: last round in which the wait has returned
 */
struct freeing {
	struct packet *packet;
	struct nts_timer *timer;
	struct nts_dpc pump;
	u32 freed;
	u32 published;
	u8 was_armed;
	bool soon;
	s32 status;
	u32 over;
};

static void free_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_race *race = context;
	struct freeing *f = race->data;

	nts_race_free(race, f->packet);
	/* Pairs with the acquire of whoever waits for it. */
	smp_store_release(&f->freed, race->round);
}

static void cancel_and_free_fn(struct nts_dpc *dpc, void *context, void *arg1,
			       void *arg2)
{
	struct nts_race *race = context;
	struct freeing *f = race->data;

	f->was_armed = KeCancelTimer(&f->packet->timer);
	free_fn(dpc, context, arg1, arg2);
}

static void prepare_packet(struct nts_race *race, nts_dpc_fn routine)
{
	struct freeing *f = race->data;

	f->packet = nts_race_alloc(race, sizeof(*f->packet));
	KeInitializeTimer(&f->packet->timer);
	KeInitializeDpc(&f->packet->dpc, routine, race);
	KeSetTargetProcessorDpc(&f->packet->dpc, race->sides[0].cpu);
	KeSetImportanceDpc(&f->packet->dpc, NTS_DPC_HIGH);
}

static void prepare_one_shot(struct nts_race *race)
{
	prepare_packet(race, free_fn);
}

static void prepare_periodic(struct nts_race *race)
{
	prepare_packet(race, cancel_and_free_fn);
}

static void arm(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;

	KeSetTimer(&f->packet->timer, nts_race_due_100ns(race),
		   &f->packet->dpc);
}

static void arm_periodic(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;

	KeSetTimerEx(&f->packet->timer, nts_race_due_100ns(race), PERIOD_MS,
		     &f->packet->dpc);
}

static bool is_freed(const struct nts_race *race)
{
	const struct freeing *f = race->data;

	/* Pairs with the release in free_fn(). */
	return smp_load_acquire(&f->freed) == race->round;
}

/*
 * An insertion below DISPATCH_LEVEL drains this processor's queue at once,
 * while an interrupt from the other processor would take its time.
 */
static void drain(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;
	unsigned int looks = 0;

	while (!is_freed(race)) {
		KeInsertQueueDpc(&f->pump, NULL, NULL);
		if (++looks % 256 == 0)
			usleep_range(10, 20);
	}
}

static void look_and_drain(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;

	f->soon = is_freed(race);
	drain(race, side);
}

static void do_nothing_fn(struct nts_dpc *dpc, void *context, void *arg1,
			  void *arg2)
{
}

static void race_to_free(struct kunit *test, const struct nts_race_plan *plan)
{
	struct freeing *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	KeInitializeDpc(&f->pump, do_nothing_fn, NULL);
	nts_race_run(test, plan, f);
}

static int judge_packet(struct nts_race *race)
{
	struct freeing *f = race->data;

	return f->soon ? 0 : 1;
}

static const struct nts_race_plan one_shot_plan = {
	.prepare = prepare_one_shot,
	.ready = arm,
	.sides = { look_and_drain, nts_race_idle },
	.judge = judge_packet,
	.outcomes = { { "freed in an interrupt", NTS_RACE_EARLIER },
		      { "freed by a processor that drains", NTS_RACE_LATER } },
	.due_ns = DUE_NS,
};

/* Shows: KT-160, DP-013, KT-100 */
static void dpc_of_other_cpu_frees_one_shot(struct kunit *test)
{
	race_to_free(test, &one_shot_plan);
}

static int judge_periodic(struct nts_race *race)
{
	struct freeing *f = race->data;

	nts_race_check(race, f->was_armed,
		       "a periodic timer is armed in its own DPC");
	return judge_packet(race);
}

static const struct nts_race_plan periodic_plan = {
	.prepare = prepare_periodic,
	.ready = arm_periodic,
	.sides = { look_and_drain, nts_race_idle },
	.judge = judge_periodic,
	.outcomes = { { "freed in an interrupt", NTS_RACE_EARLIER },
		      { "freed by a processor that drains", NTS_RACE_LATER } },
	.due_ns = DUE_NS,
};

/* Shows: KT-162, KT-083, KT-082, KT-146 */
static void dpc_of_other_cpu_cancels_and_frees(struct kunit *test)
{
	race_to_free(test, &periodic_plan);
}

static void set_past(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;
	u8 was_armed;

	/* Until the other side drains. */
	nts_race_delay(2000);
	was_armed = KeSetTimer(&f->packet->timer, 0, &f->packet->dpc);
	f->soon = is_freed(race);
	nts_race_check(race, !was_armed, "the timer was not armed");
}

static const struct nts_race_plan past_plan = {
	.prepare = prepare_one_shot,
	.sides = { drain, set_past },
	.judge = judge_packet,
	.outcomes = { { "freed before the set returned", NTS_RACE_KEEP },
		      { "freed after it", NTS_RACE_KEEP } },
};

/* Shows: KT-023, KT-160, DP-013 */
static void dpc_of_other_cpu_frees_while_set_returns(struct kunit *test)
{
	race_to_free(test, &past_plan);
}

static void prepare_timer(struct nts_race *race)
{
	struct freeing *f = race->data;

	f->timer = nts_race_alloc(race, sizeof(*f->timer));
	KeInitializeTimer(f->timer);
}

static void arm_timer(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;

	KeSetTimer(f->timer, nts_race_due_100ns(race), NULL);
}

static void poll_and_free(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;
	unsigned int looks = 0;

	f->soon = KeReadStateTimer(f->timer);
	while (!KeReadStateTimer(f->timer))
		if (++looks % 4096 == 0)
			usleep_range(10, 20);
	nts_race_free(race, f->timer);
}

static const struct nts_race_plan poll_plan = {
	.prepare = prepare_timer,
	.ready = arm_timer,
	.sides = { poll_and_free, nts_race_idle },
	.judge = judge_packet,
	.outcomes = { { "expired before the first look", NTS_RACE_EARLIER },
		      { "seen to expire", NTS_RACE_LATER } },
	.due_ns = DUE_NS,
};

/* Shows: KT-166, KT-106 */
static void polled_timer_is_freed_at_once(struct kunit *test)
{
	race_to_free(test, &poll_plan);
}

static s32 wait_patiently(struct nts_timer *timer)
{
	s64 timeout_100ns = PATIENCE_100NS;

	return KeWaitForSingleObject(timer, 0, 0, 0, &timeout_100ns);
}

static void wait_and_free(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;

	f->soon = KeReadStateTimer(f->timer);
	f->status = wait_patiently(f->timer);
	nts_race_free(race, f->timer);
}

static int judge_wait(struct nts_race *race)
{
	struct freeing *f = race->data;

	nts_race_check(race, f->status == NTS_STATUS_SUCCESS,
		       "the wait ends with the expiry");
	return f->soon ? 0 : 1;
}

static const struct nts_race_plan wait_plan = {
	.prepare = prepare_timer,
	.ready = arm_timer,
	.sides = { wait_and_free, nts_race_idle },
	.judge = judge_wait,
	.outcomes = { { "expired before the wait", NTS_RACE_EARLIER },
		      { "expired after the first look", NTS_RACE_LATER } },
	.due_ns = DUE_NS,
};

/* Shows: KT-167, KT-166, W-RAC-07 */
static void waited_timer_is_freed_at_once(struct kunit *test)
{
	race_to_free(test, &wait_plan);
}

static void prepare_elsewhere(struct nts_race *race)
{
	struct freeing *f = race->data;

	prepare_packet(race, free_fn);
	KeSetTargetProcessorDpc(&f->packet->dpc, race->sides[1].cpu);
}

static void wait_with_limit(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;
	s64 timeout_100ns = -(LIMIT_NS + max(race->wait_ns, 0)) / 100;

	f->status = KeWaitForSingleObject(&f->packet->timer, 0, 0, 0,
					  &timeout_100ns);
	WRITE_ONCE(f->over, race->round);
}

/* What frees itself must not be armed before the other side waits for it. */
static void arm_when_waited(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;

	while (list_empty(&f->packet->timer.header.wait_list) &&
	       READ_ONCE(f->over) != race->round)
		cpu_relax();
	KeSetTimer(&f->packet->timer, -(LIMIT_NS / 2) / 100, &f->packet->dpc);
}

static int judge_limit(struct nts_race *race)
{
	struct freeing *f = race->data;

	while (!is_freed(race))
		usleep_range(10, 20);
	nts_race_check(race,
		       f->status == NTS_STATUS_SUCCESS ||
			       f->status == NTS_STATUS_TIMEOUT,
		       "the wait ends with the expiry or in time");
	return f->status == NTS_STATUS_SUCCESS ? 0 : 1;
}

static const struct nts_race_plan limit_plan = {
	.prepare = prepare_elsewhere,
	.sides = { wait_with_limit, arm_when_waited },
	.judge = judge_limit,
	.outcomes = { { "the expiry ended the wait", NTS_RACE_EARLIER },
		      { "the time limit did", NTS_RACE_LATER } },
	.own_delay = true,
};

/* Shows: KT-160, W-HDR-04, W-TMO-07 */
static void dpc_frees_what_others_time_out_on(struct kunit *test)
{
	race_to_free(test, &limit_plan);
}

/* The timer is gone when this returns. */
static noinline void wait_in_frame(struct nts_race *race)
{
	struct freeing *f = race->data;
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	f->timer = &timer;
	/* Pairs with the acquire in set_on_stack(). */
	smp_store_release(&f->published, race->round);
	nts_race_delay(max(race->wait_ns, 0));
	f->soon = KeReadStateTimer(&timer);
	f->status = wait_patiently(&timer);
}

static void wait_on_stack(struct nts_race *race, unsigned int side)
{
	wait_in_frame(race);
	nts_race_scribble(race);
}

static void set_on_stack(struct nts_race *race, unsigned int side)
{
	struct freeing *f = race->data;

	nts_race_await(&f->published, race->round);
	KeSetTimer(f->timer, nts_race_due_100ns(race), NULL);
}

static const struct nts_race_plan stack_plan = {
	.sides = { wait_on_stack, set_on_stack },
	.judge = judge_wait,
	.outcomes = { { "expired before the wait", NTS_RACE_EARLIER },
		      { "expired after the first look", NTS_RACE_LATER } },
	.due_ns = 1000,
	.own_delay = true,
};

/* Shows: KT-005, KT-167, W-TMR-06 */
static void stack_frame_ends_with_the_wait(struct kunit *test)
{
	race_to_free(test, &stack_plan);
}

static struct kunit_case free_race_cases[] = {
	KUNIT_CASE(dpc_of_other_cpu_frees_one_shot),
	KUNIT_CASE(dpc_of_other_cpu_cancels_and_frees),
	KUNIT_CASE(dpc_of_other_cpu_frees_while_set_returns),
	KUNIT_CASE(polled_timer_is_freed_at_once),
	KUNIT_CASE(waited_timer_is_freed_at_once),
	KUNIT_CASE(dpc_frees_what_others_time_out_on),
	KUNIT_CASE(stack_frame_ends_with_the_wait),
	{}
};

static struct kunit_suite free_race_suite = {
	.name = "ntshim_race_free",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = free_race_cases,
};

kunit_test_suite(free_race_suite);
