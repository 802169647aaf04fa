// SPDX-License-Identifier: GPL-2.0
/*
 * What PREEMPT_RT does differently, as docs/design.md lists it. For kernels
 * built so; what the other suites show holds there too.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/prio.h>
#include <linux/smp.h>

#include "../shim/ex_timer.h"
#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "helpers.h"

#define NON_PAGED 0x40
#define TAG 0x3152544e

/**
 * struct urgent - a real-time thread on the processor of the case
 * @task: not yet woken after start_urgent()
 * @ran: it has run
 * @level: at which it found itself
 * @done: completed when it has run
 */
struct urgent {
	struct task_struct *task;
	bool ran;
	u8 level;
	struct completion done;
};

static int urgent_fn(void *data)
{
	struct urgent *urgent = data;

	urgent->level = KeGetCurrentIrql();
	WRITE_ONCE(urgent->ran, true);
	complete(&urgent->done);
	return 0;
}

/* A case runs on the first processor, and so does what it wakes. */
static int preempt_rt_init(struct kunit *test)
{
	set_cpus_allowed_ptr(current, cpumask_of(0));
	return nts_test_init(test);
}

static void preempt_rt_exit(struct kunit *test)
{
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	nts_test_exit(test);
}

static struct urgent *new_urgent(struct kunit *test)
{
	struct urgent *urgent =
		kunit_kzalloc(test, sizeof(*urgent), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, urgent);
	init_completion(&urgent->done);
	urgent->task = kthread_create(urgent_fn, urgent, "nts-urgent");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, urgent->task);
	set_cpus_allowed_ptr(urgent->task, cpumask_of(0));
	sched_set_fifo(urgent->task);
	return urgent;
}

/* Shows: I-CTX-10 */
static void thread_at_dispatch_level_gives_way_and_stays(struct kunit *test)
{
	struct urgent *urgent = new_urgent(test);
	bool ran, stays;
	u8 old, level;

	KeRaiseIrql(NTS_DISPATCH_LEVEL, &old);
	wake_up_process(urgent->task);
	ran = READ_ONCE(urgent->ran);
	level = KeGetCurrentIrql();
	stays = current->migration_disabled;
	KeLowerIrql(old);
	wait_for_completion(&urgent->done);
	KUNIT_EXPECT_TRUE(test, ran);
	KUNIT_EXPECT_TRUE(test, stays);
	/* The level belongs to the thread that raised it. */
	KUNIT_EXPECT_EQ(test, level, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, urgent->level, NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
}

/* Shows: I-CTX-10 */
static void holder_of_a_spin_lock_does_not_give_way(struct kunit *test)
{
	struct urgent *urgent = new_urgent(test);
	struct nts_spinlock lock = {};
	bool ran;
	u8 old;

	old = KeAcquireSpinLockRaiseToDpc(&lock);
	wake_up_process(urgent->task);
	ran = READ_ONCE(urgent->ran);
	KeReleaseSpinLock(&lock, old);
	wait_for_completion(&urgent->done);
	KUNIT_EXPECT_FALSE(test, ran);
}

/* Shows: I-CTX-10 */
static void allocation_needs_preemption(struct kunit *test)
{
	void *block, *at_dispatch, *under_lock, *timer;
	struct nts_spinlock lock = {};
	u8 old;

	KeRaiseIrql(NTS_DISPATCH_LEVEL, &old);
	at_dispatch = ExAllocatePool2(NON_PAGED, 100, TAG);
	KeLowerIrql(old);
	old = KeAcquireSpinLockRaiseToDpc(&lock);
	under_lock = ExAllocatePool2(NON_PAGED, 100, TAG);
	timer = ExAllocateTimer(NULL, NULL, 0);
	KeReleaseSpinLock(&lock, old);
	block = ExAllocatePool2(NON_PAGED, 100, TAG);
	KUNIT_EXPECT_NOT_NULL(test, at_dispatch);
	KUNIT_EXPECT_NULL(test, under_lock);
	KUNIT_EXPECT_NULL(test, timer);
	KUNIT_EXPECT_NOT_NULL(test, block);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-CTX-10"), 2);
	ExFreePoolWithTag(at_dispatch, TAG);
	ExFreePoolWithTag(block, TAG);
}

#define PAGES_SIZE (64 * 1024)

static const size_t freed_sizes[] = { 8, 1000, PAGE_SIZE, PAGES_SIZE };

/* Shows: I-CTX-10 */
static void memory_may_be_freed_under_a_spin_lock(struct kunit *test)
{
	void *blocks[ARRAY_SIZE(freed_sizes)];
	struct nts_spinlock lock = {};
	unsigned int i;
	u8 old;

	for (i = 0; i < ARRAY_SIZE(blocks); i++) {
		blocks[i] = ExAllocatePool2(NON_PAGED, freed_sizes[i], TAG);
		KUNIT_ASSERT_NOT_NULL(test, blocks[i]);
	}
	old = KeAcquireSpinLockRaiseToDpc(&lock);
	for (i = 0; i < ARRAY_SIZE(blocks); i++)
		ExFreePoolWithTag(blocks[i], TAG);
	KeReleaseSpinLock(&lock, old);
}

/* Shows: I-CTX-10 */
static void timer_may_be_deleted_under_a_spin_lock(struct kunit *test)
{
	struct nts_systimer *timer = ExAllocateTimer(NULL, NULL, 0);
	unsigned int count = nts_systimer_count();
	struct nts_spinlock lock = {};
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, timer);
	old = KeAcquireSpinLockRaiseToDpc(&lock);
	ExDeleteTimer(timer, true, false, NULL);
	KeReleaseSpinLock(&lock, old);
	KUNIT_EXPECT_EQ(test, nts_systimer_count(), count - 1);
}

