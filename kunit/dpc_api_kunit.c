// SPDX-License-Identifier: GPL-2.0
/*
 * KDPC through the exported routines: initialisation, insertion, removal,
 * importance, target, and how soon a DPC runs.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/string.h>
#include <linux/time64.h>
#include <linux/timekeeping.h>

#include "../shim/irql.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "dpc_probe.h"
#include "helpers.h"

/* Shows: DP-003, DP-025 */
static void init_ignores_old_content(struct kunit *test)
{
	static const u8 fill[] = { 0x00, 0x55, 0xff, 0x13 };
	struct nts_dpc dpc;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(fill); i++) {
		memset(&dpc, fill[i], sizeof(dpc));
		KeInitializeDpc(&dpc, nts_probe_fn, &dpc);
		KUNIT_EXPECT_EQ_MSG(test, dpc.importance, NTS_DPC_MEDIUM,
				    "fill 0x%x", fill[i]);
		KUNIT_EXPECT_EQ_MSG(test, dpc.target, 0, "fill 0x%x", fill[i]);
		KUNIT_EXPECT_FALSE_MSG(test, KeRemoveQueueDpc(&dpc),
				       "fill 0x%x", fill[i]);
	}
}

/* Shows: DP-007, DP-077, DP-031 */
static void routine_has_run_when_insert_returns(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(&p->dpc, test, p));
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_dpc, &p->dpc);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg1, (void *)test);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg2, (void *)p);
}

/* Shows: DP-040, DP-031 */
static void default_importance_drains_at_any_rate(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	int i;

	for (i = 1; i <= 50; i++) {
		KeInsertQueueDpc(&p->dpc, NULL, NULL);
		if (IS_ENABLED(CONFIG_PREEMPT_RT))
			nts_probe_await(test, &p->done);
		KUNIT_ASSERT_EQ(test, atomic_read(&p->runs), i);
	}
}

/* Shows: DP-070, DP-074, I-CTX-08 */
static void routine_runs_at_dispatch_level(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->irql, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_TRUE(test, p->in_softirq);
	KUNIT_EXPECT_TRUE(test, p->irqs_on);
}

/* Shows: DP-074 */
static void executing_is_true_inside_only(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

	KUNIT_EXPECT_EQ(test, KeIsExecutingDpc(), 0);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_NE(test, p->executing, 0);
	KUNIT_EXPECT_EQ(test, KeIsExecutingDpc(), 0);
}

/* Shows: DP-010, DP-031 */
static void second_insert_changes_nothing(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

	local_bh_disable();
	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(&p->dpc, test, p));
	KUNIT_EXPECT_FALSE(test, KeInsertQueueDpc(&p->dpc, NULL, NULL));
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 0);
	local_bh_enable();
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg1, (void *)test);
	KUNIT_EXPECT_PTR_EQ(test, p->seen_arg2, (void *)p);
}

/* Shows: DP-050, DP-051 */
static void remove_before_start_prevents_the_run(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

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
	struct nts_probe *p = context;

	if (atomic_inc_return(&p->runs) == 1)
		KeInsertQueueDpc(dpc, NULL, NULL);
	else
		complete(&p->done);
}

/* Shows: DP-012, DP-072 */
static void routine_may_queue_its_dpc_again(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, requeue_once_fn);

	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 2);
}

static void free_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	atomic_inc(&p->runs);
	kfree(dpc);
	complete(&p->done);
}

/* Shows: DP-013 */
static void routine_may_free_its_dpc(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct nts_dpc *dpc = kmalloc(sizeof(*dpc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeDpc(dpc, free_fn, p);
	KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(dpc, NULL, NULL));
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
}

static void overwrite_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	struct nts_probe *p = context;

	memset(dpc, 0xa5, sizeof(*dpc));
	complete(&p->done);
}

/* Shows: DP-013 */
static void routine_may_overwrite_its_dpc(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, overwrite_fn);
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeDpc(dpc, overwrite_fn, p);
	KeInsertQueueDpc(dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_NULL(test, memchr_inv(dpc, 0xa5, sizeof(*dpc)));
}

