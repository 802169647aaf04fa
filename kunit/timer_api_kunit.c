// SPDX-License-Identifier: GPL-2.0
/*
 * KTIMER through the exported routines, on real events: in simulated time as
 * well as live. A live case states only what holds however late an event is.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"

/* A short while that a live case can afford to wait many times. */
#define SHORT_100NS (2 * UNITS_PER_MS)

/* Far enough for nothing to expire during a case. */
#define FAR_100NS (3600 * UNITS_PER_SEC)

static const s64 patience_100ns = PATIENCE_100NS;

static s32 wait_patiently(void *object)
{
	return KeWaitForSingleObject(object, 0, 0, 0, &patience_100ns);
}

/* Shows: KT-010, KT-101 */
static void plain_init_makes_notification_timer(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetTimer(&timer, 0, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_SUCCESS);
}

/* Shows: KT-011, KT-103 */
static void extended_init_makes_either_type(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimerEx(&timer, 1);
	KeSetTimer(&timer, 0, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_TIMEOUT);
	KeInitializeTimerEx(&timer, 0);
	KeSetTimer(&timer, 0, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_SUCCESS);
}

/* Shows: KT-011 */
static void bad_type_is_notification(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimerEx(&timer, 2);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-011"), 1);
	KUNIT_EXPECT_EQ(test, timer.header.type,
			NT_LAYOUT_TYPE_NOTIFICATION_TIMER);
}

/* Shows: KT-012 */
static void fresh_timer_is_idle(struct kunit *test)
{
	struct nts_timer timer;

	memset(&timer, 0x55, sizeof(timer));
	KeInitializeTimer(&timer);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_TIMEOUT);
}

/* Shows: KT-016 */
static void init_of_armed_timer_keeps_arm(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetTimer(&timer, -FAR_100NS, NULL);
	KeInitializeTimer(&timer);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-016"), 1);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
}

/* Shows: KT-017 */
static void uninitialised_timer_is_reported(struct kunit *test)
{
	struct nts_timer timer;

	memset(&timer, 0, sizeof(timer));
	KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, -1, NULL), 0);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 0);
	memset(&timer, 0x55, sizeof(timer));
	KUNIT_EXPECT_EQ(test, KeSetTimerEx(&timer, -1, 1, NULL), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-017"), 4);
	KUNIT_EXPECT_NULL(test, memchr_inv(&timer, 0x55, sizeof(timer)));
}

/* Shows: KT-061, KT-140 */
static void set_and_cancel_return_whether_armed(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, -FAR_100NS, NULL), 0);
	KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, -FAR_100NS, NULL), 1);
	KUNIT_EXPECT_EQ(test, KeSetTimerEx(&timer, -FAR_100NS, 100, NULL), 1);
	KUNIT_EXPECT_EQ(test,
			KeSetCoalescableTimer(&timer, -FAR_100NS, 0, 50, NULL),
			1);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 0);
}

/* Shows: KT-023, KT-024, KT-106, DP-031 */
static void absolute_past_expires_in_call(struct kunit *test)
{
	struct nts_test_dpc counter;
	struct nts_timer timer;

	nts_test_dpc_init(&counter);
	KeInitializeTimer(&timer);
	KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, 0, &counter.dpc), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&counter.runs), 1);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 0);
	nts_dpc_flush();
}

