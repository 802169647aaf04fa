// SPDX-License-Identifier: GPL-2.0
/*
 * Timers and clocks over a sleep of the whole system (suspend to RAM), which the
 * real-time clock's alarm ends. For kernels that can sleep: UML cannot.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/freezer.h>
#include <linux/kthread.h>
#include <linux/rtc.h>
#include <linux/suspend.h>
#include <linux/timekeeping.h>

#include "../shim/ex_timer.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"

/* Time to fall asleep is part of it: an alarm that comes before wakes nobody. */
#define ALARM_S 10
#define SLEEP_MIN_NS (2 * NSEC_PER_SEC)

/* Counts in sleep and does not, in ns. */
static u64 slept_so_far_ns(void)
{
	return ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_BOOT));
}

static struct rtc_device *open_alarm_clock(struct kunit *test)
{
	struct rtc_device *rtc = rtc_class_open("rtc0");

	KUNIT_ASSERT_NOT_NULL_MSG(test, rtc, "no real-time clock");
	return rtc;
}

/* Returns the alarm's time, in seconds of the real-time clock. */
static time64_t set_alarm(struct kunit *test)
{
	struct rtc_device *rtc = open_alarm_clock(test);
	struct rtc_wkalrm alarm = { .enabled = 1 };
	time64_t alarm_s = 0;
	int ret;

	ret = rtc_read_time(rtc, &alarm.time);
	if (!ret) {
		alarm_s = rtc_tm_to_time64(&alarm.time) + ALARM_S;
		rtc_time64_to_tm(alarm_s, &alarm.time);
		ret = rtc_set_alarm(rtc, &alarm);
	}
	rtc_class_close(rtc);
	KUNIT_ASSERT_EQ(test, ret, 0);
	return alarm_s;
}

/*
 * The alarm's own clock tells: what the kernel measures a sleep with may be a
 * second off.
 */
static void expect_woken_by_alarm(struct kunit *test, time64_t alarm_s)
{
	struct rtc_device *rtc = open_alarm_clock(test);
	struct rtc_time now;
	int ret = rtc_read_time(rtc, &now);

	rtc_class_close(rtc);
	KUNIT_ASSERT_EQ(test, ret, 0);
	KUNIT_EXPECT_GE(test, rtc_tm_to_time64(&now), alarm_s);
}

/*
 * Returns how long the monotonic clock stood still, at least SLEEP_MIN_NS. A
 * sleep that anything but the alarm has ended fails the case.
 */
static u64 sleep_until_alarm(struct kunit *test)
{
	u64 before_ns = slept_so_far_ns();
	time64_t alarm_s = set_alarm(test);
	u64 slept_ns;

	KUNIT_ASSERT_EQ(test, pm_suspend(PM_SUSPEND_MEM), 0);
	expect_woken_by_alarm(test, alarm_s);
	slept_ns = slept_so_far_ns() - before_ns;
	KUNIT_ASSERT_GE(test, slept_ns, SLEEP_MIN_NS);
	return slept_ns;
}

/* Shows: KT-050 */
static void relative_due_time_stands_still_in_sleep(struct kunit *test)
{
	static const s64 patience = PATIENCE_100NS;
	const u64 due_ns = ALARM_S * NSEC_PER_SEC - SLEEP_MIN_NS / 2;
	struct nts_timer timer;
	u64 began_ns;

	KeInitializeTimer(&timer);
	began_ns = ktime_get_ns();
	KeSetTimer(&timer, -(s64)(due_ns / 100), NULL);
	sleep_until_alarm(test);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&timer, 0, 0, 0, &patience),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - began_ns, due_ns);
}

/* Shows: W-TMO-09, TM-054 */
static void time_limit_of_a_wait_stands_still_in_sleep(struct kunit *test)
{
	static const s64 limit_100ns =
		-(ALARM_S * UNITS_PER_SEC - 10 * UNITS_PER_MS);
	struct nts_test_waiter *waiter;
	struct nts_header *event;

	waiter = kunit_kzalloc(test, sizeof(*waiter), GFP_KERNEL);
	event = kunit_kzalloc(test, sizeof(*event), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiter);
	KUNIT_ASSERT_NOT_NULL(test, event);
	KeInitializeEvent(event, 0, 0);
	nts_test_start_waiter(test, waiter, event, &limit_100ns);
	sleep_until_alarm(test);
	KeSetEvent(event, 0, 0);
	KUNIT_ASSERT_TRUE(test, nts_test_join(waiter));
	KUNIT_EXPECT_EQ(test, waiter->status, NTS_STATUS_SUCCESS);
}

