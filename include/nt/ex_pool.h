/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pool memory. IRQL <= DISPATCH_LEVEL, paged pool <= APC_LEVEL. Nothing is
 * pageable or executable here, so all kinds of pool are the same memory.
 *
 * Blocks are aligned to 16 bytes, from a page on to a page, but a block below a
 * page may cross a page.
 */
#ifndef NT_EX_POOL_H
#define NT_EX_POOL_H

#include "ntdef.h"

typedef enum _POOL_TYPE {
	NonPagedPool = 0,
	NonPagedPoolExecute = 0,
	PagedPool = 1,
	NonPagedPoolMustSucceed = 2,
	NonPagedPoolCacheAligned = 4,
	PagedPoolCacheAligned = 5,
	NonPagedPoolNx = 512,
	NonPagedPoolNxCacheAligned = 516,
} POOL_TYPE;

/* To be added to a POOL_TYPE. */
#define POOL_QUOTA_FAIL_INSTEAD_OF_RAISE 8
#define POOL_RAISE_IF_ALLOCATION_FAILURE 16
#define POOL_COLD_ALLOCATION 256
#define POOL_NX_ALLOCATION 512

typedef ULONG64 POOL_FLAGS;
#define POOL_FLAG_USE_QUOTA 0x0000000000000001ull
#define POOL_FLAG_UNINITIALIZED 0x0000000000000002ull
#define POOL_FLAG_SESSION 0x0000000000000004ull
#define POOL_FLAG_CACHE_ALIGNED 0x0000000000000008ull
#define POOL_FLAG_RAISE_ON_FAILURE 0x0000000000000020ull
#define POOL_FLAG_NON_PAGED 0x0000000000000040ull
#define POOL_FLAG_NON_PAGED_EXECUTE 0x0000000000000080ull
#define POOL_FLAG_PAGED 0x0000000000000100ull

typedef enum _POOL_EXTENDED_PARAMETER_TYPE {
	PoolExtendedParameterInvalidType = 0,
	PoolExtendedParameterPriority,
	PoolExtendedParameterSecurePool,
	PoolExtendedParameterNumaNode,
	PoolExtendedParameterMax,
} POOL_EXTENDED_PARAMETER_TYPE;

typedef enum _EX_POOL_PRIORITY {
	LowPoolPriority = 0,
	NormalPoolPriority = 16,
	HighPoolPriority = 32,
} EX_POOL_PRIORITY;

typedef struct _POOL_EXTENDED_PARAMETER {
	ULONG64 Type: 8;
	ULONG64 Optional: 1;
	ULONG64 Reserved: 55;
	__extension__ union {
		ULONG64 Reserved2;
		PVOID Reserved3;
		EX_POOL_PRIORITY Priority;
	};
} POOL_EXTENDED_PARAMETER, *PPOOL_EXTENDED_PARAMETER;
typedef const POOL_EXTENDED_PARAMETER *PCPOOL_EXTENDED_PARAMETER;

C_ASSERT(sizeof(POOL_EXTENDED_PARAMETER) == 16);

/* What ExInitializeDriverRuntime asks for holds here without asking. */
#define DrvRtPoolNxOptIn 1u
#define ExInitializeDriverRuntime(RuntimeFlags) ((VOID)(RuntimeFlags))

EXTERN_C_START

/* Size in bytes; NULL when there is no memory. These zero it. */
PVOID ExAllocatePool2(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePool3(POOL_FLAGS Flags, SIZE_T NumberOfBytes, ULONG Tag,
		      PCPOOL_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParametersCount);
/* These do not. */
PVOID ExAllocatePool(POOL_TYPE PoolType, SIZE_T NumberOfBytes);
PVOID ExAllocatePoolWithTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
PVOID ExAllocatePoolWithQuotaTag(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
VOID ExFreePool(PVOID P);
VOID ExFreePoolWithTag(PVOID P, ULONG Tag);
VOID ExFreePool2(PVOID P, ULONG Tag, PCPOOL_EXTENDED_PARAMETER ExtendedParameters,
		 ULONG ExtendedParametersCount);

EXTERN_C_END

NT_INLINE PVOID ExAllocatePoolUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

NT_INLINE PVOID ExAllocatePoolZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	PVOID Block = ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);

	return Block ? __builtin_memset(Block, 0, NumberOfBytes) : Block;
}

NT_INLINE PVOID ExAllocatePoolQuotaUninitialized(POOL_TYPE PoolType, SIZE_T NumberOfBytes,
						 ULONG Tag)
{
	return ExAllocatePoolWithQuotaTag(PoolType, NumberOfBytes, Tag);
}

NT_INLINE PVOID ExAllocatePoolQuotaZero(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	PVOID Block = ExAllocatePoolWithQuotaTag(PoolType, NumberOfBytes, Tag);

	return Block ? __builtin_memset(Block, 0, NumberOfBytes) : Block;
}

/* The priority means nothing here. */
#define ExAllocatePoolWithTagPriority(PoolType, NumberOfBytes, Tag, Priority) \
	((VOID)(Priority), ExAllocatePoolWithTag((PoolType), (NumberOfBytes), (Tag)))
#define ExAllocatePoolPriorityUninitialized(PoolType, NumberOfBytes, Tag, Priority) \
	((VOID)(Priority), ExAllocatePoolUninitialized((PoolType), (NumberOfBytes), (Tag)))
#define ExAllocatePoolPriorityZero(PoolType, NumberOfBytes, Tag, Priority) \
	((VOID)(Priority), ExAllocatePoolZero((PoolType), (NumberOfBytes), (Tag)))

#endif /* NT_EX_POOL_H */
