// SPDX-License-Identifier: GPL-2.0
/*
 * Shards and the rules of signalling: which waits an object's signal satisfies,
 * what that does to the object, and how the waiters are let go. It must not
 * know what set the signal off.
 */

#include "compat.h"

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/preempt.h>

#include "dispatcher.h"
#include "peek.h"
#include "status.h"
#include "trace.h"
#include "wait.h"

static unsigned int shards;
module_param(shards, uint, 0444);
MODULE_PARM_DESC(shards,
		 "Dispatcher shards, rounded to a power of two, 1..64 (default 0: by CPUs)");

struct nts_shard nts_shards[NTS_SHARDS_MAX];
NTS_EXPORT_INTERNAL(nts_shards);

unsigned int nts_shard_mask __ro_after_init;
NTS_EXPORT_INTERNAL(nts_shard_mask);

DEFINE_RAW_SPINLOCK(nts_all_lock);

/**
 * nts_shard_init() - prepare a shard without hrtimer events
 * @shard: memory of any content
 *
 * Its queues count as programmed already, so its timers expire only through
 * nts_timer_expire(): what a test wants. nts_timer_start() adds the events.
 *
 * Context: any.
 */
void nts_shard_init(struct nts_shard *shard)
{
	struct nts_timer_queue *queue;
	enum nts_clock clock;

	raw_spin_lock_init(&shard->lock);
	INIT_LIST_HEAD(&shard->waits);
	for (clock = 0; clock < NTS_CLOCK_COUNT; clock++) {
		queue = &shard->queue[clock];
		queue->programmed_ns = 0;
		INIT_HLIST_HEAD(&queue->recent);
		queue->nr_recent = 0;
		queue->sorted = RB_ROOT_CACHED;
		queue->programs = 0;
		queue->clock = clock;
	}
}
NTS_EXPORT_INTERNAL(nts_shard_init);

/**
 * nts_dispatcher_init() - prepare the shards, as many as the parameter says
 *
 * Context: module init.
 */
void __init nts_dispatcher_init(void)
{
	unsigned int count = shards ? shards : num_possible_cpus();
	unsigned int i;

	count = roundup_pow_of_two(min_t(unsigned int, count, NTS_SHARDS_MAX));
	nts_shard_mask = count - 1;
	for (i = 0; i < NTS_SHARDS_MAX; i++)
		nts_shard_init(&nts_shards[i]);
	nts_wake_init();
}

/**
 * nts_dispatcher_sync() - let signals in progress come to their end
 *
 * A thread that finds a timer signaled by looking may be ahead of the rest of
 * that expiry, which queues the DPC before it drops the shard lock. Every shard
 * lock was free once between call and return, so that has happened then.
 *
 * Context: any but NMI, no lock of ours held. Takes the shard locks one after
 * the other.
 */
void nts_dispatcher_sync(void)
{
	unsigned long flags;
	unsigned int i;

	for (i = 0; i <= nts_shard_mask; i++) {
		raw_spin_lock_irqsave(&nts_shards[i].lock, flags);
		raw_spin_unlock_irqrestore(&nts_shards[i].lock, flags);
	}
}

/**
 * nts_header_init() - make memory an object without waiters
 * @header: memory of any content
 * @type: type code
 * @signal_state: initial state; > 0 is signaled
 *
 * Context: any.
 */
void nts_header_init(struct nts_header *header, u8 type, s32 signal_state)
{
	*header = (struct nts_header){
		.type = type,
		.signal_state = signal_state,
		.magic = NTS_HEADER_MAGIC,
	};
	INIT_LIST_HEAD(&header->wait_list);
}
NTS_EXPORT_INTERNAL(nts_header_init);

/*
 * Whether a thread's wait has been decided, but the thread has not run yet to
 * take its blocks off: some of its objects may be gone by now, and this one may
 * go once its signal is seen. An asynchronous wait that has timed out looks at
 * its objects once more, which are its owner's.
 */
static bool is_over(const struct nts_wait *wait)
{
	return atomic_read(&wait->state) != NTS_WAIT_PENDING && wait->task;
}

static noinline void drop_if_over(struct nts_wait_block *block)
{
	if (is_over(block->wait))
		nts_wait_unlink(block);
}

