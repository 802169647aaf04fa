/* SPDX-License-Identifier: GPL-2.0 */
/* The end of the system. Any IRQL, never return. */
#ifndef NT_KE_BUGCHECK_H
#define NT_KE_BUGCHECK_H

#include "ntdef.h"

EXTERN_C_START

VOID KiBugCheck(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
		ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4) __asm__("KeBugCheckEx");

/*
 * The kernel's checker of object code follows every path to a return or a jump
 * and does not know that this call is an end: the loop, never gone round, is.
 */
static inline DECLSPEC_NORETURN VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
						  ULONG_PTR BugCheckParameter2,
						  ULONG_PTR BugCheckParameter3,
						  ULONG_PTR BugCheckParameter4)
{
	for (;;)
		KiBugCheck(BugCheckCode, BugCheckParameter1, BugCheckParameter2, BugCheckParameter3,
			   BugCheckParameter4);
}

static inline DECLSPEC_NORETURN VOID KeBugCheck(ULONG BugCheckCode)
{
	KeBugCheckEx(BugCheckCode, 0, 0, 0, 0);
}

EXTERN_C_END

#endif /* NT_KE_BUGCHECK_H */
