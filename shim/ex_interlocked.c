// SPDX-License-Identifier: GPL-2.0
/*
 * The ExInterlocked routines that take a spin lock: a list operation or an
 * addition with interrupts off and the lock held. Any level may use them; such
 * a lock is for nothing else, unless all its users stay at DISPATCH_LEVEL or
 * below.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/irqflags.h>

#include "lock_api.h"
#include "report.h"
#include "spinlock.h"
#include "verifier.h"
#include "verifier_locks.h"

/**
 * struct hold - a lock held with interrupts off
 * @lock: which; NULL: its processor held it already, so it was let pass
 * @flags: interrupts before
 */
struct hold {
	struct nts_spinlock *lock;
	unsigned long flags;
};

/* The processor would wait for itself, with interrupts off. */
static noinline bool is_recursion(struct nts_spinlock *lock,
				  unsigned long caller)
{
	nts_lock_note_family(lock, NTS_LOCK_INTERLOCKED, caller);
	if (READ_ONCE(lock->owner) != raw_smp_processor_id() + 1)
		return false;
	nts_report_at(caller, "L-SPN-11", NTS_BUG_SPIN_LOCK_ALREADY_OWNED, lock,
		      "interlocked routine used with its spin lock held");
	return true;
}

static __always_inline struct hold hold(struct nts_spinlock *lock,
					unsigned long caller)
{
	struct hold hold = { .lock = lock };

	local_irq_save(hold.flags);
	if (nts_verifier_on() && is_recursion(lock, caller))
		hold.lock = NULL;
	else
		nts_spinlock_take(lock);
	return hold;
}

static void let_go(const struct hold *hold)
{
	if (likely(hold->lock))
		nts_spinlock_drop(hold->lock);
	local_irq_restore(hold->flags);
}

static void insert_between(struct nts_list_entry *entry,
			   struct nts_list_entry *before,
			   struct nts_list_entry *after)
{
	entry->flink = after;
	entry->blink = before;
	before->flink = entry;
	after->blink = entry;
}

static struct nts_list_entry *null_if(struct nts_list_entry *entry,
				      const struct nts_list_entry *head)
{
	return entry == head ? NULL : entry;
}

/**
 * ExInterlockedInsertHeadList() - add an entry at the head, under a lock
 * @head: initialised list
 * @entry: memory of any content, resident
 * @lock: spin lock that the caller does not hold
 *
 * Context: any IRQL; the level does not change.
 * Return: the entry that was first, NULL if the list was empty.
 * Source: ExInterlockedInsertHeadList function (wdm.h); L-EXI-01, L-EXI-03.
 * Test: ntshim_interlocked_list:lists_tell_what_was_there
 */
struct nts_list_entry *ExInterlockedInsertHeadList(struct nts_list_entry *head,
						   struct nts_list_entry *entry,
						   struct nts_spinlock *lock)
{
	struct hold held = hold(lock, _RET_IP_);
	struct nts_list_entry *first = head->flink;

	insert_between(entry, head, first);
	let_go(&held);
	return null_if(first, head);
}
EXPORT_SYMBOL_GPL(ExInterlockedInsertHeadList);

/**
 * ExInterlockedInsertTailList() - add an entry at the tail, under a lock
 * @head: initialised list
 * @entry: memory of any content, resident
 * @lock: spin lock that the caller does not hold
 *
 * Context: any IRQL; the level does not change.
 * Return: the entry that was last, NULL if the list was empty.
 * Source: ExInterlockedInsertTailList function (wdm.h); L-EXI-01, L-EXI-03.
 * Test: ntshim_interlocked_list:lists_tell_what_was_there
 */
struct nts_list_entry *ExInterlockedInsertTailList(struct nts_list_entry *head,
						   struct nts_list_entry *entry,
						   struct nts_spinlock *lock)
{
	struct hold held = hold(lock, _RET_IP_);
	struct nts_list_entry *last = head->blink;

	insert_between(entry, last, head);
	let_go(&held);
	return null_if(last, head);
}
EXPORT_SYMBOL_GPL(ExInterlockedInsertTailList);

