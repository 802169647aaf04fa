// SPDX-License-Identifier: GPL-2.0
/*
 * What a C++ compiler expects beside the language: operators new and delete by
 * their linker names, and the call of a pure virtual function. All forms of new
 * return NULL when there is no memory, so drivers check, as after the nothrow
 * forms. Objects are pool blocks: counted for the driver, freed in any context.
 */

#include "compat.h"

#include <linux/cache.h>
#include <linux/export.h>
#include <linux/mm.h>

#include "ex_pool.h"
#include "pool.h"
#include "report.h"

/* "C++ " as the tag of a block */
#define TAG_CXX 0x202b2b43u

/* The linker names are the C++ ABI's; no C header declares them. */
void *_Znwm(size_t size);
void *_Znam(size_t size);
void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow);
void *_ZnamRKSt9nothrow_t(size_t size, const void *nothrow);
void *_ZnwmSt11align_val_t(size_t size, size_t alignment);
void *_ZnamSt11align_val_t(size_t size, size_t alignment);
void _ZdlPv(void *block);
void _ZdaPv(void *block);
void _ZdlPvm(void *block, size_t size);
void _ZdaPvm(void *block, size_t size);
void _ZdlPvSt11align_val_t(void *block, size_t alignment);
void _ZdaPvSt11align_val_t(void *block, size_t alignment);
void _ZdlPvmSt11align_val_t(void *block, size_t size, size_t alignment);
void _ZdaPvmSt11align_val_t(void *block, size_t size, size_t alignment);
void __cxa_pure_virtual(void);
void __tsan_vptr_update(void *vptr, void *value);
void __tsan_vptr_read(void *vptr);

static void *allocate(size_t size, size_t alignment, unsigned long caller)
{
	struct nts_pool_request request = {
		.size = size ? size : 1,
		.tag = TAG_CXX,
		.aligned = alignment > 16,
		.gfp = __GFP_ZERO,
		.caller = caller,
	};

	/* A page is aligned to itself, less to a cache line. */
	if (alignment > SMP_CACHE_BYTES)
		request.size = max_t(size_t, request.size, PAGE_SIZE);
	return alignment <= PAGE_SIZE ? nts_pool_allocate(&request) : NULL;
}

static void release(void *block, unsigned long caller)
{
	if (block)
		nts_pool_free_checked(block, TAG_CXX, caller);
}

