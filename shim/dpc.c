// SPDX-License-Identifier: GPL-2.0
/*
 * The processors' DPC queues and what drains them: a tasklet for ordinary
 * DPCs, a real-time thread for threaded ones. Only this file
 * and dpc_raise.c name tasklets. Which DPC comes when is dpc_queue.c's business.
 *
 * A drain is started from the processor that owns the queue, or by a call
 * function interrupt sent to it; nothing of that lies in a KDPC, which the
 * driver may free as soon as its routine starts.
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/interrupt.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/smpboot.h>
#include <linux/timer.h>
#include <linux/wait.h>

#include "callback.h"
#include "clock.h"
#include "dpc.h"
#include "dpc_left.h"
#include "dpc_queue.h"
#include "dpc_raise.h"
#include "report.h"

/*
 * DP-039: what one tasklet run may do before other softirqs get their turn. In
 * jiffies, as the kernel bounds its softirqs: reading a clock for each DPC costs
 * more than taking it off the queue.
 */
#define BUDGET_CALLS 256
#define BUDGET_MS 2

static unsigned int dpc_depth = 4;
module_param(dpc_depth, uint, 0444);
MODULE_PARM_DESC(dpc_depth,
		 "Queue depth that ends the deferral of DPCs (default 4)");

static unsigned int dpc_min_rate = 3;
module_param(dpc_min_rate, uint, 0444);
MODULE_PARM_DESC(dpc_min_rate,
		 "DPCs per tick below which none is deferred locally (default 3)");

static bool dpc_eager;
module_param(dpc_eager, bool, 0444);
MODULE_PARM_DESC(dpc_eager, "Never defer a DPC (default N)");

static bool thread_dpc = true;
module_param(thread_dpc, bool, 0444);
MODULE_PARM_DESC(thread_dpc, "Run threaded DPCs in threads (default Y)");

/**
 * struct nts_dpc_cpu - what one processor has for its DPCs
 * @ordinary: drained by @tasklet at DISPATCH_LEVEL
 * @threaded: drained by the processor's thread at PASSIVE_LEVEL
 * @tasklet: runs on the queues' processor only, and never beside itself
 * @kick: brings other processors' requests here
 * @kicked: @kick is somebody's to send, or on its way
 * @raise: raises @tasklet where a bare raise would leave it to ksoftirqd
 * @deadline: ends the deferral of what lies in @ordinary (DP-035)
 */
struct nts_dpc_cpu {
	struct nts_dpcq ordinary;
	struct nts_dpcq threaded;
	struct tasklet_struct tasklet;
	call_single_data_t kick;
	struct irq_work raise;
	struct timer_list deadline;
	bool kicked;
};

static DEFINE_PER_CPU(struct nts_dpc_cpu, dpc_cpus);
static DEFINE_PER_CPU(struct task_struct *, dpc_threads);
static DECLARE_WAIT_QUEUE_HEAD(flush_waiters);
static atomic64_t flush_number;
static struct nts_dpc_limits limits;
static int hotplug_online_state;
static int hotplug_dead_state;

/*
 * One sender at a time, as the kernel demands of its callers: who finds the call
 * claimed is served by it. A call is refused by a processor that is not there.
 * If that one is going, its queues will move, and their heir is kicked; if it
 * has come meanwhile, others may have relied on this call, so it is made again.
 */
static void kick_other(struct nts_dpc_cpu *c)
{
	while (!xchg(&c->kicked, true)) {
		if (!smp_call_function_single_async(c->ordinary.cpu, &c->kick))
			return;
		/* A full barrier, also before the look at the processor. */
		xchg(&c->kicked, false);
		if (!cpu_online(c->ordinary.cpu))
			return;
	}
}

static bool hard_interrupt_wakes_ksoftirqd(void)
{
	return IS_ENABLED(CONFIG_PREEMPT_RT) && in_hardirq();
}

/* Have the queues of @c drained, from wherever. Interrupts are off. */
static void dpc_kick(struct nts_dpc_cpu *c)
{
	lockdep_assert_irqs_disabled();
	if (c->ordinary.cpu != smp_processor_id())
		kick_other(c);
	else if (in_interrupt() && !hard_interrupt_wakes_ksoftirqd())
		tasklet_hi_schedule(&c->tasklet);
	else
		/* Raising here would wake ksoftirqd, maybe under our locks. */
		irq_work_queue(&c->raise);
}

