// SPDX-License-Identifier: GPL-2.0
/*
 * Rules about KTIMER that are not about one routine: what a DPC finds, what
 * may be shared, what is the driver's again and when.
 */

#include "../shim/compat.h"

#include <linux/bits.h>
#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/time.h>
#include <linux/timekeeping.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/status.h"
#include "dpc_probe.h"
#include "helpers.h"
#include "ported/ported.h"

/* A short while that a live case can afford to wait many times. */
#define SHORT_100NS (2 * UNITS_PER_MS)

/* Far enough for nothing to expire during a case. */
#define FAR_100NS (3600 * UNITS_PER_SEC)

static const s64 patience_100ns = PATIENCE_100NS;

static s32 wait_patiently(void *object)
{
	return KeWaitForSingleObject(object, 0, 0, 0, &patience_100ns);
}

/* Shows: KT-001, KT-020 */
static void timer_calls_are_those_of_windows(struct kunit *test)
{
	nts_test_expect_all(test, TimerCallsInC());
	nts_test_expect_all(test, TimerCallsInCxx());
}

/* Shows: DP-001, DP-007 */
static void dpc_calls_are_those_of_windows(struct kunit *test)
{
	/* Where its DPCs go: elsewhere they would run at once. */
	set_cpus_allowed_ptr(current, cpumask_of(0));
	nts_test_expect_all(test, DpcCallsInC());
	nts_test_expect_all(test, DpcCallsInCxx());
	set_cpus_allowed_ptr(current, cpu_possible_mask);
}

/* Shows: KT-044 */
static void slewed_clock_carries_absolute_timers(struct kunit *test)
{
	struct nts_timer *timer;
	struct nts_engine *e;

	KUNIT_ASSERT_EQ(test, nts_engine_init(test), 0);
	e = test->priv;
	timer = nts_engine_timer(test, NT_LAYOUT_TYPE_NOTIFICATION_TIMER);
	nts_engine_set(e, timer, nts_engine_systime(e) + UNITS_PER_SEC, 0,
		       NULL);
	/* The wall clock runs 500 ppm fast. */
	e->now.mono_ns += NSEC_PER_SEC - 500 * NSEC_PER_USEC;
	e->now.real_ns += NSEC_PER_SEC - 1;
	nts_engine_expire(e);
	KUNIT_EXPECT_FALSE(test, nts_timer_signaled(timer));
	e->now.mono_ns += 1;
	e->now.real_ns += 1;
	nts_engine_expire(e);
	KUNIT_EXPECT_TRUE(test, nts_timer_signaled(timer));
	nts_engine_exit(test);
}

/* Shows: KT-180, KT-181 */
static void no_tolerance_is_a_plain_timer(struct kunit *test)
{
	struct nts_timer *plain, *tolerant;
	struct nts_timer timer;
	struct nts_engine *e;
	int i;

	KUNIT_ASSERT_EQ(test, nts_engine_init(test), 0);
	e = test->priv;
	plain = nts_engine_timer(test, NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER);
	tolerant = nts_engine_timer(test, NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER);
	nts_engine_set(e, plain, -UNITS_PER_SEC, 100, NULL);
	nts_engine_set_tolerant(e, tolerant, -UNITS_PER_SEC, 100, 0, NULL);
	for (i = 0; i < 200; i++) {
		nts_engine_advance(e, 9 * NSEC_PER_MSEC + i);
		KUNIT_ASSERT_EQ(test, nts_engine_consume(e, plain),
				nts_engine_consume(e, tolerant));
		KUNIT_ASSERT_EQ(test, plain->due_ns, tolerant->due_ns);
		KUNIT_ASSERT_EQ(test, plain->latest_ns, tolerant->latest_ns);
	}
	nts_engine_exit(test);
	KeInitializeTimer(&timer);
	KeSetCoalescableTimer(&timer, -FAR_100NS, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, timer.latest_ns, timer.due_ns);
	KeCancelTimer(&timer);
}

