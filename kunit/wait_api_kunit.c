// SPDX-License-Identifier: GPL-2.0
/*
 * The wait routines, in simulated time and live. Exact times are asked for only
 * where time is simulated.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/wait.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

/* A time limit that comes soon enough for a live case. */
#define SHORT_100NS (5 * UNITS_PER_MS)

static const s64 patience_100ns = PATIENCE_100NS;
static const s64 look_100ns;

/* Shows: W-ONE-01, W-RET-01 */
static void signaled_object_returns_at_once(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, 0, 0, 0, NULL),
			NTS_STATUS_SUCCESS);
	/* Signaled wins over a time limit that has passed. */
	KUNIT_EXPECT_EQ(test, nts_test_wait(&event, 1), NTS_STATUS_SUCCESS);
}

/* Shows: W-TMO-01, W-TMO-02 */
static void zero_timeout_only_looks(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 0);
}

/* Shows: W-TMO-03 */
static void small_positive_timeout_has_passed(struct kunit *test)
{
	struct nts_header event;
	u64 start_ns = ktime_get_ns();

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_EXPECT_EQ(test, nts_test_wait(&event, 5000), NTS_STATUS_TIMEOUT);
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LT(test, ktime_get_ns() - start_ns, NSEC_PER_MSEC);
}

/* Shows: W-TMO-05, W-MUL-13 */
static void relative_timeout_is_exact(struct kunit *test)
{
	struct nts_header event;
	u64 start_ns, took_ns;
	int i;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	for (i = 1; i <= 20; i++) {
		start_ns = ktime_get_ns();
		KUNIT_EXPECT_EQ(test, nts_test_wait(&event, -i * 1000),
				NTS_STATUS_TIMEOUT);
		took_ns = ktime_get_ns() - start_ns;
		KUNIT_EXPECT_GE(test, took_ns, i * 100000);
		if (nts_test_time_is_simulated())
			KUNIT_EXPECT_LT(test, took_ns, i * 100000 + 10000);
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 0);
	}
}

/* Shows: W-TMO-01 */
static void absolute_timeout_is_system_time(struct kunit *test)
{
	s64 due_100ns = nts_systime_from_real(ktime_get_real_ns()) +
			SHORT_100NS;
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_EXPECT_EQ(test, nts_test_wait(&event, due_100ns),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_GE(test, nts_systime_from_real(ktime_get_real_ns()),
			due_100ns);
}

/**
 * struct stepped_wait - a wait during which the system time is set
 * @absolute: its time limit is a system time
 * @limit_s: the time limit, from now
 * @step_s: by how much the time is set; negative: backwards
 */
struct stepped_wait {
	bool absolute;
	s64 limit_s;
	s64 step_s;
};

/* Returns how long the wait took; the system time is as it was again. */
static u64 time_wait(struct kunit *test, const struct stepped_wait *wait)
{
	u64 start_ns = ktime_get_ns();
	s64 timeout_100ns = wait->limit_s * UNITS_PER_SEC;
	struct nts_test_waiter waiter;
	struct nts_header event;
	bool ended;
	u64 took_ns;

	if (wait->absolute)
		timeout_100ns += nts_systime_from_real(ktime_get_real_ns());
	else
		timeout_100ns = -timeout_100ns;
	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	nts_test_start_waiter(test, &waiter, &event, &timeout_100ns);
	KUNIT_EXPECT_EQ(test, nts_test_step_clock(wait->step_s), 0);
	ended = nts_test_join(&waiter);
	took_ns = ktime_get_ns() - start_ns;
	KUNIT_EXPECT_EQ(test, nts_test_step_clock(-wait->step_s), 0);
	if (!ended)
		KeSetEvent(&event, 0, 0);
	KUNIT_ASSERT_TRUE(test, ended || nts_test_join(&waiter));
	KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_TIMEOUT);
	return took_ns;
}

static void expect_wait(struct kunit *test, const struct stepped_wait *wait,
			s64 took_s)
{
	u64 took_ns = time_wait(test, wait);

	KUNIT_EXPECT_GE(test, took_ns, took_s * NSEC_PER_SEC);
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LT(test, took_ns,
				took_s * NSEC_PER_SEC + 10 * NSEC_PER_USEC);
}

/* Shows: W-TMO-06 */
static void absolute_timeout_follows_clock_steps(struct kunit *test)
{
	static const struct stepped_wait forward = { true, 3600, 3599 };
	static const struct stepped_wait backward = { true, 1, -2 };

	expect_wait(test, &forward, 1);
	expect_wait(test, &backward, 3);
}