/**
 * nts_signal_forget_over() - take waits off an object that are over
 * @sig: action begun for @object
 * @object: what may be gone after the action
 *
 * Their threads will not look at @object any more. What is left waits for it.
 *
 * Context: @sig holds the shard lock; nts_all_lock too if a wait-all refers to
 * @object.
 */
void nts_signal_forget_over(struct nts_signaller *sig,
			    struct nts_header *object)
{
	struct nts_wait_block *block, *next;

	lockdep_assert_held(&sig->shard->lock);
	list_for_each_entry_safe(block, next, &object->wait_list, entry)
		drop_if_over(block);
}

/**
 * nts_header_has_waiters() - whether memory is an object that is waited for
 * @header: memory of any content
 *
 * For init routines: such an object must not be made anew, its waiters would be
 * lost (W-HDR-07). A list that merely looks non-empty, such as a copied
 * object's, does not lead back to its head.
 *
 * Context: any but NMI. Takes the shard lock if it looks as if there were some.
 * Return: true if waits were blocked on it at some instant of the call.
 */
bool nts_header_has_waiters(struct nts_header *header)
{
	struct list_head *first, *back;
	struct nts_signaller sig;
	bool waited;

	if (likely(header->magic != NTS_HEADER_MAGIC))
		return false;
	first = READ_ONCE(header->wait_list.next);
	if (first == &header->wait_list ||
	    !nts_peek(&back, &first->prev, sizeof(back)) ||
	    back != &header->wait_list)
		return false;
	nts_signal_lock(&sig, nts_shard_of(header), header);
	nts_signal_forget_over(&sig, header);
	waited = !list_empty(&header->wait_list);
	nts_signal_unlock(&sig);
	return waited;
}

/**
 * nts_signal_upgrade() - take nts_all_lock for a signal a wait-all waits for
 * @sig: action in progress that does not hold it yet
 *
 * The order is nts_all_lock before any shard, so the shard is let go in
 * between: the caller has looked at nothing yet, or looks again.
 *
 * Context: as nts_signal_lock(), the shard lock is held.
 */
void nts_signal_upgrade(struct nts_signaller *sig)
{
	raw_spin_unlock_irqrestore(&sig->shard->lock, sig->flags);
	raw_spin_lock_irqsave(&nts_all_lock, sig->flags);
	raw_spin_lock_nest_lock(&sig->shard->lock, &nts_all_lock);
	sig->holds_all = true;
	/* sparse cannot follow a lock that is held under a condition. */
	__release(&nts_all_lock);
}

static __always_inline bool claim(struct nts_signaller *sig,
				  struct nts_wait *wait, s32 status)
{
	if (atomic_cmpxchg(&wait->state, NTS_WAIT_PENDING, NTS_WAIT_CLAIMED) !=
	    NTS_WAIT_PENDING)
		return false;

	/*
	 * A waiter that finds itself claimed sleeps until it is released: do
	 * not let the scheduler in between. nts_wake() ends this.
	 */
	if (!sig->wakes.first)
		preempt_disable();
	wait->status = status;
	wait->next = NULL;
	nts_wake_list_append(&sig->wakes, wait, wait);
	return true;
}

/**
 * nts_signal_claim() - win a wait for a signalling action
 * @sig: action in progress
 * @wait: a wait that may be pending
 * @status: its result
 *
 * A wait that was won is let go by nts_signal_unlock().
 *
 * Context: the shard lock of an object or timeout of @wait is held.
 * Return: false if the wait has been decided otherwise; nothing was changed.
 */
bool nts_signal_claim(struct nts_signaller *sig, struct nts_wait *wait,
		      s32 status)
{
	return claim(sig, wait, status);
}

/**
 * nts_lock_shards_of() - lock the shards of all objects of a wait
 * @wait: record with its blocks filled in
 * @held: shards that are locked already, one bit per index
 *
 * Context: nts_all_lock is held, interrupts are off.
 * Return: the shards locked by this call, for nts_unlock_shards().
 */