static void dpc_kick_fn(void *data)
{
	struct nts_dpc_cpu *c = data;

	/*
	 * Who comes from now on sends again; who came before is seen by the
	 * drain. The kernel is done with the call: it unlocks it first.
	 */
	xchg(&c->kicked, false);
	nts_dpc_raise(&c->tasklet);
}

static void dpc_raise_fn(struct irq_work *work)
{
	struct nts_dpc_cpu *c = container_of(work, struct nts_dpc_cpu, raise);

	nts_dpc_raise(&c->tasklet);
}

static void dpc_deadline_fn(struct timer_list *timer)
{
	struct nts_dpc_cpu *c =
		container_of(timer, struct nts_dpc_cpu, deadline);
	unsigned long flags;

	raw_spin_lock_irqsave(&c->ordinary.lock, flags);
	c->ordinary.deadline_set = false;
	raw_spin_unlock(&c->ordinary.lock);
	dpc_kick(c);
	local_irq_restore(flags);
}

/*
 * One tick of T_max, rounded down to what the kernel's coarse timers can do: they
 * come one jiffy after the one they are set for, and from 64 jiffies on up to an
 * eighth of their delay later. The lock of the queue keeps its processor from
 * going, and its timers with it.
 */
static void dpc_start_deadline(struct nts_dpc_cpu *c)
{
	unsigned long delay = nsecs_to_jiffies(limits.tick_ns);

	lockdep_assert_held(&c->ordinary.lock);
	delay -= delay / 64 * 8;
	c->deadline.expires = jiffies + delay - !!delay;
	add_timer_on(&c->deadline, c->ordinary.cpu);
}

/**
 * nts_dpc_use_threads() - choose where threaded DPCs run
 * @on: in threads; false: as ordinary DPCs
 *
 * For tests: a system is booted one way or the other, by the parameter. What is
 * queued stays where it is.
 *
 * Context: any.
 * Return: the setting before.
 * Source: kernel/introduction-to-threaded-dpcs; DP-082.
 * Test: ntshim_dpc_threaded:runs_at_its_level
 */
bool nts_dpc_use_threads(bool on)
{
	return xchg(&thread_dpc, on);
}
NTS_EXPORT_INTERNAL(nts_dpc_use_threads);

static struct nts_dpcq *queue_on(unsigned int cpu, u8 type)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	if (type == NTS_DPC_THREADED && READ_ONCE(thread_dpc))
		return &c->threaded;
	return &c->ordinary;
}

/**
 * nts_dpcq_of() - a queue of a processor
 * @cpu: possible processor
 * @threaded: the one that a thread serves
 *
 * Context: any.
 * Return: the queue.
 */
struct nts_dpcq *nts_dpcq_of(unsigned int cpu, bool threaded)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	return threaded ? &c->threaded : &c->ordinary;
}

/* Where @dpc wants to run; a processor this kernel cannot have is no target. */
static unsigned int cpu_wanted(const struct nts_dpc *dpc)
{
	unsigned int target = READ_ONCE(dpc->target);

	if (target && target <= nr_cpu_ids && cpu_possible(target - 1))
		return target - 1;
	return smp_processor_id();
}

/* Insert on the queues of @cpu and see to their drain. Interrupts are off. */
static enum nts_dpc_verdict insert_on(unsigned int cpu, struct nts_dpc *dpc,
				      void *arg1, void *arg2)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);
	struct nts_dpcq *queue = queue_on(cpu, dpc->type);
	struct nts_dpc_origin origin = {
		.now_ns = get_jiffies_64() * TICK_NSEC,
		.remote = cpu != smp_processor_id(),
	};
	enum nts_dpc_verdict verdict;

	raw_spin_lock(&queue->lock);
	verdict = nts_dpcq_insert(queue, dpc, arg1, arg2, &origin, &limits);
	if (verdict == NTS_DPC_DEFERRED)
		dpc_start_deadline(c);
	raw_spin_unlock(&queue->lock);

	/* From here on @dpc may have run and gone. */
	if (verdict == NTS_DPC_DRAIN)
		dpc_kick(c);
	return verdict;
}

