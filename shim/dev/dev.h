/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of ntshim_dev.ko share.
 *
 * A world belongs to one open file and lives until that is released, which is
 * after every call and every request that uses the file. An object is found by
 * its handle in the world's table, which owns one reference; calls in progress
 * own others. When the last is gone, the reaper makes the object's timer and
 * DPC harmless, as any driver must: cancel, remove, flush, free. So a DPC may
 * use its object and its world.
 */
#ifndef NTSHIM_DEV_H
#define NTSHIM_DEV_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/xarray.h>

#include <uapi/linux/ntshim.h>

#include "../mutant.h"
#include "bridge.h"

struct file;
struct io_uring_cmd;
struct vm_area_struct;

/**
 * struct nts_dev_totals - what has happened in one world
 * @sets: timers set
 * @cancels: cancels that found a timer armed
 * @runs: DPCs that have run
 * @waits: waits that ended with success
 * @timeouts: waits that ended because time was up
 */
struct nts_dev_totals {
	atomic64_t sets;
	atomic64_t cancels;
	atomic64_t runs;
	atomic64_t waits;
	atomic64_t timeouts;
};

/**
 * struct nts_dev_owner - who may own mutants of a world, in place of a thread
 * @owner: the engine's part
 * @is_waiting: in a wait, of which it can be in one at a time
 *
 * Made when its number first waits, lives as long as its world.
 */
struct nts_dev_owner {
	struct nts_owner owner;
	atomic_t is_waiting;
};

/**
 * struct nts_dev_world - all that one open file has
 * @objects: handle to struct nts_dev_object
 * @next_handle: where the search for a free handle begins; protected by the
 *	lock of @objects
 * @nr_handles: handles in use
 * @nr_objects: objects that have not been reaped; deleted ones may be waited for
 * @poll_queue: woken when an object of @polled may have become signaled, or a
 *	record was stored
 * @poll_lock: protects @polled
 * @polled: objects whose signal makes the file readable
 * @ring_lock: protects @ring_tail and the kernel's part of @ring; softirqs take
 *	it
 * @ring: memory shared with the user, or NULL; set once
 * @ring_tail: the kernel's own count of records stored
 * @ring_entries: the kernel's own copy of the ring's size, a power of two
 * @lost: records that found the ring full
 * @async_lock: protects @async_waits; taken before shard locks
 * @async_waits: asynchronous waits that can be cancelled
 * @cancel_lock: held by who looks through @async_waits; taken before @async_lock
 * @nr_async: objects that asynchronous waits name
 * @owners: number to struct nts_dev_owner
 * @nr_owners: how many
 * @totals: counters
 */
struct nts_dev_world {
	struct xarray objects;
	u32 next_handle;
	atomic_t nr_handles;
	atomic_t nr_objects;
	wait_queue_head_t poll_queue;
	/* protects @polled */
	struct mutex poll_lock;
	struct list_head polled;
	/* protects the ring */
	spinlock_t ring_lock;
	struct ntshim_ring *ring;
	u32 ring_tail;
	u32 ring_entries;
	u64 lost;
	/* protects @async_waits */
	spinlock_t async_lock;
	struct list_head async_waits;
	/* one at a time looks through @async_waits */
	struct mutex cancel_lock;
	atomic_t nr_async;
	struct xarray owners;
	atomic_t nr_owners;
	struct nts_dev_totals totals;
};

/**
 * struct nts_dev_due - when a timer expires
 * @mono_ns: on CLOCK_MONOTONIC; 0: it is not armed, or that is not known
 * @absolute: due by CLOCK_REALTIME: holds until that clock is set, or the
 *	system sleeps
 * @offset_ns: what CLOCK_REALTIME was ahead of CLOCK_MONOTONIC by
 */
struct nts_dev_due {
	u64 mono_ns;
	bool absolute;
	u64 offset_ns;
};

/**
 * struct nts_dev_stats - what has happened to one object
 * @sets: set calls, or insertions that succeeded
 * @cancels: cancels that found it armed or queued
 * @runs: runs of its DPC
 * @next_due: of the expiry that the next run is for
 * @late_min_ns: least time from due to the run of the DPC
 * @late_max_ns: most of it
 * @late_sum_ns: sum
 */
