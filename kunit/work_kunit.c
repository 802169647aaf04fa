// SPDX-License-Identifier: GPL-2.0
/*
 * Work items: where they run, who owns them meanwhile, misuse, unload.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../shim/ex_work.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/verifier.h"
#include "../shim/work.h"
#include "helpers.h"

#define DELAYED 1

/* Far above what the cases need. */
#define PATIENCE_JIFFIES (30 * HZ)

/**
 * struct seen - what a routine saw
 * @object: its first argument
 * @item: its third argument
 * @irql: level it ran at
 * @runs: how often it ran
 * @again: how often it queues its item once more
 * @ran: completed at its end
 */
struct seen {
	void *object;
	void *item;
	u8 irql;
	atomic_t runs;
	int again;
	struct completion ran;
};

static struct seen *new_seen(struct kunit *test)
{
	struct seen *seen = kunit_kzalloc(test, sizeof(*seen), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, seen);
	init_completion(&seen->ran);
	return seen;
}

static void expect_run(struct kunit *test, struct seen *seen)
{
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&seen->ran,
							    PATIENCE_JIFFIES));
}

/* The items of a crowd see the same at the same time. */
static void see(struct seen *seen, void *object, void *item)
{
	WRITE_ONCE(seen->object, object);
	WRITE_ONCE(seen->item, item);
	WRITE_ONCE(seen->irql, KeGetCurrentIrql());
	atomic_inc(&seen->runs);
}

static void see_fn(void *object, void *context)
{
	struct seen *seen = context;

	see(seen, object, NULL);
	complete(&seen->ran);
}

/* Shows: Q-IO-01, Q-IO-02, Q-IO-06, I-RUN-01 */
static void item_runs_at_passive_level(struct kunit *test)
{
	struct seen *seen = new_seen(test);
	struct nts_io_work *item;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "no allocation in atomic context there");
	local_bh_disable();
	item = IoAllocateWorkItem(test);
	if (item)
		IoQueueWorkItem(item, see_fn, DELAYED, seen);
	local_bh_enable();
	KUNIT_ASSERT_NOT_NULL(test, item);
	expect_run(test, seen);
	KUNIT_EXPECT_PTR_EQ(test, seen->object, (void *)test);
	KUNIT_EXPECT_EQ(test, seen->irql, 0);
	IoFreeWorkItem(item);
}

static void queue_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	IoQueueWorkItem(context, see_fn, DELAYED, arg1);
}

/* Shows: Q-IO-02 */
static void dpc_may_queue_an_item(struct kunit *test)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KUNIT_ASSERT_NOT_NULL(test, item);
	KeInitializeDpc(dpc, queue_fn, item);
	KeInsertQueueDpc(dpc, seen, NULL);
	expect_run(test, seen);
	IoFreeWorkItem(item);
}

static void free_item_fn(void *object, void *context, struct nts_io_work *item)
{
	struct seen *seen = context;

	IoFreeWorkItem(item);
	see(seen, object, item);
	complete(&seen->ran);
}

/* Shows: Q-IO-02, Q-IO-03 */
static void routine_may_free_its_item(struct kunit *test)
{
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, item);
	IoQueueWorkItemEx(item, free_item_fn, DELAYED, seen);
	expect_run(test, seen);
	KUNIT_EXPECT_PTR_EQ(test, seen->item, (void *)item);
	KUNIT_EXPECT_PTR_EQ(test, seen->object, (void *)test);
}

static void free_memory_fn(void *object, void *context,
			   struct nts_io_work *item)
{
	struct seen *seen = context;

	IoUninitializeWorkItem(item);
	kfree(item);
	complete(&seen->ran);
}

/* Shows: Q-IO-01, Q-IO-03 */
static void item_in_own_memory_may_be_freed(struct kunit *test)
{
	struct nts_io_work *item = kmalloc(IoSizeofWorkItem(), GFP_KERNEL);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, item);
	memset(item, 0x55, IoSizeofWorkItem());
	IoInitializeWorkItem(test, item);
	IoQueueWorkItemEx(item, free_memory_fn, DELAYED, seen);
	expect_run(test, seen);
}