/* Shows: KT-071 */
static void negative_period_is_one_shot(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetTimerEx(&timer, -SHORT_100NS, -1, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-071"), 1);
	KUNIT_EXPECT_EQ(test, wait_patiently(&timer), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 0);
}

/* Shows: KT-184 */
static void coalescable_values_are_clamped(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetCoalescableTimer(&timer, -FAR_100NS, U32_MAX, U32_MAX, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-184"), 1);
	KUNIT_EXPECT_EQ(test, timer.repeat.period_ms, S32_MAX);
	KUNIT_EXPECT_EQ(test, timer.repeat.tolerance_ms, S32_MAX);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
}

/* Shows: KT-021, KT-025, W-TMR-01, TM-092 */
static void relative_timer_is_never_early(struct kunit *test)
{
	unsigned int i, early = 0;
	struct nts_timer timer;
	s64 due_100ns;
	u64 start_ns;

	KeInitializeTimerEx(&timer, 1);
	for (i = 0; i < nts_test_samples; i++) {
		due_100ns = nts_test_short_100ns(i);
		start_ns = ktime_get_ns();
		KeSetTimer(&timer, -due_100ns, NULL);
		KUNIT_ASSERT_EQ(test, wait_patiently(&timer),
				NTS_STATUS_SUCCESS);
		early += ktime_get_ns() - start_ns < due_100ns * 100;
	}
	KUNIT_EXPECT_EQ(test, early, 0);
}

/* Shows: KT-022 */
static void absolute_timer_is_never_early(struct kunit *test)
{
	unsigned int i, early = 0;
	struct nts_timer timer;
	s64 due_100ns;

	KeInitializeTimerEx(&timer, 1);
	for (i = 0; i < nts_test_samples; i++) {
		due_100ns = nts_systime_from_real(ktime_get_real_ns()) +
			    nts_test_short_100ns(i);
		KeSetTimer(&timer, due_100ns, NULL);
		KUNIT_ASSERT_EQ(test, wait_patiently(&timer),
				NTS_STATUS_SUCCESS);
		early += nts_systime_from_real(ktime_get_real_ns()) < due_100ns;
	}
	KUNIT_EXPECT_EQ(test, early, 0);
}

/**
 * struct clocks - what the time routines say
 * @system_100ns: KeQuerySystemTime()
 * @biased_100ns: KeQueryInterruptTime()
 * @unbiased_100ns: KeQueryUnbiasedInterruptTime()
 */
struct clocks {
	s64 system_100ns;
	u64 biased_100ns;
	u64 unbiased_100ns;
};

static struct clocks clocks_now(void)
{
	struct clocks now;

	KeQuerySystemTime(&now.system_100ns);
	now.biased_100ns = KeQueryInterruptTime();
	now.unbiased_100ns = KeQueryUnbiasedInterruptTime();
	return now;
}

/**
 * struct clock_dpc - a DPC that asks for the time
 * @dpc: the object
 * @now: the answers
 * @done: set at its end
 */
struct clock_dpc {
	struct nts_dpc dpc;
	struct clocks now;
	struct nts_header done;
};

static void ask_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct clock_dpc *asks = context;

	asks->now = clocks_now();
	KeSetEvent(&asks->done, 0, 0);
}

static struct clock_dpc *new_clock_dpc(struct kunit *test)
{
	struct clock_dpc *asks = kunit_kzalloc(test, sizeof(*asks), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, asks);
	KeInitializeDpc(&asks->dpc, ask_fn, asks);
	KeInitializeEvent(&asks->done, 1, 0);
	return asks;
}

/* Shows: KT-031, TM-006 */
static void system_time_in_the_dpc_is_never_early(struct kunit *test)
{
	struct clock_dpc *asks = new_clock_dpc(test);
	unsigned int i, early = 0;
	struct nts_timer timer;
	s64 due_100ns;

	KeInitializeTimer(&timer);
	for (i = 0; i < nts_test_samples; i++) {
		due_100ns = clocks_now().system_100ns + nts_test_short_100ns(i);
		KeSetTimer(&timer, due_100ns, &asks->dpc);
		KUNIT_ASSERT_EQ(test, wait_patiently(&asks->done),
				NTS_STATUS_SUCCESS);
		early += asks->now.system_100ns < due_100ns;
	}
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, early, 0);
}

/* Shows: KT-031, TM-006 */
static void interrupt_times_in_the_dpc_are_never_early(struct kunit *test)
{
	unsigned int i, early_biased = 0, early_unbiased = 0;
	struct clock_dpc *asks = new_clock_dpc(test);
	struct nts_timer timer;
	struct clocks before;
	s64 due_100ns;

	KeInitializeTimer(&timer);
	for (i = 0; i < nts_test_samples; i++) {
		due_100ns = nts_test_short_100ns(i);
		before = clocks_now();
		KeSetTimer(&timer, -due_100ns, &asks->dpc);
		KUNIT_ASSERT_EQ(test, wait_patiently(&asks->done),
				NTS_STATUS_SUCCESS);
		early_biased += asks->now.biased_100ns <
				before.biased_100ns + due_100ns;
		early_unbiased += asks->now.unbiased_100ns <
				  before.unbiased_100ns + due_100ns;
	}
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, early_biased, 0);
	KUNIT_EXPECT_EQ(test, early_unbiased, 0);
}

/* Shows: KT-080, KT-081, KT-083 */
static void periodic_timer_expires_again(struct kunit *test)
{
	struct nts_timer timer;
	u64 start_ns;
	int i;

	KeInitializeTimerEx(&timer, 1);
	start_ns = ktime_get_ns();
	KeSetTimerEx(&timer, -20 * UNITS_PER_MS, 20, NULL);
	for (i = 1; i <= 5; i++) {
		KUNIT_ASSERT_EQ(test, wait_patiently(&timer),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_GE(test, ktime_get_ns() - start_ns,
				i * 20 * NSEC_PER_MSEC);
	}
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
}

/* Shows: KT-066, KT-109, W-TMR-02, W-TMR-03 */
static void waiter_stays_over_cancel_and_set(struct kunit *test)
{
	struct nts_test_waiter waiter;
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetTimer(&timer, -FAR_100NS, NULL);
	nts_test_start_waiter(test, &waiter, &timer, NULL);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&timer.header), 1);
	KeSetTimer(&timer, -FAR_100NS, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&timer.header), 1);
	KeSetTimer(&timer, 0, NULL);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
	KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_SUCCESS);
}

