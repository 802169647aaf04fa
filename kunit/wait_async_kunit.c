// SPDX-License-Identifier: GPL-2.0
/*
 * Asynchronous waits: what a start returns, when and where the callback comes,
 * and that the record is free afterwards.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/irq_work.h>
#include <linux/overflow.h>
#include <linux/preempt.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "../shim/wait_async.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

#define SHORT_100NS (5 * UNITS_PER_MS)

static const s64 look_100ns;
static const s64 patience_100ns = PATIENCE_100NS;

/**
 * struct waiter - an asynchronous wait that says how it ended
 * @calls: how often the callback came
 * @status: of the last
 * @level: IRQL of the last
 * @irqs_off: the last came with interrupts disabled
 * @order: place of the last among all
 * @end_ns: when the last came
 * @done: set at each callback
 * @async: the record, with room for as many blocks as the case needs
 */
struct waiter {
	int calls;
	s32 status;
	u8 level;
	bool irqs_off;
	int order;
	u64 end_ns;
	struct nts_header done;
	struct nts_async_wait async;
};

static int end_order;

static void done_fn(struct nts_async_wait *async, s32 status)
{
	struct waiter *waiter = container_of(async, struct waiter, async);

	waiter->status = status;
	waiter->level = nts_irql_current();
	waiter->irqs_off = irqs_disabled();
	waiter->order = ++end_order;
	waiter->end_ns = ktime_get_ns();
	waiter->calls++;
	KeSetEvent(&waiter->done, 0, 0);
}

static struct waiter *new_waiter(struct kunit *test, unsigned int count)
{
	struct waiter *waiter;

	waiter = kunit_kzalloc(test, struct_size(waiter, async.blocks, count),
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiter);
	KeInitializeEvent(&waiter->done, SYNCHRONIZATION, 0);
	memset(&waiter->async, 0x55,
	       struct_size(waiter, async.blocks, count) -
		       offsetof(struct waiter, async));
	return waiter;
}

static s32 start(struct waiter *waiter, unsigned int count,
		 struct nts_header **objects, bool all,
		 const s64 *timeout_100ns)
{
	const struct nts_async_request request = {
		.objects = objects,
		.timeout_100ns = timeout_100ns,
		.done_fn = done_fn,
		.count = count,
		.all = all,
	};

	return nts_async_start(&waiter->async, &request);
}

static s32 start_one(struct waiter *waiter, struct nts_header *object,
		     const s64 *timeout_100ns)
{
	return start(waiter, 1, &object, false, timeout_100ns);
}

static s32 await_end(struct waiter *waiter)
{
	return KeWaitForSingleObject(&waiter->done, 0, 0, 0, &patience_100ns);
}

/* On a busy machine a short time limit has passed within the start. */
static s32 end_of(struct waiter *waiter, s32 started)
{
	if (started != NTS_STATUS_PENDING)
		done_fn(&waiter->async, started);
	if (await_end(waiter) != NTS_STATUS_SUCCESS)
		return NTS_STATUS_PENDING;
	return waiter->status;
}

static void init_events(struct nts_header *events, struct nts_header **objects,
			unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		KeInitializeEvent(&events[i], SYNCHRONIZATION, 0);
		objects[i] = &events[i];
	}
}

/* Shows: W-MUL-05, W-MUL-13 */
static void any_tells_the_index(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 3);
	struct nts_header events[3], *objects[3];
	int i;

	init_events(events, objects, 3);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, start(waiter, 3, objects, false, NULL),
				NTS_STATUS_PENDING);
		KeSetEvent(&events[i], 0, 0);
		KUNIT_EXPECT_EQ(test, await_end(waiter), NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, waiter->status, i);
		KUNIT_EXPECT_EQ(test, waiter->calls, i + 1);
		KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[i]), 0);
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[0]), 0);
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[2]), 0);
	}
}

