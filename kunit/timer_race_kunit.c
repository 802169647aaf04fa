// SPDX-License-Identifier: GPL-2.0
/*
 * Timer calls against expiries and against each other. Where an expiry races,
 * the second side arms the timer and lends its processor to the interrupt.
 */

#include "../shim/compat.h"

#include <linux/delay.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"
#include "race.h"

#define DUE_NS 15000
#define FAR_100NS (3600 * UNITS_PER_SEC)

/**
 * struct rivals - one round, and totals of all
 * @timer: what they race for
 * @dpc: DPC of its first arm
 * @later: DPC of a later arm
 * @runs: how often @dpc ran in this round
 * @later_runs: how often @later did
 * @result: what each side's call returned
 * @signaled: state of the timer after the race
 * @status: of a wait
 * @calls_won: rounds in which the call came before the expiry
 * @expiries: rounds with an expiry
 */
struct rivals {
	struct nts_timer *timer;
	struct nts_dpc *dpc;
	struct nts_dpc *later;
	atomic_t runs;
	atomic_t later_runs;
	u8 result[NTS_RACE_SIDES];
	bool signaled;
	s32 status;
	u32 calls_won;
	u32 expiries;
};

static void count_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	atomic_inc(context);
}

static void prepare_type(struct nts_race *race, int type)
{
	struct rivals *r = race->data;

	r->timer = nts_race_alloc(race, sizeof(*r->timer));
	r->dpc = nts_race_alloc(race, sizeof(*r->dpc));
	r->later = nts_race_alloc(race, sizeof(*r->later));
	KeInitializeTimerEx(r->timer, type);
	KeInitializeDpc(r->dpc, count_fn, &r->runs);
	KeInitializeDpc(r->later, count_fn, &r->later_runs);
	atomic_set(&r->runs, 0);
	atomic_set(&r->later_runs, 0);
}

static void prepare(struct nts_race *race)
{
	prepare_type(race, 0);
}

static void prepare_synchronization(struct nts_race *race)
{
	prepare_type(race, 1);
}

static void prepare_armed(struct nts_race *race)
{
	struct rivals *r = race->data;

	prepare(race);
	KeSetTimer(r->timer, -FAR_100NS, r->dpc);
}

static void arm(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	KeSetTimer(r->timer, nts_race_due_100ns(race), r->dpc);
}

static void arm_periodic(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	KeSetTimerEx(r->timer, nts_race_due_100ns(race), 1, r->dpc);
}

static void free_dpcs(struct nts_race *race)
{
	struct rivals *r = race->data;

	nts_race_free(race, r->dpc);
	nts_race_free(race, r->later);
}

static void free_all(struct nts_race *race)
{
	struct rivals *r = race->data;

	nts_race_free(race, r->timer);
	free_dpcs(race);
}

/* Each arm ends once: by the call that found it, or by its expiry. */
static int judge_call_or_expiry(struct nts_race *race)
{
	struct rivals *r = race->data;
	int runs = atomic_read(&r->runs);

	r->calls_won += r->result[0];
	r->expiries += runs;
	nts_race_check(race, r->result[0] + runs == 1,
		       "the call finds the arm or the expiry runs the DPC");
	return r->result[0] ? 0 : 1;
}

static void expect_each_arm_ended_once(struct kunit *test,
				       const struct nts_race *race,
				       const struct rivals *r)
{
	KUNIT_EXPECT_EQ(test, r->calls_won + r->expiries, race->rounds);
	KUNIT_EXPECT_EQ(test, r->calls_won, race->counts[0]);
}

/* Timer and KDPC are freed at the earliest moments. */
static void cancel_and_free(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[0] = KeCancelTimer(r->timer);
	nts_race_free(race, r->timer);
	if (r->result[0])
		nts_race_free(race, r->dpc);
}

static int judge_cancel(struct nts_race *race)
{
	struct rivals *r = race->data;

	KeFlushQueuedDpcs();
	if (!r->result[0])
		nts_race_free(race, r->dpc);
	nts_race_free(race, r->later);
	return judge_call_or_expiry(race);
}

