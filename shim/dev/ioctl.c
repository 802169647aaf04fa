// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of the device: copy in, check, do, copy out. A call that fails has
 * done nothing and has written nothing to the caller's memory.
 */

#include "../compat.h"

#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/limits.h>
#include <linux/nospec.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/uaccess.h>

#include "dev.h"

/* All argument structures, in the size that this module knows. */
union argument {
	struct ntshim_info info;
	struct ntshim_create create;
	struct ntshim_op op;
	struct ntshim_set set;
	struct ntshim_set_ex set_ex;
	struct ntshim_batch batch;
	struct ntshim_query query;
	struct ntshim_wait wait;
	struct ntshim_clocks clocks;
	struct ntshim_ring_setup ring;
	struct ntshim_cancel_wait cancel_wait;
};

/* More than any version of a structure will ever have. */
#define ARGUMENT_MAX 4096

static int do_info(struct nts_dev_world *world, union argument *arg)
{
	struct nts_dev_totals *totals = &world->totals;

	if (arg->info.pad)
		return -EINVAL;
	arg->info = (struct ntshim_info){
		.version = NTSHIM_VERSION,
		.features = nts_dev_features,
		.max_objects = READ_ONCE(nts_dev_max_objects),
		.max_async = READ_ONCE(nts_dev_max_async),
		.max_ring = READ_ONCE(nts_dev_max_ring),
		.files = atomic_read(&nts_dev_files),
		.objects = atomic_read(&nts_dev_objects),
		.waiters = atomic_read(&nts_dev_waiters),
		.async_waits = atomic_read(&nts_dev_async),
		.file_objects = atomic_read(&world->nr_handles),
		.sets = atomic64_read(&totals->sets),
		.cancels = atomic64_read(&totals->cancels),
		.runs = atomic64_read(&totals->runs),
		.waits = atomic64_read(&totals->waits),
		.timeouts = atomic64_read(&totals->timeouts),
		.lost = READ_ONCE(world->lost),
	};
	return 0;
}

static int do_create(struct nts_dev_world *world, union argument *arg)
{
	return nts_dev_object_create(world, &arg->create);
}

/* Kinds that each operation is for, as bits. */
static const u32 kinds_of_op[] = {
	[NTSHIM_OP_READ] = BIT(NTSHIM_TIMER) | BIT(NTSHIM_EX_TIMER) |
			   BIT(NTSHIM_EVENT) | BIT(NTSHIM_SEMAPHORE) |
			   BIT(NTSHIM_MUTANT),
	[NTSHIM_OP_CANCEL] = BIT(NTSHIM_TIMER) | BIT(NTSHIM_EX_TIMER) |
			     BIT(NTSHIM_DPC),
	[NTSHIM_OP_EVENT_SET] = BIT(NTSHIM_EVENT),
	[NTSHIM_OP_EVENT_RESET] = BIT(NTSHIM_EVENT),
	[NTSHIM_OP_EVENT_PULSE] = BIT(NTSHIM_EVENT),
	[NTSHIM_OP_DPC_INSERT] = BIT(NTSHIM_DPC),
	[NTSHIM_OP_SEMAPHORE_RELEASE] = BIT(NTSHIM_SEMAPHORE),
	[NTSHIM_OP_MUTANT_RELEASE] = BIT(NTSHIM_MUTANT),
	[NTSHIM_OP_MUTANT_ABANDON] = BIT(NTSHIM_MUTANT),
};

static bool op_fits(const struct nts_dev_object *object,
		    const struct ntshim_op *op)
{
	bool needs_arg = op->op == NTSHIM_OP_SEMAPHORE_RELEASE ||
			 op->op == NTSHIM_OP_MUTANT_RELEASE;

	return op->op < ARRAY_SIZE(kinds_of_op) &&
	       (kinds_of_op[array_index_nospec(op->op, ARRAY_SIZE(kinds_of_op))] &
		BIT(object->kind)) &&
	       needs_arg == !!op->arg;
}

/*
 * Nothing else raises the count: what fits now still fits when it is added, so
 * the library has nothing to complain about.
 */
static int release_semaphore(struct nts_dev_object *object,
			     struct ntshim_op *op)
{
	bool fits;

	spin_lock_bh(&object->lock);
	fits = nts_signal_read(nts_dev_header(object)) + (s64)op->arg <=
	       object->limit;
	if (fits)
		op->result = nts_bridge_semaphore_release(&object->core,
							  (int)op->arg);
	spin_unlock_bh(&object->lock);
	return fits ? 0 : -EOVERFLOW;
}

