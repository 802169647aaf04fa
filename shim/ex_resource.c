// SPDX-License-Identifier: GPL-2.0
/*
 * ERESOURCE: many readers or one writer, each of which may come again. The
 * library's own record does the work; since drivers must delete a resource, it
 * need not lie in their memory.
 */

#include "compat.h"

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#include "../include/nt/nt_layout.h"
#include "irql.h"
#include "mutex_api.h"
#include "park.h"
#include "ps_thread.h"
#include "report.h"
#include "status.h"
#include "verifier.h"
#include "verifier_held.h"
#include "wait.h"

/**
 * struct owner - a thread that reads
 * @link: in struct record
 * @thread: which
 * @count: how often it has come
 * @rcu: defers its release
 */
struct owner {
	struct list_head link;
	const struct nts_thread *thread;
	u32 count;
	struct rcu_head rcu;
};

/**
 * struct record - the state of a resource
 * @lock: protects all that follows
 * @writer: thread that holds it alone, or NULL
 * @count: how often @writer has come
 * @readers: struct owner
 * @spare: struct owner that nobody uses: releases free nothing
 * @converted: for a writer that becomes a reader
 * @exclusive_waiters: threads that wait to hold it alone
 * @shared_waiters: threads that wait to read
 * @rcu: defers its release
 */
struct record {
	raw_spinlock_t lock;
	const struct nts_thread *writer;
	u32 count;
	struct list_head readers;
	struct list_head spare;
	struct owner converted;
	u32 exclusive_waiters;
	u32 shared_waiters;
	struct rcu_head rcu;
};

/**
 * struct nts_resource - ERESOURCE
 * @record: its state; NULL once deleted
 * @reserved: what Windows has there
 */
struct nts_resource {
	struct record *record;
	void *reserved[12];
};

static_assert(sizeof(struct nts_resource) == NT_LAYOUT_ERESOURCE_SIZE);

/**
 * struct request - one acquisition
 * @record: of what
 * @thread: by whom
 * @owner: memory for the list of readers; NULL once it is in use
 * @starve: readers may overtake writers that wait
 */
struct request {
	struct record *record;
	const struct nts_thread *thread;
	struct owner *owner;
	bool starve;
};

static struct owner *find_reader(const struct record *record,
				 const struct nts_thread *thread)
{
	struct owner *owner;

	list_for_each_entry(owner, &record->readers, link)
		if (owner->thread == thread)
			return owner;
	return NULL;
}

static bool try_exclusive_locked(struct request *request)
{
	struct record *record = request->record;

	if (record->writer && record->writer != request->thread)
		return false;
	if (!list_empty(&record->readers))
		return false;
	record->writer = request->thread;
	record->count++;
	return true;
}

static void add_reader(struct record *record, struct owner *owner,
		       const struct nts_thread *thread, u32 count)
{
	owner->thread = thread;
	owner->count = count;
	list_add_tail(&owner->link, &record->readers);
}

/* Who holds it in either way gets it again, whoever waits. */
static bool try_shared_locked(struct request *request)
{
	struct record *record = request->record;
	struct owner *owner;

	if (record->writer == request->thread) {
		record->count++;
		return true;
	}
	owner = find_reader(record, request->thread);
	if (owner) {
		owner->count++;
		return true;
	}
	if (record->writer || (record->exclusive_waiters && !request->starve))
		return false;
	add_reader(record, request->owner, request->thread, 1);
	request->owner = NULL;
	return true;
}

static bool try_exclusive_fn(void *data)
{
	struct request *request = data;
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&request->record->lock, flags);
	taken = try_exclusive_locked(request);
	raw_spin_unlock_irqrestore(&request->record->lock, flags);
	return taken;
}

static bool try_shared_fn(void *data)
{
	struct request *request = data;
	unsigned long flags;
	bool taken;

	raw_spin_lock_irqsave(&request->record->lock, flags);
	taken = try_shared_locked(request);
	raw_spin_unlock_irqrestore(&request->record->lock, flags);
	return taken;
}

static void count_waiter(struct record *record, u32 *waiters, int by)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&record->lock, flags);
	*waiters += by;
	raw_spin_unlock_irqrestore(&record->lock, flags);
}

static void park(struct request *request, nts_park_fn try_fn, u32 *waiters)
{
	struct record *record = request->record;

	count_waiter(record, waiters, 1);
	nts_park(record, try_fn, request);
	count_waiter(record, waiters, -1);
	/* Readers may have waited for this writer only. */
	nts_unpark(record);
}

/* False, reported: it has been deleted, or never was one. */
static bool check_record(const struct nts_resource *resource,
			 unsigned long caller)
{
	if (likely(resource->record))
		return true;
	nts_report_at(caller, "L-RES-02", NTS_BUG_VERIFIER_VIOLATION, resource,
		      "resource used that has been deleted or not been initialised; ignored");
	return false;
}

