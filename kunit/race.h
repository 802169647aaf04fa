/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Races: two or more sides, each on a processor of its own, start at one moment
 * and are judged together, some thousand times. One side starts with a delay
 * that is steered at run time to the moment where the outcome tips over, so
 * every outcome that is allowed occurs; in a long run, one that does not fails
 * the case.
 *
 *     static const struct nts_race_plan plan = {
 *             .prepare = init,
 *             .ready = arm,
 *             .sides = { cancel, nts_race_idle },
 *             .judge = judge,
 *             .outcomes = { { "cancel first", NTS_RACE_LATER },
 *                           { "expiry first", NTS_RACE_EARLIER } },
 *     };
 *
 * Only in kernels that can have several processors.
 */
#ifndef NTSHIM_KUNIT_RACE_H
#define NTSHIM_KUNIT_RACE_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/completion.h>
#include <linux/prandom.h>
#include <linux/types.h>

#define NTS_RACE_SIDES 4
#define NTS_RACE_OUTCOMES 4
#define NTS_RACE_AIMS (NTS_RACE_OUTCOMES - 1)
#define NTS_RACE_SLOTS 32
#define NTS_RACE_SLOT_SIZE 512

/* What judge() says of a round in which a nts_race_check() has failed. */
#define NTS_RACE_WRONG (-1)

struct nts_race;

/* What a side does; @side is its index. */
typedef void (*nts_race_fn)(struct nts_race *race, unsigned int side);

/**
 * enum nts_race_steer - what an outcome does to the delay of the first side
 * @NTS_RACE_EARLIER: the first side starts earlier in the next round
 * @NTS_RACE_KEEP: the delay is right
 * @NTS_RACE_LATER: the first side starts later in the next round
 */
enum nts_race_steer {
	NTS_RACE_EARLIER = -1,
	NTS_RACE_KEEP = 0,
	NTS_RACE_LATER = 1,
};

/**
 * struct nts_race_outcome - one way in which a round may end
 * @name: for the histogram; NULL ends the list
 * @steer: what to change; not looked at where outcomes are in order
 * @rare: allowed, but need not occur
 */
struct nts_race_outcome {
	const char *name;
	enum nts_race_steer steer;
	bool rare;
};

/**
 * struct nts_race_plan - a race
 * @prepare: before each round, while no side runs; in the thread of the first
 *	side, may sleep; or NULL
 * @ready: what each side but the first does on its processor just before the
 *	delay begins to count; must not sleep; or NULL
 * @sides: what races; process context, each on a processor of its own; two at
 *	least, more run only where there are processors for them
 * @judge: after each round, when all sides have returned; in the thread of the
 *	first side, may sleep. Returns an index in @outcomes or NTS_RACE_WRONG
 * @outcomes: all that are allowed
 * @due_ns: time from ready() to something that it has started, such as an
 *	expiry; the first side's delay begins with it. 0: there is nothing, so
 *	the delay begins with 0 and may become one of the others
 * @in_order: @outcomes are listed from that of the shortest delay to that of
 *	the longest; each moment between two of them is steered to in its turn,
 *	so that those in the middle and at the ends occur alike
 * @jitter_ns: each round's delay is longer by up to so much; 0: 2 us
 * @share: one of so many of the rounds asked for is run; 0: all
 * @own_delay: the first side does its delay itself: nts_race.wait_ns
 */
struct nts_race_plan {
	void (*prepare)(struct nts_race *race);
	nts_race_fn ready;
	nts_race_fn sides[NTS_RACE_SIDES];
	int (*judge)(struct nts_race *race);
	struct nts_race_outcome outcomes[NTS_RACE_OUTCOMES];
	s32 due_ns;
	u32 jitter_ns;
	u32 share;
	bool in_order;
	bool own_delay;
};

/**
 * struct nts_race_aim - a moment at which the outcome tips over
 * @delay_ns: steered delay of the first side, negative: of the others, or of
 *	what is due
 * @step_ns: by how much it moves
 * @same: how often it has moved in one direction
 * @last: direction in which it moved last
 */
struct nts_race_aim {
	s32 delay_ns;
	s32 step_ns;
	u32 same;
	enum nts_race_steer last;
};

/**
 * struct nts_race_side - one side's thread
 * @race: whose
 * @index: which side
 * @cpu: where it runs; changed between rounds by the first side
 * @arrived: round for which it has come
 * @ready: round for which it is ready
 * @finished: last round that it has ended
 */
struct nts_race_side {
	struct nts_race *race;
	unsigned int index;
	unsigned int cpu;
	u32 arrived ____cacheline_aligned;
	u32 ready;
	u32 finished;
} ____cacheline_aligned;

/**
 * struct nts_race - a race that is being run
 * @plan: what
 * @data: the case's own
 * @round: number of the round, from 1
 * @rounds: how many there will be
 * @counts: rounds by outcome
 * @sides: threads; the first one leads
 * @nr_sides: length of @sides
 * @prepared: round that the sides may get ready for
 * @started: round that they may run
 * @aims: what is steered to
 * @nr_aims: length of @aims
 * @aim: index of this round's
 * @late: a side came late to the start of this round
 * @late_rounds: length of a row of such rounds
 * @total_late: number of such rounds
 * @start_ns: when this round starts; 0: at once
 * @wait_ns: delay of this round, jitter included
 * @random: source of everything random, from the seed that is printed
 * @wrong: failed checks
 * @first_wrong: text of the first one
 * @wrong_round: its round
 * @ended: completed by each side at the end
 * @slot: index of the slot handed out last
 * @slots: memory of the objects that are poisoned by hand
 */
struct nts_race {
	const struct nts_race_plan *plan;
	void *data;
	u32 round;
	u32 rounds;
	u32 counts[NTS_RACE_OUTCOMES];
	struct nts_race_side sides[NTS_RACE_SIDES];
	unsigned int nr_sides;
	u32 prepared ____cacheline_aligned;
	u32 started ____cacheline_aligned;
	struct nts_race_aim aims[NTS_RACE_AIMS];
	unsigned int nr_aims;
	unsigned int aim;
	bool late;
	u32 late_rounds;
	u32 total_late;
	u64 start_ns;
	s32 wait_ns;
	struct rnd_state random;
	atomic_t wrong;
	const char *first_wrong;
	u32 wrong_round;
	struct completion ended;
	unsigned int slot;
	u8 slots[NTS_RACE_SLOTS][NTS_RACE_SLOT_SIZE] __aligned(64);
};

const struct nts_race *nts_race_run(struct kunit *test,
				    const struct nts_race_plan *plan,
				    void *data);

s64 nts_race_due_100ns(const struct nts_race *race);
bool nts_race_check(struct nts_race *race, bool good, const char *what);
void nts_race_delay(u32 ns);
void nts_race_await(const u32 *word, u32 value);
void nts_race_scribble(struct nts_race *race);
void nts_race_idle(struct nts_race *race, unsigned int side);

void *nts_race_alloc(struct nts_race *race, size_t size);
void nts_race_free(struct nts_race *race, void *object);

#endif /* NTSHIM_KUNIT_RACE_H */
