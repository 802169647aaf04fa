// SPDX-License-Identifier: GPL-2.0
/*
 * Worlds, objects and their lives. Knows how to make and unmake an object, not
 * what is done with it in between.
 */

#include "../compat.h"

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "dev.h"

/* Processor numbers of NT within one group are a byte. */
#define PROCESSORS_MAX 256

static struct kmem_cache *object_cache;
static LLIST_HEAD(dead_objects);

static void free_fn(struct rcu_head *rcu)
{
	kmem_cache_free(object_cache,
			container_of(rcu, struct nts_dev_object, rcu));
}

/* Nobody can set or insert any more: what is armed or queued is the last. */
static void retire(struct nts_dev_object *object)
{
	if (object->kind == NTSHIM_TIMER)
		nts_bridge_cancel(&object->core);
	if (object->kind == NTSHIM_TIMER || object->kind == NTSHIM_DPC)
		nts_bridge_dpc_remove(&object->core);
}

static void reap(struct work_struct *work)
{
	struct llist_node *dead = llist_del_all(&dead_objects);
	struct nts_dev_object *object, *next;

	if (!dead)
		return;
	llist_for_each_entry(object, dead, dead_entry)
		retire(object);
	nts_bridge_flush();
	llist_for_each_entry_safe(object, next, dead, dead_entry) {
		atomic_dec(&nts_dev_objects);
		call_rcu(&object->rcu, free_fn);
	}
}

static DECLARE_WORK(reaper, reap);

/**
 * nts_dev_object_put() - give up a reference
 * @object: object with a reference of the caller's
 *
 * Context: process or softirq; never sleeps.
 */
void nts_dev_object_put(struct nts_dev_object *object)
{
	if (!refcount_dec_and_test(&object->refs))
		return;
	if (llist_add(&object->dead_entry, &dead_objects))
		schedule_work(&reaper);
}

/**
 * nts_dev_object_get() - find an object
 * @world: whose handle it is
 * @handle: any number
 *
 * Context: process.
 * Return: the object, with a reference of the caller's; NULL if the handle
 * stands for nothing.
 */
struct nts_dev_object *nts_dev_object_get(struct nts_dev_world *world,
					  u32 handle)
{
	struct nts_dev_object *object;

	rcu_read_lock();
	object = xa_load(&world->objects, handle);
	if (object && !refcount_inc_not_zero(&object->refs))
		object = NULL;
	rcu_read_unlock();
	return object;
}

static int importance_of(u32 importance)
{
	/* Windows puts low before medium; here zero is the usual one. */
	return importance == NTSHIM_MEDIUM ? NTSHIM_LOW :
	       importance == NTSHIM_LOW	   ? NTSHIM_MEDIUM :
					     (int)importance;
}

static int init_dpc(struct nts_dev_object *object,
		    const struct ntshim_create *args)
{
	struct nts_bridge_dpc how = {
		.context = object,
		.importance = importance_of(args->importance),
		.processor = (int)args->processor - 1,
		.threaded = args->flags & NTSHIM_CREATE_THREADED,
	};

	return nts_bridge_init_dpc(&object->core, &how) ? 0 : -ENODEV;
}

static int init_core(struct nts_dev_object *object,
		     const struct ntshim_create *args)
{
	switch (args->kind) {
	case NTSHIM_TIMER:
		nts_bridge_init_timer(&object->core, args->type);
		return init_dpc(object, args);
	case NTSHIM_EVENT:
		nts_bridge_init_event(&object->core, args->type, args->initial);
		return 0;
	default:
		return init_dpc(object, args);
	}
}

static bool check_dpc(const struct ntshim_create *args)
{
	return args->importance <= NTSHIM_MEDIUM_HIGH &&
	       args->processor <= PROCESSORS_MAX;
}

/* What a kind of object does not have is zero. */
static bool check_create(const struct ntshim_create *args)
{
	bool no_dpc = !args->importance && !args->processor;

	if (args->pad)
		return false;
	switch (args->kind) {
	case NTSHIM_TIMER:
		return args->type <= NTSHIM_SYNCHRONIZATION && !args->initial &&
		       check_dpc(args) &&
		       !(args->flags &
			 ~(NTSHIM_CREATE_POLLED | NTSHIM_CREATE_RECORDED |
			   NTSHIM_CREATE_THREADED));
	case NTSHIM_EVENT:
		return args->type <= NTSHIM_SYNCHRONIZATION &&
		       (args->initial == 0 || args->initial == 1) && no_dpc &&
		       !(args->flags & ~NTSHIM_CREATE_POLLED);
	case NTSHIM_DPC:
		return !args->type && !args->initial && check_dpc(args) &&
		       !(args->flags &
			 ~(NTSHIM_CREATE_RECORDED | NTSHIM_CREATE_THREADED));
	default:
		return false;
	}
}

static struct nts_dev_object *alloc_object(struct nts_dev_world *world,
					   const struct ntshim_create *args)
{
	struct nts_dev_object *object;

	object = kmem_cache_zalloc(object_cache, GFP_KERNEL_ACCOUNT);
	if (!object)
		return NULL;
	object->world = world;
	object->kind = args->kind;
	object->type = args->type;
	object->flags = args->flags;
	object->user_data = args->user_data;
	/* The table's and the creator's. */
	refcount_set(&object->refs, 2);
	spin_lock_init(&object->lock);
	INIT_LIST_HEAD(&object->polled_entry);
	atomic_inc(&nts_dev_objects);
	return object;
}

