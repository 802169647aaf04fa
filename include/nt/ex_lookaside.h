/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lookaside lists: blocks of one size. Lists are initialised and deleted at
 * IRQL <= DISPATCH_LEVEL, those of paged memory at IRQL <= APC_LEVEL.
 */
#ifndef NT_EX_LOOKASIDE_H
#define NT_EX_LOOKASIDE_H

#include "ex_pool.h"
#include "nt_layout.h"
#include "ntdef.h"

typedef struct DECLSPEC_ALIGN(16) _LOOKASIDE_LIST_EX {
	ULONG_PTR Reserved[NT_LAYOUT_LOOKASIDE_SIZE / 8];
} LOOKASIDE_LIST_EX, *PLOOKASIDE_LIST_EX;

typedef struct _NPAGED_LOOKASIDE_LIST {
	LOOKASIDE_LIST_EX L;
} NPAGED_LOOKASIDE_LIST, *PNPAGED_LOOKASIDE_LIST;

typedef struct _PAGED_LOOKASIDE_LIST {
	LOOKASIDE_LIST_EX L;
} PAGED_LOOKASIDE_LIST, *PPAGED_LOOKASIDE_LIST;

C_ASSERT(sizeof(LOOKASIDE_LIST_EX) == NT_LAYOUT_LOOKASIDE_SIZE);

#define EX_LOOKASIDE_LIST_EX_FLAGS_RAISE_ON_FAIL 1u
#define EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE 2u

typedef PVOID ALLOCATE_FUNCTION(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag);
typedef ALLOCATE_FUNCTION *PALLOCATE_FUNCTION;
typedef VOID FREE_FUNCTION(PVOID Buffer);
typedef FREE_FUNCTION *PFREE_FUNCTION;
typedef PVOID ALLOCATE_FUNCTION_EX(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag,
				   PLOOKASIDE_LIST_EX Lookaside);
typedef ALLOCATE_FUNCTION_EX *PALLOCATE_FUNCTION_EX;
typedef VOID FREE_FUNCTION_EX(PVOID Buffer, PLOOKASIDE_LIST_EX Lookaside);
typedef FREE_FUNCTION_EX *PFREE_FUNCTION_EX;

EXTERN_C_START

/* A NULL routine stands for the pool. Depth is 0. */
NTSTATUS ExInitializeLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PALLOCATE_FUNCTION_EX Allocate,
				     PFREE_FUNCTION_EX Free, POOL_TYPE PoolType, ULONG Flags,
				     SIZE_T Size, ULONG Tag, USHORT Depth);
VOID ExDeleteLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
VOID ExFlushLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
PVOID ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX Lookaside);
VOID ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX Lookaside, PVOID Entry);

VOID ExInitializeNPagedLookasideList(PNPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
				     PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag,
				     USHORT Depth);
VOID ExInitializePagedLookasideList(PPAGED_LOOKASIDE_LIST Lookaside, PALLOCATE_FUNCTION Allocate,
				    PFREE_FUNCTION Free, ULONG Flags, SIZE_T Size, ULONG Tag,
				    USHORT Depth);

EXTERN_C_END

#define ExDeleteNPagedLookasideList(Lookaside) ExDeleteLookasideListEx(&(Lookaside)->L)
#define ExDeletePagedLookasideList(Lookaside) ExDeleteLookasideListEx(&(Lookaside)->L)
#define ExAllocateFromNPagedLookasideList(Lookaside) ExAllocateFromLookasideListEx(&(Lookaside)->L)
#define ExAllocateFromPagedLookasideList(Lookaside) ExAllocateFromLookasideListEx(&(Lookaside)->L)
#define ExFreeToNPagedLookasideList(Lookaside, Entry) \
	ExFreeToLookasideListEx(&(Lookaside)->L, (Entry))
#define ExFreeToPagedLookasideList(Lookaside, Entry) \
	ExFreeToLookasideListEx(&(Lookaside)->L, (Entry))

#endif /* NT_EX_LOOKASIDE_H */
