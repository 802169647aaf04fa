// SPDX-License-Identifier: GPL-2.0
/*
 * The verifier's books on spin locks: for each processor what it holds. From
 * them it knows what would spin for ever, releases that fit no acquisition and
 * callbacks that forget a lock. The order of locks is in verifier_order.c.
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/sched/task_stack.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "report.h"
#include "spinlock.h"
#include "verifier.h"
#include "verifier_locks.h"
#include "verifier_order.h"

/* Locks that a processor holds at once; more are not followed. */
#define NR_HELD 16

/* Windows asks drivers to hold a spin lock no longer. */
#define ADVISED_NS (25 * NSEC_PER_USEC)

/* How long to hope that a suspected deadlock is none. */
#define SUSPICION_NS (200 * NSEC_PER_MSEC)

/* What the parameters of a verifier violation say. */
#define DEADLOCK_DETECTED 0x1001
#define RULE_SPIN_LOCK 0x40009
#define RULE_SPIN_LOCK_RELEASE 0x4000a

/**
 * struct held - a lock that a processor holds
 * @lock: which
 * @ops: its kind
 * @caller: who took it
 * @since_ns: when, CLOCK_MONOTONIC
 * @form: NTS_LOCK_ flags of the acquisition
 * @phantom: it was not taken, since that would never have ended
 */
struct held {
	void *lock;
	const struct nts_lock_ops *ops;
	unsigned long caller;
	u64 since_ns;
	u8 form;
	bool phantom;
};

/**
 * struct holder - what a processor holds
 * @count: entries of @held in use
 * @held: oldest first
 */
struct holder {
	unsigned int count;
	struct held held[NR_HELD];
};

/* Protects the books; only the order of locks is asked for under it. */
static DEFINE_RAW_SPINLOCK(books_lock);
static DEFINE_PER_CPU(struct holder, holders);
static atomic_long_t long_holds;

/* What is to be done about an acquisition. */
enum plan {
	PLAN_SPIN,
	PLAN_SUSPECT,
	PLAN_LET_PASS
};

static struct held *find_held(struct holder *holder, const void *lock)
{
	unsigned int i;

	for (i = holder->count; i--;)
		if (holder->held[i].lock == lock)
			return &holder->held[i];
	return NULL;
}

static void remove_held(struct holder *holder, struct held *held)
{
	struct held *end = &holder->held[--holder->count];

	memmove(held, held + 1, (char *)end - (char *)held);
}

/* The held lock that contradicts the acquisition of @lock, or NULL. */
static const struct held *note_orders(const struct holder *holder,
				      const void *lock)
{
	unsigned int i;

	/* Memory of a stack is another lock in a moment. */
	if (object_is_on_stack(lock))
		return NULL;
	for (i = 0; i < holder->count; i++)
		if (!holder->held[i].phantom &&
		    !object_is_on_stack(holder->held[i].lock) &&
		    !nts_order_note(holder->held[i].lock, lock))
			return &holder->held[i];
	return NULL;
}

/* @obstacle: the entry that stands in the way, for the report. */
static enum plan make_plan(const void *lock, u8 form, struct held *obstacle)
{
	struct holder *holder = this_cpu_ptr(&holders);
	const struct held *held = find_held(holder, lock);
	enum plan plan = PLAN_SPIN;

	if (held) {
		if (!(held->form & form & NTS_LOCK_SHARED))
			plan = PLAN_LET_PASS;
	} else {
		held = note_orders(holder, lock);
		if (held)
			plan = PLAN_SUSPECT;
	}
	if (plan != PLAN_SPIN)
		*obstacle = *held;
	return plan;
}

static void report(const char *rule, u32 code, const void *lock,
		   unsigned long caller, const char *text, const char *advice,
		   const unsigned long args[4])
{
	struct nts_finding finding = {
		.rule = rule,
		.code = code,
		.caller = caller,
		.object = lock,
		.text = text,
		.advice = advice,
		.once = true,
	};

	memcpy(finding.args, args, sizeof(finding.args));
	nts_finding_raise(NTS_REPORT, &finding);
}

