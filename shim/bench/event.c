// SPDX-License-Identifier: GPL-2.0
/*
 * Events beside completions: set and wait without blocking, and the round trip
 * between two threads of one processor that wake each other.
 */

#include "../compat.h"

#include <linux/completion.h>
#include <linux/kernel.h>

#include "../ke_api.h"
#include "bench.h"
#include "peer.h"

#define BATCH 100
#define ROUNDS 201
#define QUICK_ROUNDS 3

/* EVENT_TYPE */
#define SYNCHRONIZATION_EVENT 1

/**
 * struct event_bench - what two threads tell each other with
 * @raw_ping: to the peer of the raw side
 * @raw_pong: from it
 * @nt_ping: to the peer of our side
 * @nt_pong: from it
 */
struct event_bench {
	struct completion raw_ping;
	struct completion raw_pong;
	struct nts_header nt_ping;
	struct nts_header nt_pong;
};

static struct event_bench bench;

static void raw_ping(void)
{
	complete(&bench.raw_ping);
}

static void raw_answer(void)
{
	wait_for_completion(&bench.raw_ping);
	complete(&bench.raw_pong);
}

static void nt_ping(void)
{
	KeSetEvent(&bench.nt_ping, 0, false);
}

static void nt_answer(void)
{
	KeWaitForSingleObject(&bench.nt_ping, 0, 0, false, NULL);
	KeSetEvent(&bench.nt_pong, 0, false);
}

static u64 raw_round_trips(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		complete(&bench.raw_ping);
		wait_for_completion(&bench.raw_pong);
	}
	return bench_ticks() - start;
}

static u64 nt_round_trips(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		KeSetEvent(&bench.nt_ping, 0, false);
		KeWaitForSingleObject(&bench.nt_pong, 0, 0, false, NULL);
	}
	return bench_ticks() - start;
}

static u64 raw_no_block(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		complete(&bench.raw_pong);
		try_wait_for_completion(&bench.raw_pong);
	}
	return bench_ticks() - start;
}

static u64 nt_no_block(void *context)
{
	u64 start = bench_ticks();
	unsigned int i;

	for (i = 0; i < BATCH; i++) {
		KeSetEvent(&bench.nt_pong, 0, false);
		KeWaitForSingleObject(&bench.nt_pong, 0, 0, false, NULL);
	}
	return bench_ticks() - start;
}

static int measure_round_trips(unsigned int rounds)
{
	const struct bench_case c = {
		.name = "event_round_trip",
		.ops = BATCH,
		.rounds = rounds,
		.sides = { { "raw", raw_round_trips },
			   { "nt", nt_round_trips } },
	};
	struct bench_peer raw = { raw_answer, raw_ping };
	struct bench_peer nt = { nt_answer, nt_ping };

	return bench_peer_measure(&c, &raw, &nt);
}

/**
 * bench_event() - KeSetEvent and KeWaitForSingleObject
 *
 * Context: process, may sleep.
 * Return: 0, or a negative errno.
 */
int bench_event(void)
{
	struct bench_case c = {
		.name = "event_no_block",
		.ops = BATCH,
		.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS,
		.sides = { { "raw", raw_no_block }, { "nt", nt_no_block } },
	};
	int ret;

	init_completion(&bench.raw_ping);
	init_completion(&bench.raw_pong);
	KeInitializeEvent(&bench.nt_ping, SYNCHRONIZATION_EVENT, false);
	KeInitializeEvent(&bench.nt_pong, SYNCHRONIZATION_EVENT, false);
	ret = bench_measure(&c);
	return ret ? ret : measure_round_trips(c.rounds);
}