/* Shows: W-TMO-06 */
static void relative_timeout_ignores_clock_steps(struct kunit *test)
{
	static const struct stepped_wait forward = { false, 1, 3600 };
	static const struct stepped_wait backward = { false, 1, -3600 };

	expect_wait(test, &forward, 1);
	expect_wait(test, &backward, 1);
}

/* Shows: W-TMO-06 */
static void clock_step_past_the_timeout_ends_the_wait(struct kunit *test)
{
	static const struct stepped_wait wait = { true, 3600, 3601 };
	u64 took_ns = time_wait(test, &wait);

	/* The processor that sets the clock may notice at its next tick. */
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LT(test, took_ns, TICK_NSEC + NSEC_PER_MSEC);
}

/* Shows: W-TMO-08 */
static void endless_timeout_is_no_limit(struct kunit *test)
{
	static const s64 endless_100ns = S64_MIN;
	struct nts_test_waiter waiter;
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	nts_test_start_waiter(test, &waiter, &event, &endless_100ns);
	KeSetEvent(&event, 0, 0);
	KUNIT_ASSERT_TRUE(test, nts_test_join(&waiter));
	KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_SUCCESS);
}

/* Shows: W-TMO-07 */
static void timer_due_with_the_timeout_wins(struct kunit *test)
{
	struct nts_timer timer;
	int i;

	KeInitializeTimerEx(&timer, 1);
	for (i = 1; i <= 20; i++) {
		KeSetTimer(&timer, -i * 100, NULL);
		KUNIT_EXPECT_EQ(test, nts_test_wait(&timer, -i * 100),
				NTS_STATUS_SUCCESS);
	}
}

/*
 * The timer follows another clock than the time limit, and its event may come
 * as late as its tolerance allows: long after the waiter has been woken.
 */
/* Shows: W-TMO-07 */
static void due_timer_is_looked_at_before_giving_up(struct kunit *test)
{
	static const s64 short_100ns = -SHORT_100NS;
	void *objects[2];
	struct nts_header event;
	struct nts_timer timer;
	s64 due_100ns;
	int all;

	KeInitializeTimerEx(&timer, 1);
	KeInitializeEvent(&event, NOTIFICATION, 0);
	objects[0] = &event;
	objects[1] = &timer;
	for (all = 0; all < 2; all++) {
		due_100ns = nts_systime_from_real(ktime_get_real_ns()) +
			    SHORT_100NS;
		nts_test_set_timer_elsewhere(&timer, due_100ns, 60000);
		KUNIT_EXPECT_EQ(test,
				KeWaitForMultipleObjects(2, objects,
							 all ? WAIT_ALL :
							       WAIT_ANY,
							 0, 0, 0, &short_100ns,
							 NULL),
				all ? 0 : 1);
		KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 0);
		KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 0);
		KeSetEvent(&event, 0, 0);
	}
}

/* Shows: W-HDR-08, W-RET-06 */
static void uninitialised_object_is_refused(struct kunit *test)
{
	struct nts_header object;

	memset(&object, 0, sizeof(object));
	KUNIT_EXPECT_EQ(test, nts_test_look(&object),
			NTS_STATUS_INVALID_PARAMETER);
	KeInitializeEvent(&object, NOTIFICATION, 1);
	object.type = NT_LAYOUT_TYPE_QUEUE;
	KUNIT_EXPECT_EQ(test, nts_test_look(&object),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-08"), 2);
}

/* Shows: W-IRQ-01, KT-105 */
static void look_is_legal_at_dispatch_level(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 1);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_TIMEOUT);
	local_bh_enable();
}

/* Shows: W-IRQ-02, W-IRQ-03, W-IRQ-04, KT-192 */
static void wait_at_dispatch_level_only_looks(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 1);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, nts_test_wait(&event, -1), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_wait(&event, -1), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, 0, 0, 0, NULL),
			NTS_STATUS_TIMEOUT);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-IRQ-02", 0xc4, 0x122),
			2);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-IRQ-02", 0xc4, 0x121),
			1);
}

/* Shows: W-IRQ-02 */
static void wait_above_dispatch_level_has_a_code_of_its_own(struct kunit *test)
{
	struct nts_header event;
	u8 old;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	old = KfRaiseIrql(NTS_HIGH_LEVEL);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(&event, 0, 0, 0, NULL),
			NTS_STATUS_TIMEOUT);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-IRQ-02", 0xc4, 0x120),
			1);
}

static void expect_only_the_event_ends_it(struct kunit *test,
					  const s64 *timeout_100ns)
{
	struct nts_test_waiter waiter;
	struct nts_header event;
	int i;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	nts_test_start_waiter(test, &waiter, &event, timeout_100ns);
	for (i = 0; i < 100; i++) {
		wake_up_process(waiter.task);
		usleep_range(50, 100);
	}
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 1);
	KeSetEvent(&event, 0, 0);
	KUNIT_ASSERT_TRUE(test, nts_test_join(&waiter));
	KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_SUCCESS);
}

