// SPDX-License-Identifier: GPL-2.0
/*
 * Wait records: what both front ends share. A wait is tried once over all its
 * objects, and what could not be satisfied is linked to their lists.
 */

#include "compat.h"

#include <linux/bitmap.h>
#include <linux/hash.h>
#include <linux/limits.h>

#include "dispatcher.h"
#include "mutant.h"
#include "status.h"
#include "timer.h"
#include "wait.h"

/* Whether @objects[@index] stands among those before it. */
static bool is_repeated(struct nts_header *const *objects, unsigned int index)
{
	unsigned int i;

	for (i = 0; i < index; i++)
		if (objects[i] == objects[index])
			return true;
	return false;
}

/**
 * nts_wait_has_duplicates() - whether an object is named more than once
 * @objects: the objects
 * @count: at most NT_LAYOUT_MAXIMUM_WAIT_OBJECTS
 *
 * Looks closer only where hashes collide.
 *
 * Context: any.
 * Return: true if there are duplicates.
 */
bool nts_wait_has_duplicates(struct nts_header *const *objects,
			     unsigned int count)
{
	DECLARE_BITMAP(seen, 256) = { 0 };
	unsigned int i;

	for (i = 0; i < count; i++)
		if (__test_and_set_bit(hash_ptr(objects[i], 8), seen) &&
		    is_repeated(objects, i))
			return true;
	return false;
}

static struct nts_wait_block *find_block(const struct nts_wait *wait,
					 const struct nts_header *object)
{
	unsigned int i;

	for (i = 0; i < wait->count; i++)
		if (wait->blocks[i].object == object)
			return &wait->blocks[i];
	return NULL;
}

/**
 * nts_wait_merge_duplicates() - keep one block for each object of a wait-all
 * @wait: initialised wait-all, nothing linked
 *
 * Of a semaphore as much is taken as it was named, of others once (W-MUL-09).
 *
 * Context: any.
 */
void nts_wait_merge_duplicates(struct nts_wait *wait)
{
	unsigned int i, count = wait->count;
	struct nts_wait_block *block;

	wait->count = 0;
	for (i = 0; i < count; i++) {
		block = find_block(wait, wait->blocks[i].object);
		if (!block)
			wait->blocks[wait->count++] = wait->blocks[i];
		else if (block->object->type == NT_LAYOUT_TYPE_SEMAPHORE)
			block->times++;
	}
}

static bool move_state(struct nts_wait *wait, enum nts_wait_state from,
		       enum nts_wait_state to)
{
	return atomic_cmpxchg(&wait->state, from, to) == from;
}

/**
 * nts_wait_settle() - end a wait that is pending for a reason of its own
 * @wait: the record
 * @to: the final state
 *
 * Context: any.
 * Return: false if the wait has been decided otherwise.
 */
bool nts_wait_settle(struct nts_wait *wait, enum nts_wait_state to)
{
	return move_state(wait, NTS_WAIT_PENDING, to);
}

static void unlink_any(struct nts_wait_block *block)
{
	struct nts_shard *shard = nts_shard_of(block->object);
	unsigned long flags;

	raw_spin_lock_irqsave(&shard->lock, flags);
	if (nts_wait_block_is_linked(block))
		nts_wait_unlink(block);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
}

static void unlink_all(struct nts_wait_block *block)
{
	struct nts_shard *shard = nts_shard_of(block->object);
	unsigned long flags;

	raw_spin_lock_irqsave(&nts_all_lock, flags);
	raw_spin_lock_nest_lock(&shard->lock, &nts_all_lock);
	if (nts_wait_block_is_linked(block))
		nts_wait_unlink(block);
	raw_spin_unlock(&shard->lock);
	raw_spin_unlock_irqrestore(&nts_all_lock, flags);
}

/**
 * nts_wait_unlink_blocks() - unlink what nobody else has
 * @wait: record whose state has left PENDING for good, and which is linked where
 *	it will be
 *
 * A signaller that finds one of its blocks may be ahead (nts_signal_walk()). Of
 * an object whose block is off the list only the address is used.
 *
 * Context: any but NMI. Takes shard locks, for a wait-all nts_all_lock too.
 */
void nts_wait_unlink_blocks(struct nts_wait *wait)
{
	unsigned int i;

	for (i = 0; i < wait->count; i++) {
		if (!nts_wait_block_is_linked(&wait->blocks[i]))
			continue;
		if (wait->all)
			unlink_all(&wait->blocks[i]);
		else
			unlink_any(&wait->blocks[i]);
	}
}

