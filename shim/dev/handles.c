// SPDX-License-Identifier: GPL-2.0
/*
 * Worlds, objects and their lives. Knows how to make and unmake an object, not
 * what is done with it in between.
 */

#include "../compat.h"

#include <linux/errno.h>
#include <linux/nospec.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "dev.h"

/* Processor numbers of NT within one group are a byte. */
#define PROCESSORS_MAX 256

static struct kmem_cache *object_cache;
static LLIST_HEAD(dead_objects);

/* A file's worth of objects takes longer than a worker may keep a processor. */
static struct workqueue_struct *reaper_queue;

static void free_fn(struct rcu_head *rcu)
{
	kmem_cache_free(object_cache,
			container_of(rcu, struct nts_dev_object, rcu));
}

/**
 * nts_dev_header() - what the engine waits for
 * @object: any object but a DPC
 *
 * Context: any.
 * Return: its dispatcher header.
 */
struct nts_header *nts_dev_header(struct nts_dev_object *object)
{
	if (object->kind == NTSHIM_EX_TIMER)
		return object->core.ex_timer;
	return (struct nts_header *)object->core.object;
}

static bool has_dpc(const struct nts_dev_object *object)
{
	return object->kind == NTSHIM_TIMER || object->kind == NTSHIM_DPC;
}

static void disarm(struct nts_dev_object *object)
{
	if (object->kind == NTSHIM_TIMER)
		nts_bridge_cancel(&object->core);
	else if (object->kind == NTSHIM_EX_TIMER)
		nts_bridge_cancel_ex(&object->core);
}

/* Nobody can use it any more: what is armed, queued or owned is the last. */
static void retire(struct nts_dev_object *object)
{
	disarm(object);
	if (has_dpc(object))
		nts_bridge_dpc_remove(&object->core);
	if (object->kind == NTSHIM_EX_TIMER)
		nts_bridge_delete_ex(&object->core);
	if (object->kind == NTSHIM_MUTANT)
		nts_mutant_release(nts_mutant_of(nts_dev_header(object)), NULL,
				   true);
}

static void reap(struct work_struct *work)
{
	struct llist_node *dead = llist_del_all(&dead_objects);
	struct nts_dev_object *object, *next;

	if (!dead)
		return;
	llist_for_each_entry(object, dead, dead_entry) {
		retire(object);
		cond_resched();
	}
	nts_bridge_flush();
	llist_for_each_entry_safe(object, next, dead, dead_entry) {
		atomic_dec(&object->world->nr_objects);
		atomic_dec(&nts_dev_objects);
		call_rcu(&object->rcu, free_fn);
		cond_resched();
	}
}

static DECLARE_WORK(reaper, reap);

/*
 * Once this has returned, flush_work() waits for the reaper: it does not for a
 * work that another processor has marked as pending but not queued yet, which
 * is what the lock keeps us from seeing.
 */
static void queue_reaper(void)
{
	static DEFINE_RAW_SPINLOCK(queue_lock);
	unsigned long flags;

	raw_spin_lock_irqsave(&queue_lock, flags);
	queue_work(reaper_queue, &reaper);
	raw_spin_unlock_irqrestore(&queue_lock, flags);
}

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
	/* Whoever closes a file waits for it, on a busy machine with many. */
	if (llist_add(&object->dead_entry, &dead_objects))
		queue_reaper();
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

static int init_ex(struct nts_dev_object *object,
		   const struct ntshim_create *args)
{
	unsigned int attributes = 0;

	if (args->type == NTSHIM_NOTIFICATION)
		attributes |= NT_LAYOUT_EX_NOTIFICATION;
	if (args->flags & NTSHIM_CREATE_HIGH_RESOLUTION)
		attributes |= NT_LAYOUT_EX_HIGH_RESOLUTION;
	if (args->flags & NTSHIM_CREATE_NO_WAKE)
		attributes |= NT_LAYOUT_EX_NO_WAKE;
	return nts_bridge_init_ex(&object->core, object, attributes) ? 0 :
								       -ENOMEM;
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
	case NTSHIM_SEMAPHORE:
		nts_bridge_init_semaphore(&object->core, args->initial,
					  args->limit);
		return 0;
	case NTSHIM_MUTANT:
		nts_bridge_init_mutant(&object->core);
		return 0;
	case NTSHIM_EX_TIMER:
		return init_ex(object, args);
	default:
		return init_dpc(object, args);
	}
}

/**
 * struct kind_rule - what an object of one kind may be made with
 * @flags: NTSHIM_CREATE_* that make sense
 * @max_type: 1: of either type
 * @max_initial: highest initial state
 * @dpc: importance and processor
 * @limit: a limit, which the initial state must keep to
 */
struct kind_rule {
	u32 flags;
	u32 max_type;
	s32 max_initial;
	bool dpc;
	bool limit;
};

