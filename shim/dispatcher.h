/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The dispatcher database: everything that can be waited for, split into
 * shards. This header owns the object header, the shard, the order of all
 * locks and the signalling rules; it knows nothing of what a timer or an event
 * means.
 *
 * Objects are memory of the driver that may be freed as soon as nothing is
 * queued in it and nobody waits on it, without telling us. So an object holds
 * nodes and numbers only: locks, hrtimers and wait queues live in its shard,
 * which is found by the object's address.
 *
 * Lock order, outermost first; this is the only place that states it:
 *
 *   1. the driver's own locks
 *      lists of all       threads (ps_thread.c, ps_foreign.c) and EX_TIMERs
 *                         (systimer.c): who walks one may look into its members
 *   2. nts_all_lock       only its holder may hold more than one shard lock,
 *                         and then in any order
 *   3. nts_shard.lock     signal states, wait lists, timer queues of the shard
 *   4. DPC queue lock     (dpc.c), and the kernel's own locks of hrtimers and
 *                         timers, which are leaves
 *      nts_owner.lock     what a thread owns; over the kernel's timers only
 *
 * All but the driver's are raw locks taken with interrupts disabled, also on PREEMPT_RT:
 * timers expire in hard interrupts. While one is held there is no wake-up, no
 * allocation, no printk, no report and no call into a driver.
 */
#ifndef NTSHIM_DISPATCHER_H
#define NTSHIM_DISPATCHER_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/list.h>
#include <linux/rbtree.h>
#include <linux/spinlock.h>
#include <linux/stddef.h>
#include <linux/tracepoint-defs.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"

struct nts_wait;

/* See trace.h, which only source files may include. */
DECLARE_TRACEPOINT(nts_signal);

/* Type codes of objects that drivers never see; the public ones end at 9. */
#define NTS_TYPE_WAIT_TIMEOUT 0x40
#define NTS_TYPE_ASYNC_TIMEOUT 0x41

/*
 * An EX_TIMER has the code of its kind of timer with this bit, so that the
 * KTIMER routines refuse it.
 */
#define NTS_TYPE_EX 0x10

/* Marks storage that one of our init routines has prepared (best effort). */
#define NTS_HEADER_MAGIC 0x4e545348u

/**
 * struct nts_header - DISPATCHER_HEADER, the start of every waitable object
 * @type: type code, NT_LAYOUT_TYPE_*; written at init only
 * @reserved: zero
 * @inserted: timers: 1 while armed, else 0; written under the shard lock, read
 *	anywhere
 * @signal_state: the object can satisfy a wait while > 0 (W-SIG-09); written
 *	under the shard lock, read anywhere
 * @wait_list: struct nts_wait_block in the order in which waits blocked;
 *	protected by the shard lock
 * @wait_all_blocks: how many blocks in @wait_list belong to a wait-all; changed
 *	under nts_all_lock and the shard lock, read under the shard lock
 * @magic: NTS_HEADER_MAGIC after init
 *
 * Owned by the driver, which may free it when @wait_list is empty and, for a
 * timer, @inserted is 0.
 */
struct nts_header {
	u8 type;
	u8 reserved[2];
	u8 inserted;
	s32 signal_state;
	struct list_head wait_list;
	u32 wait_all_blocks;
	u32 magic;
};

static_assert(sizeof(struct nts_header) == NT_LAYOUT_HEADER_SIZE);
static_assert(offsetof(struct nts_header, type) == NT_LAYOUT_HEADER_TYPE);
static_assert(offsetof(struct nts_header, inserted) ==
	      NT_LAYOUT_HEADER_INSERTED);
static_assert(offsetof(struct nts_header, signal_state) ==
	      NT_LAYOUT_HEADER_SIGNAL_STATE);
static_assert(offsetof(struct nts_header, wait_list) ==
	      NT_LAYOUT_HEADER_WAIT_LIST_HEAD);
static_assert(offsetof(struct nts_header, wait_all_blocks) ==
	      NT_LAYOUT_HEADER_PRIVATE);

/**
 * enum nts_clock - the clocks a timer queue can follow
 * @NTS_CLOCK_MONO: running time without sleep: relative due times and periods
 * @NTS_CLOCK_REAL: wall clock: absolute due times
 * @NTS_CLOCK_COUNT: number of clocks
 */