static void report_recursion(const void *lock, unsigned long caller,
			     const struct held *held)
{
	const unsigned long args[4] = { (unsigned long)lock, held->caller };

	report(held->form & NTS_LOCK_ANY_FORM ? "L-RWS-05" : "L-SPN-11",
	       NTS_BUG_SPIN_LOCK_ALREADY_OWNED, lock, caller,
	       "spin lock taken by the processor that holds it",
	       "call a variant of the function that expects the lock held",
	       args);
}

static void report_order(const void *lock, unsigned long caller,
			 const struct held *held)
{
	const unsigned long args[4] = { DEADLOCK_DETECTED, (unsigned long)lock,
					(unsigned long)held->lock,
					held->caller };

	report("L-SPN-18", NTS_BUG_VERIFIER_VIOLATION, lock, caller,
	       "spin locks taken in an order that contradicts an earlier one",
	       "take these locks in the same order everywhere", args);
}

static enum plan plan_for(const void *lock, u8 form, unsigned long caller)
{
	struct held obstacle;
	unsigned long flags;
	enum plan plan;

	raw_spin_lock_irqsave(&books_lock, flags);
	plan = make_plan(lock, form, &obstacle);
	raw_spin_unlock_irqrestore(&books_lock, flags);
	if (plan == PLAN_LET_PASS)
		report_recursion(lock, caller, &obstacle);
	else if (plan == PLAN_SUSPECT)
		report_order(lock, caller, &obstacle);
	return plan;
}

/* On one processor a holder cannot let go while somebody spins. */
static bool take_or_give_up(void *lock, const struct nts_lock_ops *ops)
{
	u64 end_ns = ktime_get_mono_fast_ns() + SUSPICION_NS;

	while (!ops->try_fn(lock)) {
		if (num_online_cpus() == 1 ||
		    ktime_get_mono_fast_ns() >= end_ns)
			return false;
		cpu_relax();
	}
	return true;
}

static bool follow_plan(enum plan plan, void *lock,
			const struct nts_lock_ops *ops)
{
	if (plan == PLAN_SPIN) {
		ops->take_fn(lock);
		return true;
	}
	if (plan == PLAN_SUSPECT && take_or_give_up(lock, ops))
		return true;
	/* As a lock that is held has it. */
	preempt_disable();
	return false;
}

static void note_taken(const struct held *held)
{
	struct holder *holder;
	unsigned long flags;

	raw_spin_lock_irqsave(&books_lock, flags);
	holder = this_cpu_ptr(&holders);
	if (holder->count < NR_HELD)
		holder->held[holder->count++] = *held;
	raw_spin_unlock_irqrestore(&books_lock, flags);
}

static void check_level(const void *lock, u8 form, unsigned long caller)
{
	u8 most = nts_verifier_is_strict() ? NTS_DISPATCH_LEVEL :
					     NTS_HIGH_LEVEL;

	if (form & NTS_LOCK_AT_DPC)
		__nts_verify_level(NTS_V_09, NTS_DISPATCH_LEVEL, most, lock,
				   caller);
	else
		__nts_verify_level(NTS_V_08, NTS_PASSIVE_LEVEL,
				   NTS_DISPATCH_LEVEL, lock, caller);
}

/**
 * nts_lock_take() - take a spin lock under the verifier's eyes
 * @lock: the lock
 * @ops: its kind
 * @form: NTS_LOCK_ flags
 * @caller: address in the driver
 *
 * An acquisition that would never end is reported and let pass: the caller goes
 * on without the lock, and its release will find nothing to let go of.
 *
 * Context: any; the level has been raised. On return preemption is off.
 * Source: L-SPN-11, L-SPN-18, L-RWS-05.
 * Test: ntshim_verifier_locks:recursion_is_reported_and_does_not_hang
 */