static int release_mutant(struct nts_dev_object *object, struct ntshim_op *op,
			  bool abandon)
{
	struct nts_release_result result;
	struct nts_dev_owner *owner = NULL;

	if (!abandon) {
		owner = nts_dev_owner_find(object->world, op->arg);
		if (!owner)
			return -EPERM;
	}
	result = nts_mutant_release(nts_mutant_of(nts_dev_header(object)),
				    owner ? &owner->owner : NULL, abandon);
	if (result.status)
		return -EPERM;
	op->result = result.previous;
	return 0;
}

static int read_state(struct nts_dev_object *object)
{
	switch (object->kind) {
	case NTSHIM_TIMER:
		return nts_bridge_read_timer(&object->core);
	case NTSHIM_EVENT:
		return nts_bridge_event_read(&object->core);
	default:
		return nts_signal_read(nts_dev_header(object));
	}
}

/*
 * What arms, queues or disarms an object that it found before it was deleted
 * comes after the delete, as if it had not found it: -ENOENT.
 */
static int cancel(struct nts_dev_object *object, int *was_active)
{
	int ret = -ENOENT;

	spin_lock_bh(&object->lock);
	if (!object->deleted) {
		if (object->kind == NTSHIM_TIMER)
			*was_active = nts_bridge_cancel(&object->core);
		else if (object->kind == NTSHIM_EX_TIMER)
			*was_active = nts_bridge_cancel_ex(&object->core);
		else
			*was_active = nts_bridge_dpc_remove(&object->core);
		nts_dev_note_cancel(object, *was_active);
		ret = 0;
	}
	spin_unlock_bh(&object->lock);
	return ret;
}

static int insert(struct nts_dev_object *object, int *inserted)
{
	int ret = -ENOENT;

	spin_lock_bh(&object->lock);
	if (!object->deleted) {
		*inserted = nts_bridge_dpc_insert(&object->core,
						  (void *)(long)ktime_get_ns());
		if (*inserted)
			nts_dev_note_set(object, false);
		ret = 0;
	}
	spin_unlock_bh(&object->lock);
	return ret;
}

/* Do what fits the object; op->result is valid with 0. */
static int carry_out(struct nts_dev_object *object, struct ntshim_op *op)
{
	switch (op->op) {
	case NTSHIM_OP_READ:
		op->result = read_state(object);
		return 0;
	case NTSHIM_OP_CANCEL:
		return cancel(object, &op->result);
	case NTSHIM_OP_EVENT_SET:
		op->result = nts_bridge_event_set(&object->core);
		return 0;
	case NTSHIM_OP_EVENT_RESET:
		op->result = nts_bridge_event_reset(&object->core);
		return 0;
	case NTSHIM_OP_EVENT_PULSE:
		op->result = nts_bridge_event_pulse(&object->core);
		return 0;
	case NTSHIM_OP_SEMAPHORE_RELEASE:
		return release_semaphore(object, op);
	case NTSHIM_OP_MUTANT_RELEASE:
		return release_mutant(object, op, false);
	case NTSHIM_OP_MUTANT_ABANDON:
		return release_mutant(object, op, true);
	default:
		return insert(object, &op->result);
	}
}

static int do_op(struct nts_dev_world *world, union argument *arg)
{
	struct ntshim_op *op = &arg->op;
	struct nts_dev_object *object;
	int ret = -EINVAL;

	if (op->op == NTSHIM_OP_DELETE) {
		if (op->arg)
			return -EINVAL;
		op->result = 0;
		return nts_dev_object_delete(world, op->handle);
	}
	object = nts_dev_object_get(world, op->handle);
	if (!object)
		return -ENOENT;
	if (op_fits(object, op))
		ret = carry_out(object, op);
	if (!ret && op->op != NTSHIM_OP_READ)
		nts_dev_poll_wake(object);
	nts_dev_object_put(object);
	return ret;
}

static bool check_set(const struct ntshim_set *set)
{
	if (set->pad || (set->flags & ~NTSHIM_SET_CANCEL))
		return false;
	if (set->flags & NTSHIM_SET_CANCEL)
		return !set->due_100ns && !set->period_ms && !set->tolerance_ms;
	return set->period_ms <= INT_MAX && set->tolerance_ms <= INT_MAX;
}

static int set_timer(struct nts_dev_object *object, struct ntshim_set *set)
{
	struct nts_bridge_set_args args = {
		.due_100ns = set->due_100ns,
		.period_ms = (int)set->period_ms,
		.tolerance_ms = set->tolerance_ms,
	};
	int ret = -ENOENT;

	spin_lock_bh(&object->lock);
	if (!object->deleted) {
		set->was_armed = nts_bridge_set(&object->core, &args);
		nts_dev_note_set(object, args.due_100ns < 0);
		ret = 0;
	}
	spin_unlock_bh(&object->lock);
	return ret;
}