static void reinit_fn(struct nts_dpc *dpc, void *context, void *arg1,
		      void *arg2)
{
	KeInitializeDpc(dpc, nts_probe_fn, context);
	KeInsertQueueDpc(dpc, arg1, arg2);
}

/* Shows: DP-013, DP-012 */
static void routine_may_initialise_its_dpc_again(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, reinit_fn);

	KeInsertQueueDpc(&p->dpc, test, p);
	nts_probe_await(test, &p->done);
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
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

	local_bh_disable();
	KeInsertQueueDpc(&p->dpc, test, NULL);
	KeInitializeDpc(&p->dpc, NULL, NULL);
	local_bh_enable();
	nts_probe_await(test, &p->done);
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
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

	KeSetImportanceDpc(&p->dpc, NTS_DPC_MEDIUM_HIGH);
	KeSetImportanceDpc(&p->dpc, 4);
	KeSetImportanceDpc(&p->dpc, -1);
	KUNIT_EXPECT_EQ(test, p->dpc.importance, NTS_DPC_MEDIUM_HIGH);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-038"), 2);
}

/* Shows: DP-022 */
static void target_out_of_range_changes_nothing(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
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
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
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
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	unsigned int cpu;

	for_each_online_cpu(cpu) {
		KeSetTargetProcessorDpc(&p->dpc, cpu);
		KeInsertQueueDpc(&p->dpc, NULL, NULL);
		nts_probe_await(test, &p->done);
		KUNIT_EXPECT_EQ(test, p->cpu, cpu);
	}
}

static void expect_runs_on(struct kunit *test, struct nts_probe *p,
			   unsigned int cpu)
{
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->cpu, cpu);
}

/* Shows: DP-024 */
static void target_of_a_queued_dpc_counts_next_time(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	unsigned int away = nts_probe_other_cpu(test);

	local_bh_disable();
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KeSetTargetProcessorDpc(&p->dpc, away);
	local_bh_enable();
	expect_runs_on(test, p, raw_smp_processor_id());
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	expect_runs_on(test, p, away);
}

/* Shows: DP-024 */
static void target_of_a_queued_threaded_dpc_counts_next_time(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	unsigned int away = nts_probe_other_cpu(test);
	struct nts_processor_number number = { .group = away / 64,
					       .number = away % 64 };

	KeInitializeThreadedDpc(&p->dpc, nts_probe_fn, p);
	local_bh_disable();
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KUNIT_EXPECT_EQ(test, KeSetTargetProcessorDpcEx(&p->dpc, &number), 0);
	local_bh_enable();
	expect_runs_on(test, p, raw_smp_processor_id());
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	expect_runs_on(test, p, away);
}

/* Shows: DP-033, DP-020 */
static void high_importance_kicks_the_other_processor(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	unsigned int cpu = nts_probe_other_cpu(test);

	KeSetTargetProcessorDpc(&p->dpc, cpu);
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->cpu, cpu);
}

static void insert_remotely(void *data)
{
	KeInsertQueueDpc(data, NULL, NULL);
}

/* Shows: DP-021, DP-005, DP-076 */
static void untargeted_dpc_runs_where_it_was_queued(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	unsigned int cpu = nts_probe_other_cpu(test);

	smp_call_function_single(cpu, insert_remotely, &p->dpc, true);
	nts_probe_await(test, &p->done);
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
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct raiser raiser = {
		.work = IRQ_WORK_INIT_HARD(raiser_fn),
		.dpc = &p->dpc,
	};

	irq_work_queue(&raiser.work);
	nts_probe_await(test, &p->done);
	irq_work_sync(&raiser.work);
	KUNIT_EXPECT_EQ(test, p->irql, NTS_DISPATCH_LEVEL);
}

/**
 * struct interrupt - what an interrupt does with a DPC of its own
 * @work: calls back in a hard interrupt
 * @dpc: used there alone
 * @inserted: result of the insertion
 * @importance: what was set
 * @target: likewise
 * @removed: result of the removal
 */