static void again_fn(void *object, void *context, struct nts_io_work *item)
{
	struct seen *seen = context;

	see(seen, object, item);
	if (seen->again--)
		IoQueueWorkItemEx(item, again_fn, DELAYED, seen);
	else
		complete(&seen->ran);
}

/* Shows: Q-IO-03 */
static void routine_may_queue_its_item_again(struct kunit *test)
{
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, item);
	seen->again = 100;
	IoQueueWorkItemEx(item, again_fn, DELAYED, seen);
	expect_run(test, seen);
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), 101);
	IoFreeWorkItem(item);
}

#define AGAIN_MANY 20000

/*
 * Each time the routine has queued its item and not returned yet, or returned
 * and not been called again, is a moment at which something is left.
 */
/* Shows: Q-EX-02, Q-IO-03 */
static void unload_sees_an_item_that_queues_itself(struct kunit *test)
{
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, item);
	seen->again = AGAIN_MANY;
	IoQueueWorkItemEx(item, again_fn, DELAYED, seen);
	nts_work_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), AGAIN_MANY + 1);
	nts_test_take_findings("Q-IO-09");
	expect_run(test, seen);
	nts_work_finish_driver(THIS_MODULE);
	IoFreeWorkItem(item);
}

/**
 * struct ex_job - a WORK_QUEUE_ITEM in memory that its routine frees
 * @work: the item
 * @seen: what the routine saw
 */
struct ex_job {
	struct nts_work work;
	struct seen *seen;
};

static void ex_fn(void *context)
{
	struct ex_job *job = context;
	struct seen *seen = job->seen;

	kfree(job);
	see(seen, NULL, NULL);
	complete(&seen->ran);
}

/* Shows: Q-EX-01, Q-IO-03 */
static void ex_item_may_be_freed_by_its_routine(struct kunit *test)
{
	struct ex_job *job = kzalloc(sizeof(*job), GFP_KERNEL);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, job);
	job->seen = seen;
	job->work.routine = ex_fn;
	job->work.context = job;
	ExQueueWorkItem(&job->work, DELAYED);
	expect_run(test, seen);
	KUNIT_EXPECT_EQ(test, seen->irql, 0);
}

/* Shows: Q-IO-08 */
static void every_queue_type_is_accepted(struct kunit *test)
{
	static const u32 types[] = { 0, 1, 2, 3, 4, 5, 6, 32, 32 + 12, 32 + 31 };
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, item);
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		IoQueueWorkItem(item, see_fn, types[i], seen);
		expect_run(test, seen);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), ARRAY_SIZE(types));
	IoFreeWorkItem(item);
}

static void raise_fn(void *object, void *context)
{
	struct seen *seen = context;

	KfRaiseIrql(2);
	complete(&seen->ran);
}

/* Shows: Q-IO-06, I-LVL-06 */
static void routine_that_returns_raised_is_reported(struct kunit *test)
{
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, item);
	IoQueueWorkItem(item, raise_fn, DELAYED, seen);
	expect_run(test, seen);
	nts_work_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-06"), 1);
	IoFreeWorkItem(item);
}

/**
 * struct crowd - items whose routines block until an event is set
 * @items: all of them
 * @count: how many
 * @event: ends them
 * @running: how many have started
 * @ended: how many have ended
 */
struct crowd {
	struct nts_io_work *items;
	unsigned int count;
	struct nts_header event;
	atomic_t running;
	atomic_t ended;
};

static void block_fn(void *object, void *context)
{
	struct crowd *crowd = context;

	atomic_inc(&crowd->running);
	KeWaitForSingleObject(&crowd->event, 0, 0, 0, NULL);
	atomic_inc(&crowd->ended);
}