/**
 * _Znwm() - operator new(size_t)
 * @size: bytes
 *
 * Context: IRQL <= DISPATCH_LEVEL; sleeps only below it.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void *_Znwm(size_t size)
{
	return allocate(size, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_Znwm);

/**
 * _Znam() - operator new[](size_t)
 * @size: bytes
 *
 * Context: IRQL <= DISPATCH_LEVEL; sleeps only below it.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void *_Znam(size_t size)
{
	return allocate(size, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_Znam);

/**
 * _ZnwmRKSt9nothrow_t() - operator new(size_t, const std::nothrow_t &)
 * @size: bytes
 * @nothrow: not looked at
 *
 * Context: IRQL <= DISPATCH_LEVEL; sleeps only below it.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow)
{
	return allocate(size, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZnwmRKSt9nothrow_t);

/**
 * _ZnamRKSt9nothrow_t() - operator new[](size_t, const std::nothrow_t &)
 * @size: bytes
 * @nothrow: not looked at
 *
 * Context: IRQL <= DISPATCH_LEVEL; sleeps only below it.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void *_ZnamRKSt9nothrow_t(size_t size, const void *nothrow)
{
	return allocate(size, 0, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZnamRKSt9nothrow_t);

/**
 * _ZnwmSt11align_val_t() - operator new(size_t, std::align_val_t)
 * @size: bytes
 * @alignment: bytes, a power of two; at most a page
 *
 * Context: IRQL <= DISPATCH_LEVEL; sleeps only below it.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void *_ZnwmSt11align_val_t(size_t size, size_t alignment)
{
	return allocate(size, alignment, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZnwmSt11align_val_t);

/**
 * _ZnamSt11align_val_t() - operator new[](size_t, std::align_val_t)
 * @size: bytes
 * @alignment: bytes, a power of two; at most a page
 *
 * Context: IRQL <= DISPATCH_LEVEL; sleeps only below it.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void *_ZnamSt11align_val_t(size_t size, size_t alignment)
{
	return allocate(size, alignment, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZnamSt11align_val_t);

/**
 * _ZdlPv() - operator delete(void *)
 * @block: what operator new returned, or NULL
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdlPv(void *block)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdlPv);

/**
 * _ZdaPv() - operator delete[](void *)
 * @block: what operator new returned, or NULL
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdaPv(void *block)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdaPv);

/**
 * _ZdlPvm() - operator delete(void *, size_t)
 * @block: what operator new returned, or NULL
 * @size: its size in bytes; not needed
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdlPvm(void *block, size_t size)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdlPvm);

/**
 * _ZdaPvm() - operator delete[](void *, size_t)
 * @block: what operator new returned, or NULL
 * @size: its size in bytes; not needed
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdaPvm(void *block, size_t size)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdaPvm);

/**
 * _ZdlPvSt11align_val_t() - operator delete(void *, std::align_val_t)
 * @block: what operator new returned, or NULL
 * @alignment: bytes, a power of two; not needed
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdlPvSt11align_val_t(void *block, size_t alignment)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdlPvSt11align_val_t);

/**
 * _ZdaPvSt11align_val_t() - operator delete[](void *, std::align_val_t)
 * @block: what operator new returned, or NULL
 * @alignment: bytes, a power of two; not needed
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdaPvSt11align_val_t(void *block, size_t alignment)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdaPvSt11align_val_t);

/**
 * _ZdlPvmSt11align_val_t() - operator delete(void *, size_t, std::align_val_t)
 * @block: what operator new returned, or NULL
 * @size: its size in bytes; not needed
 * @alignment: bytes, a power of two; not needed
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdlPvmSt11align_val_t(void *block, size_t size, size_t alignment)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdlPvmSt11align_val_t);

/**
 * _ZdaPvmSt11align_val_t() - operator delete[](void *, size_t, std::align_val_t)
 * @block: what operator new returned, or NULL
 * @size: its size in bytes; not needed
 * @alignment: bytes, a power of two; not needed
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: ntshim_pool:new_gives_memory_or_null
 */
void _ZdaPvmSt11align_val_t(void *block, size_t size, size_t alignment)
{
	release(block, _RET_IP_);
}
EXPORT_SYMBOL_GPL(_ZdaPvmSt11align_val_t);

/**
 * __cxa_pure_virtual() - a call of a function that no class defined
 *
 * Context: any.
 * Source: the Itanium C++ ABI, section 3.2.6.
 * Test: none: only a driver's undefined behaviour gets here.
 */
void __cxa_pure_virtual(void)
{
	nts_report("CXX-PURE-1", 0, NULL, "pure virtual function called");
}
EXPORT_SYMBOL_GPL(__cxa_pure_virtual);

#ifdef CONFIG_KCSAN
/**
 * __tsan_vptr_update() - a constructor or destructor sets the table of functions
 * @vptr: where; not looked at
 * @value: the table; not looked at
 *
 * Compilers call this in C++ where KCSAN wants to see accesses, and KCSAN knows
 * C alone. Like the next, it leaves the access unjudged.
 *
 * Context: any.
 * Source: none, the compiler's.
 * Test: none: without it no driver in C++ loads on a kernel with KCSAN.
 */
void __tsan_vptr_update(void *vptr, void *value)
{
}
EXPORT_SYMBOL_GPL(__tsan_vptr_update);

/**
 * __tsan_vptr_read() - a virtual call reads the table of functions
 * @vptr: where; not looked at
 *
 * Context: any.
 * Source: none, the compiler's.
 * Test: none: without it no driver in C++ loads on a kernel with KCSAN.
 */
void __tsan_vptr_read(void *vptr)
{
}
EXPORT_SYMBOL_GPL(__tsan_vptr_read);
#endif /* CONFIG_KCSAN */
