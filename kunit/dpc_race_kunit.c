// SPDX-License-Identifier: GPL-2.0
/*
 * Insertion, removal, flush and drain of one DPC on several processors. A side
 * that has raised its level keeps the DPC queued for a while and then lowers,
 * which runs it.
 */

#include "../shim/compat.h"

#include <linux/delay.h>
#include <linux/ktime.h>

#include "../shim/nt_api.h"
#include "helpers.h"
#include "race.h"

/* After so long without a run an insertion is lost. */
#define LOST_NS (30 * (u64)NSEC_PER_SEC)
/* From the insertion to the run. */
#define HOLD_NS 4000

/**
 * struct queueing - one round, and totals of all
 * @dpc: what they race for
 * @other: another DPC of the second side's processor
 * @own: each side's DPC
 * @runs: how often it ran in this round
 * @seen: how many of these runs saw @message
 * @message: written before an insertion
 * @level: to lower to
 * @inserted: last round in which the second side has inserted
 * @done: last round in which a run has ended
 * @covered: the flush began after the insertion
 * @result: what each side's call returned
 * @again: what the routine's own insertion returned
 * @insertions: that returned TRUE
 * @removals: that returned TRUE
 * @total_runs: of all rounds
 */
struct queueing {
	struct nts_dpc *dpc;
	struct nts_dpc other;
	struct nts_dpc own[NTS_RACE_SIDES];
	atomic_t runs;
	atomic_t seen;
	int message;
	u8 level;
	u32 inserted;
	u32 done;
	bool covered;
	u8 result[NTS_RACE_SIDES];
	u8 again;
	atomic_t insertions;
	atomic_t removals;
	u32 total_runs;
};

static void run_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_race *race = context;
	struct queueing *q = race->data;

	atomic_add(READ_ONCE(q->message), &q->seen);
	atomic_inc(&q->runs);
	WRITE_ONCE(q->done, race->round);
}

static void prepare_routine(struct nts_race *race, nts_dpc_fn routine)
{
	struct queueing *q = race->data;

	q->dpc = nts_race_alloc(race, sizeof(*q->dpc));
	KeInitializeDpc(q->dpc, routine, race);
	atomic_set(&q->runs, 0);
	atomic_set(&q->seen, 0);
	q->message = 0;
	q->again = 0;
}

static void prepare(struct nts_race *race)
{
	prepare_routine(race, run_fn);
}

static int end_round(struct nts_race *race)
{
	struct queueing *q = race->data;
	int runs;

	KeFlushQueuedDpcs();
	runs = atomic_read(&q->runs);
	q->total_runs += runs;
	return runs;
}

static struct queueing *race_for_dpc(struct kunit *test,
				     const struct nts_race_plan *plan)
{
	struct queueing *q = kunit_kzalloc(test, sizeof(*q), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, q);
	nts_race_run(test, plan, q);
	return q;
}

/* The second side's part: queued when it is ready, run when it is due. */
static void raise_and_insert(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	q->level = KeRaiseIrqlToDpcLevel();
	nts_race_check(race, KeInsertQueueDpc(q->dpc, NULL, NULL),
		       "an idle DPC can be queued");
}

static void lower(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	nts_race_delay(-nts_race_due_100ns(race) * 100);
	KeLowerIrql(q->level);
}

static void insert_and_hold(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;
	u8 level = KeRaiseIrqlToDpcLevel();

	q->result[side] = KeInsertQueueDpc(q->dpc, NULL, NULL);
	nts_race_delay(HOLD_NS);
	KeLowerIrql(level);
}

static int judge_inserts(struct nts_race *race)
{
	struct queueing *q = race->data;
	unsigned int i, insertions = 0;
	int runs = end_round(race);

	for (i = 0; i < race->nr_sides; i++)
		insertions += q->result[i];
	nts_race_free(race, q->dpc);
	nts_race_check(race, runs == insertions,
		       "each insertion that succeeds gives one run");
	if (!nts_race_check(race, insertions, "one insertion succeeds"))
		return NTS_RACE_WRONG;
	if (insertions > 1)
		return 2;
	return q->result[0] ? 0 : 1;
}

