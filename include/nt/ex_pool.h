/* SPDX-License-Identifier: GPL-2.0 */
/* Pool memory. IRQL <= DISPATCH_LEVEL. */
#ifndef NT_EX_POOL_H
#define NT_EX_POOL_H

#include "ntdef.h"

typedef enum _POOL_TYPE {
	NonPagedPool = 0,
	PagedPool = 1,
	NonPagedPoolNx = 512,
} POOL_TYPE;

typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ull
#define POOL_FLAG_NON_PAGED 0x0000000000000040ull
#define POOL_FLAG_PAGED 0x0000000000000100ull

EXTERN_C_START

/* Size in bytes; NULL when there is no memory. ExAllocatePool2 zeroes it. */
PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
VOID ExFreePool(PVOID P);
VOID ExFreePoolWithTag(PVOID P, ULONG Tag);

EXTERN_C_END

#endif /* NT_EX_POOL_H */