static const struct kind_rule kind_rules[] = {
	[NTSHIM_TIMER] = {
		.flags = NTSHIM_CREATE_POLLED | NTSHIM_CREATE_RECORDED |
			 NTSHIM_CREATE_THREADED,
		.max_type = 1,
		.dpc = true,
	},
	[NTSHIM_EVENT] = {
		.flags = NTSHIM_CREATE_POLLED,
		.max_type = 1,
		.max_initial = 1,
	},
	[NTSHIM_DPC] = {
		.flags = NTSHIM_CREATE_RECORDED | NTSHIM_CREATE_THREADED,
		.dpc = true,
	},
	[NTSHIM_SEMAPHORE] = {
		.flags = NTSHIM_CREATE_POLLED,
		.max_initial = S32_MAX,
		.limit = true,
	},
	[NTSHIM_MUTANT] = {
		.flags = NTSHIM_CREATE_POLLED,
	},
	[NTSHIM_EX_TIMER] = {
		.flags = NTSHIM_CREATE_POLLED | NTSHIM_CREATE_RECORDED |
			 NTSHIM_CREATE_HIGH_RESOLUTION | NTSHIM_CREATE_NO_WAKE,
		.max_type = 1,
	},
};

static bool check_flags(const struct ntshim_create *args, u32 allowed)
{
	u32 exclusive = NTSHIM_CREATE_HIGH_RESOLUTION | NTSHIM_CREATE_NO_WAKE;

	return !(args->flags & ~allowed) &&
	       (args->flags & exclusive) != exclusive;
}

static bool check_dpc(const struct ntshim_create *args, bool has_one)
{
	if (!has_one)
		return !args->importance && !args->processor;
	return args->importance <= NTSHIM_MEDIUM_HIGH &&
	       args->processor <= PROCESSORS_MAX;
}

static bool check_limit(const struct ntshim_create *args, bool has_one)
{
	if (!has_one)
		return !args->limit;
	return args->limit > 0 && args->initial <= args->limit;
}

/* What a kind of object does not have is zero. */
static bool check_create(const struct ntshim_create *args)
{
	const struct kind_rule *rule;

	if (!args->kind || args->kind >= ARRAY_SIZE(kind_rules))
		return false;
	rule = &kind_rules[array_index_nospec(args->kind,
					      ARRAY_SIZE(kind_rules))];
	return check_flags(args, rule->flags) && args->type <= rule->max_type &&
	       args->initial >= 0 && args->initial <= rule->max_initial &&
	       check_dpc(args, rule->dpc) && check_limit(args, rule->limit);
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
	object->limit = args->limit;
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
	mutex_lock(&world->poll_lock);
	list_add_tail(&object->polled_entry, &world->polled);
	mutex_unlock(&world->poll_lock);
}

static void unwatch(struct nts_dev_object *object)
{
	struct nts_dev_world *world = object->world;

	if (!(object->flags & NTSHIM_CREATE_POLLED))
		return;
	mutex_lock(&world->poll_lock);
	list_del_init(&object->polled_entry);
	mutex_unlock(&world->poll_lock);
}

/*
 * From here on other threads may find the object by a guessed handle, and delete
 * it. Handles are not used again soon, so that a stale one is noticed.
 */
static int publish(struct nts_dev_world *world, struct nts_dev_object *object)
{
	int ret;

	atomic_inc(&world->nr_handles);
	watch(object);
	ret = xa_alloc_cyclic(&world->objects, &object->handle, object,
			      XA_LIMIT(1, INT_MAX), &world->next_handle,
			      GFP_KERNEL_ACCOUNT);
	if (ret >= 0)
		return 0;
	unwatch(object);
	atomic_dec(&world->nr_handles);
	return ret;
}

static bool try_count(struct nts_dev_world *world)
{
	if (atomic_inc_return(&world->nr_objects) <=
	    READ_ONCE(nts_dev_max_objects))
		return true;
	atomic_dec(&world->nr_objects);
	return false;
}

/* Who found the list of the dead empty may not have queued the reaper yet. */
static void await_reaper(void)
{
	queue_reaper();
	flush_work(&reaper);
}

/* What has been deleted a moment ago counts until it is reaped. */
static bool count_object(struct nts_dev_world *world)
{
	if (try_count(world))
		return true;
	await_reaper();
	return try_count(world);
}

/**
 * nts_dev_object_create() - NTSHIM_IOC_CREATE
 * @world: where
 * @args: in and out, see the user API
 *
 * Context: process, may sleep.
 * Return: 0; -EINVAL: bad argument; -ENODEV: no such processor; -ENOSPC: limit
 * of the file, in which deleted objects count while something waits for them;
 * -ENOMEM.
 */