/**
 * struct jam - a softirq that cannot come to what stands behind it yet
 * @blocker: a tasklet that stays until @next is queued
 * @dpc: queued behind it
 * @next: queued by another processor while @blocker runs
 * @started: @blocker runs
 * @next_queued: it may return
 * @done: completed by the run of @next
 */
struct jam {
	struct tasklet_struct blocker;
	struct nts_dpc dpc;
	struct nts_dpc next;
	bool started;
	bool next_queued;
	struct completion done;
};

static void block_fn(struct tasklet_struct *tasklet)
{
	struct jam *jam = container_of(tasklet, struct jam, blocker);

	WRITE_ONCE(jam->started, true);
	while (!READ_ONCE(jam->next_queued))
		cpu_relax();
}

static void nothing_fn(struct nts_dpc *dpc, void *context, void *arg1,
		       void *arg2)
{
}

static void next_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	complete(&((struct jam *)context)->done);
}

static int queue_next_fn(void *data)
{
	struct jam *jam = data;

	while (!READ_ONCE(jam->started))
		cond_resched();
	KeInsertQueueDpc(&jam->next, NULL, NULL);
	/* The thread that the insertion wakes shall come before the end. */
	usleep_range(10000, 20000);
	WRITE_ONCE(jam->next_queued, true);
	return 0;
}

static void target_here(struct nts_dpc *dpc, nts_dpc_fn routine, void *context)
{
	KeInitializeDpc(dpc, routine, context);
	KeSetTargetProcessorDpc(dpc, 0);
	KeSetImportanceDpc(dpc, NTS_DPC_HIGH);
}

static struct jam *new_jam(struct kunit *test)
{
	struct jam *jam = kunit_kzalloc(test, sizeof(*jam), GFP_KERNEL);
	struct task_struct *task;

	KUNIT_ASSERT_NOT_NULL(test, jam);
	init_completion(&jam->done);
	tasklet_setup(&jam->blocker, block_fn);
	target_here(&jam->dpc, nothing_fn, NULL);
	target_here(&jam->next, next_fn, jam);
	task = kthread_create(queue_next_fn, jam, "nts-remote");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	set_cpus_allowed_ptr(task, cpumask_of(1));
	wake_up_process(task);
	return jam;
}

/*
 * A softirq can be preempted when it has taken the tasklets off their list and
 * not come to all of them. The thread that drains what other processors queue
 * must not wait for one of those on the softirq's processor.
 */
/* Shows: I-CTX-10, DP-033 */
static void remote_insertion_lets_a_softirq_end(struct kunit *test)
{
	struct jam *jam = new_jam(test);

	/* Fair threads get a little time whatever else runs; such as this not. */
	sched_set_fifo_low(current);
	local_bh_disable();
	tasklet_hi_schedule(&jam->blocker);
	KeInsertQueueDpc(&jam->dpc, NULL, NULL);
	local_bh_enable();
	sched_set_normal(current, 0);
	wait_for_completion(&jam->done);
	KeFlushQueuedDpcs();
	tasklet_kill(&jam->blocker);
}

/* Less than the kernel takes to complain of a processor that is stuck. */
#define HOG_LIMIT (10 * HZ)