/* False, reported: who calls may not wait for a resource, or it is none. */
static bool check_call(const struct nts_resource *resource,
		       unsigned long caller)
{
	if (!check_record(resource, caller))
		return false;
	if (unlikely(!nts_wait_is_allowed())) {
		__nts_verify_level(NTS_V_14, NTS_PASSIVE_LEVEL, NTS_APC_LEVEL,
				   resource, caller);
		return false;
	}
	if (nts_verifier_on() && !nts_thread_has_apcs_off())
		nts_misuse_at(caller, "L-PSH-02", resource,
			      "WithinCriticalRegion: resource taken outside a critical region");
	return true;
}

static bool is_reader(struct record *record, const struct nts_thread *thread)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&record->lock, flags);
	found = find_reader(record, thread);
	raw_spin_unlock_irqrestore(&record->lock, flags);
	return found;
}

static u8 hold(const struct nts_resource *resource, unsigned long caller)
{
	nts_held_add(NTS_HELD_RESOURCE, resource, caller);
	return 1;
}

static u8 acquire_exclusive(struct nts_resource *resource, u8 wait,
			    unsigned long caller)
{
	struct request request = {
		.record = resource->record,
		.thread = nts_thread_own_or_placeholder(),
	};

	if (!check_call(resource, caller))
		return 0;
	if (try_exclusive_fn(&request))
		return hold(resource, caller);
	if (!wait)
		return 0;
	if (is_reader(request.record, request.thread)) {
		nts_report_at(caller, "L-RES-01", NTS_BUG_VERIFIER_VIOLATION,
			      resource,
			      "resource wanted exclusively by who holds it shared; refused");
		return 0;
	}
	park(&request, try_exclusive_fn, &request.record->exclusive_waiters);
	return hold(resource, caller);
}

/* Memory for a reader, out of what former ones have left. */
static struct owner *get_owner(struct record *record)
{
	struct owner *owner;
	unsigned long flags;

	raw_spin_lock_irqsave(&record->lock, flags);
	owner = list_first_entry_or_null(&record->spare, struct owner, link);
	if (owner)
		list_del(&owner->link);
	raw_spin_unlock_irqrestore(&record->lock, flags);
	return owner ? owner :
		       kmalloc(sizeof(*owner), GFP_KERNEL | __GFP_NOFAIL);
}

static void put_owner(struct record *record, struct owner *owner)
{
	unsigned long flags;

	if (!owner)
		return;
	raw_spin_lock_irqsave(&record->lock, flags);
	list_add(&owner->link, &record->spare);
	raw_spin_unlock_irqrestore(&record->lock, flags);
}

static u8 acquire_shared(struct nts_resource *resource, u8 wait, bool starve,
			 unsigned long caller)
{
	struct request request = {
		.record = resource->record,
		.thread = nts_thread_own_or_placeholder(),
		.starve = starve,
	};
	bool taken;

	if (!check_call(resource, caller))
		return 0;
	request.owner = get_owner(request.record);
	taken = try_shared_fn(&request);
	if (!taken && wait) {
		park(&request, try_shared_fn, &request.record->shared_waiters);
		taken = true;
	}
	put_owner(request.record, request.owner);
	return taken ? hold(resource, caller) : 0;
}

/**
 * ExInitializeResourceLite() - make storage a resource
 * @resource: storage of any content, resident until ExDeleteResourceLite()
 *
 * Context: IRQL <= APC_LEVEL, process context; sleeps. Elsewhere reported.
 * Return: STATUS_SUCCESS; STATUS_UNSUCCESSFUL where it may not be called.
 * Source: ExInitializeResourceLite function (wdm.h); L-RES-01, V-14.
 * Test: ntshim_resource:owner_may_come_again
 */
