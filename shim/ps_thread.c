// SPDX-License-Identifier: GPL-2.0
/*
 * System threads, and the routines on thread objects of all kinds.
 *
 * A system thread is a kthread whose function is the trampoline here: when its
 * object becomes signaled, no frame of the driver is left that could run, so
 * the driver may be unloaded. The library itself stays pinned until the task
 * is gone: the last instructions of the thread are the core kernel's.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/export.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/sched/debug.h>
#include <linux/sched/task.h>
#include <linux/sched/task_stack.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "dispatcher.h"
#include "mutant.h"
#include "nt_api.h"
#include "ps_foreign.h"
#include "ps_thread.h"
#include "report.h"
#include "rtl_dbgprint.h"
#include "status.h"
#include "timer.h"
#include "verifier.h"

/* How often an unload that waits for a thread says so. */
#define SHOW_STACK_S 30

/* Pseudo handle of the current process. */
#define CURRENT_PROCESS ((void *)-1L)

/* CLIENT_ID */
struct client_id {
	void *process;
	void *thread;
};

/* Process id of kernel threads, as Windows has it for its System process. */
#define SYSTEM_PROCESS_ID ((void *)4L)

/* System threads that may still run driver code; protected by running_lock. */
static HLIST_HEAD(running);
static DEFINE_RAW_SPINLOCK(running_lock);
static DECLARE_WAIT_QUEUE_HEAD(end_waiters);

/* What code sees that runs in no thread's name: it owns nothing. */
static DEFINE_PER_CPU(struct nts_thread, placeholders);

static void free_thread(struct nts_object *object)
{
	struct nts_thread *thread =
		container_of(object, struct nts_thread, object);

	put_pid(thread->pid);
	kfree(thread->original);
	kfree(thread);
}

/* Who keeps a thread may wait for it. */
static void keep_thread(struct nts_object *object)
{
	const struct nts_thread *thread =
		container_of(object, struct nts_thread, object);

	if (!thread->routine)
		nts_foreign_watch();
}

static struct nts_object_type thread_type = {
	.name = "thread",
	.free_fn = free_thread,
	.keep_fn = keep_thread,
};

static struct nts_object_type *thread_type_pointer = &thread_type;

/* Documented in nt_api.h: older kernels' kernel-doc knows no variables. */
struct nts_object_type **PsThreadType = &thread_type_pointer;
EXPORT_SYMBOL_GPL(PsThreadType);

/**
 * nts_thread_init() - begin the life of a record with one reference
 * @thread: zeroed memory from kmalloc(), or a placeholder
 *
 * Context: any.
 */
void nts_thread_init(struct nts_thread *thread)
{
	nts_object_init(&thread->object, &thread_type);
	nts_header_init(&thread->header, NT_LAYOUT_TYPE_THREAD, 0);
	nts_owner_init(&thread->owner);
}

static int thread_main(void *data);

/**
 * nts_thread_is_system() - whether a system thread is calling
 *
 * Context: any.
 * Return: true in a thread that PsCreateSystemThread() made, also while an
 * interrupt or softirq borrows it.
 */
bool nts_thread_is_system(void)
{
	return (current->flags & PF_KTHREAD) &&
	       kthread_func(current) == thread_main;
}

/**
 * nts_thread_current() - the record of the calling task, if it has one
 *
 * Context: any; in interrupts and softirqs that of the task they borrow.
 * Return: the record, or NULL: a task that is no system thread and never
 * needed one.
 */
struct nts_thread *nts_thread_current(void)
{
	if (nts_thread_is_system())
		return kthread_data(current);
	return nts_foreign_find(task_pid(current));
}

/**
 * nts_thread_own() - the record of the calling task, made if need be
 *
 * Context: any; sleeps only below DISPATCH_LEVEL.
 * Return: the record; NULL in interrupts and softirqs, or without memory, which
 * on PREEMPT_RT is wherever preemption is off.
 * Source: T-CUR-01 to T-CUR-03.
 */
