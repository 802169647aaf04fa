// SPDX-License-Identifier: GPL-2.0
/*
 * Critical and guarded regions: two counters of the calling thread. There are
 * no kernel APCs to hold back, so nothing is blocked and code in a region may
 * sleep; what counts is what drivers can ask for.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "irql.h"
#include "lock_api.h"
#include "ps_thread.h"
#include "report.h"
#include "verifier.h"

/* What the first parameter of a verifier violation says. */
#define LEFT_WITHOUT_ENTERING 0x3e

static void report_leave(unsigned long caller)
{
	const struct nts_finding finding = {
		.rule = "L-CRG-06",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = caller,
		.text = "region left that was not entered; ignored",
		.args = { LEFT_WITHOUT_ENTERING },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static __always_inline void enter(s32 *regions)
{
	nts_verify_at_most(NTS_V_05, NTS_APC_LEVEL, NULL);
	(*regions)++;
}

static __always_inline void leave(s32 *regions)
{
	nts_verify_at_most(NTS_V_05, NTS_APC_LEVEL, NULL);
	if (likely(*regions > 0))
		(*regions)--;
	else
		report_leave(_RET_IP_);
}

/**
 * nts_thread_is_in_region() - whether the caller has entered a region
 *
 * The one that a system thread starts in does not count (L-CRG-04).
 *
 * Context: process.
 * Return: true in a critical or guarded region.
 * Source: L-CRG-05.
 * Test: ntshim_wait_alert:region_holds_back_signals_that_do_not_kill
 */
bool nts_thread_is_in_region(void)
{
	const struct nts_thread *thread = nts_thread_current();

	return thread &&
	       (thread->critical > !!thread->routine || thread->guarded);
}

/**
 * KeEnterCriticalRegion() - begin a critical region of the calling thread
 *
 * Regions nest. Signals that do not kill no longer end the waits of a user task
 * in it.
 *
 * Context: IRQL <= APC_LEVEL, process context. Changes no level, takes no lock.
 * Source: KeEnterCriticalRegion function (ntddk.h); L-CRG-01.
 * Test: ntshim_region:regions_nest_and_tell
 */
void KeEnterCriticalRegion(void)
{
	enter(&nts_thread_own_or_placeholder()->critical);
}
EXPORT_SYMBOL_GPL(KeEnterCriticalRegion);

/**
 * KeLeaveCriticalRegion() - end a critical region of the calling thread
 *
 * Without a region to leave it is reported and changes nothing.
 *
 * Context: as KeEnterCriticalRegion().
 * Source: KeLeaveCriticalRegion function (ntddk.h); L-CRG-01, L-CRG-06.
 * Test: ntshim_region:regions_nest_and_tell
 */
void KeLeaveCriticalRegion(void)
{
	leave(&nts_thread_own_or_placeholder()->critical);
}
EXPORT_SYMBOL_GPL(KeLeaveCriticalRegion);

/**
 * KeEnterGuardedRegion() - begin a guarded region of the calling thread
 *
 * Context: as KeEnterCriticalRegion().
 * Source: KeEnterGuardedRegion function (wdm.h); L-CRG-02.
 * Test: ntshim_region:regions_nest_and_tell
 */
void KeEnterGuardedRegion(void)
{
	enter(&nts_thread_own_or_placeholder()->guarded);
}
EXPORT_SYMBOL_GPL(KeEnterGuardedRegion);

/**
 * KeLeaveGuardedRegion() - end a guarded region of the calling thread
 *
 * Without a region to leave it is reported and changes nothing.
 *
 * Context: as KeEnterCriticalRegion().
 * Source: KeLeaveGuardedRegion function (wdm.h); L-CRG-02, L-CRG-06.
 * Test: ntshim_region:regions_nest_and_tell
 */
void KeLeaveGuardedRegion(void)
{
	leave(&nts_thread_own_or_placeholder()->guarded);
}
EXPORT_SYMBOL_GPL(KeLeaveGuardedRegion);

/* The rule article allows less than the reference page (V-43). */
static __always_inline void check_question(void)
{
	if (nts_verifier_on())
		__nts_verify_level(NTS_V_06, NTS_PASSIVE_LEVEL,
				   nts_verifier_is_strict() ?
					   NTS_APC_LEVEL :
					   NTS_DISPATCH_LEVEL,
				   NULL, _RET_IP_);
}

/**
 * KeAreApcsDisabled() - whether normal kernel APCs are held back
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: 1 in a critical or guarded region and while the thread owns a mutex;
 * in a system thread always, since it starts as if in a region; else 0.
 * Source: KeAreApcsDisabled function (ntddk.h); L-CRG-03, L-CRG-04.
 * Test: ntshim_region:regions_nest_and_tell
 */
u8 KeAreApcsDisabled(void)
{
	const struct nts_thread *thread = nts_thread_of_caller();

	check_question();
	return thread && (thread->critical || thread->guarded ||
			  READ_ONCE(thread->owner.apcs_off));
}
EXPORT_SYMBOL_GPL(KeAreApcsDisabled);

/**
 * KeAreAllApcsDisabled() - whether special kernel APCs are held back as well
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: 1 in a guarded region and at APC_LEVEL and above, else 0.
 * Source: KeAreAllApcsDisabled function (wdm.h); L-CRG-03.
 * Test: ntshim_region:regions_nest_and_tell
 */
u8 KeAreAllApcsDisabled(void)
{
	const struct nts_thread *thread = nts_thread_of_caller();

	check_question();
	return (thread && thread->guarded) ||
	       nts_irql_current() >= NTS_APC_LEVEL;
}
EXPORT_SYMBOL_GPL(KeAreAllApcsDisabled);