/* Shows: KT-101 */
static void notification_expiry_releases_all(struct kunit *test)
{
	struct nts_test_waiter waiters[5];
	struct nts_timer timer;
	int i;

	KeInitializeTimer(&timer);
	for (i = 0; i < 5; i++)
		nts_test_start_waiter(test, &waiters[i], &timer, NULL);
	KeSetTimer(&timer, -SHORT_100NS, NULL);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_TRUE(test, nts_test_join(&waiters[i]));
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 1);
}

/* Shows: KT-103, W-FIF-01 */
static void synchronization_expiry_releases_the_first(struct kunit *test)
{
	struct nts_test_waiter waiters[3];
	struct nts_timer timer;
	int i;

	KeInitializeTimerEx(&timer, 1);
	for (i = 0; i < 3; i++)
		nts_test_start_waiter(test, &waiters[i], &timer, NULL);
	for (i = 0; i < 3; i++) {
		KeSetTimer(&timer, -SHORT_100NS, NULL);
		KUNIT_EXPECT_TRUE(test, nts_test_join(&waiters[i]));
		KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&timer.header),
				2 - i);
	}
}

/* Shows: KT-014, KT-190 */
static void routines_work_at_dispatch_level(struct kunit *test)
{
	struct nts_timer timer;

	local_bh_disable();
	KeInitializeTimer(&timer);
	KUNIT_EXPECT_EQ(test, KeSetTimer(&timer, -FAR_100NS, NULL), 0);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
	KeSetTimer(&timer, 0, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_look(&timer), NTS_STATUS_SUCCESS);
	local_bh_enable();
}

struct irq_call {
	struct irq_work work;
	struct nts_timer timer;
	u8 was_armed;
};

static void call_in_irq_fn(struct irq_work *work)
{
	struct irq_call *call = container_of(work, struct irq_call, work);

	KeInitializeTimer(&call->timer);
	KeSetTimer(&call->timer, -FAR_100NS, NULL);
	call->was_armed = KeCancelTimer(&call->timer);
}

/* Shows: KT-191 */
static void routines_survive_hard_interrupts(struct kunit *test)
{
	struct irq_call call = { .was_armed = 0 };

	KeInitializeTimer(&call.timer);
	call.work = IRQ_WORK_INIT_HARD(call_in_irq_fn);
	irq_work_queue(&call.work);
	irq_work_sync(&call.work);
	KUNIT_EXPECT_EQ(test, call.was_armed, 1);
	/* That of the initialisation is the verifier's, if it is on. */
	KUNIT_EXPECT_EQ(test,
			nts_test_take_findings("KT-190") +
				nts_test_take_findings("V-01"),
			3);
}

/* The system time is what was set, and runs on from there. */
static void set_clock(struct kunit *test, const struct timespec64 *time)
{
	s64 set_100ns = nts_systime_from_real(timespec64_to_ns(time));
	u64 start_ns = ktime_get_ns();
	s64 plain_100ns, precise_100ns;
	u64 passed_100ns;

	KUNIT_ASSERT_EQ(test, do_settimeofday64(time), 0);
	KeQuerySystemTime(&plain_100ns);
	KeQuerySystemTimePrecise(&precise_100ns);
	passed_100ns = nts_100ns_from_ns(ktime_get_ns() - start_ns);
	KUNIT_EXPECT_GE(test, plain_100ns, set_100ns);
	KUNIT_EXPECT_GE(test, precise_100ns, plain_100ns);
	/* Both ends of the interval are rounded down. */
	KUNIT_EXPECT_LE(test, precise_100ns, set_100ns + passed_100ns + 1);
}

/* Shows: KT-042, KT-043, TM-007 */
static void clock_set_moves_absolute_timers_only(struct kunit *test)
{
	struct nts_timer absolute, relative;
	struct timespec64 old, new;
	u64 start_ns;

	KeInitializeTimer(&absolute);
	KeInitializeTimer(&relative);
	KeSetTimer(&relative, -FAR_100NS, NULL);
	start_ns = ktime_get_ns();
	ktime_get_real_ts64(&old);
	KeSetTimer(&absolute,
		   nts_systime_from_real(ktime_get_real_ns()) + FAR_100NS,
		   NULL);
	new = old;
	new.tv_sec += 3601;
	set_clock(test, &new);
	KUNIT_EXPECT_EQ(test, wait_patiently(&absolute), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&relative), 0);
	timespec64_add_ns(&old, ktime_get_ns() - start_ns);
	set_clock(test, &old);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&relative), 1);
}

