// SPDX-License-Identifier: GPL-2.0
/*
 * The queue of DPCs of one processor: insertion, removal, taking off, flush
 * markers. Decides when a queue must be drained, but leaves the doing to dpc.c.
 *
 * A KDPC is free (queue is NULL) or in exactly one queue. Both changes are made
 * under the lock of that queue:
 *
 *   free -> queued   by compare and swap, since two inserters may have chosen
 *                    two different queues
 *   queued -> free   by the drain, before the routine is called, or by a remove
 *
 * From the second change on the KDPC is the driver's again.
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/lockdep.h>
#include <linux/math64.h>
#include <linux/random.h>
#include <linux/string.h>

#include "dpc_queue.h"

/* Makes cookies differ from one load to the next; never changes while loaded. */
static u32 cookie_secret __ro_after_init;

/* Odd, so never 0, which stands for "not queued". */
static u32 dpc_cookie(const struct nts_dpc *dpc)
{
	return (hash_64((unsigned long)dpc, 32) ^ cookie_secret) | 1;
}

/**
 * nts_dpcq_start() - choose the secret of this load
 *
 * Context: module init.
 */
void __init nts_dpcq_start(void)
{
	cookie_secret = get_random_u32();
}

/**
 * nts_dpc_init() - make memory a DPC
 * @dpc: storage of any content
 * @type: any; drivers have NTS_DPC_ORDINARY and NTS_DPC_THREADED
 * @routine: what to call; NULL is accepted and reported when it is due (DP-004)
 * @context: handed to @routine, not interpreted
 *
 * The old content counts only if it is a DPC that is queued right now: such a
 * DPC stays as it is (DP-006).
 *
 * Context: any.
 * Return: true; false if @dpc is queued, with nothing changed.
 * Source: nf-wdm-keinitializedpc; DP-003.
 * Test: ntshim_dpc:init_ignores_old_content
 */
bool nts_dpc_init(struct nts_dpc *dpc, enum nts_dpc_type type,
		  nts_dpc_fn routine, void *context)
{
	if (READ_ONCE(dpc->cookie) == dpc_cookie(dpc))
		return false;

	dpc->type = type;
	dpc->importance = NTS_DPC_MEDIUM;
	dpc->target = 0;
	dpc->cookie = 0;
	dpc->routine = routine;
	dpc->context = context;
	dpc->queue = NULL;
	return true;
}
NTS_EXPORT_INTERNAL(nts_dpc_init);

/**
 * nts_dpcq_init() - an empty queue
 * @queue: memory of any content
 * @cpu: processor it will belong to
 * @threaded: served by a thread
 *
 * Context: any.
 */
void nts_dpcq_init(struct nts_dpcq *queue, unsigned int cpu, bool threaded)
{
	memset(queue, 0, sizeof(*queue));
	raw_spin_lock_init(&queue->lock);
	INIT_LIST_HEAD(&queue->list);
	queue->marker_end = &queue->list;
	queue->cpu = cpu;
	queue->threaded = threaded;
	nts_dpc_init(&queue->marker, NTS_DPC_MARKER, NULL, queue);
}
NTS_EXPORT_INTERNAL(nts_dpcq_init);

/* Count this insertion into its clock tick. */
static void count_rate(struct nts_dpcq *queue, u64 now_ns, u64 tick_ns)
{
	if (now_ns >= queue->tick_end_ns) {
		queue->last_inserts = now_ns < queue->tick_end_ns + tick_ns ?
					      queue->tick_inserts :
					      0;
		queue->tick_inserts = 0;
		queue->tick_end_ns = (div64_u64(now_ns, tick_ns) + 1) * tick_ns;
	}
	queue->tick_inserts++;
}

/* DP-031 to DP-037: must the queue be drained for this DPC at once? */
static bool must_drain(const struct nts_dpcq *queue, u8 importance, bool remote,
		       const struct nts_dpc_limits *limits)
{
	if (queue->threaded || limits->eager || queue->depth >= limits->depth)
		return true;
	if (remote)
		return importance == NTS_DPC_HIGH ||
		       importance == NTS_DPC_MEDIUM_HIGH;
	if (importance != NTS_DPC_LOW)
		return true;
	/* Average of this tick and the last one, without the division. */
	return queue->tick_inserts + queue->last_inserts < 2 * limits->min_rate;
}

