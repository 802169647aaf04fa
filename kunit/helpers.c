// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites share; see helpers.h.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#ifdef CONFIG_UML_TIME_TRAVEL_SUPPORT
#include <linux/time-internal.h>
#endif

#include "../shim/ke_api.h"
#include "../shim/wait.h"
#include "helpers.h"

#define MAX_FINDINGS 32

unsigned int nts_test_samples = 1000;
module_param_named(samples, nts_test_samples, uint, 0444);
MODULE_PARM_DESC(samples,
		 "Times in cases that say \"never early\" (default 1000)");

/* Before something that must happen is called lost. */
#define PATIENCE_JIFFIES (30 * HZ)

/* KMODE_EXCEPTION_NOT_HANDLED: its first parameter is the status. */
#define EXCEPTION_NOT_HANDLED 0x1e

/**
 * struct heard - a finding that the case has provoked
 * @rule: its ID; NULL: taken
 * @kind: a report or a misuse note
 * @code: bug check code
 * @parameter: first of the bug check's parameters
 */
struct heard {
	const char *rule;
	enum nts_finding_kind kind;
	u32 code;
	unsigned long parameter;
};

static atomic_t finding_count;
static struct heard findings[MAX_FINDINGS];
static atomic_t run_order;

static void count_finding(enum nts_finding_kind kind,
			  const struct nts_finding *finding, void *data)
{
	int index = atomic_inc_return(&finding_count) - 1;

	if (index < MAX_FINDINGS)
		findings[index] = (struct heard){
			.rule = finding->rule,
			.kind = kind,
			.code = finding->code,
			.parameter = finding->args[0],
		};
}

static unsigned int count_heard(void)
{
	return min(atomic_read(&finding_count), MAX_FINDINGS);
}

/* A kernel that has just booted may still run its timers at each tick. */
static void await_exact_timers(void)
{
	int i;

	for (i = 0; i < 100 && hrtimer_resolution > 1; i++)
		usleep_range(10000, 20000);
}

/**
 * nts_test_init() - start to account for findings
 * @test: the case
 *
 * Return: 0.
 */
int nts_test_init(struct kunit *test)
{
	await_exact_timers();
	atomic_set(&finding_count, 0);
	memset(findings, 0, sizeof(findings));
	nts_finding_hook(count_finding, NULL);
	return 0;
}

/**
 * nts_test_exit() - fail the case for findings that it did not take
 * @test: the case
 */
void nts_test_exit(struct kunit *test)
{
	unsigned int count = count_heard();
	struct heard *h;

	nts_finding_hook(NULL, NULL);
	for (h = findings; h < findings + count; h++)
		if (h->rule)
			KUNIT_FAIL(test, "unexpected finding %s 0x%x (0x%lx)",
				   h->rule, h->code, h->parameter);
}

/**
 * nts_test_expect_all() - fail the case for a check of a ported source
 * @test: the case
 * @broken: text of the condition that did not hold; NULL: all did
 */
void nts_test_expect_all(struct kunit *test, const char *broken)
{
	if (broken)
		KUNIT_FAIL(test, "does not hold: %s", broken);
}

static bool says(const struct heard *h, const struct heard *what)
{
	return h->kind == what->kind && h->code == what->code &&
	       h->parameter == what->parameter;
}

/* Those of a rule that say @what; NULL: all of them. */
static unsigned int take(const char *rule, const struct heard *what)
{
	unsigned int count = count_heard();
	unsigned int taken = 0;
	struct heard *h;

	for (h = findings; h < findings + count; h++) {
		if (!h->rule || strcmp(h->rule, rule))
			continue;
		if (what && !says(h, what))
			continue;
		h->rule = NULL;
		taken++;
	}
	return taken;
}

/**
 * nts_test_take_findings() - the findings of a rule so far
 * @rule: its ID
 *
 * Return: how many since the start of the case or the last call.
 */
unsigned int nts_test_take_findings(const char *rule)
{
	return take(rule, NULL);
}

/**
 * nts_test_await_findings() - nts_test_take_findings() until there are enough
 * @rule: its ID
 * @count: of findings
 *
 * Return: how many there were when it was @count or more, or took too long.
 */
unsigned int nts_test_await_findings(const char *rule, unsigned int count)
{
	unsigned long limit = jiffies + PATIENCE_JIFFIES;
	unsigned int taken = 0;

	do {
		usleep_range(50, 100);
		taken += take(rule, NULL);
	} while (taken < count && time_before(jiffies, limit));
	return taken;
}

