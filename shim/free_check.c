// SPDX-License-Identifier: GPL-2.0
/*
 * Objects that are in use in memory that a driver frees: armed timers, queued
 * DPCs, mutexes that are owned, objects that threads wait for. Each can be
 * recognised in memory of any content, so the block is looked through, and no
 * table of objects is needed. Queues of work items and the table of lookaside
 * lists are asked.
 */

#include "compat.h"

#include <linux/math64.h>
#include <linux/stddef.h>

#include "clock.h"
#include "dispatcher.h"
#include "dpc.h"
#include "ex_lookaside.h"
#include "free_check.h"
#include "mutant.h"
#include "report.h"
#include "timer.h"
#include "work.h"

/* What the first parameter of TIMER_OR_DPC_INVALID says. */
#define INVALID_TIMER 0
#define INVALID_DPC 1

/**
 * struct freed - memory that a driver frees
 * @block: its first byte, aligned to NT_LAYOUT_ALIGN
 * @size: bytes
 * @caller: who frees it
 */
struct freed {
	char *block;
	size_t size;
	unsigned long caller;
};

/* Where the next object of @bytes may lie, after @place; NULL begins. */
static void *next_place(const struct freed *freed, void *place, size_t bytes)
{
	char *next = place ? (char *)place + NT_LAYOUT_ALIGN : freed->block;

	return freed->block + freed->size - next >= (ptrdiff_t)bytes ? next :
								       NULL;
}

/* Units of 100 ns from now; negative: has passed; S64_MAX: never. */
static s64 due_in_100ns(const struct nts_timer_leftover *left)
{
	struct nts_now now = nts_clock_read();
	u64 now_ns = left->clock == NTS_CLOCK_REAL ? now.real_ns : now.mono_ns;

	if (left->due_ns == NTS_NEVER_NS)
		return S64_MAX;
	return div_s64(left->due_ns - now_ns, 100);
}

static void report_timer(const struct freed *freed,
			 const struct nts_timer_leftover *left)
{
	const struct nts_finding finding = {
		.rule = "KT-168",
		.code = NTS_BUG_TIMER_OR_DPC_INVALID,
		.caller = freed->caller,
		.routine = left->routine,
		.object = left->timer,
		.text = "freed with an armed timer in it (timer, block, due in 100 ns); disarmed",
		.advice =
			"cancel the timer first; if that returns FALSE, flush the DPCs",
		.once = true,
		.args = { INVALID_TIMER, (unsigned long)left->timer,
			  (unsigned long)freed->block, due_in_100ns(left) },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static void check_timers(const struct freed *freed)
{
	struct nts_timer_leftover left;
	struct nts_timer *timer = NULL;

	while ((timer = next_place(freed, timer, sizeof(*timer)))) {
		if (nts_timer_disarm_freed(timer, &left))
			report_timer(freed, &left);
	}
}

static void report_dpc(const struct freed *freed, const struct nts_dpc *dpc,
		       nts_dpc_fn routine)
{
	const struct nts_finding finding = {
		.rule = "P-FRE-02",
		.code = NTS_BUG_TIMER_OR_DPC_INVALID,
		.caller = freed->caller,
		.routine = routine,
		.object = dpc,
		.text = "freed with a queued DPC in it (DPC, block); taken out of its queue",
		.advice = "flush the DPCs before freeing",
		.once = true,
		.args = { INVALID_DPC, (unsigned long)dpc,
			  (unsigned long)freed->block },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static void check_dpcs(const struct freed *freed)
{
	struct nts_dpc *dpc = NULL;
	nts_dpc_fn routine;

	while ((dpc = next_place(freed, dpc, sizeof(*dpc)))) {
		if (!nts_dpc_is_valid(dpc))
			continue;
		routine = dpc->routine;
		if (nts_dpc_remove(dpc))
			report_dpc(freed, dpc, routine);
	}
}

static void report_waiters(const struct freed *freed,
			   const struct nts_header *object)
{
	const struct nts_finding finding = {
		.rule = nts_timer_is_type(object->type) ? "KT-168" : "P-FRE-02",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = freed->caller,
		.object = object,
		.text = "freed with an object in it that is waited for (object, block); kept",
		.advice = "end the waits first",
		.once = true,
		.args = { 0, (unsigned long)object,
			  (unsigned long)freed->block },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static void report_mutant(const struct freed *freed,
			  const struct nts_mutant *mutant)
{
	const struct nts_finding finding = {
		.rule = "P-FRE-02",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = freed->caller,
		.object = mutant,
		.text = "freed with an owned mutex in it (mutex, block); parted from its owner",
		.advice = "release the mutex first",
		.once = true,
		.args = { 0, (unsigned long)mutant,
			  (unsigned long)freed->block },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static void check_mutants(const struct freed *freed)
{
	struct nts_mutant *mutant = NULL;

	while ((mutant = next_place(freed, mutant, sizeof(*mutant)))) {
		if (nts_mutant_is_owned(mutant) && nts_mutant_forget(mutant))
			report_mutant(freed, mutant);
	}
}

/* A list that is reported here is not reported at unload. */
static void check_lookaside(const struct freed *freed)
{
	if (nts_lookaside_forget_inside(freed->block, freed->size))
		nts_report_at(freed->caller, "P-FRE-02",
			      NTS_BUG_TIMER_OR_DPC_INVALID, freed->block,
			      "freed with a lookaside list in it that was not deleted; forgotten");
}

static void check_work(const struct freed *freed)
{
	unsigned long routine;

	while (nts_work_remove_inside(freed->block, freed->size, &routine))
		nts_report_at(freed->caller, "P-FRE-02", NTS_BUG_WORKER_INVALID,
			      freed->block,
			      "freed with a queued work item in it; taken off its queue");
}

static bool check_waiters(const struct freed *freed)
{
	struct nts_header *object = NULL;
	bool found = false;

	while ((object = next_place(freed, object, sizeof(*object)))) {
		if (!nts_header_has_waiters(object))
			continue;
		report_waiters(freed, object);
		found = true;
	}
	return found;
}

/**
 * nts_free_check() - report what is in use in memory that a driver frees
 * @block: the memory, aligned to NT_LAYOUT_ALIGN
 * @size: its size in bytes
 * @caller: address in the driver, for the reports
 *
 * Timers are disarmed first: one that expired meanwhile would queue its DPC.
 * What threads wait for cannot be made safe, since they will look at it again.
 *
 * Context: any but NMI; takes shard and DPC queue locks one after the other.
 * Takes time in proportion to @size; for the verifier.
 * Return: true if the memory is in use and must not be freed.
 * Source: KT-168, P-FRE-02, V-30.
 * Test: ntshim_free_check:armed_timer_is_reported_and_disarmed,
 * ntshim_free_check:memory_with_waiters_is_kept
 */
bool nts_free_check(void *block, size_t size, unsigned long caller)
{
	const struct freed freed = {
		.block = block,
		.size = size,
		.caller = caller,
	};

	check_timers(&freed);
	check_dpcs(&freed);
	check_work(&freed);
	check_lookaside(&freed);
	check_mutants(&freed);
	return check_waiters(&freed);
}
