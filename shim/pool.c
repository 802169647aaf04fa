// SPDX-License-Identifier: GPL-2.0
/*
 * Pool memory over kmalloc. Paged and non-paged pool are the same: nothing is
 * pageable on Linux.
 *
 * A small block has a header of 16 bytes in front. The slab object is aligned
 * to 32 at least, so a small block's address is an odd multiple of 16. A block
 * that must be aligned better (a page or more, or a cache line) starts where
 * its memory starts, and what is known of it is in a table.
 *
 * Each block points to its site: the place in a driver that allocated it, with
 * the tag. A site lives as long as it has blocks or its driver is loaded.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/llist.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>

#include "irql.h"
#include "peek.h"
#include "pool.h"
#include "report.h"

/* Of a verifier violation: a driver left pool blocks at unload. */
#define VERIFIER_BLOCKS_LEFT 0x62

#define BUCKETS_BITS 8

/**
 * struct site - a place that allocates, and the tag it gives
 * @link: in the table; changed under sites_lock, walked under RCU
 * @caller: the place
 * @tag: the tag
 * @refs: blocks, and 1 while in the table
 * @bytes: sizes of the blocks
 * @rcu: defers its release
 */
struct site {
	struct hlist_node link;
	unsigned long caller;
	u32 tag;
	atomic_long_t refs;
	atomic_long_t bytes;
	struct rcu_head rcu;
};

/**
 * struct small_header - in front of a small block
 * @magic: SMALL_MAGIC while allocated
 * @size: as asked for, less than a page
 * @paged: as asked for
 * @site: counts it
 */
struct small_header {
	u32 magic;
	u32 size: 31;
	u32 paged: 1;
	struct site *site;
} __aligned(16);

#define SMALL_MAGIC 0x4e54504fu

/**
 * struct aligned_block - what is known of a block without header
 * @link: in the table, by address; protected by aligned_lock
 * @address: of the block
 * @size: as asked for
 * @paged: as asked for
 * @site: counts it
 */
struct aligned_block {
	struct hlist_node link;
	void *address;
	size_t size;
	bool paged;
	struct site *site;
};

static struct hlist_head sites[1 << BUCKETS_BITS];
static DEFINE_RAW_SPINLOCK(sites_lock);
static struct hlist_head aligned_blocks[1 << BUCKETS_BITS];
static DEFINE_RAW_SPINLOCK(aligned_lock);
static atomic_long_t live_blocks;

/* Freed where kvfree() must not be called; linked by their own memory. */
static LLIST_HEAD(to_free);

static void free_fn(struct work_struct *work)
{
	struct llist_node *node, *next;

	llist_for_each_safe(node, next, llist_del_all(&to_free))
		kvfree(node);
}

static DECLARE_WORK(free_work, free_fn);

static struct hlist_head *sites_of(unsigned long caller, u32 tag)
{
	return &sites[hash_long(caller ^ tag, BUCKETS_BITS)];
}

/* The site with a reference for a block, if it exists. */
static struct site *find_site(unsigned long caller, u32 tag)
{
	struct site *site;

	hlist_for_each_entry_rcu(site, sites_of(caller, tag), link,
				 lockdep_is_held(&sites_lock))
		if (site->caller == caller && site->tag == tag &&
		    atomic_long_inc_not_zero(&site->refs))
			return site;
	return NULL;
}

/* @fresh becomes the site unless somebody else was faster. */
static struct site *add_site(struct site *fresh)
{
	struct site *site;
	unsigned long flags;

	raw_spin_lock_irqsave(&sites_lock, flags);
	site = find_site(fresh->caller, fresh->tag);
	if (!site)
		hlist_add_head_rcu(&fresh->link,
				   sites_of(fresh->caller, fresh->tag));
	raw_spin_unlock_irqrestore(&sites_lock, flags);
	if (!site)
		return fresh;
	kfree(fresh);
	return site;
}

static struct site *get_site(unsigned long caller, u32 tag, gfp_t gfp)
{
	struct site *site;

	rcu_read_lock();
	site = find_site(caller, tag);
	rcu_read_unlock();
	if (site)
		return site;
	site = kzalloc(sizeof(*site), gfp & ~__GFP_ZERO);
	if (!site)
		return NULL;
	site->caller = caller;
	site->tag = tag;
	atomic_long_set(&site->refs, 2);
	return add_site(site);
}

static void put_site(struct site *site)
{
	if (atomic_long_dec_and_test(&site->refs))
		kfree_rcu(site, rcu);
}

/* Two slab sizes are no powers of two, and so aligned to 8 only: avoid them. */
static size_t well_aligned(size_t size)
{
	if (size > 64 && size <= 96)
		return 97;
	if (size > 128 && size <= 192)
		return 193;
	return max_t(size_t, size, 32);
}

static void *allocate_small(const struct nts_pool_request *request,
			    struct site *site, gfp_t gfp)
{
	struct small_header *header;

