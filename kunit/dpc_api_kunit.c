// SPDX-License-Identifier: GPL-2.0
/*
 * KDPC through the exported routines, on the processors' own queues.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../shim/irql.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "helpers.h"

/* Before something that must happen is called lost. */
#define PATIENCE (30 * HZ)

/**
 * struct probe - a DPC that notes how it was called
 * @dpc: the object
 * @done: completed at the end of each run
 * @go: while 0, the routine spins; see spin_fn()
 * @runs: how often the routine was entered
 * @inside: how many runs are in progress
 * @most_inside: greatest value of @inside
 * @seen_dpc: argument
 * @seen_arg1: argument
 * @seen_arg2: argument
 * @cpu: where it ran
 * @irql: at which level
 * @executing: KeIsExecutingDpc() there
 * @irqs_on: interrupts were enabled
 * @in_softirq: it ran in a softirq
 */
struct probe {
	struct nts_dpc dpc;
	struct completion done;
	atomic_t go;
	atomic_t runs;
	atomic_t inside;
	atomic_t most_inside;
	struct nts_dpc *seen_dpc;
	void *seen_arg1;
	void *seen_arg2;
	unsigned int cpu;
	u8 irql;
	u32 executing;
	bool irqs_on;
	bool in_softirq;
};

static void note(struct probe *p, struct nts_dpc *dpc, void *arg1, void *arg2)
{
	p->seen_dpc = dpc;
	p->seen_arg1 = arg1;
	p->seen_arg2 = arg2;
	p->cpu = raw_smp_processor_id();
	p->irql = KeGetCurrentIrql();
	p->executing = KeIsExecutingDpc();
	p->irqs_on = !irqs_disabled();
	p->in_softirq = in_serving_softirq();
}

static void probe_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct probe *p = context;

	note(p, dpc, arg1, arg2);
	atomic_inc(&p->runs);
	complete(&p->done);
}

static struct probe *new_probe(struct kunit *test, nts_dpc_fn routine)
{
	struct probe *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	init_completion(&p->done);
	KeInitializeDpc(&p->dpc, routine, p);
	return p;
}

static void await(struct kunit *test, struct completion *done)
{
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(done, PATIENCE));
}

/*
 * A processor that the case does not run on, and will not run on: it may keep
 * that one busy. Skips the case if there is none.
 */
static unsigned int other_cpu(struct kunit *test)
{
	unsigned int home = raw_smp_processor_id();
	unsigned int cpu = cpumask_any_but(cpu_online_mask, home);

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs two processors");
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(home)),
			0);
	return cpu;
}

/* Shows: DP-003, DP-025 */
static void init_ignores_old_content(struct kunit *test)
{
	static const u8 fill[] = { 0x00, 0x55, 0xff, 0x13 };
	struct nts_dpc dpc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fill); i++) {
		memset(&dpc, fill[i], sizeof(dpc));
		KeInitializeDpc(&dpc, probe_fn, &dpc);
		KUNIT_EXPECT_EQ_MSG(test, dpc.importance, NTS_DPC_MEDIUM,
				    "fill 0x%x", fill[i]);
		KUNIT_EXPECT_EQ_MSG(test, dpc.target, 0, "fill 0x%x", fill[i]);
		KUNIT_EXPECT_FALSE_MSG(test, KeRemoveQueueDpc(&dpc),
				       "fill 0x%x", fill[i]);
	}
}

/* Shows: DP-007, DP-077, DP-031, DP-040 */
static void routine_has_run_when_insert_returns(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(&p->dpc, test, p));
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_dpc, &p->dpc);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg1, (void *)test);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg2, (void *)p);
}

/* Shows: DP-070, DP-074, I-CTX-08 */
static void routine_runs_at_dispatch_level(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->irql, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_TRUE(test, p->in_softirq);
	KUNIT_EXPECT_TRUE(test, p->irqs_on);
}

/* Shows: DP-074 */
static void executing_is_true_inside_only(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	KUNIT_EXPECT_EQ(test, KeIsExecutingDpc(), 0);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await(test, &p->done);
	KUNIT_EXPECT_NE(test, p->executing, 0);
	KUNIT_EXPECT_EQ(test, KeIsExecutingDpc(), 0);
}

/* Shows: DP-010, DP-031 */
static void second_insert_changes_nothing(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	local_bh_disable();
	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(&p->dpc, test, p));
	KUNIT_EXPECT_FALSE(test, KeInsertQueueDpc(&p->dpc, NULL, NULL));
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 0);
	local_bh_enable();
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg1, (void *)test);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg2, (void *)p);
}

