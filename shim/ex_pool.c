// SPDX-License-Identifier: GPL-2.0
/*
 * Pool memory over kmalloc. Paged and non-paged pool are the same: nothing is
 * pageable on Linux.
 *
 * A small block has its tag in a header of 16 bytes in front. The slab object
 * is aligned to 32 at least, so a small block's address is an odd multiple of
 * 16. A block that must be aligned better (a page or more, or a cache line)
 * starts where its memory starts, and its tag is in a table.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "ex_pool.h"
#include "irql.h"
#include "nt_api.h"
#include "report.h"

/* POOL_FLAG_xxx (P-ALL-02) */
#define FLAG_UNINITIALIZED 0x2ULL
#define FLAG_CACHE_ALIGNED 0x8ULL
#define FLAG_RAISE_ON_FAILURE 0x20ULL
#define FLAG_NON_PAGED 0x40ULL
#define FLAG_NON_PAGED_EXECUTE 0x80ULL
#define FLAG_PAGED 0x100ULL
#define FLAGS_KNOWN 0x1efULL
#define FLAGS_REQUIRED 0xffffffffULL

/* POOL_TYPE: the bits that mean something here (P-ALL-04) */
#define TYPE_PAGED 0x1
#define TYPE_CACHE_ALIGNED 0x4
#define TYPE_RAISE 0x10

/* Tag bit that asks for protection; not part of the tag (P-FRE-01). */
#define TAG_MASK 0x7fffffffu

/* BAD_POOL_CALLER and the verifier's code */
#define CODE_BAD_POOL_CALLER 0xc2
#define CODE_VERIFIER 0xc4

#define NR_BUCKETS_BITS 6

/**
 * struct small_header - in front of a small block
 * @magic: SMALL_MAGIC while allocated
 * @tag: as given
 */
struct small_header {
	u32 magic;
	u32 tag;
} __aligned(16);

#define SMALL_MAGIC 0x4e54504fu

/**
 * struct aligned_block - what is known of a block without header
 * @link: in the table, by address; protected by aligned_lock
 * @address: of the block
 * @tag: as given
 */
struct aligned_block {
	struct hlist_node link;
	void *address;
	u32 tag;
};

/**
 * struct request - one allocation
 * @size: bytes, not 0
 * @tag: remembered
 * @aligned: at least to a cache line
 * @gfp: how
 */
struct request {
	size_t size;
	u32 tag;
	bool aligned;
	gfp_t gfp;
};

static struct hlist_head aligned_blocks[1 << NR_BUCKETS_BITS];
static DEFINE_RAW_SPINLOCK(aligned_lock);
static atomic_long_t live_blocks;

/* Two slab sizes are no powers of two, and so aligned to 8 only: avoid them. */
static size_t well_aligned(size_t size)
{
	if (size > 64 && size <= 96)
		return 97;
	if (size > 128 && size <= 192)
		return 193;
	return max_t(size_t, size, 32);
}

static void *allocate_small(const struct request *request)
{
	struct small_header *header;

	header = kmalloc(well_aligned(sizeof(*header) + request->size),
			 request->gfp);
	if (!header)
		return NULL;
	header->magic = SMALL_MAGIC;
	header->tag = request->tag;
	return header + 1;
}

static struct hlist_head *bucket_of(const void *block)
{
	return &aligned_blocks[hash_ptr(block, NR_BUCKETS_BITS)];
}

static void *allocate_aligned(const struct request *request)
{
	size_t size = max_t(size_t, request->size, 64);
	struct aligned_block *entry;
	unsigned long flags;

	entry = kmalloc(sizeof(*entry), request->gfp & ~__GFP_ZERO);
	if (!entry)
		return NULL;
	if (gfpflags_allow_blocking(request->gfp))
		entry->address = kvmalloc(well_aligned(size), request->gfp);
	else
		entry->address = kmalloc(well_aligned(size), request->gfp);
	if (!entry->address) {
		kfree(entry);
		return NULL;
	}
	entry->tag = request->tag;
	raw_spin_lock_irqsave(&aligned_lock, flags);
	hlist_add_head(&entry->link, bucket_of(entry->address));
	raw_spin_unlock_irqrestore(&aligned_lock, flags);
	return entry->address;
}