static const struct nts_race_plan inserts_plan = {
	.prepare = prepare,
	.sides = { insert_and_hold, insert_and_hold, insert_and_hold,
		   insert_and_hold },
	.judge = judge_inserts,
	.outcomes = { { "the first side queued it", NTS_RACE_LATER },
		      { "another side did", NTS_RACE_EARLIER },
		      { "one did, then one again", NTS_RACE_KEEP } },
	.jitter_ns = 4 * HOLD_NS,
	.share = 4,
};

/* Shows: DP-011, DP-010, DP-014 */
static void inserts_find_it_queued_or_queue_it(struct kunit *test)
{
	race_for_dpc(test, &inserts_plan);
}

static void remove_and_free(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	q->result[0] = KeRemoveQueueDpc(q->dpc);
	if (q->result[0])
		nts_race_free(race, q->dpc);
}

static int judge_remove(struct nts_race *race)
{
	struct queueing *q = race->data;
	int runs = end_round(race);

	if (!q->result[0])
		nts_race_free(race, q->dpc);
	nts_race_check(race, q->result[0] + runs == 1,
		       "an insertion is removed or run");
	atomic_add(q->result[0], &q->removals);
	return q->result[0] ? 0 : 1;
}

static const struct nts_race_plan remove_plan = {
	.prepare = prepare,
	.ready = raise_and_insert,
	.sides = { remove_and_free, lower },
	.judge = judge_remove,
	.outcomes = { { "removed", NTS_RACE_LATER },
		      { "run", NTS_RACE_EARLIER } },
	.due_ns = HOLD_NS,
	.share = 2,
};

/* Shows: DP-050, DP-051, DP-053, DP-015 */
static void removed_and_freed_or_run(struct kunit *test)
{
	race_for_dpc(test, &remove_plan);
}

static void write_and_insert(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	WRITE_ONCE(q->message, 1);
	q->result[0] = KeInsertQueueDpc(q->dpc, NULL, NULL);
}

static int judge_message(struct nts_race *race)
{
	struct queueing *q = race->data;
	int runs = end_round(race);

	nts_race_free(race, q->dpc);
	nts_race_check(race, runs == 1 + q->result[0],
		       "each insertion that succeeds gives one run");
	nts_race_check(race, atomic_read(&q->seen),
		       "the last run sees what was written before the insertion");
	return q->result[0] ? 1 : 0;
}

static const struct nts_race_plan message_plan = {
	.prepare = prepare,
	.ready = raise_and_insert,
	.sides = { write_and_insert, lower },
	.judge = judge_message,
	.outcomes = { { "found it queued", NTS_RACE_LATER },
		      { "queued it again", NTS_RACE_EARLIER } },
	.due_ns = HOLD_NS,
	.share = 2,
};

/* Shows: DP-012, DP-014, DP-016 */
static void insert_while_it_starts_to_run(struct kunit *test)
{
	race_for_dpc(test, &message_plan);
}

static void queue_again_fn(struct nts_dpc *dpc, void *context, void *arg1,
			   void *arg2)
{
	struct nts_race *race = context;
	struct queueing *q = race->data;

	if (atomic_inc_return(&q->runs) > 1)
		return;
	q->again = KeInsertQueueDpc(dpc, NULL, NULL);
	/* Queued and not running yet: this long it can be removed again. */
	nts_race_delay(HOLD_NS);
}

static void prepare_again(struct nts_race *race)
{
	prepare_routine(race, queue_again_fn);
}

static void remove(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	q->result[0] = KeRemoveQueueDpc(q->dpc);
}

static int judge_again(struct nts_race *race)
{
	struct queueing *q = race->data;
	int runs = end_round(race);

	nts_race_free(race, q->dpc);
	nts_race_check(race, q->again == !!runs,
		       "a DPC is not queued while its routine runs");
	nts_race_check(race, 1 + q->again == runs + q->result[0],
		       "each insertion is removed or run");
	if (!runs)
		return 0;
	return q->result[0] ? 1 : 2;
}