/* Shows: DP-050, DP-051 */
static void remove_before_start_prevents_the_run(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	local_bh_disable();
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, KeRemoveQueueDpc(&p->dpc));
	KUNIT_EXPECT_FALSE(test, KeRemoveQueueDpc(&p->dpc));
	local_bh_enable();
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 0);
}

static void requeue_once_fn(struct nts_dpc *dpc, void *context, void *arg1,
			    void *arg2)
{
	struct probe *p = context;

	if (atomic_inc_return(&p->runs) == 1)
		KeInsertQueueDpc(dpc, NULL, NULL);
	else
		complete(&p->done);
}

/* Shows: DP-012, DP-072 */
static void routine_may_queue_its_dpc_again(struct kunit *test)
{
	struct probe *p = new_probe(test, requeue_once_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 2);
}

static void free_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct probe *p = context;

	atomic_inc(&p->runs);
	kfree(dpc);
	complete(&p->done);
}

/* Shows: DP-013 */
static void routine_may_free_its_dpc(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	struct nts_dpc *dpc = kmalloc(sizeof(*dpc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeDpc(dpc, free_fn, p);
	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(dpc, NULL, NULL));
	await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
}

static void reinit_fn(struct nts_dpc *dpc, void *context, void *arg1,
		      void *arg2)
{
	KeInitializeDpc(dpc, probe_fn, context);
	KeInsertQueueDpc(dpc, arg1, arg2);
}

/* Shows: DP-013, DP-012 */
static void routine_may_initialise_its_dpc_again(struct kunit *test)
{
	struct probe *p = new_probe(test, reinit_fn);

	KeInsertQueueDpc(&p->dpc, test, p);
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg1, (void *)test);
}

/* Shows: DP-004 */
static void dpc_without_routine_is_dropped(struct kunit *test)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeDpc(dpc, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(dpc, NULL, NULL));
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-004"), 1);
}

/* Shows: DP-006 */
static void init_of_queued_dpc_is_reported(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	local_bh_disable();
	KeInsertQueueDpc(&p->dpc, test, NULL);
	KeInitializeDpc(&p->dpc, NULL, NULL);
	local_bh_enable();
	await(test, &p->done);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg1, (void *)test);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-006"), 1);
}

/* Shows: V-32 */
static void uninitialised_dpc_is_refused(struct kunit *test)
{
	struct nts_dpc dpc;

	memset(&dpc, 0x55, sizeof(dpc));
	KUNIT_EXPECT_FALSE(test, KeInsertQueueDpc(&dpc, NULL, NULL));
	KUNIT_EXPECT_FALSE(test, KeRemoveQueueDpc(&dpc));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-32"), 2);
}

/* Shows: DP-038 */
static void unknown_importance_changes_nothing(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	KeSetImportanceDpc(&p->dpc, NTS_DPC_MEDIUM_HIGH);
	KeSetImportanceDpc(&p->dpc, 4);
	KeSetImportanceDpc(&p->dpc, -1);
	KUNIT_EXPECT_EQ(test, p->dpc.importance, NTS_DPC_MEDIUM_HIGH);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-038"), 2);
}

/* Shows: DP-022 */
static void target_out_of_range_changes_nothing(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	int last = min_t(int, num_online_cpus(), 64) - 1;

	KeSetTargetProcessorDpc(&p->dpc, last);
	KUNIT_EXPECT_EQ(test, p->dpc.target, last + 1);
	KeSetTargetProcessorDpc(&p->dpc, -1);
	KeSetTargetProcessorDpc(&p->dpc, last + 1);
	KeSetTargetProcessorDpc(&p->dpc, 127);
	KUNIT_EXPECT_EQ(test, p->dpc.target, last + 1);
	KeSetTargetProcessorDpc(&p->dpc, 0);
	KUNIT_EXPECT_EQ(test, p->dpc.target, 1);
}

/* Shows: DP-023 */
static void target_ex_checks_every_member(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	struct nts_processor_number good = {};
	struct nts_processor_number bad[] = {
		{ .reserved = 1 },
		{ .number = 64 },
		{ .group = 0xffff },
		{ .group = nr_cpu_ids / 64, .number = nr_cpu_ids % 64 },
	};
	unsigned int i;

	KUNIT_EXPECT_EQ(test, KeSetTargetProcessorDpcEx(&p->dpc, &good), 0);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		KUNIT_EXPECT_EQ_MSG(test,
				    KeSetTargetProcessorDpcEx(&p->dpc, &bad[i]),
				    NTS_STATUS_INVALID_PARAMETER, "row %u", i);
	KUNIT_EXPECT_EQ(test, p->dpc.target, 1);
}

