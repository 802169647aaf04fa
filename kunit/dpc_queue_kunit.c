// SPDX-License-Identifier: GPL-2.0
/*
 * One DPC queue, driven by hand: order, deferral, flush markers, hand-over.
 */

#include "../shim/compat.h"

#include <linux/slab.h>
#include <linux/string.h>

#include "../shim/dpc_queue.h"
#include "../shim/nt_api.h"
#include "helpers.h"

#define TICK_NS 15625000ULL
#define NR_DPCS 8

/**
 * struct bench - a queue of one's own and DPCs for it
 * @queue: belongs to no processor
 * @heir: another one
 * @dpc: DPCs, told apart by their index
 * @limits: as the module's defaults
 * @origin: of the next insertion
 */
struct bench {
	struct nts_dpcq queue;
	struct nts_dpcq heir;
	struct nts_dpc dpc[NR_DPCS];
	struct nts_dpc_limits limits;
	struct nts_dpc_origin origin;
};

static int bench_init(struct kunit *test)
{
	struct bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	unsigned int i;

	if (!b)
		return -ENOMEM;
	nts_dpcq_init(&b->queue, 0, false);
	nts_dpcq_init(&b->heir, 0, false);
	b->queue.online = true;
	for (i = 0; i < NR_DPCS; i++)
		nts_dpc_init(&b->dpc[i], NTS_DPC_ORDINARY, NULL, NULL);
	b->limits = (struct nts_dpc_limits){
		.depth = 4,
		.min_rate = 3,
		.tick_ns = TICK_NS,
	};
	b->origin.now_ns = 100 * TICK_NS;
	test->priv = b;
	return nts_test_init(test);
}

/* Leaves no DPC queued: their memory is about to be used again. */
static void bench_exit(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int i;

	for (i = 0; i < NR_DPCS; i++)
		nts_dpc_remove(&b->dpc[i]);
	nts_test_exit(test);
}

static enum nts_dpc_verdict insert(struct bench *b, unsigned int i)
{
	enum nts_dpc_verdict verdict;
	unsigned long flags;

	raw_spin_lock_irqsave(&b->queue.lock, flags);
	verdict = nts_dpcq_insert(&b->queue, &b->dpc[i], NULL, NULL, &b->origin,
				  &b->limits);
	raw_spin_unlock_irqrestore(&b->queue.lock, flags);
	return verdict;
}

/* Index of the next DPC, -1: a marker, -2: nothing. */
static int take_from(struct bench *b, struct nts_dpcq *queue)
{
	struct nts_dpc_call call;

	switch (nts_dpcq_take(queue, &call)) {
	case NTS_DPC_TOOK_CALL:
		return call.dpc - b->dpc;
	case NTS_DPC_TOOK_MARKER:
		return -1;
	default:
		return -2;
	}
}

static int take(struct bench *b)
{
	return take_from(b, &b->queue);
}

/* Shows: DP-030, DP-037 */
static void importance_decides_the_order(struct kunit *test)
{
	static const u8 importance[] = {
		NTS_DPC_LOW,  NTS_DPC_MEDIUM,	   NTS_DPC_HIGH,
		NTS_DPC_HIGH, NTS_DPC_MEDIUM_HIGH,
	};
	static const int order[] = { 3, 2, 0, 1, 4, -2 };
	struct bench *b = test->priv;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(importance); i++) {
		b->dpc[i].importance = importance[i];
		insert(b, i);
	}
	for (i = 0; i < ARRAY_SIZE(order); i++)
		KUNIT_EXPECT_EQ_MSG(test, take(b), order[i], "place %u", i);
}

/* Shows: DP-038 */
static void importance_counts_from_the_next_insertion(struct kunit *test)
{
	static const int order[] = { 0, 1, -2, 1, 0, -2 };
	struct bench *b = test->priv;
	unsigned int i;

	insert(b, 0);
	insert(b, 1);
	KeSetImportanceDpc(&b->dpc[1], NTS_DPC_HIGH);
	for (i = 0; i < ARRAY_SIZE(order); i++) {
		if (i == 3) {
			insert(b, 0);
			insert(b, 1);
		}
		KUNIT_EXPECT_EQ_MSG(test, take(b), order[i], "place %u", i);
	}
}

/* Shows: DP-083 */
static void importance_delays_no_threaded_dpc(struct kunit *test)
{
	static const int order[] = { NTS_DPC_HIGH, NTS_DPC_LOW, NTS_DPC_MEDIUM,
				     NTS_DPC_MEDIUM_HIGH, -2 };
	struct bench *b = test->priv;
	unsigned int i;

	b->queue.threaded = true;
	b->limits.depth = NR_DPCS + 1;
	b->limits.min_rate = 0;
	for (i = NTS_DPC_LOW; i <= NTS_DPC_MEDIUM_HIGH; i++) {
		b->dpc[i].importance = i;
		b->origin.remote = i & 1;
		KUNIT_EXPECT_EQ_MSG(test, insert(b, i), NTS_DPC_DRAIN,
				    "importance %u", i);
	}
	for (i = 0; i < ARRAY_SIZE(order); i++)
		KUNIT_EXPECT_EQ_MSG(test, take(b), order[i], "place %u", i);
}

