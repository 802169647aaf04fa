// SPDX-License-Identifier: GPL-2.0
/*
 * Waiting for any of several events, of which the last is set: at once, and in
 * a round trip with another thread. Beside it what Linux has for that: an entry
 * in the wait queue of each of several flags.
 */

#include "../compat.h"

#include <linux/kernel.h>
#include <linux/sched.h>
#include <linux/wait.h>

#include "../ke_api.h"
#include "../wait.h"
#include "bench.h"
#include "peer.h"

#define BATCH 100
#define ROUNDS 101
#define QUICK_ROUNDS 3

#define MOST NT_LAYOUT_MAXIMUM_WAIT_OBJECTS

/* EVENT_TYPE, WAIT_TYPE */
#define SYNCHRONIZATION_EVENT 1
#define WAIT_ANY 1

static const unsigned int counts[] = { 1, 3, MOST };

/**
 * struct flag - what a wait queue waits for
 * @queue: of the threads that wait
 * @set: taken by the one that finds it
 */
struct flag {
	wait_queue_head_t queue;
	bool set;
};

/**
 * struct many_bench - what is waited for
 * @count: how many of them are
 * @flags: raw side
 * @entries: raw side: the waiter's places in the queues of @flags
 * @ping_flag: raw side: to the peer
 * @events: our side
 * @objects: pointers to @events
 * @blocks: our side: the waiter's places
 * @ping_event: our side: to the peer
 */
struct many_bench {
	unsigned int count;
	struct flag flags[MOST];
	struct wait_queue_entry entries[MOST];
	struct flag ping_flag;
	struct nts_header events[MOST];
	void *objects[MOST];
	struct nts_wait_block blocks[MOST];
	struct nts_header ping_event;
};

static struct many_bench bench;

static void set_flag(struct flag *flag)
{
	WRITE_ONCE(flag->set, true);
	wake_up(&flag->queue);
}

/* Take the first flag that is set; false if none is. */
static bool take_flag(void)
{
	unsigned int i;

	for (i = 0; i < bench.count; i++)
		if (READ_ONCE(bench.flags[i].set) &&
		    xchg(&bench.flags[i].set, false))
			return true;
	return false;
}

static void raw_wait(void)
{
	unsigned int i;

	if (take_flag())
		return;
	for (i = 0; i < bench.count; i++) {
		init_wait_entry(&bench.entries[i], 0);
		add_wait_queue(&bench.flags[i].queue, &bench.entries[i]);
	}
	for (;;) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		if (take_flag())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	for (i = 0; i < bench.count; i++)
		finish_wait(&bench.flags[i].queue, &bench.entries[i]);
}

static void nt_wait(void)
{
	KeWaitForMultipleObjects(bench.count, bench.objects, WAIT_ANY, 0, 0,
				 false, NULL, bench.blocks);
}

static void raw_ping(void)
{
	set_flag(&bench.ping_flag);
}

static void raw_answer(void)
{
	wait_event(bench.ping_flag.queue, xchg(&bench.ping_flag.set, false));
	set_flag(&bench.flags[bench.count - 1]);
}

static void nt_ping(void)
{
	KeSetEvent(&bench.ping_event, 0, false);
}

static void nt_answer(void)
{
	KeWaitForSingleObject(&bench.ping_event, 0, 0, false, NULL);
	KeSetEvent(&bench.events[bench.count - 1], 0, false);
}

static u64 raw_round_trips(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		raw_ping();
		raw_wait();
	}
	return bench_ticks() - start;
}

static u64 nt_round_trips(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		nt_ping();
		nt_wait();
	}
	return bench_ticks() - start;
}

static u64 raw_no_block(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		set_flag(&bench.flags[bench.count - 1]);
		raw_wait();
	}
	return bench_ticks() - start;
}

static u64 nt_no_block(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		KeSetEvent(&bench.events[bench.count - 1], 0, false);
		nt_wait();
	}
	return bench_ticks() - start;
}

static void prepare(void)
{
	unsigned int i;

	init_waitqueue_head(&bench.ping_flag.queue);
	KeInitializeEvent(&bench.ping_event, SYNCHRONIZATION_EVENT, false);
	for (i = 0; i < MOST; i++) {
		init_waitqueue_head(&bench.flags[i].queue);
		KeInitializeEvent(&bench.events[i], SYNCHRONIZATION_EVENT,
				  false);
		bench.objects[i] = &bench.events[i];
	}
}

static int measure_round_trips(unsigned int rounds)
{
	const struct bench_case c = {
		.name = "wait_any_round_trip",
		.size = bench.count,
		.ops = BATCH,
		.rounds = rounds,
		.sides = { { "raw", raw_round_trips },
			   { "nt", nt_round_trips } },
	};
	struct bench_peer raw = { raw_answer, raw_ping };
	struct bench_peer nt = { nt_answer, nt_ping };

	return bench_peer_measure(&c, &raw, &nt);
}

static int measure_no_block(unsigned int rounds)
{
	const struct bench_case c = {
		.name = "wait_any_no_block",
		.size = bench.count,
		.ops = BATCH,
		.rounds = rounds,
		.sides = { { "raw", raw_no_block }, { "nt", nt_no_block } },
	};

	return bench_measure(&c);
}

/**
 * bench_event_many() - KeWaitForMultipleObjects
 *
 * Context: process, may sleep.
 * Return: 0, or a negative errno.
 */
int bench_event_many(void)
{
	unsigned int i, rounds = bench_quick ? QUICK_ROUNDS : ROUNDS;
	int ret = 0;

	for (i = 0; i < ARRAY_SIZE(counts) && !ret; i++) {
		prepare();
		bench.count = counts[i];
		ret = measure_no_block(rounds);
		if (!ret)
			ret = measure_round_trips(rounds);
	}
	return ret;
}