struct interrupt {
	struct irq_work work;
	struct nts_dpc dpc;
	u8 inserted;
	u8 importance;
	u16 target;
	u8 removed;
};

static void interrupt_fn(struct irq_work *work)
{
	struct interrupt *i = container_of(work, struct interrupt, work);

	KeInitializeDpc(&i->dpc, nts_probe_fn, NULL);
	KeSetImportanceDpc(&i->dpc, NTS_DPC_LOW);
	KeSetTargetProcessorDpc(&i->dpc, raw_smp_processor_id());
	i->importance = i->dpc.importance;
	i->target = i->dpc.target;
	i->inserted = KeInsertQueueDpc(&i->dpc, NULL, NULL);
	i->removed = KeRemoveQueueDpc(&i->dpc);
}

/* Shows: DP-005 */
static void hard_interrupt_may_make_every_call(struct kunit *test)
{
	struct interrupt *i = kunit_kzalloc(test, sizeof(*i), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, i);
	i->work = IRQ_WORK_INIT_HARD(interrupt_fn);
	irq_work_queue(&i->work);
	irq_work_sync(&i->work);
	KUNIT_EXPECT_EQ(test, i->importance, NTS_DPC_LOW);
	KUNIT_EXPECT_GT(test, i->target, 0);
	KUNIT_EXPECT_EQ(test, i->inserted, 1);
	KUNIT_EXPECT_EQ(test, i->removed, 1);
}

/* Shows: DP-005, DP-031 */
static void disabled_interrupts_put_it_off(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);

	local_irq_disable();
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 0);
	local_irq_enable();
	nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, p->irql, NTS_DISPATCH_LEVEL);
}

#define TIMED_ROUNDS 20

/**
 * struct timing - how long an insertion comes before its run
 * @p: the DPC
 * @work: inserts it in a hard interrupt
 * @inserted_ns: right before the insertion
 * @ran_ns: when the routine ran
 */
struct timing {
	struct nts_probe *p;
	struct irq_work work;
	u64 inserted_ns;
	u64 ran_ns;
};

static void timed_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;
	struct timing *timing = arg1;

	timing->ran_ns = ktime_get_ns();
	complete(&p->done);
}

static void insert_timed(struct timing *timing)
{
	timing->inserted_ns = ktime_get_ns();
	KeInsertQueueDpc(&timing->p->dpc, timing, NULL);
}

/*
 * The longest of some times, where time is simulated and nothing else can delay
 * a DPC; elsewhere others use the machine too, so the shortest.
 */
static u64 time_to_run(struct kunit *test, struct timing *timing,
		       void (*insert)(struct timing *timing))
{
	bool exact = nts_test_time_is_simulated();
	u64 took_ns = exact ? 0 : U64_MAX;
	unsigned int i;
	u64 ns;

	for (i = 0; i < TIMED_ROUNDS; i++) {
		/* A run may follow a tick: look at all places between two. */
		usleep_range(1 + i * 500, 2 + i * 500);
		insert(timing);
		nts_probe_await(test, &timing->p->done);
		ns = timing->ran_ns - timing->inserted_ns;
		took_ns = exact ? max(took_ns, ns) : min(took_ns, ns);
	}
	kunit_info(test, "%llu us\n", took_ns / NSEC_PER_USEC);
	return took_ns;
}

static void expect_deferred_for_a_tick(struct kunit *test, u64 took_ns)
{
	/* Else none was deferred: simulated time passes when all sleep. */
	if (nts_test_time_is_simulated())
		KUNIT_EXPECT_GT(test, took_ns, NSEC_PER_MSEC);
	KUNIT_EXPECT_LE(test, took_ns, nts_ns_from_100ns(nts_clock_tick_max()));
}

static void no_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
}