enum nts_clock {
	NTS_CLOCK_MONO,
	NTS_CLOCK_REAL,
	NTS_CLOCK_COUNT,
};

/**
 * struct nts_timer_queue - the armed timers of a shard that follow one clock
 * @programmed_ns: when @event fires at the latest: NTS_NEVER_NS if it is not
 *	programmed; 0, where nothing is earlier: in a shard that has no events
 *	(a test's own shard), while @event is being handled, and of a wall clock
 *	queue that the next monotonic event looks after
 * @recent: timers armed last, newest first, not sorted yet
 * @nr_recent: length of @recent
 * @sorted: the others, by the latest time they may expire, ties in arming order
 * @programs: how often @event was programmed
 * @event: fires in hard interrupt context and expires what is due
 * @clock: which clock, and so this queue's index in nts_shard.queue
 *
 * All but @event and @clock are protected by the shard lock. Nothing needs the
 * order of the timers before the event fires, and most timers are cancelled
 * before: the few that were armed last are sorted only then, or when they have
 * become too many. An arm that is soon cancelled costs a list insertion and
 * removal, however many timers there are.
 */
struct nts_timer_queue {
	u64 programmed_ns;
	struct hlist_head recent;
	unsigned int nr_recent;
	struct rb_root_cached sorted;
	u64 programs;
	struct hrtimer event;
	enum nts_clock clock;
};

/**
 * struct nts_shard - one part of the dispatcher database
 * @lock: protects the objects whose address maps here, see the lock order
 * @queue: their timers, one queue per clock
 * @waits: struct nts_wait that are blocked and whose first object maps here,
 *	in the order in which they blocked; for those who look
 *
 * Never freed while an object or a wait may map to it.
 */
struct nts_shard {
	raw_spinlock_t lock;
	struct nts_timer_queue queue[NTS_CLOCK_COUNT];
	struct list_head waits;
} ____cacheline_aligned_in_smp;

/* A due time that no clock reaches. */
#define NTS_NEVER_NS U64_MAX

/* At most this many shards, so that a set of them is one u64. */
#define NTS_SHARDS_MAX 64

extern struct nts_shard nts_shards[NTS_SHARDS_MAX];
extern unsigned int nts_shard_mask;
extern raw_spinlock_t nts_all_lock;

/**
 * nts_shard_of() - the shard an object belongs to
 * @object: address of the object; it is not read
 *
 * Context: any.
 * Return: the shard; the same one for the same address until module exit.
 */
static inline struct nts_shard *nts_shard_of(const void *object)
{
	u64 hash = (u64)(unsigned long)object * GOLDEN_RATIO_64;

	return &nts_shards[(hash >> 40) & nts_shard_mask];
}

/**
 * struct nts_wake_list - waits that one signal or expiry has satisfied
 * @first: first record, linked by nts_wait.next, in order of satisfaction
 * @last: last record, valid while @first is not NULL
 *
 * Local to the signaller: filled under a shard lock, emptied after the unlock.
 */
struct nts_wake_list {
	struct nts_wait *first;
	struct nts_wait *last;
};

/**
 * struct nts_signaller - one signalling action in progress
 * @shard: the locked shard of the object
 * @wakes: the waits it has satisfied so far
 * @flags: interrupt state to restore
 * @holds_all: nts_all_lock is held as well
 */
struct nts_signaller {
	struct nts_shard *shard;
	struct nts_wake_list wakes;
	unsigned long flags;
	bool holds_all;
};

void nts_dispatcher_init(void);
void nts_dispatcher_sync(void);
void nts_shard_init(struct nts_shard *shard);
void nts_header_init(struct nts_header *header, u8 type, s32 signal_state);
bool nts_header_has_waiters(struct nts_header *header);

s32 nts_signal_set_waited(struct nts_header *object);
u64 nts_lock_shards_of(const struct nts_wait *wait, u64 held);
void nts_unlock_shards(u64 shards);

void nts_signal_upgrade(struct nts_signaller *sig);
bool nts_signal_claim(struct nts_signaller *sig, struct nts_wait *wait,
		      s32 status);
s32 nts_signal_walk(struct nts_signaller *sig, struct nts_header *object,
		    s32 state);
void nts_signal_forget_over(struct nts_signaller *sig,
			    struct nts_header *object);
