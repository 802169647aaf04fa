// SPDX-License-Identifier: GPL-2.0
/*
 * What is known of expiries: statistics, the ring of records, and whether the
 * file is readable. All of it is learned from the DPCs.
 */

#include "../compat.h"

#include <linux/errno.h>
#include <linux/lockdep.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/poll.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>
#include <linux/vmalloc.h>

#include "../clock.h"
#include "../dispatcher.h"
#include "../systimer.h"
#include "../timer.h"
#include "dev.h"

static bool is_timer(const struct nts_dev_object *object)
{
	return object->kind == NTSHIM_TIMER || object->kind == NTSHIM_EX_TIMER;
}

/* An EX timer says itself which shard it is in. */
static struct nts_shard *shard_of(struct nts_dev_object *object)
{
	struct nts_systimer *ex = object->core.ex_timer;

	return ex ? ex->shard : nts_shard_of(object->core.object);
}

/* Changes when, and only when, somebody sets the wall clock, or in a sleep. */
static u64 wall_clock_offset_ns(void)
{
	struct nts_now now = nts_clock_read();

	return now.real_ns - now.mono_ns;
}

/*
 * When a timer expires next. With @or_last a timer that is not armed any more
 * says when it was due.
 */
static struct nts_dev_due due_of(struct nts_dev_object *object, bool or_last)
{
	struct nts_timer *timer =
		container_of(nts_dev_header(object), struct nts_timer, header);
	struct nts_shard *shard = shard_of(object);
	struct nts_dev_due due = { .offset_ns = wall_clock_offset_ns() };
	unsigned long flags;

	raw_spin_lock_irqsave(&shard->lock, flags);
	if (timer->header.inserted || or_last) {
		due.mono_ns = timer->due_ns;
		due.absolute = timer->clock == NTS_CLOCK_REAL &&
			       timer->due_ns != NTS_NEVER_NS;
		if (due.absolute)
			due.mono_ns -= due.offset_ns;
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return due;
}

/**
 * nts_dev_note_set() - a timer was set, or a DPC inserted
 * @object: the timer or DPC
 * @relative: for a relative due time: nothing but an expiry can have followed,
 *	so it is known even if it has passed. An absolute one that has passed at
 *	the set was due at no time that could be late
 *
 * Where that expiry of a periodic timer has come already, its due time has become
 * the next one: the run, before that, is due at no known time either.
 *
 * Context: process. The caller has held @object->lock since before the set, so
 * the run of its DPC comes to note_run() later.
 */
void nts_dev_note_set(struct nts_dev_object *object, bool relative)
{
	lockdep_assert_held(&object->lock);
	object->stats.sets++;
	if (!is_timer(object))
		return;
	atomic64_inc(&object->world->totals.sets);
	object->stats.next_due = due_of(object, relative);
}

/**
 * nts_dev_note_cancel() - a timer was cancelled, or a DPC removed
 * @object: the timer or DPC
 * @was_active: whether it was armed or queued
 *
 * Context: process. The caller has held @object->lock since before the cancel.
 */
void nts_dev_note_cancel(struct nts_dev_object *object, bool was_active)
{
	lockdep_assert_held(&object->lock);
	if (!was_active)
		return;
	object->stats.cancels++;
	if (!is_timer(object))
		return;
	atomic64_inc(&object->world->totals.cancels);
	object->stats.next_due = (struct nts_dev_due){ 0 };
}

/**
 * nts_dev_query() - what is known of an object
 * @object: the object
 * @args: filled in
 *
 * Context: process.
 */
void nts_dev_query(struct nts_dev_object *object, struct ntshim_query *args)
{
	struct nts_dev_stats stats;

	spin_lock_bh(&object->lock);
	stats = object->stats;
	spin_unlock_bh(&object->lock);
	*args = (struct ntshim_query){
		.handle = object->handle,
		.kind = object->kind,
		.type = object->type,
		.user_data = object->user_data,
		.sets = stats.sets,
		.cancels = stats.cancels,
		.runs = stats.runs,
		.late_min_ns = stats.late_min_ns,
		.late_max_ns = stats.late_max_ns,
		.late_sum_ns = stats.late_sum_ns,
	};
	if (object->kind == NTSHIM_DPC)
		return;
	args->state = nts_signal_read(nts_dev_header(object));
	if (is_timer(object)) {
		args->due_ns = due_of(object, false).mono_ns;
		args->armed = !!args->due_ns;
	}
}

/* Room in the ring: the reader's count is the user's, and may be anything. */
static struct ntshim_record *next_record(struct nts_dev_world *world)
{
	u32 used = world->ring_tail - READ_ONCE(world->ring->head);

