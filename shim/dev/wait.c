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
 * @count: of @objects
 */
struct waiter {
	struct nts_dev_object *objects[NTSHIM_WAIT_MAX];
	u64 blocks[NTSHIM_WAIT_MAX * NT_LAYOUT_KWAIT_BLOCK_SIZE / 8];
	unsigned int count;
};

static void put_objects(struct waiter *waiter)
{
	while (waiter->count)
		nts_dev_object_put(waiter->objects[--waiter->count]);
}

static bool holds(const struct waiter *waiter,
		  const struct nts_dev_object *object)
{
	unsigned int i;

	for (i = 0; i < waiter->count; i++)
		if (waiter->objects[i] == object)
			return true;
	return false;
}

static int add_object(struct nts_dev_world *world, struct waiter *waiter,
		      u32 handle, bool all)
{
	struct nts_dev_object *object = nts_dev_object_get(world, handle);

	if (!object)
		return -ENOENT;
	if (object->kind == NTSHIM_DPC || (all && holds(waiter, object))) {
		nts_dev_object_put(object);
		return -EINVAL;
	}
	waiter->objects[waiter->count++] = object;
	return 0;
}

static int get_objects(struct nts_dev_world *world, struct waiter *waiter,
		       const struct ntshim_wait *args)
{
	u32 __user *from = u64_to_user_ptr(args->handles);
	bool all = args->flags & NTSHIM_WAIT_ALL;
	u32 handles[NTSHIM_WAIT_MAX];
	unsigned int i;
	int ret = 0;

	if (copy_from_user(handles, from, args->count * sizeof(*handles)))
		return -EFAULT;
	for (i = 0; i < args->count && !ret; i++)
		ret = add_object(world, waiter, handles[i], all);
	return ret;
}

static bool check_wait(const struct ntshim_wait *args)
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
		.count = waiter->count,
		.all = args->flags & NTSHIM_WAIT_ALL,
	};
	s32 status;

	atomic_inc(&nts_dev_waiters);
	status = nts_bridge_wait(&how);
	atomic_dec(&nts_dev_waiters);
	return status;
}

static int finish(struct nts_dev_world *world, struct ntshim_wait *args,
		  s32 status)
{
	if (status == NTS_STATUS_TIMEOUT) {
		atomic64_inc(&world->totals.timeouts);
		return -ETIMEDOUT;
	}
	if (status == NTS_STATUS_USER_APC)
		return -EINTR;
	atomic64_inc(&world->totals.waits);
	args->index = args->flags & NTSHIM_WAIT_ALL ? 0 : status;
	args->woken_ns = ktime_get_ns();
	return 0;
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

	if (!check_wait(args))
		return -EINVAL;
	waiter = kmalloc(sizeof(*waiter), GFP_KERNEL_ACCOUNT);
	if (!waiter)
		return -ENOMEM;
	waiter->count = 0;
	ret = get_objects(world, waiter, args);
	if (!ret)
		ret = finish(world, args, wait_for(waiter, args));
	put_objects(waiter);
	kfree(waiter);
	return ret;
}
