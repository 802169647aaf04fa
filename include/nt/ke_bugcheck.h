/* SPDX-License-Identifier: GPL-2.0 */
/* The end of the system. Any IRQL, never return. */
#ifndef NT_KE_BUGCHECK_H
#define NT_KE_BUGCHECK_H

#include "ntdef.h"

EXTERN_C_START

DECLSPEC_NORETURN VOID KeBugCheck(ULONG BugCheckCode);
DECLSPEC_NORETURN VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
				    ULONG_PTR BugCheckParameter2, ULONG_PTR BugCheckParameter3,
				    ULONG_PTR BugCheckParameter4);

EXTERN_C_END

#endif /* NT_KE_BUGCHECK_H */
