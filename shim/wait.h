/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waits: the record of one wait and its blocks on the objects' lists, and the
 * front end of a thread that blocks. The other front end, a caller-owned record
 * that is completed by a callback, is in wait_async.h.
 *
 * Life of a record, by nts_wait.state:
 *
 *   PENDING -> CLAIMED -> RELEASED     by the one signaller that won; between
 *                                      the two it holds the record on its own
 *                                      list, after RELEASED it never looks
 *   PENDING -> TIMEOUT, USER_APC,      by the waiter itself, which then unlinks
 *              CANCELLED               its blocks; walkers skip them until then
 *   PENDING -> CLAIMED -> ALERTED      by an alert, the claim under
 *                                      nts_owner.lock; the waiter takes that
 *                                      lock once more before it leaves
 *   PENDING -> ALERTED                 by the waiter, under nts_owner.lock
 *   PENDING -> CLAIMED -> PENDING      by the waiter, before it blocks, to take
 *                                      its blocks back and begin anew
 *   PENDING -> RELEASED                by the waiter itself, for an object that
 *                                      it found signaled
 *
 * Whoever moves the state away from PENDING decides what comes of it; all others
 * leave the record alone. A claim happens under the lock of the object it
 * consumes, together with that object's side effect, so success and the
 * consumed signal are one step (W-SIG-10).
 */
#ifndef NTSHIM_WAIT_H
#define NTSHIM_WAIT_H

#include <linux/atomic.h>
#include <linux/build_bug.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>
#include <linux/tracepoint-defs.h>
#include <linux/types.h>

#include "dispatcher.h"
#include "mutant.h"
#include "status.h"
#include "timer.h"

struct task_struct;

/* See trace.h, which only source files may include. */
DECLARE_TRACEPOINT(nts_wait_end);

/**
 * enum nts_wait_state - life of a wait record
 * @NTS_WAIT_PENDING: blocks may be linked; next: any of the others but RELEASED
 * @NTS_WAIT_CLAIMED: a signaller or an alert won and holds the record; next:
 *	RELEASED or ALERTED. Or the waiter takes its blocks back; next: PENDING
 * @NTS_WAIT_RELEASED: the signaller has let go; final
 * @NTS_WAIT_TIMEOUT: the thread gave up, its time had passed; final. An
 *	asynchronous wait is claimed by its timeout instead
 * @NTS_WAIT_ALERTED: an alert ended the wait; final
 * @NTS_WAIT_USER_APC: the waiter gave up for a signal to its task; final
 * @NTS_WAIT_CANCELLED: the owner of an asynchronous wait took it back; final
 */
enum nts_wait_state {
	NTS_WAIT_PENDING,
	NTS_WAIT_CLAIMED,
	NTS_WAIT_RELEASED,
	NTS_WAIT_TIMEOUT,
	NTS_WAIT_ALERTED,
	NTS_WAIT_USER_APC,
	NTS_WAIT_CANCELLED,
};

/**
 * enum nts_link - what came of linking a block
 * @NTS_LINK_DONE: it is linked
 * @NTS_LINK_SIGNALED: its object is signaled
 * @NTS_LINK_OVER: its wait is satisfied
 */
enum nts_link {
	NTS_LINK_DONE,
	NTS_LINK_SIGNALED,
	NTS_LINK_OVER,
};

/**
 * struct nts_wait - one wait, of a thread or asynchronous
 * @state: enum nts_wait_state
 * @status: NTSTATUS of a satisfied wait; written by the claimer, valid once
 *	RELEASED is seen (acquire)
 * @next: the claimer's list, see struct nts_wake_list
 * @blocked: in nts_shard.waits of the first object's shard while the first
 *	block is linked; protected by that shard's lock. A delay is listed by
 *	its thread
 * @since: jiffies at the begin
 * @timeout: NULL, or a timer of the first object's shard that ends the wait
 * @task: blocking front end: the thread; NULL for an asynchronous wait
 * @complete_fn: asynchronous front end: called once for a record that was
 *	claimed, as a DPC of the claimer's processor; may free the record
 * @owner: the thread's part that takes mutants and alerts; NULL if neither
 *	can come
 * @blocks: one per object, in index order; for a wait-all one per distinct
 *	object
 * @count: number of @blocks; 0 for a delay
 * @all: wait-all
 * @user_mode: the wait mode, for alerts
 * @at_dispatch: the wait only looks, at DISPATCH_LEVEL or above
 */
