// SPDX-License-Identifier: GPL-2.0
/*
 * What a thread is asked and told beside its life: ids, priorities, and the
 * processors it may run on.
 */

#include "compat.h"

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "dpc.h"
#include "ke_thread.h"
#include "ps_thread.h"
#include "report.h"

/* KPRIORITY values (T-PRI-01, T-PRI-02) */
#define PRIORITY_NORMAL 8
#define PRIORITY_REALTIME 16
#define PRIORITY_HIGHEST 31

/* Process id of kernel threads, as Windows has it for its System process. */
#define SYSTEM_PROCESS_ID 4

#define PROCESSORS_PER_GROUP 64

static bool thread_priorities = true;
module_param(thread_priorities, bool, 0644);
MODULE_PARM_DESC(thread_priorities,
		 "Thread priorities of drivers become nice values and SCHED_FIFO (default on)");

static struct nts_thread *thread_of(void *header)
{
	return container_of((struct nts_header *)header, struct nts_thread,
			    header);
}

/* The task of a thread with a reference; NULL: it is gone, or never was. */
static struct task_struct *task_of(const struct nts_thread *thread)
{
	return thread->pid ? get_pid_task(thread->pid, PIDTYPE_PID) : NULL;
}

static void apply_priority(struct task_struct *task, int priority)
{
	if (priority >= PRIORITY_REALTIME)
		sched_set_fifo_low(task);
	else
		sched_set_normal(task, PRIORITY_NORMAL - priority);
}

/* Returns the number before. */
static int set_priority(struct nts_thread *thread, int priority)
{
	struct task_struct *task = task_of(thread);
	int old = thread->priority_above_normal + PRIORITY_NORMAL;

	thread->priority_above_normal = priority - PRIORITY_NORMAL;
	if (!task)
		return old;
	if (READ_ONCE(thread_priorities))
		apply_priority(task, priority);
	put_task_struct(task);
	return old;
}

static bool is_priority(int priority, unsigned long caller)
{
	if (priority >= 1 && priority <= PRIORITY_HIGHEST)
		return true;
	nts_misuse_at(caller, "T-PRI-02", NULL,
		      "thread priority that is none; unchanged");
	return false;
}

/* A threaded DPC may run at DISPATCH_LEVEL as well, and its thread is ours. */
static bool is_passive(unsigned long caller)
{
	if (nts_irql_current() == NTS_PASSIVE_LEVEL && !nts_dpc_executing())
		return true;
	nts_misuse_at(caller, "V-23", NULL,
		      "thread priority set in a DPC or above PASSIVE_LEVEL; unchanged");
	return false;
}

/**
 * KeQueryPriorityThread() - the priority of a thread
 * @thread: thread object
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: what KeSetPriorityThread() set last; 8 before.
 * Source: KeQueryPriorityThread function (wdm.h); T-PRI-01.
 * Test: ntshim_thread:priority_is_a_number_and_a_nice_value
 */
int KeQueryPriorityThread(void *thread)
{
	return thread_of(thread)->priority_above_normal + PRIORITY_NORMAL;
}
EXPORT_SYMBOL_GPL(KeQueryPriorityThread);

/**
 * KeSetPriorityThread() - set the priority of a thread
 * @thread: thread object
 * @priority: 1 to 15: nice values +7 to -7; 16 to 31: the lowest SCHED_FIFO
 *	priority; another number is noted and ignored
 *
 * Context: PASSIVE_LEVEL, process context, not in a DPC; elsewhere noted and
 * ignored.
 * Return: the priority before.
 * Source: KeSetPriorityThread function (wdm.h); T-PRI-01, T-PRI-02.
 * Test: ntshim_thread:priority_is_a_number_and_a_nice_value
 */
int KeSetPriorityThread(void *thread, int priority)
{
	if (!is_passive(_RET_IP_) || !is_priority(priority, _RET_IP_))
		return KeQueryPriorityThread(thread);
	return set_priority(thread_of(thread), priority);
}
EXPORT_SYMBOL_GPL(KeSetPriorityThread);