/* Shows: DP-020, DP-024, DP-035 */
static void target_processor_runs_the_dpc(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		KeSetTargetProcessorDpc(&p->dpc, cpu);
		KeInsertQueueDpc(&p->dpc, NULL, NULL);
		await(test, &p->done);
		KUNIT_EXPECT_EQ(test, p->cpu, cpu);
	}
}

/* Shows: DP-033, DP-020 */
static void high_importance_kicks_the_other_processor(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	unsigned int cpu = other_cpu(test);

	KeSetTargetProcessorDpc(&p->dpc, cpu);
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->cpu, cpu);
}

static void insert_remotely(void *data)
{
	KeInsertQueueDpc(data, NULL, NULL);
}

/* Shows: DP-021, DP-005, DP-076 */
static void untargeted_dpc_runs_where_it_was_queued(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	unsigned int cpu = other_cpu(test);

	smp_call_function_single(cpu, insert_remotely, &p->dpc, true);
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->cpu, cpu);
}

struct raiser {
	struct irq_work work;
	struct nts_dpc *dpc;
};

static void raiser_fn(struct irq_work *work)
{
	KeInsertQueueDpc(container_of(work, struct raiser, work)->dpc, NULL,
			 NULL);
}

/* Shows: DP-005, DP-076 */
static void hard_interrupt_may_queue(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	struct raiser raiser = {
		.work = IRQ_WORK_INIT_HARD(raiser_fn),
		.dpc = &p->dpc,
	};

	irq_work_queue(&raiser.work);
	await(test, &p->done);
	irq_work_sync(&raiser.work);
	KUNIT_EXPECT_EQ(test, p->irql, NTS_DISPATCH_LEVEL);
}

/* Shows: DP-005, DP-031 */
static void disabled_interrupts_put_it_off(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	local_irq_disable();
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 0);
	local_irq_enable();
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->irql, NTS_DISPATCH_LEVEL);
}

static void note_inside(struct probe *p)
{
	int inside = atomic_inc_return(&p->inside);
	int most = atomic_read(&p->most_inside);

	while (inside > most &&
	       !atomic_try_cmpxchg(&p->most_inside, &most, inside))
		;
}

/* Stays until the case says go, or for as long as patience lasts. */
static void spin_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	unsigned long limit = jiffies + PATIENCE;
	struct probe *p = context;

	note_inside(p);
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
	struct probe *p = context;

	note_inside(p);
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

/* Shows: DP-014, KT-089 */
static void one_dpc_runs_on_two_processors_at_once(struct kunit *test)
{
	struct probe *p = new_probe(test, pair_fn);
	unsigned int away = other_cpu(test);
	unsigned int home = cpumask_any_but(cpu_online_mask, away);

	KeSetTargetProcessorDpc(&p->dpc, away);
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	KeInsertQueueDpc(&p->dpc, (void *)(unsigned long)home, NULL);
	await(test, &p->done);
	await(test, &p->done);
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
	struct probe *p = new_probe(test, spin_fn);
	unsigned int cpu = other_cpu(test);
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
	await(test, &f.done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->inside), 0);
}

static void for_ever_fn(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
	struct probe *p = context;

	atomic_inc(&p->runs);
	if (!atomic_read(&p->go))
		KeInsertQueueDpc(dpc, NULL, NULL);
}

static void flush_beside_requeue(struct kunit *test, int importance)
{
	struct probe *p = new_probe(test, for_ever_fn);
	struct flusher f;

	if (nts_test_time_is_simulated())
		kunit_skip(test, "simulated time stands still in a busy loop");
	KeSetImportanceDpc(&p->dpc, importance);
	KeSetTargetProcessorDpc(&p->dpc, num_online_cpus() - 1);
	start_flusher(test, &f);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await(test, &f.done);
	start_flusher(test, &f);
	await(test, &f.done);
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

/* Shows: DP-062, DP-060 */
static void flush_drains_deferred_dpcs(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	KeSetImportanceDpc(&p->dpc, NTS_DPC_LOW);
	KeSetTargetProcessorDpc(&p->dpc, other_cpu(test));
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
}

/* Shows: DP-066 */
static void concurrent_flushes_all_return(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	struct flusher f[8];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(f); i++) {
		KeInsertQueueDpc(&p->dpc, NULL, NULL);
		start_flusher(test, &f[i]);
	}
	for (i = 0; i < ARRAY_SIZE(f); i++)
		await(test, &f[i].done);
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
	struct probe *p = context;

	KeFlushQueuedDpcs();
	complete(&p->done);
}

/* Shows: DP-065 */
static void flush_in_a_dpc_is_reported(struct kunit *test)
{
	struct probe *p = new_probe(test, flush_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await(test, &p->done);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-065"), 1);
}

static void raise_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct probe *p = context;

	KfRaiseIrql(NTS_HIGH_LEVEL);
	complete(&p->done);
}

