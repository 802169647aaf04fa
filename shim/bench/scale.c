// SPDX-License-Identifier: GPL-2.0
/*
 * Set and cancel on several processors at once, each with timers of its own and
 * all with the same ones. The time is that from the common start until the last
 * has finished.
 */

#include "../compat.h"

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/kernel.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>
#include <linux/vmalloc.h>

#include "../ke_api.h"
#include "../nt_api.h"
#include "../timer.h"
#include "bench.h"

#define CPUS_MAX 8
#define PAIRS 20000
#define QUICK_PAIRS 200
#define ROUNDS 21
#define QUICK_ROUNDS 2
#define DUE_SECONDS 1000

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
 * @pairs: sets and cancels that each makes
 * @shared: all work on the first set of @sets
 * @work: what each does
 * @sets: one for each processor
 * @ready: processors that have come to the start
 * @busy: processors that have not finished
 * @start: the start is given
 * @short_of: fewer processors worked in some batch, so that no time is right
 * @end: when the last one had finished, ticks
 */
struct scale_bench {
	unsigned int cpus;
	unsigned int pairs;
	bool shared;
	void (*work)(struct timer_set *set, unsigned int pairs);
	struct timer_set *sets;
	atomic_t ready;
	atomic_t busy;
	bool start;
	bool short_of;
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

static void raw_work(struct timer_set *set, unsigned int pairs)
{
	ktime_t due = ktime_set(DUE_SECONDS, 0);
	struct hrtimer *timer;
	unsigned int i;

	for (i = 0; i < pairs; i++) {
		timer = &set->raw[i % TIMERS];
		hrtimer_start(timer, due, HRTIMER_MODE_REL);
		hrtimer_cancel(timer);
	}
}

static void nt_work(struct timer_set *set, unsigned int pairs)
{
	s64 due_100ns = -(s64)DUE_SECONDS * 10000000;
	struct nts_timer *timer;
	unsigned int i;

	for (i = 0; i < pairs; i++) {
		timer = &set->nt[i % TIMERS];
		KeSetTimer(timer, due_100ns, &set->dpc);
		KeCancelTimer(timer);
	}
}

static void work(struct worker *worker)
{
	struct scale_bench *b = worker->bench;

	b->work(&b->sets[b->shared ? 0 : worker->index], b->pairs);
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

/* One batch: all processors do their pairs; the time of all together. */
static u64 run(struct scale_bench *b)
{
	struct worker workers[CPUS_MAX];
	unsigned int count;
	u64 start;

	atomic_set(&b->ready, 1);
	b->start = false;
	count = start_workers(b, workers);
	b->short_of |= count < b->cpus;
	atomic_set(&b->busy, count);
	while (atomic_read(&b->ready) < count)
		schedule_timeout_uninterruptible(1);

	start = bench_ticks();
	/* Pairs with the acquire in worker_main(). */
	smp_store_release(&b->start, true);
	work(&workers[0]);
	end_workers(workers, count);
	return b->end - start;
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
	alone.pairs = b->cpus * b->pairs;
	return nt_batch(&alone);
}

static int measure(struct scale_bench *b)
{
	bool against_one = b->cpus > 1 && !b->shared;
	struct bench_case c = {
		.name = b->shared ? "scale_shared" : "scale_private",
		.size = b->cpus,
		.ops = b->cpus * b->pairs,
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
	struct scale_bench b = { .pairs = bench_quick ? QUICK_PAIRS : PAIRS };
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