struct nts_dev_stats {
	u64 sets;
	u64 cancels;
	u64 runs;
	struct nts_dev_due next_due;
	u64 late_min_ns;
	u64 late_max_ns;
	u64 late_sum_ns;
};

/**
 * struct nts_dev_object - what a handle stands for
 * @core: the Windows objects; first, so that its address is the object's
 * @world: where it belongs
 * @refs: the table's and one per call in progress
 * @handle: its handle
 * @kind: enum ntshim_kind
 * @type: enum ntshim_type
 * @deleted: its handle is gone: it is not armed or queued again
 * @flags: NTSHIM_CREATE_*
 * @limit: of a semaphore
 * @user_data: from the user
 * @lock: protects @stats, @deleted, and a semaphore's count from other releases; held
 *	while a timer is set or cancelled, and a DPC inserted or removed, together
 *	with its note in @stats; softirqs take it; taken before shard locks
 * @stats: counters
 * @polled_entry: in nts_dev_world.polled, if NTSHIM_CREATE_POLLED
 * @dead_entry: waits for the reaper
 * @rcu: waits for readers of the table
 */
struct nts_dev_object {
	struct nts_bridge_core core;
	struct nts_dev_world *world;
	refcount_t refs;
	u32 handle;
	u8 kind;
	u8 type;
	bool deleted;
	u32 flags;
	s32 limit;
	u64 user_data;
	/* protects @stats and @deleted */
	spinlock_t lock;
	struct nts_dev_stats stats;
	struct list_head polled_entry;
	union {
		struct llist_node dead_entry;
		struct rcu_head rcu;
	};
};

/* device.c */
extern unsigned int nts_dev_max_objects;
extern unsigned int nts_dev_max_async;
extern unsigned int nts_dev_max_ring;
extern unsigned int nts_dev_max_owners;
extern atomic_t nts_dev_files;
extern atomic_t nts_dev_objects;
extern atomic_t nts_dev_waiters;
extern atomic_t nts_dev_async;

/* handles.c */
int nts_dev_handles_start(void);
void nts_dev_handles_stop(void);
struct nts_dev_world *nts_dev_world_open(void);
void nts_dev_world_close(struct nts_dev_world *world);
int nts_dev_object_create(struct nts_dev_world *world,
			  struct ntshim_create *args);
int nts_dev_object_delete(struct nts_dev_world *world, u32 handle);
struct nts_dev_object *nts_dev_object_get(struct nts_dev_world *world,
					  u32 handle);
void nts_dev_object_put(struct nts_dev_object *object);

struct nts_dev_owner *nts_dev_owner_find(struct nts_dev_world *world,
					 u32 number);
struct nts_dev_owner *nts_dev_owner_get(struct nts_dev_world *world,
					u32 number);
struct nts_header *nts_dev_header(struct nts_dev_object *object);

/* ioctl.c */
long nts_dev_ioctl(struct file *file, unsigned int cmd, unsigned long arg);
int nts_dev_set(struct nts_dev_world *world, struct ntshim_set *set);

/* wait.c */
bool nts_dev_wait_check(const struct ntshim_wait *args);
int nts_dev_wait_get(struct nts_dev_world *world,
		     const struct ntshim_wait *args,
		     struct nts_dev_object **objects);
int nts_dev_wait_result(struct nts_dev_world *world, s32 status);
int nts_dev_wait(struct nts_dev_world *world, struct ntshim_wait *args);

/* uring.c */
extern const u32 nts_dev_features;
int nts_dev_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags);
u32 nts_dev_uring_cancel(struct nts_dev_world *world, u64 cookie);

/* records.c */
void nts_dev_note_set(struct nts_dev_object *object, bool relative);
void nts_dev_note_cancel(struct nts_dev_object *object, bool was_active);
void nts_dev_query(struct nts_dev_object *object, struct ntshim_query *args);
void nts_dev_poll_wake(struct nts_dev_object *object);
__poll_t nts_dev_poll_mask(struct nts_dev_world *world);
int nts_dev_ring_create(struct nts_dev_world *world,
			struct ntshim_ring_setup *args);
int nts_dev_ring_map(struct nts_dev_world *world, struct vm_area_struct *vma);
void nts_dev_ring_free(struct nts_dev_world *world);

#endif /* NTSHIM_DEV_H */