/* Shows: KT-051, KT-052 */
static void absolute_due_time_passes_in_sleep_and_wakes_nobody(struct kunit
								       *test)
{
	static const s64 patience = PATIENCE_100NS;
	struct nts_test_dpc *dpc;
	struct nts_timer timer;
	s64 now;

	dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dpc);
	nts_test_dpc_init(dpc);
	KeInitializeTimer(&timer);
	KeQuerySystemTime(&now);
	KeSetTimer(&timer, now + ALARM_S / 2 * UNITS_PER_SEC, &dpc->dpc);
	/* Had the timer ended the sleep, that would have been too early. */
	sleep_until_alarm(test);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&timer, 0, 0, 0, &patience),
			NTS_STATUS_SUCCESS);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&dpc->runs), 1);
}

static const struct nts_ext_set tolerances[] = {
	{ .tolerance_100ns = 0 },
	{ .tolerance_100ns = UNITS_PER_SEC },
	{ .tolerance_100ns = -1 },
};

#define NR_EX_TIMERS ARRAY_SIZE(tolerances)

static void start_ex_timers(struct kunit *test, struct nts_systimer **timers,
			    s64 due_100ns)
{
	unsigned int i;

	for (i = 0; i < NR_EX_TIMERS; i++) {
		timers[i] = ExAllocateTimer(NULL, NULL,
					    NT_LAYOUT_EX_NO_WAKE |
						    NT_LAYOUT_EX_NOTIFICATION);
		KUNIT_ASSERT_NOT_NULL(test, timers[i]);
		ExSetTimer(timers[i], due_100ns, 0, &tolerances[i]);
	}
}

static void expect_ex_timers(struct kunit *test, struct nts_systimer **timers,
			     const s64 *timeout_100ns, s32 status)
{
	unsigned int i;

	for (i = 0; i < NR_EX_TIMERS; i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    KeWaitForSingleObject(timers[i], 0, 0, 0,
							  timeout_100ns),
				    status, "tolerance %lld",
				    tolerances[i].tolerance_100ns);
}

static void delete_ex_timers(struct nts_systimer **timers)
{
	unsigned int i;

	for (i = 0; i < NR_EX_TIMERS; i++)
		ExDeleteTimer(timers[i], true, true, NULL);
}

/* Shows: ET-174, ET-172 */
static void no_wake_timers_see_sleep_as_others_do(struct kunit *test)
{
	static const s64 patience = PATIENCE_100NS, look;
	const u64 due_ns = ALARM_S * NSEC_PER_SEC - SLEEP_MIN_NS / 2;
	struct nts_systimer *absolute[NR_EX_TIMERS], *relative[NR_EX_TIMERS];
	u64 began_ns = ktime_get_ns();
	s64 now;

	KeQuerySystemTime(&now);
	start_ex_timers(test, relative, -(s64)(due_ns / 100));
	start_ex_timers(test, absolute, now + ALARM_S / 2 * UNITS_PER_SEC);
	/* Had one of them ended the sleep, that would have been too early. */
	sleep_until_alarm(test);
	expect_ex_timers(test, relative, &look, NTS_STATUS_TIMEOUT);
	expect_ex_timers(test, absolute, &patience, NTS_STATUS_SUCCESS);
	expect_ex_timers(test, relative, &patience, NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_GE(test, ktime_get_ns() - began_ns, due_ns);
	delete_ex_timers(absolute);
	delete_ex_timers(relative);
}

/* Shows: KT-053 */
static void periods_of_a_sleep_are_not_made_up_for(struct kunit *test)
{
	static const s64 patience = PATIENCE_100NS;
	const u32 period_ms = 50;
	struct nts_test_dpc *dpc;
	struct nts_timer timer;
	u64 began_ns, ran_ms;

	dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dpc);
	nts_test_dpc_init(dpc);
	KeInitializeTimer(&timer);
	began_ns = ktime_get_ns();
	KeSetTimerEx(&timer, -(s64)period_ms * UNITS_PER_MS, period_ms,
		     &dpc->dpc);
	sleep_until_alarm(test);
	/* The machine may have run for less than a period. */
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&timer, 0, 0, 0, &patience),
			NTS_STATUS_SUCCESS);
	KeCancelTimer(&timer);
	KeFlushQueuedDpcs();
	ran_ms = div_u64(ktime_get_ns() - began_ns, NSEC_PER_MSEC);
	KUNIT_EXPECT_GE(test, atomic_read(&dpc->runs), 1);
	KUNIT_EXPECT_LE(test, atomic_read(&dpc->runs),
			div_u64(ran_ms, period_ms) + 1);
}

/**
 * struct dreamer - a thread that the freezer stops like one of user space
 * @event: what it waits for, after a series of short delays
 * @status: of the wait, or of the first delay that failed
 * @asleep: completed when the delays are over
 * @done: completed when the wait has returned
 */
