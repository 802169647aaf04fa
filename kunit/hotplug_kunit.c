// SPDX-License-Identifier: GPL-2.0
/*
 * A processor goes away and comes back, with DPCs in its queue, timers armed on
 * it and threads asleep on it. For kernels that can do this: UML cannot.
 */

#include "../shim/compat.h"

#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/timekeeping.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"

#define LOOPS 10
#define TIMERS 64
#define WAITERS 8

/* Longer than a processor takes to go. */
#define SOON_100NS UNITS_PER_SEC

/* Between two timers: some are due long after it has gone. */
#define APART_100NS (10 * UNITS_PER_MS)

/* More than a busy machine makes of an expiry, less than patience. */
#define LATE_100NS (25 * UNITS_PER_SEC)

/* The processor that goes; the case runs on the first one, which stays. */
static unsigned int victim;

static int hotplug_init(struct kunit *test)
{
	victim = cpumask_last(cpu_online_mask);
	if (!victim)
		kunit_skip(test, "one CPU");
	set_cpus_allowed_ptr(current, cpumask_of(0));
	return nts_test_init(test);
}

static void hotplug_exit(struct kunit *test)
{
	if (victim && !cpu_online(victim))
		KUNIT_EXPECT_EQ(test, add_cpu(victim), 0);
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	nts_test_exit(test);
}

static void take_away(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, remove_cpu(victim), 0);
}

static void bring_back(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, add_cpu(victim), 0);
}

/* Shows: DP-026 */
static void dpcs_outlive_their_processor(struct kunit *test)
{
	struct nts_test_dpc *low, *high;
	unsigned int loop;

	low = kunit_kzalloc(test, 2 * sizeof(*low), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, low);
	high = low + 1;
	nts_test_dpc_init(low);
	nts_test_dpc_init(high);
	KeSetTargetProcessorDpc(&low->dpc, victim);
	KeSetTargetProcessorDpc(&high->dpc, victim);
	KeSetImportanceDpc(&low->dpc, NTS_DPC_LOW);
	KeSetImportanceDpc(&high->dpc, NTS_DPC_HIGH);

	for (loop = 1; loop <= LOOPS; loop++) {
		/* Low is deferred over there, so it is still queued. */
		KUNIT_EXPECT_EQ(test, KeInsertQueueDpc(&low->dpc, NULL, NULL),
				1);
		take_away(test);
		KUNIT_EXPECT_EQ(test, KeInsertQueueDpc(&high->dpc, NULL, NULL),
				1);
		KeFlushQueuedDpcs();
		KUNIT_EXPECT_EQ(test, atomic_read(&low->runs), loop);
		KUNIT_EXPECT_EQ(test, atomic_read(&high->runs), loop);
		bring_back(test);
	}
}

/**
 * struct flusher - a thread that queues and flushes
 * @counter: its DPC, deferred on the processor that goes
 * @insertions: how many there were
 * @early: flushes that returned before the DPC had run
 * @stop: ends the thread
 * @done: completed then
 */
struct flusher {
	struct nts_test_dpc counter;
	int insertions;
	unsigned int early;
	bool stop;
	struct completion done;
};

static int flusher_fn(void *data)
{
	struct flusher *flusher = data;

	while (!READ_ONCE(flusher->stop)) {
		KeInsertQueueDpc(&flusher->counter.dpc, NULL, NULL);
		flusher->insertions++;
		KeFlushQueuedDpcs();
		flusher->early += atomic_read(&flusher->counter.runs) !=
				  flusher->insertions;
		cond_resched();
	}
	complete(&flusher->done);
	return 0;
}

/*
 * Its DPC is in the queue of the processor that goes, moves to another, or is
 * queued there at once, while the flush asks one queue after the other.
 */
/* Shows: DP-026, DP-060, DP-063 */
static void flushes_cover_what_moves(struct kunit *test)
{
	struct flusher *flusher;
	struct task_struct *task;
	unsigned int loop;

	flusher = kunit_kzalloc(test, sizeof(*flusher), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, flusher);
	nts_test_dpc_init(&flusher->counter);
	KeSetTargetProcessorDpc(&flusher->counter.dpc, victim);
	KeSetImportanceDpc(&flusher->counter.dpc, NTS_DPC_LOW);
	init_completion(&flusher->done);
	task = kthread_run(flusher_fn, flusher, "nts-flusher");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	for (loop = 0; loop < LOOPS; loop++) {
		KUNIT_EXPECT_EQ(test, remove_cpu(victim), 0);
		KUNIT_EXPECT_EQ(test, add_cpu(victim), 0);
	}
	WRITE_ONCE(flusher->stop, true);
	KUNIT_ASSERT_TRUE(test,
			  wait_for_completion_timeout(&flusher->done, 60 * HZ));
	KUNIT_EXPECT_GT(test, flusher->insertions, 0);
	KUNIT_EXPECT_EQ(test, flusher->early, 0);
}

/**
 * struct survivor - a timer that is armed on the processor that goes
 * @timer: one-shot
 * @dpc: its DPC
 * @due_100ns: unbiased interrupt time, not after its due time
 * @expired_100ns: the same in the DPC
 */
struct survivor {
	struct nts_timer timer;
	struct nts_dpc dpc;
	u64 due_100ns;
	u64 expired_100ns;
};