/* Shows: KT-070, W-TMO-01 */
static void a_week_passes(struct kunit *test)
{
	s64 week_100ns = 7LL * 24 * FAR_100NS;
	struct nts_timer timer;
	u64 start_ns;

	if (!nts_test_time_is_simulated())
		kunit_skip(test, "takes a week where time is real");
	KeInitializeTimer(&timer);
	start_ns = ktime_get_ns();
	KeSetTimer(&timer, -week_100ns, NULL);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&timer, 0, 0, 0, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - start_ns, week_100ns * 100);
	KUNIT_EXPECT_LT(test, ktime_get_ns() - start_ns,
			(week_100ns + UNITS_PER_SEC) * 100);
}

/* Another timer of the shard of timers[0]; ends the case if there is none. */
static struct nts_timer *neighbour_of(struct kunit *test,
				      struct nts_timer *timers, int count)
{
	int i;

	for (i = 1; i < count; i++)
		if (nts_shard_of(&timers[i]) == nts_shard_of(timers))
			return &timers[i];
	KUNIT_ASSERT_TRUE_MSG(test, false, "no neighbour");
	return NULL;
}

/*
 * Time left until the queue's event; at least a second, so that it does not
 * fire in the middle of a case.
 */
static u64 quiet_time_ns(struct nts_timer_queue *queue)
{
	u64 programmed_ns, now_ns;

	for (;;) {
		programmed_ns = READ_ONCE(queue->programmed_ns);
		now_ns = ktime_get_ns();
		if (programmed_ns > now_ns + NSEC_PER_SEC)
			return programmed_ns - now_ns;
		msleep(100);
	}
}

/* Shows: KT-140, KT-141 */
static void only_an_earlier_due_time_touches_the_event(struct kunit *test)
{
	struct nts_timer *near, *far;
	struct nts_timer_queue *queue;
	u64 programs, left_ns;

	near = kunit_kcalloc(test, 256, sizeof(*near), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, near);
	far = neighbour_of(test, near, 256);
	queue = &nts_shard_of(near)->queue[NTS_CLOCK_MONO];
	KeInitializeTimer(near);
	KeInitializeTimer(far);
	KeSetTimer(near, -FAR_100NS, NULL);
	left_ns = quiet_time_ns(queue);
	programs = READ_ONCE(queue->programs);
	KeSetTimer(far, -2 * FAR_100NS, NULL);
	KeCancelTimer(near);
	KeSetTimer(near, -FAR_100NS, NULL);
	KeCancelTimer(far);
	KUNIT_EXPECT_EQ(test, queue->programs, programs);
	KeSetTimer(far, -(s64)(left_ns / 200), NULL);
	KUNIT_EXPECT_EQ(test, queue->programs, programs + 1);
	KeCancelTimer(near);
	KeCancelTimer(far);
}

static struct kunit_case timer_api_cases[] = {
	KUNIT_CASE(plain_init_makes_notification_timer),
	KUNIT_CASE(extended_init_makes_either_type),
	KUNIT_CASE(bad_type_is_notification),
	KUNIT_CASE(fresh_timer_is_idle),
	KUNIT_CASE(init_of_armed_timer_keeps_arm),
	KUNIT_CASE(uninitialised_timer_is_reported),
	KUNIT_CASE(set_and_cancel_return_whether_armed),
	KUNIT_CASE(absolute_past_expires_in_call),
	KUNIT_CASE(negative_period_is_one_shot),
	KUNIT_CASE(coalescable_values_are_clamped),
	KUNIT_CASE(relative_timer_is_never_early),
	KUNIT_CASE(absolute_timer_is_never_early),
	KUNIT_CASE(system_time_in_the_dpc_is_never_early),
	KUNIT_CASE(interrupt_times_in_the_dpc_are_never_early),
	KUNIT_CASE(periodic_timer_expires_again),
	KUNIT_CASE(waiter_stays_over_cancel_and_set),
	KUNIT_CASE(notification_expiry_releases_all),
	KUNIT_CASE(synchronization_expiry_releases_the_first),
	KUNIT_CASE(routines_work_at_dispatch_level),
	KUNIT_CASE(routines_survive_hard_interrupts),
	KUNIT_CASE(clock_set_moves_absolute_timers_only),
	KUNIT_CASE(a_week_passes),
	KUNIT_CASE(only_an_earlier_due_time_touches_the_event),
	{}
};

static struct kunit_suite timer_api_suite = {
	.name = "ntshim_timer_api",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = timer_api_cases,
};

kunit_test_suite(timer_api_suite);
