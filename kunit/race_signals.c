// SPDX-License-Identifier: GPL-2.0
/*
 * The objects of races of waits.
 */

#include "../shim/compat.h"

#include <linux/overflow.h>

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "../shim/wait_async.h"
#include "helpers.h"
#include "race.h"
#include "race_signals.h"

/**
 * struct asked - an asynchronous wait
 * @race: whose
 * @async: the wait, freed by its callback
 */
struct asked {
	struct nts_race *race;
	struct nts_async_wait async;
};

/**
 * nts_signals_wait() - wait for several objects, as a side does
 * @objects: @count objects
 * @count: at most THREAD_WAIT_OBJECTS
 * @type: WAIT_ALL or WAIT_ANY
 *
 * Return: what KeWaitForMultipleObjects() returns; its time limit is long.
 */
s32 nts_signals_wait(void *objects[], unsigned int count, int type)
{
	s64 timeout_100ns = PATIENCE_100NS;

	return KeWaitForMultipleObjects(count, objects, type, 0, 0, 0,
					&timeout_100ns, NULL);
}

/**
 * nts_signals_look() - take a signal that is there
 * @object: the object
 *
 * Return: what KeWaitForSingleObject() returns with a time limit of 0.
 */
s32 nts_signals_look(void *object)
{
	s64 now = 0;

	return KeWaitForSingleObject(object, 0, 0, 0, &now);
}

/**
 * nts_signals_init() - make the objects of a round
 * @race: the race; its data is a struct nts_signals
 * @type: type of event a; the others are synchronization events
 * @state: state of the events
 */
void nts_signals_init(struct nts_race *race, int type, u8 state)
{
	struct nts_signals *s = race->data;

	s->objects = nts_race_alloc(race, sizeof(*s->objects));
	KeInitializeEvent(&s->objects->a, type, state);
	KeInitializeEvent(&s->objects->b, 1, state);
	KeInitializeEvent(&s->objects->c, 1, state);
	KeInitializeSemaphore(&s->objects->semaphore, 0, 1);
	KeInitializeTimerEx(&s->objects->timer, 1);
	s->token = &s->objects->a;
	atomic_set(&s->arrivals, 0);
	atomic_set(&s->asked_done, 0);
}

/**
 * nts_signals_prepare() - make them, with synchronization events, not signaled
 * @race: the race
 */
void nts_signals_prepare(struct nts_race *race)
{
	nts_signals_init(race, 1, 0);
}

/**
 * nts_signals_set_a() - a side that sets event a
 * @race: the race
 * @side: not used
 */
void nts_signals_set_a(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	KeSetEvent(&s->objects->a, 0, 0);
}

/**
 * nts_signals_set_b() - a side that sets event b
 * @race: the race
 * @side: not used
 */
void nts_signals_set_b(struct nts_race *race, unsigned int side)
{
	struct nts_signals *s = race->data;

	KeSetEvent(&s->objects->b, 0, 0);
}

/**
 * nts_signals_race() - run a race that needs no totals
 * @test: the case
 * @plan: the race
 */
void nts_signals_race(struct kunit *test, const struct nts_race_plan *plan)
{
	struct nts_signals *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, s);
	nts_race_run(test, plan, s);
}

static void asked_fn(struct nts_async_wait *async, s32 status)
{
	struct asked *asked = container_of(async, struct asked, async);
	struct nts_race *race = asked->race;
	struct nts_signals *s = race->data;

	s->asked_status = status;
	nts_race_free(race, asked);
	atomic_inc(&s->asked_done);
}

/**
 * nts_signals_ask() - begin an asynchronous wait
 * @race: the race
 * @objects: @count objects, not signaled, or for @all not all
 * @count: their number
 * @all: wait-all
 *
 * Its end is counted in nts_signals.asked_done, in a DPC that frees the record.
 */
void nts_signals_ask(struct nts_race *race, struct nts_header *const *objects,
		     unsigned int count, bool all)
{
	struct nts_async_request request = {
		.objects = objects,
		.done_fn = asked_fn,
		.count = count,
		.all = all,
	};
	struct asked *asked;

	asked = nts_race_alloc(race,
			       size_add(sizeof(*asked),
					size_mul(count,
						 sizeof(struct nts_wait_block))));
	asked->race = race;
	nts_race_check(race,
		       nts_async_start(&asked->async, &request) ==
			       NTS_STATUS_PENDING,
		       "there is nothing to take yet");
}