static bool insert(struct nts_dpc *dpc, void *arg1, void *arg2)
{
	unsigned int cpu = cpu_wanted(dpc);
	enum nts_dpc_verdict verdict;

	if (nts_dpc_is_leaving(dpc))
		return nts_dpc_catch(dpc, arg1, arg2);
	while (unlikely((verdict = insert_on(cpu, dpc, arg1, arg2)) ==
			NTS_DPC_GONE))
		cpu = smp_processor_id();
	return verdict != NTS_DPC_REFUSED;
}

/**
 * nts_dpc_queue() - queue a DPC unless it is queued already
 * @dpc: DPC that nts_dpc_init() prepared; anything else is refused
 * @arg1: SystemArgument1, handed to the routine
 * @arg2: SystemArgument2
 *
 * Only queues and sees to a drain; below DISPATCH_LEVEL, put it between
 * nts_dpc_enter() and nts_dpc_leave() for the routine to run before the return.
 *
 * Context: any IRQL, any Linux context but NMI, also under a shard lock. Takes
 * a DPC queue lock. No wake-up, printk or report.
 * Return: true if queued: one run or one successful nts_dpc_remove() follows;
 * false if it was queued before, with nothing changed.
 * Source: nf-wdm-keinsertqueuedpc; DP-010, DP-011.
 * Test: ntshim_dpc:second_insert_changes_nothing
 */
bool nts_dpc_queue(struct nts_dpc *dpc, void *arg1, void *arg2)
{
	unsigned long flags;
	bool inserted;

	/*
	 * Whatever the caller wrote is seen by a run that this call finds
	 * queued, unless it has been dequeued. Pairs with nts_dpcq_take().
	 */
	smp_mb();
	if (!nts_dpc_is_valid(dpc) || READ_ONCE(dpc->queue))
		return false;

	local_irq_save(flags);
	inserted = insert(dpc, arg1, arg2);
	local_irq_restore(flags);
	return inserted;
}
NTS_EXPORT_INTERNAL(nts_dpc_queue);

static void call_routine(struct nts_dpcq *queue,
			 const struct nts_dpc_call *call)
{
	WRITE_ONCE(queue->runner, current);
	call->routine(call->dpc, call->context, call->arg1, call->arg2);
	WRITE_ONCE(queue->runner, NULL);
}

/* Call one routine; a context that it changed is put right and reported. */
static void dpc_call(struct nts_dpcq *queue, const struct nts_dpc_call *call)
{
	struct nts_callback callback __uninitialized;

	if (call->internal) {
		call_routine(queue, call);
		return;
	}
	if (unlikely(!call->routine)) {
		nts_misuse_at(0, "DP-004", call->dpc,
			      "a DPC without routine was queued; dropped");
		return;
	}

	nts_callback_enter(&callback);
	call_routine(queue, call);
	nts_callback_leave_dispatch(&callback, (unsigned long)call->routine,
				    call->dpc);
}

/* A marker was taken off: let flushes look, and go on with its next round. */
static void marker_taken(struct nts_dpcq *queue, struct nts_dpcq *owner)
{
	unsigned long flags;

	wake_up_all(&flush_waiters);
	if (owner == queue)
		return;
	local_irq_save(flags);
	dpc_kick(per_cpu_ptr(&dpc_cpus, owner->cpu));
	local_irq_restore(flags);
}

/* Run what comes next in @queue; false if that is nothing. */
static bool drain_one(struct nts_dpcq *queue)
{
	struct nts_dpc_call call __uninitialized;

	switch (nts_dpcq_take(queue, &call)) {
	case NTS_DPC_TOOK_CALL:
		dpc_call(queue, &call);
		return true;
	case NTS_DPC_TOOK_MARKER:
		marker_taken(queue, call.context);
		return true;
	default:
		return false;
	}
}

static bool has_threaded(struct nts_dpc_cpu *c)
{
	return !list_empty(&c->threaded.list);
}

/* Returns whether none is left. */
static bool drain_ordinary(struct nts_dpc_cpu *c)
{
	unsigned long end = jiffies + msecs_to_jiffies(BUDGET_MS);
	unsigned int calls;

	for (calls = 0; calls < BUDGET_CALLS; calls++) {
		if (!drain_one(&c->ordinary))
			return true;
		if (time_after_eq(jiffies, end))
			break;
	}
	return false;
}

