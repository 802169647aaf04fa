// SPDX-License-Identifier: GPL-2.0
/*
 * The pool as drivers call it: flags, pool types, tags and what is wrong with
 * them. The blocks are those of pool.c.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include "ex_pool.h"
#include "free_check.h"
#include "irql.h"
#include "nt_api.h"
#include "pool.h"
#include "report.h"
#include "verifier.h"
#include "verifier_locks.h"

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
#define TYPE_MUST_SUCCEED 0x2
#define TYPE_CACHE_ALIGNED 0x4
#define TYPE_QUOTA_FAIL 0x8
#define TYPE_RAISE 0x10

/* Tag bit that asks for protection; not part of the tag (P-FRE-01). */
#define TAG_MASK 0x7fffffffu

/* "None", as Windows writes it. */
#define TAG_NONE 0x656e6f4eu

/* The first parameter of BAD_POOL_CALLER. */
#define FREED_TWICE 0x7
#define WRONG_TAG 0xa
#define BAD_ADDRESS 0x46

/* POOL_EXTENDED_PARAMETER: 8 bits of type, the bit "optional", a value */
#define PARAMETER_TYPE_MASK 0xffULL
#define PARAMETER_OPTIONAL 0x100ULL
#define PARAMETER_PRIORITY 1

/* The first parameter of a verifier violation. */
#define PAGED_ALLOCATED 0x1
#define PAGED_FREED 0x11

/* Content of memory that nobody has written, where drivers are checked. */
#define UNWRITTEN 0xa5

static void check_paged(const void *block, unsigned long subcode,
			unsigned long caller, const char *text)
{
	const struct nts_finding finding = {
		.rule = "P-ALL-05",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = caller,
		.object = block,
		.text = text,
		.args = { subcode, nts_irql_current() },
	};

	if (nts_irql_current() > NTS_APC_LEVEL)
		nts_finding_raise(NTS_REPORT, &finding);
}

static void check_level(enum nts_check check, unsigned long caller)
{
	if (nts_verifier_on())
		__nts_verify_level(check, NTS_PASSIVE_LEVEL, NTS_DISPATCH_LEVEL,
				   NULL, caller);
}

/* A lock that is held in memory that goes (L-SPN-16). */
static void check_locks(const void *block, size_t size, unsigned long caller)
{
	if (nts_verifier_on() && nts_lock_forget(block, size))
		nts_report_at(caller, "L-SPN-16", NTS_BUG_VERIFIER_VIOLATION,
			      block,
			      "pool block freed with a spin lock held in it");
}

static void check_raise(const void *block, bool raise, unsigned long caller)
{
	if (!block && raise)
		nts_report_at(caller, "P-ALL-06", NTS_BUG_EXCEPTION_NOT_HANDLED,
			      NULL,
			      "pool allocation failed that would raise an exception; NULL returned");
}

static void *allocate(const struct nts_pool_request *request)
{
	void *block;

	check_level(NTS_V_15, request->caller);
	if (request->paged)
		check_paged(NULL, PAGED_ALLOCATED, request->caller,
			    "paged pool allocated above APC_LEVEL; allocated all the same");
	block = nts_pool_allocate(request);
	if (block && nts_verifier_on() && !(request->gfp & __GFP_ZERO))
		memset(block, UNWRITTEN, request->size);
	return block;
}

static bool flags_are_valid(u64 flags)
{
	bool paged = flags & FLAG_PAGED;
	bool nonpaged = flags & (FLAG_NON_PAGED | FLAG_NON_PAGED_EXECUTE);

	return !(flags & FLAGS_REQUIRED & ~FLAGS_KNOWN) && paged != nonpaged;
}

