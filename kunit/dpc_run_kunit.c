// SPDX-License-Identifier: GPL-2.0
/*
 * DPCs while they run: on several processors, and beside a flush.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../shim/callback.h"
#include "../shim/dpc_queue.h"
#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "dpc_probe.h"
#include "helpers.h"

/* Stays until the case says go, or for as long as patience lasts. */
static void spin_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	unsigned long limit = jiffies + PATIENCE;
	struct nts_probe *p = context;

	nts_probe_enter(p);
	atomic_inc(&p->runs);
	while (!atomic_read_acquire(&p->go) && time_before(jiffies, limit))
		cpu_relax();
	atomic_dec(&p->inside);
	complete(&p->done);
}

static void await_count(struct kunit *test, atomic_t *counter, int count)
{
	unsigned long limit = jiffies + PATIENCE;

	while (atomic_read(counter) != count) {
		KUNIT_ASSERT_TRUE(test, time_before(jiffies, limit));
		cond_resched();
	}
}

/* The same KDPC queued from inside its run; the other processor takes it. */
static void pair_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	unsigned long limit = jiffies + PATIENCE;
	struct nts_probe *p = context;

	nts_probe_enter(p);
	if (atomic_inc_return(&p->runs) == 1) {
		KeSetTargetProcessorDpc(dpc, (unsigned long)arg1);
		KeSetImportanceDpc(dpc, NTS_DPC_HIGH);
		KeInsertQueueDpc(dpc, arg1, NULL);
	}
	while (atomic_read(&p->most_inside) < 2 && time_before(jiffies, limit))
		cpu_relax();
	atomic_dec(&p->inside);
	complete(&p->done);
}

/* Shows: DP-014 */
static void one_dpc_runs_on_two_processors_at_once(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, pair_fn);
	unsigned int away = nts_probe_other_cpu(test);
	unsigned int home = cpumask_any_but(cpu_online_mask, away);

	KeSetTargetProcessorDpc(&p->dpc, away);
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	KeInsertQueueDpc(&p->dpc, (void *)(unsigned long)home, NULL);
	nts_probe_await(test, &p->done);
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->most_inside), 2);
}

/**
 * struct flusher - a thread that flushes once
 * @go: lets it start
 * @done: completed when the flush has returned
 * @started: 1 from right before the flush
 */
struct flusher {
	struct completion go;
	struct completion done;
	atomic_t started;
};

static int flusher_thread(void *data)
{
	struct flusher *f = data;

	wait_for_completion(&f->go);
	atomic_set(&f->started, 1);
	KeFlushQueuedDpcs();
	complete(&f->done);
	return 0;
}

/* The thread stays on the case's processor, away from those kept busy. */
static void make_flusher(struct kunit *test, struct flusher *f)
{
	struct task_struct *task;

	init_completion(&f->go);
	init_completion(&f->done);
	atomic_set(&f->started, 0);
	task = kthread_create(flusher_thread, f, "nts-flush");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, raw_smp_processor_id());
	wake_up_process(task);
}

static void start_flusher(struct kunit *test, struct flusher *f)
{
	make_flusher(test, f);
	complete(&f->go);
}

/* Shows: DP-060, DP-051 */
static void flush_waits_for_a_running_routine(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, spin_fn);
	unsigned int cpu = nts_probe_other_cpu(test);
	struct flusher f;

	make_flusher(test, &f);
	KeSetTargetProcessorDpc(&p->dpc, cpu);
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await_count(test, &p->runs, 1);
	KUNIT_EXPECT_FALSE(test, KeRemoveQueueDpc(&p->dpc));
	complete(&f.go);
	await_count(test, &f.started, 1);
	KUNIT_EXPECT_FALSE(test, wait_for_completion_timeout(&f.done, HZ / 20));
	atomic_set_release(&p->go, 1);
	nts_probe_await(test, &f.done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->inside), 0);
}

static void for_ever_fn(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
	struct nts_probe *p = context;

	atomic_inc(&p->runs);
	if (!atomic_read(&p->go))
		KeInsertQueueDpc(dpc, NULL, NULL);
}

