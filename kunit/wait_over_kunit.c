// SPDX-License-Identifier: GPL-2.0
/*
 * Waits that are over while their thread has not run yet: the objects that did
 * not end the wait are the driver's, who may free them. The thread is kept from
 * its processor by a case that has raised its level there.
 */

#include "../shim/compat.h"

#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/wait.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

/**
 * struct pair - a thread that waits for an event and a timer
 * @event: second of the objects; synchronization
 * @timer: first of them; freed before the thread runs
 * @type: of the wait, which is alertable
 * @thread: object of the thread
 * @status: its result, once @done
 * @done: completed when the wait has returned
 */
struct pair {
	struct nts_header event;
	struct nts_timer *timer;
	int type;
	void *thread;
	s32 status;
	struct completion done;
};

static int wait_for_pair(void *data)
{
	struct pair *p = data;
	void *objects[] = { p->timer, &p->event };

	p->thread = KeGetCurrentThread();
	p->status = KeWaitForMultipleObjects(2, objects, p->type, 0, 0, 1, NULL,
					     NULL);
	complete(&p->done);
	return 0;
}

/* Stay on this processor; on PREEMPT_RT a raise does not keep others away. */
static void begin(struct kunit *test)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "needs a level that holds off the scheduler");
	migrate_disable();
}

static struct pair *make_pair(struct kunit *test, int timer_type, int wait_type)
{
	struct pair *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	p->timer = kzalloc(sizeof(*p->timer), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, p->timer);
	KeInitializeEvent(&p->event, SYNCHRONIZATION, 0);
	KeInitializeTimerEx(p->timer, timer_type);
	p->type = wait_type;
	init_completion(&p->done);
	return p;
}

/* On the case's own processor, where nobody else runs at DISPATCH_LEVEL. */
static void start(struct kunit *test, struct pair *p)
{
	struct task_struct *task = kthread_create(wait_for_pair, p, "nts-pair");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, raw_smp_processor_id());
	wake_up_process(task);
	nts_test_await_waits(test, &p->event, 1);
	nts_test_await_sleep(task);
}

static struct pair *start_pair(struct kunit *test, int timer_type,
			       int wait_type)
{
	struct pair *p = make_pair(test, timer_type, wait_type);

	start(test, p);
	return p;
}

static void free_timer(struct pair *p)
{
	memset(p->timer, 0x5a, sizeof(*p->timer));
	kfree(p->timer);
}

static void expect_end(struct kunit *test, struct pair *p, s32 status)
{
	wait_for_completion(&p->done);
	KUNIT_EXPECT_EQ(test, p->status, status);
	KUNIT_EXPECT_EQ(test, nts_test_count_waits(&p->event), 0);
}

/*
 * The event has ended the wait, the timer expires all the same, and whoever
 * sees that frees it.
 */
static void free_after_the_event(struct kunit *test, int timer_type)
{
	struct pair *p = start_pair(test, timer_type, WAIT_ANY);
	u8 level = KeRaiseIrqlToDpcLevel();

	KeSetEvent(&p->event, 0, 0);
	KeSetTimer(p->timer, 0, NULL);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(p->timer), 1);
	KUNIT_EXPECT_TRUE(test, list_empty(&p->timer->header.wait_list));
	free_timer(p);
	KeLowerIrql(level);
	expect_end(test, p, NTS_STATUS_SUCCESS + 1);
}

/* Shows: KT-160, KT-166 */
static void timer_may_go_when_its_waits_are_over(struct kunit *test)
{
	begin(test);
	free_after_the_event(test, NOTIFICATION);
	free_after_the_event(test, SYNCHRONIZATION);
	migrate_enable();
}

/* The one that ends the wait may free all its objects when it has done so. */
static void free_after_end(struct kunit *test, int wait_type,
			   void (*end)(struct pair *p), s32 status)
{
	struct pair *p = start_pair(test, NOTIFICATION, wait_type);
	u8 level = KeRaiseIrqlToDpcLevel();

	end(p);
	KUNIT_EXPECT_TRUE(test, list_empty(&p->timer->header.wait_list));
	KUNIT_EXPECT_TRUE(test, list_empty(&p->event.wait_list));
	KeCancelTimer(p->timer);
	free_timer(p);
	KeLowerIrql(level);
	expect_end(test, p, status);
}

static void set_event(struct pair *p)
{
	KeSetEvent(&p->event, 0, 0);
}

static void set_both(struct pair *p)
{
	KeSetTimer(p->timer, 0, NULL);
	KeSetEvent(&p->event, 0, 0);
}

static void alert(struct pair *p)
{
	KeAlertThread(p->thread, 0);
}

