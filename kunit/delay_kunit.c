// SPDX-License-Identifier: GPL-2.0
/*
 * Delays that only a signal can end, delays at the limits of time, stalls, and
 * the codes and switches of checks.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/limits.h>
#include <linux/sched/signal.h>

#include "../shim/ex_timer.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define USER_MODE 1

#define SLEEPERS 4

/* Before something that must happen is called lost. */
#define PATIENCE_JIFFIES (30 * HZ)

/**
 * struct sleeper - a thread in a delay that a signal may end
 * @interval_100ns: of the delay
 * @alertable: any signal may end it, not only a fatal one
 * @task: the thread
 * @status: result, valid after @done
 * @ready: completed when signals are no longer ignored
 * @done: completed when the delay has ended
 */
struct sleeper {
	s64 interval_100ns;
	u8 alertable;
	struct task_struct *task;
	s32 status;
	struct completion ready;
	struct completion done;
};

static int sleep_fn(void *data)
{
	struct sleeper *sleeper = data;

	allow_signal(SIGUSR1);
	complete(&sleeper->ready);
	sleeper->status = KeDelayExecutionThread(USER_MODE, sleeper->alertable,
						 &sleeper->interval_100ns);
	complete(&sleeper->done);
	return 0;
}

static void start_sleeper(struct kunit *test, struct sleeper *sleeper,
			  s64 interval_100ns)
{
	sleeper->interval_100ns = interval_100ns;
	sleeper->alertable = 1;
	init_completion(&sleeper->ready);
	init_completion(&sleeper->done);
	sleeper->task = kthread_create(sleep_fn, sleeper, "nts-sleeper");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, sleeper->task);
	get_task_struct(sleeper->task);
	wake_up_process(sleeper->task);
	wait_for_completion(&sleeper->ready);
}

/* Returns whether the delay has ended by now. */
static bool wake_sleeper(struct sleeper *sleeper)
{
	bool ended;

	send_sig(SIGUSR1, sleeper->task, 1);
	ended = wait_for_completion_timeout(&sleeper->done, PATIENCE_JIFFIES);
	put_task_struct(sleeper->task);
	return ended;
}

/* Shows: TM-055, KT-028 */
static void longest_delays_never_end(struct kunit *test)
{
	static const s64 intervals[SLEEPERS] = {
		S64_MIN,
		S64_MIN + 1,
		S64_MAX,
		-S64_MAX / 100 - 1,
	};
	const s64 while_100ns = nts_test_time_is_simulated() ?
					-3600 * UNITS_PER_SEC :
					-50 * UNITS_PER_MS;
	struct sleeper sleepers[SLEEPERS];
	int i;

	for (i = 0; i < SLEEPERS; i++)
		start_sleeper(test, &sleepers[i], intervals[i]);
	KeDelayExecutionThread(0, 0, &while_100ns);
	for (i = 0; i < SLEEPERS; i++)
		KUNIT_EXPECT_FALSE(test, completion_done(&sleepers[i].done));
	for (i = 0; i < SLEEPERS; i++) {
		KUNIT_EXPECT_TRUE(test, wake_sleeper(&sleepers[i]));
		KUNIT_EXPECT_EQ(test, sleepers[i].status, NTS_STATUS_USER_APC);
	}
}

/* Shows: TM-055, TM-052 */
static void earliest_delays_end_at_once(struct kunit *test)
{
	static const s64 intervals[] = { 0, 1, NTS_EPOCH_100NS,
					 NTS_EPOCH_100NS + 1 };
	u64 start_ns = ktime_get_ns();
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(intervals); i++)
		KUNIT_EXPECT_EQ(test,
				KeDelayExecutionThread(0, 0, &intervals[i]),
				NTS_STATUS_SUCCESS);
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LT(test, ktime_get_ns() - start_ns, NSEC_PER_MSEC);
}

/* Shows: TM-053, W-ALT-03 */
static void signal_ends_an_alertable_delay(struct kunit *test)
{
	struct sleeper sleeper;

	start_sleeper(test, &sleeper, -3600 * UNITS_PER_SEC);
	KUNIT_EXPECT_TRUE(test, wake_sleeper(&sleeper));
	KUNIT_EXPECT_EQ(test, sleeper.status, NTS_STATUS_USER_APC);
	/* All that ends a delay satisfies NT_SUCCESS. */
	KUNIT_EXPECT_GE(test, sleeper.status, 0);
}

/* Shows: TM-053 */
static void delay_that_nothing_ends_succeeds(struct kunit *test)
{
	struct sleeper sleeper;

	start_sleeper(test, &sleeper, -UNITS_PER_MS);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&sleeper.done,
							    PATIENCE_JIFFIES));
	KUNIT_EXPECT_EQ(test, sleeper.status, NTS_STATUS_SUCCESS);
	put_task_struct(sleeper.task);
}

static void stall_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	KeStallExecutionProcessor((unsigned long)context);
}

