// SPDX-License-Identifier: GPL-2.0
/*
 * EX_TIMER's callbacks and deletion through the exported routines, on real
 * events: what a callback may do, and what a waiting delete waits for.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/poison.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "ex_timer.h"

#define SHORT_100NS (2 * UNITS_PER_MS)
#define FAR_100NS (3600 * UNITS_PER_SEC)
#define PATIENCE (30 * HZ)

/**
 * struct actor - a timer whose callback does something to it
 * @timer: it
 * @act: what
 * @calls: of the callback
 * @results: what the calls inside the callback have returned, one bit each
 * @ends: of the delete callback
 * @after_end: @act ran after the delete callback
 * @level: KIRQL in the delete callback
 * @ended: completed by the delete callback
 * @entered: the callback is running and spins until @release
 * @release: lets it go
 */
struct actor {
	struct nts_systimer *timer;
	void (*act)(struct actor *actor, struct nts_systimer *timer);
	atomic_t calls;
	u32 results;
	atomic_t ends;
	bool after_end;
	u8 level;
	struct completion ended;
	struct completion entered;
	bool release;
};

static void act_fn(struct nts_systimer *timer, void *context)
{
	struct actor *actor = context;

	if (atomic_read(&actor->ends))
		actor->after_end = true;
	atomic_inc(&actor->calls);
	actor->act(actor, timer);
}

static void end_fn(void *context)
{
	struct actor *actor = context;

	actor->level = nts_irql_current();
	atomic_inc(&actor->ends);
	complete(&actor->ended);
}

static void start(struct kunit *test, struct actor *actor,
		  void (*act)(struct actor *actor, struct nts_systimer *timer))
{
	memset(actor, 0, sizeof(*actor));
	actor->act = act;
	init_completion(&actor->ended);
	init_completion(&actor->entered);
	actor->timer = ExAllocateTimer(act_fn, actor, EX_NOTIFICATION);
	KUNIT_ASSERT_NOT_NULL(test, actor->timer);
}

static u8 end_timer(struct actor *actor, bool cancel, bool wait)
{
	struct nts_ext_delete parameters = { .callback = end_fn,
					     .context = actor };
	u8 result = ExDeleteTimer(actor->timer, cancel, wait, &parameters);

	memset(&parameters, 0x55, sizeof(parameters));
	return result;
}

/* The end has come, once, after all calls; the actor may go. */
static void expect_ended(struct kunit *test, struct actor *actor)
{
	KUNIT_EXPECT_TRUE(test,
			  wait_for_completion_timeout(&actor->ended, PATIENCE));
	nts_dpc_flush();
	KUNIT_EXPECT_EQ(test, atomic_read(&actor->ends), 1);
	KUNIT_EXPECT_EQ(test, actor->level, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_FALSE(test, actor->after_end);
}

static void set_again(struct actor *actor, struct nts_systimer *timer)
{
	if (atomic_read(&actor->calls) < 20)
		actor->results |= ExSetTimer(timer, -10, 0, NULL);
	else
		end_timer(actor, true, false);
}

/* Shows: ET-084, ET-087, ET-085 */
static void callback_may_set_its_one_shot_again(struct kunit *test)
{
	struct actor actor;

	start(test, &actor, set_again);
	ExSetTimer(actor.timer, -10, 0, NULL);
	expect_ended(test, &actor);
	KUNIT_EXPECT_EQ(test, atomic_read(&actor.calls), 20);
	KUNIT_EXPECT_EQ(test, actor.results, 0);
}

static void cancel_twice(struct actor *actor, struct nts_systimer *timer)
{
	actor->results |= ExCancelTimer(timer, NULL);
	actor->results |= ExCancelTimer(timer, NULL) << 1;
	complete(&actor->entered);
}

/* Shows: ET-084, ET-066, ET-064 */
static void callback_may_cancel_its_periodic_timer(struct kunit *test)
{
	struct actor actor;

	start(test, &actor, cancel_twice);
	ExSetTimer(actor.timer, -SHORT_100NS, FAR_100NS / 1000, NULL);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&actor.entered,
							    PATIENCE));
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, true), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&actor.calls), 1);
	KUNIT_EXPECT_EQ(test, actor.results, 1);
	expect_ended(test, &actor);
}