	if (used >= world->ring_entries)
		return NULL;
	return &world->ring
			->records[world->ring_tail & (world->ring_entries - 1)];
}

static void store_record(struct nts_dev_world *world,
			 const struct ntshim_record *record)
{
	struct ntshim_record *place;

	spin_lock_bh(&world->ring_lock);
	if (!world->ring) {
		spin_unlock_bh(&world->ring_lock);
		return;
	}
	place = next_record(world);
	if (place) {
		*place = *record;
		/* Pairs with the reader's acquire: the record is whole. */
		smp_store_release(&world->ring->tail, ++world->ring_tail);
	} else {
		WRITE_ONCE(world->lost, world->lost + 1);
		WRITE_ONCE(world->ring->lost, world->lost);
	}
	spin_unlock_bh(&world->ring_lock);
	if (place && wq_has_sleeper(&world->poll_queue))
		wake_up_poll(&world->poll_queue, EPOLLPRI);
}

/*
 * The engine hands a timer's DPC the wall clock of the expiry in units of 100
 * ns, rounded down. On the monotonic clock that is another instant if the wall
 * clock was set since, and one before the due time if the DPC was queued for an
 * earlier expiry too: all that is certain then are the bounds.
 */
static u64 expired_ns(void *arg1, void *arg2, u64 due_ns, u64 ran_ns)
{
	u64 system_100ns = (u64)(unsigned long)arg2 << 32 | (unsigned long)arg1;
	u64 real_ns = nts_ns_from_100ns(system_100ns - NTS_EPOCH_100NS) + 99;

	return clamp(real_ns - wall_clock_offset_ns(), due_ns, ran_ns);
}

static void note_lateness(struct nts_dev_stats *stats, u64 late_ns)
{
	if (!stats->late_min_ns || late_ns < stats->late_min_ns)
		stats->late_min_ns = late_ns;
	stats->late_max_ns = max(stats->late_max_ns, late_ns);
	stats->late_sum_ns += late_ns;
}

/* When the expiry was due that this run is for; 0 if that is not known. */
static u64 due_of_run(const struct nts_dev_due *due, u64 ran_ns)
{
	/* It was set again while this run was on its way. */
	if (due->mono_ns > ran_ns)
		return 0;
	/* Another time has become its due time, or it was due at the step. */
	if (due->absolute && due->offset_ns != wall_clock_offset_ns())
		return 0;
	return due->mono_ns;
}

/* Returns when the timer was due, and learns when it is due next. */
static u64 note_run(struct nts_dev_object *object, u64 ran_ns)
{
	struct nts_dev_stats *stats = &object->stats;
	u64 due_ns;

	spin_lock_bh(&object->lock);
	stats->runs++;
	due_ns = due_of_run(&stats->next_due, ran_ns);
	/* An expiry counts for one run, whatever comes after it. */
	stats->next_due = is_timer(object) ? due_of(object, false) :
					     (struct nts_dev_due){ 0 };
	if (due_ns)
		note_lateness(stats, ran_ns - due_ns);
	spin_unlock_bh(&object->lock);
	atomic64_inc(&object->world->totals.runs);
	return due_ns;
}

/**
 * nts_dev_dpc_ran() - the routine of every DPC and EX timer of the device
 * @context: the object
 * @arg1: timers: low half of the expiry's system time; DPCs: when inserted
 * @arg2: timers: its high half
 *
 * The reaper flushes before it frees, so the object and its world are there.
 *
 * Context: DISPATCH_LEVEL; a threaded DPC: PASSIVE_LEVEL.
 */
void nts_dev_dpc_ran(void *context, void *arg1, void *arg2)
{
	struct nts_dev_object *object = context;
	struct ntshim_record record = {
		.user_data = object->user_data,
		.handle = object->handle,
		.processor = raw_smp_processor_id(),
		.ran_ns = ktime_get_ns(),
	};

	record.due_ns = note_run(object, record.ran_ns);
	if (object->kind == NTSHIM_TIMER)
		record.queued_ns =
			expired_ns(arg1, arg2, record.due_ns, record.ran_ns);
	else if (object->kind == NTSHIM_DPC)
		record.queued_ns = (unsigned long)arg1;
	if (object->flags & NTSHIM_CREATE_RECORDED)
		store_record(object->world, &record);
	nts_dev_poll_wake(object);
}

/**
 * nts_dev_poll_wake() - an object may have become signaled
 * @object: any object
 *
 * Context: process or softirq.
 */
void nts_dev_poll_wake(struct nts_dev_object *object)
{
	if (object->flags & NTSHIM_CREATE_POLLED)
		wake_up_poll(&object->world->poll_queue, EPOLLIN | EPOLLRDNORM);
}

/**
 * nts_dev_poll_mask() - what poll() reports of a file
 * @world: the file's
 *
 * Context: process, may sleep.
 * Return: EPOLLIN: an object made with NTSHIM_CREATE_POLLED is signaled;
 * EPOLLPRI: the ring has records.
 */
__poll_t nts_dev_poll_mask(struct nts_dev_world *world)
{
	struct nts_dev_object *object;
	__poll_t mask = 0;

	mutex_lock(&world->poll_lock);
	list_for_each_entry(object, &world->polled, polled_entry) {
		if (nts_signal_read(nts_dev_header(object)) > 0) {
			mask |= EPOLLIN | EPOLLRDNORM;
			break;
		}
		cond_resched();
	}
	mutex_unlock(&world->poll_lock);
	spin_lock_bh(&world->ring_lock);
	if (world->ring && READ_ONCE(world->ring->head) != world->ring_tail)
		mask |= EPOLLPRI;
	spin_unlock_bh(&world->ring_lock);
	return mask;
}

/**
 * nts_dev_ring_create() - NTSHIM_IOC_RING
 * @world: whose ring
 * @args: in and out, see the user API
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL: bad argument; -EEXIST: there is one; -ENOMEM.
 */
int nts_dev_ring_create(struct nts_dev_world *world,
			struct ntshim_ring_setup *args)
{
	struct ntshim_ring *ring;
	int ret = 0;

