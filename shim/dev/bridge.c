// SPDX-License-Identifier: GPL-2.0
/*
 * The device's half in the Windows world: a client of include/nt like any
 * ported driver. It knows nothing of handles, files or Linux; arguments have
 * been checked.
 */

#include <ntddk.h>

#include "bridge.h"

C_ASSERT(sizeof(KTIMER) <= sizeof(((struct nts_bridge_core *)0)->object));
C_ASSERT(sizeof(KEVENT) <= sizeof(((struct nts_bridge_core *)0)->object));
C_ASSERT(sizeof(KSEMAPHORE) <= sizeof(((struct nts_bridge_core *)0)->object));
C_ASSERT(sizeof(KMUTANT) <= sizeof(((struct nts_bridge_core *)0)->object));
C_ASSERT(sizeof(KDPC) == sizeof(((struct nts_bridge_core *)0)->dpc));

static PKTIMER timer_of(struct nts_bridge_core *core)
{
	return (PKTIMER)core->object;
}

static PKEVENT event_of(struct nts_bridge_core *core)
{
	return (PKEVENT)core->object;
}

static PKDPC dpc_of(struct nts_bridge_core *core)
{
	return (PKDPC)core->dpc;
}

static VOID dpc_routine(PKDPC dpc, PVOID context, PVOID arg1, PVOID arg2)
{
	UNREFERENCED_PARAMETER(dpc);
	nts_dev_dpc_ran(context, arg1, arg2);
}

static VOID ex_routine(PEX_TIMER timer, PVOID context)
{
	UNREFERENCED_PARAMETER(timer);
	nts_dev_dpc_ran(context, NULL, NULL);
}

/**
 * nts_bridge_init_timer() - KeInitializeTimerEx
 * @core: memory of any content, not armed
 * @type: TIMER_TYPE
 *
 * Context: any that KeInitializeTimerEx() allows.
 */
void nts_bridge_init_timer(struct nts_bridge_core *core, int type)
{
	KeInitializeTimerEx(timer_of(core), type);
}

/**
 * nts_bridge_init_event() - KeInitializeEvent
 * @core: memory of any content
 * @type: EVENT_TYPE
 * @state: 1: signaled; 0: not
 *
 * Context: any.
 */
void nts_bridge_init_event(struct nts_bridge_core *core, int type, int state)
{
	KeInitializeEvent(event_of(core), type, (BOOLEAN)state);
}

/**
 * nts_bridge_init_dpc() - make the DPC of an object
 * @core: its DPC is memory of any content
 * @how: what it is to be
 *
 * Context: process.
 * Return: false if the processor does not exist or is not online.
 */
_Bool nts_bridge_init_dpc(struct nts_bridge_core *core,
			  const struct nts_bridge_dpc *how)
{
	PROCESSOR_NUMBER where = { 0 };

	if (how->threaded)
		KeInitializeThreadedDpc(dpc_of(core), dpc_routine,
					how->context);
	else
		KeInitializeDpc(dpc_of(core), dpc_routine, how->context);
	KeSetImportanceDpc(dpc_of(core), how->importance);
	if (how->processor < 0)
		return TRUE;
	where.Group = (USHORT)(how->processor / MAXIMUM_PROC_PER_GROUP);
	where.Number = (UCHAR)(how->processor % MAXIMUM_PROC_PER_GROUP);
	return NT_SUCCESS(KeSetTargetProcessorDpcEx(dpc_of(core), &where));
}

/**
 * nts_bridge_set() - KeSetTimer, KeSetTimerEx or KeSetCoalescableTimer
 * @core: a timer with its DPC
 * @args: period and tolerance 0..INT_MAX
 *
 * The plainest call that takes the arguments.
 *
 * Context: as KeSetTimer().
 * Return: 1 if the timer was armed, else 0.
 */