/* What Timer designates is there until the callback returns. */
static void delete_and_look(struct actor *actor, struct nts_systimer *timer)
{
	actor->results |= end_timer(actor, true, false);
	actor->results |= ExSetTimer(timer, -1, 0, NULL) << 1;
	actor->results |= ExCancelTimer(timer, NULL) << 2;
	actor->results |= ExDeleteTimer(timer, true, false, NULL) << 3;
	actor->results |= atomic_read(&actor->ends) << 4;
}

/* Shows: ET-085, ET-086, ET-103 */
static void callback_may_delete_its_one_shot(struct kunit *test)
{
	struct actor actor;
	int i;

	for (i = 0; i < 50; i++) {
		start(test, &actor, delete_and_look);
		ExSetTimer(actor.timer, -(i + 1), 0, NULL);
		expect_ended(test, &actor);
		KUNIT_EXPECT_EQ(test, atomic_read(&actor.calls), 1);
		KUNIT_EXPECT_EQ(test, actor.results, 0);
	}
}

/* Shows: ET-085, ET-086, ET-109 */
static void callback_may_delete_its_periodic_timer(struct kunit *test)
{
	struct actor actor;
	int i;

	for (i = 0; i < 50; i++) {
		start(test, &actor, delete_and_look);
		ExSetTimer(actor.timer, -(i + 1), FAR_100NS / 1000, NULL);
		expect_ended(test, &actor);
		KUNIT_EXPECT_EQ(test, atomic_read(&actor.calls), 1);
		KUNIT_EXPECT_EQ(test, actor.results, 1);
	}
}

static void delete_and_wait(struct actor *actor, struct nts_systimer *timer)
{
	actor->results |= end_timer(actor, true, true);
}

/* Shows: ET-113 */
static void callback_may_not_wait_for_itself(struct kunit *test)
{
	struct actor actor;

	start(test, &actor, delete_and_wait);
	ExSetTimer(actor.timer, -10, 0, NULL);
	expect_ended(test, &actor);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-113"), 1);
}

static void look_at_signal(struct actor *actor, struct nts_systimer *timer)
{
	static const s64 look_100ns;

	actor->results |= KeWaitForSingleObject(timer, 0, 0, 0, &look_100ns);
	end_timer(actor, true, false);
}

/* Shows: ET-082 */
static void signal_is_set_before_the_callback(struct kunit *test)
{
	struct actor actor;
	int i;

	for (i = 0; i < 50; i++) {
		start(test, &actor, look_at_signal);
		ExSetTimer(actor.timer, -(i + 1), 0, NULL);
		expect_ended(test, &actor);
		KUNIT_EXPECT_EQ(test, atomic_read(&actor.calls), 1);
		KUNIT_EXPECT_EQ(test, actor.results, NTS_STATUS_SUCCESS);
	}
}

static void nothing(struct actor *actor, struct nts_systimer *timer)
{
}

/* Shows: ET-112, ET-113 */
static void wait_at_dispatch_level_is_reported(struct kunit *test)
{
	struct actor actor;

	start(test, &actor, nothing);
	ExSetTimer(actor.timer, -FAR_100NS, 0, NULL);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, true), 1);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-113"), 1);
	expect_ended(test, &actor);
}

/* Shows: ET-102 */
static void wait_without_cancel_is_reported(struct kunit *test)
{
	struct actor actor;

	start(test, &actor, nothing);
	ExSetTimer(actor.timer, -FAR_100NS, 0, NULL);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, false, true), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-102"), 1);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(actor.timer, NULL), 1);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, true), 0);
	expect_ended(test, &actor);
}

/* Shows: ET-114 */
static void bad_delete_parameters_change_nothing(struct kunit *test)
{
	struct nts_ext_delete version = { .version = 1 };
	struct nts_ext_delete reserved = { .reserved = 1 };
	struct actor actor;

	start(test, &actor, nothing);
	ExSetTimer(actor.timer, -FAR_100NS, 0, NULL);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(actor.timer, 1, 0, &version), 0);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(actor.timer, 1, 0, &reserved), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-114"), 2);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(actor.timer, NULL), 1);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(actor.timer, 1, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&actor.ends), 0);
}

