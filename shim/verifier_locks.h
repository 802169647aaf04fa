/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the verifier knows of the spin locks that processors hold: to find what
 * would spin for ever before it does, releases that fit no acquisition, and
 * callbacks that forget a lock.
 */
#ifndef NTSHIM_VERIFIER_LOCKS_H
#define NTSHIM_VERIFIER_LOCKS_H

#include <linux/bits.h>
#include <linux/types.h>

/* How a lock is taken or let go of: flags of the same acquisition match. */
#define NTS_LOCK_AT_DPC BIT(0)	    /* leaves the level alone */
#define NTS_LOCK_QUEUED BIT(1)	    /* in-stack queued form */
#define NTS_LOCK_SHARED BIT(2)	    /* others may hold it in the same way */
#define NTS_LOCK_ANY_FORM BIT(3)    /* releases need not match */
#define NTS_LOCK_INTERLOCKED BIT(4) /* by an interlocked routine */

/**
 * struct nts_lock_ops - a kind of spin lock
 * @take_fn: spins until it is held, with preemption off
 * @try_fn: the same without spinning; false: not taken
 * @drop_fn: lets go of it and of preemption
 */
struct nts_lock_ops {
	void (*take_fn)(void *lock);
	bool (*try_fn)(void *lock);
	void (*drop_fn)(void *lock);
};

/**
 * enum nts_lock_left - what a release lets go of
 * @NTS_LOCK_REAL: a lock that this processor took
 * @NTS_LOCK_PHANTOM: an acquisition that would never have ended and was let
 *	pass: nothing is left to release
 * @NTS_LOCK_UNKNOWN: nothing that has been seen to be taken here
 */
enum nts_lock_left {
	NTS_LOCK_REAL,
	NTS_LOCK_PHANTOM,
	NTS_LOCK_UNKNOWN,
};

void nts_lock_note_family(const void *lock, u8 form, unsigned long caller);
void nts_lock_take(void *lock, const struct nts_lock_ops *ops, u8 form,
		   unsigned long caller);
bool nts_lock_try(void *lock, const struct nts_lock_ops *ops, u8 form,
		  unsigned long caller);
enum nts_lock_left nts_lock_leave(void *lock, u8 form, unsigned long caller);
void nts_lock_convert(void *lock, const struct nts_lock_ops *ops);
void nts_lock_lose(const void *lock);
unsigned int nts_lock_count_held(void);
bool nts_lock_drop_leaked(unsigned int before, unsigned long routine);
unsigned long nts_lock_count_long(void);
bool nts_lock_forget(const void *start, size_t size);
void nts_lock_forget_all(void);

#endif /* NTSHIM_VERIFIER_LOCKS_H */