static enum nts_dpc_verdict verdict_of(struct nts_dpcq *queue, u8 importance,
				       bool remote,
				       const struct nts_dpc_limits *limits)
{
	/* Pairs with the barrier of the drain's last look. */
	smp_mb();
	if (READ_ONCE(queue->draining))
		return NTS_DPC_QUEUED;
	if (must_drain(queue, importance, remote, limits))
		return NTS_DPC_DRAIN;
	if (queue->deadline_set)
		return NTS_DPC_QUEUED;
	queue->deadline_set = true;
	return NTS_DPC_DEFERRED;
}

/**
 * nts_dpcq_insert() - queue a DPC unless it is queued anywhere
 * @queue: where to; locked
 * @dpc: initialised DPC
 * @arg1: stored for the routine if queued
 * @arg2: stored for the routine if queued
 * @origin: when and from where
 * @limits: what may be deferred
 *
 * Context: any but NMI; @queue->lock held, interrupts off.
 * Return: see enum nts_dpc_verdict.
 * Source: nf-wdm-keinsertqueuedpc; DP-010, DP-030.
 * Test: ntshim_dpc_queue:importance_decides_the_order
 */
enum nts_dpc_verdict nts_dpcq_insert(struct nts_dpcq *queue,
				     struct nts_dpc *dpc, void *arg1,
				     void *arg2,
				     const struct nts_dpc_origin *origin,
				     const struct nts_dpc_limits *limits)
{
	u8 importance = READ_ONCE(dpc->importance);

	lockdep_assert_held(&queue->lock);
	if (unlikely(origin->remote && !queue->online))
		return NTS_DPC_GONE;
	if (cmpxchg(&dpc->queue, NULL, queue))
		return NTS_DPC_REFUSED;

	dpc->arg1 = arg1;
	dpc->arg2 = arg2;
	WRITE_ONCE(dpc->cookie, dpc_cookie(dpc));
	if (importance == NTS_DPC_HIGH)
		list_add(&dpc->link, queue->marker_end);
	else
		list_add_tail(&dpc->link, &queue->list);
	queue->depth++;
	count_rate(queue, origin->now_ns, limits->tick_ns);
	return verdict_of(queue, importance, origin->remote, limits);
}
NTS_EXPORT_INTERNAL(nts_dpcq_insert);

/* The last access to @dpc: after it the driver may free it at once. */
static void release_locked(struct nts_dpc *dpc)
{
	WRITE_ONCE(dpc->cookie, 0);
	/* Pairs with the compare and swap of the next insertion. */
	smp_store_release(&dpc->queue, NULL);
}

/**
 * nts_dpcq_unlink() - take a DPC off, whatever its place
 * @queue: where it is queued; locked
 * @dpc: no marker; the driver's again afterwards
 *
 * Context: any but NMI; @queue->lock held, interrupts off.
 */
void nts_dpcq_unlink(struct nts_dpcq *queue, struct nts_dpc *dpc)
{
	lockdep_assert_held(&queue->lock);
	__list_del_entry(&dpc->link);
	queue->depth--;
	release_locked(dpc);
}

static bool is_queue(const struct nts_dpcq *queue)
{
	unsigned int cpu;

	for_each_possible_cpu(cpu)
		if (queue == nts_dpcq_of(cpu, false) ||
		    queue == nts_dpcq_of(cpu, true))
			return true;
	return false;
}

/*
 * Whether another processor may be about to write the cookie of @dpc, so that an
 * insertion would be refused already. Without a cookie the queue pointer may be
 * anything, so it is compared before it is followed.
 */
static bool being_queued(const struct nts_dpc *dpc)
{
	const struct nts_dpcq *queue = READ_ONCE(dpc->queue);

	return unlikely(queue) && is_queue(queue);
}

/**
 * nts_dpc_remove() - take a DPC back before its routine starts
 * @dpc: initialised DPC
 *
 * Context: any IRQL, any Linux context but NMI. Takes a queue lock. Does not
 * wait for a running routine.
 * Return: true if it was queued: the routine will not start for that insertion
 * and @dpc may be freed; false if it was not queued.
 * Source: nf-wdm-keremovequeuedpc; DP-050, DP-051.
 * Test: ntshim_dpc:remove_before_start_prevents_the_run,
 * ntshim_dpc_run:dpc_that_is_being_queued_can_be_removed
 */
