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

#include "../clock.h"
#include "../status.h"
#include "../timer.h"
#include "../wait.h"
#include "dev.h"

/**
 * struct waiter - one wait in progress
 * @objects: with a reference each
 * @headers: what the engine waits for
 * @blocks: for the wait
 */
struct waiter {
	struct nts_dev_object *objects[NTSHIM_WAIT_MAX];
	struct nts_header *headers[NTSHIM_WAIT_MAX];
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
static int get_one(struct nts_dev_world *world, const struct ntshim_wait *args,
		   u32 handle, struct nts_dev_object **objects,
		   unsigned int index)
{
	struct nts_dev_object *object = nts_dev_object_get(world, handle);
	bool all = args->flags & NTSHIM_WAIT_ALL;

	if (!object)
		return -ENOENT;
	if (object->kind == NTSHIM_DPC ||
	    (object->kind == NTSHIM_MUTANT && !args->owner) ||
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
 * waited for, a mutant without an owner, or one twice in a wait for all. Without
 * 0 no reference is left.
 */
int nts_dev_wait_get(struct nts_dev_world *world,
		     const struct ntshim_wait *args,
		     struct nts_dev_object **objects)
{
	u32 __user *from = u64_to_user_ptr(args->handles);
	u32 handles[NTSHIM_WAIT_MAX];
	unsigned int i;
	int ret;

	if (copy_from_user(handles, from, args->count * sizeof(*handles)))
		return -EFAULT;
	for (i = 0; i < args->count; i++) {
		ret = get_one(world, args, handles[i], objects, i);
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
	       (args->flags & NTSHIM_WAIT_TIMEOUT || !args->timeout_100ns);
}

/* As any driver waits. */
static s32 wait_as_thread(struct waiter *waiter, const struct ntshim_wait *args)
{
	long long timeout_100ns = args->timeout_100ns;
	struct nts_bridge_wait_args how = {
		.objects = (void **)waiter->headers,
		.blocks = waiter->blocks,
		.timeout_100ns = args->flags & NTSHIM_WAIT_TIMEOUT ?
					 &timeout_100ns :
					 NULL,
		.count = args->count,
		.all = args->flags & NTSHIM_WAIT_ALL,
	};

	return nts_bridge_wait(&how);
}

static void set_due(struct nts_wait_request *request,
		    const struct ntshim_wait *args)
{
	request->now = nts_clock_read();
	request->due.kind = NTS_DUE_NEVER;
	if (args->flags & NTSHIM_WAIT_TIMEOUT)
		request->due =
			nts_due_of_limit(args->timeout_100ns, &request->now);
}

/* In the name of an owner that is no thread, which only the engine can do. */
static s32 wait_as_owner(struct waiter *waiter, const struct ntshim_wait *args,
			 struct nts_dev_owner *owner)
{
	struct nts_wait_request request = {
		.objects = waiter->headers,
		.blocks = (struct nts_wait_block *)waiter->blocks,
		.owner = &owner->owner,
		.count = args->count,
		.all = args->flags & NTSHIM_WAIT_ALL,
		.user_mode = true,
		.alertable = true,
	};

	set_due(&request, args);
	return nts_wait_thread(&request);
}

static int wait_for(struct nts_dev_world *world, struct waiter *waiter,
		    const struct ntshim_wait *args, s32 *status)
{
	struct nts_dev_owner *owner = NULL;
	unsigned int i;

	for (i = 0; i < args->count; i++)
		waiter->headers[i] = nts_dev_header(waiter->objects[i]);
	if (args->owner) {
		owner = nts_dev_owner_get(world, args->owner);
		if (!owner)
			return -ENOMEM;
		if (atomic_xchg(&owner->is_waiting, 1))
			return -EBUSY;
	}
	atomic_inc(&nts_dev_waiters);
	*status = owner ? wait_as_owner(waiter, args, owner) :
			  wait_as_thread(waiter, args);
	atomic_dec(&nts_dev_waiters);
	if (owner)
		atomic_set(&owner->is_waiting, 0);
	return 0;
}

static u32 index_of(s32 status, bool all)
{
	u32 abandoned = 0;

	if (status >= NTS_STATUS_ABANDONED) {
		abandoned = NTSHIM_WAIT_ABANDONED;
		status -= NTS_STATUS_ABANDONED;
	}
	return (all ? 0 : status) | abandoned;
}

/**
 * nts_dev_wait_result() - what the status of a wait means to the user
 * @world: where the wait was; counts it
 * @status: NTSTATUS
 *
 * Context: any.
 * Return: 0 for success; -ETIMEDOUT; -EINTR; -ECANCELED; -EOVERFLOW: the owner
 * has acquired a mutant as often as it can be; -EIO: refused otherwise.
 */
int nts_dev_wait_result(struct nts_dev_world *world, s32 status)
{
	switch (status) {
	case NTS_STATUS_TIMEOUT:
		atomic64_inc(&world->totals.timeouts);
		return -ETIMEDOUT;
	case NTS_STATUS_USER_APC:
	case NTS_STATUS_ALERTED: /* by a driver that knows the thread */
		return -EINTR;
	case NTS_STATUS_CANCELLED:
		return -ECANCELED;
	case NTS_STATUS_MUTANT_LIMIT_EXCEEDED:
		return -EOVERFLOW;
	default:
		if (status < 0)
			return -EIO;
		atomic64_inc(&world->totals.waits);
		return 0;
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
 * handle; -EBUSY: the owner waits already; -EOVERFLOW: a mutant cannot be
 * acquired once more; -EFAULT; -ENOMEM.
 */
int nts_dev_wait(struct nts_dev_world *world, struct ntshim_wait *args)
{
	struct waiter *waiter;
	s32 status = 0;
	int ret;

	if (!nts_dev_wait_check(args))
		return -EINVAL;
	waiter = kmalloc(sizeof(*waiter), GFP_KERNEL_ACCOUNT);
	if (!waiter)
		return -ENOMEM;
	ret = nts_dev_wait_get(world, args, waiter->objects);
	if (ret)
		goto free;
	ret = wait_for(world, waiter, args, &status);
	if (!ret)
		ret = nts_dev_wait_result(world, status);
	put_objects(waiter->objects, args->count);
	if (!ret) {
		args->index = index_of(status, args->flags & NTSHIM_WAIT_ALL);
		args->woken_ns = ktime_get_ns();
	}
free:
	kfree(waiter);
	return ret;
}