void nts_wake(struct nts_wake_list *wakes);
void nts_wake_init(void);

/**
 * nts_state_after_wait() - what one satisfied wait leaves of a signal state
 * @object: the object, for its type
 * @state: its state
 * @times: how many of a semaphore's count it takes; 1 for others
 *
 * Context: any.
 * Return: the state that is left (W-SIG-01..08).
 */
static inline s32 nts_state_after_wait(const struct nts_header *object,
				       s32 state, unsigned int times)
{
	if (likely(object->type == NT_LAYOUT_TYPE_SYNCHRONIZATION_EVENT) ||
	    (object->type & ~NTS_TYPE_EX) ==
		    NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER)
		return 0;
	if (object->type == NT_LAYOUT_TYPE_SEMAPHORE ||
	    object->type == NT_LAYOUT_TYPE_MUTANT)
		return state - (s32)times;
	return state;
}

/**
 * nts_signal_begin() - lock a shard for signals to several objects
 * @sig: filled in
 * @shard: shard to lock
 *
 * Before an object with nts_header.wait_all_blocks is changed, the caller must
 * nts_signal_upgrade() and look again.
 *
 * Context: as nts_signal_lock().
 */
static inline void nts_signal_begin(struct nts_signaller *sig,
				    struct nts_shard *shard)
	__acquires(&sig->shard->lock)
{
	sig->shard = shard;
	sig->wakes.first = NULL;
	sig->holds_all = false;
	raw_spin_lock_irqsave(&shard->lock, sig->flags);
}

/**
 * nts_signal_lock() - begin a signal to one object
 * @sig: filled in
 * @shard: shard of @object
 * @object: what is going to be signaled
 *
 * Takes nts_all_lock too while a wait-all refers to @object. Nothing has been
 * changed when that makes it drop the shard lock in between.
 *
 * Context: any IRQL, any Linux context but NMI. Takes the shard lock.
 */
static inline void nts_signal_lock(struct nts_signaller *sig,
				   struct nts_shard *shard,
				   const struct nts_header *object)
	__acquires(&sig->shard->lock)
{
	nts_signal_begin(sig, shard);
	if (unlikely(object->wait_all_blocks))
		nts_signal_upgrade(sig);
}

/**
 * nts_signal_satisfy() - let the waits on an object take a new signal state
 * @sig: action in progress
 * @object: object of the locked shard
 * @state: the state it would have without waiters; > 0 is signaled
 *
 * Satisfies in queue order as many waits as @state allows. @object's own state
 * is not written, so that nobody can see a signal that a waiter has taken.
 *
 * Context: the shard lock is held.
 * Return: what is left of @state, for nts_signal_store().
 */
static inline s32 nts_signal_satisfy(struct nts_signaller *sig,
				     struct nts_header *object, s32 state)
{
	if (list_empty(&object->wait_list) && !tracepoint_enabled(nts_signal))
		return state;
	return nts_signal_walk(sig, object, state);
}

/**
 * nts_signal_store() - publish the signal state of an object
 * @object: object of a locked shard
 * @state: new state
 *
 * Whoever reads the state without the lock and finds it signaled may free the
 * object at once (KT-166): for a timer this is the last access.
 *
 * Context: the shard lock is held.
 */
static inline void nts_signal_store(struct nts_header *object, s32 state)
{
	/* Pairs with the acquire in nts_signal_read(). */
	smp_store_release(&object->signal_state, state);
}

/**
 * nts_signal_clear() - publish that an object is not signaled
 * @object: object of a locked shard
 *
 * Stores only what changes: a timer that is set is seldom signaled, and there
 * are machines, UML for one, on which the release takes a fence.
 *
 * Context: the shard lock is held.
 */
static inline void nts_signal_clear(struct nts_header *object)
{
	if (object->signal_state)
		nts_signal_store(object, 0);
}

/**
 * nts_signal_read() - the signal state of an object, without its lock
 * @object: any object
 *
 * Context: any.
 * Return: the state at some instant during the call.
 */
static inline s32 nts_signal_read(const struct nts_header *object)
{
	/* Pairs with the release in nts_signal_store(). */
	return smp_load_acquire(&object->signal_state);
}

/**
 * nts_signal_set() - make an object signaled
 * @object: an event or a thread
 *
 * Context: as nts_signal_lock(). The object may be gone on return.
 * Return: the previous signal state.
 */