/* Shows: ET-111, ET-104, ET-133, ET-134 */
static void wait_for_nothing_returns_with_the_end_done(struct kunit *test)
{
	struct actor actor;

	start(test, &actor, nothing);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, true), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&actor.ends), 1);
	expect_ended(test, &actor);
}

/* False: the delete came too late to tell anything. */
static bool delete_before_the_expiry(struct kunit *test, s64 due_100ns)
{
	struct actor actor;
	u64 set_ns, took_ns;

	start(test, &actor, nothing);
	set_ns = ktime_get_ns();
	ExSetTimer(actor.timer, -due_100ns, 10 * UNITS_PER_MS, NULL);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, false, false), 0);
	took_ns = ktime_get_ns() - set_ns;
	expect_ended(test, &actor);
	if (took_ns >= due_100ns * 100)
		return false;
	KUNIT_EXPECT_EQ(test, atomic_read(&actor.calls), 1);
	return true;
}

/* Shows: ET-105, ET-110, ET-133, ET-134 */
static void deferred_delete_ends_after_the_expiry(struct kunit *test)
{
	s64 due_100ns = SHORT_100NS;

	while (!delete_before_the_expiry(test, due_100ns)) {
		due_100ns *= 2;
		KUNIT_ASSERT_LT(test, due_100ns, 30 * UNITS_PER_SEC);
	}
}

/**
 * struct heir - frees what the callback used, and deletes another timer
 * @actor: the timer that ends
 * @other: another timer
 * @done: completed at the end of the callback
 * @deleted: what the delete of @other returned
 * @count: timers that were left when the end began
 */
struct heir {
	struct actor actor;
	struct nts_systimer *other;
	struct completion *done;
	u8 *deleted;
	unsigned int *count;
};

static void inherit_fn(void *context)
{
	struct heir *heir = context;
	struct completion *done = heir->done;

	*heir->count = nts_systimer_count();
	*heir->deleted = ExDeleteTimer(heir->other, true, false, NULL);
	kfree(heir);
	complete(done);
}

/* Shows: ET-132, ET-135, ET-136 */
static void delete_callback_may_free_the_context(struct kunit *test)
{
	struct heir *heir = kzalloc(sizeof(*heir), GFP_KERNEL);
	struct nts_ext_delete parameters = { .callback = inherit_fn,
					     .context = heir };
	DECLARE_COMPLETION_ONSTACK(done);
	unsigned int count = 0, before;
	u8 deleted = 0;

	KUNIT_ASSERT_NOT_NULL(test, heir);
	start(test, &heir->actor, nothing);
	heir->other = ExAllocateTimer(NULL, NULL, 0);
	KUNIT_ASSERT_NOT_NULL(test, heir->other);
	heir->done = &done;
	heir->deleted = &deleted;
	heir->count = &count;
	ExSetTimer(heir->other, -FAR_100NS, 0, NULL);
	ExSetTimer(heir->actor.timer, -SHORT_100NS, 0, NULL);
	before = nts_systimer_count();
	ExDeleteTimer(heir->actor.timer, false, false, &parameters);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&done, PATIENCE));
	/* The timer itself was freed before the callback. */
	KUNIT_EXPECT_EQ(test, count, before - 1);
	KUNIT_EXPECT_EQ(test, deleted, 1);
	nts_dpc_flush();
}

static void spin(struct actor *actor, struct nts_systimer *timer)
{
	complete(&actor->entered);
	while (!READ_ONCE(actor->release))
		cpu_relax();
}

static int fire_fn(void *data)
{
	struct actor *actor = data;

	/* Its callback runs inside this call, on this processor. */
	ExSetTimer(actor->timer, 0, 0, NULL);
	return 0;
}

/* Keeps a callback of @actor running on a processor that the case does not use. */
static void start_spinning(struct kunit *test, struct actor *actor)
{
	unsigned int home = raw_smp_processor_id();
	unsigned int away = cpumask_any_but(cpu_online_mask, home);
	struct task_struct *task;

	if (away >= nr_cpu_ids)
		kunit_skip(test, "one CPU");
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(home)),
			0);
	start(test, actor, spin);
	task = kthread_create(fire_fn, actor, "nts-fire");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, away);
	wake_up_process(task);
	wait_for_completion(&actor->entered);
}

