// SPDX-License-Identifier: GPL-2.0
/*
 * Waits for all of 64 objects in all shards, while others signal, steal and
 * return single ones. Totals are exact, whatever the order.
 */

#include "../shim/compat.h"

#include <linux/kthread.h>
#include <linux/prandom.h>
#include <linux/random.h>

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "../shim/wait.h"
#include "helpers.h"

#define OBJECTS 64
#define WAITERS 2
#define PRODUCERS 2
#define ROUNDS 100
#define MAX_LOOKS 20000

static const s64 look_100ns;
static const s64 patience_100ns = PATIENCE_100NS;
static const s64 moment_100ns = -1;

/**
 * struct party - a thread that waits, produces or steals
 * @field: what all of them share
 * @backward: the waiter names its objects the other way round
 * @seed: of its random choices
 * @rounds: how often its wait was satisfied, or what it stole
 * @looks: how often the thief tried; bounded, for it makes time pass
 * @blocks: of its wait
 * @objects: of its wait
 * @done: completed at its end
 */
struct party {
	struct field *field;
	bool backward;
	u64 seed;
	int rounds;
	int looks;
	struct nts_wait_block blocks[OBJECTS];
	void *objects[OBJECTS];
	struct completion done;
};

/**
 * struct field - the objects and who is at them
 * @semaphores: each gets one for each round of each producer
 * @stop: ends the thief
 * @waiters: take one of each at once
 * @producers: add one to each, in random order
 * @thief: takes single ones and gives them back
 */
struct field {
	struct nts_semaphore semaphores[OBJECTS];
	struct nts_header stop;
	struct party waiters[WAITERS];
	struct party producers[PRODUCERS];
	struct party thief;
};

static int wait_fn(void *data)
{
	struct party *self = data;
	int i, from;

	for (i = 0; i < OBJECTS; i++) {
		from = self->backward ? OBJECTS - 1 - i : i;
		self->objects[i] = &self->field->semaphores[from];
	}
	while (self->rounds < ROUNDS &&
	       !KeWaitForMultipleObjects(OBJECTS, self->objects, WAIT_ALL, 0, 0,
					 0, &patience_100ns, self->blocks))
		self->rounds++;
	complete(&self->done);
	return 0;
}

static void shuffle(u8 *order, struct rnd_state *rnd)
{
	unsigned int i, other;

	for (i = OBJECTS - 1; i > 0; i--) {
		other = prandom_u32_state(rnd) % (i + 1);
		swap(order[i], order[other]);
	}
}

static int produce_fn(void *data)
{
	struct party *self = data;
	struct rnd_state rnd;
	u8 order[OBJECTS];
	int i;

	prandom_seed_state(&rnd, self->seed);
	for (i = 0; i < OBJECTS; i++)
		order[i] = i;
	for (; self->rounds < ROUNDS; self->rounds++) {
		shuffle(order, &rnd);
		for (i = 0; i < OBJECTS; i++)
			KeReleaseSemaphore(&self->field->semaphores[order[i]],
					   0, 1, 0);
		KeDelayExecutionThread(0, 0, &moment_100ns);
	}
	complete(&self->done);
	return 0;
}

static int steal_fn(void *data)
{
	struct party *self = data;
	struct nts_semaphore *semaphore;
	struct rnd_state rnd;

	prandom_seed_state(&rnd, self->seed);
	while (self->looks++ < MAX_LOOKS &&
	       !KeReadStateEvent(&self->field->stop)) {
		semaphore = &self->field->semaphores[prandom_u32_state(&rnd) %
						     OBJECTS];
		if (KeWaitForSingleObject(semaphore, 0, 0, 0, &look_100ns) ==
		    NTS_STATUS_SUCCESS) {
			self->rounds++;
			KeReleaseSemaphore(semaphore, 0, 1, 0);
		}
		KeDelayExecutionThread(0, 0, &moment_100ns);
	}
	complete(&self->done);
	return 0;
}

static void start(struct kunit *test, struct field *field, struct party *party,
		  int (*fn)(void *data), u64 seed)
{
	party->field = field;
	party->seed = seed;
	init_completion(&party->done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(fn, party, "nts-party"));
}

/* Shows: W-MUL-06, W-RAC-04, W-RAC-05, W-IMP-02 */
static void all_of_64_under_fire_lose_nothing(struct kunit *test)
{
	struct field *field = kunit_kzalloc(test, sizeof(*field), GFP_KERNEL);
	u64 seed = get_random_u64();
	int i;

	KUNIT_ASSERT_NOT_NULL(test, field);
	kunit_info(test, "seed %llu", seed);
	KeInitializeEvent(&field->stop, 0, 0);
	for (i = 0; i < OBJECTS; i++)
		KeInitializeSemaphore(&field->semaphores[i], 0,
				      PRODUCERS * ROUNDS);
	for (i = 0; i < WAITERS; i++) {
		field->waiters[i].backward = i & 1;
		start(test, field, &field->waiters[i], wait_fn, 0);
	}
	for (i = 0; i < PRODUCERS; i++)
		start(test, field, &field->producers[i], produce_fn, seed + i);
	start(test, field, &field->thief, steal_fn, seed + PRODUCERS);

	for (i = 0; i < PRODUCERS; i++)
		wait_for_completion(&field->producers[i].done);
	for (i = 0; i < WAITERS; i++)
		wait_for_completion(&field->waiters[i].done);
	KeSetEvent(&field->stop, 0, 0);
	wait_for_completion(&field->thief.done);

	for (i = 0; i < WAITERS; i++)
		KUNIT_EXPECT_EQ(test, field->waiters[i].rounds, ROUNDS);
	for (i = 0; i < OBJECTS; i++) {
		KUNIT_EXPECT_EQ(test,
				KeReadStateSemaphore(&field->semaphores[i]), 0);
		KUNIT_EXPECT_EQ(test,
				field->semaphores[i].header.wait_all_blocks, 0);
	}
	kunit_info(test, "%d stolen and given back", field->thief.rounds);
}

static struct kunit_case wait_all_cases[] = {
	KUNIT_CASE(all_of_64_under_fire_lose_nothing), {}
};

static struct kunit_suite wait_all_suite = {
	.name = "ntshim_wait_all",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_all_cases,
};

kunit_test_suite(wait_all_suite);