static struct crowd *start_crowd(struct kunit *test, unsigned int count)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd->count = count;
	crowd->items =
		kunit_kcalloc(test, count, sizeof(*crowd->items), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, crowd->items);
	KeInitializeEvent(&crowd->event, 0, 0);
	for (i = 0; i < count; i++) {
		IoInitializeWorkItem(NULL, &crowd->items[i]);
		IoQueueWorkItem(&crowd->items[i], block_fn, DELAYED, crowd);
	}
	nts_test_await_waits(test, &crowd->event, min(count, NTS_WORKERS));
	return crowd;
}

static void end_crowd(struct kunit *test, struct crowd *crowd)
{
	KeSetEvent(&crowd->event, 0, 0);
	nts_work_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd->ended), crowd->count);
}

static void set_fn(void *object, void *context)
{
	KeSetEvent(context, 0, 0);
}

/* Shows: Q-IO-07 */
static void blocked_items_stop_nobody(struct kunit *test)
{
	struct crowd *crowd = start_crowd(test, 200);
	struct nts_io_work *item = IoAllocateWorkItem(NULL);

	KUNIT_ASSERT_NOT_NULL(test, item);
	IoQueueWorkItem(item, set_fn, DELAYED, &crowd->event);
	nts_work_finish_driver(THIS_MODULE);
	nts_test_take_findings("Q-IO-09");
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd->ended), 200);
	IoFreeWorkItem(item);
}

/* Shows: Q-IO-04, Q-IO-02, Q-EX-01 */
static void queueing_twice_is_reported(struct kunit *test)
{
	struct crowd *crowd = start_crowd(test, NTS_WORKERS);
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);
	struct ex_job *job = kzalloc(sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, item);
	KUNIT_ASSERT_NOT_NULL(test, job);
	IoQueueWorkItem(item, see_fn, DELAYED, seen);
	IoQueueWorkItem(item, see_fn, DELAYED, seen);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-04"), 1);
	KUNIT_EXPECT_FALSE(test,
			   IoTryQueueWorkItem(item, again_fn, DELAYED, seen));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-04"), 0);

	job->seen = seen;
	job->work.routine = ex_fn;
	job->work.context = job;
	ExQueueWorkItem(&job->work, DELAYED);
	ExQueueWorkItem(&job->work, DELAYED);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-04"), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), 0);

	end_crowd(test, crowd);
	nts_test_take_findings("Q-IO-09");
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), 2);
	IoFreeWorkItem(item);
}

/* Shows: Q-IO-04, Q-EX-01 */
static void init_of_a_queued_item_is_reported(struct kunit *test)
{
	struct crowd *crowd = start_crowd(test, NTS_WORKERS);
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);
	struct ex_job *job = kmalloc(sizeof(*job), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, item);
	KUNIT_ASSERT_NOT_NULL(test, job);
	IoQueueWorkItem(item, see_fn, DELAYED, seen);
	IoInitializeWorkItem(test, item);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("Q-IO-04", 0x96, 0), 1);

	job->seen = seen;
	INIT_LIST_HEAD(&job->work.link);
	ExpInitializeWorkItem(&job->work, ex_fn, job);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-04"), 0);
	ExQueueWorkItem(&job->work, DELAYED);
	ExpInitializeWorkItem(&job->work, ex_fn, job);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("Q-IO-04", 0x96, 0), 1);
	ExQueueWorkItem(&job->work, DELAYED);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-04"), 1);

	end_crowd(test, crowd);
	nts_test_take_findings("Q-IO-09");
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), 2);
	IoFreeWorkItem(item);
}

/* Shows: P-FRE-02, V-30 */
static void free_of_a_queued_item_is_reported(struct kunit *test)
{
	struct crowd *crowd = start_crowd(test, NTS_WORKERS);
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct seen *seen = new_seen(test);

	KUNIT_ASSERT_NOT_NULL(test, item);
	IoQueueWorkItem(item, see_fn, DELAYED, seen);
	IoFreeWorkItem(item);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-02"), 1);
	end_crowd(test, crowd);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-09"), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), 0);
}