s32 ExInitializeResourceLite(struct nts_resource *resource)
{
	struct record *record;

	resource->record = NULL;
	if (unlikely(!nts_wait_is_allowed())) {
		__nts_verify_level(NTS_V_14, NTS_PASSIVE_LEVEL, NTS_APC_LEVEL,
				   resource, _RET_IP_);
		return NTS_STATUS_UNSUCCESSFUL;
	}
	record = kzalloc(sizeof(*record), GFP_KERNEL | __GFP_NOFAIL);
	raw_spin_lock_init(&record->lock);
	INIT_LIST_HEAD(&record->readers);
	INIT_LIST_HEAD(&record->spare);
	resource->record = record;
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(ExInitializeResourceLite);

static bool is_in_use(struct record *record)
{
	unsigned long flags;
	bool used;

	raw_spin_lock_irqsave(&record->lock, flags);
	used = record->writer || !list_empty(&record->readers) ||
	       record->exclusive_waiters || record->shared_waiters;
	raw_spin_unlock_irqrestore(&record->lock, flags);
	return used;
}

static void free_record(struct record *record)
{
	struct owner *owner, *next;

	list_for_each_entry_safe(owner, next, &record->spare, link)
		kfree_rcu(owner, rcu);
	kfree_rcu(record, rcu);
}

/**
 * ExDeleteResourceLite() - end a resource
 * @resource: initialised resource that nobody holds or waits for, else that is
 *	reported and ignored; it must be deleted before its memory goes
 *
 * Context: IRQL <= APC_LEVEL.
 * Return: STATUS_SUCCESS.
 * Source: ExDeleteResourceLite function (wdm.h); L-RES-01, V-14.
 * Test: ntshim_resource:owner_may_come_again
 */
s32 ExDeleteResourceLite(struct nts_resource *resource)
{
	struct record *record = resource->record;

	nts_verify_at_most(NTS_V_14, NTS_APC_LEVEL, resource);
	if (!check_record(resource, _RET_IP_))
		return NTS_STATUS_SUCCESS;
	if (unlikely(is_in_use(record))) {
		nts_report("L-RES-01", NTS_BUG_VERIFIER_VIOLATION, resource,
			   "resource deleted while it is held or waited for; ignored");
		return NTS_STATUS_SUCCESS;
	}
	resource->record = NULL;
	free_record(record);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(ExDeleteResourceLite);

/**
 * ExAcquireResourceExclusiveLite() - hold a resource alone
 * @resource: initialised resource
 * @wait: 0: do not sleep
 *
 * The writer may come again. A reader cannot become a writer: it would wait for
 * itself, which is reported.
 *
 * Context: IRQL <= APC_LEVEL in a critical region, process context. Elsewhere
 * reported and refused.
 * Return: 1: held; 0: not.
 * Source: ExAcquireResourceExclusiveLite function (wdm.h); L-RES-01, V-14.
 * Test: ntshim_resource:owner_may_come_again
 */
u8 ExAcquireResourceExclusiveLite(struct nts_resource *resource, u8 wait)
{
	return acquire_exclusive(resource, wait, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquireResourceExclusiveLite);

/**
 * ExAcquireResourceSharedLite() - hold a resource beside other readers
 * @resource: initialised resource
 * @wait: 0: do not sleep
 *
 * For the writer it counts as one more exclusive acquisition. Writers that wait
 * go first, but not before who reads already.
 *
 * Context: as ExAcquireResourceExclusiveLite().
 * Return: 1: held; 0: not.
 * Source: ExAcquireResourceSharedLite function (wdm.h); L-RES-01, V-14.
 * Test: ntshim_resource:readers_share
 */
u8 ExAcquireResourceSharedLite(struct nts_resource *resource, u8 wait)
{
	return acquire_shared(resource, wait, false, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquireResourceSharedLite);

/**
 * ExAcquireSharedStarveExclusive() - read before writers that wait
 * @resource: initialised resource
 * @wait: 0: do not sleep
 *
 * Context: as ExAcquireResourceExclusiveLite().
 * Return: 1: held; 0: not.
 * Source: ExAcquireSharedStarveExclusive function (wdm.h); L-RES-02.
 * Test: ntshim_resource:waiting_writer_keeps_new_readers_out
 */
u8 ExAcquireSharedStarveExclusive(struct nts_resource *resource, u8 wait)
{
	return acquire_shared(resource, wait, true, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAcquireSharedStarveExclusive);

/* A task that has no record of a thread has never acquired anything. */
static bool release_locked(struct record *record,
			   const struct nts_thread *thread)
{
	struct owner *owner;

	if (!thread)
		return false;
	if (record->writer == thread) {
		if (!--record->count)
			record->writer = NULL;
		return true;
	}
	owner = find_reader(record, thread);
	if (!owner)
		return false;
	if (--owner->count)
		return true;
	list_del(&owner->link);
	if (owner != &record->converted)
		list_add(&owner->link, &record->spare);
	return true;
}

/**
 * ExReleaseResourceLite() - give up one acquisition of the calling thread
 * @resource: resource that it holds; otherwise reported and ignored
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: ExReleaseResourceLite function (wdm.h); L-RES-01.
 * Test: ntshim_resource:owner_may_come_again
 */
void ExReleaseResourceLite(struct nts_resource *resource)
{
	struct record *record = resource->record;
	unsigned long flags;
	bool held;

	if (!check_record(resource, _RET_IP_))
		return;
	raw_spin_lock_irqsave(&record->lock, flags);
	held = release_locked(record, nts_thread_of_caller());
	raw_spin_unlock_irqrestore(&record->lock, flags);
	if (held) {
		nts_held_remove(resource);
		nts_unpark(record);
	} else {
		nts_report("L-RES-01", NTS_BUG_RESOURCE_NOT_OWNED, resource,
			   "resource released by a thread that does not hold it; ignored");
	}
}
EXPORT_SYMBOL_GPL(ExReleaseResourceLite);

/* False: @thread does not hold it alone. */
static bool convert_locked(struct record *record,
			   const struct nts_thread *thread)
{
	if (!thread || record->writer != thread)
		return false;
	add_reader(record, &record->converted, thread, record->count);
	record->writer = NULL;
	record->count = 0;
	return true;
}

/**
 * ExConvertExclusiveToSharedLite() - go from writing to reading
 * @resource: resource that the calling thread holds alone; otherwise reported
 *	and ignored
 *
 * Context: IRQL <= DISPATCH_LEVEL; lets other readers in.
 * Source: ExConvertExclusiveToSharedLite function (wdm.h); L-RES-02.
 * Test: ntshim_resource:writer_becomes_reader
 */
void ExConvertExclusiveToSharedLite(struct nts_resource *resource)
{
	struct record *record = resource->record;
	unsigned long flags;
	bool held;

	if (!check_record(resource, _RET_IP_))
		return;
	raw_spin_lock_irqsave(&record->lock, flags);
	held = convert_locked(record, nts_thread_of_caller());
	raw_spin_unlock_irqrestore(&record->lock, flags);
	if (held)
		nts_unpark(record);
	else
		nts_report("L-RES-02", NTS_BUG_RESOURCE_NOT_OWNED, resource,
			   "resource converted that is not held exclusively; ignored");
}
EXPORT_SYMBOL_GPL(ExConvertExclusiveToSharedLite);

/**
 * ExIsResourceAcquiredExclusiveLite() - whether the caller holds it alone
 * @resource: initialised resource
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: 1 or 0.
 * Source: ExIsResourceAcquiredExclusiveLite function (wdm.h); L-RES-02.
 * Test: ntshim_resource:owner_may_come_again
 */
u8 ExIsResourceAcquiredExclusiveLite(struct nts_resource *resource)
{
	const struct nts_thread *writer;

	if (!check_record(resource, _RET_IP_))
		return 0;
	writer = READ_ONCE(resource->record->writer);
	return writer && writer == nts_thread_of_caller();
}
EXPORT_SYMBOL_GPL(ExIsResourceAcquiredExclusiveLite);

/**
 * ExIsResourceAcquiredSharedLite() - how often the caller holds it
 * @resource: initialised resource
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: its acquisitions, exclusive ones included; 0: none.
 * Source: ExIsResourceAcquiredSharedLite function (wdm.h); L-RES-02.
 * Test: ntshim_resource:owner_may_come_again
 */
u32 ExIsResourceAcquiredSharedLite(struct nts_resource *resource)
{
	const struct nts_thread *thread = nts_thread_of_caller();
	struct record *record = resource->record;
	struct owner *owner;
	unsigned long flags;
	u32 count = 0;

	if (!check_record(resource, _RET_IP_) || !thread)
		return 0;
	raw_spin_lock_irqsave(&record->lock, flags);
	owner = find_reader(record, thread);
	if (record->writer == thread)
		count = record->count;
	else if (owner)
		count = owner->count;
	raw_spin_unlock_irqrestore(&record->lock, flags);
	return count;
}
EXPORT_SYMBOL_GPL(ExIsResourceAcquiredSharedLite);

/**
 * ExGetExclusiveWaiterCount() - how many threads wait to hold it alone
 * @resource: initialised resource
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: their number a moment ago.
 * Source: ExGetExclusiveWaiterCount function (wdm.h); L-RES-02.
 * Test: ntshim_resource:waiting_writer_keeps_new_readers_out
 */
u32 ExGetExclusiveWaiterCount(struct nts_resource *resource)
{
	if (!check_record(resource, _RET_IP_))
		return 0;
	return READ_ONCE(resource->record->exclusive_waiters);
}
EXPORT_SYMBOL_GPL(ExGetExclusiveWaiterCount);

/**
 * ExGetSharedWaiterCount() - how many threads wait to read
 * @resource: initialised resource
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: their number a moment ago.
 * Source: ExGetSharedWaiterCount function (wdm.h); L-RES-02.
 * Test: ntshim_resource:writer_becomes_reader
 */
u32 ExGetSharedWaiterCount(struct nts_resource *resource)
{
	if (!check_record(resource, _RET_IP_))
		return 0;
	return READ_ONCE(resource->record->shared_waiters);
}
EXPORT_SYMBOL_GPL(ExGetSharedWaiterCount);