struct nts_wait {
	atomic_t state;
	s32 status;
	struct nts_wait *next;
	struct list_head blocked;
	unsigned long since;
	const struct nts_timer *timeout;
	struct task_struct *task;
	void (*complete_fn)(struct nts_wait *wait);
	struct nts_owner *owner;
	struct nts_wait_block *blocks;
	u8 count;
	bool all;
	bool user_mode;
	bool at_dispatch;
};

/**
 * struct nts_wait_block - KWAIT_BLOCK: one wait's place on one object's list
 * @entry: in nts_header.wait_list; protected by the object's shard lock
 * @wait: the record it belongs to
 * @object: the object
 * @index: position in the caller's array, the result of a wait-any
 * @times: 1; a semaphore that a wait-all names more often: how often
 * @type: type code of the object, for those who look and must not touch it
 * @linked: @entry is on the list; protected by the object's shard lock
 */
struct nts_wait_block {
	struct list_head entry;
	struct nts_wait *wait;
	struct nts_header *object;
	u8 index;
	u8 times;
	u8 type;
	bool linked;
};

static_assert(sizeof(struct nts_wait_block) <= NT_LAYOUT_KWAIT_BLOCK_SIZE);
static_assert(__alignof__(struct nts_wait_block) <= NT_LAYOUT_ALIGN);

/**
 * nts_wait_init() - make memory a wait that has not begun
 * @wait: memory of any content
 * @blocks: @count blocks of any content
 * @objects: @count valid objects; not used after return
 * @count: 0 to NT_LAYOUT_MAXIMUM_WAIT_OBJECTS
 * @all: all objects at once; else any
 *
 * Context: any.
 */
static inline void nts_wait_init(struct nts_wait *wait,
				 struct nts_wait_block *blocks,
				 struct nts_header *const *objects,
				 unsigned int count, bool all)
{
	struct nts_wait_block *block;
	unsigned int i;

	atomic_set(&wait->state, NTS_WAIT_PENDING);
	wait->status = NTS_STATUS_SUCCESS;
	wait->next = NULL;
	wait->since = jiffies;
	wait->timeout = NULL;
	wait->task = NULL;
	wait->complete_fn = NULL;
	wait->owner = NULL;
	wait->blocks = blocks;
	wait->count = count;
	/* Of one object, all is any, and cheaper. */
	wait->all = all && count > 1;
	wait->user_mode = false;
	wait->at_dispatch = false;
	for (i = 0; i < count; i++) {
		block = &blocks[i];
		block->wait = wait;
		block->object = objects[i];
		block->index = i;
		block->times = 1;
		block->type = objects[i]->type;
		block->linked = false;
	}
}

/**
 * nts_wake_list_append() - put a chain of waits at the end of a list
 * @wakes: the list
 * @first: first wait of the chain
 * @last: last wait of the chain; its @next is NULL
 *
 * Context: any; the caller owns list and chain.
 */
static inline void nts_wake_list_append(struct nts_wake_list *wakes,
					struct nts_wait *first,
					struct nts_wait *last)
{
	if (wakes->first)
		wakes->last->next = first;
	else
		wakes->first = first;
	wakes->last = last;
}

/**
 * nts_wait_link() - append a block to its object's list
 * @block: filled in, not linked
 * @shard: of its object
 *
 * The first block of a wait also has it listed among those that are blocked.
 *
 * Context: the object's shard lock is held, for a wait-all nts_all_lock too.
 */
static inline void nts_wait_link(struct nts_wait_block *block,
				 struct nts_shard *shard)
{
	struct nts_wait *wait = block->wait;

	list_add_tail(&block->entry, &block->object->wait_list);
	block->object->wait_all_blocks += wait->all;
	block->linked = true;
	if (!block->index)
		list_add_tail(&wait->blocked, &shard->waits);
}

/**
 * nts_wait_unlink() - take a block off its object's list
 * @block: linked
 *
 * Context: the object's shard lock is held, for a wait-all nts_all_lock too.
 */
static inline void nts_wait_unlink(struct nts_wait_block *block)
{
	list_del(&block->entry);
	block->object->wait_all_blocks -= block->wait->all;
	if (!block->index)
		list_del(&block->wait->blocked);
	/* Pairs with the acquire in nts_wait_block_is_linked(). */
	smp_store_release(&block->linked, false);
}

/**
 * nts_wait_block_is_linked() - whether a block may be on its object's list
 * @block: block of a wait that has been tried
 *
 * Context: any. True is a hint unless the object's shard lock is held.
 * Return: false: whoever took it off is done with it, and the object may be
 * gone.
 */
static inline bool nts_wait_block_is_linked(const struct nts_wait_block *block)
{
	/* Pairs with the release in nts_wait_unlink(). */
	return smp_load_acquire(&block->linked);
}