struct nts_thread *nts_thread_own(void)
{
	struct nts_thread *thread;

	if (in_hardirq() || in_serving_softirq())
		return NULL;
	thread = nts_thread_current();
	if (thread)
		return thread;
	return nts_foreign_add(nts_irql_current() < NTS_DISPATCH_LEVEL ?
				       GFP_KERNEL :
				       GFP_ATOMIC);
}

/**
 * nts_thread_of_caller() - the record that the caller's counts are kept in
 *
 * Context: any.
 * Return: the task's record or NULL for one that never needed it; in interrupts
 * and softirqs the processor's placeholder, never that of the task below.
 */
struct nts_thread *nts_thread_of_caller(void)
{
	if (in_hardirq() || in_serving_softirq())
		return raw_cpu_ptr(&placeholders);
	return nts_thread_current();
}

/**
 * nts_thread_has_apcs_off() - whether the caller gets no normal kernel APCs
 *
 * Context: any.
 * Return: true in a region and at APC_LEVEL and above.
 */
bool nts_thread_has_apcs_off(void)
{
	const struct nts_thread *thread = nts_thread_of_caller();

	return (thread && (thread->critical || thread->guarded ||
			   READ_ONCE(thread->owner.apcs_off))) ||
	       nts_irql_current() >= NTS_APC_LEVEL;
}

/**
 * nts_thread_own_or_placeholder() - the same, made if need be
 *
 * Context: any; sleeps only below DISPATCH_LEVEL.
 * Return: the task's record; in interrupts, softirqs and without memory the
 * processor's placeholder.
 */
struct nts_thread *nts_thread_own_or_placeholder(void)
{
	struct nts_thread *thread = nts_thread_own();

	return thread ? thread : raw_cpu_ptr(&placeholders);
}

/**
 * KeGetCurrentThread() - the thread object of the caller
 *
 * Context: any IRQL, any Linux context. In a DPC or an interrupt a placeholder
 * of the processor.
 * Return: the thread's address for drivers, the same for the whole life of the
 * task; no reference is taken.
 * Source: KeGetCurrentThread function (wdm.h); T-CUR-01 to T-CUR-05.
 * Test: ntshim_thread:current_thread_is_the_created_one
 */
void *KeGetCurrentThread(void)
{
	return &nts_thread_own_or_placeholder()->header;
}
EXPORT_SYMBOL_GPL(KeGetCurrentThread);

/**
 * PsGetCurrentThread() - the thread object of the caller
 *
 * Context: any IRQL, any Linux context.
 * Return: as KeGetCurrentThread().
 * Source: PsGetCurrentThread macro (ntddk.h); T-CUR-01.
 * Test: ntshim_thread:current_thread_is_the_created_one
 */
void *PsGetCurrentThread(void)
{
	return &nts_thread_own_or_placeholder()->header;
}
EXPORT_SYMBOL_GPL(PsGetCurrentThread);

/**
 * nts_thread_signal() - a thread has ended
 * @thread: its record
 *
 * Context: any but NMI, no lock of ours held. Takes the shard lock.
 * Source: W-SIG-06.
 * Test: ntshim_thread:thread_runs_and_is_signaled_at_its_end
 */
void nts_thread_signal(struct nts_thread *thread)
{
	struct nts_header *header = &thread->header;
	struct nts_signaller sig;

	nts_signal_lock(&sig, nts_shard_of(header), header);
	nts_signal_store(header, nts_signal_satisfy(&sig, header, 1));
	nts_signal_unlock(&sig);
}

static void add_running(struct nts_thread *thread)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&running_lock, flags);
	hlist_add_head(&thread->link, &running);
	raw_spin_unlock_irqrestore(&running_lock, flags);
}

static void remove_running(struct nts_thread *thread)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&running_lock, flags);
	hlist_del(&thread->link);
	raw_spin_unlock_irqrestore(&running_lock, flags);
	if (wq_has_sleeper(&end_waiters))
		wake_up_all(&end_waiters);
}