/* Shows: W-HDR-04, W-FIF-01 */
static void objects_may_go_when_a_signal_has_ended_the_wait(struct kunit *test)
{
	begin(test);
	free_after_end(test, WAIT_ANY, set_event, NTS_STATUS_SUCCESS + 1);
	free_after_end(test, WAIT_ALL, set_both, NTS_STATUS_SUCCESS);
	migrate_enable();
}

/* Shows: W-HDR-04, W-ALT-05 */
static void objects_may_go_when_an_alert_has_ended_the_wait(struct kunit *test)
{
	begin(test);
	free_after_end(test, WAIT_ANY, alert, NTS_STATUS_ALERTED);
	free_after_end(test, WAIT_ALL, alert, NTS_STATUS_ALERTED);
	migrate_enable();
}

/* Shows: KT-160, W-FIF-01 */
static void timer_may_go_behind_the_wait_that_it_ends(struct kunit *test)
{
	struct nts_test_waiter first;
	struct pair *p;
	u8 level;

	begin(test);
	p = make_pair(test, SYNCHRONIZATION, WAIT_ANY);
	nts_test_start_waiter(test, &first, p->timer, NULL);
	start(test, p);
	level = KeRaiseIrqlToDpcLevel();
	KeSetEvent(&p->event, 0, 0);
	KeSetTimer(p->timer, 0, NULL);
	KUNIT_EXPECT_TRUE(test, list_empty(&p->timer->header.wait_list));
	free_timer(p);
	KeLowerIrql(level);
	expect_end(test, p, NTS_STATUS_SUCCESS + 1);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&first));
	KUNIT_EXPECT_EQ(test, first.status, NTS_STATUS_SUCCESS);
	migrate_enable();
}

/* Shows: KT-160, W-MUL-06 */
static void event_of_a_wait_all_outlives_its_timer(struct kunit *test)
{
	struct pair *p;
	u8 level;

	begin(test);
	p = start_pair(test, NOTIFICATION, WAIT_ALL);
	KeSetEvent(&p->event, 0, 0);
	level = KeRaiseIrqlToDpcLevel();
	KeSetTimer(p->timer, 0, NULL);
	KUNIT_EXPECT_TRUE(test, list_empty(&p->timer->header.wait_list));
	free_timer(p);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&p->event, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&p->event), 1);
	KeLowerIrql(level);
	expect_end(test, p, NTS_STATUS_SUCCESS);
	migrate_enable();
}

/* Shows: W-HDR-07 */
static void timer_may_be_made_anew_when_its_waits_are_over(struct kunit *test)
{
	struct pair *p;
	u8 level;

	begin(test);
	p = start_pair(test, NOTIFICATION, WAIT_ANY);
	level = KeRaiseIrqlToDpcLevel();
	KeSetEvent(&p->event, 0, 0);
	KeInitializeTimer(p->timer);
	KUNIT_EXPECT_TRUE(test, list_empty(&p->timer->header.wait_list));
	free_timer(p);
	KeLowerIrql(level);
	expect_end(test, p, NTS_STATUS_SUCCESS + 1);
	migrate_enable();
}

/**
 * struct manual_wait - a wait-any of this task that the case takes step by step
 * @wait: the record
 * @blocks: of @objects
 * @objects: two events that are not signaled
 */
struct manual_wait {
	struct nts_wait wait;
	struct nts_wait_block blocks[2];
	struct nts_header *objects[2];
};

static struct manual_wait *make_manual_wait(struct kunit *test)
{
	struct manual_wait *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	for (i = 0; i < 2; i++) {
		m->objects[i] = kzalloc(sizeof(*m->objects[i]), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, m->objects[i]);
		KeInitializeEvent(m->objects[i], SYNCHRONIZATION, 0);
	}
	nts_wait_init(&m->wait, m->blocks, m->objects, 2, false);
	m->wait.task = current;
	return m;
}

static void free_events(struct manual_wait *m)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		kfree(m->objects[i]);
}

/*
 * The signal comes when the wait is linked to the first object only. Its state
 * tells who set it that the wait has taken it, so the other object may go.
 *
 * Shows: W-HDR-04, W-FIF-01
 */
static void object_of_a_satisfied_wait_is_left_alone(struct kunit *test)
{
	struct manual_wait *m = make_manual_wait(test);

	KUNIT_EXPECT_EQ(test, nts_wait_link_next(&m->blocks[0]), NTS_LINK_DONE);
	KeSetEvent(m->objects[0], 0, 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(m->objects[0]), 0);
	memset(m->objects[1], 0x5a, sizeof(*m->objects[1]));
	free_events(m);
	KUNIT_EXPECT_EQ(test, nts_wait_link_next(&m->blocks[1]), NTS_LINK_OVER);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->wait.state), NTS_WAIT_RELEASED);
	KUNIT_EXPECT_EQ(test, m->wait.status, NTS_STATUS_SUCCESS);
}