static inline s32 nts_signal_set(struct nts_header *object)
{
	struct nts_shard *shard = nts_shard_of(object);
	unsigned long flags;
	s32 previous;

	/* A hint that saves a lock: what it says is looked at again. */
	if (!list_empty(&object->wait_list))
		return nts_signal_set_waited(object);
	raw_spin_lock_irqsave(&shard->lock, flags);
	if (unlikely(!list_empty(&object->wait_list)) ||
	    tracepoint_enabled(nts_signal)) {
		/* Nothing was changed yet: start over for who is interested. */
		raw_spin_unlock_irqrestore(&shard->lock, flags);
		return nts_signal_set_waited(object);
	}
	previous = object->signal_state;
	nts_signal_store(object, 1);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return previous;
}

/**
 * nts_header_consume() - apply the side effect of one satisfied wait
 * @object: a signaled object of a locked shard, no mutant
 *
 * Context: the shard lock is held.
 */
static inline void nts_header_consume(struct nts_header *object)
{
	nts_signal_store(object,
			 nts_state_after_wait(object, object->signal_state, 1));
}

/**
 * nts_signal_unlock() - end a signalling action and release its waiters
 * @sig: action in progress
 *
 * The object may be gone when this returns: a released waiter may free it.
 *
 * Context: as nts_signal_lock(). Wakes with the caller's interrupt state.
 */
static inline void nts_signal_unlock(struct nts_signaller *sig)
	__releases(&sig->shard->lock)
{
	if (unlikely(sig->holds_all)) {
		__acquire(&nts_all_lock); /* see nts_signal_upgrade() */
		raw_spin_unlock(&sig->shard->lock);
		raw_spin_unlock_irqrestore(&nts_all_lock, sig->flags);
	} else {
		raw_spin_unlock_irqrestore(&sig->shard->lock, sig->flags);
	}
	if (sig->wakes.first)
		nts_wake(&sig->wakes);
}

/**
 * nts_header_is_type() - whether storage holds one of a pair of object types
 * @header: storage to look at
 * @base: even type code; @base + 1 is accepted too
 *
 * Context: any.
 * Return: true if an init routine made @header an object of that pair and
 * nothing has overwritten it since.
 */
static inline bool nts_header_is_type(const struct nts_header *header, u8 base)
{
	return likely(header->magic == NTS_HEADER_MAGIC &&
		      (header->type & ~1) == base);
}

/* What can be waited for: the types whose satisfaction is implemented. */
#define NTS_WAITABLE_TYPES                                                     \
	(BIT(NT_LAYOUT_TYPE_NOTIFICATION_EVENT) |                              \
	 BIT(NT_LAYOUT_TYPE_SYNCHRONIZATION_EVENT) |                           \
	 BIT(NT_LAYOUT_TYPE_MUTANT) | BIT(NT_LAYOUT_TYPE_SEMAPHORE) |          \
	 BIT(NT_LAYOUT_TYPE_THREAD) | BIT(NT_LAYOUT_TYPE_NOTIFICATION_TIMER) | \
	 BIT(NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER) |                           \
	 BIT(NT_LAYOUT_TYPE_NOTIFICATION_TIMER | NTS_TYPE_EX) |                \
	 BIT(NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER | NTS_TYPE_EX))

/**
 * nts_header_is_one_of() - whether storage holds an object of some types
 * @header: storage to look at, or NULL
 * @types: one bit per type code
 *
 * Context: any.
 * Return: true if an init routine made @header an object of one of @types.
 */
static inline bool nts_header_is_one_of(const struct nts_header *header,
					u64 types)
{
	return header && header->magic == NTS_HEADER_MAGIC &&
	       header->type < BITS_PER_LONG && (BIT(header->type) & types);
}

/**
 * nts_header_is_waitable() - whether storage holds an object to wait for
 * @header: storage to look at, or NULL
 *
 * Context: any.
 * Return: true if an init routine made @header an object of a type that can be
 * waited for (W-HDR-08).
 */
static inline bool nts_header_is_waitable(const struct nts_header *header)
{
	return nts_header_is_one_of(header, NTS_WAITABLE_TYPES);
}

#endif /* NTSHIM_DISPATCHER_H */
