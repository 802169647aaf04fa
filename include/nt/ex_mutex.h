/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Fast and guarded mutexes, push locks, rundown protection, resources. Those
 * that wait are for IRQL <= APC_LEVEL.
 */
#ifndef NT_EX_MUTEX_H
#define NT_EX_MUTEX_H

#include "ex_pool.h"
#include "ke_irql.h"
#include "nt_layout.h"

/* Owned with normal and special kernel APCs off, at APC_LEVEL. */
typedef struct _FAST_MUTEX {
	LONG Count;
	PVOID Owner;
	ULONG Contention;
	ULONG Reserved1;
	PVOID Reserved2[3];
	ULONG OldIrql;
} FAST_MUTEX, *PFAST_MUTEX, KGUARDED_MUTEX, *PKGUARDED_MUTEX;

C_ASSERT(sizeof(FAST_MUTEX) == NT_LAYOUT_FAST_MUTEX_SIZE);

typedef ULONG_PTR EX_PUSH_LOCK, *PEX_PUSH_LOCK;

C_ASSERT(sizeof(EX_PUSH_LOCK) == NT_LAYOUT_PUSH_LOCK_SIZE);

typedef struct _EX_RUNDOWN_REF {
	ULONG_PTR Count;
} EX_RUNDOWN_REF, *PEX_RUNDOWN_REF;

C_ASSERT(sizeof(EX_RUNDOWN_REF) == NT_LAYOUT_RUNDOWN_REF_SIZE);

typedef EX_RUNDOWN_REF *PEX_RUNDOWN_REF_CACHE_AWARE;

typedef struct _ERESOURCE {
	PVOID Reserved[13];
} ERESOURCE, *PERESOURCE;

C_ASSERT(sizeof(ERESOURCE) == NT_LAYOUT_ERESOURCE_SIZE);

EXTERN_C_START

VOID ExInitializeFastMutex(PFAST_MUTEX FastMutex);
VOID ExAcquireFastMutex(PFAST_MUTEX FastMutex);
BOOLEAN ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex);
VOID ExReleaseFastMutex(PFAST_MUTEX FastMutex);
/* At APC_LEVEL or in a region; they leave the level alone. */
VOID ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex);
VOID ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex);

/* In a critical region. */
VOID ExInitializePushLock(PEX_PUSH_LOCK PushLock);
VOID ExAcquirePushLockExclusive(PEX_PUSH_LOCK PushLock);
VOID ExReleasePushLockExclusive(PEX_PUSH_LOCK PushLock);
VOID ExAcquirePushLockShared(PEX_PUSH_LOCK PushLock);
VOID ExReleasePushLockShared(PEX_PUSH_LOCK PushLock);

/* IRQL <= DISPATCH_LEVEL, but for the wait. */
VOID ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);
VOID ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef);
VOID ExRundownCompleted(PEX_RUNDOWN_REF RunRef);
BOOLEAN ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef);
BOOLEAN ExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count);
VOID ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef);
VOID ExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count);
VOID ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef);

/* In a critical region. */
NTSTATUS ExInitializeResourceLite(PERESOURCE Resource);
NTSTATUS ExDeleteResourceLite(PERESOURCE Resource);
BOOLEAN ExAcquireResourceExclusiveLite(PERESOURCE Resource, BOOLEAN Wait);
BOOLEAN ExAcquireResourceSharedLite(PERESOURCE Resource, BOOLEAN Wait);
BOOLEAN ExAcquireSharedStarveExclusive(PERESOURCE Resource, BOOLEAN Wait);
VOID ExReleaseResourceLite(PERESOURCE Resource);
VOID ExConvertExclusiveToSharedLite(PERESOURCE Resource);
BOOLEAN ExIsResourceAcquiredExclusiveLite(PERESOURCE Resource);
ULONG ExIsResourceAcquiredSharedLite(PERESOURCE Resource);
ULONG ExGetExclusiveWaiterCount(PERESOURCE Resource);
ULONG ExGetSharedWaiterCount(PERESOURCE Resource);

/* The processors share one counter. */
NT_INLINE PEX_RUNDOWN_REF_CACHE_AWARE ExAllocateCacheAwareRundownProtection(POOL_TYPE PoolType,
									    ULONG PoolTag)
{
	PEX_RUNDOWN_REF RunRef =
		(PEX_RUNDOWN_REF)ExAllocatePoolWithTag(PoolType, sizeof(*RunRef), PoolTag);

	if (RunRef)
		ExInitializeRundownProtection(RunRef);
	return RunRef;
}

NT_INLINE VOID ExFreeCacheAwareRundownProtection(PEX_RUNDOWN_REF_CACHE_AWARE RunRef)
{
	ExFreePool(RunRef);
}

EXTERN_C_END

#define KeInitializeGuardedMutex ExInitializeFastMutex
#define KeAcquireGuardedMutex ExAcquireFastMutex
#define KeTryToAcquireGuardedMutex ExTryToAcquireFastMutex
#define KeReleaseGuardedMutex ExReleaseFastMutex
#define KeAcquireGuardedMutexUnsafe ExAcquireFastMutexUnsafe
#define KeReleaseGuardedMutexUnsafe ExReleaseFastMutexUnsafe

#define ExReInitializeRundownProtectionCacheAware ExReInitializeRundownProtection
#define ExRundownCompletedCacheAware ExRundownCompleted
#define ExAcquireRundownProtectionCacheAware ExAcquireRundownProtection
#define ExAcquireRundownProtectionCacheAwareEx ExAcquireRundownProtectionEx
#define ExReleaseRundownProtectionCacheAware ExReleaseRundownProtection
#define ExReleaseRundownProtectionCacheAwareEx ExReleaseRundownProtectionEx
#define ExWaitForRundownProtectionReleaseCacheAware ExWaitForRundownProtectionRelease

#endif /* NT_EX_MUTEX_H */