/* Below that rate nothing is deferred here. */
static void insert_timed_among_many(struct timing *timing)
{
	struct nts_dpc other;
	unsigned int i;

	KeInitializeDpc(&other, no_fn, NULL);
	local_bh_disable();
	for (i = 0; i < 10; i++) {
		KeInsertQueueDpc(&other, NULL, NULL);
		KeRemoveQueueDpc(&other);
	}
	/* They have asked for a drain, which comes here. */
	local_bh_enable();
	insert_timed(timing);
}

/* Shows: DP-035 */
static void low_dpc_runs_within_a_tick(struct kunit *test)
{
	struct timing timing = { .p = nts_probe_new(test, timed_fn) };
	unsigned int home = raw_smp_processor_id();

	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(home)),
			0);
	KeSetImportanceDpc(&timing.p->dpc, NTS_DPC_LOW);
	expect_deferred_for_a_tick(test, time_to_run(test, &timing,
						     insert_timed_among_many));
}

/* Shows: DP-035 */
static void dpc_of_another_processor_runs_within_a_tick(struct kunit *test)
{
	struct timing timing = { .p = nts_probe_new(test, timed_fn) };

	KeSetTargetProcessorDpc(&timing.p->dpc, nts_probe_other_cpu(test));
	expect_deferred_for_a_tick(test,
				   time_to_run(test, &timing, insert_timed));
}

static void timed_interrupt_fn(struct irq_work *work)
{
	insert_timed(container_of(work, struct timing, work));
}

static void interrupt(struct timing *timing)
{
	irq_work_queue(&timing->work);
}

/* Shows: DP-076 */
static void dpc_of_an_interrupt_runs_soon_after_it(struct kunit *test)
{
	struct timing timing = {
		.p = nts_probe_new(test, timed_fn),
		.work = IRQ_WORK_INIT_HARD(timed_interrupt_fn),
	};
	u64 took_ns = time_to_run(test, &timing, interrupt);

	irq_work_sync(&timing.work);
	KUNIT_EXPECT_LT(test, took_ns, NSEC_PER_MSEC);
}

static struct kunit_case dpc_cases[] = {
	KUNIT_CASE(init_ignores_old_content),
	KUNIT_CASE(routine_has_run_when_insert_returns),
	KUNIT_CASE(default_importance_drains_at_any_rate),
	KUNIT_CASE(routine_runs_at_dispatch_level),
	KUNIT_CASE(executing_is_true_inside_only),
	KUNIT_CASE(second_insert_changes_nothing),
	KUNIT_CASE(remove_before_start_prevents_the_run),
	KUNIT_CASE(routine_may_queue_its_dpc_again),
	KUNIT_CASE(routine_may_free_its_dpc),
	KUNIT_CASE(routine_may_overwrite_its_dpc),
	KUNIT_CASE(routine_may_initialise_its_dpc_again),
	KUNIT_CASE(dpc_without_routine_is_dropped),
	KUNIT_CASE(init_of_queued_dpc_is_reported),
	KUNIT_CASE(uninitialised_dpc_is_refused),
	KUNIT_CASE(unknown_importance_changes_nothing),
	KUNIT_CASE(target_out_of_range_changes_nothing),
	KUNIT_CASE(target_ex_checks_every_member),
	KUNIT_CASE(target_processor_runs_the_dpc),
	KUNIT_CASE(target_of_a_queued_dpc_counts_next_time),
	KUNIT_CASE(target_of_a_queued_threaded_dpc_counts_next_time),
	KUNIT_CASE(high_importance_kicks_the_other_processor),
	KUNIT_CASE(untargeted_dpc_runs_where_it_was_queued),
	KUNIT_CASE(hard_interrupt_may_queue),
	KUNIT_CASE(hard_interrupt_may_make_every_call),
	KUNIT_CASE(disabled_interrupts_put_it_off),
	KUNIT_CASE(low_dpc_runs_within_a_tick),
	KUNIT_CASE(dpc_of_another_processor_runs_within_a_tick),
	KUNIT_CASE(dpc_of_an_interrupt_runs_soon_after_it),
	{}
};

static struct kunit_suite dpc_suite = {
	.name = "ntshim_dpc",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = dpc_cases,
};

kunit_test_suite(dpc_suite);
