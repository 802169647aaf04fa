// SPDX-License-Identifier: GPL-2.0
/*
 * Threaded DPCs. Each case runs with threads and without: a driver must be right
 * both ways.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/stop_machine.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "dpc_probe.h"
#include "helpers.h"

/**
 * struct setting - how the system was booted
 * @name: of the case with it
 * @threads: threaded DPCs run in threads
 */
struct setting {
	const char *name;
	bool threads;
};

static const struct setting settings[] = {
	{ "threads", true },
	{ "no-threads", false },
};

static void describe(const struct setting *setting, char *text)
{
	strscpy(text, setting->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(setting, settings, describe);

/* In each case the setting is the case's; afterwards it is as it was. */
static bool threads_before;

static bool in_threads(struct kunit *test)
{
	const struct setting *setting = test->param_value;

	return setting->threads;
}

static int threaded_init(struct kunit *test)
{
	threads_before = nts_dpc_use_threads(in_threads(test));
	return nts_test_init(test);
}

static void threaded_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_dpc_use_threads(threads_before);
}

/* Shows: DP-080, DP-081, DP-082, DP-089 */
static void runs_at_its_level(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	unsigned int cpu;

	KeInitializeThreadedDpc(&p->dpc, nts_probe_fn, p);
	KeSetImportanceDpc(&p->dpc, NTS_DPC_HIGH);
	for_each_online_cpu(cpu) {
		KeSetTargetProcessorDpc(&p->dpc, cpu);
		KUNIT_EXPECT_TRUE(test, KeInsertQueueDpc(&p->dpc, test, NULL));
		nts_probe_await(test, &p->done);
		KUNIT_EXPECT_EQ(test, p->cpu, cpu);
		KUNIT_EXPECT_NE(test, p->executing, 0);
		KUNIT_EXPECT_EQ(test, p->in_softirq, !in_threads(test));
		KUNIT_EXPECT_EQ(test, p->irql,
				in_threads(test) ? NTS_PASSIVE_LEVEL :
						   NTS_DISPATCH_LEVEL);
		if (in_threads(test))
			KUNIT_EXPECT_TRUE(test, p->realtime);
	}
}

/* Runs on while the case goes on, if a thread may; a DPC must not sleep. */
static void slow_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	if (KeGetCurrentIrql() == NTS_PASSIVE_LEVEL)
		msleep(20);
	else
		mdelay(20);
	atomic_inc(&p->runs);
}

/* Shows: DP-063, DP-080, DP-082 */
static void flush_covers_it(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, slow_fn);

	KeInitializeThreadedDpc(&p->dpc, slow_fn, p);
	KeSetTargetProcessorDpc(&p->dpc, num_online_cpus() - 1);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&p->runs), 1);
}

/* Shows: DP-088, KT-125, DP-082 */
static void timer_may_carry_it(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, nts_probe_fn);
	struct nts_timer timer;
	int i;

	KeInitializeTimer(&timer);
	KeInitializeThreadedDpc(&p->dpc, nts_probe_fn, p);
	KeSetTimerEx(&timer, -UNITS_PER_MS, 1, &p->dpc);
	for (i = 0; i < 3; i++)
		nts_probe_await(test, &p->done);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer), 1);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, p->irql,
			in_threads(test) ? NTS_PASSIVE_LEVEL :
					   NTS_DISPATCH_LEVEL);
}

/* Notes in its first argument how many had run before. */
static void count_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;
	int *before = arg1;

	*before = atomic_fetch_inc(&p->runs);
	complete(&p->done);
}

/* Shows: DP-084, DP-082 */
static void ordinary_ones_go_before_it(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, count_fn);
	struct nts_dpc threaded;
	int before_threaded = -1, before_ordinary = -1;
	u8 old;

	KeInitializeThreadedDpc(&threaded, count_fn, p);
	KeRaiseIrql(NTS_DISPATCH_LEVEL, &old);
	KeInsertQueueDpc(&threaded, &before_threaded, NULL);
	KeInsertQueueDpc(&p->dpc, &before_ordinary, NULL);
	KeLowerIrql(old);
	nts_probe_await(test, &p->done);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, before_threaded, in_threads(test));
	KUNIT_EXPECT_EQ(test, before_ordinary, !in_threads(test));
}

/* Time enough for another DPC to come in, if it could. */
static void stay_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	nts_probe_enter(p);
	udelay(5);
	atomic_inc(&p->runs);
	atomic_dec(&p->inside);
}

/**
 * struct inserter - a thread that keeps queueing a DPC
 * @dpc: which
 * @done: completed at its end
 */
struct inserter {
	struct nts_dpc dpc;
	struct completion done;
};