static const struct nts_race_plan again_plan = {
	.prepare = prepare_again,
	.ready = raise_and_insert,
	.sides = { remove, lower },
	.judge = judge_again,
	.outcomes = { { "removed before the first run", NTS_RACE_LATER },
		      { "removed between the runs", NTS_RACE_KEEP },
		      { "run twice", NTS_RACE_EARLIER } },
	.due_ns = HOLD_NS,
	.jitter_ns = 3 * HOLD_NS,
	.share = 2,
};

/* Shows: DP-012, DP-015, DP-051 */
static void removed_while_it_queues_itself(struct kunit *test)
{
	race_for_dpc(test, &again_plan);
}

static void publish_and_lower(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	raise_and_insert(race, side);
	/* Pairs with the acquire in flush_and_free(). */
	smp_store_release(&q->inserted, race->round);
	nts_race_delay(HOLD_NS);
	KeLowerIrql(q->level);
}

/* What had been queued when the flush began may be freed when it ends. */
static void flush_and_free(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	/* Pairs with the release in publish_and_lower(). */
	q->covered = smp_load_acquire(&q->inserted) == race->round;
	KeFlushQueuedDpcs();
	if (!q->covered)
		return;
	nts_race_check(race, q->done == race->round,
		       "a flush covers what was queued before it");
	nts_race_free(race, q->dpc);
}

static int judge_flush(struct nts_race *race)
{
	struct queueing *q = race->data;

	nts_race_check(race, end_round(race) == 1, "the DPC runs once");
	if (!q->covered)
		nts_race_free(race, q->dpc);
	return q->covered ? 0 : 1;
}

static const struct nts_race_plan flush_plan = {
	.prepare = prepare,
	.sides = { flush_and_free, publish_and_lower },
	.judge = judge_flush,
	.outcomes = { { "inserted before the flush", NTS_RACE_EARLIER },
		      { "not inserted yet", NTS_RACE_LATER } },
	.share = 2,
};

/* Shows: DP-060, DP-016, DP-068 */
static void flush_covers_what_was_inserted(struct kunit *test)
{
	race_for_dpc(test, &flush_plan);
}

static void prepare_target(struct nts_race *race)
{
	struct queueing *q = race->data;

	prepare(race);
	KeSetImportanceDpc(q->dpc, NTS_DPC_HIGH);
	KeSetTargetProcessorDpc(q->dpc, race->round % num_online_cpus());
}

/* The target drains while this side, and others, insert and remove. */
static void insert_and_remove(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;
	u8 level = KeRaiseIrqlToDpcLevel();

	atomic_add(KeInsertQueueDpc(q->dpc, NULL, NULL), &q->insertions);
	nts_race_delay((race->round * 131 + side * 977) % 4096);
	atomic_add(KeRemoveQueueDpc(q->dpc), &q->removals);
	KeLowerIrql(level);
}

static int judge_total(struct nts_race *race)
{
	struct queueing *q = race->data;
	int runs = end_round(race);

	nts_race_free(race, q->dpc);
	nts_race_check(race,
		       atomic_read(&q->insertions) ==
			       atomic_read(&q->removals) + q->total_runs,
		       "each insertion is removed or run");
	return runs ? 0 : 1;
}

static const struct nts_race_plan total_plan = {
	.prepare = prepare_target,
	.sides = { insert_and_remove, insert_and_remove, insert_and_remove,
		   insert_and_remove },
	.judge = judge_total,
	.outcomes = { { "run", NTS_RACE_KEEP, .rare = true },
		      { "removed", NTS_RACE_KEEP } },
	.share = 2,
};

/* Shows: DP-054, DP-015, DP-011 */
static void all_insert_and_remove(struct kunit *test)
{
	race_for_dpc(test, &total_plan);
}

static void other_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_race *race = context;
	struct queueing *q = race->data;

	WRITE_ONCE(q->done, race->round);
}

static void prepare_neighbours(struct nts_race *race)
{
	struct queueing *q = race->data;

	prepare(race);
	KeSetImportanceDpc(q->dpc, NTS_DPC_HIGH);
	KeSetTargetProcessorDpc(q->dpc, race->sides[1].cpu);
	KeInitializeDpc(&q->other, other_fn, race);
}