/* Shows: W-MUL-06, W-MUL-13 */
static void all_of_64_end_together(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 64);
	struct nts_header *events, **objects;
	int i;

	events = kunit_kcalloc(test, 64, sizeof(*events), GFP_KERNEL);
	objects = kunit_kcalloc(test, 64, sizeof(*objects), GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, events && objects);
	init_events(events, objects, 64);
	KUNIT_ASSERT_EQ(test, start(waiter, 64, objects, true, NULL),
			NTS_STATUS_PENDING);
	for (i = 63; i >= 0; i--) {
		KUNIT_EXPECT_EQ(test, waiter->calls, 0);
		KeSetEvent(&events[i], 0, 0);
	}
	KUNIT_EXPECT_EQ(test, await_end(waiter), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, waiter->status, NTS_STATUS_SUCCESS);
	for (i = 0; i < 64; i++) {
		KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[i]), 0);
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[i]), 0);
		KUNIT_EXPECT_EQ(test, events[i].wait_all_blocks, 0);
	}
}

/* Shows: W-ONE-01, W-TMO-02, W-MUL-04 */
static void start_that_need_not_wait_calls_nobody(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 3);
	struct nts_header events[3], *objects[3];
	s64 past_100ns = 1;

	init_events(events, objects, 3);
	KUNIT_EXPECT_EQ(test, start(waiter, 3, objects, false, &look_100ns),
			NTS_STATUS_TIMEOUT);
	KeSetEvent(&events[1], 0, 0);
	KeSetEvent(&events[2], 0, 0);
	KUNIT_EXPECT_EQ(test, start(waiter, 3, objects, true, &look_100ns),
			NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, start(waiter, 3, objects, false, &past_100ns), 1);
	KUNIT_EXPECT_EQ(test, start(waiter, 3, objects, false, NULL), 2);
	KUNIT_EXPECT_EQ(test, start(waiter, 3, objects, false, &past_100ns),
			NTS_STATUS_TIMEOUT);
	nts_dpc_flush();
	KUNIT_EXPECT_EQ(test, waiter->calls, 0);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[0]), 0);
}

/* Shows: W-TMO-05, W-MUL-13 */
static void timeout_ends_the_wait_on_time(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 2);
	struct nts_header events[2], *objects[2];
	s64 timeout_100ns;
	u64 start_ns;
	int i;

	init_events(events, objects, 2);
	KeSetEvent(&events[1], 0, 0);
	for (i = 1; i <= 20; i++) {
		timeout_100ns = -i * 1000;
		start_ns = ktime_get_ns();
		KUNIT_ASSERT_EQ(test,
				end_of(waiter, start(waiter, 2, objects, true,
						     &timeout_100ns)),
				NTS_STATUS_TIMEOUT);
		KUNIT_EXPECT_GE(test, waiter->end_ns - start_ns, i * 100000);
		if (nts_test_time_is_simulated())
			KUNIT_EXPECT_LT(test, waiter->end_ns - start_ns,
					i * 100000 + 10000);
	}
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[1]), 1);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[0]), 0);
	KUNIT_EXPECT_EQ(test, waiter->calls, 20);
}

/* Shows: W-TMO-06 */
static void absolute_timeout_is_system_time(struct kunit *test)
{
	u64 start_ns = ktime_get_ns();
	s64 interval_100ns = -3600 * UNITS_PER_SEC;
	s64 due_100ns = nts_systime_from_real(ktime_get_real_ns()) -
			interval_100ns;
	struct waiter *absolute = new_waiter(test, 1);
	struct waiter *relative = new_waiter(test, 1);
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_EXPECT_EQ(test, start_one(absolute, &event, &due_100ns),
			NTS_STATUS_PENDING);
	KUNIT_EXPECT_EQ(test, start_one(relative, &event, &interval_100ns),
			NTS_STATUS_PENDING);
	KUNIT_EXPECT_EQ(test, nts_test_step_clock(3599), 0);
	if (await_end(absolute) != NTS_STATUS_SUCCESS)
		nts_async_cancel(&absolute->async);
	KUNIT_EXPECT_EQ(test, nts_test_step_clock(-3599), 0);
	KUNIT_EXPECT_EQ(test, absolute->status, NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_GE(test, absolute->end_ns - start_ns, NSEC_PER_SEC);
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_LT(test, absolute->end_ns - start_ns,
				NSEC_PER_SEC + 10 * NSEC_PER_USEC);
	KUNIT_EXPECT_TRUE(test, nts_async_cancel(&relative->async));
	KUNIT_EXPECT_EQ(test, relative->calls, 0);
}

/*
 * The timer is in any shard, follows another clock than the time limit, and its
 * event may come as late as its tolerance allows.
 */
static void expect_timer_first(struct kunit *test, struct waiter *waiter,
			       struct nts_header **objects, bool all,
			       s32 status)
{
	static const s64 short_100ns = -SHORT_100NS;
	struct nts_timer *timer =
		container_of(objects[1], struct nts_timer, header);
	s64 due_100ns = nts_systime_from_real(ktime_get_real_ns()) +
			SHORT_100NS;

	nts_test_set_timer_elsewhere(timer, due_100ns, 60000);
	KUNIT_ASSERT_EQ(test,
			end_of(waiter,
			       start(waiter, 2, objects, all, &short_100ns)),
			status);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(timer), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(timer), 0);
}

