// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt request levels: derives the current level from the Linux context
 * and changes that context when a driver raises or lowers it.
 *
 * PASSIVE and APC belong to the thread. DISPATCH is "bottom halves disabled",
 * a device level "interrupts disabled": properties of the processor, so what a
 * driver has raised is remembered per processor, apart for threads, softirqs
 * and hard interrupts, since one may interrupt the other. On PREEMPT_RT a
 * thread can be preempted at DISPATCH, so a thread's state lies in its record.
 */

#include "compat.h"

#include <linux/bottom_half.h>
#include <linux/export.h>
#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/sched.h>

#include "callback.h"
#include "irql.h"
#include "nt_api.h"
#include "ps_thread.h"
#include "report.h"
#include "verifier.h"

/* What the first parameter of a verifier violation says. */
#define LOWERED_BELOW_ENTRY 0x31

/* The three kinds of context that interrupt each other. */
enum raised_in {
	RAISED_THREAD,
	RAISED_SOFTIRQ,
	RAISED_HARDIRQ,
	RAISED_COUNT,
};

static DEFINE_PER_CPU(struct nts_irql_raised, raised_on_cpu[RAISED_COUNT]);

/* Stable only at or above DISPATCH_LEVEL, where alone it means something. */
static struct nts_irql_raised *raised_here(void)
{
	enum raised_in in = RAISED_THREAD;
	struct nts_thread *thread = NULL;

	if (in_hardirq())
		in = RAISED_HARDIRQ;
	else if (in_serving_softirq())
		in = RAISED_SOFTIRQ;
	else if (IS_ENABLED(CONFIG_PREEMPT_RT))
		thread = nts_thread_current();
	if (thread)
		return &thread->raised;
	return raw_cpu_ptr(&raised_on_cpu[in]);
}

static u8 thread_level(void)
{
	struct nts_thread *thread = nts_thread_current();

	return thread ? thread->level : NTS_PASSIVE_LEVEL;
}

/* Without a record the level is PASSIVE: nothing to store, none to make. */
static void set_thread_level(u8 level)
{
	struct nts_thread *thread = level == NTS_PASSIVE_LEVEL ?
					    nts_thread_current() :
					    nts_thread_own();

	if (thread)
		thread->level = level;
}

/* Foreign code holds off preemption; unknowable without the counter. */
static bool preemption_is_off(void)
{
	return IS_ENABLED(CONFIG_PREEMPT_COUNT) &&
	       (preempt_count() & PREEMPT_MASK);
}

static u8 device_level(u8 otherwise)
{
	struct nts_irql_raised *raised = raised_here();

	return raised->irqs ? raised->level : otherwise;
}

/**
 * nts_irql_current() - the level the caller runs at
 *
 * Context: any IRQL, any Linux context.
 * Return: KIRQL.
 * Source: I-CTX-05.
 * Test: ntshim_irql:level_follows_the_context
 */
u8 nts_irql_current(void)
{
	if (in_nmi())
		return NTS_HIGH_LEVEL;
	if (in_hardirq())
		return device_level(NTS_DEVICE_LEVEL);
	if (irqs_disabled())
		return device_level(NTS_HIGH_LEVEL);
	if (in_softirq() || preemption_is_off())
		return NTS_DISPATCH_LEVEL;
	return thread_level();
}
NTS_EXPORT_INTERNAL(nts_irql_current);

