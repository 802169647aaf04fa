/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The verifier's books on fast mutexes and resources: what a system thread
 * holds, so that its end can tell of what it leaves behind.
 */
#ifndef NTSHIM_VERIFIER_HELD_H
#define NTSHIM_VERIFIER_HELD_H

#include <linux/types.h>

#include "verifier.h"

/* Locks that a thread holds at once; more are not followed. */
#define NTS_HELD_LOCKS 8

/**
 * enum nts_held_kind - what a thread holds
 * @NTS_HELD_FAST_MUTEX: a fast or guarded mutex
 * @NTS_HELD_RESOURCE: a resource, alone or shared
 */
enum nts_held_kind {
	NTS_HELD_FAST_MUTEX,
	NTS_HELD_RESOURCE,
};

/**
 * struct nts_held - a lock that a thread holds
 * @lock: which; printed, never read: its memory may be gone
 * @caller: who took it first
 * @count: how often it is held
 * @kind: what it is
 */
struct nts_held {
	const void *lock;
	unsigned long caller;
	u32 count;
	enum nts_held_kind kind;
};

/**
 * struct nts_held_book - what a thread holds; used by the thread alone
 * @epoch: the verifier's, when the first entry was made
 * @count: entries of @held in use
 * @held: in no order
 */
struct nts_held_book {
	unsigned int epoch;
	unsigned int count;
	struct nts_held held[NTS_HELD_LOCKS];
};

void __nts_held_add(enum nts_held_kind kind, const void *lock,
		    unsigned long caller);
void __nts_held_remove(const void *lock);
void nts_held_tell(struct nts_held_book *book, unsigned long routine);
void nts_held_forget_all(void);

/* The caller has taken @lock; @caller: address in the driver. */
static __always_inline void nts_held_add(enum nts_held_kind kind,
					 const void *lock, unsigned long caller)
{
	if (nts_verifier_on())
		__nts_held_add(kind, lock, caller);
}

/* The caller is about to let go of @lock. */
static __always_inline void nts_held_remove(const void *lock)
{
	if (nts_verifier_on())
		__nts_held_remove(lock);
}

#endif /* NTSHIM_VERIFIER_HELD_H */