static void raise_and_insert_other(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	q->level = KeRaiseIrqlToDpcLevel();
	nts_race_check(race, KeInsertQueueDpc(&q->other, NULL, NULL),
		       "an idle DPC can be queued");
}

static void insert_elsewhere(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	q->covered = READ_ONCE(q->done) != race->round;
	nts_race_check(race, KeInsertQueueDpc(q->dpc, NULL, NULL),
		       "an idle DPC can be queued");
}

/* Without a flush, which would have the queue drained once more. */
static bool all_run(struct queueing *q, unsigned int count)
{
	u64 end_ns = ktime_get_ns() + LOST_NS;

	while (atomic_read(&q->runs) < count && ktime_get_ns() < end_ns)
		usleep_range(10, 20);
	return atomic_read(&q->runs) == count;
}

static int judge_neighbours(struct nts_race *race)
{
	struct queueing *q = race->data;

	nts_race_check(race, all_run(q, 1),
		       "the insertion gives a run, whenever the drain ends");
	end_round(race);
	nts_race_free(race, q->dpc);
	return q->covered ? 0 : 1;
}

static const struct nts_race_plan neighbours_plan = {
	.prepare = prepare_neighbours,
	.ready = raise_and_insert_other,
	.sides = { insert_elsewhere, lower },
	.judge = judge_neighbours,
	.outcomes = { { "queued before the drain's last run", NTS_RACE_LATER },
		      { "queued after it", NTS_RACE_EARLIER } },
	.due_ns = HOLD_NS,
	.share = 2,
};

/* Shows: DP-015, DP-033 */
static void insertion_at_the_end_of_a_drain(struct kunit *test)
{
	race_for_dpc(test, &neighbours_plan);
}

static void prepare_crowd(struct nts_race *race)
{
	struct queueing *q = race->data;
	unsigned int i;

	prepare(race);
	for (i = 0; i < race->nr_sides; i++) {
		KeInitializeDpc(&q->own[i], run_fn, race);
		KeSetImportanceDpc(&q->own[i], NTS_DPC_HIGH);
		KeSetTargetProcessorDpc(&q->own[i],
					race->round % num_online_cpus());
	}
}

static void insert_own(struct nts_race *race, unsigned int side)
{
	struct queueing *q = race->data;

	nts_race_check(race, KeInsertQueueDpc(&q->own[side], NULL, NULL),
		       "an idle DPC can be queued");
}

static int judge_crowd(struct nts_race *race)
{
	struct queueing *q = race->data;

	nts_race_check(race, all_run(q, race->nr_sides),
		       "each insertion gives a run, however many kick");
	end_round(race);
	nts_race_free(race, q->dpc);
	return 0;
}

/* Who kicks one processor at once: all the others, where there are more. */
static const struct nts_race_plan crowd_plan = {
	.prepare = prepare_crowd,
	.sides = { insert_own, insert_own, insert_own, insert_own },
	.judge = judge_crowd,
	.outcomes = { { "all run", NTS_RACE_KEEP } },
	.share = 2,
};

/* Shows: DP-015, DP-033 */
static void all_insert_for_one_processor(struct kunit *test)
{
	race_for_dpc(test, &crowd_plan);
}

static struct kunit_case dpc_race_cases[] = {
	KUNIT_CASE(inserts_find_it_queued_or_queue_it),
	KUNIT_CASE(removed_and_freed_or_run),
	KUNIT_CASE(insert_while_it_starts_to_run),
	KUNIT_CASE(removed_while_it_queues_itself),
	KUNIT_CASE(flush_covers_what_was_inserted),
	KUNIT_CASE(all_insert_and_remove),
	KUNIT_CASE(insertion_at_the_end_of_a_drain),
	KUNIT_CASE(all_insert_for_one_processor),
	{}
};

static struct kunit_suite dpc_race_suite = {
	.name = "ntshim_race_dpc",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = dpc_race_cases,
};

kunit_test_suite(dpc_race_suite);