void nts_lock_take(void *lock, const struct nts_lock_ops *ops, u8 form,
		   unsigned long caller)
{
	struct held held = {
		.lock = lock,
		.ops = ops,
		.caller = caller,
		.form = form,
	};

	check_level(lock, form, caller);
	if (!(form & NTS_LOCK_ANY_FORM))
		nts_lock_note_family(lock, form, caller);
	preempt_disable();
	held.phantom = !follow_plan(plan_for(lock, form, caller), lock, ops);
	held.since_ns = ktime_get_mono_fast_ns();
	note_taken(&held);
	preempt_enable();
}

/**
 * nts_lock_try() - take a spin lock if it is free, under the verifier's eyes
 * @lock: the lock
 * @ops: its kind
 * @form: NTS_LOCK_ flags
 * @caller: address in the driver
 *
 * Context: any.
 * Return: true if it is held now, with preemption off.
 */
bool nts_lock_try(void *lock, const struct nts_lock_ops *ops, u8 form,
		  unsigned long caller)
{
	struct held held = {
		.lock = lock,
		.ops = ops,
		.caller = caller,
		.form = form,
	};

	check_level(lock, form, caller);
	if (!ops->try_fn(lock))
		return false;
	held.since_ns = ktime_get_mono_fast_ns();
	note_taken(&held);
	return true;
}

/* Take the newest entry of @lock off this processor's books. */
static bool take_entry(const void *lock, struct held *entry)
{
	struct holder *holder;
	unsigned long flags;
	struct held *held;

	raw_spin_lock_irqsave(&books_lock, flags);
	holder = this_cpu_ptr(&holders);
	held = find_held(holder, lock);
	if (held) {
		*entry = *held;
		remove_held(holder, held);
	}
	raw_spin_unlock_irqrestore(&books_lock, flags);
	return held;
}

/**
 * nts_lock_count_long() - how many locks were held longer than is advised
 *
 * Context: any.
 * Return: their number while the verifier was on.
 * Source: L-SPN-15.
 * Test: ntshim_verifier_locks:long_hold_is_counted
 */
unsigned long nts_lock_count_long(void)
{
	return atomic_long_read(&long_holds);
}
NTS_EXPORT_INTERNAL(nts_lock_count_long);

static void check_release(const struct held *held, u8 form,
			  unsigned long caller)
{
	const unsigned long args[4] = { RULE_SPIN_LOCK_RELEASE,
					(unsigned long)held->lock,
					held->caller };
	bool at_dpc = form & NTS_LOCK_AT_DPC;

	__nts_verify_level(at_dpc ? NTS_V_09 : NTS_V_10, NTS_DISPATCH_LEVEL,
			   at_dpc ? NTS_HIGH_LEVEL : NTS_DISPATCH_LEVEL,
			   held->lock, caller);
	if (held->form != form && !(form & NTS_LOCK_ANY_FORM))
		report("L-SPN-09", NTS_BUG_VERIFIER_VIOLATION, held->lock,
		       caller,
		       "spin lock released in another form than it was taken",
		       "use the release that belongs to the acquisition", args);
}

/**
 * nts_lock_leave() - a spin lock is about to be released
 * @lock: the lock
 * @form: NTS_LOCK_ flags of the release
 * @caller: address in the driver
 *
 * Context: that of the holder.
 * Return: see enum nts_lock_left; for a phantom preemption is on again.
 * Source: L-SPN-09, V-10.
 * Test: ntshim_verifier_locks:release_in_another_form_is_reported
 */
enum nts_lock_left nts_lock_leave(void *lock, u8 form, unsigned long caller)
{
	struct held held;

	if (!take_entry(lock, &held))
		return NTS_LOCK_UNKNOWN;
	check_release(&held, form, caller);
	if (ktime_get_mono_fast_ns() - held.since_ns > ADVISED_NS)
		atomic_long_inc(&long_holds);
	if (!held.phantom)
		return NTS_LOCK_REAL;
	nts_spinlock_allow_preemption();
	return NTS_LOCK_PHANTOM;
}

/**
 * nts_lock_convert() - a lock is held in another way from now on
 * @lock: lock that this processor holds
 * @ops: its new kind, exclusive
 *
 * Context: that of the holder.
 */