int nts_bridge_set(struct nts_bridge_core *core,
		   const struct nts_bridge_set_args *args)
{
	LARGE_INTEGER due = { .QuadPart = args->due_100ns };

	if (args->tolerance_ms)
		return KeSetCoalescableTimer(timer_of(core), due,
					     (ULONG)args->period_ms,
					     args->tolerance_ms, dpc_of(core));
	if (args->period_ms)
		return KeSetTimerEx(timer_of(core), due, args->period_ms,
				    dpc_of(core));
	return KeSetTimer(timer_of(core), due, dpc_of(core));
}

/**
 * nts_bridge_cancel() - KeCancelTimer
 * @core: a timer
 *
 * Context: as KeCancelTimer().
 * Return: 1 if the timer was armed, else 0.
 */
int nts_bridge_cancel(struct nts_bridge_core *core)
{
	return KeCancelTimer(timer_of(core));
}

/**
 * nts_bridge_read_timer() - KeReadStateTimer
 * @core: a timer
 *
 * Context: as KeReadStateTimer().
 * Return: 1 if the timer is signaled, else 0.
 */
int nts_bridge_read_timer(struct nts_bridge_core *core)
{
	return KeReadStateTimer(timer_of(core));
}

/**
 * nts_bridge_event_set() - KeSetEvent
 * @core: an event
 *
 * Context: as KeSetEvent().
 * Return: the previous state.
 */
int nts_bridge_event_set(struct nts_bridge_core *core)
{
	return KeSetEvent(event_of(core), IO_NO_INCREMENT, FALSE);
}

/**
 * nts_bridge_event_reset() - KeResetEvent
 * @core: an event
 *
 * Context: as KeResetEvent().
 * Return: the previous state.
 */
int nts_bridge_event_reset(struct nts_bridge_core *core)
{
	return KeResetEvent(event_of(core));
}

/**
 * nts_bridge_event_pulse() - KePulseEvent
 * @core: an event
 *
 * Context: as KePulseEvent().
 * Return: the previous state.
 */
int nts_bridge_event_pulse(struct nts_bridge_core *core)
{
	return KePulseEvent(event_of(core), IO_NO_INCREMENT, FALSE);
}

/**
 * nts_bridge_event_read() - KeReadStateEvent
 * @core: an event
 *
 * Context: any.
 * Return: the state.
 */
int nts_bridge_event_read(struct nts_bridge_core *core)
{
	return KeReadStateEvent(event_of(core));
}

/**
 * nts_bridge_init_semaphore() - KeInitializeSemaphore
 * @core: memory of any content
 * @count: 0..@limit
 * @limit: at least 1
 *
 * Context: any.
 */
void nts_bridge_init_semaphore(struct nts_bridge_core *core, int count,
			       int limit)
{
	KeInitializeSemaphore((PKSEMAPHORE)core->object, count, limit);
}

/**
 * nts_bridge_semaphore_release() - KeReleaseSemaphore
 * @core: a semaphore
 * @count: at least 1; within the limit
 *
 * Context: as KeReleaseSemaphore().
 * Return: the previous count.
 */
int nts_bridge_semaphore_release(struct nts_bridge_core *core, int count)
{
	return KeReleaseSemaphore((PKSEMAPHORE)core->object, IO_NO_INCREMENT,
				  count, FALSE);
}

/**
 * nts_bridge_init_mutant() - KeInitializeMutant
 * @core: memory of any content
 *
 * Nobody owns it. Its owners are no threads, so the rest of its life is the
 * engine's alone.
 *
 * Context: any.
 */
void nts_bridge_init_mutant(struct nts_bridge_core *core)
{
	KeInitializeMutant((PKMUTANT)core->object, FALSE);
}

/**
 * nts_bridge_init_ex() - ExAllocateTimer
 * @core: zeroed
 * @context: handed to nts_dev_dpc_ran()
 * @attributes: NT_LAYOUT_EX_*
 *
 * Context: process.
 * Return: false: no memory.
 */
_Bool nts_bridge_init_ex(struct nts_bridge_core *core, void *context,
			 unsigned int attributes)
{
	core->ex_timer = ExAllocateTimer(ex_routine, context, attributes);
	return core->ex_timer ? TRUE : FALSE;
}