static int finish_fn(void *data)
{
	nts_work_finish_driver(THIS_MODULE);
	complete(data);
	return 0;
}

/* Shows: Q-IO-09, Q-EX-02, V-30 */
static void unload_waits_for_items(struct kunit *test)
{
	struct crowd *crowd = start_crowd(test, NTS_WORKERS + 3);
	DECLARE_COMPLETION_ONSTACK(finished);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(finish_fn, &finished,
						       "nts-finish"));
	KUNIT_EXPECT_EQ(test, nts_test_await_findings("Q-IO-09", 3), 3);
	KUNIT_EXPECT_FALSE(test,
			   wait_for_completion_timeout(&finished, HZ / 20));
	KeSetEvent(&crowd->event, 0, 0);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&finished,
							    PATIENCE_JIFFIES));
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd->ended), crowd->count);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("Q-IO-09"), 0);
}

#define RACE_ROUNDS 500

static int queue_many(void *data)
{
	struct seen *seen = data;
	struct ex_job *job;
	unsigned int i;

	for (i = 0; i < RACE_ROUNDS; i++) {
		job = kzalloc(sizeof(*job), GFP_KERNEL);
		if (!job)
			break;
		job->seen = seen;
		job->work.routine = ex_fn;
		job->work.context = job;
		ExQueueWorkItem(&job->work, i % 2);
	}
	complete(&seen->ran);
	return 0;
}

/* Shows: Q-IO-03, Q-IO-07 */
static void every_queued_item_runs_once(struct kunit *test)
{
	struct seen *seen = new_seen(test);
	unsigned int i;

	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(queue_many, seen,
							       "nts-work"));
	/* Every item and both threads complete. */
	for (i = 0; i < 2 * RACE_ROUNDS + 2; i++)
		expect_run(test, seen);
	nts_work_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, atomic_read(&seen->runs), 2 * RACE_ROUNDS);
	KUNIT_EXPECT_FALSE(test, try_wait_for_completion(&seen->ran));
}

#define TRY_ROUNDS 20000

/**
 * struct tries - two threads that queue the same item whenever it is not queued
 * @item: the item
 * @runs: of each call; its address is the call's context
 * @wrong: calls by the other call's routine
 * @queued: calls that were queued, by each thread
 * @next: index in @runs of the next call
 * @ended: completed by each thread
 */
struct tries {
	struct nts_io_work *item;
	atomic_t *runs;
	atomic_t wrong;
	atomic_t queued;
	atomic_t next;
	struct completion ended;
};

/* Even calls have the first routine, odd ones the second. */
static void count_try(struct tries *tries, atomic_t *run, int parity)
{
	atomic_inc(run);
	if ((run - tries->runs) % 2 != parity)
		atomic_inc(&tries->wrong);
}

static void even_fn(void *object, void *context, struct nts_io_work *item)
{
	count_try(object, context, 0);
}

static void odd_fn(void *object, void *context, struct nts_io_work *item)
{
	count_try(object, context, 1);
}

/* Lets the worker run where only sleep lets time pass. */
static void pause_try(void)
{
	if (nts_test_time_is_simulated())
		usleep_range(1, 2);
	else
		cond_resched();
}

static int try_many(void *data)
{
	struct tries *tries = data;
	int call;

	while ((call = atomic_fetch_inc(&tries->next)) < TRY_ROUNDS) {
		while (!IoTryQueueWorkItem(tries->item,
					   call % 2 ? odd_fn : even_fn, DELAYED,
					   &tries->runs[call]))
			pause_try();
		atomic_inc(&tries->queued);
	}
	complete(&tries->ended);
	return 0;
}

static struct tries *new_tries(struct kunit *test)
{
	struct tries *tries = kunit_kzalloc(test, sizeof(*tries), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, tries);
	tries->runs = kunit_kcalloc(test, TRY_ROUNDS, sizeof(*tries->runs),
				    GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, tries->runs);
	init_completion(&tries->ended);
	tries->item = IoAllocateWorkItem(tries);
	KUNIT_ASSERT_NOT_NULL(test, tries->item);
	return tries;
}