static void dpc_tasklet_fn(struct tasklet_struct *tasklet)
{
	struct nts_dpc_cpu *c =
		container_of(tasklet, struct nts_dpc_cpu, tasklet);
	bool drained = drain_ordinary(c);

	/* Not earlier: on PREEMPT_RT the thread would go before ordinary DPCs. */
	if (has_threaded(c))
		wake_up_process(per_cpu(dpc_threads, c->threaded.cpu));
	if (!drained)
		tasklet_hi_schedule(&c->tasklet);
}

static int dpc_thread_should_run(unsigned int cpu)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	return has_threaded(c);
}

/* A DPC that queues itself for ever keeps no thread waiting for ever. */
static void dpc_thread_fn(unsigned int cpu)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	do {
		if (!drain_one(&c->threaded))
			return;
		cond_resched();
	} while (!kthread_should_park() && !kthread_should_stop());
	nts_dpcq_pause(&c->threaded);
}

static void dpc_thread_setup(unsigned int cpu)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		/* Below the thread that runs ordinary DPCs, above all ordinary ones. */
		sched_set_fifo_low(current);
	else
		sched_set_fifo(current);
}

static struct smp_hotplug_thread dpc_thread_ops = {
	.store = &dpc_threads,
	.setup = dpc_thread_setup,
	.thread_should_run = dpc_thread_should_run,
	.thread_fn = dpc_thread_fn,
	.thread_comm = "ntshim-dpc/%u",
};

static bool flush_reached(unsigned int cpu, u64 flush)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	return nts_dpcq_flush_reached(&c->ordinary, flush) &&
	       nts_dpcq_flush_reached(&c->threaded, flush);
}

static void flush_request(unsigned int cpu, u64 flush)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	nts_dpcq_flush_request(&c->ordinary, flush);
	nts_dpcq_flush_request(&c->threaded, flush);
	local_irq_disable();
	if (!flush_reached(cpu, flush))
		dpc_kick(c);
	local_irq_enable();
}

/**
 * nts_dpc_flush() - wait until all DPCs queued so far have run
 *
 * Covers every queue of every processor, and routines that are running. DPCs
 * queued meanwhile do not delay it (DP-061).
 *
 * Context: process, PASSIVE_LEVEL; sleeps. Takes the lock of CPU hot-plug, so it
 * may be called neither from its callbacks nor under a lock that they take.
 * Source: nf-wdm-keflushqueueddpcs; DP-060 to DP-066.
 * Test: ntshim_dpc_run:flush_waits_for_a_running_routine,
 * ntshim_hotplug:flushes_cover_what_moves
 */
void nts_dpc_flush(void)
{
	u64 flush = atomic64_inc_return(&flush_number);
	unsigned int cpu;

	/* No DPC moves from a queue still to be asked to one that was empty. */
	cpus_read_lock();
	local_bh_disable();
	for_each_possible_cpu(cpu)
		flush_request(cpu, flush);
	local_bh_enable();
	cpus_read_unlock();
	for_each_possible_cpu(cpu)
		wait_event_idle(flush_waiters, flush_reached(cpu, flush));
}
NTS_EXPORT_INTERNAL(nts_dpc_flush);

/**
 * nts_dpc_executing() - KeIsExecutingDpc
 *
 * Context: any.
 * Return: true while the caller runs inside a DPC routine, ordinary or
 * threaded, or has interrupted one.
 * Source: nf-wdm-keisexecutingdpc; DP-074, DP-089.
 * Test: ntshim_dpc:executing_is_true_inside_only
 */
bool nts_dpc_executing(void)
{
	/* A task that runs no DPC is nobody's runner, wherever this looks. */
	struct nts_dpc_cpu *c = raw_cpu_ptr(&dpc_cpus);

	return READ_ONCE(c->ordinary.runner) == current ||
	       READ_ONCE(c->threaded.runner) == current;
}
NTS_EXPORT_INTERNAL(nts_dpc_executing);

static void set_online(struct nts_dpcq *queue)
{
	raw_spin_lock_irq(&queue->lock);
	queue->online = true;
	raw_spin_unlock_irq(&queue->lock);
}

