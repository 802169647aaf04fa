// SPDX-License-Identifier: GPL-2.0
/*
 * The directory of ntshim in debugfs, and its file "waits": a line for each
 * wait that is blocked. Looking holds up a shard for one wait at a time, and
 * costs waits nothing but their place on the shard's list.
 */

#include "compat.h"

#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "debugfs.h"
#include "dispatcher.h"
#include "timer.h"
#include "wait.h"

struct dentry *nts_debugfs_dir;

/**
 * struct sight - what is seen of a blocked wait while its shard is locked
 * @pid: of its thread; 0: asynchronous
 * @comm: name of its thread
 * @all: wait-all
 * @count: length of @objects; 0: a delay
 * @objects: addresses; the objects are not looked at
 * @types: their type codes
 * @age_ms: how long it has been blocked, to a jiffy
 * @timed: @due_ns and @clock are valid
 * @due_ns: when it times out, on @clock
 * @clock: enum nts_clock
 */
struct sight {
	pid_t pid;
	char comm[TASK_COMM_LEN];
	bool all;
	u8 count;
	const void *objects[NT_LAYOUT_MAXIMUM_WAIT_OBJECTS];
	u8 types[NT_LAYOUT_MAXIMUM_WAIT_OBJECTS];
	unsigned int age_ms;
	bool timed;
	u64 due_ns;
	u8 clock;
};

/* One reader at a time: its place on a shard's list is @cursor. */
static DEFINE_MUTEX(reader_mutex);
static struct nts_wait cursor;
static struct sight sight;

static const char *type_name(u8 type)
{
	static const char *const names[] = {
		[NT_LAYOUT_TYPE_NOTIFICATION_EVENT] = "notification-event",
		[NT_LAYOUT_TYPE_SYNCHRONIZATION_EVENT] =
			"synchronization-event",
		[NT_LAYOUT_TYPE_MUTANT] = "mutant",
		[NT_LAYOUT_TYPE_SEMAPHORE] = "semaphore",
		[NT_LAYOUT_TYPE_THREAD] = "thread",
		[NT_LAYOUT_TYPE_NOTIFICATION_TIMER] = "notification-timer",
		[NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER] =
			"synchronization-timer",
	};

	type &= ~NTS_TYPE_EX;
	return type < ARRAY_SIZE(names) && names[type] ? names[type] : "?";
}

/* While a wait is on the list its record, blocks, task and timeout stay. */
static void look_at(const struct nts_wait *wait)
{
	const struct nts_timer *timeout = READ_ONCE(wait->timeout);
	unsigned int i;

	sight.pid = wait->task ? task_pid_nr(wait->task) : 0;
	strscpy(sight.comm, wait->task ? wait->task->comm : "asynchronous",
		sizeof(sight.comm));
	sight.all = wait->all;
	sight.count = wait->count;
	for (i = 0; i < wait->count; i++) {
		sight.objects[i] = wait->blocks[i].object;
		sight.types[i] = wait->blocks[i].type;
	}
	sight.age_ms = jiffies_to_msecs(jiffies - wait->since);
	sight.timed = timeout && timeout->header.inserted;
	if (!sight.timed)
		return;
	sight.due_ns = timeout->due_ns;
	sight.clock = timeout->clock;
}

/* Move @cursor past the next wait and look at that; false: there is none. */
static bool look_at_next(struct nts_shard *shard)
{
	struct nts_wait *wait;
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&shard->lock, flags);
	found = !list_is_last(&cursor.blocked, &shard->waits);
	if (found) {
		wait = list_next_entry(&cursor, blocked);
		look_at(wait);
		list_move(&cursor.blocked, &wait->blocked);
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return found;
}

static void show_limit(struct seq_file *file)
{
	u64 now_ns = sight.clock == NTS_CLOCK_REAL ? ktime_get_real_ns() :
						     ktime_get_ns();

	if (!sight.timed)
		seq_puts(file, " left_ms=-");
	else
		seq_printf(file, " left_ms=%lld",
			   div_s64(sight.due_ns - now_ns, NSEC_PER_MSEC));
}

static void show_sight(struct seq_file *file)
{
	const char *kind = sight.all ? "all" : "any";
	unsigned int i;

	seq_printf(file, "pid=%d comm=%s %s age_ms=%u", sight.pid, sight.comm,
		   sight.count ? kind : "delay", sight.age_ms);
	show_limit(file);
	for (i = 0; i < sight.count; i++)
		seq_printf(file, " %p=%s", sight.objects[i],
			   type_name(sight.types[i]));
	seq_putc(file, '\n');
}

static void show_shard(struct seq_file *file, struct nts_shard *shard)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&shard->lock, flags);
	list_add(&cursor.blocked, &shard->waits);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	while (look_at_next(shard))
		show_sight(file);
	raw_spin_lock_irqsave(&shard->lock, flags);
	list_del(&cursor.blocked);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
}

/**
 * nts_debugfs_show_waits() - list the waits that are blocked
 * @file: to write to
 * @unused: not used
 *
 * A line each, in the order in which they blocked in their shard: the thread,
 * or pid 0 of an asynchronous wait; any, all or delay; for how long; how long it
 * may take yet, "-" without limit; and the objects, by hashed address as in
 * tracepoints. A wait that is blocked all the while is shown once, others
 * perhaps.
 *
 * Context: process; sleeps. Takes shard locks.
 * Return: 0.
 * Source: W-IMP-06.
 * Test: ntshim_wait_watch:listing_shows_each_blocked_wait
 */
int nts_debugfs_show_waits(struct seq_file *file, void *unused)
{
	unsigned int i;

	mutex_lock(&reader_mutex);
	for (i = 0; i <= nts_shard_mask; i++)
		show_shard(file, &nts_shards[i]);
	mutex_unlock(&reader_mutex);
	return 0;
}
NTS_EXPORT_INTERNAL(nts_debugfs_show_waits);

static int waits_open(struct inode *inode, struct file *file)
{
	return single_open(file, nts_debugfs_show_waits, NULL);
}

static const struct file_operations waits_fops = {
	.owner = THIS_MODULE,
	.open = waits_open,
	.read = seq_read,
	.llseek = seq_lseek,
	.release = single_release,
};

/**
 * nts_debugfs_start() - make the directory and its listings
 *
 * Context: module init.
 */
void __init nts_debugfs_start(void)
{
	nts_debugfs_dir = debugfs_create_dir(KBUILD_MODNAME, NULL);
	debugfs_create_file("waits", 0400, nts_debugfs_dir, NULL, &waits_fops);
}

/**
 * nts_debugfs_stop() - remove the directory and all that is in it
 *
 * Context: module exit.
 */
void nts_debugfs_stop(void)
{
	debugfs_remove(nts_debugfs_dir);
}