/* Shows: W-ONE-06 */
static void stray_wake_up_does_not_end_a_wait(struct kunit *test)
{
	expect_only_the_event_ends_it(test, &patience_100ns);
	expect_only_the_event_ends_it(test, NULL);
}

struct setter {
	struct nts_timer timer;
	struct nts_dpc dpc;
	struct nts_header event;
};

static void set_event_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	KeSetEvent(context, 0, 0);
}

/* Shows: W-RAC-01 */
static void signal_or_timeout_but_never_both(struct kunit *test)
{
	struct setter s;
	s32 status;
	int i;

	KeInitializeTimer(&s.timer);
	KeInitializeEvent(&s.event, SYNCHRONIZATION, 0);
	nts_dpc_init(&s.dpc, NTS_DPC_ORDINARY, set_event_fn, &s.event);
	for (i = 0; i < 300; i++) {
		KeSetTimer(&s.timer, -1000, &s.dpc);
		status = nts_test_wait(&s.event, -1000 - (i % 30));
		/* Whether or not it beat the time limit, the signal came. */
		KeCancelTimer(&s.timer);
		nts_dpc_flush();
		if (status == NTS_STATUS_SUCCESS) {
			KUNIT_EXPECT_EQ(test, KeReadStateEvent(&s.event), 0);
		} else {
			KUNIT_EXPECT_EQ(test, status, NTS_STATUS_TIMEOUT);
			KeClearEvent(&s.event);
		}
	}
}

/* Shows: W-RAC-06, W-RAC-07, W-HDR-05 */
static void waiter_may_free_the_event(struct kunit *test)
{
	struct setter *s;
	int i;

	for (i = 0; i < 200; i++) {
		s = kmalloc(sizeof(*s), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, s);
		KeInitializeTimer(&s->timer);
		KeInitializeEvent(&s->event, NOTIFICATION, 0);
		nts_dpc_init(&s->dpc, NTS_DPC_ORDINARY, set_event_fn,
			     &s->event);
		KeSetTimer(&s->timer, -(i % 20 + 1) * 10, &s->dpc);
		KUNIT_ASSERT_EQ(test, nts_test_wait(&s->event, PATIENCE_100NS),
				NTS_STATUS_SUCCESS);
		kfree(s);
	}
	nts_dpc_flush();
}

/* Shows: W-DLY-01, W-DLY-02, TM-051 */
static void delay_is_never_early(struct kunit *test)
{
	unsigned int i, early = 0;
	s64 interval_100ns;
	u64 start_ns;

	for (i = 0; i < nts_test_samples; i++) {
		interval_100ns = -nts_test_short_100ns(i);
		start_ns = ktime_get_ns();
		KUNIT_ASSERT_EQ(test,
				KeDelayExecutionThread(0, 0, &interval_100ns),
				NTS_STATUS_SUCCESS);
		early += ktime_get_ns() - start_ns < -interval_100ns * 100;
	}
	KUNIT_EXPECT_EQ(test, early, 0);
}

/* Shows: W-DLY-03, TM-052 */
static void delay_of_zero_returns_success(struct kunit *test)
{
	s64 past_100ns = 1;

	KUNIT_EXPECT_EQ(test, KeDelayExecutionThread(0, 0, &look_100ns),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeDelayExecutionThread(0, 0, &past_100ns),
			NTS_STATUS_SUCCESS);
}

/**
 * struct courtesy - two threads of one priority on one processor
 * @second: the one that is to get its turn
 * @ran: it did
 * @delays: how often the first gave way before that
 * @done: completed by each at its end
 */
struct courtesy {
	struct task_struct *second;
	bool ran;
	unsigned int delays;
	struct completion done;
};

static int take_turn(void *data)
{
	struct courtesy *c = data;

	WRITE_ONCE(c->ran, true);
	complete(&c->done);
	return 0;
}

static int give_way(void *data)
{
	struct courtesy *c = data;

	wake_up_process(c->second);
	while (!READ_ONCE(c->ran) && c->delays++ < 100)
		KeDelayExecutionThread(0, 0, &look_100ns);
	complete(&c->done);
	return 0;
}

static struct task_struct *fifo_thread(struct kunit *test,
				       int (*fn)(void *data), void *data)
{
	struct task_struct *task = kthread_create(fn, data, "nts-courtesy");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, 0);
	sched_set_fifo_low(task);
	return task;
}

