// SPDX-License-Identifier: GPL-2.0
/*
 * Lookaside lists. A list keeps no blocks: each comes from the pool and goes
 * back there, so that what a driver does to a block after freeing it is found
 * out, and the pool's books say who has it.
 *
 * Which lists there are stands in a table of the library's own. A driver's
 * memory may go while a list is still in it, so nothing links through lists.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../include/nt/nt_layout.h"
#include "ex_lookaside.h"
#include "ex_pool.h"
#include "irql.h"
#include "report.h"
#include "status.h"

#define LOOKASIDE_MAGIC 0x4e544c4bu
#define BUCKETS_BITS 6

/* POOL_TYPE: paged, and the two flags that Flags may ask for */
#define TYPE_PAGED 0x1
#define TYPE_QUOTA_FAIL 0x8
#define TYPE_RAISE 0x10
#define TYPE_NON_EXECUTABLE 0x200
/* What a pool type may be made of: kinds, alignment, flags, non-executable. */
#define TYPES_KNOWN 0x31du

/* EX_LOOKASIDE_LIST_EX_FLAGS_ */
#define FLAG_RAISE_ON_FAIL 1u
#define FLAG_FAIL_NO_RAISE 2u

static_assert(sizeof(struct nts_lookaside) == NT_LAYOUT_LOOKASIDE_SIZE);

/**
 * struct known_list - a list that is in use
 * @link: in the table; protected by known_lock
 * @list: its address; the memory is not looked at
 * @caller: address in the driver that initialised it
 * @rcu: defers its release: PREEMPT_RT frees nothing in atomic context
 */
struct known_list {
	struct hlist_node link;
	const struct nts_lookaside *list;
	unsigned long caller;
	struct rcu_head rcu;
};

static struct hlist_head known_lists[1 << BUCKETS_BITS];
static DEFINE_RAW_SPINLOCK(known_lock);

static struct hlist_head *bucket_of(const struct nts_lookaside *list)
{
	return &known_lists[hash_ptr(list, BUCKETS_BITS)];
}

/* PREEMPT_RT allocates nothing in atomic context; the list is unknown then. */
static struct known_list *new_entry(void)
{
	bool may_sleep = nts_irql_current() < NTS_DISPATCH_LEVEL;

	if (IS_ENABLED(CONFIG_PREEMPT_RT) && !preemptible())
		return NULL;
	return kmalloc(sizeof(struct known_list),
		       (may_sleep ? GFP_KERNEL : GFP_ATOMIC) | __GFP_NOWARN);
}

static void remember(const struct nts_lookaside *list, unsigned long caller)
{
	struct known_list *known = new_entry();
	unsigned long flags;

	if (!known)
		return;
	known->list = list;
	known->caller = caller;
	raw_spin_lock_irqsave(&known_lock, flags);
	hlist_add_head(&known->link, bucket_of(list));
	raw_spin_unlock_irqrestore(&known_lock, flags);
}

static void forget(const struct nts_lookaside *list)
{
	struct known_list *known, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&known_lock, flags);
	hlist_for_each_entry(known, bucket_of(list), link)
		if (known->list == list) {
			found = known;
			hlist_del(&found->link);
			break;
		}
	raw_spin_unlock_irqrestore(&known_lock, flags);
	if (found)
		kfree_rcu(found, rcu);
}

/* Those in [@start, @start + @size), and those that @mod made; either is NULL. */
static bool is_wanted(const struct known_list *known, const void *start,
		      size_t size, const struct module *mod)
{
	unsigned long at = (unsigned long)known->list;

	if (mod)
		return within_module(known->caller, mod) ||
		       within_module(at, mod);
	return !start || at - (unsigned long)start < size;
}

/* Take a list that is wanted out of the table; the caller frees the entry. */
static struct known_list *take(const void *start, size_t size,
			       const struct module *mod)
{
	struct known_list *known;
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&known_lock, flags);
	for (i = 0; i < ARRAY_SIZE(known_lists); i++)
		hlist_for_each_entry(known, &known_lists[i], link)
			if (is_wanted(known, start, size, mod)) {
				hlist_del(&known->link);
				goto found;
			}
	known = NULL;
found:
	raw_spin_unlock_irqrestore(&known_lock, flags);
	return known;
}

static void set_up(struct nts_lookaside *list, const struct nts_lookaside *as,
		   unsigned long caller)
{
	forget(list);
	*list = *as;
	list->magic = LOOKASIDE_MAGIC;
	remember(list, caller);
}

static bool check_list(const struct nts_lookaside *list, unsigned long caller)
{
	if (likely(list->magic == LOOKASIDE_MAGIC))
		return true;
	nts_report_at(caller, "P-LKA-01", NTS_BUG_VERIFIER_VIOLATION, list,
		      "not an initialised lookaside list, or one that was deleted");
	return false;
}

