// SPDX-License-Identifier: GPL-2.0
/*
 * The KMUTEX and KMUTANT routines. Ownership is the engine's, see mutant.c;
 * what Windows raises is told here.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>

#include "irql.h"
#include "ke_api.h"
#include "mutant.h"
#include "ps_thread.h"
#include "report.h"
#include "status.h"
#include "verifier.h"

static void init(struct nts_mutant *mutant, bool holds_apcs,
		 unsigned long caller)
{
	if (unlikely(nts_header_has_waiters(&mutant->header)))
		nts_misuse_at(caller, "W-HDR-07", mutant,
			      "mutex with waiters initialised");
	else if (unlikely(nts_mutant_is_owned(mutant)))
		nts_misuse_at(caller, "W-HDR-07", mutant,
			      "mutex initialised that a thread owns; still owned");
	else
		nts_mutant_init(mutant, holds_apcs);
}

/**
 * KeInitializeMutex() - make storage a mutex that nobody owns
 * @mutex: storage of any content, resident, not owned, without waiters
 * @level: without effect
 *
 * A mutex that has waiters or is owned is noted and left as it is (W-HDR-07).
 *
 * Context: any IRQL. Takes no lock.
 * Source: KeInitializeMutex function.
 * Test: ntshim_mutex:init_makes_it_free
 */
void KeInitializeMutex(struct nts_mutant *mutex, u32 level)
{
	init(mutex, true, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeInitializeMutex);

/**
 * KeInitializeMutant() - make storage a mutant, which can be abandoned
 * @mutant: as for KeInitializeMutex()
 * @initial_owner: nonzero: the calling thread owns it
 *
 * Unlike a mutex it does not hold off kernel APCs, and a thread that ends while
 * it owns it abandons it.
 *
 * Context: any IRQL; with @initial_owner as for a wait that only looks.
 * Source: observed; W-MTX-08, W-MTX-10.
 * Test: ntshim_mutex:mutant_of_ended_thread_is_abandoned
 */
void KeInitializeMutant(struct nts_mutant *mutant, u8 initial_owner)
{
	static const s64 look_100ns;

	init(mutant, false, _RET_IP_);
	if (initial_owner)
		KeWaitForSingleObject(mutant, 0, 0, 0, &look_100ns);
}
EXPORT_SYMBOL_GPL(KeInitializeMutant);

/* @mutant may be gone: only its address is used. */
static void check_level(const struct nts_mutant *mutant, bool was_at_dispatch,
			unsigned long caller)
{
	bool at_dispatch = nts_irql_current() >= NTS_DISPATCH_LEVEL;

	if (unlikely(at_dispatch != was_at_dispatch))
		nts_misuse_at(caller, "W-MTX-07", mutant,
			      "mutex released at another level than acquired");
}

static s32 release(struct nts_mutant *mutant, bool abandon, bool promise,
		   unsigned long caller)
{
	struct nts_release_result result;
	struct nts_thread *thread;

	if (unlikely(mutant->header.magic != NTS_HEADER_MAGIC ||
		     mutant->header.type != NT_LAYOUT_TYPE_MUTANT)) {
		nts_misuse_at(caller, "W-HDR-08", mutant,
			      "not an initialised mutex");
		return 0;
	}
	if (nts_verifier_on()) {
		if (promise)
			__nts_verify_level(NTS_V_02, NTS_PASSIVE_LEVEL,
					   NTS_APC_LEVEL, mutant, caller);
		nts_wait_promise(promise, caller);
	}
	thread = nts_thread_own();
	result = nts_mutant_release(mutant, thread ? &thread->owner : NULL,
				    abandon);
	if (unlikely(result.status))
		nts_report_raised_at(caller, "W-MTX-06", result.status, mutant,
				     "mutex released by a thread that does not own it");
	else if (!abandon && !result.previous)
		check_level(mutant, result.at_dispatch, caller);
	return result.previous;
}

/**
 * KeReleaseMutex() - give up one acquisition of a mutex
 * @mutex: initialised mutex that the calling thread owns
 * @wait: nonzero: a wait follows at once; a hint, without effect
 *
 * The last release makes the thread that waits longest its owner, in the same
 * step.
 *
 * Context: IRQL <= DISPATCH_LEVEL, the one of the acquisition; process context.
 * Takes the shard lock.
 * Return: the state before: 0: the mutex was owned once and is given up now;
 * negative: it is still owned. 0 also for what is not a mutex, reported. Where
 * the caller does not own it Windows raises STATUS_MUTANT_NOT_OWNED, or
 * STATUS_ABANDONED: reported, nothing is changed.
 * Source: KeReleaseMutex function; W-MTX-04 to W-MTX-07.
 * Test: ntshim_mutex:release_returns_the_state_before,
 * ntshim_mutex:release_by_another_thread_changes_nothing
 */
s32 KeReleaseMutex(struct nts_mutant *mutex, u8 wait)
{
	nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL, mutex);
	return release(mutex, false, wait, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseMutex);

/**
 * KeReleaseMutant() - give up a mutant
 * @mutant: initialised mutant or mutex
 * @increment: priority boost, no effect
 * @abandoned: nonzero: whoever owns it gives it up altogether, and the next
 *	wait that gets it is told
 * @wait: as for KeReleaseMutex()
 *
 * Context: as KeReleaseMutex(); with @abandoned also in DPCs.
 * Return: as KeReleaseMutex().
 * Source: observed; W-MTX-10.
 * Test: ntshim_mutex:abandoned_mutant_tells_its_next_owner
 */
s32 KeReleaseMutant(struct nts_mutant *mutant, s32 increment, u8 abandoned,
		    u8 wait)
{
	return release(mutant, abandoned, wait, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeReleaseMutant);

/**
 * KeReadStateMutex() - the signal state of a mutex
 * @mutex: initialised mutex
 *
 * Context: any IRQL. Takes no lock.
 * Return: 1: free; 0: owned; negative: owned several times; may be out of date
 * on return.
 * Source: KeReadStateMutex function.
 * Test: ntshim_mutex:release_returns_the_state_before
 */
s32 KeReadStateMutex(struct nts_mutant *mutex)
{
	nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL, mutex);
	return nts_signal_read(&mutex->header);
}
EXPORT_SYMBOL_GPL(KeReadStateMutex);
