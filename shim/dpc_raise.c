// SPDX-License-Identifier: GPL-2.0
/*
 * Raising a tasklet from where neither softirqs nor threads run. It then runs
 * before any thread; on PREEMPT_RT too, where a bare raise leaves it to
 * ksoftirqd, an ordinary thread, and where an idle processor must not raise.
 *
 * There each processor has a thread for it. It is not that of threaded DPCs,
 * because those may sleep or run for long, and are interrupted by others.
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/bottom_half.h>
#include <linux/interrupt.h>
#include <linux/kconfig.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/smpboot.h>

#include "dpc_raise.h"

static DEFINE_PER_CPU(struct tasklet_struct *, wanted);
static DEFINE_PER_CPU(struct task_struct *, raise_threads);

/**
 * nts_dpc_raise() - have a tasklet run on this processor
 * @tasklet: always the same one for a processor
 *
 * Context: interrupts are off, and neither a thread's code nor a softirq is
 * what they are off for. Wakes a thread on PREEMPT_RT.
 */
void nts_dpc_raise(struct tasklet_struct *tasklet)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT)) {
		tasklet_hi_schedule(tasklet);
		return;
	}
	this_cpu_write(wanted, tasklet);
	wake_up_process(this_cpu_read(raise_threads));
}

static int raise_should_run(unsigned int cpu)
{
	return !!READ_ONCE(per_cpu(wanted, cpu));
}

/* Whoever runs softirqs here already is lent this thread's priority. */
static void raise_thread_fn(unsigned int cpu)
{
	struct tasklet_struct *tasklet = xchg(per_cpu_ptr(&wanted, cpu), NULL);

	if (!tasklet)
		return;
	local_bh_disable();
	tasklet_hi_schedule(tasklet);
	local_bh_enable();
}

static void raise_setup(unsigned int cpu)
{
	sched_set_fifo(current);
}

static struct smp_hotplug_thread raise_thread_ops = {
	.store = &raise_threads,
	.setup = raise_setup,
	.thread_should_run = raise_should_run,
	.thread_fn = raise_thread_fn,
	.thread_comm = "ntshim-raise/%u",
};

/**
 * nts_dpc_raise_start() - make what nts_dpc_raise() needs
 *
 * Context: module init.
 * Return: 0 or a negative errno, with nothing left behind.
 */
int __init nts_dpc_raise_start(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT))
		return 0;
	return smpboot_register_percpu_thread(&raise_thread_ops);
}

/**
 * nts_dpc_raise_stop() - undo nts_dpc_raise_start()
 *
 * Context: module init or exit; sleeps. Nobody raises any more. On return no
 * code of this file runs.
 */
void nts_dpc_raise_stop(void)
{
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		smpboot_unregister_percpu_thread(&raise_thread_ops);
}