/**
 * ExInitializeLookasideListEx() - make memory a lookaside list
 * @list: resident memory of any content
 * @allocate: makes a block, called with pool type, size, tag and @list; NULL:
 *	from the pool
 * @free: frees a block, called with the block and @list; NULL: to the pool
 * @type: POOL_TYPE, passed to @allocate
 * @flags: 0, RAISE_ON_FAIL (1) or FAIL_NO_RAISE (2), which mean what they mean
 *	to ExAllocatePoolWithQuotaTag()
 * @size: of each block in bytes
 * @tag: of each block
 * @depth: reserved, 0; not looked at
 *
 * Context: IRQL <= DISPATCH_LEVEL. At DISPATCH_LEVEL, without memory, the list
 * works and is not reported at unload.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER_4: no pool type,
 * STATUS_INVALID_PARAMETER_5: unknown flags or both; the list is unchanged then.
 * Source: ExInitializeLookasideListEx function (wdm.h); P-LKA-01.
 * Test: ntshim_lookaside:bad_pool_type_and_flags_are_refused
 */
s32 ExInitializeLookasideListEx(struct nts_lookaside *list,
				nts_lookaside_allocate_fn allocate,
				nts_lookaside_free_fn free, int type, u32 flags,
				size_t size, u32 tag, u16 depth)
{
	const struct nts_lookaside as = {
		.type = type | (flags & FLAG_RAISE_ON_FAIL ? TYPE_RAISE : 0) |
			(flags & FLAG_FAIL_NO_RAISE ? TYPE_QUOTA_FAIL : 0),
		.size = size,
		.tag = tag,
		.allocate = allocate,
		.free = free,
	};

	if ((u32)type & ~TYPES_KNOWN)
		return NTS_STATUS_INVALID_PARAMETER_4;
	if (flags > FLAG_FAIL_NO_RAISE)
		return NTS_STATUS_INVALID_PARAMETER_5;
	set_up(list, &as, _RET_IP_);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(ExInitializeLookasideListEx);

/* The older kinds: their flags are those of the pool type. */
static void set_up_older(struct nts_lookaside *list, int type,
			 const struct nts_lookaside *as, u32 flags,
			 unsigned long caller)
{
	struct nts_lookaside complete = *as;

	complete.type = type |
			(int)(flags & (TYPE_RAISE | TYPE_NON_EXECUTABLE));
	set_up(list, &complete, caller);
}

/**
 * ExInitializeNPagedLookasideList() - make memory a list of resident blocks
 * @list: resident memory of any content
 * @allocate: makes a block, called with pool type, size and tag; NULL: from
 *	the pool
 * @free: frees a block, called with the block; NULL: to the pool
 * @flags: 0, POOL_RAISE_IF_ALLOCATION_FAILURE or POOL_NX_ALLOCATION
 * @size: of each block in bytes
 * @tag: of each block
 * @depth: reserved, 0; not looked at
 *
 * Context: as ExInitializeLookasideListEx().
 * Source: ExInitializeNPagedLookasideList function (wdm.h); P-LKA-01.
 * Test: ntshim_lookaside:blocks_come_from_the_pool
 */
void ExInitializeNPagedLookasideList(struct nts_lookaside *list,
				     nts_lookaside_allocate_fn allocate,
				     nts_lookaside_free_fn free, u32 flags,
				     size_t size, u32 tag, u16 depth)
{
	const struct nts_lookaside as = {
		.size = size, .tag = tag, .allocate = allocate, .free = free
	};

	set_up_older(list, 0, &as, flags, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExInitializeNPagedLookasideList);

/**
 * ExInitializePagedLookasideList() - make memory a list of pageable blocks
 * @list: resident memory of any content
 * @allocate: as for ExInitializeNPagedLookasideList()
 * @free: as for ExInitializeNPagedLookasideList()
 * @flags: as for ExInitializeNPagedLookasideList()
 * @size: of each block in bytes
 * @tag: of each block
 * @depth: reserved, 0; not looked at
 *
 * Nothing is pageable here, but blocks are for IRQL <= APC_LEVEL.
 *
 * Context: IRQL <= APC_LEVEL.
 * Source: ExInitializePagedLookasideList function (wdm.h); P-LKA-01.
 * Test: ntshim_lookaside:paged_list_at_dispatch_level_is_reported
 */
void ExInitializePagedLookasideList(struct nts_lookaside *list,
				    nts_lookaside_allocate_fn allocate,
				    nts_lookaside_free_fn free, u32 flags,
				    size_t size, u32 tag, u16 depth)
{
	const struct nts_lookaside as = {
		.size = size, .tag = tag, .allocate = allocate, .free = free
	};

	set_up_older(list, TYPE_PAGED, &as, flags, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExInitializePagedLookasideList);

/**
 * ExDeleteLookasideListEx() - end the use of a lookaside list
 * @list: initialised list; else reported and ignored
 *
 * Blocks that have not been freed stay valid and count as the driver's.
 *
 * Context: IRQL <= DISPATCH_LEVEL (paged: <= APC_LEVEL).
 * Source: ExDeleteLookasideListEx function (wdm.h); P-LKA-01.
 * Test: ntshim_lookaside:deleted_list_is_reported
 */
void ExDeleteLookasideListEx(struct nts_lookaside *list)
{
	if (!check_list(list, _RET_IP_))
		return;
	list->magic = 0;
	forget(list);
}
EXPORT_SYMBOL_GPL(ExDeleteLookasideListEx);

/**
 * ExFlushLookasideListEx() - free the blocks that a list keeps
 * @list: initialised list; else reported
 *
 * There are none to free: lists keep no blocks here.
 *
 * Context: IRQL <= DISPATCH_LEVEL (paged: <= APC_LEVEL).
 * Source: ExFlushLookasideListEx function (wdm.h); P-LKA-01.
 * Test: ntshim_lookaside:driver_routines_are_used
 */
void ExFlushLookasideListEx(struct nts_lookaside *list)
{
	check_list(list, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExFlushLookasideListEx);

/**
 * ExAllocateFromLookasideListEx() - get a block
 * @list: initialised list; else reported
 *
 * Context: IRQL <= DISPATCH_LEVEL (paged: <= APC_LEVEL, above it is reported);
 * calls the driver's routine if there is one.
 * Return: a block of the list's size, its content undefined; NULL on failure.
 * Source: ExAllocateFromLookasideListEx function (wdm.h); P-LKA-01.
 * Test: ntshim_lookaside:blocks_come_from_the_pool
 */
void *ExAllocateFromLookasideListEx(struct nts_lookaside *list)
{
	if (!check_list(list, _RET_IP_))
		return NULL;
	if (list->allocate)
		return list->allocate(list->type, list->size, list->tag, list);
	return nts_pool_allocate_checked(list->type, list->size, list->tag,
					 _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAllocateFromLookasideListEx);

/**
 * ExFreeToLookasideListEx() - give a block back
 * @list: the list that it came from; if that is none, it is reported and the
 *	block kept
 * @block: what ExAllocateFromLookasideListEx() returned
 *
 * Context: IRQL <= DISPATCH_LEVEL (paged: <= APC_LEVEL); calls the driver's
 * routine if there is one.
 * Source: ExFreeToLookasideListEx function (wdm.h); P-LKA-01.
 * Test: ntshim_lookaside:driver_routines_are_used
 */
void ExFreeToLookasideListEx(struct nts_lookaside *list, void *block)
{
	if (!check_list(list, _RET_IP_))
		return;
	if (list->free)
		list->free(block, list);
	else
		nts_pool_free_checked(block, list->tag, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExFreeToLookasideListEx);

/**
 * nts_lookaside_forget_inside() - memory goes in which lists may be
 * @start: of the memory
 * @size: in bytes
 *
 * Context: any but NMI.
 * Return: true if there was one that has not been deleted.
 * Source: V-30.
 * Test: ntshim_free_check:lookaside_list_is_reported_and_forgotten
 */
bool nts_lookaside_forget_inside(const void *start, size_t size)
{
	struct known_list *known;
	bool found = false;

	while ((known = take(start, size, NULL))) {
		found = true;
		kfree_rcu(known, rcu);
	}
	return found;
}

/**
 * nts_lookaside_finish_driver() - forget the lists that a driver left
 * @mod: its module
 *
 * Context: process; nothing of @mod runs any more.
 * Source: P-LKA-02.
 * Test: ntshim_lookaside:list_left_at_unload_is_reported
 */
void nts_lookaside_finish_driver(const struct module *mod)
{
	struct known_list *known;

	while ((known = take(NULL, 0, mod))) {
		nts_report_at(known->caller, "P-LKA-02",
			      NTS_BUG_TIMER_OR_DPC_INVALID, known->list,
			      "lookaside list not deleted when its driver went; forgotten");
		kfree(known);
	}
}
NTS_EXPORT_INTERNAL(nts_lookaside_finish_driver);

/**
 * nts_lookaside_stop() - forget what is left
 *
 * Context: module exit. No driver is loaded any more.
 */
void nts_lookaside_stop(void)
{
	struct known_list *known;

	while ((known = take(NULL, 0, NULL)))
		kfree(known);
}