/**
 * nts_test_take_reports() - the reports of a rule that say what Windows would
 * @rule: its ID
 * @code: bug check code
 * @parameter: first of the bug check's parameters
 *
 * Misuse notes and reports that say something else are left.
 *
 * Return: how many since the start of the case or the last call.
 */
unsigned int nts_test_take_reports(const char *rule, u32 code,
				   unsigned long parameter)
{
	const struct heard what = {
		.kind = NTS_REPORT,
		.code = code,
		.parameter = parameter,
	};

	return take(rule, &what);
}

/**
 * nts_test_take_raised() - the reports of a rule where Windows would raise
 * @rule: its ID
 * @status: NTSTATUS of the exception
 *
 * Return: how many since the start of the case or the last call.
 */
unsigned int nts_test_take_raised(const char *rule, s32 status)
{
	return nts_test_take_reports(rule, EXCEPTION_NOT_HANDLED, (u32)status);
}

/**
 * nts_test_time_is_simulated() - whether time passes only while all sleep
 *
 * Return: true in User Mode Linux with time-travel=inf-cpu.
 */
bool nts_test_time_is_simulated(void)
{
#ifdef CONFIG_UML_TIME_TRAVEL_SUPPORT
	return time_travel_mode == TT_MODE_INFCPU;
#else
	return false;
#endif
}

/**
 * nts_test_step_clock() - set the system time
 * @step_s: by how much; negative: backwards
 *
 * A case that calls it takes the step back before it ends.
 *
 * Return: 0, or a negative errno if the time would lie before the boot.
 */
int nts_test_step_clock(s64 step_s)
{
	struct timespec64 time;

	ktime_get_real_ts64(&time);
	time.tv_sec += step_s;
	return do_settimeofday64(&time);
}

/**
 * nts_test_set_timer_elsewhere() - KeSetCoalescableTimer on another processor
 * @timer: the timer
 * @due_100ns: absolute system time
 * @tolerance_ms: how late its interrupt may be
 *
 * An interrupt handles all events of its processor that are due. So one that
 * may come late really does, if it belongs to another processor. With a single
 * one there is no such place. The caller runs on the first processor then.
 */
void nts_test_set_timer_elsewhere(struct nts_timer *timer, s64 due_100ns,
				  u32 tolerance_ms)
{
	set_cpus_allowed_ptr(current, cpumask_of(num_online_cpus() - 1));
	KeSetCoalescableTimer(timer, due_100ns, 0, tolerance_ms, NULL);
	set_cpus_allowed_ptr(current, cpumask_of(0));
}

/**
 * nts_test_wait() - KeWaitForSingleObject, not alertable
 * @object: what to wait for
 * @timeout_100ns: when to give up
 *
 * Return: its NTSTATUS.
 */
s32 nts_test_wait(void *object, s64 timeout_100ns)
{
	return KeWaitForSingleObject(object, 0, 0, 0, &timeout_100ns);
}

/**
 * nts_test_look() - a wait that does not
 * @object: is acquired if it is signaled
 *
 * Return: STATUS_SUCCESS, or STATUS_TIMEOUT if it is not signaled.
 */
s32 nts_test_look(void *object)
{
	return nts_test_wait(object, 0);
}

static void count_run(struct nts_dpc *dpc, void *context, void *arg1,
		      void *arg2)
{
	struct nts_test_dpc *counter = context;

	counter->arg1 = arg1;
	counter->arg2 = arg2;
	counter->order = atomic_inc_return(&run_order);
	/* Pairs with the acquire of whoever looks at the other fields. */
	atomic_inc_return_release(&counter->runs);
}

/**
 * nts_test_dpc_init() - make memory a DPC that counts
 * @counter: memory of any content
 */
void nts_test_dpc_init(struct nts_test_dpc *counter)
{
	memset(counter, 0, sizeof(*counter));
	nts_dpc_init(&counter->dpc, NTS_DPC_ORDINARY, count_run, counter);
}

/**
 * nts_test_dpc_runs() - how often a DPC has run
 * @counter: the DPC
 *
 * Waits for what is queued.
 *
 * Return: runs since nts_test_dpc_init().
 */
int nts_test_dpc_runs(struct nts_test_dpc *counter)
{
	nts_dpc_flush();
	return atomic_read(&counter->runs);
}

static int wait_fn(void *data)
{
	struct nts_test_waiter *waiter = data;

	waiter->status = KeWaitForSingleObject(waiter->object, 0, 0, 0,
					       waiter->timeout_100ns);
	waiter->order = atomic_inc_return(&run_order);
	complete(&waiter->done);
	return 0;
}