/* Shows: W-DLY-03 */
static void delay_of_zero_gives_way_to_equals(struct kunit *test)
{
	struct courtesy *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	init_completion(&c->done);
	c->second = fifo_thread(test, take_turn, c);
	wake_up_process(fifo_thread(test, give_way, c));
	wait_for_completion(&c->done);
	wait_for_completion(&c->done);
	KUNIT_EXPECT_LE(test, c->delays, 1);
}

/* Shows: W-DLY-04 */
static void delay_at_dispatch_level_is_refused(struct kunit *test)
{
	s64 interval_100ns = -SHORT_100NS;
	s32 status;

	local_bh_disable();
	status = KeDelayExecutionThread(0, 0, &interval_100ns);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, status, NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-DLY-04"), 1);
}

/**
 * struct retry - a thread whose wait ends by time, and which waits again
 * @event: for what
 * @between: event that lets it begin the second wait
 * @first: status of the first wait
 * @second: and of the second
 * @timed_out: completed after the first
 * @done: completed after the second
 */
struct retry {
	struct nts_header event;
	struct nts_header between;
	s32 first;
	s32 second;
	struct completion timed_out;
	struct completion done;
};

static int retry_fn(void *data)
{
	struct retry *r = data;

	r->first = nts_test_wait(&r->event, -2 * UNITS_PER_SEC);
	complete(&r->timed_out);
	nts_test_wait(&r->between, PATIENCE_100NS);
	r->second = nts_test_wait(&r->event, PATIENCE_100NS);
	complete(&r->done);
	return 0;
}

static struct retry *start_retry(struct kunit *test)
{
	struct retry *r = kunit_kzalloc(test, sizeof(*r), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, r);
	KeInitializeEvent(&r->event, SYNCHRONIZATION, 0);
	KeInitializeEvent(&r->between, SYNCHRONIZATION, 0);
	init_completion(&r->timed_out);
	init_completion(&r->done);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
				     kthread_run(retry_fn, r, "nts-retry"));
	return r;
}

/* Shows: W-FIF-03 */
static void wait_that_is_issued_again_is_the_last(struct kunit *test)
{
	struct retry *r = start_retry(test);
	struct nts_test_waiter other;

	nts_test_await_waits(test, &r->event, 1);
	nts_test_start_waiter(test, &other, &r->event, NULL);
	wait_for_completion(&r->timed_out);
	KUNIT_EXPECT_EQ(test, r->first, NTS_STATUS_TIMEOUT);
	KeSetEvent(&r->between, 0, 0);
	nts_test_await_waits(test, &r->event, 2);
	KeSetEvent(&r->event, 0, 0);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&other));
	KUNIT_EXPECT_FALSE(test, completion_done(&r->done));
	KeSetEvent(&r->event, 0, 0);
	wait_for_completion(&r->done);
	KUNIT_EXPECT_EQ(test, r->second, NTS_STATUS_SUCCESS);
}

static struct kunit_case wait_cases[] = {
	KUNIT_CASE(signaled_object_returns_at_once),
	KUNIT_CASE(zero_timeout_only_looks),
	KUNIT_CASE(small_positive_timeout_has_passed),
	KUNIT_CASE(relative_timeout_is_exact),
	KUNIT_CASE(wait_that_is_issued_again_is_the_last),
	KUNIT_CASE(absolute_timeout_is_system_time),
	KUNIT_CASE(absolute_timeout_follows_clock_steps),
	KUNIT_CASE(relative_timeout_ignores_clock_steps),
	KUNIT_CASE(clock_step_past_the_timeout_ends_the_wait),
	KUNIT_CASE(endless_timeout_is_no_limit),
	KUNIT_CASE(timer_due_with_the_timeout_wins),
	KUNIT_CASE(due_timer_is_looked_at_before_giving_up),
	KUNIT_CASE(uninitialised_object_is_refused),
	KUNIT_CASE(look_is_legal_at_dispatch_level),
	KUNIT_CASE(wait_at_dispatch_level_only_looks),
	KUNIT_CASE(wait_above_dispatch_level_has_a_code_of_its_own),
	KUNIT_CASE(stray_wake_up_does_not_end_a_wait),
	KUNIT_CASE(signal_or_timeout_but_never_both),
	KUNIT_CASE(waiter_may_free_the_event),
	KUNIT_CASE(delay_is_never_early),
	KUNIT_CASE(delay_of_zero_returns_success),
	KUNIT_CASE(delay_of_zero_gives_way_to_equals),
	KUNIT_CASE(delay_at_dispatch_level_is_refused),
	{}
};

static struct kunit_suite wait_suite = {
	.name = "ntshim_wait",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_cases,
};

kunit_test_suite(wait_suite);