/**
 * struct deleter - a thread in a waiting delete
 * @actor: whose timer
 * @ends: delete callbacks when the call returned
 * @timers: how many there were then
 * @returned: it has
 */
struct deleter {
	struct actor *actor;
	int ends;
	unsigned int timers;
	struct completion returned;
};

static int delete_fn(void *data)
{
	struct deleter *deleter = data;

	end_timer(deleter->actor, true, true);
	deleter->ends = atomic_read(&deleter->actor->ends);
	deleter->timers = nts_systimer_count();
	complete(&deleter->returned);
	return 0;
}

static void start_deleter(struct kunit *test, struct deleter *deleter,
			  struct actor *actor)
{
	struct task_struct *task;

	deleter->actor = actor;
	init_completion(&deleter->returned);
	task = kthread_create(delete_fn, deleter, "nts-delete");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, raw_smp_processor_id());
	wake_up_process(task);
	while (!nts_systimer_is_disabled(actor->timer))
		usleep_range(50, 100);
}

/* Shows: ET-111, ET-134, ET-108 */
static void wait_covers_running_callback(struct kunit *test)
{
	unsigned int before = nts_systimer_count();
	struct deleter deleter;
	struct actor actor;

	start_spinning(test, &actor);
	start_deleter(test, &deleter, &actor);
	/* The callback runs, so neither the end nor the return may come. */
	KUNIT_EXPECT_EQ(test,
			wait_for_completion_timeout(&deleter.returned, HZ / 20),
			0);
	KUNIT_EXPECT_EQ(test, atomic_read(&actor.ends), 0);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before + 1);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, true), 0);
	WRITE_ONCE(actor.release, true);
	wait_for_completion(&deleter.returned);
	KUNIT_EXPECT_EQ(test, deleter.ends, 1);
	KUNIT_EXPECT_EQ(test, deleter.timers, before);
	expect_ended(test, &actor);
}

/* Shows: ET-110, ET-066 */
static void nothing_else_waits_for_a_callback(struct kunit *test)
{
	struct actor actor;

	start_spinning(test, &actor);
	KUNIT_EXPECT_EQ(test, ExSetTimer(actor.timer, -FAR_100NS, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(actor.timer, NULL), 1);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, false), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&actor.ends), 0);
	WRITE_ONCE(actor.release, true);
	expect_ended(test, &actor);
}

/* Shows: ET-083 */
static void callback_runs_on_two_processors_at_once(struct kunit *test)
{
	struct actor actor;

	start_spinning(test, &actor);
	WRITE_ONCE(actor.act, nothing);
	/* This expiry's callback runs here, while the other one spins. */
	KUNIT_EXPECT_EQ(test, ExSetTimer(actor.timer, 0, 0, NULL), 0);
	while (atomic_read(&actor.calls) < 2)
		usleep_range(50, 100);
	WRITE_ONCE(actor.release, true);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, true), 0);
	expect_ended(test, &actor);
}

/* Shows: ET-067, ET-118 */
static void flush_covers_callbacks(struct kunit *test)
{
	struct ex_calls *calls;
	struct nts_systimer *timer;
	unsigned int before = nts_systimer_count();
	int i;

	for (i = 0; i < 200; i++) {
		calls = kzalloc(sizeof(*calls), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, calls);
		timer = ExAllocateTimer(nts_test_ex_callback, calls, 0);
		KUNIT_ASSERT_NOT_NULL(test, timer);
		ExSetTimer(timer, -(i + 1), 20 * UNITS_PER_MS, NULL);
		udelay(i % 20);
		KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 0, NULL), 1);
		KeFlushQueuedDpcs();
		KUNIT_EXPECT_EQ(test, nts_systimer_count(), before);
		memset(calls, POISON_FREE, sizeof(*calls));
		kfree(calls);
	}
}