/**
 * nts_test_count_waits() - how many waits are blocked on an object
 * @object: the object
 *
 * Return: length of its list at some instant.
 */
unsigned int nts_test_count_waits(struct nts_header *object)
{
	struct nts_shard *shard = nts_shard_of(object);
	unsigned long flags;
	unsigned int count;

	raw_spin_lock_irqsave(&shard->lock, flags);
	count = list_count_nodes(&object->wait_list);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return count;
}

/**
 * nts_test_await_waits() - until so many waits are blocked on an object
 * @test: the case; ends if it takes too long
 * @object: the object
 * @count: how many
 */
void nts_test_await_waits(struct kunit *test, struct nts_header *object,
			  unsigned int count)
{
	unsigned long limit = jiffies + PATIENCE_JIFFIES;

	while (nts_test_count_waits(object) != count) {
		KUNIT_ASSERT_TRUE(test, time_before(jiffies, limit));
		usleep_range(50, 100);
	}
}

/**
 * nts_test_await_sleep() - until a thread that is blocked on an object sleeps
 * @task: the thread; goes on when the caller wants it to
 *
 * Before, it may be linked to the object and not have let alerts in.
 */
void nts_test_await_sleep(const struct task_struct *task)
{
	while (!READ_ONCE(task->__state))
		schedule_timeout_uninterruptible(1);
}

/**
 * nts_test_start_waiter() - start a thread that waits for an object
 * @test: the case; ends without a thread
 * @waiter: memory of any content
 * @object: for what, not signaled
 * @timeout_100ns: time limit; NULL: none
 *
 * Returns when it is blocked, last in the queue.
 */
void nts_test_start_waiter(struct kunit *test, struct nts_test_waiter *waiter,
			   void *object, const s64 *timeout_100ns)
{
	unsigned int before = nts_test_count_waits(object);

	waiter->object = object;
	waiter->timeout_100ns = timeout_100ns;
	init_completion(&waiter->done);
	waiter->task = kthread_run(wait_fn, waiter, "nts-waiter");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, waiter->task);
	nts_test_await_waits(test, object, before + 1);
}

/**
 * nts_test_join() - until a waiter has returned from its wait
 * @waiter: started waiter
 *
 * Return: false if it takes too long.
 */
bool nts_test_join(struct nts_test_waiter *waiter)
{
	return wait_for_completion_timeout(&waiter->done, PATIENCE_JIFFIES);
}

/**
 * nts_engine_init() - give a case its engine in test->priv
 * @test: the case
 *
 * The clocks start at one hour and at the year 2020.
 *
 * Return: 0 or -ENOMEM.
 */
int nts_engine_init(struct kunit *test)
{
	struct nts_engine *e = kunit_kzalloc(test, sizeof(*e), GFP_KERNEL);

	if (!e)
		return -ENOMEM;
	nts_shard_init(&e->shard);
	e->now.mono_ns = 3600 * NSEC_PER_SEC;
	e->now.real_ns = 1577836800ULL * NSEC_PER_SEC;
	test->priv = e;
	return nts_test_init(test);
}

/* A look at the queue at time 0, when nothing is due, sorts all of it. */
static void cancel_all(struct nts_engine *e, enum nts_clock clock)
{
	struct rb_root_cached *root = &e->shard.queue[clock].sorted;
	struct rb_node *node;

	while ((node = rb_first_cached(root)))
		nts_timer_cancel(&e->shard,
				 rb_entry(node, struct nts_timer, node));
}

/**
 * nts_engine_exit() - end a case that has an engine
 * @test: the case
 *
 * Disarms what it left armed: memory that is freed with an armed timer in it
 * would still look armed to the next user.
 */
void nts_engine_exit(struct kunit *test)
{
	const struct nts_now nothing_is_due = { 0 };
	struct nts_engine *e = test->priv;

	nts_timer_expire(&e->shard, &nothing_is_due, 1);
	cancel_all(e, NTS_CLOCK_MONO);
	cancel_all(e, NTS_CLOCK_REAL);
	nts_test_exit(test);
}

/**
 * nts_engine_timer() - a prepared timer that lives as long as the case
 * @test: the case
 * @type: type code
 *
 * Return: the timer; ends the case without memory.
 */