static int inserter_thread(void *data)
{
	struct inserter *inserter = data;
	int i;

	for (i = 0; i < 2000; i++) {
		KeInsertQueueDpc(&inserter->dpc, NULL, NULL);
		cond_resched();
	}
	complete(&inserter->done);
	return 0;
}

typedef void (*init_fn)(struct nts_dpc *dpc, nts_dpc_fn routine, void *context);

static void never_two_at_once(struct kunit *test, init_fn init)
{
	struct nts_probe *p = nts_probe_new(test, stay_fn);
	struct inserter *inserters;
	unsigned int i;

	inserters = kunit_kcalloc(test, 3, sizeof(*inserters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, inserters);
	for (i = 0; i < 3; i++) {
		init(&inserters[i].dpc, stay_fn, p);
		KeSetImportanceDpc(&inserters[i].dpc, NTS_DPC_HIGH);
		KeSetTargetProcessorDpc(&inserters[i].dpc,
					num_online_cpus() - 1);
		init_completion(&inserters[i].done);
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(inserter_thread,
							       &inserters[i],
							       "nts-insert"));
	}
	for (i = 0; i < 3; i++)
		nts_probe_await(test, &inserters[i].done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_GT(test, atomic_read(&p->runs), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&p->most_inside), 1);
}

/* Shows: DP-027 */
static void ordinary_ones_run_one_at_a_time(struct kunit *test)
{
	never_two_at_once(test, KeInitializeDpc);
}

/* Shows: DP-087, DP-082 */
static void threaded_ones_run_one_at_a_time(struct kunit *test)
{
	never_two_at_once(test, KeInitializeThreadedDpc);
}

/**
 * struct crowd - ordinary threads that keep a processor busy
 * @p: threaded DPC of that processor
 * @steps: of all threads together
 * @steps_at_run: @steps when the DPC ran
 * @overtaken: rounds in which a thread got on before the DPC ran
 * @rounds: how many there were
 * @stop: ends the threads
 * @done: completed by each
 */
struct crowd {
	struct nts_probe *p;
	atomic_t steps;
	int steps_at_run;
	unsigned int overtaken;
	unsigned int rounds;
	atomic_t stop;
	struct completion done;
};

#define CROWD_THREADS 4
#define CROWD_ROUNDS 20

static void steps_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct crowd *crowd = arg1;

	crowd->steps_at_run = atomic_read(&crowd->steps);
	/*
	 * A fair scheduler would let the others make up for that before it runs
	 * again. Its clock may count no less than ticks.
	 */
	mdelay(MSEC_PER_SEC / HZ);
	atomic_inc(&crowd->p->runs);
}

static int crowd_thread(void *data)
{
	struct crowd *crowd = data;

	while (!atomic_read(&crowd->stop)) {
		atomic_inc(&crowd->steps);
		cond_resched();
	}
	complete(&crowd->done);
	return 0;
}

/*
 * The first thread queues the DPC and then lets the scheduler choose: the DPC's
 * thread comes before the others, though no ordinary thread has a better claim
 * to the processor than they.
 */
static int first_thread(void *data)
{
	struct crowd *crowd = data;
	int steps, runs;

	while (!crowd->overtaken && crowd->rounds++ < CROWD_ROUNDS) {
		runs = atomic_read(&crowd->p->runs);
		preempt_disable();
		steps = atomic_read(&crowd->steps);
		KeInsertQueueDpc(&crowd->p->dpc, crowd, NULL);
		preempt_enable();
		while (atomic_read(&crowd->p->runs) == runs)
			cond_resched();
		crowd->overtaken += crowd->steps_at_run != steps;
		usleep_range(100, 200);
	}
	atomic_set(&crowd->stop, 1);
	complete(&crowd->done);
	return 0;
}

static struct task_struct *create_on(struct kunit *test, unsigned int cpu,
				     int (*thread)(void *data),
				     struct crowd *crowd)
{
	struct task_struct *task = kthread_create(thread, crowd, "nts-crowd");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, cpu);
	set_user_nice(task, MIN_NICE);
	return task;
}

/* Shows: DP-084 */
static void ordinary_threads_do_not_delay_it(struct kunit *test)
{
	struct crowd *crowd = kunit_kzalloc(test, sizeof(*crowd), GFP_KERNEL);
	unsigned int cpu = num_online_cpus() - 1, i;
	struct task_struct *tasks[CROWD_THREADS];

	if (nts_test_time_is_simulated())
		kunit_skip(test, "simulated time stands still in a busy loop");
	KUNIT_ASSERT_NOT_NULL(test, crowd);
	crowd->p = nts_probe_new(test, steps_fn);
	KeInitializeThreadedDpc(&crowd->p->dpc, steps_fn, crowd->p);
	init_completion(&crowd->done);
	for (i = 0; i < CROWD_THREADS; i++)
		tasks[i] = create_on(test, cpu, i ? crowd_thread : first_thread,
				     crowd);
	for (i = 0; i < CROWD_THREADS; i++)
		wake_up_process(tasks[i]);
	for (i = 0; i < CROWD_THREADS; i++)
		nts_probe_await(test, &crowd->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, crowd->overtaken, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&crowd->p->runs), CROWD_ROUNDS);
}

