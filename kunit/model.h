/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What timers, shared DPCs and waits must do, said once more and as simply as
 * possible: lists that are always sorted, nanoseconds in 128-bit integers where
 * nothing wraps, and none of the library's arithmetic. Knows nothing of the
 * library; what it calls an effect is what a driver could see happen.
 */
#ifndef NTSHIM_KUNIT_MODEL_H
#define NTSHIM_KUNIT_MODEL_H

#include <linux/types.h>

#define MODEL_TIMERS 64
#define MODEL_DPCS 8

/* Waits that may be blocked on one timer. */
#define MODEL_WAITS 4

#define MODEL_ALL_WAITS (MODEL_TIMERS * MODEL_WAITS)

/* Ends of waits and DPC runs of one call, and of some time that passes. */
#define MODEL_EFFECTS 2048

/* What the clocks of Linux can count to, and a time that they never reach. */
#define MODEL_REACH_NS ((__int128)S64_MAX)
#define MODEL_NEVER ((__int128)1 << 100)

#define MODEL_NO_DPC -1

enum model_clock {
	MODEL_MONO,
	MODEL_REAL,
	MODEL_CLOCKS
};

/**
 * enum model_fault - a rule that the model is told to break
 * @MODEL_FAULTLESS: none
 * @MODEL_SET_KEEPS_SIGNAL: a set does not clear the signal
 * @MODEL_CANCEL_CLEARS_SIGNAL: a cancel does
 * @MODEL_PERIOD_DRIFTS: a period starts when the last expiry was handled
 * @MODEL_NEWEST_WAIT_FIRST: the wait that began last is satisfied first
 * @MODEL_DPC_QUEUES_TWICE: a queued DPC takes the arguments of the next insert
 * @MODEL_DUE_IS_LATER: a timer is due only after its due time
 * @MODEL_ABSOLUTE_IS_FIXED: an absolute due time does not follow the wall clock
 * @MODEL_FAULTS: number of values
 */
enum model_fault {
	MODEL_FAULTLESS,
	MODEL_SET_KEEPS_SIGNAL,
	MODEL_CANCEL_CLEARS_SIGNAL,
	MODEL_PERIOD_DRIFTS,
	MODEL_NEWEST_WAIT_FIRST,
	MODEL_DPC_QUEUES_TWICE,
	MODEL_DUE_IS_LATER,
	MODEL_ABSOLUTE_IS_FIXED,
	MODEL_FAULTS,
};

/**
 * struct model_timer - a KTIMER
 * @synchronization: one wait takes its signal
 * @armed: it is in the queue of @clock
 * @signaled: a wait would succeed
 * @on_grid: @due is a point of its periodic grid
 * @clock: what its due time follows
 * @due: earliest expiry
 * @latest: @due and the tolerance
 * @period_ms: 0: one shot
 * @tolerance_ms: of each expiry
 * @dpc: number of its DPC, or MODEL_NO_DPC
 * @waits: the waits that are blocked on it, longest first
 * @nr_waits: number of @waits
 */
struct model_timer {
	bool synchronization;
	bool armed;
	bool signaled;
	bool on_grid;
	enum model_clock clock;
	__int128 due;
	__int128 latest;
	u32 period_ms;
	u32 tolerance_ms;
	int dpc;
	u8 waits[MODEL_WAITS];
	unsigned int nr_waits;
};

/**
 * struct model_effect - something a driver sees: a wait ends, a DPC runs
 * @is_dpc: which of the two
 * @index: number of the DPC or of the wait
 * @value: the DPC's arguments as one number; 0 for a wait
 */
struct model_effect {
	bool is_dpc;
	u8 index;
	u64 value;
};

/**
 * struct model - timers, DPCs, waits and the time
 * @timers: the timers
 * @nr_timers: how many of them there are
 * @queue: armed timers by clock and time, ties in arming order
 * @queued: lengths of @queue
 * @dpc_queue: queued DPCs in order; only their numbers and arguments
 * @nr_dpc_queue: length of @dpc_queue
 * @wakes: satisfied waits whose callback has not been called: it is a DPC too
 * @nr_wakes: length of @wakes
 * @mono: running time
 * @real: wall clock
 * @tick_100ns: T_cur
 * @effects: what the driver must have seen since model_forget_effects()
 * @nr_effects: number of @effects
 * @fault: what it does wrong
 */
struct model {
	struct model_timer timers[MODEL_TIMERS];
	unsigned int nr_timers;
	u8 queue[MODEL_CLOCKS][MODEL_TIMERS];
	unsigned int queued[MODEL_CLOCKS];
	struct model_effect dpc_queue[MODEL_DPCS];
	unsigned int nr_dpc_queue;
	u8 wakes[MODEL_ALL_WAITS];
	unsigned int nr_wakes;
	__int128 mono;
	__int128 real;
	u32 tick_100ns;
	struct model_effect effects[MODEL_EFFECTS];
	unsigned int nr_effects;
	enum model_fault fault;
};

/**
 * struct model_set - arguments of a set call
 * @due_100ns: negative: relative; else since 1601
 * @period_ms: 0: one shot
 * @tolerance_ms: 0: none
 * @dpc: number of a DPC, or MODEL_NO_DPC
 */
struct model_set {
	s64 due_100ns;
	u32 period_ms;
	u32 tolerance_ms;
	int dpc;
};

void model_start(struct model *m, unsigned int timers);
u64 model_systime(__int128 real);
void model_forget_effects(struct model *m);

bool model_init_timer(struct model *m, unsigned int i, bool synchronization);
bool model_set_timer(struct model *m, unsigned int i,
		     const struct model_set *set);
bool model_cancel(struct model *m, unsigned int i);
bool model_take(struct model *m, unsigned int i);
void model_wait(struct model *m, unsigned int i, u8 wait);
bool model_unwait(struct model *m, unsigned int i, u8 wait);

bool model_insert_dpc(struct model *m, int dpc, u64 value);
bool model_remove_dpc(struct model *m, int dpc);
void model_run_dpcs(struct model *m);

bool model_is_due(const struct model *m, unsigned int i);
void model_expire(struct model *m, unsigned int i);
void model_expire_all(struct model *m);
__int128 model_next_due(const struct model *m);

#endif /* NTSHIM_KUNIT_MODEL_H */