static void watch(struct nts_dev_object *object)
{
	struct nts_dev_world *world = object->world;

	if (!(object->flags & NTSHIM_CREATE_POLLED))
		return;
	spin_lock_bh(&world->poll_lock);
	list_add_tail(&object->polled_entry, &world->polled);
	spin_unlock_bh(&world->poll_lock);
}

static void unwatch(struct nts_dev_object *object)
{
	struct nts_dev_world *world = object->world;

	if (!(object->flags & NTSHIM_CREATE_POLLED))
		return;
	spin_lock_bh(&world->poll_lock);
	list_del_init(&object->polled_entry);
	spin_unlock_bh(&world->poll_lock);
}

/*
 * From here on other threads may find the object by a guessed handle, and delete
 * it. Handles are not used again soon, so that a stale one is noticed.
 */
static int publish(struct nts_dev_world *world, struct nts_dev_object *object)
{
	int ret;

	watch(object);
	ret = xa_alloc_cyclic(&world->objects, &object->handle, object,
			      XA_LIMIT(1, INT_MAX), &world->next_handle,
			      GFP_KERNEL_ACCOUNT);
	if (ret >= 0)
		return 0;
	unwatch(object);
	return ret;
}

/**
 * nts_dev_object_create() - NTSHIM_IOC_CREATE
 * @world: where
 * @args: in and out, see the user API
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL: bad argument; -ENODEV: no such processor; -ENOSPC: limit
 * of the file; -ENOMEM.
 */
int nts_dev_object_create(struct nts_dev_world *world,
			  struct ntshim_create *args)
{
	struct nts_dev_object *object;
	int ret = -ENOSPC;

	if (!check_create(args))
		return -EINVAL;
	if (atomic_inc_return(&world->nr_objects) >
	    READ_ONCE(nts_dev_max_objects))
		goto uncount;
	ret = -ENOMEM;
	object = alloc_object(world, args);
	if (!object)
		goto uncount;
	ret = init_core(object, args);
	if (!ret)
		ret = publish(world, object);
	if (ret)
		goto free;
	args->handle = object->handle;
	nts_dev_object_put(object);
	return 0;
free:
	atomic_dec(&nts_dev_objects);
	kmem_cache_free(object_cache, object);
uncount:
	atomic_dec(&world->nr_objects);
	return ret;
}

static void drop(struct nts_dev_world *world, struct nts_dev_object *object)
{
	unwatch(object);
	if (object->kind == NTSHIM_TIMER)
		nts_bridge_cancel(&object->core);
	atomic_dec(&world->nr_objects);
	nts_dev_object_put(object);
}

/**
 * nts_dev_object_delete() - make a handle stand for nothing
 * @world: whose handle it is
 * @handle: any number
 *
 * A timer is cancelled. Waits in progress go on; they keep the object alive.
 *
 * Context: process.
 * Return: 0 or -ENOENT.
 */
int nts_dev_object_delete(struct nts_dev_world *world, u32 handle)
{
	struct nts_dev_object *object = xa_erase(&world->objects, handle);

	if (!object)
		return -ENOENT;
	drop(world, object);
	return 0;
}

/**
 * nts_dev_world_open() - a world for a new file
 *
 * Context: process, may sleep.
 * Return: the world, or NULL without memory.
 */
struct nts_dev_world *nts_dev_world_open(void)
{
	struct nts_dev_world *world;

	world = kzalloc(sizeof(*world), GFP_KERNEL_ACCOUNT);
	if (!world)
		return NULL;
	xa_init_flags(&world->objects, XA_FLAGS_ALLOC1);
	init_waitqueue_head(&world->poll_queue);
	spin_lock_init(&world->poll_lock);
	INIT_LIST_HEAD(&world->polled);
	spin_lock_init(&world->ring_lock);
	spin_lock_init(&world->async_lock);
	INIT_LIST_HEAD(&world->async_waits);
	return world;
}

/**
 * nts_dev_world_close() - free a world and all that is in it
 * @world: nobody calls it any more
 *
 * Waits for the reaper: on return no timer of the world is armed, no DPC of it
 * runs, and its objects are off the module's count.
 *
 * Context: process, may sleep.
 */
void nts_dev_world_close(struct nts_dev_world *world)
{
	struct nts_dev_object *object;
	unsigned long handle;

	xa_for_each(&world->objects, handle, object) {
		xa_erase(&world->objects, handle);
		drop(world, object);
	}
	flush_work(&reaper);
	xa_destroy(&world->objects);
	nts_dev_ring_free(world);
	kfree(world);
}

/**
 * nts_dev_handles_start() - prepare for objects
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int __init nts_dev_handles_start(void)
{
	object_cache = KMEM_CACHE(nts_dev_object, SLAB_ACCOUNT);
	return object_cache ? 0 : -ENOMEM;
}

/**
 * nts_dev_handles_stop() - all files are closed: wait for what they left
 *
 * Context: module exit, and module init when that fails.
 */
void nts_dev_handles_stop(void)
{
	flush_work(&reaper);
	rcu_barrier();
	kmem_cache_destroy(object_cache);
}
