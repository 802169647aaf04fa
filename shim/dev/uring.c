// SPDX-License-Identifier: GPL-2.0
/*
 * Commands through io_uring: waits that block no thread, and the calls of
 * ioctl.c. A wait is a record that the engine calls back from a DPC; from there
 * it goes to the task that owns the ring, which gives up the references and
 * completes the request. Before that nobody frees the record, so whoever cancels
 * it under the world's lock finds it alive.
 */

#include "../compat.h"

#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "../status.h"
#include "../wait_async.h"
#include "dev.h"

#ifdef NTS_HAS_URING_CMD

#include <linux/io_uring/cmd.h>

/**
 * struct uring_wait - an asynchronous wait
 * @entry: in nts_dev_world.async_waits, or the list of who looks through that,
 *	until it is closed
 * @world: where
 * @cmd: the request; completed once, by the task that owns the ring
 * @objects: with a reference each; behind @async
 * @headers: what the engine waits for; behind @objects
 * @cookie: from the user
 * @result: of the request, once it has one
 * @count: number of @objects
 * @all: wait for all
 * @started: @async is in the hands of the engine; protected by the world's lock
 * @closed: may neither be started nor cancelled any more; protected likewise
 * @async: the engine's record
 */
struct uring_wait {
	struct list_head entry;
	struct nts_dev_world *world;
	struct io_uring_cmd *cmd;
	struct nts_dev_object **objects;
	struct nts_header **headers;
	u64 cookie;
	int result;
	unsigned int count;
	bool all;
	bool started;
	bool closed;
	struct nts_async_wait async;
};

/* Objects of waits looked at in one hold of the lock, which keeps softirqs off. */
#define CANCEL_BATCH 256

/* What a request remembers between its calls. */
struct request_data {
	struct uring_wait *wait;
};

static struct request_data *data_of(struct io_uring_cmd *cmd)
{
	return (struct request_data *)cmd->pdu;
}

static void free_wait(struct uring_wait *wait)
{
	unsigned int i;

	for (i = 0; i < wait->count; i++)
		nts_dev_object_put(wait->objects[i]);
	atomic_sub(wait->count, &wait->world->nr_async);
	atomic_dec(&nts_dev_async);
	kfree(wait);
}

/* The end of every wait that got as far as the world's list. */
static void end_request(struct uring_wait *wait, unsigned int issue_flags)
{
	struct nts_dev_world *world = wait->world;
	struct io_uring_cmd *cmd = wait->cmd;
	int result = wait->result;

	spin_lock_bh(&world->async_lock);
	data_of(cmd)->wait = NULL;
	list_del_init(&wait->entry);
	spin_unlock_bh(&world->async_lock);
	free_wait(wait);
	NTS_URING_CMD_DONE(cmd, result, issue_flags);
}

static void finish_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	end_request(data_of(cmd)->wait, issue_flags);
}

NTS_URING_TASK_FN(finish_fn, finish_cmd)

static int result_of(struct uring_wait *wait, s32 status)
{
	int ret = nts_dev_wait_result(wait->world, status);

	return ret || wait->all ? ret : status;
}

static void end_in_task(struct uring_wait *wait, s32 status)
{
	wait->result = result_of(wait, status);
	io_uring_cmd_complete_in_task(wait->cmd, finish_fn);
}

static void done_fn(struct nts_async_wait *async, s32 status)
{
	end_in_task(container_of(async, struct uring_wait, async), status);
}

static void close_locked(struct uring_wait *wait)
{
	wait->closed = true;
	list_del_init(&wait->entry);
}

/*
 * Returns whether the wait will now end as cancelled: one that has not been
 * started learns it before it is, or instead of its own error.
 */
static bool cancel_locked(struct uring_wait *wait)
{
	close_locked(wait);
	if (!wait->started)
		return true;
	if (!nts_async_cancel(&wait->async))
		return false;
	end_in_task(wait, NTS_STATUS_CANCELLED);
	return true;
}

/*
 * The ring or its task goes; this may come more than once, and while a worker
 * completes the request.
 */
static void cancel_request(struct nts_dev_world *world,
			   struct io_uring_cmd *cmd)
{
	spin_lock_bh(&world->async_lock);
	if (data_of(cmd)->wait)
		cancel_locked(data_of(cmd)->wait);
	spin_unlock_bh(&world->async_lock);
}

/*
 * Look at the next waits of @todo: each is cancelled or goes back to the
 * world's list. Whatever ends meanwhile leaves either list. Returns whether
 * there are more.
 */
