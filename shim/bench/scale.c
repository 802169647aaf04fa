// SPDX-License-Identifier: GPL-2.0
/*
 * Set and cancel on several processors at once, each with timers of its own and
 * all with the same ones. The time is that from the common start until the last
 * has finished.
 *
 * A guest may have more processors than its host. A lock, which is fair, then goes
 * to some that the host is not running, and a pair takes time slices of the host
 * instead of a microsecond. So a batch has a time limit, and what it took for the
 * pairs that it has made counts for all.
 */

#include "../compat.h"

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/math64.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include "../ke_api.h"
#include "../nt_api.h"
#include "../timer.h"
#include "bench.h"

#define CPUS_MAX 8
#define PASSES 1250
#define QUICK_PASSES 12
#define ROUNDS 21
#define QUICK_ROUNDS 2
#define DUE_SECONDS 1000
#define BATCH_LIMIT_NS (200 * NSEC_PER_MSEC)

/* Timers that a processor goes through, so that no single address decides. */
#define TIMERS 16

/**
 * struct timer_set - what one processor works on
 * @raw: its hrtimers
 * @nt: its KTIMERs
 * @dpc: DPC of @nt, which never runs
 */
struct timer_set {
	struct hrtimer raw[TIMERS];
	struct nts_timer nt[TIMERS];
	struct nts_dpc dpc;
} ____cacheline_aligned;

/**
 * struct scale_bench - one measurement
 * @cpus: how many processors work
 * @passes: how often each sets and cancels all timers of a set
 * @shared: all work on the first set of @sets
 * @work: one such pass
 * @sets: one for each processor
 * @ready: processors that have come to the start
 * @busy: processors that have not finished
 * @passed: passes that all have made
 * @start: the start is given
 * @short_of: fewer processors worked in some batch, so that no time is right
 * @limit: when no pass begins any more, ticks
 * @end: when the last one had finished, ticks
 */
struct scale_bench {
	unsigned int cpus;
	unsigned int passes;
	bool shared;
	void (*work)(struct timer_set *set);
	struct timer_set *sets;
	atomic_t ready;
	atomic_t busy;
	atomic_t passed;
	bool start;
	bool short_of;
	u64 limit;
	u64 end;
};

/* One thread of a measurement; it ends by itself, so its task is held. */
struct worker {
	struct scale_bench *bench;
	unsigned int index;
	struct task_struct *task;
};