struct nts_timer *nts_engine_timer(struct kunit *test, u8 type)
{
	struct nts_timer *timer =
		kunit_kzalloc(test, NT_LAYOUT_KTIMER_SIZE, GFP_KERNEL);
	struct nts_engine *e = test->priv;

	KUNIT_ASSERT_NOT_NULL(test, timer);
	memset(timer, 0x55, NT_LAYOUT_KTIMER_SIZE);
	KUNIT_ASSERT_TRUE(test, nts_timer_prepare(&e->shard, timer, type));
	return timer;
}

/**
 * nts_engine_set_tolerant() - KeSetCoalescableTimer on an engine
 * @e: the engine
 * @timer: prepared timer
 * @due_100ns: negative: from now; else system time
 * @period_ms: 0: one shot
 * @tolerance_ms: see struct nts_repeat
 * @dpc: DPC or NULL
 *
 * Return: true if it was armed.
 */
bool nts_engine_set_tolerant(struct nts_engine *e, struct nts_timer *timer,
			     s64 due_100ns, u32 period_ms, u32 tolerance_ms,
			     struct nts_dpc *dpc)
{
	struct nts_repeat repeat = { .period_ms = period_ms,
				     .tolerance_ms = tolerance_ms };

	return nts_timer_set(&e->shard, timer,
			     nts_due_from_nt(due_100ns, e->now.mono_ns), repeat,
			     dpc, &e->now);
}

/**
 * nts_engine_set() - KeSetTimerEx on an engine
 * @e: the engine
 * @timer: prepared timer
 * @due_100ns: negative: from now; else system time
 * @period_ms: 0: one shot
 * @dpc: DPC or NULL
 *
 * Return: true if it was armed.
 */
bool nts_engine_set(struct nts_engine *e, struct nts_timer *timer,
		    s64 due_100ns, u32 period_ms, struct nts_dpc *dpc)
{
	return nts_engine_set_tolerant(e, timer, due_100ns, period_ms, 0, dpc);
}

/**
 * nts_engine_cancel() - KeCancelTimer on an engine
 * @e: the engine
 * @timer: prepared timer
 *
 * Return: true if it was armed.
 */
bool nts_engine_cancel(struct nts_engine *e, struct nts_timer *timer)
{
	return nts_timer_cancel(&e->shard, timer);
}

/**
 * nts_engine_expire() - handle all that is due now
 * @e: the engine
 */
void nts_engine_expire(struct nts_engine *e)
{
	bool entered = nts_dpc_enter();

	while (nts_timer_expire(&e->shard, &e->now, 16))
		;
	nts_dpc_leave(entered);
}

/**
 * nts_engine_advance() - let time pass in one step and handle what is due then
 * @e: the engine
 * @ns: by how much, on both clocks
 */
void nts_engine_advance(struct nts_engine *e, u64 ns)
{
	e->now.mono_ns += ns;
	e->now.real_ns += ns;
	nts_engine_expire(e);
}

/**
 * nts_engine_systime() - the engine's system time
 * @e: the engine
 *
 * Return: units of 100 ns since 1601.
 */
s64 nts_engine_systime(const struct nts_engine *e)
{
	return nts_systime_from_real(e->now.real_ns);
}

/**
 * nts_engine_consume() - take the signal of a timer, as a wait would
 * @e: the engine
 * @timer: prepared timer
 *
 * Return: true if it was signaled.
 */
bool nts_engine_consume(struct nts_engine *e, struct nts_timer *timer)
{
	unsigned long flags;
	bool signaled;

	raw_spin_lock_irqsave(&e->shard.lock, flags);
	signaled = timer->header.signal_state > 0;
	if (signaled)
		nts_header_consume(&timer->header);
	raw_spin_unlock_irqrestore(&e->shard.lock, flags);
	return signaled;
}

/**
 * nts_engine_run_for() - let time pass and count expiries
 * @e: the engine
 * @timer: synchronization timer; its signals are consumed
 * @ns: how long, a multiple of @step_ns
 * @step_ns: how far between two looks
 *
 * Return: how often @timer was found signaled.
 */
unsigned int nts_engine_run_for(struct nts_engine *e, struct nts_timer *timer,
				u64 ns, u64 step_ns)
{
	unsigned int expiries = 0;

	for (; ns >= step_ns; ns -= step_ns) {
		nts_engine_advance(e, step_ns);
		expiries += nts_engine_consume(e, timer);
	}
	return expiries;
}

MODULE_DESCRIPTION("KUnit suites of ntshim");
MODULE_LICENSE("GPL");
NTS_IMPORT_INTERNAL();