/**
 * struct busy - a threaded DPC that goes on until an ordinary one has run
 * @p: the threaded DPC
 * @limit: when it gives up, in jiffies
 * @timer: expires meanwhile
 * @ordinary: DPC of @timer
 * @served: @ordinary has run
 * @interrupted: so @p saw, before it gave up
 */
struct busy {
	struct nts_probe *p;
	unsigned long limit;
	struct nts_timer timer;
	struct nts_dpc ordinary;
	bool served;
	bool interrupted;
};

static void busy_served_fn(struct nts_dpc *dpc, void *context, void *arg1,
			   void *arg2)
{
	struct busy *busy = context;

	WRITE_ONCE(busy->served, true);
}

static void busy_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct busy *busy = arg1;

	KeSetTimer(&busy->timer, -10000, &busy->ordinary);
	while (!READ_ONCE(busy->served) && time_before(jiffies, busy->limit))
		cpu_relax();
	busy->interrupted = READ_ONCE(busy->served);
	complete(&busy->p->done);
}

/*
 * Without threads nothing can, and the kernel complains of a real-time thread that
 * is busy for 950 ms: on PREEMPT_RT softirqs may run in one.
 *
 * Shows: DP-084
 */
static void ordinary_one_interrupts_it(struct kunit *test)
{
	struct busy *busy = kunit_kzalloc(test, sizeof(*busy), GFP_KERNEL);

	if (nts_test_time_is_simulated())
		kunit_skip(test, "simulated time stands still in a busy loop");
	KUNIT_ASSERT_NOT_NULL(test, busy);
	busy->p = nts_probe_new(test, busy_fn);
	KeInitializeThreadedDpc(&busy->p->dpc, busy_fn, busy->p);
	KeInitializeDpc(&busy->ordinary, busy_served_fn, busy);
	KeInitializeTimer(&busy->timer);
	busy->limit = jiffies + (in_threads(test) ? HZ * 9 / 10 : HZ / 10);
	KeInsertQueueDpc(&busy->p->dpc, busy, NULL);
	nts_probe_await(test, &busy->p->done);
	KeCancelTimer(&busy->timer);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, busy->interrupted, in_threads(test));
}

/* Less than the kernel takes to complain of a processor that is stuck. */
#define HOG_LIMIT (10 * HZ)

/**
 * struct hog - a DPC that queues itself until the kernel's own thread has run
 * @p: the DPC
 * @limit: when it gives up, in jiffies
 * @stopped: the thread that comes before all others has run
 * @in_time: and before the limit
 */
struct hog {
	struct nts_probe *p;
	unsigned long limit;
	bool stopped;
	bool in_time;
};

static void hog_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct hog *hog = arg1;

	atomic_inc(&hog->p->runs);
	hog->in_time = READ_ONCE(hog->stopped);
	if (!hog->in_time && time_before(jiffies, hog->limit))
		KeInsertQueueDpc(dpc, hog, NULL);
	else
		complete(&hog->p->done);
}

static int stopped_fn(void *data)
{
	WRITE_ONCE(((struct hog *)data)->stopped, true);
	return 0;
}

/*
 * Where the kernel does not preempt, the DPC's thread must let it schedule. What
 * comes then is up to the priorities; ordinary threads get what the kernel
 * leaves them of a real-time thread that is always busy, with a complaint.
 */
/* Shows: DP-039, DP-082 */
static void self_requeue_lets_the_kernel_schedule(struct kunit *test)
{
	unsigned int cpu = nts_probe_other_cpu(test);
	struct hog *hog;

	hog = kunit_kzalloc(test, sizeof(*hog), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, hog);
	hog->p = nts_probe_new(test, hog_fn);
	hog->limit = jiffies + HOG_LIMIT;
	KeInitializeThreadedDpc(&hog->p->dpc, hog_fn, hog->p);
	KeSetTargetProcessorDpc(&hog->p->dpc, cpu);
	KeSetImportanceDpc(&hog->p->dpc, NTS_DPC_HIGH);
	KeInsertQueueDpc(&hog->p->dpc, hog, NULL);
	while (!atomic_read(&hog->p->runs))
		cond_resched();
	stop_machine(stopped_fn, hog, NULL);
	nts_probe_await(test, &hog->p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_TRUE(test, hog->in_time);
}

static void wait_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	static const s64 limit_100ns = -UNITS_PER_MS;
	static const s64 look;
	struct nts_probe *p = context;

	KeWaitForSingleObject(arg1, 0, 0, 0, &look);
	if (arg2)
		p->status = KeDelayExecutionThread(0, 0, &limit_100ns);
	else
		p->status = KeWaitForSingleObject(arg1, 0, 0, 0, &limit_100ns);
	complete(&p->done);
}