/* Shows: W-TMO-07 */
static void timer_due_with_the_timeout_wins(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 2);
	struct nts_header event, *objects[2];
	struct nts_timer timers[8];
	int i;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	objects[0] = &event;
	for (i = 0; i < 8; i++) {
		KeInitializeTimerEx(&timers[i], 1);
		objects[1] = &timers[i].header;
		expect_timer_first(test, waiter, objects, false, 1);
	}
	KeSetEvent(&event, 0, 0);
	objects[0] = &event;
	for (i = 0; i < 8; i++) {
		objects[1] = &timers[i].header;
		expect_timer_first(test, waiter, objects, true, 0);
	}
}

/* Shows: W-MUL-13 */
static void cancel_takes_the_wait_back(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 2);
	struct nts_header events[2], *objects[2];
	int all;

	init_events(events, objects, 2);
	for (all = 0; all < 2; all++) {
		KUNIT_ASSERT_EQ(test,
				start(waiter, 2, objects, all, &patience_100ns),
				NTS_STATUS_PENDING);
		KUNIT_EXPECT_TRUE(test, nts_async_cancel(&waiter->async));
		memset(&waiter->async, 0x55, sizeof(waiter->async));
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[0]), 0);
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&events[1]), 0);
		KUNIT_EXPECT_EQ(test, events[0].wait_all_blocks, 0);
	}
	KeSetEvent(&events[0], 0, 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&events[0]), 1);
	nts_dpc_flush();
	KUNIT_EXPECT_EQ(test, waiter->calls, 0);
}

/* Shows: W-SIG-10 */
static void cancel_comes_too_late_after_a_signal(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 1);
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_ASSERT_EQ(test, start_one(waiter, &event, NULL),
			NTS_STATUS_PENDING);
	/* No DPC runs here before bottom halves are enabled. */
	local_bh_disable();
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test, waiter->calls, 0);
	KUNIT_EXPECT_FALSE(test, nts_async_cancel(&waiter->async));
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, await_end(waiter), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, waiter->calls, 1);
	KUNIT_EXPECT_EQ(test, waiter->status, NTS_STATUS_SUCCESS);
}