bool nts_dpc_remove(struct nts_dpc *dpc)
{
	struct nts_dpcq *queue;
	unsigned long flags;
	bool queued;

	if (READ_ONCE(dpc->cookie) != dpc_cookie(dpc) && !being_queued(dpc))
		return false;

	/* It may be dequeued or move between the look and the lock. */
	while ((queue = READ_ONCE(dpc->queue))) {
		raw_spin_lock_irqsave(&queue->lock, flags);
		/* An insertion into another queue may be changing it. */
		if (READ_ONCE(dpc->queue) == queue) {
			/* Other memory may hold the address of a queue too. */
			queued = dpc->cookie == dpc_cookie(dpc);
			if (queued)
				nts_dpcq_unlink(queue, dpc);
			raw_spin_unlock_irqrestore(&queue->lock, flags);
			return queued;
		}
		raw_spin_unlock_irqrestore(&queue->lock, flags);
	}
	return false;
}
NTS_EXPORT_INTERNAL(nts_dpc_remove);

/* Serve @flush with a marker at the tail of its own queue, or at once. */
static void flush_request_locked(struct nts_dpcq *queue, u64 flush)
{
	lockdep_assert_held(&queue->lock);
	if (queue->flush_wanted < flush)
		queue->flush_wanted = flush;
	if (queue->marker.queue)
		return;

	queue->flush_marker = queue->flush_wanted;
	/* Pairs with the release at the end of a run (DP-060). */
	if (list_empty(&queue->list) && !smp_load_acquire(&queue->running)) {
		/* Pairs with the acquire in nts_dpcq_flush_reached(). */
		smp_store_release(&queue->flush_done, queue->flush_marker);
		return;
	}
	queue->marker.queue = queue;
	list_add_tail(&queue->marker.link, &queue->list);
	queue->marker_end = &queue->marker.link;
}

/**
 * nts_dpcq_flush_request() - ask to be told when all that is queued has run
 * @queue: which queue
 * @flush: number of the flush, taken after everything it must cover was queued
 *
 * A marker already in the queue serves @flush if the flush it stands for has a
 * higher number: that number was given out later, so the marker was placed
 * behind all that @flush covers. Otherwise the marker goes round once more.
 *
 * Context: any but NMI. Takes the queue lock.
 */
void nts_dpcq_flush_request(struct nts_dpcq *queue, u64 flush)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&queue->lock, flags);
	flush_request_locked(queue, flush);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}
NTS_EXPORT_INTERNAL(nts_dpcq_flush_request);

/**
 * nts_dpcq_flush_reached() - whether a flush has been served by a queue
 * @queue: which queue
 * @flush: number given to nts_dpcq_flush_request()
 *
 * Context: any.
 * Return: true once every routine queued before the request has returned.
 */
bool nts_dpcq_flush_reached(struct nts_dpcq *queue, u64 flush)
{
	/* Pairs with the release where a flush is served: DP-016. */
	return smp_load_acquire(&queue->flush_done) >= flush;
}
NTS_EXPORT_INTERNAL(nts_dpcq_flush_reached);

/* The marker of @owner is off its list: all that it stands for has run. */
static void marker_reached(struct nts_dpcq *owner)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&owner->lock, flags);
	owner->marker.queue = NULL;
	/* Pairs with the acquire in nts_dpcq_flush_reached(). */
	smp_store_release(&owner->flush_done, owner->flush_marker);
	if (owner->flush_wanted > owner->flush_marker)
		flush_request_locked(owner, owner->flush_wanted);
	raw_spin_unlock_irqrestore(&owner->lock, flags);
}

static void copy_call(struct nts_dpc_call *call, struct nts_dpc *dpc)
{
	*call = (struct nts_dpc_call){
		.dpc = dpc,
		.routine = dpc->routine,
		.context = dpc->context,
		.arg1 = dpc->arg1,
		.arg2 = dpc->arg2,
		.internal = dpc->type == NTS_DPC_INTERNAL,
	};
}

/* Take the first entry off; it has been checked that there is one. */
static enum nts_dpc_taken take_locked(struct nts_dpcq *queue,
				      struct nts_dpc_call *call)
{
	struct nts_dpc *dpc;

	dpc = list_first_entry(&queue->list, struct nts_dpc, link);
	__list_del_entry(&dpc->link);
	copy_call(call, dpc);
	if (dpc->type == NTS_DPC_MARKER) {
		if (queue->marker_end == &dpc->link)
			queue->marker_end = &queue->list;
		return NTS_DPC_TOOK_MARKER;
	}
	queue->depth--;
	WRITE_ONCE(queue->running, true);
	release_locked(dpc);
	return NTS_DPC_TOOK_CALL;
}