int nts_dev_object_create(struct nts_dev_world *world,
			  struct ntshim_create *args)
{
	struct nts_dev_object *object;
	int ret = -ENOMEM;

	if (!check_create(args))
		return -EINVAL;
	if (!count_object(world))
		return -ENOSPC;
	object = alloc_object(world, args);
	if (!object)
		goto uncount;
	ret = init_core(object, args);
	if (!ret)
		ret = publish(world, object);
	if (ret)
		goto free;
	/* Born signaled it makes the file readable. */
	nts_dev_poll_wake(object);
	args->handle = object->handle;
	nts_dev_object_put(object);
	return 0;
free:
	atomic_dec(&nts_dev_objects);
	if (object->core.ex_timer)
		nts_bridge_delete_ex(&object->core);
	kmem_cache_free(object_cache, object);
uncount:
	atomic_dec(&world->nr_objects);
	return ret;
}

/* Calls that found the object before do not arm or queue it after this. */
static void put_out(struct nts_dev_object *object)
{
	spin_lock_bh(&object->lock);
	object->deleted = true;
	disarm(object);
	if (has_dpc(object))
		nts_bridge_dpc_remove(&object->core);
	spin_unlock_bh(&object->lock);
}

static void drop(struct nts_dev_world *world, struct nts_dev_object *object)
{
	unwatch(object);
	put_out(object);
	atomic_dec(&world->nr_handles);
	nts_dev_object_put(object);
}

/**
 * nts_dev_object_delete() - make a handle stand for nothing
 * @world: whose handle it is
 * @handle: any number
 *
 * A timer is cancelled, its DPC removed. Waits in progress go on; they keep the object alive.
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

static struct nts_dev_owner *make_owner(struct nts_dev_world *world, u32 number)
{
	struct nts_dev_owner *owner, *rival;

	if (atomic_inc_return(&world->nr_owners) >
	    READ_ONCE(nts_dev_max_owners))
		goto uncount;
	owner = kzalloc(sizeof(*owner), GFP_KERNEL_ACCOUNT);
	if (!owner)
		goto uncount;
	nts_owner_init(&owner->owner);
	rival = xa_cmpxchg(&world->owners, number, NULL, owner,
			   GFP_KERNEL_ACCOUNT);
	if (!rival)
		return owner;
	kfree(owner);
	atomic_dec(&world->nr_owners);
	return xa_is_err(rival) ? NULL : rival;
uncount:
	atomic_dec(&world->nr_owners);
	return NULL;
}

/**
 * nts_dev_owner_find() - who a number stands for, if it was ever used to wait
 * @world: where
 * @number: any
 *
 * Context: process.
 * Return: the owner, or NULL.
 */
struct nts_dev_owner *nts_dev_owner_find(struct nts_dev_world *world,
					 u32 number)
{
	return xa_load(&world->owners, number);
}

/**
 * nts_dev_owner_get() - who a number stands for
 * @world: where
 * @number: not 0
 *
 * Context: process, may sleep.
 * Return: the owner, made if need be; NULL: no memory, or too many.
 */
struct nts_dev_owner *nts_dev_owner_get(struct nts_dev_world *world, u32 number)
{
	struct nts_dev_owner *owner = nts_dev_owner_find(world, number);

	return owner ? owner : make_owner(world, number);
}

/* Their mutants have gone before them. */
static void free_owners(struct nts_dev_world *world)
{
	struct nts_dev_owner *owner;
	unsigned long number;

	xa_for_each(&world->owners, number, owner)
		kfree(owner);
	xa_destroy(&world->owners);
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
	xa_init_flags(&world->objects, XA_FLAGS_ALLOC1 | XA_FLAGS_ACCOUNT);
	xa_init_flags(&world->owners, XA_FLAGS_ACCOUNT);
	init_waitqueue_head(&world->poll_queue);
	mutex_init(&world->poll_lock);
	INIT_LIST_HEAD(&world->polled);
	spin_lock_init(&world->ring_lock);
	spin_lock_init(&world->async_lock);
	INIT_LIST_HEAD(&world->async_waits);
	mutex_init(&world->cancel_lock);
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
		cond_resched();
	}
	await_reaper();
	xa_destroy(&world->objects);
	free_owners(world);
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
	if (!object_cache)
		return -ENOMEM;
	reaper_queue =
		alloc_workqueue("ntshim_reaper", WQ_UNBOUND | WQ_HIGHPRI, 1);
	if (reaper_queue)
		return 0;
	kmem_cache_destroy(object_cache);
	return -ENOMEM;
}

/**
 * nts_dev_handles_stop() - all files are closed: wait for what they left
 *
 * Context: module exit, and module init when that fails.
 */
void nts_dev_handles_stop(void)
{
	destroy_workqueue(reaper_queue);
	rcu_barrier();
	kmem_cache_destroy(object_cache);
}