/**
 * nts_thread_forget_mutants() - a driver goes, and with it mutants that are owned
 * @mod: its module
 *
 * Its own threads have ended by then. Others may own one still: those of other
 * drivers, and tasks that have called it or run its work items and threaded DPCs.
 *
 * Context: process; nothing of @mod runs any more.
 * Return: true if there was one.
 * Source: M-LIF-09.
 * Test: ntshim_thread_foreign:owned_mutexes_are_forgotten_with_their_driver
 */
bool nts_thread_forget_mutants(const struct module *mod)
{
	struct nts_thread *thread;
	bool found = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&running_lock, flags);
	hlist_for_each_entry(thread, &running, link)
		found |= nts_owner_forget(&thread->owner, mod);
	raw_spin_unlock_irqrestore(&running_lock, flags);
	return nts_foreign_forget_mutants(mod) || found;
}
NTS_EXPORT_INTERNAL(nts_thread_forget_mutants);

/*
 * Timers on a stack that goes would be the end of all timers (V-30). Those of
 * frames that are still there: what has returned is overwritten already.
 */
static void disarm_timers_on_stack(const struct nts_thread *thread)
{
	struct nts_timer_leftover left;

	while (nts_timer_disarm_inside(task_stack_page(current), THREAD_SIZE,
				       &left))
		nts_report_at((unsigned long)thread->routine, "T-NEW-11",
			      NTS_BUG_TIMER_OR_DPC_INVALID, left.timer,
			      "thread ended with an armed timer on its stack; disarmed");
}

/* The end of every system thread; the driver's frames are abandoned. */
static void __noreturn end_thread(struct nts_thread *thread, s32 status)
{
	if (unlikely(!nts_callback_leave(&thread->entry,
					 (unsigned long)thread->routine)))
		nts_report_at((unsigned long)thread->routine, "T-NEW-11",
			      NTS_BUG_VERIFIER_VIOLATION, &thread->header,
			      "thread ended above PASSIVE_LEVEL; level restored");
	nts_held_tell(&thread->held, (unsigned long)thread->routine);
	nts_owner_end(&thread->owner, &thread->header,
		      (unsigned long)thread->routine);
	nts_dbgprint_finish_own();
	thread->status = status;
	remove_running(thread);
	nts_thread_signal(thread);
	nts_object_put(&thread->object);
	module_put_and_kthread_exit(0);
}

static int thread_main(void *data)
{
	struct nts_thread *thread = data;

	/* As if inside a critical region: kernel APCs are off (L-CRG-04). */
	thread->critical = 1;
	nts_callback_enter(&thread->entry);
	thread->entry.mutexes = NTS_MUTEXES_ANY;
	thread->routine(thread->context);
	end_thread(thread, NTS_STATUS_SUCCESS);
}

/* A thread that is ready to run, with a reference of its own; or NULL. */
static struct task_struct *make_task(struct nts_thread *thread)
{
	char driver[MODULE_NAME_LEN];
	struct task_struct *task;

	/* Of this Linux shows 15 characters (T-NEW-10). */
	nts_driver_name((unsigned long)thread->routine, driver, sizeof(driver));
	task = kthread_create(thread_main, thread, "%s/%ps", driver,
			      thread->routine);
	if (IS_ERR(task))
		return NULL;
	nts_object_get(&thread->object);
	thread->pid = get_task_pid(task, PIDTYPE_PID);
	__module_get(THIS_MODULE);
	return task;
}

static s32 create_thread(struct nts_thread *thread, void **handle,
			 struct client_id *client_id, unsigned long caller)
{
	struct task_struct *task;
	void *opened;

	if (nts_handle_open(&thread->object, caller, &opened))
		return NTS_STATUS_INSUFFICIENT_RESOURCES;
	task = make_task(thread);
	if (!task) {
		nts_handle_close(opened);
		return NTS_STATUS_INSUFFICIENT_RESOURCES;
	}
	*handle = opened;
	if (client_id) {
		client_id->process = SYSTEM_PROCESS_ID;
		client_id->thread = (void *)(long)task_pid_nr(task);
	}
	add_running(thread);
	wake_up_process(task);
	return NTS_STATUS_SUCCESS;
}