/* PREEMPT_RT has no allocator for contexts that must not sleep (I-CTX-10). */
static bool can_allocate(unsigned long caller)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible())
		return true;
	nts_misuse_at(caller, "I-CTX-10", NULL,
		      "pool allocation in atomic context on PREEMPT_RT; failed");
	return false;
}

static void *allocate(struct request *request, unsigned long caller)
{
	void *block;

	request->gfp |= __GFP_NOWARN;
	if (nts_irql_current() < NTS_DISPATCH_LEVEL)
		request->gfp |= GFP_KERNEL;
	else
		request->gfp |= GFP_ATOMIC;
	if (!can_allocate(caller) || request->size > SIZE_MAX / 2)
		return NULL;

	if (request->aligned || request->size >= PAGE_SIZE)
		block = allocate_aligned(request);
	else
		block = allocate_small(request);
	if (block)
		atomic_long_inc(&live_blocks);
	return block;
}

static void check_paged(bool paged, unsigned long caller)
{
	if (paged && nts_irql_current() > NTS_APC_LEVEL)
		nts_report_at(caller, "P-ALL-05", CODE_VERIFIER, NULL,
			      "paged pool allocated above APC_LEVEL; allocated all the same");
}

static void check_raise(const void *block, bool raise, unsigned long caller)
{
	if (!block && raise)
		nts_report_at(caller, "P-ALL-06", 0x1e, NULL,
			      "pool allocation failed that would raise an exception; NULL returned");
}

static bool flags_are_valid(u64 flags)
{
	bool paged = flags & FLAG_PAGED;
	bool nonpaged = flags & (FLAG_NON_PAGED | FLAG_NON_PAGED_EXECUTE);

	return !(flags & FLAGS_REQUIRED & ~FLAGS_KNOWN) && paged != nonpaged;
}

/**
 * ExAllocatePool2() - allocate pool memory
 * @flags: POOL_FLAG_xxx: exactly one kind of pool; zeroed unless UNINITIALIZED
 * @size: bytes; 0 fails
 * @tag: four characters for debugging; 0 fails
 *
 * Context: IRQL <= DISPATCH_LEVEL (paged: <= APC_LEVEL); sleeps only below
 * DISPATCH_LEVEL.
 * Return: memory aligned to 16 bytes, to a page from a page on; NULL on failure
 * or for an argument that is none.
 * Source: ExAllocatePool2 function (wdm.h); P-ALL-01, P-ALL-08.
 * Test: ntshim_pool:pool_flags_are_checked
 */
void *ExAllocatePool2(u64 flags, size_t size, u32 tag)
{
	struct request request = {
		.size = size,
		.tag = tag,
		.aligned = flags & FLAG_CACHE_ALIGNED,
		.gfp = flags & FLAG_UNINITIALIZED ? 0 : __GFP_ZERO,
	};
	void *block;

	if (!flags_are_valid(flags) || !size || !tag)
		return NULL;
	check_paged(flags & FLAG_PAGED, _RET_IP_);
	block = allocate(&request, _RET_IP_);
	check_raise(block, flags & FLAG_RAISE_ON_FAILURE, _RET_IP_);
	return block;
}
EXPORT_SYMBOL_GPL(ExAllocatePool2);

/**
 * ExAllocatePoolWithTag() - allocate pool memory
 * @type: POOL_TYPE: NonPagedPool 0, PagedPool 1, NonPagedPoolNx 512, with flags
 * @size: bytes; 0 is reported and gives a minimal block
 * @tag: four characters for debugging
 *
 * Context: as ExAllocatePool2().
 * Return: memory of undefined content, aligned as by ExAllocatePool2(); NULL on
 * failure.
 * Source: ExAllocatePoolWithTag function (wdm.h); P-ALL-03, P-ALL-10.
 * Test: ntshim_pool:every_size_is_aligned
 */