static void wait_in_it(struct kunit *test, struct nts_probe *p, bool delay)
{
	struct nts_header event;

	KeInitializeEvent(&event, 0, 0);
	KeInsertQueueDpc(&p->dpc, &event, delay ? p : NULL);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
}

/* Shows: DP-085, DP-071 */
static void blocking_in_it_is_noted(struct kunit *test)
{
	enum nts_verifier_mode before = nts_verifier_mode();
	struct nts_probe *p = nts_probe_new(test, wait_fn);
	bool threads = in_threads(test);

	KeInitializeThreadedDpc(&p->dpc, wait_fn, p);
	nts_verifier_switch(NTS_VERIFIER_ON);
	wait_in_it(test, p, false);
	KUNIT_EXPECT_EQ(test, p->status, NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-085"), threads);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-IRQ-02"), !threads);
	wait_in_it(test, p, true);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-085"), threads);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-DLY-04"), !threads);
	nts_verifier_switch(NTS_VERIFIER_OFF);
	wait_in_it(test, p, false);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-085"), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-IRQ-02"), !threads);
	nts_verifier_switch(before);
}

static void flush_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	KeFlushQueuedDpcs();
	complete(&p->done);
}

/* Shows: DP-065 */
static void flush_in_it_is_reported(struct kunit *test)
{
	struct nts_probe *p = nts_probe_new(test, flush_fn);

	KeInitializeThreadedDpc(&p->dpc, flush_fn, p);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("DP-065"), 1);
}

static void at_dpc_level_fn(struct nts_dpc *dpc, void *context, void *arg1,
			    void *arg2)
{
	struct nts_probe *p = context;
	struct nts_spinlock lock;

	KeInitializeSpinLock(&lock);
	KeAcquireSpinLockAtDpcLevel(&lock);
	p->status = nts_test_take_findings("V-09");
	KeReleaseSpinLockFromDpcLevel(&lock);
	complete(&p->done);
}

/* Shows: DP-086, V-09 */
static void at_dpc_level_lock_in_it_is_reported(struct kunit *test)
{
	enum nts_verifier_mode before = nts_verifier_mode();
	struct nts_probe *p = nts_probe_new(test, at_dpc_level_fn);

	nts_verifier_switch(NTS_VERIFIER_ON);
	KeInitializeThreadedDpc(&p->dpc, at_dpc_level_fn, p);
	KeInsertQueueDpc(&p->dpc, NULL, NULL);
	nts_probe_await(test, &p->done);
	KeFlushQueuedDpcs();
	nts_verifier_switch(before);
	KUNIT_EXPECT_EQ(test, p->status, in_threads(test));
	/* Once more where Linux does not know that preemption is off. */
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-09"),
			in_threads(test) && !IS_ENABLED(CONFIG_PREEMPT_COUNT));
}

static struct kunit_case dpc_threaded_cases[] = {
	KUNIT_CASE_PARAM(runs_at_its_level, setting_gen_params),
	KUNIT_CASE_PARAM(flush_covers_it, setting_gen_params),
	KUNIT_CASE_PARAM(timer_may_carry_it, setting_gen_params),
	KUNIT_CASE_PARAM(ordinary_ones_go_before_it, setting_gen_params),
	KUNIT_CASE_PARAM(ordinary_ones_run_one_at_a_time, setting_gen_params),
	KUNIT_CASE_PARAM(threaded_ones_run_one_at_a_time, setting_gen_params),
	KUNIT_CASE_PARAM(ordinary_threads_do_not_delay_it, setting_gen_params),
	KUNIT_CASE_PARAM(ordinary_one_interrupts_it, setting_gen_params),
	KUNIT_CASE_PARAM(self_requeue_lets_the_kernel_schedule,
			 setting_gen_params),
	KUNIT_CASE_PARAM(blocking_in_it_is_noted, setting_gen_params),
	KUNIT_CASE_PARAM(flush_in_it_is_reported, setting_gen_params),
	KUNIT_CASE_PARAM(at_dpc_level_lock_in_it_is_reported,
			 setting_gen_params),
	{}
};

static struct kunit_suite dpc_threaded_suite = {
	.name = "ntshim_dpc_threaded",
	.init = threaded_init,
	.exit = threaded_exit,
	.test_cases = dpc_threaded_cases,
};

kunit_test_suite(dpc_threaded_suite);