/**
 * struct hog - a threaded DPC that queues itself until another one has run
 * @threaded: keeps the thread of the first processor busy
 * @ordinary: queued meanwhile, by the other processor too
 * @limit: when @threaded gives up, in jiffies
 * @started: @threaded has run
 * @served: @ordinary has run
 * @in_time: and before the limit
 * @done: completed by the last run of @threaded
 */
struct hog {
	struct nts_dpc threaded;
	struct nts_dpc ordinary;
	unsigned long limit;
	bool started;
	bool served;
	bool in_time;
	struct completion done;
};

static void hog_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct hog *hog = context;

	WRITE_ONCE(hog->started, true);
	hog->in_time = READ_ONCE(hog->served);
	if (!hog->in_time && time_before(jiffies, hog->limit))
		KeInsertQueueDpc(dpc, NULL, NULL);
	else
		complete(&hog->done);
}

static void served_fn(struct nts_dpc *dpc, void *context, void *arg1,
		      void *arg2)
{
	WRITE_ONCE(((struct hog *)context)->served, true);
}

static int queue_both_fn(void *data)
{
	struct hog *hog = data;

	KeInsertQueueDpc(&hog->threaded, NULL, NULL);
	while (!READ_ONCE(hog->started))
		cond_resched();
	KeInsertQueueDpc(&hog->ordinary, NULL, NULL);
	return 0;
}

/* The thread that runs threaded DPCs is the one that lets it in. */
/* Shows: I-CTX-10, DP-033 */
static void remote_insertion_is_not_kept_by_threaded_dpcs(struct kunit *test)
{
	struct hog *hog = kunit_kzalloc(test, sizeof(*hog), GFP_KERNEL);
	struct task_struct *task;

	KUNIT_ASSERT_NOT_NULL(test, hog);
	init_completion(&hog->done);
	hog->limit = jiffies + HOG_LIMIT;
	KeInitializeThreadedDpc(&hog->threaded, hog_fn, hog);
	KeSetTargetProcessorDpc(&hog->threaded, 0);
	target_here(&hog->ordinary, served_fn, hog);
	task = kthread_create(queue_both_fn, hog, "nts-remote");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	set_cpus_allowed_ptr(task, cpumask_of(1));
	wake_up_process(task);
	wait_for_completion(&hog->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_TRUE(test, hog->in_time);
}

/**
 * struct due - a timer whose DPC notes who runs it
 * @timer: expires on the processor of the case
 * @dpc: of @timer
 * @priority: of the thread that @dpc ran in
 * @done: completed by @dpc
 */
struct due {
	struct nts_timer timer;
	struct nts_dpc dpc;
	int priority;
	struct completion done;
};

static void due_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct due *due = context;

	due->priority = current->prio;
	complete(&due->done);
}

/*
 * Left to the kernel it would be ksoftirqd, which they keep waiting, or a thread
 * of the lowest real-time priority.
 */
/* Shows: I-CTX-10, DP-070 */
static void timers_dpc_goes_before_ordinary_threads(struct kunit *test)
{
	struct due *due = kunit_kzalloc(test, sizeof(*due), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, due);
	init_completion(&due->done);
	target_here(&due->dpc, due_fn, due);
	KeInitializeTimer(&due->timer);
	KeSetTimer(&due->timer, -10000, &due->dpc);
	wait_for_completion(&due->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_LE(test, due->priority, MAX_RT_PRIO / 2);
}

static struct kunit_case preempt_rt_cases[] = {
	KUNIT_CASE(thread_at_dispatch_level_gives_way_and_stays),
	KUNIT_CASE(holder_of_a_spin_lock_does_not_give_way),
	KUNIT_CASE(allocation_needs_preemption),
	KUNIT_CASE(memory_may_be_freed_under_a_spin_lock),
	KUNIT_CASE(timer_may_be_deleted_under_a_spin_lock),
	KUNIT_CASE(remote_insertion_lets_a_softirq_end),
	KUNIT_CASE(remote_insertion_is_not_kept_by_threaded_dpcs),
	KUNIT_CASE(timers_dpc_goes_before_ordinary_threads),
	{}
};

static struct kunit_suite preempt_rt_suite = {
	.name = "ntshim_preempt_rt",
	.init = preempt_rt_init,
	.exit = preempt_rt_exit,
	.test_cases = preempt_rt_cases,
};

kunit_test_suite(preempt_rt_suite);
