/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ex_fastmutex.c, ex_pushlock.c and ex_resource.c export, in Linux types
 * of the same ABI. For the compiler's check of the definitions and for tests;
 * drivers include the headers of include/nt instead.
 */
#ifndef NTSHIM_MUTEX_API_H
#define NTSHIM_MUTEX_API_H

#include <linux/atomic.h>
#include <linux/types.h>

struct nts_resource;

/**
 * struct nts_fast_mutex - FAST_MUTEX, KGUARDED_MUTEX
 * @count: 1: free, 0: owned
 * @owner: KTHREAD that owns it, or NULL; written by it alone
 * @contention: acquisitions that had to wait; counted by the owner
 * @recursion: acquisitions by the owner that were let pass
 * @old_irql: level to go back to, the owner's
 */
struct nts_fast_mutex {
	atomic_t count;
	void *owner;
	u32 contention;
	u32 recursion;
	/* private: where Windows has an event */
	void *reserved[3];
	/* public: */
	u32 old_irql;
};

/* fast mutexes */
void ExInitializeFastMutex(struct nts_fast_mutex *mutex);
void ExAcquireFastMutex(struct nts_fast_mutex *mutex);
u8 ExTryToAcquireFastMutex(struct nts_fast_mutex *mutex);
void ExReleaseFastMutex(struct nts_fast_mutex *mutex);
void ExAcquireFastMutexUnsafe(struct nts_fast_mutex *mutex);
void ExReleaseFastMutexUnsafe(struct nts_fast_mutex *mutex);

/* push locks */
void ExInitializePushLock(atomic_long_t *lock);
void ExAcquirePushLockExclusive(atomic_long_t *lock);
void ExReleasePushLockExclusive(atomic_long_t *lock);
void ExAcquirePushLockShared(atomic_long_t *lock);
void ExReleasePushLockShared(atomic_long_t *lock);

/* rundown protection */
void ExInitializeRundownProtection(atomic_long_t *rundown);
void ExReInitializeRundownProtection(atomic_long_t *rundown);
void ExRundownCompleted(atomic_long_t *rundown);
u8 ExAcquireRundownProtection(atomic_long_t *rundown);
u8 ExAcquireRundownProtectionEx(atomic_long_t *rundown, u32 count);
void ExReleaseRundownProtection(atomic_long_t *rundown);
void ExReleaseRundownProtectionEx(atomic_long_t *rundown, u32 count);
void ExWaitForRundownProtectionRelease(atomic_long_t *rundown);

/* resources */
s32 ExInitializeResourceLite(struct nts_resource *resource);
s32 ExDeleteResourceLite(struct nts_resource *resource);
u8 ExAcquireResourceExclusiveLite(struct nts_resource *resource, u8 wait);
u8 ExAcquireResourceSharedLite(struct nts_resource *resource, u8 wait);
u8 ExAcquireSharedStarveExclusive(struct nts_resource *resource, u8 wait);
void ExReleaseResourceLite(struct nts_resource *resource);
void ExConvertExclusiveToSharedLite(struct nts_resource *resource);
u8 ExIsResourceAcquiredExclusiveLite(struct nts_resource *resource);
u32 ExIsResourceAcquiredSharedLite(struct nts_resource *resource);
u32 ExGetExclusiveWaiterCount(struct nts_resource *resource);
u32 ExGetSharedWaiterCount(struct nts_resource *resource);

#endif /* NTSHIM_MUTEX_API_H */