	if (args->pad || !is_power_of_2(args->entries) ||
	    args->entries > READ_ONCE(nts_dev_max_ring))
		return -EINVAL;
	args->size = PAGE_ALIGN(struct_size(ring, records, args->entries));
	ring = vmalloc_user(args->size);
	if (!ring)
		return -ENOMEM;
	ring->entries = args->entries;
	spin_lock_bh(&world->ring_lock);
	if (world->ring) {
		ret = -EEXIST;
	} else {
		world->ring_entries = args->entries;
		world->ring = ring;
	}
	spin_unlock_bh(&world->ring_lock);
	if (ret)
		vfree(ring);
	return ret;
}

/**
 * nts_dev_ring_map() - mmap() of a file
 * @world: the file's
 * @vma: what is asked for: offset 0, at most the ring's size
 *
 * Context: process, may sleep.
 * Return: 0; -ENXIO: there is no ring; -EINVAL: not within the ring.
 */
int nts_dev_ring_map(struct nts_dev_world *world, struct vm_area_struct *vma)
{
	struct ntshim_ring *ring;

	/* Once set it stays until the file is released. */
	spin_lock_bh(&world->ring_lock);
	ring = world->ring;
	spin_unlock_bh(&world->ring_lock);
	if (!ring)
		return -ENXIO;
	return remap_vmalloc_range(vma, ring, vma->vm_pgoff);
}

/**
 * nts_dev_ring_free() - the file is released
 * @world: the file's; its DPCs have run
 *
 * Context: process, may sleep.
 */
void nts_dev_ring_free(struct nts_dev_world *world)
{
	vfree(world->ring);
}
