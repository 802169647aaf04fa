// SPDX-License-Identifier: GPL-2.0
/*
 * The KDPC routines: argument checks and misuse notes around dpc.c.
 */

#include "compat.h"

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/minmax.h>

#include "../include/nt/nt_layout.h"
#include "dispatcher.h"
#include "dpc.h"
#include "irql.h"
#include "nt_api.h"
#include "report.h"
#include "status.h"

#define GROUP_SIZE NT_LAYOUT_MAXIMUM_PROC_PER_GROUP

static void init_dpc(struct nts_dpc *dpc, enum nts_dpc_type type,
		     nts_dpc_fn routine, void *context, unsigned long caller)
{
	if (unlikely(!nts_dpc_init(dpc, type, routine, context)))
		nts_misuse_at(caller, "DP-006", dpc,
			      "initialisation of a DPC that is queued; left as it is");
}

/* V-32: a DPC that no init routine has seen is refused. */
static bool check_dpc(const struct nts_dpc *dpc, unsigned long caller)
{
	if (likely(nts_dpc_is_valid(dpc)))
		return true;
	nts_misuse_at(caller, "V-32", dpc, "not an initialised DPC");
	return false;
}

/**
 * KeInitializeDpc() - make storage a DPC
 * @dpc: resident storage of any content, not a queued DPC
 * @routine: called at DISPATCH_LEVEL with @dpc, @context and the two arguments
 *	of the insertion
 * @context: not interpreted
 *
 * Medium importance, no target. No call undoes it: the storage may be freed
 * whenever the DPC is not queued, also by @routine.
 *
 * Context: any IRQL, any Linux context but NMI. Takes no lock.
 * Source: KeInitializeDpc function (wdm.h); DP-002, DP-003.
 * Test: ntshim_dpc:init_ignores_old_content
 */