/**
 * KeSetBasePriorityThread() - set the priority of a thread against the normal
 * @thread: thread object
 * @increment: added to the normal priority, 8
 *
 * Context: as KeSetPriorityThread().
 * Return: the increment before.
 * Source: KeSetBasePriorityThread function (ntifs.h); T-PRI-03.
 * Test: ntshim_thread:priority_is_a_number_and_a_nice_value
 */
int KeSetBasePriorityThread(void *thread, int increment)
{
	struct nts_thread *of = thread_of(thread);
	int old = of->priority_above_normal;

	if (is_passive(_RET_IP_) &&
	    is_priority(increment + PRIORITY_NORMAL, _RET_IP_))
		set_priority(of, increment + PRIORITY_NORMAL);
	return old;
}
EXPORT_SYMBOL_GPL(KeSetBasePriorityThread);

static void *as_handle(long id)
{
	return (void *)id;
}

static long process_id(const struct task_struct *task)
{
	return task->flags & PF_KTHREAD ? SYSTEM_PROCESS_ID :
					  task_tgid_nr((void *)task);
}

/**
 * PsGetCurrentThreadId() - the id of the calling thread
 *
 * Context: any; in interrupts and softirqs that of the task they borrow.
 * Return: Linux' thread id as a HANDLE.
 * Source: PsGetCurrentThreadId function (ntddk.h); T-CUR-04.
 * Test: ntshim_thread:ids_are_those_of_linux
 */
void *PsGetCurrentThreadId(void)
{
	return as_handle(task_pid_nr(current));
}
EXPORT_SYMBOL_GPL(PsGetCurrentThreadId);

/**
 * PsGetCurrentProcessId() - the id of the calling thread's process
 *
 * Context: as PsGetCurrentThreadId().
 * Return: Linux' process id as a HANDLE; 4 in kernel threads.
 * Source: PsGetCurrentProcessId function (ntddk.h); T-CUR-04.
 * Test: ntshim_thread:ids_are_those_of_linux
 */
void *PsGetCurrentProcessId(void)
{
	return as_handle(process_id(current));
}
EXPORT_SYMBOL_GPL(PsGetCurrentProcessId);

/**
 * PsGetThreadId() - the id of a thread
 * @thread: thread object
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: Linux' thread id as a HANDLE; NULL when the thread is gone.
 * Source: PsGetThreadId function (ntddk.h); T-CUR-04.
 * Test: ntshim_thread:ids_are_those_of_linux
 */
void *PsGetThreadId(void *thread)
{
	return as_handle(pid_nr(thread_of(thread)->pid));
}
EXPORT_SYMBOL_GPL(PsGetThreadId);

/* Several processors of one group as Linux has them; offline ones are left out. */
static void mask_from(struct cpumask *mask, u64 affinity, unsigned int group)
{
	unsigned int bit, cpu;

	cpumask_clear(mask);
	for (bit = 0; bit < PROCESSORS_PER_GROUP; bit++) {
		cpu = group * PROCESSORS_PER_GROUP + bit;
		if (affinity >> bit & 1 && cpu < nr_cpu_ids && cpu_online(cpu))
			cpumask_set_cpu(cpu, mask);
	}
}

/* The thread of threaded DPCs belongs to its processor. */
static bool may_move(unsigned long caller)
{
	if (nts_irql_current() < NTS_DISPATCH_LEVEL && !nts_dpc_executing())
		return true;
	nts_misuse_at(caller, "T-AFF-01", NULL,
		      "affinity set in a DPC or at DISPATCH_LEVEL; the thread stays where it is");
	return false;
}

/* Remember, for the last revert, where the calling thread might run before. */
static bool keep_original(struct nts_thread *thread)
{
	if (thread->original)
		return true;
	thread->original =
		kmemdup(&current->cpus_mask, cpumask_size(), GFP_KERNEL);
	return thread->original;
}

/* As it was before the first call; or anywhere if that is all offline now. */
static bool move_back(struct nts_thread *thread)
{
	bool moved;

	if (!thread->original)
		return true;
	moved = !set_cpus_allowed_ptr(current, thread->original) ||
		!set_cpus_allowed_ptr(current, cpu_possible_mask);
	kfree(thread->original);
	thread->original = NULL;
	return moved;
}