static void note_time_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	struct survivor *survivor = context;

	survivor->expired_100ns = KeQueryUnbiasedInterruptTime();
}

static struct survivor *new_survivors(struct kunit *test)
{
	struct survivor *s =
		kunit_kcalloc(test, TIMERS, sizeof(*s), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, s);
	for (i = 0; i < TIMERS; i++) {
		KeInitializeTimer(&s[i].timer);
		KeInitializeDpc(&s[i].dpc, note_time_fn, &s[i]);
	}
	return s;
}

static void arm_on_victim(struct survivor *s)
{
	u64 interval_100ns = SOON_100NS;
	unsigned int i;

	set_cpus_allowed_ptr(current, cpumask_of(victim));
	for (i = 0; i < TIMERS; i++) {
		s[i].due_100ns = KeQueryUnbiasedInterruptTime() +
				 interval_100ns;
		KeSetTimer(&s[i].timer, -(s64)interval_100ns, &s[i].dpc);
		interval_100ns += APART_100NS;
	}
	set_cpus_allowed_ptr(current, cpumask_of(0));
}

/* Returns how many of them cannot have expired yet. */
static unsigned int expect_armed(struct kunit *test, const struct survivor *s)
{
	unsigned int i, early = 0;
	bool armed;

	for (i = 0; i < TIMERS; i++) {
		armed = nts_timer_armed(&s[i].timer);
		if (KeQueryUnbiasedInterruptTime() >= s[i].due_100ns)
			continue;
		KUNIT_EXPECT_TRUE_MSG(test, armed, "timer %u", i);
		early++;
	}
	return early;
}

static void expect_expiries(struct kunit *test, struct survivor *s)
{
	static const s64 patience = PATIENCE_100NS;
	unsigned int i;

	for (i = 0; i < TIMERS; i++)
		KUNIT_EXPECT_EQ(test,
				KeWaitForSingleObject(&s[i].timer, 0, 0, 0,
						      &patience),
				NTS_STATUS_SUCCESS);
	KeFlushQueuedDpcs();
	for (i = 0; i < TIMERS; i++) {
		KUNIT_EXPECT_GE_MSG(test, s[i].expired_100ns, s[i].due_100ns,
				    "timer %u", i);
		KUNIT_EXPECT_LE_MSG(test, s[i].expired_100ns,
				    s[i].due_100ns + LATE_100NS, "timer %u", i);
	}
}

/* Shows: KT-206 */
static void armed_timers_outlive_the_processor(struct kunit *test)
{
	struct survivor *s = new_survivors(test);
	unsigned int loop, early = 0;

	for (loop = 0; loop < LOOPS; loop++) {
		arm_on_victim(s);
		take_away(test);
		early += expect_armed(test, s);
		expect_expiries(test, s);
		bring_back(test);
	}
	/* Else nothing was armed any more when it had gone. */
	KUNIT_EXPECT_GT(test, early, 0);
}

struct sleeper {
	struct nts_header event;
	struct completion done;
	s32 status;
	u64 slept_ns;
};

static int sleeper_fn(void *data)
{
	static const s64 limit_100ns = -SOON_100NS;
	struct sleeper *sleeper = data;
	u64 began_ns = ktime_get_ns();

	sleeper->status =
		KeWaitForSingleObject(&sleeper->event, 0, 0, 0, &limit_100ns);
	sleeper->slept_ns = ktime_get_ns() - began_ns;
	complete(&sleeper->done);
	return 0;
}

static void start_sleeper(struct kunit *test, struct sleeper *sleeper)
{
	struct task_struct *task;

	KeInitializeEvent(&sleeper->event, 0, 0);
	init_completion(&sleeper->done);
	task = kthread_create(sleeper_fn, sleeper, "nts-sleeper");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	set_cpus_allowed_ptr(task, cpumask_of(victim));
	wake_up_process(task);
	nts_test_await_waits(test, &sleeper->event, 1);
}

/* Shows: W-RAC-14 */
static void timeouts_outlive_the_processor(struct kunit *test)
{
	struct sleeper *sleepers;
	unsigned int i;

	sleepers = kunit_kcalloc(test, WAITERS, sizeof(*sleepers), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, sleepers);
	for (i = 0; i < WAITERS; i++)
		start_sleeper(test, &sleepers[i]);
	take_away(test);
	for (i = 0; i < WAITERS; i++) {
		KUNIT_ASSERT_TRUE(test,
				  wait_for_completion_timeout(&sleepers[i].done,
							      60 * HZ));
		KUNIT_EXPECT_EQ(test, sleepers[i].status, NTS_STATUS_TIMEOUT);
		KUNIT_EXPECT_GE(test, sleepers[i].slept_ns,
				(u64)SOON_100NS * 100);
	}
	bring_back(test);
}

static struct kunit_case hotplug_cases[] = {
	KUNIT_CASE(dpcs_outlive_their_processor),
	KUNIT_CASE(flushes_cover_what_moves),
	KUNIT_CASE(armed_timers_outlive_the_processor),
	KUNIT_CASE(timeouts_outlive_the_processor),
	{}
};

static struct kunit_suite hotplug_suite = {
	.name = "ntshim_hotplug",
	.init = hotplug_init,
	.exit = hotplug_exit,
	.test_cases = hotplug_cases,
};

kunit_test_suite(hotplug_suite);
