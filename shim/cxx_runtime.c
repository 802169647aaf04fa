// SPDX-License-Identifier: GPL-2.0
/*
 * What a C++ compiler expects beside the language: operators new and delete by
 * their linker names, and the call of a pure virtual function. They return NULL
 * when there is no memory, so drivers use the nothrow forms or check.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/slab.h>

#include "report.h"

/* The linker names are the C++ ABI's; no C header declares them. */
void *_Znwm(size_t size);
void *_Znam(size_t size);
void _ZdlPv(void *block);
void _ZdaPv(void *block);
void _ZdlPvm(void *block, size_t size);
void _ZdaPvm(void *block, size_t size);
void __cxa_pure_virtual(void);

/**
 * _Znwm() - operator new(size_t)
 * @size: bytes
 *
 * Context: IRQL <= DISPATCH_LEVEL; any context that may not sleep, too.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: the drivers step.
 */
void *_Znwm(size_t size)
{
	return kzalloc(size, GFP_ATOMIC);
}
EXPORT_SYMBOL_GPL(_Znwm);

/**
 * _Znam() - operator new[](size_t)
 * @size: bytes
 *
 * Context: as operator new.
 * Return: zeroed memory, or NULL.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: the drivers step.
 */
void *_Znam(size_t size)
{
	return kzalloc(size, GFP_ATOMIC);
}
EXPORT_SYMBOL_GPL(_Znam);

/**
 * _ZdlPv() - operator delete(void *)
 * @block: what operator new returned, or NULL
 *
 * Context: as operator new.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: the drivers step.
 */
void _ZdlPv(void *block)
{
	kfree(block);
}
EXPORT_SYMBOL_GPL(_ZdlPv);

/**
 * _ZdaPv() - operator delete[](void *)
 * @block: what operator new[] returned, or NULL
 *
 * Context: as operator new.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: the drivers step.
 */
void _ZdaPv(void *block)
{
	kfree(block);
}
EXPORT_SYMBOL_GPL(_ZdaPv);

/**
 * _ZdlPvm() - operator delete(void *, size_t)
 * @block: what operator new returned, or NULL
 * @size: its size in bytes; not needed
 *
 * Context: as operator new.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: the drivers step.
 */
void _ZdlPvm(void *block, size_t size)
{
	kfree(block);
}
EXPORT_SYMBOL_GPL(_ZdlPvm);

/**
 * _ZdaPvm() - operator delete[](void *, size_t)
 * @block: what operator new[] returned, or NULL
 * @size: its size in bytes; not needed
 *
 * Context: as operator new.
 * Source: the Itanium C++ ABI, section 5.1.
 * Test: the drivers step.
 */
void _ZdaPvm(void *block, size_t size)
{
	kfree(block);
}
EXPORT_SYMBOL_GPL(_ZdaPvm);

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
