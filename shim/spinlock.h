/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The word behind KSPIN_LOCK: the architecture's own spin lock in its low half
 * and, while the verifier is on, who holds it in the high one. Nothing here
 * knows levels; whoever takes the lock has disabled what must be.
 */
#ifndef NTSHIM_SPINLOCK_H
#define NTSHIM_SPINLOCK_H

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"

/**
 * struct nts_spinlock - KSPIN_LOCK: all zero is free
 * @arch: several processors: the lock proper, which keeps waiters in order
 * @bits: the same as a number, not 0 while held
 * @owner: 0, or what the verifier notes of the holder; written by it alone
 *
 * Lies in driver memory, may be zeroed instead of initialised and may vanish
 * whenever it is free.
 */
struct nts_spinlock {
	union {
#ifdef CONFIG_SMP
		arch_spinlock_t arch;
#endif
		u32 bits;
	};
	u32 owner;
};

static_assert(sizeof(struct nts_spinlock) == NT_LAYOUT_KSPIN_LOCK_SIZE);
static_assert(offsetof(struct nts_spinlock, owner) == sizeof(u32));

/* False means that it was free a moment ago. */
static inline bool nts_spinlock_is_held(const struct nts_spinlock *lock)
{
	return READ_ONCE(lock->bits);
}

#ifdef CONFIG_SMP

static inline bool __nts_spinlock_try(struct nts_spinlock *lock)
{
	return arch_spin_trylock(&lock->arch);
}

static inline void __nts_spinlock_take(struct nts_spinlock *lock)
{
	arch_spin_lock(&lock->arch);
}

static inline void __nts_spinlock_drop(struct nts_spinlock *lock)
{
	arch_spin_unlock(&lock->arch);
}

#else

/* Linux' lock is empty on one processor, but drivers may look whether held. */
static inline bool __nts_spinlock_try(struct nts_spinlock *lock)
{
	return cmpxchg_acquire(&lock->bits, 0, 1) == 0;
}

static inline void __nts_spinlock_take(struct nts_spinlock *lock)
{
	while (!__nts_spinlock_try(lock))
		cpu_relax();
}

static inline void __nts_spinlock_drop(struct nts_spinlock *lock)
{
	/* Pairs with the acquire in __nts_spinlock_try(). */
	smp_store_release(&lock->bits, 0);
}

#endif

/**
 * nts_spinlock_take() - spin until the lock is ours
 * @lock: the lock
 *
 * Preemption goes off as well: bottom halves alone do not keep a holder on its
 * processor on PREEMPT_RT (I-CTX-10), nor one that should have raised the level
 * and did not (L-SPN-08).
 *
 * Context: any; not recursive.
 */
static inline void nts_spinlock_take(struct nts_spinlock *lock)
{
	preempt_disable();
	__nts_spinlock_take(lock);
}

/**
 * nts_spinlock_try() - take the lock if it is free
 * @lock: the lock
 *
 * Context: any.
 * Return: true if it is ours now, with preemption off.
 */
static inline bool nts_spinlock_try(struct nts_spinlock *lock)
{
	preempt_disable();
	if (__nts_spinlock_try(lock))
		return true;
	preempt_enable();
	return false;
}

/**
 * nts_spinlock_allow_preemption() - undo what taking a spin lock did
 *
 * A release in another context than the acquisition finds nothing to undo
 * there: the counter must not fall below what Linux has put into it.
 *
 * Context: any.
 */
static inline void nts_spinlock_allow_preemption(void)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT) ||
	    likely(preempt_count() & PREEMPT_MASK))
		preempt_enable();
}

/**
 * nts_spinlock_drop() - let go of the lock
 * @lock: the lock, held; the last access to it
 *
 * Context: that of the holder.
 */
static inline void nts_spinlock_drop(struct nts_spinlock *lock)
{
	WRITE_ONCE(lock->owner, 0);
	__nts_spinlock_drop(lock);
	nts_spinlock_allow_preemption();
}

#endif /* NTSHIM_SPINLOCK_H */