static void *allocate_by_flags(u64 flags, size_t size, u32 tag,
			       unsigned long caller)
{
	const struct nts_pool_request request = {
		.size = size,
		.tag = tag,
		.aligned = flags & FLAG_CACHE_ALIGNED,
		.paged = flags & FLAG_PAGED,
		.gfp = flags & FLAG_UNINITIALIZED ? 0 : __GFP_ZERO,
		.caller = caller,
	};
	void *block;

	if (!flags_are_valid(flags) || !size || !tag)
		return NULL;
	block = allocate(&request);
	check_raise(block, flags & FLAG_RAISE_ON_FAILURE, caller);
	return block;
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
	return allocate_by_flags(flags, size, tag, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAllocatePool2);

static bool parameters_are_valid(const struct nts_pool_parameter *parameters,
				 u32 count)
{
	u32 i;

	for (i = 0; i < count; i++)
		if (!(parameters[i].type & PARAMETER_OPTIONAL) &&
		    (parameters[i].type & PARAMETER_TYPE_MASK) !=
			    PARAMETER_PRIORITY)
			return false;
	return true;
}

/**
 * ExAllocatePool3() - allocate pool memory with further parameters
 * @flags: as for ExAllocatePool2()
 * @size: as for ExAllocatePool2()
 * @tag: as for ExAllocatePool2()
 * @parameters: array of POOL_EXTENDED_PARAMETER; the priority is accepted and
 *	means nothing here
 * @count: how many; 0: none, @parameters may be NULL
 *
 * Context: as ExAllocatePool2().
 * Return: as ExAllocatePool2(); NULL too for a parameter of another kind that
 * is not optional.
 * Source: ExAllocatePool3 function (wdm.h); P-ALL-03.
 * Test: ntshim_pool:every_older_call_allocates
 */
void *ExAllocatePool3(u64 flags, size_t size, u32 tag,
		      const struct nts_pool_parameter *parameters, u32 count)
{
	if (!parameters_are_valid(parameters, count))
		return NULL;
	return allocate_by_flags(flags, size, tag, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAllocatePool3);

static void *allocate_by_type(int type, size_t size, u32 tag, bool raise,
			      unsigned long caller)
{
	const struct nts_pool_request request = {
		.size = size ? size : 1,
		.tag = tag,
		.aligned = type & TYPE_CACHE_ALIGNED,
		.paged = type & TYPE_PAGED,
		.caller = caller,
	};
	void *block;

	if (!size)
		nts_report_at(caller, "P-ALL-10", NTS_BUG_BAD_POOL_CALLER, NULL,
			      "pool allocation of no bytes; minimal block returned");
	if (type & TYPE_MUST_SUCCEED)
		nts_report_at(caller, "P-ALL-04", NTS_BUG_BAD_POOL_CALLER, NULL,
			      "pool allocation that must succeed; it may fail all the same");
	block = allocate(&request);
	check_raise(block, raise || type & TYPE_RAISE, caller);
	return block;
}

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
	return allocate_by_type(type, size, tag, false, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAllocatePoolWithTag);

/**
 * ExAllocatePool() - allocate pool memory without a tag
 * @type: as for ExAllocatePoolWithTag()
 * @size: as for ExAllocatePoolWithTag()
 *
 * Context: as ExAllocatePool2().
 * Return: as ExAllocatePoolWithTag(); the tag is "None".
 * Source: ExAllocatePool function (wdm.h); P-ALL-03.
 * Test: ntshim_pool:every_older_call_allocates
 */
void *ExAllocatePool(int type, size_t size)
{
	return allocate_by_type(type, size, TAG_NONE, false, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAllocatePool);

/**
 * ExAllocatePoolWithQuotaTag() - allocate pool memory that counts for a process
 * @type: as for ExAllocatePoolWithTag(); without POOL_QUOTA_FAIL_INSTEAD_OF_RAISE
 *	(8) a failure is reported, because it raises an exception on Windows
 * @size: as for ExAllocatePoolWithTag()
 * @tag: as for ExAllocatePoolWithTag()
 *
 * There are no quotas here.
 *
 * Context: as ExAllocatePool2().
 * Return: as ExAllocatePoolWithTag().
 * Source: ExAllocatePoolWithQuotaTag function (wdm.h); P-ALL-03, P-ALL-06.
 * Test: ntshim_pool:failure_that_raises_is_reported
 */
void *ExAllocatePoolWithQuotaTag(int type, size_t size, u32 tag)
{
	return allocate_by_type(type, size, tag, !(type & TYPE_QUOTA_FAIL),
				_RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAllocatePoolWithQuotaTag);

/**
 * nts_pool_allocate_checked() - allocate a block for a driver
 * @type: POOL_TYPE with flags
 * @size: bytes; 0 is reported and gives a minimal block
 * @tag: remembered
 * @caller: address in the driver
 *
 * Context: as ExAllocatePool2().
 * Return: as ExAllocatePoolWithTag().
 * Source: P-ALL-03.
 */
void *nts_pool_allocate_checked(int type, size_t size, u32 tag,
				unsigned long caller)
{
	return allocate_by_type(type, size, tag, false, caller);
}

static void report_bad_free(const void *block, unsigned long subcode,
			    unsigned long caller, const char *text)
{
	const struct nts_finding finding = {
		.rule = "P-FRE-01",
		.code = NTS_BUG_BAD_POOL_CALLER,
		.caller = caller,
		.object = block,
		.text = text,
		.args = { subcode, (unsigned long)block },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

/**
 * nts_pool_free_checked() - free a block of a driver
 * @block: any value; reported and ignored if it is no block
 * @tag: its tag, 0: not checked; another one is reported
 * @caller: address in the driver
 *
 * Context: any but NMI.
 * Source: P-FRE-01, P-ALL-05.
 */
void nts_pool_free_checked(void *block, u32 tag, unsigned long caller)
{
	struct nts_pool_block found;

	check_level(NTS_V_16, caller);
	if (!block || !nts_pool_find(block, &found)) {
		report_bad_free(block, BAD_ADDRESS, caller,
				"free of something that is no pool block; ignored");
		return;
	}
	if (found.paged)
		check_paged(block, PAGED_FREED, caller,
			    "paged pool freed above APC_LEVEL; freed all the same");
	check_locks(block, found.size, caller);
	if (nts_verifier_on() && nts_free_check(block, found.size, caller))
		return;
	if (!nts_pool_free(block))
		report_bad_free(block, FREED_TWICE, caller,
				"pool block freed by two at once; freed once");
	else if (tag && ((tag ^ found.tag) & TAG_MASK))
		report_bad_free(block, WRONG_TAG, caller,
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
	nts_pool_free_checked(block, 0, _RET_IP_);
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
	nts_pool_free_checked(block, tag, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExFreePoolWithTag);

/**
 * ExFreePool2() - free pool memory
 * @block: what an allocation returned; anything else is reported and ignored
 * @tag: its tag, 0: not checked; another one is reported
 * @parameters: not looked at
 * @count: not looked at
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: ExFreePool2 function (wdm.h); P-FRE-01.
 * Test: ntshim_pool:wrong_frees_are_reported
 */
void ExFreePool2(void *block, u32 tag,
		 const struct nts_pool_parameter *parameters, u32 count)
{
	nts_pool_free_checked(block, tag, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExFreePool2);