/* From @old, the level of the thread. */
static void raise_to_dispatch(u8 old)
{
	struct nts_irql_raised *raised;

	/* Its record, which raised_here() wants, while it may still sleep. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		nts_thread_own();
	local_bh_disable();
	raised = raised_here();
	raised->bottom_halves = true;
	raised->below = old;
	raised->since_ns = nts_verifier_on() ? ktime_get_ns() : 0;
}

static void raise_to_device(u8 level)
{
	struct nts_irql_raised *raised;
	unsigned long flags;

	local_irq_save(flags);
	raised = raised_here();
	if (!raised->irqs)
		raised->flags = flags;
	raised->irqs = true;
	raised->level = level;
}

/* Where it stands which raises of the context have not been undone. */
static u16 *pending_at(u8 level)
{
	struct nts_thread *thread;

	if (level >= NTS_DISPATCH_LEVEL)
		return &raised_here()->pending;
	thread = nts_thread_own();
	return thread ? &thread->raised.pending : NULL;
}

/* @level is the current one, raised to from @old. What lies above @old is past. */
static void note_raise(u8 old, u8 level)
{
	u16 *pending = pending_at(level);

	if (pending)
		*pending = (*pending & (BIT(old) - 1)) | BIT(old);
}

/*
 * Compliance wants a lower to go where the latest raise came from (I-RL-04). A
 * raise that was not seen is not missed. @old is the current level.
 */
static void check_lower(u8 old, u8 level, unsigned long caller)
{
	u16 *pending = pending_at(old);

	if (!pending || !*pending)
		return;
	if (fls(*pending) - 1 != level)
		nts_misuse_at(caller, "I-RL-04", NULL,
			      "KeLowerIrql to a level that the latest KeRaiseIrql did not return");
	*pending &= BIT(level) - 1;
}

/* From @old, the current level, to @level above it. */
static void raise_from(u8 old, u8 level)
{
	if (old < NTS_DISPATCH_LEVEL && level >= NTS_DISPATCH_LEVEL)
		raise_to_dispatch(old);
	if (level > NTS_DISPATCH_LEVEL)
		raise_to_device(level);
	else if (level == NTS_APC_LEVEL)
		set_thread_level(level);
	if (unlikely(nts_verifier_is_strict()))
		note_raise(old, level);
}

static void lower_from_device(struct nts_irql_raised *raised, u8 level)
{
	if (level > NTS_DISPATCH_LEVEL) {
		raised->level = level;
		return;
	}
	raised->irqs = false;
	local_irq_restore(raised->flags);
}

/* Interrupts come first: bottom halves must not run with them off (I-RL-07). */
static void lower_to(struct nts_irql_raised *raised, u8 level,
		     unsigned long caller)
{
	u64 took_ns;

	if (raised->irqs)
		lower_from_device(raised, level);
	if (level >= NTS_DISPATCH_LEVEL)
		return;
	/* Mostly back to where the raise began: nothing to look up. */
	if (raised->below != level)
		set_thread_level(level);
	if (raised->bottom_halves) {
		/* What runs when they may again is not the driver's stay. */
		took_ns = unlikely(raised->since_ns) ?
				  ktime_get_ns() - raised->since_ns :
				  0;
		raised->bottom_halves = false;
		local_bh_enable();
		if (unlikely(took_ns) && nts_verifier_on())
			nts_callback_check_duration(took_ns, caller);
	}
}

/* I-RL-06: only what the driver raised in this context can be lowered. */
static bool may_lower(const struct nts_irql_raised *raised, u8 old, u8 level)
{
	if (old > NTS_DISPATCH_LEVEL && !raised->irqs)
		return false;
	if (old >= NTS_DISPATCH_LEVEL && level < NTS_DISPATCH_LEVEL)
		return raised->bottom_halves;
	return true;
}

static void lower_checked(struct nts_irql_raised *raised, u8 old, u8 level,
			  unsigned long caller)
{
	if (unlikely(nts_verifier_is_strict()))
		check_lower(old, level, caller);
	/* Below DISPATCH_LEVEL the processor may be another one by now. */
	if (old < NTS_DISPATCH_LEVEL)
		set_thread_level(level);
	else
		lower_to(raised, level, caller);
}

/* What is no level counts as the highest. */
static u8 clamped(u8 level, unsigned long caller)
{
	if (likely(level <= NTS_HIGH_LEVEL))
		return level;
	nts_misuse_at(caller, "I-LVL-03", NULL,
		      "IRQL above HIGH_LEVEL; taken as HIGH_LEVEL");
	return NTS_HIGH_LEVEL;
}

static void report_foreign_level(u8 old, u8 level, unsigned long caller)
{
	const struct nts_finding finding = {
		.rule = "I-RL-06",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = caller,
		.text = "IRQL lowered that others raised (from, to); unchanged",
		.args = { LOWERED_BELOW_ENTRY, old, level },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static u8 raise(u8 level, unsigned long caller)
{
	u8 old = nts_irql_current();

	level = clamped(level, caller);
	if (unlikely(level < old))
		nts_report_at(caller, "I-RL-01",
			      NTS_BUG_IRQL_NOT_GREATER_OR_EQUAL, NULL,
			      "KeRaiseIrql to a lower level; level unchanged");
	else if (level > old)
		raise_from(old, level);
	return old;
}

/**
 * nts_irql_raise_to_dispatch() - raise to DISPATCH_LEVEL for a spin lock
 *
 * Above DISPATCH_LEVEL nothing changes.
 *
 * Context: any; on return bottom halves are disabled, or more than that.
 * Return: the level before, for nts_irql_lower().
 * Source: L-SPN-05, V-08.
 * Test: ntshim_spinlock:acquire_raises_and_release_lowers
 */
u8 nts_irql_raise_to_dispatch(void)
{
	u8 old = nts_irql_current();

	if (old < NTS_DISPATCH_LEVEL) {
		raise_to_dispatch(old);
		if (unlikely(nts_verifier_is_strict()))
			note_raise(old, NTS_DISPATCH_LEVEL);
	}
	return old;
}

/**
 * nts_irql_lower() - lower the level, or say why not
 * @level: KIRQL, at most the current one
 * @caller: address in the driver, for the report
 *
 * Context: any IRQL >= @level, in the context of the raise.
 * Source: I-RL-03 to I-RL-08.
 * Test: ntshim_irql:lower_runs_queued_dpc
 */
void nts_irql_lower(u8 level, unsigned long caller)
{
	struct nts_irql_raised *raised = raised_here();
	u8 old = nts_irql_current();

	level = clamped(level, caller);
	if (level == old)
		return;
	if (unlikely(level > old))
		nts_report_at(caller, "I-RL-03", NTS_BUG_IRQL_NOT_LESS_OR_EQUAL,
			      NULL,
			      "KeLowerIrql to a higher level; level unchanged");
	else if (unlikely(!may_lower(raised, old, level)))
		report_foreign_level(old, level, caller);
	else
		lower_checked(raised, old, level, caller);
}

/**
 * nts_irql_mark() - note the context before a callback
 * @mark: filled in, for nts_irql_restore()
 *
 * Context: any.
 */
void nts_irql_mark(struct nts_irql_mark *mark)
{
	mark->preempt = preempt_count();
	mark->softirqs = softirq_count();
	mark->irqs_off = irqs_disabled();
	mark->level = in_task() ? thread_level() : NTS_DISPATCH_LEVEL;
}

/* What the driver raised and did not lower, beyond what @mark found. */
static bool undo_raise(const struct nts_irql_mark *mark)
{
	struct nts_irql_raised *raised = raised_here();
	bool found = false;

	if (raised->irqs && !mark->irqs_off) {
		raised->irqs = false;
		local_irq_restore(raised->flags);
		found = true;
	}
	if (raised->bottom_halves && !mark->softirqs &&
	    !(mark->preempt & HARDIRQ_MASK)) {
		raised->bottom_halves = false;
		local_bh_enable();
		found = true;
	}
	return found;
}

/* Something is different; what the driver raised explains most. */
static noinline __cold bool restore_context(const struct nts_irql_mark *mark)
{
	bool clean = !undo_raise(mark);

	if (irqs_disabled() && !mark->irqs_off) {
		local_irq_enable();
		clean = false;
	}
	while (IS_ENABLED(CONFIG_PREEMPT_RT) &&
	       softirq_count() > mark->softirqs) {
		local_bh_enable();
		clean = false;
	}
	if (preempt_count() != mark->preempt) {
		preempt_count_set(mark->preempt);
		clean = false;
	}
	return clean;
}

/**
 * nts_irql_restore() - put the context right after a callback
 * @mark: what it was before
 *
 * Undoes what the driver raised, then what is still different: interrupts left
 * off, an unbalanced preemption counter.
 *
 * Context: any; the one of nts_irql_mark().
 * Return: true if the callback had left the context as it was.
 * Source: I-LVL-06, DP-073.
 * Test: ntshim_dpc_run:raise_left_by_dpc_is_undone
 */
bool nts_irql_restore(const struct nts_irql_mark *mark)
{
	bool clean = true;

	if (unlikely(irqs_disabled() != mark->irqs_off ||
		     preempt_count() != mark->preempt ||
		     softirq_count() != mark->softirqs))
		clean = restore_context(mark);
	if (in_task() && unlikely(thread_level() != mark->level)) {
		set_thread_level(mark->level);
		clean = false;
	}
	return clean;
}

/**
 * KeGetCurrentIrql() - the level the caller runs at
 *
 * Context: any IRQL, any Linux context.
 * Return: KIRQL, 0 to 15; PASSIVE_LEVEL and APC_LEVEL are those of the thread.
 * Source: KeGetCurrentIrql function (wdm.h); I-CTX-05.
 * Test: ntshim_irql:level_follows_the_context
 */
u8 KeGetCurrentIrql(void)
{
	return nts_irql_current();
}
EXPORT_SYMBOL_GPL(KeGetCurrentIrql);

/**
 * KfRaiseIrql() - raise the level
 * @level: KIRQL, not below the current level
 *
 * Context: any IRQL. A raise to DISPATCH_LEVEL disables bottom halves, above it
 * interrupts; the caller must not sleep until it has lowered.
 * Return: the level before.
 * Source: KeRaiseIrql macro (wdm.h); I-RL-01, I-RL-02.
 * Test: ntshim_irql:raise_and_lower_nest
 */
u8 KfRaiseIrql(u8 level)
{
	return raise(level, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KfRaiseIrql);

/**
 * KeRaiseIrql() - raise the level
 * @level: KIRQL, not below the current level
 * @old: receives the level before
 *
 * Context: as KfRaiseIrql().
 * Source: KeRaiseIrql macro (wdm.h); I-RL-01.
 * Test: ntshim_irql:raise_and_lower_nest
 */
void KeRaiseIrql(u8 level, u8 *old)
{
	*old = raise(level, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeRaiseIrql);

/**
 * KeRaiseIrqlToDpcLevel() - raise the level to DISPATCH_LEVEL
 *
 * Context: IRQL <= DISPATCH_LEVEL; as KfRaiseIrql().
 * Return: the level before.
 * Source: KeRaiseIrqlToDpcLevel function (wdm.h); I-RL-02.
 * Test: ntshim_irql:raise_and_lower_nest
 */
u8 KeRaiseIrqlToDpcLevel(void)
{
	return raise(NTS_DISPATCH_LEVEL, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeRaiseIrqlToDpcLevel);

/**
 * KeLowerIrql() - lower the level again
 * @level: KIRQL, what the matching raise returned
 *
 * Lowering below DISPATCH_LEVEL runs this processor's DPCs before the return.
 *
 * Context: any IRQL >= @level, in the context of the raise.
 * Source: KeLowerIrql macro (wdm.h); I-RL-03 to I-RL-08.
 * Test: ntshim_irql:lower_runs_queued_dpc
 */
void KeLowerIrql(u8 level)
{
	nts_irql_lower(level, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeLowerIrql);