	header = kmalloc(well_aligned(sizeof(*header) + request->size), gfp);
	if (!header)
		return NULL;
	header->magic = SMALL_MAGIC;
	header->size = request->size;
	header->paged = request->paged;
	header->site = site;
	return header + 1;
}

static struct hlist_head *bucket_of(const void *block)
{
	return &aligned_blocks[hash_ptr(block, BUCKETS_BITS)];
}

static void *aligned_memory(size_t size, gfp_t gfp)
{
	size = well_aligned(max_t(size_t, size, 64));
	if (gfpflags_allow_blocking(gfp))
		return kvmalloc(size, gfp);
	return kmalloc(size, gfp);
}

static void *allocate_aligned(const struct nts_pool_request *request,
			      struct site *site, gfp_t gfp)
{
	struct aligned_block *entry;
	unsigned long flags;

	entry = kmalloc(sizeof(*entry), gfp & ~__GFP_ZERO);
	if (!entry)
		return NULL;
	entry->address = aligned_memory(request->size, gfp);
	if (!entry->address) {
		kfree(entry);
		return NULL;
	}
	entry->size = request->size;
	entry->paged = request->paged;
	entry->site = site;
	raw_spin_lock_irqsave(&aligned_lock, flags);
	hlist_add_head(&entry->link, bucket_of(entry->address));
	raw_spin_unlock_irqrestore(&aligned_lock, flags);
	return entry->address;
}

/* On PREEMPT_RT neither allocating nor freeing works where nothing may sleep. */
static bool can_use_slab(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

/* PREEMPT_RT has no allocator for contexts that must not sleep (I-CTX-10). */
static bool can_allocate(unsigned long caller)
{
	if (can_use_slab())
		return true;
	nts_misuse_at(caller, "I-CTX-10", NULL,
		      "pool allocation in atomic context on PREEMPT_RT; failed");
	return false;
}

/**
 * nts_pool_allocate() - allocate a block
 * @request: what and for whom
 *
 * Context: any but NMI; sleeps only below DISPATCH_LEVEL. On PREEMPT_RT only
 * where it may sleep.
 * Return: memory aligned to 16 bytes, to a page from a page on; or NULL.
 * Source: P-ALL-07, P-ALL-08, P-ALL-11.
 * Test: ntshim_pool:every_size_is_aligned
 */
void *nts_pool_allocate(const struct nts_pool_request *request)
{
	gfp_t gfp = request->gfp | __GFP_NOWARN;
	struct site *site;
	void *block;

	gfp |= nts_irql_current() < NTS_DISPATCH_LEVEL ? GFP_KERNEL :
							 GFP_ATOMIC;
	if (!can_allocate(request->caller) || request->size > SIZE_MAX / 2)
		return NULL;
	site = get_site(request->caller, request->tag, gfp);
	if (!site)
		return NULL;
	if (request->aligned || request->size >= PAGE_SIZE)
		block = allocate_aligned(request, site, gfp);
	else
		block = allocate_small(request, site, gfp);
	if (!block) {
		put_site(site);
		return NULL;
	}
	atomic_long_add(request->size, &site->bytes);
	atomic_long_inc(&live_blocks);
	return block;
}

static bool is_small(const void *block)
{
	return ((unsigned long)block & 31) == 16;
}

/* A driver may free any address: what lies in front of it may not be there. */
static bool read_header(const void *block, struct small_header *copy)
{
	const struct small_header *header = block;

	return nts_peek(copy, header - 1, sizeof(*copy)) &&
	       copy->magic == SMALL_MAGIC;
}

static struct aligned_block *find_aligned_locked(const void *block)
{
	struct aligned_block *entry;

	hlist_for_each_entry(entry, bucket_of(block), link)
		if (entry->address == block)
			return entry;
	return NULL;
}

static bool find_aligned(const void *block, struct nts_pool_block *found)
{
	struct aligned_block *entry;
	unsigned long flags;

	raw_spin_lock_irqsave(&aligned_lock, flags);
	entry = find_aligned_locked(block);
	if (entry)
		*found = (struct nts_pool_block){
			.size = entry->size,
			.tag = entry->site->tag,
			.paged = entry->paged,
		};
	raw_spin_unlock_irqrestore(&aligned_lock, flags);
	return entry;
}

/**
 * nts_pool_find() - whether an address is a block's, and which
 * @block: any address but NULL
 * @found: filled in
 *
 * Context: any but NMI.
 * Return: false for what is no block.
 */
bool nts_pool_find(const void *block, struct nts_pool_block *found)
{
	struct small_header header;

	if (!is_small(block))
		return find_aligned(block, found);
	if (!read_header(block, &header))
		return false;
	*found = (struct nts_pool_block){
		.size = header.size,
		.tag = header.site->tag,
		.paged = header.paged,
	};
	return true;
}

/* vfree() may sleep when only interrupts or preemption are off. */
static bool can_free(const void *memory)
{
	return is_vmalloc_addr(memory) ?
		       nts_irql_current() < NTS_DISPATCH_LEVEL :
		       can_use_slab();
}

/* @memory has room for a pointer at least. */
static void release_memory(void *memory)
{
	if (can_free(memory))
		kvfree(memory);
	else if (llist_add(memory, &to_free))
		schedule_work(&free_work);
}

static struct site *free_aligned(void *block, size_t *size)
{
	struct aligned_block *entry;
	struct site *site;
	unsigned long flags;

	raw_spin_lock_irqsave(&aligned_lock, flags);
	entry = find_aligned_locked(block);
	if (entry)
		hlist_del(&entry->link);
	raw_spin_unlock_irqrestore(&aligned_lock, flags);
	if (!entry)
		return NULL;
	site = entry->site;
	*size = entry->size;
	release_memory(block);
	release_memory(entry);
	return site;
}

static struct site *free_small(void *block, size_t *size)
{
	struct small_header *header = (struct small_header *)block - 1;
	struct site *site;

	/* Of two that free it at once, one gets it. */
	if (cmpxchg(&header->magic, SMALL_MAGIC, 0) != SMALL_MAGIC)
		return NULL;
	site = header->site;
	*size = header->size;
	release_memory(header);
	return site;
}

/**
 * nts_pool_free() - free a block
 * @block: one that nts_pool_find() has found
 *
 * Context: any but NMI.
 * Return: false if somebody else has freed it meanwhile.
 */
bool nts_pool_free(void *block)
{
	struct site *site;
	size_t size;

	site = is_small(block) ? free_small(block, &size) :
				 free_aligned(block, &size);
	if (!site)
		return false;
	atomic_long_sub(size, &site->bytes);
	put_site(site);
	atomic_long_dec(&live_blocks);
	return true;
}

static bool is_of(const struct site *site, const struct module *mod)
{
	return !mod || within_module(site->caller, mod);
}

/* Take a site of @mod, or any, out of the table; the table's reference goes on. */
static struct site *take_site(const struct module *mod)
{
	struct site *site = NULL;
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&sites_lock, flags);
	for (i = 0; i < ARRAY_SIZE(sites); i++) {
		hlist_for_each_entry(site, &sites[i], link)
			if (is_of(site, mod))
				goto found;
	}
	site = NULL;
found:
	if (site)
		hlist_del_rcu(&site->link);
	raw_spin_unlock_irqrestore(&sites_lock, flags);
	return site;
}