/* Shows: KT-185, KT-180 */
static void tolerant_set_leaves_an_earlier_dpc(struct kunit *test)
{
	struct nts_test_dpc counter;
	struct nts_timer timer;

	nts_test_dpc_init(&counter);
	KeInitializeTimer(&timer);
	local_bh_disable();
	KeSetTimer(&timer, 0, &counter.dpc);
	KUNIT_EXPECT_EQ(test,
			KeSetCoalescableTimer(&timer, -FAR_100NS, 0, 50, NULL),
			0);
	KUNIT_EXPECT_EQ(test, atomic_read(&counter.runs), 0);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&counter), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
}

/* Shows: KT-040 */
static void idle_expiry_is_late_by_less_than_a_tick(struct kunit *test)
{
	struct nts_timer timer;
	u64 start_ns, late_ns;
	int i;

	if (!nts_test_time_is_simulated())
		kunit_skip(test, "nothing bounds lateness on a busy machine");
	KeInitializeTimerEx(&timer, 1);
	for (i = 1; i <= 200; i++) {
		start_ns = ktime_get_ns();
		KeSetTimer(&timer, -i * 777, NULL);
		KUNIT_ASSERT_EQ(test, wait_patiently(&timer),
				NTS_STATUS_SUCCESS);
		late_ns = ktime_get_ns() - start_ns - i * 77700ULL;
		KUNIT_EXPECT_LE(test, late_ns,
				nts_ns_from_100ns(nts_clock_tick_cur()));
	}
}

/* Shows: KT-049 */
static void time_zone_does_not_matter(struct kunit *test)
{
	int minuteswest = sys_tz.tz_minuteswest;
	s64 due_100ns = nts_systime_from_real(ktime_get_real_ns()) + FAR_100NS;
	struct nts_timer timer;
	u64 due_ns;

	KeInitializeTimer(&timer);
	KeSetTimer(&timer, due_100ns, NULL);
	due_ns = timer.due_ns;
	sys_tz.tz_minuteswest = -720;
	KeSetTimer(&timer, due_100ns, NULL);
	sys_tz.tz_minuteswest = minuteswest;
	KUNIT_EXPECT_EQ(test, timer.due_ns, due_ns);
	KUNIT_EXPECT_EQ(test, nts_systime_from_real(due_ns), due_100ns);
	KeCancelTimer(&timer);
}

/* Shows: KT-074 */
static void every_set_takes_both_kinds(struct kunit *test)
{
	struct nts_timer timer;
	int kind;

	for (kind = 0; kind < 3; kind++) {
		if (kind == 2)
			KeInitializeTimer(&timer);
		else
			KeInitializeTimerEx(&timer, kind);
		KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, -FAR_100NS, NULL), 0);
		KUNIT_EXPECT_EQ(test, KeSetTimerEx(&timer, 0, 0, NULL), 1);
		KUNIT_EXPECT_EQ(test, wait_patiently(&timer),
				NTS_STATUS_SUCCESS);
		KeSetCoalescableTimer(&timer, -SHORT_100NS, 0, 1, NULL);
		KUNIT_EXPECT_EQ(test, wait_patiently(&timer),
				NTS_STATUS_SUCCESS);
	}
}

/**
 * struct witness - a timer, and what its DPC saw of it
 * @timer: the timer
 * @dpc: its DPC
 * @done: set at the end of the DPC
 * @state: KeReadStateTimer() in the DPC
 * @armed: KeCancelTimer() in the DPC
 */
struct witness {
	struct nts_timer timer;
	struct nts_dpc dpc;
	struct nts_header done;
	u8 state;
	u8 armed;
};

static void look_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct witness *witness = context;

	witness->state = KeReadStateTimer(&witness->timer);
	witness->armed = KeCancelTimer(&witness->timer);
	KeSetEvent(&witness->done, 0, 0);
}

static struct witness *new_witness(struct kunit *test, nts_dpc_fn routine)
{
	struct witness *witness =
		kunit_kzalloc(test, sizeof(*witness), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, witness);
	KeInitializeTimer(&witness->timer);
	KeInitializeDpc(&witness->dpc, routine, witness);
	KeInitializeEvent(&witness->done, 1, 0);
	return witness;
}