/* Shows: W-HDR-04, W-ONE-01 */
static void wait_that_takes_a_signal_leaves_no_trace(struct kunit *test)
{
	struct manual_wait *m = make_manual_wait(test);

	KeSetEvent(m->objects[1], 0, 0);
	nts_wait_try(&m->wait, NTS_WAIT_PENDING, false);
	KUNIT_EXPECT_EQ(test, atomic_read(&m->wait.state), NTS_WAIT_RELEASED);
	KUNIT_EXPECT_EQ(test, m->wait.status, NTS_STATUS_SUCCESS + 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(m->objects[1]), 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&m->objects[0]->wait_list));
	free_events(m);
}

/**
 * struct queue_of_two - waits of this task for one timer
 * @waits: the records, in the order of the list
 * @blocks: one of each
 * @object: of @timer
 * @timer: synchronization
 */
struct queue_of_two {
	struct nts_wait waits[2];
	struct nts_wait_block blocks[2];
	struct nts_header *object;
	struct nts_timer timer;
};

static struct queue_of_two *make_queue_of_two(struct kunit *test)
{
	struct queue_of_two *q = kzalloc(sizeof(*q), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, q);
	KeInitializeTimerEx(&q->timer, SYNCHRONIZATION);
	q->object = &q->timer.header;
	for (i = 0; i < 2; i++) {
		nts_wait_init(&q->waits[i], &q->blocks[i], &q->object, 1,
			      false);
		q->waits[i].task = current;
		nts_wait_try(&q->waits[i], NTS_WAIT_PENDING, false);
	}
	return q;
}

/*
 * The second thread has given up and is about to take its block off when the
 * first one takes the expiry. A failure leaves the memory as it is, for it is
 * linked.
 *
 * Shows: KT-160, KT-166
 */
static void timer_may_go_when_a_waiter_has_given_up(struct kunit *test)
{
	struct queue_of_two *q = make_queue_of_two(test);

	atomic_set(&q->waits[1].state, NTS_WAIT_TIMEOUT);
	KeSetTimer(&q->timer, 0, NULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&q->waits[0].state),
			NTS_WAIT_RELEASED);
	KUNIT_ASSERT_FALSE(test, nts_wait_block_is_linked(&q->blocks[1]));
	KUNIT_ASSERT_TRUE(test, list_empty(&q->object->wait_list));
	kfree(q);
}

/* Shows: W-HDR-07 */
static void init_follows_old_pointers_nowhere(struct kunit *test)
{
	struct nts_mutant *mutex =
		kunit_kzalloc(test, sizeof(*mutex), GFP_KERNEL);
	struct list_head *freed = kmalloc(sizeof(*freed), GFP_KERNEL);
	struct list_head *old[] = { freed, (void *)PAGE_SIZE, (void *)-1 };
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, mutex);
	KUNIT_ASSERT_NOT_NULL(test, freed);
	kfree(freed);
	KeInitializeMutex(mutex, 0);
	for (i = 0; i < ARRAY_SIZE(old); i++) {
		mutex->header.wait_list.next = old[i];
		mutex->entry.next = old[i];
		KeInitializeMutex(mutex, 0);
		KUNIT_EXPECT_TRUE(test, list_empty(&mutex->header.wait_list));
		KUNIT_EXPECT_TRUE(test, list_empty(&mutex->entry));
	}
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-07"), 0);
}

static struct kunit_case wait_over_cases[] = {
	KUNIT_CASE(timer_may_go_when_its_waits_are_over),
	KUNIT_CASE(objects_may_go_when_a_signal_has_ended_the_wait),
	KUNIT_CASE(objects_may_go_when_an_alert_has_ended_the_wait),
	KUNIT_CASE(timer_may_go_behind_the_wait_that_it_ends),
	KUNIT_CASE(event_of_a_wait_all_outlives_its_timer),
	KUNIT_CASE(timer_may_be_made_anew_when_its_waits_are_over),
	KUNIT_CASE(object_of_a_satisfied_wait_is_left_alone),
	KUNIT_CASE(wait_that_takes_a_signal_leaves_no_trace),
	KUNIT_CASE(timer_may_go_when_a_waiter_has_given_up),
	KUNIT_CASE(init_follows_old_pointers_nowhere),
	{}
};

static struct kunit_suite wait_over_suite = {
	.name = "ntshim_wait_over",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_over_cases,
};

kunit_test_suite(wait_over_suite);
