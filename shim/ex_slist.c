// SPDX-License-Identifier: GPL-2.0
/*
 * Sequenced singly linked lists, and the report of doubly linked ones that are
 * corrupt. A header has no room for a lock that suits every kernel, so a lock
 * of ours is found by its address; whoever pops reads the next entry's address
 * while nobody else can have taken and freed that entry.
 */

#include "compat.h"

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/limits.h>
#include <linux/minmax.h>
#include <linux/spinlock.h>

#include "../include/nt/nt_layout.h"
#include "ex_slist.h"
#include "report.h"

#define LOCKS_BITS 6
#define FAST_FAIL_CORRUPT_LIST_ENTRY 3

/* SLIST_ENTRY */
struct nts_slist_entry {
	struct nts_slist_entry *next;
};

/**
 * struct nts_slist - SLIST_HEADER, memory of the driver; zeroed it is empty
 * @first: newest entry, NULL: none
 * @depth: number of entries
 *
 * Protected by the lock that lock_of() finds.
 */
struct nts_slist {
	struct nts_slist_entry *first;
	u64 depth;
};

static_assert(sizeof(struct nts_slist) == NT_LAYOUT_SLIST_HEADER_SIZE);

/* Innermost: nothing is called while one is held. */
static raw_spinlock_t locks[1 << LOCKS_BITS];

static raw_spinlock_t *lock_of(const struct nts_slist *list)
{
	return &locks[hash_ptr(list, LOCKS_BITS)];
}

/**
 * InitializeSListHead() - make memory an empty list
 * @list: SLIST_HEADER of any content
 *
 * Context: any IRQL, any Linux context.
 * Source: ExInitializeSListHead function (wdm.h); S-LST-06.
 * Test: ntshim_list:records_are_found_from_their_fields
 */
void InitializeSListHead(struct nts_slist *list)
{
	list->first = NULL;
	list->depth = 0;
}
EXPORT_SYMBOL_GPL(InitializeSListHead);

/**
 * ExpInterlockedPushEntrySList() - ExInterlockedPushEntrySList: add an entry
 * @list: SLIST_HEADER
 * @entry: becomes the first one
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: the entry that was first, NULL if there was none.
 * Source: ExInterlockedPushEntrySList function (wdm.h); S-LST-06.
 * Test: ntshim_list:records_are_found_from_their_fields
 */
struct nts_slist_entry *ExpInterlockedPushEntrySList(struct nts_slist *list,
						     struct nts_slist_entry
							     *entry)
{
	struct nts_slist_entry *first;
	unsigned long flags;

	raw_spin_lock_irqsave(lock_of(list), flags);
	first = list->first;
	entry->next = first;
	list->first = entry;
	list->depth++;
	raw_spin_unlock_irqrestore(lock_of(list), flags);
	return first;
}
EXPORT_SYMBOL_GPL(ExpInterlockedPushEntrySList);

/**
 * ExpInterlockedPopEntrySList() - ExInterlockedPopEntrySList: take an entry
 * @list: SLIST_HEADER
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: the first entry, now the caller's; NULL if the list is empty.
 * Source: ExInterlockedPopEntrySList function (wdm.h); S-LST-06.
 * Test: ntshim_list:slist_pops_each_entry_once
 */
struct nts_slist_entry *ExpInterlockedPopEntrySList(struct nts_slist *list)
{
	struct nts_slist_entry *first;
	unsigned long flags;

	raw_spin_lock_irqsave(lock_of(list), flags);
	first = list->first;
	if (first) {
		list->first = first->next;
		list->depth--;
	}
	raw_spin_unlock_irqrestore(lock_of(list), flags);
	return first;
}
EXPORT_SYMBOL_GPL(ExpInterlockedPopEntrySList);

/**
 * ExpInterlockedFlushSList() - ExInterlockedFlushSList: take all entries
 * @list: SLIST_HEADER, empty afterwards
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: the first entry, linked to the others; NULL if the list was empty.
 * Source: ExInterlockedFlushSList function (wdm.h); S-LST-06.
 * Test: ntshim_list:records_are_found_from_their_fields
 */
struct nts_slist_entry *ExpInterlockedFlushSList(struct nts_slist *list)
{
	struct nts_slist_entry *first;
	unsigned long flags;

	raw_spin_lock_irqsave(lock_of(list), flags);
	first = list->first;
	InitializeSListHead(list);
	raw_spin_unlock_irqrestore(lock_of(list), flags);
	return first;
}
EXPORT_SYMBOL_GPL(ExpInterlockedFlushSList);

/**
 * ExQueryDepthSList() - how many entries a list has
 * @list: SLIST_HEADER
 *
 * Context: any IRQL, any Linux context.
 * Return: the number at some instant; 65535 for more.
 * Source: ExQueryDepthSList function (wdm.h); S-LST-06.
 * Test: ntshim_list:records_are_found_from_their_fields
 */
u16 ExQueryDepthSList(struct nts_slist *list)
{
	return min_t(u64, READ_ONCE(list->depth), U16_MAX);
}
EXPORT_SYMBOL_GPL(ExQueryDepthSList);

/**
 * FatalListEntryError() - tell that a LIST_ENTRY is corrupt
 * @entry: entry or head that a list operation was to change
 * @neighbour: the entry next to it
 * @found: where @neighbour points instead of to @entry
 *
 * Called by the inline list routines of drivers.
 *
 * Context: any IRQL, any Linux context.
 * Source: bug check 0x139: KERNEL_SECURITY_CHECK_FAILURE; S-LST-05.
 * Test: ntshim_list:corrupt_list_is_reported
 */
void FatalListEntryError(void *entry, void *neighbour, void *found)
{
	const struct nts_finding finding = {
		.rule = "S-LST-05",
		.code = NTS_BUG_SECURITY_CHECK_FAILURE,
		.caller = _RET_IP_,
		.object = entry,
		.text = "LIST_ENTRY whose neighbours do not point back; list left alone",
		.args = { FAST_FAIL_CORRUPT_LIST_ENTRY, (unsigned long)entry,
			  (unsigned long)neighbour, (unsigned long)found },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}
EXPORT_SYMBOL_GPL(FatalListEntryError);

/**
 * nts_slist_start() - prepare the locks
 *
 * Context: module init.
 */
void __init nts_slist_start(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(locks); i++)
		raw_spin_lock_init(&locks[i]);
}