/* Shows: KT-100, KT-107, KT-082, W-TMR-08 */
static void expiry_is_complete_when_its_dpc_runs(struct kunit *test)
{
	struct witness *witness = new_witness(test, look_fn);
	int period_ms;

	for (period_ms = 0; period_ms <= 1000; period_ms += 1000) {
		KeSetTimerEx(&witness->timer, -SHORT_100NS, period_ms,
			     &witness->dpc);
		KUNIT_ASSERT_EQ(test, wait_patiently(&witness->done),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, witness->state, 1);
		KUNIT_EXPECT_EQ(test, witness->armed, period_ms != 0);
	}
	KeFlushQueuedDpcs();
}

/* Shows: KT-120 */
static void waiter_and_dpc_are_both_served(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct nts_test_waiter waiter;
	struct nts_timer timer;
	int type;

	for (type = 0; type <= 1; type++) {
		KeInitializeTimerEx(&timer, type);
		nts_test_start_waiter(test, &waiter, &timer, NULL);
		KeSetTimer(&timer, -SHORT_100NS, &p->dpc);
		KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
		KeFlushQueuedDpcs();
		KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), type + 1);
	}
}

/* Shows: KT-111 */
static void timeout_of_a_wait_is_not_the_timers(struct kunit *test)
{
	s64 short_100ns = -SHORT_100NS;
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetTimer(&timer, -FAR_100NS, NULL);
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(&timer, 0, 0, 0, &short_100ns),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
	KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, -SHORT_100NS, NULL), 1);
	KUNIT_EXPECT_EQ(test, wait_patiently(&timer), NTS_STATUS_SUCCESS);
}

/* Shows: KT-121, KT-127 */
static void target_counts_at_the_expiry(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct nts_timer timer;
	unsigned int cpu;

	KeInitializeTimer(&timer);
	for_each_online_cpu(cpu) {
		KeSetTargetProcessorDpc(&p->dpc, num_online_cpus() - 1 - cpu);
		KeSetTimer(&timer, -FAR_100NS, &p->dpc);
		KeSetTargetProcessorDpc(&p->dpc, cpu);
		KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
		KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, 0, &p->dpc), 1);
		nts_probe_await(test, &p->done);
		KUNIT_EXPECT_EQ(test, p->cpu, cpu);
		KUNIT_EXPECT_EQ(test, p->irql, NTS_DISPATCH_LEVEL);
	}
}

/* Shows: KT-123, KT-124 */
static void first_insertion_wins(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	local_bh_disable();
	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(&p->dpc, test, p));
	KeSetTimer(&timer, 0, &p->dpc);
	local_bh_enable();
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 1);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg1, (void *)test);
	local_bh_disable();
	KeSetTimer(&timer, 0, &p->dpc);
	KUNIT_EXPECT_FALSE(test, KeInsertQueueDpc(&p->dpc, test, p));
	local_bh_enable();
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_PTR_NE(test, p->seen_arg2, (void *)p);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 2);
}

/* Stays until the case says go, or for as long as patience lasts. */
static void spin_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	unsigned long limit = jiffies + PATIENCE;
	struct nts_probe *p = context;

	atomic_inc(&p->runs);
	while (!atomic_read_acquire(&p->go) && time_before(jiffies, limit))
		cpu_relax();
	complete(&p->done);
}

/* Shows: KT-143, KT-144 */
static void cancel_does_not_wait_for_the_dpc(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, spin_fn);
	unsigned long limit = jiffies + PATIENCE;
	struct nts_timer timer;

	KeSetTargetProcessorDpc(&p->dpc, nts_probe_other_cpu(test));
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	KeInitializeTimer(&timer);
	KeSetTimerEx(&timer, 0, 1000, &p->dpc);
	while (!atomic_read(&p->runs) && time_before(jiffies, limit))
		cond_resched();
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
	KUNIT_EXPECT_FALSE(test, completion_done(&p->done));
	atomic_set_release(&p->go, 1);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
}

/* Stays until two runs have met; once patience has ended, none stays. */
static void meet_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	unsigned int cpu = raw_smp_processor_id();
	unsigned long limit = jiffies + PATIENCE;
	struct nts_probe *p = context;

	nts_probe_enter(p);
	/* Where the next expiry sends it, while this run is still here. */
	KeSetTargetProcessorDpc(dpc, cpumask_any_but(cpu_online_mask, cpu));
	while (atomic_read(&p->most_inside) < 2 && !atomic_read(&p->go) &&
	       time_before(jiffies, limit))
		cpu_relax();
	atomic_set(&p->go, 1);
	atomic_dec(&p->inside);
	complete(&p->done);
}