/**
 * nts_wait_block_is_ready() - whether an object can satisfy its part of a wait
 * @block: block of the object
 * @state: signal state of the object that counts
 *
 * Context: the object's shard lock is held.
 * Return: true if it can (W-SIG-05, W-SIG-09).
 */
static inline bool nts_wait_block_is_ready(const struct nts_wait_block *block,
					   s32 state)
{
	return state >= block->times ||
	       nts_mutant_is_own(block->object, block->wait->owner);
}

/**
 * nts_wait_block_take() - apply a satisfied wait's effect to one object
 * @block: block that is ready
 *
 * Context: the object's shard lock is held.
 * Return: what it adds to the wait's status.
 */
static inline s32 nts_wait_block_take(const struct nts_wait_block *block)
{
	struct nts_header *object = block->object;
	s32 result = 0;

	if (unlikely(object->type == NT_LAYOUT_TYPE_MUTANT))
		result = nts_mutant_acquire(nts_mutant_of(object), block->wait);
	nts_signal_store(object,
			 nts_state_after_wait(object, object->signal_state,
					      block->times));
	return result;
}

/**
 * nts_wait_is_allowed() - whether the caller may sleep
 *
 * Context: any.
 * Return: true in process context below DISPATCH_LEVEL with nothing disabled.
 */
static inline bool nts_wait_is_allowed(void)
{
	/* Elsewhere the first says it all. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT) && in_interrupt())
		return false;
	return !preempt_count() && !irqs_disabled();
}

/**
 * nts_wait_is_traced() - whether somebody wants to know of every wait
 *
 * Context: any.
 * Return: true if the tracepoint at the end of waits is enabled.
 */
static inline bool nts_wait_is_traced(void)
{
	return tracepoint_enabled(nts_wait_end);
}

/**
 * nts_wait_take() - satisfy a wait that has not begun, if that is possible
 * @object: valid object, no mutant
 *
 * The whole of a wait for one object that is signaled already: no record, no
 * clock.
 *
 * Context: any but NMI. Takes the shard lock.
 * Return: true if @object was signaled; one wait's side effect was applied.
 */
static inline bool nts_wait_take(struct nts_header *object)
{
	struct nts_shard *shard = nts_shard_of(object);
	unsigned long flags;
	bool signaled;

	raw_spin_lock_irqsave(&shard->lock, flags);
	signaled = object->signal_state > 0;
	if (signaled)
		nts_header_consume(object);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return signaled;
}

/**
 * struct nts_wait_request - what a thread wants to wait for
 * @objects: @count valid objects; may be NULL if @count is 0
 * @blocks: @count blocks of any content, used until the call returns
 * @owner: the calling thread's part; needed for mutants and if @alertable
 * @due: when to give up; NTS_DUE_NEVER: not at all; NTS_DUE_PAST: only look
 * @now: the time at which the call was made
 * @count: 0 (a delay) to NT_LAYOUT_MAXIMUM_WAIT_OBJECTS
 * @all: all objects at once; else any
 * @duplicates: with @all: an object may be named more than once
 * @user_mode: a fatal signal ends the wait (W-ALT-02)
 * @alertable: an alert ends the wait, and with @user_mode any signal (W-ALT-03,
 *	W-ALT-04)
 * @signals_held: signals that do not kill do not end the wait (L-CRG-05)
 */
struct nts_wait_request {
	struct nts_header *const *objects;
	struct nts_wait_block *blocks;
	struct nts_owner *owner;
	struct nts_due due;
	struct nts_now now;
	u8 count;
	bool all;
	bool duplicates;
	bool user_mode;
	bool alertable;
	bool signals_held;
};

s32 nts_wait_thread(const struct nts_wait_request *request);
s32 nts_wait_plain(struct nts_header *object);

bool nts_wait_has_duplicates(struct nts_header *const *objects,
			     unsigned int count);
void nts_wait_merge_duplicates(struct nts_wait *wait);
bool nts_wait_settle(struct nts_wait *wait, enum nts_wait_state to);
bool nts_wait_alert(struct nts_owner *owner, bool user_mode);
bool nts_wait_try_block(struct nts_wait_block *block, enum nts_wait_state from,
			bool look_only);
enum nts_link nts_wait_link_next(struct nts_wait_block *block);
void nts_wait_try(struct nts_wait *wait, enum nts_wait_state from,
		  bool look_only);
void nts_wait_unlink_blocks(struct nts_wait *wait);
void nts_wait_leave_objects(struct nts_wait *wait);
void nts_wait_expire_timers(const struct nts_wait *wait);

#endif /* NTSHIM_WAIT_H */