void *ExAllocatePoolWithTag(int type, size_t size, u32 tag)
{
	struct request request = {
		.size = size ? size : 1,
		.tag = tag,
		.aligned = type & TYPE_CACHE_ALIGNED,
	};
	void *block;

	if (!size)
		nts_report("P-ALL-10", CODE_BAD_POOL_CALLER, NULL,
			   "pool allocation of no bytes; minimal block returned");
	check_paged(type & TYPE_PAGED, _RET_IP_);
	block = allocate(&request, _RET_IP_);
	check_raise(block, type & TYPE_RAISE, _RET_IP_);
	return block;
}
EXPORT_SYMBOL_GPL(ExAllocatePoolWithTag);

static bool is_small(const void *block)
{
	return ((unsigned long)block & 31) == 16;
}

/* Frees a small block; false if it is none. */
static bool free_small(void *block, u32 *tag)
{
	struct small_header *header = (struct small_header *)block - 1;

	if (header->magic != SMALL_MAGIC)
		return false;
	*tag = header->tag;
	header->magic = 0;
	kfree(header);
	return true;
}

static struct aligned_block *take_aligned(const void *block)
{
	struct aligned_block *entry, *found = NULL;
	unsigned long flags;

	raw_spin_lock_irqsave(&aligned_lock, flags);
	hlist_for_each_entry(entry, bucket_of(block), link)
		if (entry->address == block)
			found = entry;
	if (found)
		hlist_del(&found->link);
	raw_spin_unlock_irqrestore(&aligned_lock, flags);
	return found;
}

static bool free_aligned(void *block, u32 *tag)
{
	struct aligned_block *entry = take_aligned(block);

	if (!entry)
		return false;
	*tag = entry->tag;
	kvfree(block);
	kfree(entry);
	return true;
}

/* @tag 0: not checked. */
static void free_block(void *block, u32 tag, unsigned long caller)
{
	u32 real_tag;

	if (!block || !(is_small(block) ? free_small(block, &real_tag) :
					  free_aligned(block, &real_tag))) {
		nts_report_at(caller, "P-FRE-01", CODE_BAD_POOL_CALLER, block,
			      "free of something that is no pool block; ignored");
		return;
	}
	atomic_long_dec(&live_blocks);
	if (tag && ((tag ^ real_tag) & TAG_MASK))
		nts_report_at(caller, "P-FRE-01", CODE_BAD_POOL_CALLER, block,
			      "pool block freed with another tag; freed");
}

/**
 * ExFreePool() - free pool memory
 * @block: what an allocation returned; anything else is reported and ignored
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: ExFreePool function (wdm.h); P-FRE-01.
 * Test: ntshim_pool:wrong_frees_are_reported
 */
void ExFreePool(void *block)
{
	free_block(block, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExFreePool);

/**
 * ExFreePoolWithTag() - free pool memory
 * @block: what an allocation returned; anything else is reported and ignored
 * @tag: its tag, 0: not checked; another one is reported
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: ExFreePoolWithTag function (wdm.h); P-FRE-01.
 * Test: ntshim_pool:wrong_frees_are_reported
 */
void ExFreePoolWithTag(void *block, u32 tag)
{
	free_block(block, tag, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExFreePoolWithTag);

/**
 * nts_pool_stop() - tell what drivers did not free
 *
 * The blocks stay: somebody may still use them (P-FRE-03).
 *
 * Context: module exit.
 */
void nts_pool_stop(void)
{
	long count = atomic_long_read(&live_blocks);

	if (count)
		pr_warn("%ld pool blocks were never freed\n", count);
}