/* Shows: KT-089, DP-014 */
static void periodic_dpc_runs_on_two_processors_at_once(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, meet_fn);
	struct nts_timer timer;

	KeSetTargetProcessorDpc(&p->dpc, nts_probe_other_cpu(test));
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	KeInitializeTimer(&timer);
	KeSetTimerEx(&timer, -SHORT_100NS, 20, &p->dpc);
	wait_for_completion_timeout(&p->done, 2 * PATIENCE);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->most_inside), 2);
}

/**
 * struct guarded - a timer that is set and cancelled under its DPC's lock
 * @timer: one-shot
 * @dpc: takes @lock
 * @lock: protects @runs
 * @runs: of the DPC
 * @comes: runs that have begun, and may wait for @lock
 */
struct guarded {
	struct nts_timer timer;
	struct nts_dpc dpc;
	struct nts_spinlock lock;
	int runs;
	atomic_t comes;
};

/* What the calls under the lock returned, and whether the DPC got it then. */
#define PAST_SET_FOUND_IT_ARMED BIT(0)
#define FAR_SET_FOUND_IT_ARMED BIT(1)
#define CANCEL_FOUND_IT_ARMED BIT(2)
#define SECOND_CANCEL_FOUND_IT_ARMED BIT(3)
#define DPC_GOT_THE_LOCK BIT(4)

static void take_lock_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	struct guarded *g = context;

	atomic_inc(&g->comes);
	KeAcquireSpinLockAtDpcLevel(&g->lock);
	g->runs++;
	KeReleaseSpinLockFromDpcLevel(&g->lock);
}

/* A timer expires at once, is set again and cancelled twice. */
static unsigned int use_locked(struct guarded *g, s64 due_100ns, int comes)
{
	unsigned long limit = jiffies + PATIENCE;
	u8 old = KeAcquireSpinLockRaiseToDpc(&g->lock);
	unsigned int seen = 0;
	int runs = g->runs;

	if (KeSetTimer(&g->timer, due_100ns, &g->dpc))
		seen |= PAST_SET_FOUND_IT_ARMED;
	while (atomic_read(&g->comes) < comes && time_before(jiffies, limit))
		cpu_relax();
	if (KeSetTimer(&g->timer, -FAR_100NS, &g->dpc))
		seen |= FAR_SET_FOUND_IT_ARMED;
	if (KeCancelTimer(&g->timer))
		seen |= CANCEL_FOUND_IT_ARMED;
	if (KeCancelTimer(&g->timer))
		seen |= SECOND_CANCEL_FOUND_IT_ARMED;
	if (READ_ONCE(g->runs) != runs)
		seen |= DPC_GOT_THE_LOCK;
	KeReleaseSpinLock(&g->lock, old);
	return seen;
}

/*
 * With a second processor the DPC is in the middle of its run there, waiting
 * for the lock, while the calls are made: one that waited for it would hang.
 */
/* Shows: KT-072, KT-143 */
static void set_and_cancel_work_under_the_lock_of_the_dpc(struct kunit *test)
{
	struct guarded *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	bool alone = num_online_cpus() == 1;
	int i, comes;
	s64 due_100ns;

	KUNIT_ASSERT_NOT_NULL(test, g);
	KeInitializeTimer(&g->timer);
	KeInitializeDpc(&g->dpc, take_lock_fn, g);
	if (!alone)
		KeSetTargetProcessorDpc(&g->dpc, nts_probe_other_cpu(test));
	KeSetImportanceDpc(&g->dpc, NTS_DPC_HIGH);
	for (i = 1; i <= 100; i++) {
		/* Expires in the call, or in an interrupt that can come. */
		due_100ns = alone ? 0 : -(i % 2);
		comes = alone ? 0 : i;
		KUNIT_EXPECT_EQ_MSG(test, use_locked(g, due_100ns, comes),
				    CANCEL_FOUND_IT_ARMED, "round %d", i);
		KeFlushQueuedDpcs();
		KUNIT_ASSERT_EQ(test, g->runs, i);
	}
}