void nts_lock_convert(void *lock, const struct nts_lock_ops *ops)
{
	unsigned long flags;
	struct held *held;

	raw_spin_lock_irqsave(&books_lock, flags);
	held = find_held(this_cpu_ptr(&holders), lock);
	if (held) {
		held->ops = ops;
		held->form &= ~NTS_LOCK_SHARED;
	}
	raw_spin_unlock_irqrestore(&books_lock, flags);
}

static void lose_range_locked(const char *start, size_t size, bool *found)
{
	struct holder *holder;
	unsigned int cpu, i;

	for_each_possible_cpu(cpu) {
		holder = per_cpu_ptr(&holders, cpu);
		for (i = holder->count; i--;) {
			const char *lock = holder->held[i].lock;

			if (lock < start || lock - start >= size)
				continue;
			*found = true;
			remove_held(holder, &holder->held[i]);
		}
	}
}

/**
 * nts_lock_lose() - nobody holds a lock any more
 * @lock: released by a processor that did not take it
 *
 * Context: any.
 */
void nts_lock_lose(const void *lock)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&books_lock, flags);
	lose_range_locked(lock, 1, &found);
	raw_spin_unlock_irqrestore(&books_lock, flags);
}

/**
 * nts_lock_forget() - memory in which locks may lie goes
 * @start: where it begins
 * @size: in bytes
 *
 * Context: any; the verifier is on.
 * Return: true if a lock in it was held: a fault of the driver (L-SPN-16).
 * Test: ntshim_verifier_locks:free_of_a_held_lock_is_seen
 */
bool nts_lock_forget(const void *start, size_t size)
{
	unsigned long flags;
	bool found = false;

	nts_order_forget(start, size);
	raw_spin_lock_irqsave(&books_lock, flags);
	lose_range_locked(start, size, &found);
	raw_spin_unlock_irqrestore(&books_lock, flags);
	return found;
}
NTS_EXPORT_INTERNAL(nts_lock_forget);

/**
 * nts_lock_forget_all() - forget every lock and every order
 *
 * What was held before is unknown from now on, and nobody is blamed for it.
 *
 * Context: any.
 */
void nts_lock_forget_all(void)
{
	unsigned long flags;
	unsigned int cpu;

	nts_order_forget_all();
	raw_spin_lock_irqsave(&books_lock, flags);
	for_each_possible_cpu(cpu)
		per_cpu_ptr(&holders, cpu)->count = 0;
	raw_spin_unlock_irqrestore(&books_lock, flags);
}

/**
 * nts_lock_count_held() - how many locks this processor is known to hold
 *
 * Context: any.
 * Return: their number; for nts_lock_drop_leaked().
 */
unsigned int nts_lock_count_held(void)
{
	return READ_ONCE(raw_cpu_ptr(&holders)->count);
}

static bool newest_above(unsigned int before, struct held *entry)
{
	struct holder *holder;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&books_lock, flags);
	holder = this_cpu_ptr(&holders);
	found = holder->count > before;
	if (found)
		*entry = holder->held[--holder->count];
	raw_spin_unlock_irqrestore(&books_lock, flags);
	return found;
}

/**
 * nts_lock_drop_leaked() - let go of what a callback forgot to release
 * @before: nts_lock_count_held() when it was entered
 * @routine: the callback
 *
 * Context: that of the callback, after its return.
 * Return: true if there was such a lock; each has been reported.
 * Source: V-11.
 * Test: ntshim_verifier_locks:lock_left_by_a_dpc_is_released
 */
bool nts_lock_drop_leaked(unsigned int before, unsigned long routine)
{
	struct held held;
	bool found = false;

	while (newest_above(before, &held)) {
		const unsigned long args[4] = { RULE_SPIN_LOCK,
						(unsigned long)held.lock,
						held.caller };

		report("V-11", NTS_BUG_VERIFIER_VIOLATION, held.lock, routine,
		       "callback returned with a spin lock held; released",
		       "release the lock on every way out of the routine",
		       args);
		if (held.phantom)
			nts_spinlock_allow_preemption();
		else
			held.ops->drop_fn(held.lock);
		found = true;
	}
	return found;
}