/* Shows: DP-010 */
static void queued_dpc_is_refused(struct kunit *test)
{
	struct bench *b = test->priv;

	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DRAIN);
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_REFUSED);
	KUNIT_EXPECT_EQ(test, b->queue.depth, 1);
}

/* Shows: DP-012 */
static void taken_dpc_can_be_queued_again(struct kunit *test)
{
	struct bench *b = test->priv;

	insert(b, 0);
	KUNIT_EXPECT_EQ(test, take(b), 0);
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_QUEUED);
	KUNIT_EXPECT_EQ(test, take(b), 0);
	KUNIT_EXPECT_EQ(test, take(b), -2);
}

/* Shows: DP-050, DP-051 */
static void removed_dpc_is_gone(struct kunit *test)
{
	struct bench *b = test->priv;

	KUNIT_EXPECT_FALSE(test, nts_dpc_remove(&b->dpc[0]));
	insert(b, 0);
	insert(b, 1);
	KUNIT_EXPECT_TRUE(test, nts_dpc_remove(&b->dpc[0]));
	KUNIT_EXPECT_FALSE(test, nts_dpc_remove(&b->dpc[0]));
	KUNIT_EXPECT_EQ(test, b->queue.depth, 1);
	KUNIT_EXPECT_EQ(test, take(b), 1);
	KUNIT_EXPECT_FALSE(test, nts_dpc_remove(&b->dpc[1]));
	KUNIT_EXPECT_EQ(test, take(b), -2);
}

/* Shows: DP-053, DP-013 */
static void memory_is_left_alone_after_removal(struct kunit *test)
{
	struct bench *b = test->priv;
	static const char zero[sizeof(struct nts_dpc)];

	insert(b, 0);
	insert(b, 1);
	insert(b, 2);
	nts_dpc_remove(&b->dpc[1]);
	memset(&b->dpc[1], 0, sizeof(b->dpc[1]));
	take(b);
	memset(&b->dpc[0], 0, sizeof(b->dpc[0]));
	KUNIT_EXPECT_EQ(test, take(b), 2);
	KUNIT_EXPECT_EQ(test, take(b), -2);
	KUNIT_EXPECT_MEMEQ(test, &b->dpc[0], zero, sizeof(zero));
	KUNIT_EXPECT_MEMEQ(test, &b->dpc[1], zero, sizeof(zero));
}

/* Shows: DP-031, DP-037, DP-040 */
static void local_dpcs_drain_unless_low(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int importance;

	b->limits.min_rate = 0;
	for (importance = 0; importance < 4; importance++) {
		b->dpc[0].importance = importance;
		KUNIT_EXPECT_EQ_MSG(test, insert(b, 0),
				    importance == NTS_DPC_LOW ?
					    NTS_DPC_DEFERRED :
					    NTS_DPC_DRAIN,
				    "importance %u", importance);
		nts_dpc_remove(&b->dpc[0]);
	}
}

/* Shows: DP-033, DP-037 */
static void remote_dpcs_drain_above_medium(struct kunit *test)
{
	static const enum nts_dpc_verdict verdict[] = {
		[NTS_DPC_LOW] = NTS_DPC_DEFERRED,
		[NTS_DPC_MEDIUM] = NTS_DPC_DEFERRED,
		[NTS_DPC_HIGH] = NTS_DPC_DRAIN,
		[NTS_DPC_MEDIUM_HIGH] = NTS_DPC_DRAIN,
	};
	struct bench *b = test->priv;
	unsigned int importance;

	b->origin.remote = true;
	for (importance = 0; importance < 4; importance++) {
		b->dpc[0].importance = importance;
		KUNIT_EXPECT_EQ_MSG(test, insert(b, 0), verdict[importance],
				    "importance %u", importance);
		nts_dpc_remove(&b->dpc[0]);
		b->queue.deadline_set = false;
	}
}

/* Shows: DP-032, DP-033, DP-034 */
static void full_queue_drains(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int i;

	b->origin.remote = true;
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DEFERRED);
	for (i = 1; i < 3; i++)
		KUNIT_EXPECT_EQ(test, insert(b, i), NTS_DPC_QUEUED);
	KUNIT_EXPECT_EQ(test, insert(b, 3), NTS_DPC_DRAIN);
}