/* Shows: KT-165 */
static void cancelled_periodic_timer_may_be_freed(struct kunit *test)
{
	struct nts_test_dpc *counter;
	struct nts_timer *timer;
	int i;

	for (i = 0; i < 50; i++) {
		timer = kmalloc(sizeof(*timer), GFP_KERNEL);
		counter = kmalloc(sizeof(*counter), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, timer);
		KUNIT_ASSERT_NOT_NULL(test, counter);
		nts_test_dpc_init(counter);
		KeInitializeTimer(timer);
		KeSetTimerEx(timer, -(i % 20), 1, &counter->dpc);
		KUNIT_EXPECT_EQ(test, KeCancelTimer(timer), 1);
		kfree(timer);
		KeFlushQueuedDpcs();
		kfree(counter);
	}
}

/* Shows: KT-204, KT-066 */
static void waiter_goes_with_the_first_expiry(struct kunit *test)
{
	struct nts_test_waiter waiter;
	struct nts_timer timer;
	s64 due_100ns;

	KeInitializeTimerEx(&timer, 1);
	for (due_100ns = 0; due_100ns >= -SHORT_100NS;
	     due_100ns -= SHORT_100NS) {
		KeSetTimer(&timer, -FAR_100NS, NULL);
		nts_test_start_waiter(test, &waiter, &timer, NULL);
		KeSetTimerEx(&timer, due_100ns, 0, NULL);
		KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
		KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
	}
}

static void set_far_fn(struct nts_dpc *dpc, void *context, void *arg1,
		       void *arg2)
{
	struct witness *witness = context;

	witness->armed = KeSetTimer(&witness->timer, -FAR_100NS, dpc);
	KeSetEvent(&witness->done, 0, 0);
}

/* Shows: KT-207, KT-072 */
static void thread_and_dpc_may_share_a_timer(struct kunit *test)
{
	struct witness *witness = new_witness(test, set_far_fn);

	KeSetTimer(&witness->timer, -SHORT_100NS, &witness->dpc);
	KUNIT_ASSERT_EQ(test, wait_patiently(&witness->done),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, witness->armed, 0);
	/* The thread's set cancels the arm that the DPC has made. */
	KUNIT_EXPECT_EQ(test,
			KeSetTimer(&witness->timer, -SHORT_100NS,
				   &witness->dpc),
			1);
	KUNIT_ASSERT_EQ(test, wait_patiently(&witness->done),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&witness->timer), 1);
	KeFlushQueuedDpcs();
}

static struct kunit_case timer_rules_cases[] = {
	KUNIT_CASE(timer_calls_are_those_of_windows),
	KUNIT_CASE(dpc_calls_are_those_of_windows),
	KUNIT_CASE(slewed_clock_carries_absolute_timers),
	KUNIT_CASE(no_tolerance_is_a_plain_timer),
	KUNIT_CASE(tolerant_set_leaves_an_earlier_dpc),
	KUNIT_CASE(idle_expiry_is_late_by_less_than_a_tick),
	KUNIT_CASE(time_zone_does_not_matter),
	KUNIT_CASE(every_set_takes_both_kinds),
	KUNIT_CASE(expiry_is_complete_when_its_dpc_runs),
	KUNIT_CASE(waiter_and_dpc_are_both_served),
	KUNIT_CASE(timeout_of_a_wait_is_not_the_timers),
	KUNIT_CASE(target_counts_at_the_expiry),
	KUNIT_CASE(first_insertion_wins),
	KUNIT_CASE(cancel_does_not_wait_for_the_dpc),
	KUNIT_CASE(periodic_dpc_runs_on_two_processors_at_once),
	KUNIT_CASE(set_and_cancel_work_under_the_lock_of_the_dpc),
	KUNIT_CASE(cancelled_periodic_timer_may_be_freed),
	KUNIT_CASE(waiter_goes_with_the_first_expiry),
	KUNIT_CASE(thread_and_dpc_may_share_a_timer),
	{}
};

static struct kunit_suite timer_rules_suite = {
	.name = "ntshim_timer_rules",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = timer_rules_cases,
};

kunit_test_suite(timer_rules_suite);