static bool cancel_some(struct nts_dev_world *world, u64 cookie,
			struct list_head *todo, u32 *count)
{
	struct uring_wait *wait;
	unsigned int looked = 0;
	bool more;

	spin_lock_bh(&world->async_lock);
	while (!list_empty(todo) && looked < CANCEL_BATCH) {
		wait = list_first_entry(todo, struct uring_wait, entry);
		looked += wait->count;
		if (wait->cookie == cookie)
			*count += cancel_locked(wait);
		else
			list_move_tail(&wait->entry, &world->async_waits);
	}
	more = !list_empty(todo);
	spin_unlock_bh(&world->async_lock);
	return more;
}

/**
 * nts_dev_uring_cancel() - NTSHIM_IOC_CANCEL_WAIT
 * @world: where
 * @cookie: of the waits
 *
 * Context: process, may sleep.
 * Return: how many waits will end with -ECANCELED because of this call.
 */
u32 nts_dev_uring_cancel(struct nts_dev_world *world, u64 cookie)
{
	LIST_HEAD(todo);
	u32 count = 0;

	mutex_lock(&world->cancel_lock);
	spin_lock_bh(&world->async_lock);
	list_splice_init(&world->async_waits, &todo);
	spin_unlock_bh(&world->async_lock);
	while (cancel_some(world, cookie, &todo, &count))
		cond_resched();
	mutex_unlock(&world->cancel_lock);
	return count;
}

static struct uring_wait *alloc_wait(struct nts_dev_world *world,
				     unsigned int count)
{
	struct uring_wait *wait;
	size_t size;

	size = sizeof(*wait) + count * sizeof(wait->async.blocks[0]);
	wait = kzalloc(size + count * (sizeof(*wait->objects) +
				       sizeof(*wait->headers)),
		       GFP_KERNEL_ACCOUNT);
	if (!wait)
		return NULL;
	wait->world = world;
	wait->objects = (void *)wait + size;
	wait->headers = (void *)(wait->objects + count);
	INIT_LIST_HEAD(&wait->entry);
	return wait;
}

/* Everything that can go wrong, before anything happens. */
static struct uring_wait *prepare(struct nts_dev_world *world,
				  const struct ntshim_wait *args)
{
	struct uring_wait *wait;
	int ret = -ENOSPC;

	/* No owner, so no mutants: they would need a thread to release them. */
	if (!nts_dev_wait_check(args) || args->owner)
		return ERR_PTR(-EINVAL);
	if (atomic_add_return(args->count, &world->nr_async) >
	    READ_ONCE(nts_dev_max_async))
		goto uncount;
	ret = -ENOMEM;
	wait = alloc_wait(world, args->count);
	if (!wait)
		goto uncount;
	ret = nts_dev_wait_get(world, args, wait->objects);
	if (ret)
		goto free;
	wait->count = args->count;
	wait->all = args->flags & NTSHIM_WAIT_ALL;
	atomic_inc(&nts_dev_async);
	return wait;
free:
	kfree(wait);
uncount:
	atomic_sub(args->count, &world->nr_async);
	return ERR_PTR(ret);
}

/*
 * Hand the wait to the engine; it may have ended, and be completed by another
 * processor, when this returns NTS_STATUS_PENDING.
 */
static s32 start(struct uring_wait *wait, const struct ntshim_wait *args)
{
	struct nts_dev_world *world = wait->world;
	s64 timeout_100ns = args->timeout_100ns;
	struct nts_async_request request = {
		.objects = wait->headers,
		.timeout_100ns = args->flags & NTSHIM_WAIT_TIMEOUT ?
					 &timeout_100ns :
					 NULL,
		.done_fn = done_fn,
		.count = wait->count,
		.all = wait->all,
	};
	s32 status = NTS_STATUS_CANCELLED;
	unsigned int i;

	for (i = 0; i < wait->count; i++)
		wait->headers[i] = nts_dev_header(wait->objects[i]);
	spin_lock_bh(&world->async_lock);
	if (!wait->closed) {
		status = nts_async_start(&wait->async, &request);
		wait->started = status == NTS_STATUS_PENDING;
		/* Ended at once: nothing is left to cancel. */
		if (!wait->started)
			close_locked(wait);
	}
	spin_unlock_bh(&world->async_lock);
	return status;
}