/* Shows: I-LVL-06, DP-073 */
static void raise_left_by_dpc_is_undone(struct kunit *test)
{
	struct probe *p = new_probe(test, raise_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-LVL-06"), 1);
}

/* Shows: DP-080, DP-081, DP-083, DP-089 */
static void threaded_runs_at_passive_level(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);
	unsigned int cpu;

	KeInitializeThreadedDpc(&p->dpc, probe_fn, p);
	for_each_online_cpu(cpu) {
		KeSetTargetProcessorDpc(&p->dpc, cpu);
		KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(&p->dpc, test, NULL));
		await(test, &p->done);
		KUNIT_EXPECT_EQ(test, p->irql, NTS_PASSIVE_LEVEL);
		KUNIT_EXPECT_EQ(test, p->cpu, cpu);
		KUNIT_EXPECT_NE(test, p->executing, 0);
		KUNIT_EXPECT_FALSE(test, p->in_softirq);
	}
}

/* Shows: DP-063, DP-080 */
static void flush_covers_threaded_dpcs(struct kunit *test)
{
	struct probe *p = new_probe(test, probe_fn);

	KeInitializeThreadedDpc(&p->dpc, probe_fn, p);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
}

/**
 * struct race - several threads that insert and remove one DPC
 * @p: counts the runs
 * @inserted: TRUE insertions
 * @removed: TRUE removals
 * @done: one for each thread
 */
struct race {
	struct probe *p;
	atomic_t inserted;
	atomic_t removed;
	struct completion done;
};

#define RACE_ROUNDS 20000
#define RACE_THREADS 3

static void count_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct probe *p = context;

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
	struct race race = { .p = new_probe(test, count_fn) };
	unsigned int i;

	init_completion(&race.done);
	for (i = 0; i < RACE_THREADS; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
					     kthread_run(race_thread, &race,
							 "nts-race"));
	for (i = 0; i < RACE_THREADS; i++)
		await(test, &race.done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_GT(test, atomic_read(&race.inserted), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&race.inserted),
			atomic_read(&race.removed) +
				atomic_read(&race.p->runs));
}

static struct kunit_case dpc_cases[] = {
	KUNIT_CASE(init_ignores_old_content),
	KUNIT_CASE(routine_has_run_when_insert_returns),
	KUNIT_CASE(routine_runs_at_dispatch_level),
	KUNIT_CASE(executing_is_true_inside_only),
	KUNIT_CASE(second_insert_changes_nothing),
	KUNIT_CASE(remove_before_start_prevents_the_run),
	KUNIT_CASE(routine_may_queue_its_dpc_again),
	KUNIT_CASE(routine_may_free_its_dpc),
	KUNIT_CASE(routine_may_initialise_its_dpc_again),
	KUNIT_CASE(dpc_without_routine_is_dropped),
	KUNIT_CASE(init_of_queued_dpc_is_reported),
	KUNIT_CASE(uninitialised_dpc_is_refused),
	KUNIT_CASE(unknown_importance_changes_nothing),
	KUNIT_CASE(target_out_of_range_changes_nothing),
	KUNIT_CASE(target_ex_checks_every_member),
	KUNIT_CASE(target_processor_runs_the_dpc),
	KUNIT_CASE(high_importance_kicks_the_other_processor),
	KUNIT_CASE(untargeted_dpc_runs_where_it_was_queued),
	KUNIT_CASE(hard_interrupt_may_queue),
	KUNIT_CASE(disabled_interrupts_put_it_off),
	KUNIT_CASE(one_dpc_runs_on_two_processors_at_once),
	KUNIT_CASE(flush_waits_for_a_running_routine),
	KUNIT_CASE(flush_outlasts_self_requeue),
	KUNIT_CASE(flush_outlasts_self_requeue_at_high),
	KUNIT_CASE(flush_drains_deferred_dpcs),
	KUNIT_CASE(concurrent_flushes_all_return),
	KUNIT_CASE(flush_at_dispatch_level_is_reported),
	KUNIT_CASE(flush_in_a_dpc_is_reported),
	KUNIT_CASE(raise_left_by_dpc_is_undone),
	KUNIT_CASE(threaded_runs_at_passive_level),
	KUNIT_CASE(flush_covers_threaded_dpcs),
	KUNIT_CASE(every_insertion_runs_or_is_removed),
	{}
};

static struct kunit_suite dpc_suite = {
	.name = "ntshim_dpc",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = dpc_cases,
};

kunit_test_suite(dpc_suite);