static enum hrtimer_restart nothing_fn(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

static void nothing_dpc(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
}

static void raw_work(struct timer_set *set)
{
	ktime_t due = ktime_set(DUE_SECONDS, 0);
	unsigned int i;

	for (i = 0; i < TIMERS; i++) {
		hrtimer_start(&set->raw[i], due, HRTIMER_MODE_REL);
		hrtimer_cancel(&set->raw[i]);
	}
}

static void nt_work(struct timer_set *set)
{
	s64 due_100ns = -(s64)DUE_SECONDS * 10000000;
	unsigned int i;

	for (i = 0; i < TIMERS; i++) {
		KeSetTimer(&set->nt[i], due_100ns, &set->dpc);
		KeCancelTimer(&set->nt[i]);
	}
}

static void work(struct worker *worker)
{
	struct scale_bench *b = worker->bench;
	struct timer_set *set = &b->sets[b->shared ? 0 : worker->index];
	unsigned int passed;

	/* The first one is made in any case: without it there is no time at all. */
	for (passed = 0; passed < b->passes; passed++) {
		if (passed && bench_ticks() >= b->limit)
			break;
		b->work(set);
	}
	atomic_add(passed, &b->passed);
	if (atomic_dec_and_test(&b->busy))
		b->end = bench_ticks();
}

static int worker_main(void *data)
{
	struct worker *worker = data;
	struct scale_bench *b = worker->bench;

	atomic_inc(&b->ready);
	/* Pairs with the release that gives the start. */
	while (!smp_load_acquire(&b->start))
		cpu_relax();
	work(worker);
	return 0;
}

static int start_worker(struct worker *worker, unsigned int cpu)
{
	struct task_struct *task;

	task = kthread_create(worker_main, worker, "ntshim-bench/%u", cpu);
	if (IS_ERR(task))
		return PTR_ERR(task);
	worker->task = get_task_struct(task);
	kthread_bind(task, cpu);
	wake_up_process(task);
	return 0;
}

/*
 * Threads for all processors but the caller's, whose worker comes first.
 * Returns how many workers there are: fewer if memory is short.
 */
static unsigned int start_workers(struct scale_bench *b, struct worker *workers)
{
	unsigned int cpu, count = 1;

	workers[0] = (struct worker){ .bench = b };
	for_each_online_cpu(cpu) {
		if (count == b->cpus)
			break;
		if (cpu == raw_smp_processor_id())
			continue;
		workers[count] = (struct worker){ .bench = b, .index = count };
		if (start_worker(&workers[count], cpu))
			break;
		count++;
	}
	return count;
}

static void end_workers(struct worker *workers, unsigned int count)
{
	unsigned int i;

	for (i = 1; i < count; i++) {
		kthread_stop(workers[i].task);
		put_task_struct(workers[i].task);
	}
}

/* One batch: all processors make their passes; the time of all together. */
static u64 run(struct scale_bench *b)
{
	struct worker workers[CPUS_MAX];
	unsigned int count;
	u64 start;

	atomic_set(&b->ready, 1);
	atomic_set(&b->passed, 0);
	b->start = false;
	count = start_workers(b, workers);
	b->short_of |= count < b->cpus;
	atomic_set(&b->busy, count);
	while (atomic_read(&b->ready) < count)
		schedule_timeout_uninterruptible(1);

	start = bench_ticks();
	b->limit = start + BATCH_LIMIT_NS;
	/* Pairs with the acquire in worker_main(). */
	smp_store_release(&b->start, true);
	work(&workers[0]);
	end_workers(workers, count);
	return div_u64((b->end - start) * count * b->passes,
		       atomic_read(&b->passed));
}

static u64 raw_batch(void *context)
{
	struct scale_bench *b = context;

	b->work = raw_work;
	return run(b);
}

static u64 nt_batch(void *context)
{
	struct scale_bench *b = context;

	b->work = nt_work;
	return run(b);
}

/* All that the others do together on the caller's processor alone. */
static u64 alone_batch(void *context)
{
	struct scale_bench *b = context, alone = *b;

	alone.cpus = 1;
	alone.passes = b->cpus * b->passes;
	return nt_batch(&alone);
}

static int measure(struct scale_bench *b)
{
	bool against_one = b->cpus > 1 && !b->shared;
	struct bench_case c = {
		.name = b->shared ? "scale_shared" : "scale_private",
		.size = b->cpus,
		.ops = b->cpus * b->passes * TIMERS,
		.rounds = bench_quick ? QUICK_ROUNDS : ROUNDS,
		.context = b,
		.sides = { { "raw", raw_batch },
			   { "nt", nt_batch },
			   { against_one ? "alone" : NULL, alone_batch } },
	};
	int ret = bench_measure(&c);

	return ret ? ret : b->short_of ? -ENOMEM : 0;
}

static void prepare(struct timer_set *set)
{
	unsigned int i;

	KeInitializeDpc(&set->dpc, nothing_dpc, NULL);
	for (i = 0; i < TIMERS; i++) {
		hrtimer_setup(&set->raw[i], nothing_fn, CLOCK_MONOTONIC,
			      HRTIMER_MODE_REL);
		KeInitializeTimer(&set->nt[i]);
	}
}

static void cancel_all(struct timer_set *set)
{
	unsigned int i;

	for (i = 0; i < TIMERS; i++) {
		hrtimer_cancel(&set->raw[i]);
		KeCancelTimer(&set->nt[i]);
	}
}

/**
 * bench_scale() - 1, 2, 4 and 8 processors, as many as there are
 *
 * Context: process, may sleep.
 * Return: 0, or -ENOMEM.
 */
int bench_scale(void)
{
	unsigned int most = min_t(unsigned int, num_online_cpus(), CPUS_MAX);
	struct scale_bench b = { .passes = bench_quick ? QUICK_PASSES :
							 PASSES };
	unsigned int i;
	int ret = 0;

	b.sets = vcalloc(CPUS_MAX, sizeof(*b.sets));
	if (!b.sets)
		return -ENOMEM;
	for (i = 0; i < CPUS_MAX; i++)
		prepare(&b.sets[i]);
	for (b.cpus = 1; b.cpus <= most && !ret; b.cpus *= 2) {
		b.shared = false;
		ret = measure(&b);
		b.shared = true;
		if (!ret)
			ret = measure(&b);
	}
	for (i = 0; i < CPUS_MAX; i++)
		cancel_all(&b.sets[i]);
	vfree(b.sets);
	return ret;
}
