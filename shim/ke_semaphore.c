// SPDX-License-Identifier: GPL-2.0
/*
 * The KSEMAPHORE routines: a count, which is the signal state, and its limit.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/minmax.h>
#include <linux/overflow.h>

#include "dispatcher.h"
#include "ke_api.h"
#include "report.h"
#include "status.h"
#include "verifier.h"

static bool is_semaphore(const struct nts_semaphore *semaphore)
{
	return semaphore->header.magic == NTS_HEADER_MAGIC &&
	       semaphore->header.type == NT_LAYOUT_TYPE_SEMAPHORE;
}

/**
 * KeInitializeSemaphore() - make storage a semaphore
 * @semaphore: storage of any content, resident, without waiters
 * @count: initial count, 0..@limit
 * @limit: highest count, 1..MAXLONG
 *
 * Numbers out of range are reported and taken as the nearest legal ones. A
 * semaphore with waiters is reported and left as it is (W-HDR-07).
 *
 * Context: IRQL <= DISPATCH_LEVEL; survives any. Takes no lock.
 * Source: KeInitializeSemaphore function.
 * Test: ntshim_semaphore:init_sets_count_and_limit
 */
void KeInitializeSemaphore(struct nts_semaphore *semaphore, s32 count,
			   s32 limit)
{
	nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL, semaphore);
	if (unlikely(limit < 1 || count < 0 || count > limit)) {
		nts_misuse("W-SEM-01", semaphore,
			   "semaphore with a count or limit out of range");
		limit = max(limit, 1);
		count = clamp(count, 0, limit);
	}
	if (unlikely(nts_header_has_waiters(&semaphore->header))) {
		nts_misuse("W-HDR-07", semaphore,
			   "semaphore with waiters initialised");
		return;
	}
	nts_header_init(&semaphore->header, NT_LAYOUT_TYPE_SEMAPHORE, count);
	semaphore->limit = limit;
}
EXPORT_SYMBOL_GPL(KeInitializeSemaphore);

/*
 * Add to the count, as far as waits do not take it at once. Returns whether
 * the limit allowed it.
 */
static bool add(struct nts_semaphore *semaphore, s32 adjustment, s32 *previous)
{
	struct nts_header *header = &semaphore->header;
	struct nts_signaller sig;
	bool fits;
	s32 state;

	nts_signal_lock(&sig, nts_shard_of(header), header);
	*previous = header->signal_state;
	fits = adjustment > 0 &&
	       !check_add_overflow(*previous, adjustment, &state) &&
	       state <= semaphore->limit;
	if (fits)
		nts_signal_store(header,
				 nts_signal_satisfy(&sig, header, state));
	nts_signal_unlock(&sig);
	return fits;
}

/**
 * KeReleaseSemaphore() - add to the count and let waits take from it
 * @semaphore: initialised semaphore
 * @increment: priority boost for the released threads, no effect here; a
 *	negative value is reported
 * @adjustment: how much to add, at least 1; 0 is reported and does nothing
 * @wait: nonzero: a wait follows at once; a hint, without effect
 *
 * Waits are satisfied in the order in which they blocked; what they leave is
 * the new count. The semaphore may be gone on return.
 *
 * Context: IRQL <= DISPATCH_LEVEL; any thread or DPC. Takes the shard lock.
 * Return: the previous count; 0 also for what is not a semaphore, reported.
 * Where the count would pass the limit, or @adjustment is negative, Windows
 * raises STATUS_SEMAPHORE_LIMIT_EXCEEDED: reported, nothing is changed.
 * Source: KeReleaseSemaphore function; W-SEM-02 to W-SEM-05.
 * Test: ntshim_semaphore:release_satisfies_in_order_and_keeps_the_rest,
 * ntshim_semaphore:release_beyond_the_limit_changes_nothing
 */
s32 KeReleaseSemaphore(struct nts_semaphore *semaphore, s32 increment,
		       s32 adjustment, u8 wait)
{
	s32 previous;

	if (unlikely(!is_semaphore(semaphore))) {
		nts_misuse("W-HDR-08", semaphore,
			   "not an initialised semaphore");
		return 0;
	}
	if (nts_verifier_on()) {
		if (wait)
			nts_verify_at_most(NTS_V_02, NTS_PASSIVE_LEVEL,
					   semaphore);
		else
			nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL,
					   semaphore);
		nts_wait_promise(wait, _RET_IP_);
	}
	if (unlikely(increment < 0))
		nts_misuse("W-FIF-04", semaphore,
			   "negative priority increment");
	if (unlikely(!adjustment)) {
		nts_misuse("W-SEM-04", semaphore, "semaphore released by 0");
		return nts_signal_read(&semaphore->header);
	}
	if (unlikely(!add(semaphore, adjustment, &previous)))
		nts_report_raised_at(_RET_IP_, "W-SEM-03",
				     NTS_STATUS_SEMAPHORE_LIMIT_EXCEEDED,
				     semaphore,
				     "semaphore released beyond its limit");
	return previous;
}
EXPORT_SYMBOL_GPL(KeReleaseSemaphore);

/**
 * KeReadStateSemaphore() - the count of a semaphore
 * @semaphore: initialised semaphore
 *
 * Context: any IRQL. Takes no lock.
 * Return: the count; may be out of date on return.
 * Source: KeReadStateSemaphore function.
 * Test: ntshim_semaphore:init_sets_count_and_limit
 */
s32 KeReadStateSemaphore(struct nts_semaphore *semaphore)
{
	nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL, semaphore);
	return nts_signal_read(&semaphore->header);
}
EXPORT_SYMBOL_GPL(KeReadStateSemaphore);