/* Shows: W-HDR-08, W-RET-06 */
static void bad_requests_are_refused(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 1);
	struct nts_header object, *objects[1] = { &object };

	KeInitializeEvent(&object, NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test, start(waiter, 0, objects, false, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, start(waiter, 65, objects, false, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	object.type = NT_LAYOUT_TYPE_MUTANT;
	KUNIT_EXPECT_EQ(test, start(waiter, 1, objects, false, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	memset(&object, 0, sizeof(object));
	KUNIT_EXPECT_EQ(test, start(waiter, 1, objects, false, NULL),
			NTS_STATUS_INVALID_PARAMETER);
}

/* Shows: W-FIF-01, W-EVT-04 */
static void threads_and_callbacks_share_one_queue(struct kunit *test)
{
	struct waiter *first = new_waiter(test, 1);
	struct waiter *third = new_waiter(test, 1);
	struct nts_test_waiter second;
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_ASSERT_EQ(test, start_one(first, &event, NULL),
			NTS_STATUS_PENDING);
	nts_test_start_waiter(test, &second, &event, NULL);
	KUNIT_ASSERT_EQ(test, start_one(third, &event, NULL),
			NTS_STATUS_PENDING);
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test, await_end(first), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 2);
	KeSetEvent(&event, 0, 0);
	KUNIT_ASSERT_TRUE(test, nts_test_join(&second));
	KUNIT_EXPECT_EQ(test, third->calls, 0);
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test, await_end(third), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
}

struct irq_set {
	struct irq_work work;
	struct nts_header event;
};

static void set_in_irq_fn(struct irq_work *work)
{
	KeSetEvent(&container_of(work, struct irq_set, work)->event, 0, 0);
}

/* Shows: W-EVT-12, W-FIF-06 */
static void callbacks_come_at_dispatch_level(struct kunit *test)
{
	/* More than one DPC lets go of. */
	const int count = 600;
	struct waiter **waiters;
	struct irq_set call;
	int i;

	waiters = kunit_kcalloc(test, count, sizeof(*waiters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiters);
	KeInitializeEvent(&call.event, NOTIFICATION, 0);
	for (i = 0; i < count; i++) {
		waiters[i] = new_waiter(test, 1);
		KUNIT_ASSERT_EQ(test, start_one(waiters[i], &call.event, NULL),
				NTS_STATUS_PENDING);
	}
	call.work = IRQ_WORK_INIT_HARD(set_in_irq_fn);
	irq_work_queue(&call.work);
	for (i = 0; i < count; i++) {
		KUNIT_ASSERT_EQ(test, await_end(waiters[i]), 0);
		KUNIT_EXPECT_EQ(test, waiters[i]->calls, 1);
		KUNIT_EXPECT_EQ(test, waiters[i]->level, NTS_DISPATCH_LEVEL);
		KUNIT_EXPECT_FALSE(test, waiters[i]->irqs_off);
		KUNIT_EXPECT_EQ(test, waiters[i]->order, waiters[0]->order + i);
	}
	irq_work_sync(&call.work);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-EVT-12"), 1);
}

struct restarting {
	struct nts_header *object;
	int rounds;
	s32 last;
	struct nts_header done;
	struct nts_async_wait async;
};

static void restart_fn(struct nts_async_wait *async, s32 status)
{
	struct restarting *r = container_of(async, struct restarting, async);
	const struct nts_async_request request = {
		.objects = &r->object,
		.done_fn = restart_fn,
		.count = 1,
	};

	if (--r->rounds)
		r->last = nts_async_start(async, &request);
	else
		KeSetEvent(&r->done, 0, 0);
}

/* Shows: W-MUL-13, W-EVT-05 */
static void callback_may_start_its_record_again(struct kunit *test)
{
	const int rounds = 100;
	struct restarting *r;
	struct nts_header event;
	int i;

	r = kunit_kzalloc(test, struct_size(r, async.blocks, 1), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, r);
	KeInitializeEvent(&r->done, SYNCHRONIZATION, 0);
	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	r->object = &event;
	r->rounds = rounds + 1;
	restart_fn(&r->async, 0);
	for (i = 0; i < rounds; i++) {
		nts_test_await_waits(test, &event, 1);
		KUNIT_EXPECT_EQ(test, r->last, NTS_STATUS_PENDING);
		KeSetEvent(&event, 0, 0);
	}
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(&r->done, 0, 0, 0,
					      &patience_100ns),
			0);
	KUNIT_EXPECT_EQ(test, r->rounds, 0);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 0);
}

struct freeing {
	atomic_t *ended;
	struct nts_header event;
	struct nts_async_wait async;
};

static void free_fn(struct nts_async_wait *async, s32 status)
{
	struct freeing *f = container_of(async, struct freeing, async);
	atomic_t *ended = f->ended;

	kfree(f);
	atomic_inc(ended);
}

/* Shows: W-HDR-04, W-RAC-07, W-RAC-01 */
static void callback_may_free_record_and_object(struct kunit *test)
{
	const s64 timeout_100ns = -500;
	atomic_t ended = ATOMIC_INIT(0);
	struct nts_header *object;
	struct nts_async_request request = {
		.objects = &object,
		.timeout_100ns = &timeout_100ns,
		.done_fn = free_fn,
		.count = 1,
	};
	struct freeing *f;
	s32 status;
	int i;

	for (i = 0; i < 200; i++) {
		f = kzalloc(struct_size(f, async.blocks, 1), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, f);
		f->ended = &ended;
		KeInitializeEvent(&f->event, SYNCHRONIZATION, 0);
		object = &f->event;
		status = nts_async_start(&f->async, &request);
		if (status != NTS_STATUS_PENDING)
			free_fn(&f->async, status);
		KUNIT_EXPECT_EQ(test,
				KeDelayExecutionThread(0, 0, &timeout_100ns),
				NTS_STATUS_SUCCESS);
		nts_dpc_flush();
		KUNIT_EXPECT_EQ(test, atomic_read(&ended), i + 1);
	}
}

struct race {
	struct nts_timer timer;
	struct nts_dpc dpc;
	struct nts_header event;
};

static void set_event_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	KeSetEvent(context, 0, 0);
}

/* Shows: W-RAC-01, W-SIG-10 */
static void signal_timeout_and_cancel_exclude_each_other(struct kunit *test)
{
	struct waiter *waiter = new_waiter(test, 1);
	struct race race;
	s64 timeout_100ns;
	bool cancelled;
	s32 status;
	int i;

	KeInitializeTimer(&race.timer);
	KeInitializeEvent(&race.event, SYNCHRONIZATION, 0);
	nts_dpc_init(&race.dpc, NTS_DPC_ORDINARY, set_event_fn, &race.event);
	for (i = 0; i < 300; i++) {
		waiter->calls = 0;
		timeout_100ns = -1000 - i % 30;
		KeSetTimer(&race.timer, -1000 - i / 10 % 30, &race.dpc);
		status = start_one(waiter, &race.event, &timeout_100ns);
		if (status != NTS_STATUS_PENDING)
			done_fn(&waiter->async, status);
		timeout_100ns = -1000 - i % 7 * 5;
		KeDelayExecutionThread(0, 0, &timeout_100ns);
		cancelled = status == NTS_STATUS_PENDING &&
			    nts_async_cancel(&waiter->async);
		KeCancelTimer(&race.timer);
		nts_dpc_flush();
		KUNIT_EXPECT_EQ(test, waiter->calls, !cancelled);
		if (!cancelled && waiter->status == NTS_STATUS_SUCCESS)
			KUNIT_EXPECT_EQ(test, KeReadStateEvent(&race.event), 0);
		KeClearEvent(&race.event);
		KeClearEvent(&waiter->done);
	}
}

static struct kunit_case wait_async_cases[] = {
	KUNIT_CASE(any_tells_the_index),
	KUNIT_CASE(all_of_64_end_together),
	KUNIT_CASE(start_that_need_not_wait_calls_nobody),
	KUNIT_CASE(timeout_ends_the_wait_on_time),
	KUNIT_CASE(absolute_timeout_is_system_time),
	KUNIT_CASE(timer_due_with_the_timeout_wins),
	KUNIT_CASE(cancel_takes_the_wait_back),
	KUNIT_CASE(cancel_comes_too_late_after_a_signal),
	KUNIT_CASE(bad_requests_are_refused),
	KUNIT_CASE(threads_and_callbacks_share_one_queue),
	KUNIT_CASE(callbacks_come_at_dispatch_level),
	KUNIT_CASE(callback_may_start_its_record_again),
	KUNIT_CASE(callback_may_free_record_and_object),
	KUNIT_CASE(signal_timeout_and_cancel_exclude_each_other),
	{}
};

static struct kunit_suite wait_async_suite = {
	.name = "ntshim_wait_async",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_async_cases,
};

kunit_test_suite(wait_async_suite);