static int dpc_cpu_online(unsigned int cpu)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	set_online(&c->ordinary);
	set_online(&c->threaded);
	return 0;
}

/* @cpu is gone: its queues go on here, so somebody must look after them. */
static int dpc_cpu_dead(unsigned int cpu)
{
	struct nts_dpc_cpu *dead = per_cpu_ptr(&dpc_cpus, cpu);
	struct nts_dpc_cpu *heir;

	local_bh_disable();
	heir = this_cpu_ptr(&dpc_cpus);
	nts_dpcq_splice(&dead->ordinary, &heir->ordinary);
	nts_dpcq_splice(&dead->threaded, &heir->threaded);
	local_irq_disable();
	dpc_kick(heir);
	local_irq_enable();
	local_bh_enable();
	return 0;
}

static void __init dpc_cpu_init(unsigned int cpu)
{
	struct nts_dpc_cpu *c = per_cpu_ptr(&dpc_cpus, cpu);

	nts_dpcq_init(&c->ordinary, cpu, false);
	nts_dpcq_init(&c->threaded, cpu, true);
	tasklet_setup(&c->tasklet, dpc_tasklet_fn);
	INIT_CSD(&c->kick, dpc_kick_fn, c);
	c->raise = IRQ_WORK_INIT_HARD(dpc_raise_fn);
	timer_setup(&c->deadline, dpc_deadline_fn, TIMER_PINNED);
}

/**
 * nts_dpc_start() - make the queues and what drains them
 *
 * Context: module init.
 * Return: 0 or a negative errno, with nothing left behind.
 */
int __init nts_dpc_start(void)
{
	unsigned int cpu;
	int ret;

	limits = (struct nts_dpc_limits){
		.depth = dpc_depth,
		.min_rate = dpc_min_rate,
		.tick_ns = nts_ns_from_100ns(nts_clock_tick_max()),
		.eager = dpc_eager,
	};
	nts_dpcq_start();
	nts_dpc_left_start();
	for_each_possible_cpu(cpu)
		dpc_cpu_init(cpu);

	ret = nts_dpc_raise_start();
	if (ret)
		return ret;
	ret = smpboot_register_percpu_thread(&dpc_thread_ops);
	if (ret)
		goto err_raise;
	ret = cpuhp_setup_state(CPUHP_BP_PREPARE_DYN, "ntshim:dead", NULL,
				dpc_cpu_dead);
	if (ret < 0)
		goto err_threads;
	hotplug_dead_state = ret;
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "ntshim:online",
				dpc_cpu_online, NULL);
	if (ret < 0)
		goto err_dead;
	hotplug_online_state = ret;
	return 0;

err_dead:
	cpuhp_remove_state_nocalls(hotplug_dead_state);
err_threads:
	smpboot_unregister_percpu_thread(&dpc_thread_ops);
err_raise:
	nts_dpc_raise_stop();
	return ret;
}

static void dpc_nothing_fn(void *unused)
{
}

/**
 * nts_dpc_stop() - take down what nts_dpc_start() made
 *
 * Nobody queues DPCs any more: every user of the library has been unloaded.
 *
 * Context: module exit; sleeps. On return no code of this module runs in
 * interrupts, softirqs or DPC threads.
 */
void nts_dpc_stop(void)
{
	struct nts_dpc_cpu *c;
	unsigned int cpu;

	nts_dpc_flush();
	cpuhp_remove_state_nocalls(hotplug_online_state);
	cpuhp_remove_state_nocalls(hotplug_dead_state);
	for_each_possible_cpu(cpu) {
		c = per_cpu_ptr(&dpc_cpus, cpu);
		timer_delete_sync(&c->deadline);
		irq_work_sync(&c->raise);
	}
	/*
	 * A kick that was on its way is served in the same interrupt as this
	 * call, which each processor leaves before its threads end.
	 */
	on_each_cpu(dpc_nothing_fn, NULL, true);
	smpboot_unregister_percpu_thread(&dpc_thread_ops);
	nts_dpc_raise_stop();
	for_each_possible_cpu(cpu)
		tasklet_kill(&per_cpu_ptr(&dpc_cpus, cpu)->tasklet);
}