static void flush_beside_requeue(struct kunit *test, int importance)
{
	struct nts_probe *p = nts_probe_new(test, for_ever_fn);
	struct flusher f;

	if (nts_test_time_is_simulated())
		kunit_skip(test, "simulated time stands still in a busy loop");
	KeSetImportanceDpc(&p->dpc, importance);
	KeSetTargetProcessorDpc(&p->dpc, num_online_cpus() - 1);
	start_flusher(test, &f);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &f.done);
	start_flusher(test, &f);
	nts_probe_await(test, &f.done);
	atomic_set(&p->go, 1);
	KeFlushQueuedDpcs();
	/* The run that saw no stop yet may have queued it once more. */
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_GT(test, atomic_read(&p->runs), 0);
	KUNIT_EXPECT_FALSE(test, KeRemoveQueueDpc(&p->dpc));
}

/* Shows: DP-061, DP-039 */
static void flush_outlasts_self_requeue(struct kunit *test)
{
	flush_beside_requeue(test, NTS_DPC_MEDIUM);
}

/* Shows: DP-061, DP-039 */
static void flush_outlasts_self_requeue_at_high(struct kunit *test)
{
	flush_beside_requeue(test, NTS_DPC_HIGH);
}

/* Deferred, and flushed before its deadline has come. */
static bool flush_comes_first(struct nts_probe *p)
{
	struct nts_dpcq *queue;

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	queue = READ_ONCE(p->dpc.queue);
	KeFlushQueuedDpcs();
	return queue && READ_ONCE(queue->deadline_set);
}

/* Shows: DP-062, DP-060 */
static void flush_drains_deferred_dpcs(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	bool first = false;
	int i;

	KeSetImportanceDpc(&p->dpc, NTS_DPC_LOW);
	KeSetTargetProcessorDpc(&p->dpc, num_online_cpus() - 1);
	/*
	 * On its own processor the first ones are not deferred yet; where time
	 * is real the deadline may come first, but not each time.
	 */
	for (i = 1; i <= 100 && !first; i++) {
		first = flush_comes_first(p);
		KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), i);
	}
	KUNIT_EXPECT_TRUE(test, first);
}

/* Shows: DP-066 */
static void concurrent_flushes_all_return(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct flusher f[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(f); i++) {
		KeInsertQueueDpc(&p->dpc, NULL, NULL);
		start_flusher(test, &f[i]);
	}
	for (i = 0; i < ARRAY_SIZE(f); i++)
		nts_probe_await(test, &f[i].done);
	KeFlushQueuedDpcs();
}

/* Shows: DP-065 */
static void flush_at_dispatch_level_is_reported(struct kunit *test)
{
	local_bh_disable();
	KeFlushQueuedDpcs();
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-065"), 1);
}

static void flush_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	KeFlushQueuedDpcs();
	complete(&p->done);
}

/* Shows: DP-065 */
static void flush_in_a_dpc_is_reported(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, flush_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-065"), 1);
}

static void raise_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	KfRaiseIrql(NTS_HIGH_LEVEL);
	complete(&p->done);
}

/* Shows: I-LVL-06, DP-073 */
static void raise_left_by_dpc_is_undone(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, raise_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-LVL-06"), 1);
}

/**
 * struct race - several threads that insert and remove one DPC
 * @p: counts the runs
 * @inserted: TRUE insertions
 * @removed: TRUE removals
 * @done: one for each thread
 */
struct race {
	struct nts_probe *p;
	atomic_t inserted;
	atomic_t removed;
	struct completion done;
};

#define RACE_ROUNDS 20000
#define RACE_THREADS 3

static void count_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	atomic_inc(&p->runs);
}

static int race_thread(void *data)
{
	struct race *race = data;
	unsigned int i;

	for (i = 0; i < RACE_ROUNDS; i++) {
		if (KeInsertQueueDpc(&race->p->dpc, NULL, NULL))
			atomic_inc(&race->inserted);
		if (KeRemoveQueueDpc(&race->p->dpc))
			atomic_inc(&race->removed);
		if (i % 16 == 0) {
			KeSetTargetProcessorDpc(&race->p->dpc,
						i / 16 % num_online_cpus());
			cond_resched();
		}
	}
	complete(&race->done);
	return 0;
}

/* Shows: DP-011, DP-015, DP-054 */
static void every_insertion_runs_or_is_removed(struct kunit *test)
{
	struct race race = { .p = nts_probe_new(test, count_fn) };
	unsigned int i;

	init_completion(&race.done);
	for (i = 0; i < RACE_THREADS; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
					     kthread_run(race_thread, &race,
							 "nts-race"));
	for (i = 0; i < RACE_THREADS; i++)
		nts_probe_await(test, &race.done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_GT(test, atomic_read(&race.inserted), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&race.inserted),
			atomic_read(&race.removed) +
				atomic_read(&race.p->runs));
}