void KeInitializeDpc(struct nts_dpc *dpc, nts_dpc_fn routine, void *context)
{
	init_dpc(dpc, NTS_DPC_ORDINARY, routine, context, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeInitializeDpc);

/**
 * KeInitializeThreadedDpc() - make storage a DPC that runs in a thread
 * @dpc: as for KeInitializeDpc()
 * @routine: called at PASSIVE_LEVEL in a real-time thread of the processor, or
 *	at DISPATCH_LEVEL if the module parameter thread_dpc is off
 * @context: not interpreted
 *
 * Context: any IRQL, any Linux context but NMI. Takes no lock.
 * Source: KeInitializeThreadedDpc function (wdm.h); DP-080 to DP-082.
 * Test: ntshim_dpc_threaded:runs_at_its_level
 */
void KeInitializeThreadedDpc(struct nts_dpc *dpc, nts_dpc_fn routine,
			     void *context)
{
	init_dpc(dpc, NTS_DPC_THREADED, routine, context, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeInitializeThreadedDpc);

/**
 * KeInsertQueueDpc() - queue a DPC
 * @dpc: initialised DPC
 * @arg1: SystemArgument1 for the routine
 * @arg2: SystemArgument2 for the routine
 *
 * A queued DPC stays as it is, with its first arguments. Called below
 * DISPATCH_LEVEL for its own processor, the routine of a DPC of medium or
 * higher importance has run when this returns (PREEMPT_RT: or soon after).
 *
 * Context: any IRQL, any Linux context but NMI. Takes a DPC queue lock.
 * Return: 1 if queued by this call, 0 if it was queued before.
 * Source: KeInsertQueueDpc function (wdm.h); DP-010 to DP-016, DP-031.
 * Test: ntshim_dpc:second_insert_changes_nothing
 */
u8 KeInsertQueueDpc(struct nts_dpc *dpc, void *arg1, void *arg2)
{
	bool entered, queued;

	if (!check_dpc(dpc, _RET_IP_))
		return false;

	entered = nts_dpc_enter();
	queued = nts_dpc_queue(dpc, arg1, arg2);
	nts_dpc_leave(entered);
	return queued;
}
EXPORT_SYMBOL_GPL(KeInsertQueueDpc);

/**
 * KeRemoveQueueDpc() - take a DPC out of its queue
 * @dpc: initialised DPC
 *
 * Context: any IRQL, any Linux context but NMI. Takes a DPC queue lock; does
 * not wait for a running routine.
 * Return: 1 if it was queued: the routine will not run for that insertion; 0 if
 * it was not queued, whether idle, running or done.
 * Source: KeRemoveQueueDpc function (wdm.h); DP-050 to DP-053.
 * Test: ntshim_dpc:remove_before_start_prevents_the_run
 */
u8 KeRemoveQueueDpc(struct nts_dpc *dpc)
{
	if (!check_dpc(dpc, _RET_IP_))
		return false;
	return nts_dpc_remove(dpc);
}
EXPORT_SYMBOL_GPL(KeRemoveQueueDpc);

/**
 * KeSetImportanceDpc() - choose the place in the queue and the urgency
 * @dpc: initialised DPC
 * @importance: LowImportance 0, MediumImportance 1, HighImportance 2 or
 *	MediumHighImportance 3; others are reported and change nothing
 *
 * Context: any IRQL, any Linux context. Concerns later insertions only.
 * Source: KeSetImportanceDpc function (wdm.h); DP-030, DP-038.
 * Test: ntshim_dpc_queue:importance_decides_the_order
 */
void KeSetImportanceDpc(struct nts_dpc *dpc, int importance)
{
	if (!check_dpc(dpc, _RET_IP_))
		return;
	if (importance < NTS_DPC_LOW || importance > NTS_DPC_MEDIUM_HIGH)
		nts_misuse("DP-038", dpc, "unknown DPC importance; unchanged");
	else
		WRITE_ONCE(dpc->importance, importance);
}
EXPORT_SYMBOL_GPL(KeSetImportanceDpc);

/**
 * KeSetTargetProcessorDpc() - choose the processor that runs a DPC
 * @dpc: initialised DPC
 * @number: processor of group 0; negative or not below the number of active
 *	processors of that group: no change
 *
 * Context: any IRQL, any Linux context. Concerns later insertions only.
 * Source: KeSetTargetProcessorDpc function (ntddk.h); DP-022, DP-024.
 * Test: ntshim_dpc:target_out_of_range_changes_nothing
 */
void KeSetTargetProcessorDpc(struct nts_dpc *dpc, s8 number)
{
	int active = min_t(int, num_online_cpus(), GROUP_SIZE);

	if (check_dpc(dpc, _RET_IP_) && number >= 0 && number < active)
		WRITE_ONCE(dpc->target, number + 1);
}
EXPORT_SYMBOL_GPL(KeSetTargetProcessorDpc);

/**
 * KeSetTargetProcessorDpcEx() - choose the processor that runs a DPC
 * @dpc: initialised DPC
 * @processor: group and number: Linux CPU 64 * group + number
 *
 * Context: any IRQL, any Linux context. Concerns later insertions only.
 * Return: STATUS_SUCCESS, or STATUS_INVALID_PARAMETER with no change if that
 * processor is not active or the reserved member is not 0.
 * Source: KeSetTargetProcessorDpcEx function (wdm.h); DP-023, DP-024.
 * Test: ntshim_dpc:target_ex_checks_every_member
 */
s32 KeSetTargetProcessorDpcEx(struct nts_dpc *dpc,
			      const struct nts_processor_number *processor)
{
	unsigned int cpu = processor->group * GROUP_SIZE + processor->number;

	if (!check_dpc(dpc, _RET_IP_) || processor->reserved ||
	    processor->number >= GROUP_SIZE || cpu >= nr_cpu_ids ||
	    !cpu_online(cpu))
		return NTS_STATUS_INVALID_PARAMETER;

	WRITE_ONCE(dpc->target, cpu + 1);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(KeSetTargetProcessorDpcEx);

/**
 * KeFlushQueuedDpcs() - wait until all DPCs queued before have run
 *
 * Covers all processors, DPCs queued by timers, threaded DPCs and routines that
 * are running; not what is queued during the call. A timer that was signaled
 * before the call has queued its DPC, also when it was only looked at.
 *
 * Context: PASSIVE_LEVEL, process context; sleeps. Elsewhere it would wait for
 * its own processor: reported, returns at once.
 * Source: KeFlushQueuedDpcs function (wdm.h); DP-060 to DP-066.
 * Test: ntshim_dpc_run:flush_waits_for_a_running_routine,
 * ntshim_race_timer:timer_and_insert_share_a_dpc
 */
void KeFlushQueuedDpcs(void)
{
	if (unlikely(nts_irql_current() != NTS_PASSIVE_LEVEL ||
		     nts_dpc_executing())) {
		nts_report("DP-065", NTS_BUG_IRQL_NOT_LESS_OR_EQUAL, NULL,
			   "KeFlushQueuedDpcs above PASSIVE_LEVEL or in a DPC; did not wait");
		return;
	}
	nts_dispatcher_sync();
	nts_dpc_flush();
}
EXPORT_SYMBOL_GPL(KeFlushQueuedDpcs);

/**
 * KeIsExecutingDpc() - whether the caller runs inside a DPC routine
 *
 * Context: any IRQL, any Linux context.
 * Return: nonzero inside a DPC routine, ordinary or threaded, and in what it
 * calls or what interrupts it; else 0.
 * Source: KeIsExecutingDpc function (wdm.h); DP-074, DP-089.
 * Test: ntshim_dpc:executing_is_true_inside_only
 */
u32 KeIsExecutingDpc(void)
{
	return nts_dpc_executing();
}
EXPORT_SYMBOL_GPL(KeIsExecutingDpc);

/**
 * KeQueryDpcWatchdogInformation() - how long a DPC routine may go on
 * @watchdog: receives limits of 0: there is no watchdog
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS; STATUS_UNSUCCESSFUL outside of a DPC routine, with
 * nothing stored.
 * Source: KeQueryDpcWatchdogInformation function (wdm.h); DP-075.
 * Test: ntshim_dpc_run:long_routine_is_counted_and_not_punished
 */
s32 KeQueryDpcWatchdogInformation(struct nts_dpc_watchdog *watchdog)
{
	if (!nts_dpc_executing())
		return NTS_STATUS_UNSUCCESSFUL;
	*watchdog = (struct nts_dpc_watchdog){ 0 };
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(KeQueryDpcWatchdogInformation);