static void report_left(const struct site *site, long blocks)
{
	const struct nts_finding finding = {
		.rule = "P-FRE-03",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = site->caller,
		.text = "pool blocks left (tag, number, bytes) when their driver went; kept",
		.args = { VERIFIER_BLOCKS_LEFT, site->tag, blocks,
			  atomic_long_read(&site->bytes) },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

/**
 * nts_pool_forget_driver() - tell what a driver that goes did not free
 * @mod: its module
 *
 * One report for each place and tag with blocks left. The blocks stay, because
 * somebody may still use them; freeing them later works.
 *
 * Context: process; nothing of @mod allocates any more.
 * Source: P-FRE-03.
 * Test: ntshim_pool:blocks_left_at_unload_are_reported
 */
void nts_pool_forget_driver(const struct module *mod)
{
	struct site *site;
	long blocks;

	while ((site = take_site(mod))) {
		blocks = atomic_long_read(&site->refs) - 1;
		if (blocks)
			report_left(site, blocks);
		put_site(site);
	}
}
NTS_EXPORT_INTERNAL(nts_pool_forget_driver);

/**
 * nts_pool_sum() - sum of what a driver has allocated
 * @mod: its module
 * @sum: receives blocks and bytes of all its places at some instant
 *
 * Context: any but NMI.
 */
void nts_pool_sum(const struct module *mod, struct nts_pool_usage *sum)
{
	struct site *site;
	unsigned int i;

	sum->blocks = 0;
	sum->bytes = 0;
	rcu_read_lock();
	for (i = 0; i < ARRAY_SIZE(sites); i++) {
		hlist_for_each_entry_rcu(site, &sites[i], link) {
			if (!is_of(site, mod))
				continue;
			sum->blocks += atomic_long_read(&site->refs) - 1;
			sum->bytes += atomic_long_read(&site->bytes);
		}
	}
	rcu_read_unlock();
}
NTS_EXPORT_INTERNAL(nts_pool_sum);

/**
 * nts_pool_stop() - forget the places, tell what was never freed
 *
 * Context: module exit; sleeps.
 */
void nts_pool_stop(void)
{
	long count = atomic_long_read(&live_blocks);
	struct site *site;

	flush_work(&free_work);
	if (count)
		pr_warn("%ld pool blocks were never freed\n", count);
	while ((site = take_site(NULL)))
		put_site(site);
}