/**
 * struct halfway - a DPC that another processor is queueing
 * @p: the DPC
 * @raised: the remover is at DISPATCH_LEVEL
 * @inserted: result of its insertion
 * @removed: result of its removal
 */
struct halfway {
	struct nts_probe *p;
	atomic_t raised;
	u8 inserted;
	u8 removed;
};

/* On the target, so the DPC cannot run between the two calls. */
static int remover_thread(void *data)
{
	struct halfway *halfway = data;
	u8 level = KeRaiseIrqlToDpcLevel();

	atomic_set(&halfway->raised, 1);
	while (!atomic_read(&halfway->p->go))
		cpu_relax();
	halfway->inserted = KeInsertQueueDpc(&halfway->p->dpc, NULL, NULL);
	halfway->removed = KeRemoveQueueDpc(&halfway->p->dpc);
	KeLowerIrql(level);
	complete(&halfway->p->done);
	return 0;
}

/* As if the insertion had claimed the DPC and not come to the cookie yet. */
static void halt_insertion(struct nts_probe *p)
{
	struct nts_dpcq *queue = p->dpc.queue;
	unsigned long flags;
	u32 cookie;

	raw_spin_lock_irqsave(&queue->lock, flags);
	cookie = p->dpc.cookie;
	WRITE_ONCE(p->dpc.cookie, 0);
	atomic_set_release(&p->go, 1);
	/* Time enough for a call that does not wait for the lock. */
	mdelay(1);
	WRITE_ONCE(p->dpc.cookie, cookie);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}

/* Shows: DP-010, DP-050 */
static void dpc_that_is_being_queued_can_be_removed(struct kunit *test)
{
	struct halfway halfway = { .p = nts_probe_new(test, count_fn) };
	unsigned int cpu = nts_probe_other_cpu(test);
	struct nts_probe *p = halfway.p;
	struct task_struct *task;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "DISPATCH_LEVEL does not hold DPCs up");
	KeSetImportanceDpc(&p->dpc, NTS_DPC_LOW);
	KeSetTargetProcessorDpc(&p->dpc, cpu);
	task = kthread_create(remover_thread, &halfway, "nts-remover");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	await_count(test, &halfway.raised, 1);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	halt_insertion(p);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_FALSE(test, halfway.inserted);
	KUNIT_EXPECT_TRUE(test, halfway.removed);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 0);
}

/* As if memory that was never a DPC held these bytes. */
/* Shows: DP-050 */
static void garbage_is_not_followed(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, count_fn);

	p->dpc.queue = (void *)0x5555555555555555;
	KUNIT_EXPECT_FALSE(test, KeRemoveQueueDpc(&p->dpc));
	p->dpc.queue = NULL;
}

/* Shows: DP-002 */
static void dpc_is_nothing_but_its_storage(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct nts_dpc *dpc;
	int i;

	KUNIT_EXPECT_EQ(test, NT_LAYOUT_KDPC_SIZE, 64);
	KUNIT_EXPECT_LE(test, sizeof(*dpc), NT_LAYOUT_KDPC_SIZE);
	for (i = 0; i < 10; i++) {
		dpc = kmalloc(NT_LAYOUT_KDPC_SIZE, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, dpc);
		memset(dpc, 0x55, NT_LAYOUT_KDPC_SIZE);
		KeInitializeDpc(dpc, nts_probe_fn, p);
		KeInsertQueueDpc(dpc, NULL, NULL);
		nts_probe_await(test, &p->done);
		kfree(dpc);
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 10);
}

static void wait_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	p->seen_arg1 = (void *)(long)KeWaitForSingleObject(arg1, 0, 0, 0, NULL);
	complete(&p->done);
}

/* Shows: DP-071, W-IRQ-02, W-IRQ-03 */
static void wait_in_a_dpc_is_reported(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, wait_fn);
	struct nts_header event;

	KeInitializeEvent(&event, 0, 0);
	KeInsertQueueDpc(&p->dpc, &event, NULL);
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, (long)p->seen_arg1, NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-IRQ-02", 0xb8, 0), 1);
}

/* Shows: DP-063, DP-064 */
static void flush_covers_committed_expiries(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct nts_timer timer;
	int i;

	KeInitializeTimer(&timer);
	KeSetImportanceDpc(&p->dpc, NTS_DPC_LOW);
	KeSetTargetProcessorDpc(&p->dpc, num_online_cpus() - 1);
	for (i = 1; i <= 100; i++) {
		KeSetTimer(&timer, 0, &p->dpc);
		KeFlushQueuedDpcs();
		KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), i);
	}
}