/* Shows: DP-032, DP-034 */
static void low_dpcs_are_deferred_at_a_high_rate_only(struct kunit *test)
{
	struct bench *b = test->priv;
	unsigned int i;

	b->dpc[0].importance = NTS_DPC_LOW;
	/* 5 in one tick: an average of 2.5, below the minimum of 3. */
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ_MSG(test, insert(b, 0), NTS_DPC_DRAIN,
				    "insertion %u", i);
		nts_dpc_remove(&b->dpc[0]);
	}
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DEFERRED);
	nts_dpc_remove(&b->dpc[0]);
	b->queue.deadline_set = false;

	/* The tick after still counts the 6, the one after that does not. */
	b->origin.now_ns += TICK_NS;
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DEFERRED);
	nts_dpc_remove(&b->dpc[0]);
	b->queue.deadline_set = false;
	b->origin.now_ns += TICK_NS;
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DRAIN);
}

/* Shows: DP-036 */
static void eager_queue_never_defers(struct kunit *test)
{
	struct bench *b = test->priv;

	b->limits.eager = true;
	b->origin.remote = true;
	b->dpc[0].importance = NTS_DPC_LOW;
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DRAIN);
}

/* Shows: DP-060 */
static void flush_of_idle_queue_is_reached_at_once(struct kunit *test)
{
	struct bench *b = test->priv;

	nts_dpcq_flush_request(&b->queue, 1);
	KUNIT_EXPECT_TRUE(test, nts_dpcq_flush_reached(&b->queue, 1));
	KUNIT_EXPECT_EQ(test, take(b), -2);
}

/* Shows: DP-060 */
static void flush_waits_for_the_running_routine(struct kunit *test)
{
	struct bench *b = test->priv;

	insert(b, 0);
	take(b);
	nts_dpcq_flush_request(&b->queue, 1);
	KUNIT_EXPECT_FALSE(test, nts_dpcq_flush_reached(&b->queue, 1));
	KUNIT_EXPECT_EQ(test, take(b), -1);
	KUNIT_EXPECT_TRUE(test, nts_dpcq_flush_reached(&b->queue, 1));
}

/* Shows: DP-061, DP-030 */
static void high_importance_stays_behind_the_marker(struct kunit *test)
{
	static const int order[] = { 0, 1, -1, 3, 2, -2 };
	struct bench *b = test->priv;
	unsigned int i;

	insert(b, 0);
	insert(b, 1);
	nts_dpcq_flush_request(&b->queue, 1);
	b->dpc[2].importance = NTS_DPC_HIGH;
	b->dpc[3].importance = NTS_DPC_HIGH;
	insert(b, 2);
	insert(b, 3);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		KUNIT_EXPECT_EQ_MSG(test, take(b), order[i], "place %u", i);
}

/* Shows: DP-066 */
static void later_flush_goes_round_once_more(struct kunit *test)
{
	struct bench *b = test->priv;

	insert(b, 0);
	nts_dpcq_flush_request(&b->queue, 1);
	insert(b, 1);
	nts_dpcq_flush_request(&b->queue, 2);
	KUNIT_EXPECT_EQ(test, take(b), 0);
	KUNIT_EXPECT_EQ(test, take(b), -1);
	KUNIT_EXPECT_TRUE(test, nts_dpcq_flush_reached(&b->queue, 1));
	KUNIT_EXPECT_FALSE(test, nts_dpcq_flush_reached(&b->queue, 2));
	KUNIT_EXPECT_EQ(test, take(b), 1);
	KUNIT_EXPECT_EQ(test, take(b), -1);
	KUNIT_EXPECT_TRUE(test, nts_dpcq_flush_reached(&b->queue, 2));
	KUNIT_EXPECT_EQ(test, take(b), -2);
}

/* Shows: DP-066 */
static void marker_of_a_later_flush_serves_an_earlier_one(struct kunit *test)
{
	struct bench *b = test->priv;

	insert(b, 0);
	nts_dpcq_flush_request(&b->queue, 7);
	nts_dpcq_flush_request(&b->queue, 6);
	KUNIT_EXPECT_EQ(test, take(b), 0);
	KUNIT_EXPECT_EQ(test, take(b), -1);
	KUNIT_EXPECT_TRUE(test, nts_dpcq_flush_reached(&b->queue, 7));
	KUNIT_EXPECT_EQ(test, take(b), -2);
}