struct dreamer {
	struct nts_header event;
	s32 status;
	struct completion asleep;
	struct completion done;
};

static int dreamer_fn(void *data)
{
	static const s64 patience = 4 * PATIENCE_100NS, short_100ns = -1000;
	struct dreamer *d = data;
	unsigned int i;

	set_freezable();
	for (i = 0; i < 100 && !d->status; i++)
		d->status = KeDelayExecutionThread(1, 1, &short_100ns);
	complete(&d->asleep);
	if (!d->status)
		d->status =
			KeWaitForSingleObject(&d->event, 0, 1, 1, &patience);
	complete(&d->done);
	return 0;
}

/* Shows: W-ONE-06, W-ALT-03 */
static void user_mode_wait_goes_on_after_the_sleep(struct kunit *test)
{
	struct dreamer *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KeInitializeEvent(&d->event, 0, 0);
	init_completion(&d->asleep);
	init_completion(&d->done);
	KUNIT_ASSERT_FALSE(test,
			   IS_ERR(kthread_run(dreamer_fn, d, "nts-dream")));
	wait_for_completion(&d->asleep);
	sleep_until_alarm(test);
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&d->done));
	KeSetEvent(&d->event, 0, 0);
	wait_for_completion(&d->done);
	KUNIT_EXPECT_EQ(test, d->status, NTS_STATUS_SUCCESS);
}

/*
 * What the clock that counts sleep is ahead of the other, and less than half a
 * millisecond more: a pause of the machine between the two is no sleep.
 */
static u64 bias_now(void)
{
	u64 before, biased;

	do {
		before = KeQueryUnbiasedInterruptTimePrecise(NULL);
		biased = KeQueryInterruptTimePrecise(NULL);
	} while (KeQueryUnbiasedInterruptTimePrecise(NULL) - before >=
		 UNITS_PER_MS / 2);
	return biased - before;
}

/* Shows: TM-010, TM-011, TM-012, TM-041 */
static void clocks_count_sleep_or_do_not(struct kunit *test)
{
	u64 bias = bias_now(), biased = KeQueryInterruptTimePrecise(NULL);
	s64 frequency, counter = KeQueryPerformanceCounter(&frequency);
	u64 slept_100ns = div_u64(sleep_until_alarm(test), 100);

	biased = KeQueryInterruptTimePrecise(NULL) - biased;
	bias = bias_now() - bias;
	counter = KeQueryPerformanceCounter(NULL) - counter;
	KUNIT_EXPECT_GE(test, biased, slept_100ns);
	KUNIT_EXPECT_GE(test, bias, slept_100ns - UNITS_PER_MS);
	KUNIT_EXPECT_LT(test, bias, slept_100ns + UNITS_PER_MS);
	KUNIT_EXPECT_GE(test, counter,
			div_u64(slept_100ns, UNITS_PER_SEC) * frequency);
}

/* Shows: TM-021, TM-023 */
static void ticks_stand_still_in_sleep(struct kunit *test)
{
	u32 increment_100ns = KeQueryTimeIncrement();
	u64 ran_ns = ktime_get_ns();
	s64 before, after;

	KeQueryTickCount(&before);
	sleep_until_alarm(test);
	KeQueryTickCount(&after);
	ran_ns = ktime_get_ns() - ran_ns;
	KUNIT_EXPECT_LE(test, (u64)(after - before),
			div_u64(ran_ns, increment_100ns * 100) + 1);
	KUNIT_EXPECT_EQ(test, KeQueryTimeIncrement(), increment_100ns);
}

static struct kunit_case power_cases[] = {
	KUNIT_CASE(relative_due_time_stands_still_in_sleep),
	KUNIT_CASE(time_limit_of_a_wait_stands_still_in_sleep),
	KUNIT_CASE(absolute_due_time_passes_in_sleep_and_wakes_nobody),
	KUNIT_CASE(no_wake_timers_see_sleep_as_others_do),
	KUNIT_CASE(periods_of_a_sleep_are_not_made_up_for),
	KUNIT_CASE(user_mode_wait_goes_on_after_the_sleep),
	KUNIT_CASE(clocks_count_sleep_or_do_not),
	KUNIT_CASE(ticks_stand_still_in_sleep),
	{}
};

static int power_init(struct kunit *test)
{
	/* Its interrupts then come faster than it serves them, for most of a minute. */
	if (IS_ENABLED(CONFIG_KASAN))
		kunit_skip(test,
			   "too slow for an emulator's clocks after a sleep");
	return nts_test_init(test);
}

static struct kunit_suite power_suite = {
	.name = "ntshim_power",
	.init = power_init,
	.exit = nts_test_exit,
	.test_cases = power_cases,
};

kunit_test_suite(power_suite);