static unsigned long count_stall(u32 microseconds, bool in_dpc)
{
	unsigned long before = nts_long_stalls();
	struct nts_dpc dpc;

	if (in_dpc) {
		nts_dpc_init(&dpc, NTS_DPC_ORDINARY, stall_fn,
			     (void *)(unsigned long)microseconds);
		nts_dpc_queue(&dpc, NULL, NULL);
		nts_dpc_flush();
	} else {
		KeStallExecutionProcessor(microseconds);
	}
	return nts_long_stalls() - before;
}

/* Shows: TM-056, V-40 */
static void long_stalls_are_counted(struct kunit *test)
{
	enum nts_verifier_mode mode = nts_verifier_mode();

	nts_verifier_switch(NTS_VERIFIER_OFF);
	KUNIT_EXPECT_EQ(test, count_stall(1001, false), 0);
	nts_verifier_switch(NTS_VERIFIER_ON);
	KUNIT_EXPECT_EQ(test, count_stall(50, false), 0);
	KUNIT_EXPECT_EQ(test, count_stall(51, false), 1);
	KUNIT_EXPECT_EQ(test, count_stall(100, true), 0);
	KUNIT_EXPECT_EQ(test, count_stall(101, true), 1);
	KUNIT_EXPECT_EQ(test, count_stall(1000, false), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("TM-056"), 0);
	KUNIT_EXPECT_EQ(test, count_stall(1001, false), 1);
	nts_verifier_switch(mode);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("TM-056"), 1);
}

static void keep_code_fn(enum nts_finding_kind kind,
			 const struct nts_finding *finding, void *data)
{
	*(u32 *)data = finding->code;
}

/* Shows: TM-082, TM-084 */
static void undocumented_reasons_have_no_code(struct kunit *test)
{
	u32 code = 1;

	nts_finding_hook(keep_code_fn, &code);
	/* High resolution and no-wake exclude each other. */
	KUNIT_EXPECT_NULL(test, ExAllocateTimer(NULL, NULL, 4 | 8));
	nts_test_init(test);
	KUNIT_EXPECT_EQ(test, code, 0);
}

/* What a correct driver sees of a timer, as one number. */
static u64 use_timer(struct nts_test_dpc *counter)
{
	const s64 no_time = 0, patience_100ns = PATIENCE_100NS;
	struct nts_timer timer;
	u64 seen;

	nts_test_dpc_init(counter);
	KeInitializeTimerEx(&timer, 1);
	seen = KeSetTimer(&timer, -3600 * UNITS_PER_SEC, &counter->dpc);
	seen = seen << 1 | KeSetTimerEx(&timer, -1, 0, &counter->dpc);
	seen = seen << 1 |
	       !KeWaitForSingleObject(&timer, 0, 0, 0, &patience_100ns);
	seen = seen << 1 | KeReadStateTimer(&timer);
	seen = seen << 1 | !KeWaitForSingleObject(&timer, 0, 0, 0, &no_time);
	seen = seen << 1 | KeSetCoalescableTimer(&timer, 0, 100, 50, NULL);
	seen = seen << 1 | KeReadStateTimer(&timer);
	seen = seen << 1 | KeCancelTimer(&timer);
	return seen << 8 | nts_test_dpc_runs(counter);
}

/* Shows: TM-085, V-40 */
static void checks_change_nothing_for_correct_calls(struct kunit *test)
{
	enum nts_verifier_mode before = nts_verifier_mode(), mode;
	struct nts_test_dpc counter;

	for (mode = NTS_VERIFIER_OFF; mode < NTS_NR_VERIFIER_MODES; mode++) {
		nts_verifier_switch(mode);
		/* Armed; waited; the past set signals; cancelled; one run. */
		KUNIT_EXPECT_EQ(test, use_timer(&counter), 0x6301);
	}
	nts_verifier_switch(before);
}

/* With bottom halves off, and with interrupts off. */
/* Shows: W-DLY-06 */
static void stall_spins_at_any_level(struct kunit *test)
{
	unsigned long flags;
	u64 took_ns[2];

	local_bh_disable();
	took_ns[0] = ktime_get_ns();
	KeStallExecutionProcessor(200);
	took_ns[0] = ktime_get_ns() - took_ns[0];
	local_bh_enable();
	local_irq_save(flags);
	took_ns[1] = ktime_get_ns();
	KeStallExecutionProcessor(200);
	took_ns[1] = ktime_get_ns() - took_ns[1];
	local_irq_restore(flags);
	KUNIT_EXPECT_GE(test, took_ns[0], 200 * NSEC_PER_USEC);
	KUNIT_EXPECT_GE(test, took_ns[1], 200 * NSEC_PER_USEC);
}

static struct kunit_case delay_cases[] = {
	KUNIT_CASE(longest_delays_never_end),
	KUNIT_CASE(earliest_delays_end_at_once),
	KUNIT_CASE(signal_ends_an_alertable_delay),
	KUNIT_CASE(delay_that_nothing_ends_succeeds),
	KUNIT_CASE(long_stalls_are_counted),
	KUNIT_CASE(stall_spins_at_any_level),
	KUNIT_CASE(undocumented_reasons_have_no_code),
	KUNIT_CASE(checks_change_nothing_for_correct_calls),
	{}
};

static struct kunit_suite delay_suite = {
	.name = "ntshim_delay",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = delay_cases,
};

kunit_test_suite(delay_suite);