/* What a wait ends with that is not started: who cancelled it has counted it. */
static int error_or_cancelled(struct uring_wait *wait, int error)
{
	struct nts_dev_world *world = wait->world;

	spin_lock_bh(&world->async_lock);
	if (wait->closed)
		error = -ECANCELED;
	else
		close_locked(wait);
	spin_unlock_bh(&world->async_lock);
	return error;
}

/*
 * From the mark on the ring may cancel the request, so it ends by being
 * completed, never by a result of this function.
 */
static void submit(struct uring_wait *wait, const struct ntshim_wait *args,
		   struct ntshim_set *set, unsigned int issue_flags)
{
	struct nts_dev_world *world = wait->world;
	s32 status;
	int error;

	spin_lock_bh(&world->async_lock);
	list_add_tail(&wait->entry, &world->async_waits);
	spin_unlock_bh(&world->async_lock);
	io_uring_cmd_mark_cancelable(wait->cmd, issue_flags);
	error = set ? nts_dev_set(world, set) : 0;
	if (error) {
		wait->result = error_or_cancelled(wait, error);
	} else {
		status = start(wait, args);
		if (status == NTS_STATUS_PENDING)
			return;
		wait->result = result_of(wait, status);
	}
	end_request(wait, issue_flags);
}

static int copy_args(struct io_uring_cmd *cmd, struct ntshim_async *async,
		     struct ntshim_wait *args, struct ntshim_set *set)
{
	const struct ntshim_sqe *sqe = (const void *)cmd->sqe->cmd;
	u64 pad = READ_ONCE(sqe->pad);

	if (pad)
		return -EINVAL;
	if (copy_from_user(async, u64_to_user_ptr(READ_ONCE(sqe->args)),
			   sizeof(*async)) ||
	    copy_from_user(args, u64_to_user_ptr(async->wait), sizeof(*args)))
		return -EFAULT;
	if (async->set &&
	    copy_from_user(set, u64_to_user_ptr(async->set), sizeof(*set)))
		return -EFAULT;
	return 0;
}

static int wait_cmd(struct nts_dev_world *world, struct io_uring_cmd *cmd,
		    unsigned int issue_flags)
{
	struct ntshim_async async;
	struct ntshim_wait args;
	struct uring_wait *wait;
	struct ntshim_set set;
	int ret;

	ret = copy_args(cmd, &async, &args, &set);
	if (ret)
		return ret;
	wait = prepare(world, &args);
	if (IS_ERR(wait))
		return PTR_ERR(wait);
	wait->cmd = cmd;
	wait->cookie = async.cookie;
	data_of(cmd)->wait = wait;
	submit(wait, &args, async.set ? &set : NULL, issue_flags);
	return -EIOCBQUEUED;
}

/* With a structure of any size, as nts_dev_ioctl() takes it. */
static bool is_wait(u32 op)
{
	return _IOC_TYPE(op) == NTSHIM_IOC_MAGIC &&
	       _IOC_NR(op) == _IOC_NR(NTSHIM_IOC_WAIT);
}

/* The other calls take their time, in a worker of io_uring. */
static int other_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	const struct ntshim_sqe *sqe = (const void *)cmd->sqe->cmd;

	if (READ_ONCE(sqe->pad) || is_wait(cmd->cmd_op))
		return -EINVAL;
	if (issue_flags & IO_URING_F_NONBLOCK)
		return -EAGAIN;
	return nts_dev_ioctl(cmd->file, cmd->cmd_op,
			     (unsigned long)READ_ONCE(sqe->args));
}

/**
 * nts_dev_uring_cmd() - a command through io_uring, or its cancellation
 * @cmd: the request
 * @issue_flags: io_uring's
 *
 * Context: process, may sleep.
 * Return: -EIOCBQUEUED: the request completes later, or has; -EAGAIN: again in
 * a worker; else its result.
 */
int nts_dev_uring_cmd(struct io_uring_cmd *cmd, unsigned int issue_flags)
{
	struct nts_dev_world *world = cmd->file->private_data;

	if (issue_flags & IO_URING_F_CANCEL) {
		cancel_request(world, cmd);
		return 0;
	}
	if (cmd->cmd_op == NTSHIM_URING_WAIT)
		return wait_cmd(world, cmd, issue_flags);
	return other_cmd(cmd, issue_flags);
}

const u32 nts_dev_features = NTSHIM_FEATURE_URING;

#else

/* Without cancellation a ring could not go while a wait is in progress. */
const u32 nts_dev_features;

u32 nts_dev_uring_cancel(struct nts_dev_world *world, u64 cookie)
{
	return 0;
}

#endif