/* Shows: DP-026 */
static void splice_keeps_order_and_markers(struct kunit *test)
{
	static const int order[] = { 0, 1, -1, 3, 2, -2 };
	struct bench *b = test->priv;
	unsigned int i;

	insert(b, 1);
	nts_dpcq_flush_request(&b->queue, 1);
	insert(b, 2);
	raw_spin_lock_irq(&b->heir.lock);
	nts_dpcq_insert(&b->heir, &b->dpc[0], NULL, NULL, &b->origin,
			&b->limits);
	raw_spin_unlock_irq(&b->heir.lock);

	nts_dpcq_splice(&b->queue, &b->heir);
	KUNIT_EXPECT_EQ(test, take(b), -2);
	KUNIT_EXPECT_EQ(test, b->heir.depth, 3);
	b->dpc[3].importance = NTS_DPC_HIGH;
	raw_spin_lock_irq(&b->heir.lock);
	nts_dpcq_insert(&b->heir, &b->dpc[3], NULL, NULL, &b->origin,
			&b->limits);
	raw_spin_unlock_irq(&b->heir.lock);
	for (i = 0; i < ARRAY_SIZE(order); i++)
		KUNIT_EXPECT_EQ_MSG(test, take_from(b, &b->heir), order[i],
				    "place %u", i);
	KUNIT_EXPECT_TRUE(test, nts_dpcq_flush_reached(&b->queue, 1));
}

/* Shows: DP-026 */
static void dead_processor_takes_nothing_from_others(struct kunit *test)
{
	struct bench *b = test->priv;

	nts_dpcq_splice(&b->queue, &b->heir);
	b->origin.remote = true;
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_GONE);
	b->origin.remote = false;
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DRAIN);
}

/* Shows: DP-026, DP-050 */
static void spliced_dpc_can_be_removed(struct kunit *test)
{
	struct bench *b = test->priv;

	insert(b, 0);
	nts_dpcq_splice(&b->queue, &b->heir);
	KUNIT_EXPECT_TRUE(test, nts_dpc_remove(&b->dpc[0]));
	KUNIT_EXPECT_EQ(test, b->heir.depth, 0);
	KUNIT_EXPECT_EQ(test, take_from(b, &b->heir), -2);
}

/* Shows: DP-015, DP-083 */
static void insertion_after_a_pause_asks_for_a_drain(struct kunit *test)
{
	struct bench *b = test->priv;

	b->queue.threaded = true;
	KUNIT_EXPECT_EQ(test, insert(b, 0), NTS_DPC_DRAIN);
	KUNIT_EXPECT_EQ(test, take(b), 0);
	KUNIT_EXPECT_EQ(test, insert(b, 1), NTS_DPC_QUEUED);
	nts_dpcq_pause(&b->queue);
	KUNIT_EXPECT_EQ(test, insert(b, 2), NTS_DPC_DRAIN);
	KUNIT_EXPECT_EQ(test, take(b), 1);
	KUNIT_EXPECT_EQ(test, take(b), 2);
	nts_dpcq_pause(&b->queue);
	/* Nothing is running any more. */
	nts_dpcq_flush_request(&b->queue, 1);
	KUNIT_EXPECT_TRUE(test, nts_dpcq_flush_reached(&b->queue, 1));
	KUNIT_EXPECT_EQ(test, insert(b, 3), NTS_DPC_DRAIN);
}

static struct kunit_case dpc_queue_cases[] = {
	KUNIT_CASE(importance_decides_the_order),
	KUNIT_CASE(importance_counts_from_the_next_insertion),
	KUNIT_CASE(importance_delays_no_threaded_dpc),
	KUNIT_CASE(queued_dpc_is_refused),
	KUNIT_CASE(taken_dpc_can_be_queued_again),
	KUNIT_CASE(removed_dpc_is_gone),
	KUNIT_CASE(memory_is_left_alone_after_removal),
	KUNIT_CASE(local_dpcs_drain_unless_low),
	KUNIT_CASE(remote_dpcs_drain_above_medium),
	KUNIT_CASE(full_queue_drains),
	KUNIT_CASE(low_dpcs_are_deferred_at_a_high_rate_only),
	KUNIT_CASE(eager_queue_never_defers),
	KUNIT_CASE(flush_of_idle_queue_is_reached_at_once),
	KUNIT_CASE(flush_waits_for_the_running_routine),
	KUNIT_CASE(high_importance_stays_behind_the_marker),
	KUNIT_CASE(later_flush_goes_round_once_more),
	KUNIT_CASE(marker_of_a_later_flush_serves_an_earlier_one),
	KUNIT_CASE(splice_keeps_order_and_markers),
	KUNIT_CASE(dead_processor_takes_nothing_from_others),
	KUNIT_CASE(spliced_dpc_can_be_removed),
	KUNIT_CASE(insertion_after_a_pause_asks_for_a_drain),
	{}
};

static struct kunit_suite dpc_queue_suite = {
	.name = "ntshim_dpc_queue",
	.init = bench_init,
	.exit = bench_exit,
	.test_cases = dpc_queue_cases,
};

kunit_test_suite(dpc_queue_suite);