static bool move_to(struct nts_thread *thread,
		    const struct nts_group_affinity *to)
{
	cpumask_var_t mask;
	bool moved;

	if (!alloc_cpumask_var(&mask, GFP_KERNEL))
		return false;
	mask_from(mask, to->mask, to->group);
	moved = !cpumask_empty(mask) && keep_original(thread) &&
		!set_cpus_allowed_ptr(current, mask);
	free_cpumask_var(mask);
	return moved;
}

/* A mask of 0 stands for "as it was before the first call". */
static void set_affinity(const struct nts_group_affinity *to,
			 struct nts_group_affinity *old, unsigned long caller)
{
	struct nts_thread *thread = nts_thread_own();

	memset(old, 0, sizeof(*old));
	if (thread)
		*old = thread->affinity;
	if (!may_move(caller) || !thread)
		return;
	if (to->mask ? move_to(thread, to) : move_back(thread))
		thread->affinity = *to;
	else
		nts_misuse_at(caller, "T-AFF-01", NULL,
			      "affinity without a processor that is online; unchanged");
}

/**
 * KeSetSystemAffinityThreadEx() - move the calling thread
 * @affinity: processors of group 0, a bit for each; offline ones are ignored
 *
 * Context: IRQL <= APC_LEVEL, process context; may sleep. Above it and in a
 * threaded DPC noted, and the thread stays where it is.
 * Return: the affinity set before, 0: none; for KeRevertToUserAffinityThreadEx().
 * Source: KeSetSystemAffinityThreadEx function (wdm.h); T-AFF-01.
 * Test: ntshim_thread:affinity_moves_the_thread_and_reverts
 */
u64 KeSetSystemAffinityThreadEx(u64 affinity)
{
	const struct nts_group_affinity to = { .mask = affinity };
	struct nts_group_affinity old;

	set_affinity(&to, &old, _RET_IP_);
	return old.mask;
}
EXPORT_SYMBOL_GPL(KeSetSystemAffinityThreadEx);

/**
 * KeRevertToUserAffinityThreadEx() - undo KeSetSystemAffinityThreadEx()
 * @affinity: what it returned
 *
 * Context: as KeSetSystemAffinityThreadEx().
 * Source: KeRevertToUserAffinityThreadEx function (wdm.h); T-AFF-01.
 * Test: ntshim_thread:affinity_moves_the_thread_and_reverts
 */
void KeRevertToUserAffinityThreadEx(u64 affinity)
{
	const struct nts_group_affinity to = { .mask = affinity };
	struct nts_group_affinity old;

	set_affinity(&to, &old, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeRevertToUserAffinityThreadEx);

/**
 * KeSetSystemGroupAffinityThread() - move the calling thread
 * @affinity: GROUP_AFFINITY
 * @previous: receives the affinity set before; NULL: not wanted
 *
 * Context: as KeSetSystemAffinityThreadEx().
 * Source: KeSetSystemGroupAffinityThread function (wdm.h); T-AFF-01.
 * Test: ntshim_thread:affinity_moves_the_thread_and_reverts
 */
void KeSetSystemGroupAffinityThread(const struct nts_group_affinity *affinity,
				    struct nts_group_affinity *previous)
{
	struct nts_group_affinity old;

	set_affinity(affinity, &old, _RET_IP_);
	if (previous)
		*previous = old;
}
EXPORT_SYMBOL_GPL(KeSetSystemGroupAffinityThread);

/**
 * KeRevertToUserGroupAffinityThread() - undo KeSetSystemGroupAffinityThread()
 * @previous: what it gave
 *
 * Context: as KeSetSystemAffinityThreadEx().
 * Source: KeRevertToUserGroupAffinityThread function (wdm.h); T-AFF-01.
 * Test: ntshim_thread:affinity_moves_the_thread_and_reverts
 */
void KeRevertToUserGroupAffinityThread(const struct nts_group_affinity *previous)
{
	struct nts_group_affinity old;

	set_affinity(previous, &old, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeRevertToUserGroupAffinityThread);
