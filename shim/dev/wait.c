// SPDX-License-Identifier: GPL-2.0
/*
 * Waits of user threads: they find the objects, wait as any driver does, and
 * translate the result.
 */

#include "../compat.h"

#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "../status.h"
#include "dev.h"

/**
 * struct waiter - one wait in progress
 * @objects: with a reference each
 * @blocks: for the wait
 */
struct waiter {
	struct nts_dev_object *objects[NTSHIM_WAIT_MAX];
	u64 blocks[NTSHIM_WAIT_MAX * NT_LAYOUT_KWAIT_BLOCK_SIZE / 8];
};

static bool holds(struct nts_dev_object *const *objects, unsigned int count,
		  const struct nts_dev_object *object)
{
	while (count)
		if (objects[--count] == object)
			return true;
	return false;
}

/* Object number @index of a wait, with a reference. */
static int get_one(struct nts_dev_world *world, u32 handle, bool all,
		   struct nts_dev_object **objects, unsigned int index)
{
	struct nts_dev_object *object = nts_dev_object_get(world, handle);

	if (!object)
		return -ENOENT;
	if (object->kind == NTSHIM_DPC ||
	    (all && holds(objects, index, object))) {
		nts_dev_object_put(object);
		return -EINVAL;
	}
	objects[index] = object;
	return 0;
}

static void put_objects(struct nts_dev_object **objects, unsigned int count)
{
	while (count)
		nts_dev_object_put(objects[--count]);
}

/**
 * nts_dev_wait_get() - find the objects of a wait
 * @world: whose handles they are
 * @args: checked
 * @objects: room for @args->count; filled in, each with a reference
 *
 * Context: process, may sleep.
 * Return: 0; -EFAULT; -ENOENT: bad handle; -EINVAL: an object that cannot be
 * waited for, or one twice in a wait for all. Without 0 no reference is left.
 */
int nts_dev_wait_get(struct nts_dev_world *world,
		     const struct ntshim_wait *args,
		     struct nts_dev_object **objects)
{
	u32 __user *from = u64_to_user_ptr(args->handles);
	bool all = args->flags & NTSHIM_WAIT_ALL;
	u32 handles[NTSHIM_WAIT_MAX];
	unsigned int i;
	int ret;

	if (copy_from_user(handles, from, args->count * sizeof(*handles)))
		return -EFAULT;
	for (i = 0; i < args->count; i++) {
		ret = get_one(world, handles[i], all, objects, i);
		if (ret) {
			put_objects(objects, i);
			return ret;
		}
	}
	return 0;
}

/**
 * nts_dev_wait_check() - whether the arguments of a wait make sense
 * @args: from the user
 *
 * Context: any.
 * Return: false: -EINVAL.
 */
bool nts_dev_wait_check(const struct ntshim_wait *args)
{
	return args->count && args->count <= NTSHIM_WAIT_MAX &&
	       !(args->flags & ~(NTSHIM_WAIT_ALL | NTSHIM_WAIT_TIMEOUT)) &&
	       (args->flags & NTSHIM_WAIT_TIMEOUT || !args->timeout_100ns) &&
	       !args->pad;
}

static s32 wait_for(struct waiter *waiter, const struct ntshim_wait *args)
{
	long long timeout_100ns = args->timeout_100ns;
	struct nts_bridge_wait_args how = {
		.objects = (void **)waiter->objects,
		.blocks = waiter->blocks,
		.timeout_100ns = args->flags & NTSHIM_WAIT_TIMEOUT ?
					 &timeout_100ns :
					 NULL,
		.count = args->count,
		.all = args->flags & NTSHIM_WAIT_ALL,
	};
	s32 status;

	atomic_inc(&nts_dev_waiters);
	status = nts_bridge_wait(&how);
	atomic_dec(&nts_dev_waiters);
	return status;
}

/**
 * nts_dev_wait_result() - what the status of a wait means to the user
 * @world: where the wait was; counts it
 * @all: it was one for all objects
 * @status: NTSTATUS
 *
 * Context: any.
 * Return: the index, 0 for @all; -ETIMEDOUT; -EINTR; -ECANCELED.
 */
int nts_dev_wait_result(struct nts_dev_world *world, bool all, s32 status)
{
	switch (status) {
	case NTS_STATUS_TIMEOUT:
		atomic64_inc(&world->totals.timeouts);
		return -ETIMEDOUT;
	case NTS_STATUS_USER_APC:
		return -EINTR;
	case NTS_STATUS_CANCELLED:
		return -ECANCELED;
	default:
		atomic64_inc(&world->totals.waits);
		return all ? 0 : status;
	}
}

/**
 * nts_dev_wait() - NTSHIM_IOC_WAIT
 * @world: whose handles they are
 * @args: in and out, see the user API
 *
 * Context: process, may sleep.
 * Return: 0; -ETIMEDOUT; -EINTR: a signal came; -EINVAL: bad argument, an object
 * that cannot be waited for, or one twice in a wait for all; -ENOENT: a bad
 * handle; -EFAULT; -ENOMEM.
 */
int nts_dev_wait(struct nts_dev_world *world, struct ntshim_wait *args)
{
	struct waiter *waiter;
	int ret;

	if (!nts_dev_wait_check(args))
		return -EINVAL;
	waiter = kmalloc(sizeof(*waiter), GFP_KERNEL_ACCOUNT);
	if (!waiter)
		return -ENOMEM;
	ret = nts_dev_wait_get(world, args, waiter->objects);
	if (ret)
		goto free;
	ret = nts_dev_wait_result(world, args->flags & NTSHIM_WAIT_ALL,
				  wait_for(waiter, args));
	put_objects(waiter->objects, args->count);
	if (ret >= 0) {
		args->index = ret;
		args->woken_ns = ktime_get_ns();
		ret = 0;
	}
free:
	kfree(waiter);
	return ret;
}