static int cancel_timer(struct nts_dev_object *object, struct ntshim_set *set)
{
	int was_armed = 0;
	int ret = cancel(object, &was_armed);

	if (!ret)
		set->was_armed = was_armed;
	return ret;
}

/**
 * nts_dev_set() - NTSHIM_IOC_SET
 * @world: whose handle it is
 * @set: in and out, see the user API
 *
 * Context: process.
 * Return: 0; -EINVAL: bad argument, or not a timer; -ENOENT: bad handle.
 */
int nts_dev_set(struct nts_dev_world *world, struct ntshim_set *set)
{
	struct nts_dev_object *object;
	int ret = -EINVAL;

	if (!check_set(set))
		return -EINVAL;
	object = nts_dev_object_get(world, set->handle);
	if (!object)
		return -ENOENT;
	if (object->kind == NTSHIM_TIMER)
		ret = set->flags & NTSHIM_SET_CANCEL ?
			      cancel_timer(object, set) :
			      set_timer(object, set);
	nts_dev_object_put(object);
	return ret;
}

static int do_set(struct nts_dev_world *world, union argument *arg)
{
	return nts_dev_set(world, &arg->set);
}

static bool check_set_ex(const struct nts_dev_object *object,
			 const struct ntshim_set_ex *set)
{
	if (object->kind != NTSHIM_EX_TIMER || set->flags || set->pad)
		return false;
	if ((object->flags & NTSHIM_CREATE_HIGH_RESOLUTION) &&
	    set->due_100ns >= 0)
		return false;
	if (!(object->flags & NTSHIM_CREATE_NO_WAKE) && set->no_wake_100ns)
		return false;
	return set->period_100ns >= 0 && set->period_100ns <= INT_MAX &&
	       set->no_wake_100ns >= -1;
}

static int set_ex_timer(struct nts_dev_object *object,
			struct ntshim_set_ex *set)
{
	struct nts_bridge_ex_args args = {
		.due_100ns = set->due_100ns,
		.period_100ns = set->period_100ns,
		.no_wake_100ns = set->no_wake_100ns,
	};
	int ret = -ENOENT;

	spin_lock_bh(&object->lock);
	if (!object->deleted) {
		set->was_armed = nts_bridge_set_ex(&object->core, &args);
		nts_dev_note_set(object, args.due_100ns < 0);
		ret = 0;
	}
	spin_unlock_bh(&object->lock);
	return ret;
}

static int do_set_ex(struct nts_dev_world *world, union argument *arg)
{
	struct ntshim_set_ex *set = &arg->set_ex;
	struct nts_dev_object *object;
	int ret = -EINVAL;

	object = nts_dev_object_get(world, set->handle);
	if (!object)
		return -ENOENT;
	if (check_set_ex(object, set))
		ret = set_ex_timer(object, set);
	nts_dev_object_put(object);
	return ret;
}

static int do_entry(struct nts_dev_world *world, struct ntshim_set __user *from)
{
	struct ntshim_set set;
	int ret;

	if (copy_from_user(&set, from, sizeof(set)) ||
	    copy_to_user(from, &set, sizeof(set)))
		return -EFAULT;
	ret = nts_dev_set(world, &set);
	if (!ret && put_user(set.was_armed, &from->was_armed))
		ret = -EFAULT;
	return ret;
}

/*
 * Entries before the first bad one have been carried out, which the caller
 * learns from @done: an error that would hide that is given only for the first.
 */
static int do_batch(struct nts_dev_world *world, union argument *arg)
{
	struct ntshim_batch *batch = &arg->batch;
	struct ntshim_set __user *entries = u64_to_user_ptr(batch->entries);
	int ret = 0;

	if (!batch->count || batch->count > NTSHIM_BATCH_MAX)
		return -EINVAL;
	batch->done = 0;
	while (batch->done < batch->count && !fatal_signal_pending(current)) {
		ret = do_entry(world, &entries[batch->done]);
		if (ret)
			break;
		batch->done++;
		cond_resched();
	}
	return batch->done ? 0 : ret;
}

static int do_query(struct nts_dev_world *world, union argument *arg)
{
	struct nts_dev_object *object;

	if (arg->query.pad)
		return -EINVAL;
	object = nts_dev_object_get(world, arg->query.handle);
	if (!object)
		return -ENOENT;
	nts_dev_query(object, &arg->query);
	nts_dev_object_put(object);
	return 0;
}