/* Shows: ET-116 */
static void waiter_keeps_a_deleted_timer(struct kunit *test)
{
	/* The timer must go before the wait ends, on a busy machine too. */
	static const s64 soon_100ns = -UNITS_PER_SEC;
	unsigned int before = nts_systimer_count();
	struct nts_test_waiter waiter;
	struct actor actor;

	start(test, &actor, nothing);
	ExSetTimer(actor.timer, -FAR_100NS, 0, NULL);
	nts_test_start_waiter(test, &waiter, actor.timer, &soon_100ns);
	KUNIT_EXPECT_EQ(test, end_timer(&actor, true, true), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-116"), 1);
	expect_ended(test, &actor);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before + 1);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&waiter));
	KUNIT_EXPECT_EQ(test, waiter.status, NTS_STATUS_TIMEOUT);
	/* Whoever makes a timer next frees what nobody waits for any more. */
	start(test, &actor, nothing);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before + 1);
	end_timer(&actor, true, true);
}

/* Shows: ET-191, ET-017 */
static void deleted_timers_leave_nothing(struct kunit *test)
{
	struct nts_systimer_leftover left;
	struct actor waited, flushed;

	start(test, &waited, nothing);
	ExSetTimer(waited.timer, -10, 20 * UNITS_PER_MS, NULL);
	start(test, &flushed, nothing);
	ExSetTimer(flushed.timer, -10, 20 * UNITS_PER_MS, NULL);
	KUNIT_EXPECT_EQ(test, end_timer(&waited, true, true), 1);
	KUNIT_EXPECT_EQ(test, end_timer(&flushed, true, false), 1);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&waited.ends), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&flushed.ends), 1);
	KUNIT_EXPECT_FALSE(test,
			   nts_systimer_take_leftover(THIS_MODULE, &left));
}

/* Shows: ET-192, ET-017 */
static void leftovers_are_found_and_ended(struct kunit *test)
{
	unsigned int before = nts_systimer_count(), found = 0, deleted = 0;
	struct nts_systimer_leftover left;
	struct actor forgotten, deferred;

	start(test, &forgotten, nothing);
	ExSetTimer(forgotten.timer, -FAR_100NS, 0, NULL);
	start(test, &deferred, nothing);
	ExSetTimer(deferred.timer, -FAR_100NS, 0, NULL);
	KUNIT_EXPECT_EQ(test, end_timer(&deferred, false, false), 0);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before + 2);
	while (nts_systimer_take_leftover(THIS_MODULE, &left)) {
		KUNIT_EXPECT_EQ(test, left.culprit, (unsigned long)act_fn);
		found++;
		deleted += left.deleted;
	}
	KUNIT_EXPECT_EQ(test, found, 2);
	KUNIT_EXPECT_EQ(test, deleted, 1);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), before);
	KUNIT_EXPECT_EQ(test, atomic_read(&deferred.ends), 0);
}

static struct kunit_case ex_timer_live_cases[] = {
	KUNIT_CASE(callback_may_set_its_one_shot_again),
	KUNIT_CASE(callback_may_cancel_its_periodic_timer),
	KUNIT_CASE(callback_may_delete_its_one_shot),
	KUNIT_CASE(callback_may_delete_its_periodic_timer),
	KUNIT_CASE(signal_is_set_before_the_callback),
	KUNIT_CASE(callback_may_not_wait_for_itself),
	KUNIT_CASE(wait_at_dispatch_level_is_reported),
	KUNIT_CASE(wait_without_cancel_is_reported),
	KUNIT_CASE(bad_delete_parameters_change_nothing),
	KUNIT_CASE(wait_for_nothing_returns_with_the_end_done),
	KUNIT_CASE(deferred_delete_ends_after_the_expiry),
	KUNIT_CASE(delete_callback_may_free_the_context),
	KUNIT_CASE(wait_covers_running_callback),
	KUNIT_CASE(nothing_else_waits_for_a_callback),
	KUNIT_CASE(callback_runs_on_two_processors_at_once),
	KUNIT_CASE(flush_covers_callbacks),
	KUNIT_CASE(waiter_keeps_a_deleted_timer),
	KUNIT_CASE(deleted_timers_leave_nothing),
	KUNIT_CASE(leftovers_are_found_and_ended),
	{}
};

static struct kunit_suite ex_timer_live_suite = {
	.name = "ntshim_ex_timer_live",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = ex_timer_live_cases,
};

kunit_test_suite(ex_timer_live_suite);