/*
 * The run is over and nothing is left, which takes no lock to say: whoever
 * inserts from now on sees that nobody drains, or is seen here.
 */
static bool ends_here(struct nts_dpcq *queue)
{
	if (!list_empty(&queue->list))
		return false;
	/* Pairs with the acquire of a flush: the routine has returned. */
	smp_store_release(&queue->running, false);
	WRITE_ONCE(queue->draining, false);
	/* Pairs with the barrier of an insertion. */
	smp_mb();
	return list_empty(&queue->list);
}

/**
 * nts_dpcq_take() - take the next DPC off a queue
 * @queue: which queue; the caller is the only one that takes from it
 * @call: filled in for NTS_DPC_TOOK_CALL; for NTS_DPC_TOOK_MARKER its context
 *	is the queue that the marker belongs to
 *
 * To be called again when the routine has returned: that ends the run.
 *
 * Context: any but NMI. Takes queue locks, one at a time.
 * Return: see enum nts_dpc_taken. After NTS_DPC_TOOK_NONE an insertion asks for
 * a drain again.
 * Source: DP-012, DP-013.
 * Test: ntshim_dpc:routine_may_free_its_dpc
 */
enum nts_dpc_taken nts_dpcq_take(struct nts_dpcq *queue,
				 struct nts_dpc_call *call)
{
	enum nts_dpc_taken taken = NTS_DPC_TOOK_NONE;
	unsigned long flags;

	if (ends_here(queue))
		return NTS_DPC_TOOK_NONE;
	raw_spin_lock_irqsave(&queue->lock, flags);
	WRITE_ONCE(queue->running, false);
	WRITE_ONCE(queue->draining, !list_empty(&queue->list));
	if (queue->draining)
		taken = take_locked(queue, call);
	raw_spin_unlock_irqrestore(&queue->lock, flags);

	if (taken == NTS_DPC_TOOK_MARKER)
		marker_reached(call->context);
	else
		/* Pairs with the barrier before a refusing look (DP-016). */
		smp_mb();
	return taken;
}
NTS_EXPORT_INTERNAL(nts_dpcq_take);

/**
 * nts_dpcq_pause() - end a drain that has something left
 * @queue: which queue; the caller is the one that takes from it
 *
 * For a drain that cannot go on and will not be told when it can. What is left
 * stays queued; an insertion asks for a drain again.
 *
 * Context: any but NMI, after the last routine has returned. Takes the queue
 * lock.
 * Test: ntshim_dpc_queue:insertion_after_a_pause_asks_for_a_drain
 */
void nts_dpcq_pause(struct nts_dpcq *queue)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&queue->lock, flags);
	/* Pairs with the acquire of a flush, as at the end of a drain. */
	smp_store_release(&queue->running, false);
	WRITE_ONCE(queue->draining, false);
	raw_spin_unlock_irqrestore(&queue->lock, flags);
}
NTS_EXPORT_INTERNAL(nts_dpcq_pause);

/**
 * nts_dpcq_splice() - hand a queue's content on, in order
 * @dead: queue of a processor that is gone; empty and not online afterwards
 * @heir: queue of the same kind that goes on with it
 *
 * Markers move too: what they stand for runs in @heir from now on.
 *
 * Context: process. Takes both queue locks.
 * Source: DP-026.
 * Test: ntshim_dpc_queue:splice_keeps_order_and_markers
 */
void nts_dpcq_splice(struct nts_dpcq *dead, struct nts_dpcq *heir)
{
	struct nts_dpc *dpc;
	unsigned long flags;

	raw_spin_lock_irqsave(&dead->lock, flags);
	raw_spin_lock_nested(&heir->lock, SINGLE_DEPTH_NESTING);
	list_for_each_entry(dpc, &dead->list, link)
		WRITE_ONCE(dpc->queue, heir);
	if (dead->marker_end != &dead->list)
		heir->marker_end = dead->marker_end;
	list_splice_tail_init(&dead->list, &heir->list);
	heir->depth += dead->depth;
	dead->depth = 0;
	dead->marker_end = &dead->list;
	dead->online = false;
	dead->draining = false;
	dead->running = false;
	raw_spin_unlock(&heir->lock);
	raw_spin_unlock_irqrestore(&dead->lock, flags);
}
NTS_EXPORT_INTERNAL(nts_dpcq_splice);