/**
 * ExInterlockedRemoveHeadList() - take the first entry off, under a lock
 * @head: initialised list
 * @lock: spin lock that the caller does not hold
 *
 * Context: any IRQL; the level does not change.
 * Return: the entry, NULL if the list is empty.
 * Source: ExInterlockedRemoveHeadList function (wdm.h); L-EXI-01, L-EXI-03.
 * Test: ntshim_interlocked_list:lists_tell_what_was_there
 */
struct nts_list_entry *ExInterlockedRemoveHeadList(struct nts_list_entry *head,
						   struct nts_spinlock *lock)
{
	struct hold held = hold(lock, _RET_IP_);
	struct nts_list_entry *first = head->flink;

	head->flink = first->flink;
	first->flink->blink = head;
	let_go(&held);
	return null_if(first, head);
}
EXPORT_SYMBOL_GPL(ExInterlockedRemoveHeadList);

/**
 * ExInterlockedPushEntryList() - put an entry on a singly linked list
 * @head: list, its link NULL when empty
 * @entry: memory of any content, resident
 * @lock: spin lock that the caller does not hold
 *
 * Context: any IRQL; the level does not change.
 * Return: the entry that was first, NULL if the list was empty.
 * Source: ExInterlockedPushEntryList function (wdm.h); L-EXI-01, L-EXI-03.
 * Test: ntshim_interlocked_list:lists_tell_what_was_there
 */
struct nts_single_list_entry *
ExInterlockedPushEntryList(struct nts_single_list_entry *head,
			   struct nts_single_list_entry *entry,
			   struct nts_spinlock *lock)
{
	struct hold held = hold(lock, _RET_IP_);
	struct nts_single_list_entry *first = head->next;

	entry->next = first;
	head->next = entry;
	let_go(&held);
	return first;
}
EXPORT_SYMBOL_GPL(ExInterlockedPushEntryList);

/**
 * ExInterlockedPopEntryList() - take the first entry off a singly linked list
 * @head: list
 * @lock: spin lock that the caller does not hold
 *
 * Context: any IRQL; the level does not change.
 * Return: the entry, NULL if the list is empty.
 * Source: ExInterlockedPopEntryList function (wdm.h); L-EXI-01, L-EXI-03.
 * Test: ntshim_interlocked_list:lists_tell_what_was_there
 */
struct nts_single_list_entry *
ExInterlockedPopEntryList(struct nts_single_list_entry *head,
			  struct nts_spinlock *lock)
{
	struct hold held = hold(lock, _RET_IP_);
	struct nts_single_list_entry *first = head->next;

	if (first)
		head->next = first->next;
	let_go(&held);
	return first;
}
EXPORT_SYMBOL_GPL(ExInterlockedPopEntryList);

/**
 * ExInterlockedAddUlong() - add to a ULONG, under a lock
 * @addend: what to change
 * @increment: by how much, modulo 2^32
 * @lock: spin lock that the caller does not hold
 *
 * Context: any IRQL; the level does not change.
 * Return: the value before.
 * Source: ExInterlockedAddUlong function (wdm.h); L-EXI-01, L-EXI-03.
 * Test: ntshim_interlocked_list:any_level_may_add
 */
u32 ExInterlockedAddUlong(u32 *addend, u32 increment, struct nts_spinlock *lock)
{
	struct hold held = hold(lock, _RET_IP_);
	u32 before = *addend;

	*addend = before + increment;
	let_go(&held);
	return before;
}
EXPORT_SYMBOL_GPL(ExInterlockedAddUlong);

/**
 * ExInterlockedAddLargeInteger() - add to a LARGE_INTEGER, under a lock
 * @addend: what to change
 * @increment: by how much, modulo 2^64
 * @lock: spin lock that the caller does not hold
 *
 * Context: any IRQL; the level does not change.
 * Return: the value before.
 * Source: ExInterlockedAddLargeInteger function (wdm.h); L-EXI-01, L-EXI-03.
 * Test: ntshim_interlocked_list:any_level_may_add
 */
s64 ExInterlockedAddLargeInteger(s64 *addend, s64 increment,
				 struct nts_spinlock *lock)
{
	struct hold held = hold(lock, _RET_IP_);
	s64 before = *addend;

	*addend = (s64)((u64)before + (u64)increment);
	let_go(&held);
	return before;
}
EXPORT_SYMBOL_GPL(ExInterlockedAddLargeInteger);
