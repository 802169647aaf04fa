// SPDX-License-Identifier: GPL-2.0
/*
 * The frame around every call of a driver's routine. Whatever the routine
 * forgot - a level, a lock, a region - is put right, so that the processor and
 * the thread go on as if it had not; and is told.
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/moduleparam.h>
#include <linux/preempt.h>

#include "callback.h"
#include "ps_thread.h"
#include "report.h"
#include "verifier.h"
#include "verifier_locks.h"

/* What Windows advises for a DPC. */
#define ADVISED_NS (100 * NSEC_PER_USEC)

/* APC_INDEX_MISMATCH */
#define INDEX_MISMATCH 0x1

static unsigned int long_dpc_ms = 20;
module_param(long_dpc_ms, uint, 0444);
MODULE_PARM_DESC(long_dpc_ms,
		 "Verifier: report longer stays at DISPATCH_LEVEL, 0: none (default 20)");

static atomic_long_t long_dpcs;
static u64 limit_ns;

/**
 * nts_callback_limit_dpc() - set what is reported as a long DPC
 * @new_limit_ns: longest that is not reported; 0: none is
 *
 * Context: any.
 * Return: the limit before.
 */
u64 nts_callback_limit_dpc(u64 new_limit_ns)
{
	return xchg(&limit_ns, new_limit_ns);
}
NTS_EXPORT_INTERNAL(nts_callback_limit_dpc);

/**
 * nts_callback_count_long() - how often DISPATCH_LEVEL took longer than advised
 *
 * Context: any.
 * Return: their number while the verifier was on.
 * Source: I-CTX-14.
 */
unsigned long nts_callback_count_long(void)
{
	return atomic_long_read(&long_dpcs);
}
NTS_EXPORT_INTERNAL(nts_callback_count_long);

/**
 * nts_callback_start() - take over the parameters
 *
 * Context: module init.
 */
void __init nts_callback_start(void)
{
	limit_ns = long_dpc_ms * (u64)NSEC_PER_MSEC;
}

/**
 * nts_callback_check_duration() - threads had to wait: was it too long?
 * @took_ns: how long
 * @caller: the DPC routine, or who ended a section at DISPATCH_LEVEL
 *
 * Context: any; the verifier is on.
 * Source: I-CTX-14, V-31.
 * Test: ntshim_verifier_locks:long_dpc_is_reported
 */
void nts_callback_check_duration(u64 took_ns, unsigned long caller)
{
	u64 most_ns = READ_ONCE(limit_ns);
	struct nts_finding finding = {
		.rule = "V-31",
		.code = NTS_BUG_DPC_WATCHDOG_VIOLATION,
		.caller = caller,
		.text = "DISPATCH_LEVEL for too long: no thread ran meanwhile",
		.advice = "do the work in a system thread or a work item",
		.once = true,
		.args = { 0, took_ns, most_ns },
	};

	if (took_ns > ADVISED_NS)
		atomic_long_inc(&long_dpcs);
	if (most_ns && took_ns > most_ns)
		nts_finding_raise(NTS_REPORT, &finding);
}

/* L-CRG-06: regions end in the routine in which they began. */
static void restore_regions(const struct nts_callback *callback,
			    struct nts_thread *thread, unsigned long routine)
{
	if (!thread || likely(thread->critical == callback->critical &&
			      thread->guarded == callback->guarded))
		return;
	thread->critical = callback->critical;
	thread->guarded = callback->guarded;
	nts_report_at(routine, "L-CRG-06", INDEX_MISMATCH, &thread->header,
		      "routine changed the count of regions; restored");
}

/*
 * W-MTX-12: who returns from a call owns what he owned before. A mutex that is
 * left protects something half done, so it is told of and stays as it is.
 */
static void check_mutexes(const struct nts_callback *callback,
			  const struct nts_thread *thread,
			  unsigned long routine)
{
	unsigned int owned = thread ? READ_ONCE(thread->owner.owned) : 0;

	if (likely(owned == callback->mutexes) ||
	    callback->mutexes == NTS_MUTEXES_ANY)
		return;
	nts_report_at(routine, "W-MTX-12", INDEX_MISMATCH, &thread->header,
		      owned > callback->mutexes ?
			      "routine returned with a mutex; still owned" :
			      "routine released a mutex of its caller");
}

/**
 * nts_callback_enter() - a driver's routine is about to be called
 * @callback: filled in, for nts_callback_leave()
 *
 * Context: that of the routine.
 */
void nts_callback_enter(struct nts_callback *callback)
{
	struct nts_thread *thread = nts_thread_of_caller();

	nts_irql_mark(&callback->irql);
	callback->thread = thread;
	callback->critical = thread ? thread->critical : 0;
	callback->guarded = thread ? thread->guarded : 0;
	callback->mutexes = thread ? READ_ONCE(thread->owner.owned) : 0;
	callback->verified = nts_verifier_on();
	if (!callback->verified)
		return;
	callback->locks = nts_lock_count_held();
	callback->start_ns = ktime_get_ns();
}

/**
 * nts_callback_leave() - a driver's routine has returned
 * @callback: from nts_callback_enter()
 * @routine: its address, for reports
 *
 * Restores what the routine changed: locks that it holds are released, regions
 * and level are what they were. Says so, but for the level, whose rule the
 * caller knows. Of mutexes it only says so.
 *
 * Context: that of the routine.
 * Return: false if the level was not what it had been and no lock explains it:
 * to be reported.
 * Source: I-LVL-06, V-27, L-CRG-06, W-MTX-12.
 * Test: ntshim_verifier_locks:lock_left_by_a_dpc_is_released
 */
bool nts_callback_leave(const struct nts_callback *callback,
			unsigned long routine)
{
	struct nts_thread *thread = callback->thread;
	bool leaked = false, clean;

	if (unlikely(callback->verified && nts_verifier_on()))
		leaked = nts_lock_drop_leaked(callback->locks, routine);
	clean = nts_irql_restore(&callback->irql);
	/* The routine may have made its thread a record. */
	if (!thread)
		thread = nts_thread_of_caller();
	restore_regions(callback, thread, routine);
	check_mutexes(callback, thread, routine);
	if (unlikely(callback->verified) && in_serving_softirq())
		nts_callback_check_duration(ktime_get_ns() - callback->start_ns,
					    routine);
	return clean || leaked;
}

/**
 * nts_callback_tell_level() - report a routine of DISPATCH_LEVEL that left another
 * @routine: its address
 * @object: what it was called for
 *
 * Context: that of the routine.
 */
void nts_callback_tell_level(unsigned long routine, const void *object)
{
	nts_report_at(routine, "I-LVL-06", NTS_BUG_VERIFIER_VIOLATION, object,
		      "callback returned at another IRQL than it was entered; restored");
}