/**
 * nts_bridge_set_ex() - ExSetTimer
 * @core: an EX timer
 * @args: checked
 *
 * Context: as ExSetTimer().
 * Return: 1 if it was pending, else 0.
 */
int nts_bridge_set_ex(struct nts_bridge_core *core,
		      const struct nts_bridge_ex_args *args)
{
	EXT_SET_PARAMETERS parameters;

	ExInitializeSetTimerParameters(&parameters);
	parameters.NoWakeTolerance = args->no_wake_100ns;
	return ExSetTimer(core->ex_timer, args->due_100ns, args->period_100ns,
			  &parameters);
}

/**
 * nts_bridge_cancel_ex() - ExCancelTimer
 * @core: an EX timer
 *
 * Context: as ExCancelTimer().
 * Return: 1 if it was pending, else 0.
 */
int nts_bridge_cancel_ex(struct nts_bridge_core *core)
{
	return ExCancelTimer(core->ex_timer, NULL);
}

/**
 * nts_bridge_delete_ex() - ExDeleteTimer, which waits for the callbacks
 * @core: an EX timer; nobody else uses it
 *
 * Context: process, may sleep.
 */
void nts_bridge_delete_ex(struct nts_bridge_core *core)
{
	ExDeleteTimer(core->ex_timer, TRUE, TRUE, NULL);
}

/**
 * nts_bridge_dpc_insert() - KeInsertQueueDpc
 * @core: has a DPC
 * @arg: SystemArgument1
 *
 * Context: as KeInsertQueueDpc().
 * Return: 1 if it was inserted, 0 if it was queued already.
 */
int nts_bridge_dpc_insert(struct nts_bridge_core *core, void *arg)
{
	return KeInsertQueueDpc(dpc_of(core), arg, NULL);
}

/**
 * nts_bridge_dpc_remove() - KeRemoveQueueDpc
 * @core: has a DPC
 *
 * Context: any.
 * Return: 1 if it was queued and now is not, else 0.
 */
int nts_bridge_dpc_remove(struct nts_bridge_core *core)
{
	return KeRemoveQueueDpc(dpc_of(core));
}

/**
 * nts_bridge_flush() - KeFlushQueuedDpcs
 *
 * Context: process, may sleep. When it returns, every DPC that was queued
 * before the call has run.
 */
void nts_bridge_flush(void)
{
	KeFlushQueuedDpcs();
}

/**
 * nts_bridge_wait() - KeWaitForMultipleObjects on behalf of a user's thread
 * @args: what to wait for
 *
 * Context: process, may sleep. Any signal of the task ends the wait.
 * Return: NTSTATUS.
 */
int nts_bridge_wait(const struct nts_bridge_wait_args *args)
{
	LARGE_INTEGER limit;

	if (args->timeout_100ns)
		limit.QuadPart = *args->timeout_100ns;
	return KeWaitForMultipleObjects(args->count, args->objects,
					args->all ? WaitAll : WaitAny,
					UserRequest, UserMode, TRUE,
					args->timeout_100ns ? &limit : NULL,
					args->blocks);
}

/**
 * nts_bridge_read_clocks() - read every clock of the API
 * @clocks: filled in
 *
 * Context: any.
 */
void nts_bridge_read_clocks(struct nts_bridge_clocks *clocks)
{
	LARGE_INTEGER system, ticks, counter, frequency;
	ULONG64 stamp;

	KeQuerySystemTimePrecise(&system);
	KeQueryTickCount(&ticks);
	counter = KeQueryPerformanceCounter(&frequency);
	clocks->system_100ns = system.QuadPart;
	clocks->unbiased_100ns = KeQueryUnbiasedInterruptTimePrecise(&stamp);
	clocks->interrupt_100ns = KeQueryInterruptTimePrecise(&stamp);
	clocks->ticks = ticks.QuadPart;
	clocks->counter = counter.QuadPart;
	clocks->frequency = frequency.QuadPart;
	clocks->increment_100ns = KeQueryTimeIncrement();
}