static s32 begin_thread(void **handle, void *process, void *client_id,
			void (*routine)(void *context), void *context,
			unsigned long caller)
{
	struct nts_thread *thread;
	s32 status;

	if (nts_irql_current() > NTS_PASSIVE_LEVEL) {
		nts_report_at(caller, "V-21", NTS_BUG_VERIFIER_VIOLATION, NULL,
			      "PsCreateSystemThread above PASSIVE_LEVEL; refused");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	if (process && process != CURRENT_PROCESS)
		return NTS_STATUS_INVALID_HANDLE;

	thread = kzalloc(sizeof(*thread), GFP_KERNEL);
	if (!thread)
		return NTS_STATUS_INSUFFICIENT_RESOURCES;
	nts_thread_init(thread);
	thread->routine = routine;
	thread->context = context;
	status = create_thread(thread, handle, client_id, caller);
	nts_object_put(&thread->object);
	return status;
}

/**
 * PsCreateSystemThread() - start a thread of the driver
 * @handle: receives a kernel handle on the thread, to be closed with ZwClose();
 *	not written on failure
 * @access: access mask, any
 * @attributes: OBJECT_ATTRIBUTES or NULL; not looked at
 * @process: NULL or the current process' pseudo handle (-1)
 * @client_id: receives process and thread id; NULL: not wanted
 * @routine: start routine; returning from it ends the thread
 * @context: its argument
 *
 * The thread may run and end before this returns. It keeps the library loaded,
 * not the driver: Unload makes it end and waits for its object.
 *
 * Context: PASSIVE_LEVEL, process context; may sleep. Elsewhere reported and
 * refused.
 * Return: STATUS_SUCCESS, STATUS_INSUFFICIENT_RESOURCES, STATUS_INVALID_HANDLE
 * for another process, STATUS_INVALID_PARAMETER above PASSIVE_LEVEL.
 * Source: PsCreateSystemThread function (wdm.h); T-NEW-01 to T-NEW-10.
 * Test: ntshim_thread:thread_runs_and_is_signaled_at_its_end
 */
s32 PsCreateSystemThread(void **handle, u32 access, void *attributes,
			 void *process, void *client_id,
			 void (*routine)(void *context), void *context)
{
	return begin_thread(handle, process, client_id, routine, context,
			    _RET_IP_);
}
EXPORT_SYMBOL_GPL(PsCreateSystemThread);

/**
 * IoCreateSystemThread() - start a thread on behalf of a device or a driver
 * @io_object: device or driver object; needs no reference, since unloading
 *	waits for the driver's threads
 * @handle: as for PsCreateSystemThread()
 * @access: as for PsCreateSystemThread()
 * @attributes: as for PsCreateSystemThread()
 * @process: as for PsCreateSystemThread()
 * @client_id: as for PsCreateSystemThread()
 * @routine: as for PsCreateSystemThread()
 * @context: as for PsCreateSystemThread()
 *
 * Context: as PsCreateSystemThread().
 * Return: as PsCreateSystemThread().
 * Source: IoCreateSystemThread function (wdm.h); T-NEW-12.
 * Test: ntshim_thread:io_thread_just_returns
 */
s32 IoCreateSystemThread(void *io_object, void **handle, u32 access,
			 void *attributes, void *process, void *client_id,
			 void (*routine)(void *context), void *context)
{
	return begin_thread(handle, process, client_id, routine, context,
			    _RET_IP_);
}
EXPORT_SYMBOL_GPL(IoCreateSystemThread);

/**
 * PsTerminateSystemThread() - end the calling system thread
 * @status: NTSTATUS it ends with
 *
 * Context: PASSIVE_LEVEL, in a thread made by PsCreateSystemThread().
 * Return: not, if called as above; else reported, STATUS_INVALID_PARAMETER.
 * Source: PsTerminateSystemThread function (ntddk.h); T-NEW-05 to T-NEW-07.
 * Test: ntshim_thread:terminate_ends_the_thread
 */
s32 PsTerminateSystemThread(s32 status)
{
	if (nts_irql_current() > NTS_PASSIVE_LEVEL || !nts_thread_is_system()) {
		nts_report("T-NEW-06", NTS_BUG_VERIFIER_VIOLATION, NULL,
			   "PsTerminateSystemThread outside a system thread at PASSIVE_LEVEL; ignored");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	if (nts_verifier_on())
		disarm_timers_on_stack(kthread_data(current));
	end_thread(kthread_data(current), status);
}
EXPORT_SYMBOL_GPL(PsTerminateSystemThread);

/* The nth running thread of a driver with a reference, or NULL. */
static struct nts_thread *running_of(const struct module *mod, unsigned int nth)
{
	struct nts_thread *thread, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&running_lock, flags);
	hlist_for_each_entry(thread, &running, link) {
		if (!within_module((unsigned long)thread->routine, mod) ||
		    nth--)
			continue;
		nts_object_get(&thread->object);
		found = thread;
		break;
	}
	raw_spin_unlock_irqrestore(&running_lock, flags);
	return found;
}

/**
 * nts_thread_has_running() - whether a driver has threads that may run its code
 * @mod: its module
 *
 * Context: process, PASSIVE_LEVEL.
 * Return: true if there is one.
 */
bool nts_thread_has_running(const struct module *mod)
{
	struct nts_thread *thread = running_of(mod, 0);

	if (thread)
		nts_object_put(&thread->object);
	return thread;
}

static void report_running(const struct nts_thread *thread)
{
	nts_report_at((unsigned long)thread->routine, "T-NEW-08",
		      NTS_BUG_UNLOADED_WITH_PENDING, &thread->header,
		      "thread still running at unload; waiting for its end");
}

static void show_stack_of(const struct nts_thread *thread)
{
	struct task_struct *task = get_pid_task(thread->pid, PIDTYPE_PID);

	if (!task)
		return;
	pr_warn("still waiting for a thread of a driver that goes\n");
	sched_show_task(task);
	put_task_struct(task);
}

static void visit_running(const struct module *mod,
			  void (*fn)(const struct nts_thread *thread))
{
	struct nts_thread *thread;
	unsigned int i;

	for (i = 0; (thread = running_of(mod, i)); i++) {
		fn(thread);
		nts_object_put(&thread->object);
	}
}

/**
 * nts_thread_finish_driver() - wait for the threads of a driver that goes
 * @mod: its module
 * @patience_ms: how long to wait before threads that still run are reported
 *
 * Then waits on for as long as it takes, because the driver's code must stay,
 * and shows the stacks of its threads every 30 s.
 *
 * Context: PASSIVE_LEVEL, process context; sleeps.
 * Return: false if none was running.
 * Source: T-NEW-08, M-LIF-09, M-LIF-12.
 * Test: ntshim_thread:unload_waits_for_threads
 */
bool nts_thread_finish_driver(const struct module *mod,
			      unsigned int patience_ms)
{
	if (!nts_thread_has_running(mod))
		return false;
	if (wait_event_idle_timeout(end_waiters, !nts_thread_has_running(mod),
				    msecs_to_jiffies(patience_ms)))
		return true;
	visit_running(mod, report_running);
	while (!wait_event_idle_timeout(end_waiters,
					!nts_thread_has_running(mod),
					SHOW_STACK_S * HZ))
		visit_running(mod, show_stack_of);
	return true;
}
NTS_EXPORT_INTERNAL(nts_thread_finish_driver);

/**
 * nts_thread_start() - prepare the processors' placeholders
 *
 * Context: module init.
 */
void __init nts_thread_start(void)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		nts_thread_init(per_cpu_ptr(&placeholders, cpu));
}
