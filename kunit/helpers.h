/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: a shard of one's own whose time is moved by hand, DPCs
 * that count their runs, threads that wait, and an account of the findings
 * (reports and misuse notes) that a case provokes on purpose.
 */
#ifndef NTSHIM_KUNIT_HELPERS_H
#define NTSHIM_KUNIT_HELPERS_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/types.h>

#include "../shim/clock.h"
#include "../shim/dispatcher.h"
#include "../shim/dpc.h"
#include "../shim/report.h"
#include "../shim/timer.h"

/* In units of 100 ns. */
#define UNITS_PER_US 10LL
#define UNITS_PER_MS 10000LL
#define UNITS_PER_SEC 10000000LL

/*
 * How long a live case waits for what must happen, before it calls it lost: far
 * above what two busy virtual processors need.
 */
#define PATIENCE_100NS (-30 * UNITS_PER_SEC)

/* WAIT_TYPE */
#define WAIT_ALL 0
#define WAIT_ANY 1

/*
 * Findings: counted from nts_test_init() on. A case takes those that it meant
 * to provoke; any that are left fail it in nts_test_exit().
 */
int nts_test_init(struct kunit *test);
void nts_test_exit(struct kunit *test);
unsigned int nts_test_take_findings(const char *rule);
unsigned int nts_test_await_findings(const char *rule, unsigned int count);
unsigned int nts_test_take_reports(const char *rule, u32 code,
				   unsigned long parameter);
unsigned int nts_test_take_raised(const char *rule, s32 status);

/* What a routine of checks in ported/ returned. */
void nts_test_expect_all(struct kunit *test, const char *broken);

/* True where time passes only when everybody sleeps. */
extern unsigned int nts_test_samples;

/* Due times of one unit to 1000: fractions of what a coarse clock lags. */
static inline s64 nts_test_short_100ns(unsigned int sample)
{
	return 1 + sample % 1000;
}

bool nts_test_time_is_simulated(void);

int nts_test_step_clock(s64 step_s);

void nts_test_set_timer_elsewhere(struct nts_timer *timer, s64 due_100ns,
				  u32 tolerance_ms);

s32 nts_test_wait(void *object, s64 timeout_100ns);
s32 nts_test_look(void *object);

/**
 * struct nts_test_dpc - a DPC that counts
 * @dpc: the object
 * @runs: how often its routine has run
 * @arg1: of the last run
 * @arg2: of the last run
 * @order: @nts_test_order of the last run
 */
struct nts_test_dpc {
	struct nts_dpc dpc;
	atomic_t runs;
	void *arg1;
	void *arg2;
	int order;
};

void nts_test_dpc_init(struct nts_test_dpc *counter);
/* Waits until all that was queued has run. */
int nts_test_dpc_runs(struct nts_test_dpc *counter);

/**
 * struct nts_test_waiter - a thread that waits for one object
 * @object: for what
 * @timeout_100ns: time limit; NULL: none
 * @task: the thread
 * @status: result, valid after nts_test_join()
 * @order: place among all that have returned, from 1; valid likewise
 * @done: completed when it has returned
 */
struct nts_test_waiter {
	void *object;
	const s64 *timeout_100ns;
	struct task_struct *task;
	s32 status;
	int order;
	struct completion done;
};

/* Starts the thread; returns when it is the last on the object's list. */
void nts_test_start_waiter(struct kunit *test, struct nts_test_waiter *waiter,
			   void *object, const s64 *timeout_100ns);
bool nts_test_join(struct nts_test_waiter *waiter);
unsigned int nts_test_count_waits(struct nts_header *object);
void nts_test_await_waits(struct kunit *test, struct nts_header *object,
			  unsigned int count);
void nts_test_await_sleep(const struct task_struct *task);

/**
 * struct nts_engine - a shard whose time is moved by hand
 * @shard: without events, not in the table of shards
 * @now: its time on both clocks
 */
struct nts_engine {
	struct nts_shard shard;
	struct nts_now now;
};

int nts_engine_init(struct kunit *test);
void nts_engine_exit(struct kunit *test);
struct nts_timer *nts_engine_timer(struct kunit *test, u8 type);
bool nts_engine_set(struct nts_engine *e, struct nts_timer *timer,
		    s64 due_100ns, u32 period_ms, struct nts_dpc *dpc);
bool nts_engine_set_tolerant(struct nts_engine *e, struct nts_timer *timer,
			     s64 due_100ns, u32 period_ms, u32 tolerance_ms,
			     struct nts_dpc *dpc);
bool nts_engine_cancel(struct nts_engine *e, struct nts_timer *timer);
void nts_engine_expire(struct nts_engine *e);
void nts_engine_advance(struct nts_engine *e, u64 ns);
s64 nts_engine_systime(const struct nts_engine *e);
unsigned int nts_engine_run_for(struct nts_engine *e, struct nts_timer *timer,
				u64 ns, u64 step_ns);

static inline bool nts_timer_armed(const struct nts_timer *timer)
{
	return READ_ONCE(timer->header.inserted);
}

static inline bool nts_timer_signaled(const struct nts_timer *timer)
{
	return nts_signal_read(&timer->header) > 0;
}

/* As a zero-timeout wait does: take a synchronization timer's signal. */
bool nts_engine_consume(struct nts_engine *e, struct nts_timer *timer);

#endif /* NTSHIM_KUNIT_HELPERS_H */