static const struct nts_race_plan cancel_plan = {
	.prepare = prepare,
	.ready = arm,
	.sides = { cancel_and_free, nts_race_idle },
	.judge = judge_cancel,
	.outcomes = { { "cancel first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

/* Shows: KT-201, KT-146, KT-163, KT-164 */
static void cancel_or_expiry_then_free(struct kunit *test)
{
	struct rivals r = {};

	expect_each_arm_ended_once(test, nts_race_run(test, &cancel_plan, &r),
				   &r);
}

static void set_far(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[side] = KeSetTimer(r->timer, -FAR_100NS, r->later);
}

static int judge_set(struct nts_race *race)
{
	struct rivals *r = race->data;

	KeFlushQueuedDpcs();
	nts_race_check(race, !KeReadStateTimer(r->timer),
		       "set wipes the signal of the earlier arm");
	nts_race_check(race, KeCancelTimer(r->timer), "set arms");
	nts_race_check(race, !atomic_read(&r->later_runs),
		       "the far arm does not expire");
	free_all(race);
	return judge_call_or_expiry(race);
}

static const struct nts_race_plan set_plan = {
	.prepare = prepare,
	.ready = arm,
	.sides = { set_far, nts_race_idle },
	.judge = judge_set,
	.outcomes = { { "set first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

/* Shows: KT-200, KT-063, KT-064 */
static void set_or_expiry(struct kunit *test)
{
	struct rivals r = {};

	expect_each_arm_ended_once(test, nts_race_run(test, &set_plan, &r), &r);
}

/* The KDPC may be queued at any time until the flush. */
static void cancel_flush_free(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[0] = KeCancelTimer(r->timer);
	r->signaled = KeReadStateTimer(r->timer);
	nts_race_free(race, r->timer);
	KeFlushQueuedDpcs();
	free_dpcs(race);
}

static int judge_periodic(struct nts_race *race)
{
	struct rivals *r = race->data;

	nts_race_check(race, r->result[0], "a periodic timer is armed");
	nts_race_check(race, r->signaled == !!atomic_read(&r->runs),
		       "an expiry both signals and runs the DPC");
	return r->signaled ? 1 : 0;
}

static const struct nts_race_plan periodic_plan = {
	.prepare = prepare,
	.ready = arm_periodic,
	.sides = { cancel_flush_free, nts_race_idle },
	.judge = judge_periodic,
	.outcomes = { { "cancel first", NTS_RACE_LATER },
		      { "expiry first", NTS_RACE_EARLIER } },
	.due_ns = DUE_NS,
};

/* Shows: KT-202, KT-083, KT-145, KT-165 */
static void periodic_cancel_flush_free(struct kunit *test)
{
	struct rivals r = {};

	nts_race_run(test, &periodic_plan, &r);
}

static void cancel(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[side] = KeCancelTimer(r->timer);
}

/* How many sides' calls found the timer armed. */
static unsigned int count_found(const struct nts_race *race)
{
	const struct rivals *r = race->data;
	unsigned int i, found = 0;

	for (i = 0; i < race->nr_sides; i++)
		found += r->result[i];
	return found;
}

static int judge_cancels(struct nts_race *race)
{
	struct rivals *r = race->data;

	free_all(race);
	nts_race_check(race, count_found(race) == 1,
		       "one cancel finds the timer armed");
	return r->result[0] ? 0 : 1;
}

static const struct nts_race_plan cancels_plan = {
	.prepare = prepare_armed,
	.sides = { cancel, cancel, cancel, cancel },
	.judge = judge_cancels,
	.outcomes = { { "the first side found it armed", NTS_RACE_LATER },
		      { "another side did", NTS_RACE_EARLIER } },
};

/* Shows: KT-203, KT-140, KT-146 */
static void one_of_several_cancels_wins(struct kunit *test)
{
	struct rivals r = {};

	nts_race_run(test, &cancels_plan, &r);
}

static void set_far_with_own_dpc(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[side] = KeSetTimer(r->timer, -FAR_100NS - side,
				     side ? r->later : r->dpc);
}

static int judge_sets(struct nts_race *race)
{
	struct rivals *r = race->data;
	struct nts_dpc *last = r->result[0] ? r->dpc : r->later;

	nts_race_check(race, count_found(race) == race->nr_sides - 1,
		       "all sets but one find the timer armed");
	nts_race_check(race, race->nr_sides > 2 || r->timer->dpc == last,
		       "the last set's arm survives");
	nts_race_check(race, KeCancelTimer(r->timer), "one arm survives");
	nts_race_check(race, !KeCancelTimer(r->timer), "one arm survives");
	free_all(race);
	return r->result[0] ? 1 : 0;
}

static const struct nts_race_plan sets_plan = {
	.prepare = prepare,
	.sides = { set_far_with_own_dpc, set_far_with_own_dpc,
		   set_far_with_own_dpc, set_far_with_own_dpc },
	.judge = judge_sets,
	.outcomes = { { "the first side set it first", NTS_RACE_LATER },
		      { "another side did", NTS_RACE_EARLIER } },
};

/* Shows: KT-073, KT-060, KT-061 */
static void sets_have_an_order(struct kunit *test)
{
	struct rivals r = {};

	nts_race_run(test, &sets_plan, &r);
}

static int judge_set_and_cancel(struct nts_race *race)
{
	struct rivals *r = race->data;
	u8 left = KeCancelTimer(r->timer);

	nts_race_check(race, r->result[1], "cancel always finds an arm");
	nts_race_check(race, r->result[0] + left == 1,
		       "two arms end by two cancels, or by a set and a cancel");
	free_all(race);
	return r->result[0] ? 0 : 1;
}

static const struct nts_race_plan set_and_cancel_plan = {
	.prepare = prepare_armed,
	.sides = { set_far, cancel },
	.judge = judge_set_and_cancel,
	.outcomes = { { "set first", NTS_RACE_LATER },
		      { "cancel first", NTS_RACE_EARLIER } },
};

/* Shows: KT-060, KT-061, KT-140 */
static void set_and_cancel_have_an_order(struct kunit *test)
{
	struct rivals r = {};

	nts_race_run(test, &set_and_cancel_plan, &r);
}

static void set_past(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;

	r->result[0] = KeSetTimer(r->timer, 0, r->later);
}

static void wait(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;
	s64 timeout_100ns = PATIENCE_100NS;

	r->status = KeWaitForSingleObject(r->timer, 0, 0, 0, &timeout_100ns);
}

/*
 * The waiter takes one signal. A second one is left if the set found the timer
 * expired, unless the waiter was late and the set wiped the first.
 */
static int judge_waiter(struct nts_race *race)
{
	struct rivals *r = race->data;

	KeFlushQueuedDpcs();
	r->signaled = KeReadStateTimer(r->timer);
	free_all(race);
	nts_race_check(race, r->status == NTS_STATUS_SUCCESS,
		       "the waiter is released");
	nts_race_check(race, atomic_read(&r->later_runs) == 1,
		       "the set expires once");
	nts_race_check(race, r->result[0] + atomic_read(&r->runs) == 1,
		       "the set finds the arm or the arm expires");
	nts_race_check(race, !r->result[0] || !r->signaled,
		       "one expiry releases one waiter and leaves nothing");
	if (r->result[0])
		return 0;
	return r->signaled ? 1 : 2;
}

static const struct nts_race_plan waiter_plan = {
	.prepare = prepare_synchronization,
	.ready = arm,
	.sides = { set_past, wait },
	.judge = judge_waiter,
	.outcomes = { { "set first", NTS_RACE_LATER },
		      { "expiry first, for the waiter", NTS_RACE_EARLIER },
		      { "expiry first, its signal wiped", NTS_RACE_EARLIER,
			.rare = true } },
	.due_ns = DUE_NS,
	.share = 4,
};

/* Shows: KT-204, KT-066, W-RAC-16, W-TMR-02 */
static void waiter_is_released_by_the_expiry_that_wins(struct kunit *test)
{
	struct rivals r = {};

	nts_race_run(test, &waiter_plan, &r);
}

static void set_far_fn(struct nts_dpc *dpc, void *context, void *arg1,
		       void *arg2)
{
	struct rivals *r = context;

	r->result[1] = KeSetTimer(r->timer, -FAR_100NS, NULL);
	atomic_inc(&r->runs);
}

static void prepare_self_set(struct nts_race *race)
{
	struct rivals *r = race->data;

	prepare(race);
	KeInitializeDpc(r->dpc, set_far_fn, r);
	r->result[1] = 0;
}

/* Three arms at most: each is found by one set or cancel, or expires. */
static int judge_self_set(struct nts_race *race)
{
	struct rivals *r = race->data;
	int runs;
	u8 left;

	KeFlushQueuedDpcs();
	runs = atomic_read(&r->runs);
	left = KeCancelTimer(r->timer);
	free_all(race);
	nts_race_check(race, !r->result[1], "the DPC finds its one-shot idle");
	nts_race_check(race, r->result[0] + left == 1,
		       "the last arm is cancelled, by the race or after it");
	nts_race_check(race, runs || r->result[0],
		       "an arm that did not expire is found by the cancel");
	if (!runs)
		return 0;
	return r->result[0] ? 2 : 1;
}

static const struct nts_race_plan self_set_plan = {
	.prepare = prepare_self_set,
	.ready = arm,
	.sides = { cancel, nts_race_idle },
	.judge = judge_self_set,
	.outcomes = { { "cancel before the expiry" },
		      { "between expiry and DPC" },
		      { "after the DPC's set" } },
	.due_ns = DUE_NS,
	.share = 4,
	.in_order = true,
};

/* Shows: KT-207, KT-161 */
static void cancel_or_set_in_own_dpc(struct kunit *test)
{
	struct rivals r = {};

	nts_race_run(test, &self_set_plan, &r);
}

/* Above DISPATCH_LEVEL's floor for a while, so that the DPC stays queued. */
static void insert_dpc(struct nts_race *race, unsigned int side)
{
	struct rivals *r = race->data;
	u8 old = KeRaiseIrqlToDpcLevel();

	r->result[0] = KeInsertQueueDpc(r->dpc, NULL, NULL);
	nts_race_delay(4000);
	/* Before its own run: has the expiry's come already? */
	r->signaled = KeReadStateTimer(r->timer);
	KeLowerIrql(old);
}

static int judge_shared_dpc(struct nts_race *race)
{
	struct rivals *r = race->data;
	int runs;

	while (!KeReadStateTimer(r->timer))
		usleep_range(10, 20);
	KeFlushQueuedDpcs();
	runs = atomic_read(&r->runs);
	free_all(race);
	nts_race_check(race, runs == 1 || (runs == 2 && r->result[0]),
		       "first insertion wins: one run or two");
	if (runs == 1)
		return 1;
	return r->signaled ? 2 : 0;
}

static const struct nts_race_plan shared_dpc_plan = {
	.prepare = prepare,
	.ready = arm,
	.sides = { insert_dpc, nts_race_idle },
	.judge = judge_shared_dpc,
	.outcomes = { { "insertion first, two runs" },
		      { "one run for both" },
		      { "expiry first, two runs" } },
	.due_ns = DUE_NS,
	.share = 4,
	.in_order = true,
};

/* Shows: KT-124, KT-123, DP-010 */
static void timer_and_insert_share_a_dpc(struct kunit *test)
{
	struct rivals r = {};

	nts_race_run(test, &shared_dpc_plan, &r);
}

static struct kunit_case timer_race_cases[] = {
	KUNIT_CASE(cancel_or_expiry_then_free),
	KUNIT_CASE(set_or_expiry),
	KUNIT_CASE(periodic_cancel_flush_free),
	KUNIT_CASE(one_of_several_cancels_wins),
	KUNIT_CASE(sets_have_an_order),
	KUNIT_CASE(set_and_cancel_have_an_order),
	KUNIT_CASE(waiter_is_released_by_the_expiry_that_wins),
	KUNIT_CASE(cancel_or_set_in_own_dpc),
	KUNIT_CASE(timer_and_insert_share_a_dpc),
	{}
};

static struct kunit_suite timer_race_suite = {
	.name = "ntshim_race_timer",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = timer_race_cases,
};

kunit_test_suite(timer_race_suite);
