/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ke_spinlock.c and ex_rwlock.c export, in Linux types of the same ABI: a
 * KIRQL is a u8, a BOOLEAN a u8 that is 0 or 1. For the compiler's check of the
 * definitions and for tests; drivers include the headers of include/nt instead.
 */
#ifndef NTSHIM_LOCK_API_H
#define NTSHIM_LOCK_API_H

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"

struct nts_spinlock;

/**
 * struct nts_lock_handle - KLOCK_QUEUE_HANDLE: one acquisition of a lock
 * @next: not used: the lock's own word keeps the order of the waiters
 * @lock: the lock, NULL once released
 * @old: KIRQL before the acquisition
 *
 * Lies on the stack of the holder, of any content before the acquisition.
 */
struct nts_lock_handle {
	void *next;
	struct nts_spinlock *lock;
	u8 old;
};

static_assert(sizeof(struct nts_lock_handle) == NT_LAYOUT_LOCK_HANDLE_SIZE);

/* spin locks */
void KeInitializeSpinLock(struct nts_spinlock *lock);
u8 KeAcquireSpinLockRaiseToDpc(struct nts_spinlock *lock);
void KeReleaseSpinLock(struct nts_spinlock *lock, u8 old);
void KeAcquireSpinLockAtDpcLevel(struct nts_spinlock *lock);
void KeReleaseSpinLockFromDpcLevel(struct nts_spinlock *lock);
u8 KeTryToAcquireSpinLockAtDpcLevel(struct nts_spinlock *lock);
u8 KeTestSpinLock(const struct nts_spinlock *lock);
u8 KeAcquireSpinLockForDpc(struct nts_spinlock *lock);
void KeReleaseSpinLockForDpc(struct nts_spinlock *lock, u8 old);

/* in-stack queued spin locks */
void KeAcquireInStackQueuedSpinLock(struct nts_spinlock *lock,
				    struct nts_lock_handle *handle);
void KeReleaseInStackQueuedSpinLock(struct nts_lock_handle *handle);
void KeAcquireInStackQueuedSpinLockAtDpcLevel(struct nts_spinlock *lock,
					      struct nts_lock_handle *handle);
void KeReleaseInStackQueuedSpinLockFromDpcLevel(struct nts_lock_handle *handle);
void KeAcquireInStackQueuedSpinLockForDpc(struct nts_spinlock *lock,
					  struct nts_lock_handle *handle);
void KeReleaseInStackQueuedSpinLockForDpc(struct nts_lock_handle *handle);

/* reader-writer spin locks */
u8 ExAcquireSpinLockShared(atomic_t *lock);
void ExReleaseSpinLockShared(atomic_t *lock, u8 old);
u8 ExAcquireSpinLockExclusive(atomic_t *lock);
void ExReleaseSpinLockExclusive(atomic_t *lock, u8 old);
void ExAcquireSpinLockSharedAtDpcLevel(atomic_t *lock);
void ExReleaseSpinLockSharedFromDpcLevel(atomic_t *lock);
void ExAcquireSpinLockExclusiveAtDpcLevel(atomic_t *lock);
void ExReleaseSpinLockExclusiveFromDpcLevel(atomic_t *lock);
u32 ExTryAcquireSpinLockSharedAtDpcLevel(atomic_t *lock);
u32 ExTryAcquireSpinLockExclusiveAtDpcLevel(atomic_t *lock);
u32 ExTryConvertSharedSpinLockExclusive(atomic_t *lock);

/* LIST_ENTRY, SINGLE_LIST_ENTRY */
struct nts_list_entry {
	struct nts_list_entry *flink;
	struct nts_list_entry *blink;
};

struct nts_single_list_entry {
	struct nts_single_list_entry *next;
};

/* interlocked routines that take a spin lock */
struct nts_list_entry *ExInterlockedInsertHeadList(struct nts_list_entry *head,
						   struct nts_list_entry *entry,
						   struct nts_spinlock *lock);
struct nts_list_entry *ExInterlockedInsertTailList(struct nts_list_entry *head,
						   struct nts_list_entry *entry,
						   struct nts_spinlock *lock);
struct nts_list_entry *ExInterlockedRemoveHeadList(struct nts_list_entry *head,
						   struct nts_spinlock *lock);
struct nts_single_list_entry *
ExInterlockedPushEntryList(struct nts_single_list_entry *head,
			   struct nts_single_list_entry *entry,
			   struct nts_spinlock *lock);
struct nts_single_list_entry *
ExInterlockedPopEntryList(struct nts_single_list_entry *head,
			  struct nts_spinlock *lock);
u32 ExInterlockedAddUlong(u32 *addend, u32 increment,
			  struct nts_spinlock *lock);
s64 ExInterlockedAddLargeInteger(s64 *addend, s64 increment,
				 struct nts_spinlock *lock);

/* critical and guarded regions */
void KeEnterCriticalRegion(void);
void KeLeaveCriticalRegion(void);
void KeEnterGuardedRegion(void);
void KeLeaveGuardedRegion(void);
u8 KeAreApcsDisabled(void);
u8 KeAreAllApcsDisabled(void);

#endif /* NTSHIM_LOCK_API_H */