/**
 * struct letter - what an inserter writes and the routine reads
 * @p: the DPC
 * @written: by the inserter before each insertion
 * @read: number of the last insertion that has run
 * @missed: runs that did not see what was written before their insertion
 */
struct letter {
	struct nts_probe *p;
	unsigned long written;
	unsigned long read;
	unsigned int missed;
};

static void read_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct letter *letter = arg2;
	unsigned long number = (unsigned long)arg1;

	if (READ_ONCE(letter->written) < number)
		letter->missed++;
	letter->read = number;
}

/* Shows: DP-016 */
static void insert_and_flush_order_memory(struct kunit *test)
{
	struct letter letter = { .p = nts_probe_new(test, read_fn) };
	unsigned long i, last = 0;

	KeSetImportanceDpc(&letter.p->dpc, NTS_DPC_HIGH);
	KeSetTargetProcessorDpc(&letter.p->dpc, num_online_cpus() - 1);
	for (i = 1; i <= 20000; i++) {
		WRITE_ONCE(letter.written, i);
		if (KeInsertQueueDpc(&letter.p->dpc, (void *)i, &letter))
			last = i;
		if (i % 64 == 0) {
			KeFlushQueuedDpcs();
			KUNIT_ASSERT_EQ(test, letter.read, last);
		}
	}
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, letter.missed, 0);
}

static void long_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	mdelay(2);
	p->status = KeQueryDpcWatchdogInformation(arg1);
	complete(&p->done);
}

/* Shows: DP-075 */
static void long_routine_is_counted_and_not_punished(struct kunit *test)
{
	static const enum nts_verifier_mode modes[] = { NTS_VERIFIER_OFF,
							NTS_VERIFIER_ON };
	enum nts_verifier_mode before = nts_verifier_mode();
	struct nts_probe *p = nts_probe_new(test, long_fn);
	struct nts_dpc_watchdog watchdog;
	unsigned long count;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		nts_verifier_switch(modes[i]);
		count = nts_callback_count_long();
		memset(&watchdog, 0x55, sizeof(watchdog));
		KeInsertQueueDpc(&p->dpc, &watchdog, NULL);
		nts_probe_await(test, &p->done);
		KeFlushQueuedDpcs();
		KUNIT_EXPECT_EQ(test, nts_callback_count_long() > count,
				modes[i] == NTS_VERIFIER_ON);
		/* No limit: there is no watchdog. */
		KUNIT_EXPECT_EQ(test, p->status, NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_EQ(test, watchdog.routine_limit, 0);
		KUNIT_EXPECT_EQ(test, watchdog.total_limit, 0);
	}
	nts_verifier_switch(before);
	KUNIT_EXPECT_EQ(test, KeQueryDpcWatchdogInformation(&watchdog),
			NTS_STATUS_UNSUCCESSFUL);
}

static struct kunit_case dpc_run_cases[] = {
	KUNIT_CASE(one_dpc_runs_on_two_processors_at_once),
	KUNIT_CASE(flush_waits_for_a_running_routine),
	KUNIT_CASE(flush_outlasts_self_requeue),
	KUNIT_CASE(flush_outlasts_self_requeue_at_high),
	KUNIT_CASE(flush_drains_deferred_dpcs),
	KUNIT_CASE(concurrent_flushes_all_return),
	KUNIT_CASE(flush_at_dispatch_level_is_reported),
	KUNIT_CASE(flush_in_a_dpc_is_reported),
	KUNIT_CASE(raise_left_by_dpc_is_undone),
	KUNIT_CASE(every_insertion_runs_or_is_removed),
	KUNIT_CASE(dpc_that_is_being_queued_can_be_removed),
	KUNIT_CASE(garbage_is_not_followed),
	KUNIT_CASE(dpc_is_nothing_but_its_storage),
	KUNIT_CASE(wait_in_a_dpc_is_reported),
	KUNIT_CASE(flush_covers_committed_expiries),
	KUNIT_CASE(insert_and_flush_order_memory),
	KUNIT_CASE(long_routine_is_counted_and_not_punished),
	{}
};

static struct kunit_suite dpc_run_suite = {
	.name = "ntshim_dpc_run",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = dpc_run_cases,
};

kunit_test_suite(dpc_run_suite);