static int do_wait(struct nts_dev_world *world, union argument *arg)
{
	return nts_dev_wait(world, &arg->wait);
}

static int do_clocks(struct nts_dev_world *world, union argument *arg)
{
	struct nts_bridge_clocks clocks;

	if (arg->clocks.pad)
		return -EINVAL;
	nts_bridge_read_clocks(&clocks);
	arg->clocks = (struct ntshim_clocks){
		.system_100ns = clocks.system_100ns,
		.interrupt_100ns = clocks.interrupt_100ns,
		.unbiased_100ns = clocks.unbiased_100ns,
		.ticks = clocks.ticks,
		.counter = clocks.counter,
		.frequency = clocks.frequency,
		.increment_100ns = clocks.increment_100ns,
	};
	return 0;
}

static int do_ring(struct nts_dev_world *world, union argument *arg)
{
	return nts_dev_ring_create(world, &arg->ring);
}

static int do_cancel_wait(struct nts_dev_world *world, union argument *arg)
{
	if (arg->cancel_wait.pad)
		return -EINVAL;
	arg->cancel_wait.count =
		nts_dev_uring_cancel(world, arg->cancel_wait.cookie);
	return 0;
}

/**
 * struct command - one call
 * @fn: changes @arg only when it returns 0
 * @size: of its structure, as this module knows it
 * @first_size: as the first version knew it
 */
struct command {
	int (*fn)(struct nts_dev_world *world, union argument *arg);
	u16 size;
	u16 first_size;
};

#define COMMAND(fn_, name, NAME)                         \
	[_IOC_NR(NTSHIM_IOC_##NAME)] = {                 \
		.fn = fn_,                               \
		.size = sizeof(struct ntshim_##name),    \
		.first_size = NTSHIM_##NAME##_SIZE_VER0, \
	}

#define NTSHIM_RING_SIZE_VER0 NTSHIM_RING_SETUP_SIZE_VER0

static const struct command commands[] = {
	COMMAND(do_info, info, INFO),
	COMMAND(do_create, create, CREATE),
	COMMAND(do_op, op, OP),
	COMMAND(do_set, set, SET),
	COMMAND(do_batch, batch, BATCH),
	COMMAND(do_query, query, QUERY),
	COMMAND(do_wait, wait, WAIT),
	COMMAND(do_clocks, clocks, CLOCKS),
	COMMAND(do_ring, ring_setup, RING),
	COMMAND(do_cancel_wait, cancel_wait, CANCEL_WAIT),
	COMMAND(do_set_ex, set_ex, SET_EX),
};

/* The direction is part of a command's number as much as its type is. */
static const struct command *command_of(unsigned int cmd)
{
	unsigned int nr = _IOC_NR(cmd);

	if (_IOC_TYPE(cmd) != NTSHIM_IOC_MAGIC ||
	    _IOC_DIR(cmd) != (_IOC_READ | _IOC_WRITE) ||
	    nr >= ARRAY_SIZE(commands))
		return NULL;
	return &commands[array_index_nospec(nr, ARRAY_SIZE(commands))];
}

/**
 * nts_dev_ioctl() - any call on an open file
 * @file: of /dev/ntshim
 * @cmd: command number; the size in it is that of the caller's structure
 * @user_arg: address of the structure
 *
 * Writes the caller's own structure back before it does anything, so that
 * memory that cannot be written is found before a signal has been consumed.
 *
 * Context: process, may sleep.
 * Return: 0; -ENOTTY: no such command; -EINVAL: a structure older than the first
 * version; -E2BIG: one that is newer than the module and used; -EFAULT; or what
 * the call says.
 */
long nts_dev_ioctl(struct file *file, unsigned int cmd, unsigned long user_arg)
{
	const struct command *command = command_of(cmd);
	void __user *user = (void __user *)user_arg;
	unsigned int user_size = _IOC_SIZE(cmd);
	union argument arg = {};
	size_t size;
	int ret;

	if (!command)
		return -ENOTTY;
	if (user_size < command->first_size || user_size > ARGUMENT_MAX)
		return -EINVAL;
	ret = copy_struct_from_user(&arg, command->size, user, user_size);
	if (ret)
		return ret;
	size = min_t(size_t, user_size, command->size);
	if (copy_to_user(user, &arg, size))
		return -EFAULT;
	ret = command->fn(file->private_data, &arg);
	if (!ret && copy_to_user(user, &arg, size))
		return -EFAULT;
	return ret;
}