/* One more acquisition and the count would wrap (W-MTX-03). */
static bool is_at_limit(const struct nts_header *object)
{
	return unlikely(object->type == NT_LAYOUT_TYPE_MUTANT) &&
	       object->signal_state == S32_MIN;
}

/* The effect of a wait-any on the object that satisfies it; its status. */
static s32 take(const struct nts_wait_block *block)
{
	if (is_at_limit(block->object))
		return NTS_STATUS_MUTANT_LIMIT_EXCEEDED;
	return block->index | nts_wait_block_take(block);
}

/**
 * nts_wait_try_block() - nts_wait_try() for one object of a wait-any
 * @block: filled in, not linked; no other of its wait is, or @look_only
 * @from: as there
 * @look_only: as there
 *
 * Context: any but NMI. Takes the shard lock.
 * Return: whether the wait is satisfied.
 */
bool nts_wait_try_block(struct nts_wait_block *block, enum nts_wait_state from,
			bool look_only)
{
	struct nts_shard *shard = nts_shard_of(block->object);
	struct nts_wait *wait = block->wait;
	unsigned long flags;
	bool over = false;

	raw_spin_lock_irqsave(&shard->lock, flags);
	if (nts_wait_block_is_ready(block, block->object->signal_state)) {
		over = true;
		if (move_state(wait, from, NTS_WAIT_RELEASED))
			wait->status = take(block);
	} else if (!look_only) {
		nts_wait_link(block, shard);
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return over;
}

/**
 * nts_wait_link_next() - link a pending wait-any that is linked to one object
 *	more
 * @block: filled in, not linked, unlike others of its wait
 *
 * Of a wait that one of the others has satisfied meanwhile this object is no
 * part any more, and may be gone. Whoever claims a wait takes the locks of all
 * its objects afterwards (nts_wait_leave_objects()), so what is too early to be
 * seen here is unlinked there.
 *
 * Context: any but NMI. Takes the shard lock.
 * Return: NTS_LINK_DONE; NTS_LINK_SIGNALED: the object could satisfy the wait;
 * NTS_LINK_OVER: the wait is satisfied. The last two have linked nothing.
 * Test: ntshim_wait_over:object_of_a_satisfied_wait_is_left_alone
 */
enum nts_link nts_wait_link_next(struct nts_wait_block *block)
{
	struct nts_shard *shard = nts_shard_of(block->object);
	enum nts_link link = NTS_LINK_DONE;
	unsigned long flags;

	raw_spin_lock_irqsave(&shard->lock, flags);
	if (unlikely(atomic_read(&block->wait->state) != NTS_WAIT_PENDING))
		link = NTS_LINK_OVER;
	else if (nts_wait_block_is_ready(block, block->object->signal_state))
		link = NTS_LINK_SIGNALED;
	else
		nts_wait_link(block, shard);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return link;
}
NTS_EXPORT_INTERNAL(nts_wait_link_next);

/* Of all objects, and take the first that is signaled. */
static bool look_at_any(struct nts_wait *wait, enum nts_wait_state from)
{
	unsigned int i;

	for (i = 0; i < wait->count; i++)
		if (nts_wait_try_block(&wait->blocks[i], from, true))
			return true;
	return false;
}

/* Begin anew. False: one of the objects has satisfied the wait. */
static bool withdraw(struct nts_wait *wait)
{
	if (!move_state(wait, NTS_WAIT_PENDING, NTS_WAIT_CLAIMED))
		return false;
	nts_wait_unlink_blocks(wait);
	atomic_set(&wait->state, NTS_WAIT_PENDING);
	return true;
}

/*
 * Link a wait-any to its objects. True: it is linked to all, or satisfied. False:
 * one is signaled, and none is linked any more: who sees that this wait has taken
 * one signal may free the other objects, so there must be no trace of it there.
 */
static bool link_any(struct nts_wait *wait)
{
	unsigned int i;

	if (nts_wait_try_block(wait->blocks, NTS_WAIT_PENDING, false))
		return true;
	for (i = 1; i < wait->count; i++) {
		switch (nts_wait_link_next(&wait->blocks[i])) {
		case NTS_LINK_DONE:
			break;
		case NTS_LINK_SIGNALED:
			return !withdraw(wait);
		case NTS_LINK_OVER:
			return true;
		}
	}
	return true;
}

static void try_any(struct nts_wait *wait, enum nts_wait_state from,
		    bool look_only)
{
	if (look_only || !wait->count) {
		look_at_any(wait, from);
		return;
	}
	/* Others may take a signal between the two; then it is as before. */
	while (!link_any(wait) && !look_at_any(wait, from))
		;
}

/* The effect of a wait-all on its objects; its status. */
static s32 take_all(const struct nts_wait *wait)
{
	s32 status = NTS_STATUS_SUCCESS;
	unsigned int i;

	for (i = 0; i < wait->count; i++)
		status |= nts_wait_block_take(&wait->blocks[i]);
	return status;
}

static bool all_are_ready(const struct nts_wait *wait)
{
	const struct nts_wait_block *block;

	for (block = wait->blocks; block < wait->blocks + wait->count; block++)
		if (!nts_wait_block_is_ready(block,
					     block->object->signal_state))
			return false;
	return true;
}

/*
 * Whether the waiter owns a mutant that it can acquire no more: nothing that
 * the others do while it waits changes that.
 */
static bool is_past_limit(const struct nts_wait *wait)
{
	const struct nts_wait_block *block;

	for (block = wait->blocks; block < wait->blocks + wait->count; block++)
		if (is_at_limit(block->object) &&
		    nts_mutant_is_own(block->object, wait->owner))
			return true;
	return false;
}

/* A wait-all takes everything, or links everywhere, in one step (W-MUL-06). */
static void try_all(struct nts_wait *wait, bool look_only)
{
	unsigned long flags;
	unsigned int i;
	u64 locked;

	raw_spin_lock_irqsave(&nts_all_lock, flags);
	locked = nts_lock_shards_of(wait, 0);
	if (is_past_limit(wait)) {
		wait->status = NTS_STATUS_MUTANT_LIMIT_EXCEEDED;
		atomic_set(&wait->state, NTS_WAIT_RELEASED);
	} else if (all_are_ready(wait)) {
		wait->status = take_all(wait);
		atomic_set(&wait->state, NTS_WAIT_RELEASED);
	} else if (!look_only) {
		for (i = 0; i < wait->count; i++)
			nts_wait_link(&wait->blocks[i],
				      nts_shard_of(wait->blocks[i].object));
	}
	nts_unlock_shards(locked);
	raw_spin_unlock_irqrestore(&nts_all_lock, flags);
}

/**
 * nts_wait_try() - satisfy a wait from objects that are signaled, or link it
 * @wait: initialised record
 * @from: its state: PENDING, and no block is linked; or CLAIMED by the caller,
 *	with @look_only
 * @look_only: do not link
 *
 * On return the state is RELEASED and nts_wait.status set, or it is unchanged,
 * or, if blocks were linked, it may be CLAIMED by a signaller.
 *
 * Context: any but NMI. Takes shard locks, for a wait-all nts_all_lock too.
 */
void nts_wait_try(struct nts_wait *wait, enum nts_wait_state from,
		  bool look_only)
{
	if (wait->all)
		try_all(wait, look_only);
	else
		try_any(wait, from, look_only);
}
NTS_EXPORT_INTERNAL(nts_wait_try);

/**
 * nts_wait_leave_objects() - a claimed wait has nothing to do with them any more
 * @wait: record that the caller has claimed for a signal
 *
 * Its thread may still be about to link it to more objects: a block that is not
 * linked when its shard has been locked here never will be. A wait-all links
 * everywhere in one step.
 *
 * Context: as nts_wait_unlink_blocks().
 */
void nts_wait_leave_objects(struct nts_wait *wait)
{
	unsigned int i;

	if (wait->all) {
		nts_wait_unlink_blocks(wait);
		return;
	}
	for (i = 0; i < wait->count; i++)
		unlink_any(&wait->blocks[i]);
}

/**
 * nts_wait_expire_timers() - let what is due among a wait's objects expire
 * @wait: record whose time limit has passed
 *
 * A timer that was due by then comes first, whichever event is handled first
 * (W-TMO-07). Others may satisfy the wait meanwhile, and free what it was for.
 *
 * Context: IRQL <= DISPATCH_LEVEL. Takes shard locks.
 */
void nts_wait_expire_timers(const struct nts_wait *wait)
{
	const struct nts_wait_block *block;

	for (block = wait->blocks; block < wait->blocks + wait->count; block++)
		if (nts_timer_is_type(block->type))
			nts_timer_look_for(block);
}