u64 nts_lock_shards_of(const struct nts_wait *wait, u64 held)
{
	struct nts_shard *shard;
	u64 locked = 0, bit;
	unsigned int i;

	lockdep_assert_held(&nts_all_lock);
	for (i = 0; i < wait->count; i++) {
		shard = nts_shard_of(wait->blocks[i].object);
		bit = BIT_ULL(shard - nts_shards);
		if ((held | locked) & bit)
			continue;
		raw_spin_lock_nest_lock(&shard->lock, &nts_all_lock);
		__release(&shard->lock); /* sparse cannot count a set */
		locked |= bit;
	}
	return locked;
}

/**
 * nts_unlock_shards() - undo nts_lock_shards_of()
 * @shards: its result
 *
 * Context: as nts_lock_shards_of().
 */
void nts_unlock_shards(u64 shards)
{
	struct nts_shard *shard;

	for (; shards; shards &= shards - 1) {
		shard = &nts_shards[__ffs64(shards)];
		__acquire(&shard->lock); /* see nts_lock_shards_of() */
		raw_spin_unlock(&shard->lock);
	}
}

/*
 * Satisfy a wait-all in one step or not at all (W-MUL-06): @object counts with
 * @state, which it is about to have, and is left to the caller.
 */
static noinline bool satisfy_all(struct nts_signaller *sig,
				 struct nts_wait *wait,
				 struct nts_header *object, s32 state)
{
	struct nts_wait_block *block, *end = wait->blocks + wait->count;
	bool won = false;
	u64 locked;

	/* Of one that is over, the other objects may be gone. */
	if (atomic_read(&wait->state) != NTS_WAIT_PENDING)
		return false;
	locked = nts_lock_shards_of(wait, BIT_ULL(sig->shard - nts_shards));
	for (block = wait->blocks; block < end; block++)
		if (!nts_wait_block_is_ready(block,
					     block->object == object ?
						     state :
						     block->object
							     ->signal_state))
			goto out;
	won = claim(sig, wait, NTS_STATUS_SUCCESS);
	for (block = wait->blocks; won && block < end; block++)
		if (block->object != object)
			wait->status |= nts_wait_block_take(block);
out:
	nts_unlock_shards(locked);
	return won;
}

/**
 * nts_signal_walk() - nts_signal_satisfy() for when somebody waits, or watches
 * @sig: action in progress
 * @object: object of the locked shard
 * @state: the state it would have without waiters
 *
 * Context: the shard lock is held; nts_all_lock too if a wait-all refers to
 * @object.
 * Return: what is left of @state.
 */
s32 nts_signal_walk(struct nts_signaller *sig, struct nts_header *object,
		    s32 state)
{
	struct nts_wait_block *block, *next;
	unsigned int released = 0;
	struct nts_wait *wait;
	bool won;

	lockdep_assert_held(&sig->shard->lock);
	list_for_each_entry_safe(block, next, &object->wait_list, entry) {
		if (state <= 0)
			break;
		wait = block->wait;
		if (wait->all)
			won = satisfy_all(sig, wait, object, state);
		else
			won = claim(sig, wait, block->index);
		if (unlikely(!won)) {
			drop_if_over(block);
			continue;
		}
		nts_wait_unlink(block);
		if (object->type == NT_LAYOUT_TYPE_MUTANT)
			wait->status |=
				nts_mutant_acquire(nts_mutant_of(object), wait);
		state = nts_state_after_wait(object, state, block->times);
		trace_nts_wait_satisfy(object, object->type, state);
		released++;
	}
	trace_nts_signal(object, object->type, object->signal_state, released);
	return state;
}

/**
 * nts_signal_set_waited() - nts_signal_set() for when somebody waits, or watches
 * @object: an event or a thread
 *
 * Context: as nts_signal_lock(). The object may be gone on return.
 * Return: the previous signal state.
 */
s32 nts_signal_set_waited(struct nts_header *object)
{
	struct nts_signaller sig __uninitialized;
	s32 previous;

	nts_signal_lock(&sig, nts_shard_of(object), object);
	previous = object->signal_state;
	if (previous <= 0)
		nts_signal_store(object, nts_signal_satisfy(&sig, object, 1));
	else
		trace_nts_signal(object, object->type, previous, 0);
	nts_signal_unlock(&sig);
	return previous;
}
