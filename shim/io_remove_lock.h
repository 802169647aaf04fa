/* SPDX-License-Identifier: GPL-2.0 */
/* Remove locks: their form in driver memory and the verifier's books on them. */
#ifndef NTSHIM_IO_REMOVE_LOCK_H
#define NTSHIM_IO_REMOVE_LOCK_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/types.h>

#include "dispatcher.h"

/**
 * struct nts_remove_lock - IO_REMOVE_LOCK
 * @removed: removal has begun
 * @reserved: not used
 * @count: acquisitions, and 1 until removal begins
 * @event: signaled by the release that leaves none
 * @max_minutes: how long it may be held; 0: for ever
 * @high_water: how often at a time it may be held; 0: without limit
 * @allocate_tag: the driver's name for it; not used
 * @padding: not used
 *
 * Memory of the driver, which may free it when the wait for the last release
 * has returned.
 */
struct nts_remove_lock {
	u8 removed;
	u8 reserved[3];
	atomic_t count;
	struct nts_header event;
	u32 max_minutes;
	u32 high_water;
	u32 allocate_tag;
	u32 padding;
};

void IoInitializeRemoveLockEx(struct nts_remove_lock *lock, u32 tag,
			      u32 max_minutes, u32 high_water, u32 size);
s32 IoAcquireRemoveLockEx(struct nts_remove_lock *lock, const void *tag,
			  const char *file, u32 line, u32 size);
void IoReleaseRemoveLockEx(struct nts_remove_lock *lock, const void *tag,
			   u32 size);
void IoReleaseRemoveLockAndWaitEx(struct nts_remove_lock *lock, const void *tag,
				  u32 size);

/**
 * nts_remove_lock_uses() - how often a lock is held
 * @lock: initialised lock
 *
 * Context: any; by who holds it.
 * Return: its number of uses, at most one too many while removal begins.
 */
static inline int nts_remove_lock_uses(const struct nts_remove_lock *lock)
{
	int count = atomic_read(&lock->count);

	/* The remover sets the mark first and takes off the lock's own count second. */
	smp_rmb();
	return count - !READ_ONCE(lock->removed);
}

void nts_remove_hold_note(const struct nts_remove_lock *lock, const void *tag,
			  unsigned long caller);
void nts_remove_hold_end(const struct nts_remove_lock *lock, const void *tag,
			 unsigned long caller);
void nts_remove_holds_forget(const struct nts_remove_lock *lock);

#endif /* NTSHIM_IO_REMOVE_LOCK_H */