/*
 * An item is free as soon as it is taken off its queue, so the next call is
 * often queued before the routine of the last one has been entered.
 */
/* Shows: Q-IO-02, Q-IO-03 */
static void each_call_keeps_its_routine_and_context(struct kunit *test)
{
	struct tries *tries = new_tries(test);
	unsigned int i, once = 0;

	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(try_many, tries,
							       "nts-try"));
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_TRUE(test,
				  wait_for_completion_timeout(&tries->ended,
							      PATIENCE_JIFFIES));
	nts_work_finish_driver(THIS_MODULE);
	nts_test_take_findings("Q-IO-09");
	for (i = 0; i < TRY_ROUNDS; i++)
		once += atomic_read(&tries->runs[i]) == 1;
	KUNIT_EXPECT_EQ(test, atomic_read(&tries->queued), TRY_ROUNDS);
	KUNIT_EXPECT_EQ(test, once, TRY_ROUNDS);
	KUNIT_EXPECT_EQ(test, atomic_read(&tries->wrong), 0);
	IoFreeWorkItem(tries->item);
}

static void never_fn(void *context)
{
}

/* Shows: P-FRE-02, V-30 */
static void queued_item_in_freed_memory_is_taken_off(struct kunit *test)
{
	struct crowd *crowd = start_crowd(test, NTS_WORKERS);
	struct nts_work *item = ExAllocatePool2(0x40, 2 * sizeof(*item), 1);
	enum nts_verifier_mode before = nts_verifier_mode();

	KUNIT_ASSERT_NOT_NULL(test, item);
	item[1].routine = never_fn;
	ExQueueWorkItem(&item[1], DELAYED);
	nts_verifier_switch(NTS_VERIFIER_ON);
	ExFreePool(item);
	nts_verifier_switch(before);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-02"), 1);
	end_crowd(test, crowd);
}

/* Shows: P-FRE-01, Q-IO-01 */
static void free_of_no_item_is_reported(struct kunit *test)
{
	static struct {
		u64 before[2];
		u8 item[256];
	} garbage __aligned(32);

	memset(&garbage, 0x6b, sizeof(garbage));
	IoFreeWorkItem((struct nts_io_work *)garbage.item);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-01"), 1);
	KUNIT_EXPECT_EQ(test, garbage.item[0], 0x6b);
	IoFreeWorkItem(NULL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-01"), 1);
}

static struct kunit_case work_cases[] = {
	KUNIT_CASE(item_runs_at_passive_level),
	KUNIT_CASE(dpc_may_queue_an_item),
	KUNIT_CASE(routine_may_free_its_item),
	KUNIT_CASE(free_of_no_item_is_reported),
	KUNIT_CASE(item_in_own_memory_may_be_freed),
	KUNIT_CASE(routine_may_queue_its_item_again),
	KUNIT_CASE(unload_sees_an_item_that_queues_itself),
	KUNIT_CASE(ex_item_may_be_freed_by_its_routine),
	KUNIT_CASE(every_queue_type_is_accepted),
	KUNIT_CASE(routine_that_returns_raised_is_reported),
	KUNIT_CASE(blocked_items_stop_nobody),
	KUNIT_CASE(queueing_twice_is_reported),
	KUNIT_CASE(init_of_a_queued_item_is_reported),
	KUNIT_CASE(free_of_a_queued_item_is_reported),
	KUNIT_CASE(queued_item_in_freed_memory_is_taken_off),
	KUNIT_CASE(unload_waits_for_items),
	KUNIT_CASE(every_queued_item_runs_once),
	KUNIT_CASE(each_call_keeps_its_routine_and_context),
	{}
};

static struct kunit_suite work_suite = {
	.name = "ntshim_work",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = work_cases,
};

kunit_test_suite(work_suite);
