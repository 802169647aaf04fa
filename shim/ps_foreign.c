// SPDX-License-Identifier: GPL-2.0
/*
 * Records of tasks that are no system threads: made when such a task first needs
 * one. Nothing tells of the end of these tasks, so it is looked for.
 */

#include "compat.h"

#include <linux/delay.h>
#include <linux/hash.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/pid.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "mutant.h"
#include "ob_handle.h"
#include "ps_foreign.h"
#include "ps_thread.h"

#define BUCKET_BITS 6
#define NR_BUCKETS 64

/* Records of tasks that are not system threads, by struct pid. */
static struct hlist_head others[NR_BUCKETS];
static_assert(ilog2(NR_BUCKETS) == BUCKET_BITS);
static DEFINE_RAW_SPINLOCK(others_lock);

static struct hlist_head *bucket_of(const struct pid *pid)
{
	return &others[hash_ptr(pid, BUCKET_BITS)];
}

static struct nts_thread *find_other_locked(const struct pid *pid)
{
	struct nts_thread *thread;

	hlist_for_each_entry(thread, bucket_of(pid), link)
		if (thread->pid == pid)
			return thread;
	return NULL;
}

/**
 * nts_foreign_find() - the record of a task, if it has one
 * @pid: the task, that lives
 *
 * Context: any.
 * Return: the record or NULL.
 */
struct nts_thread *nts_foreign_find(const struct pid *pid)
{
	struct nts_thread *thread;
	unsigned long flags;

	if (hlist_empty(bucket_of(pid)))
		return NULL;
	raw_spin_lock_irqsave(&others_lock, flags);
	thread = find_other_locked(pid);
	raw_spin_unlock_irqrestore(&others_lock, flags);
	return thread;
}

/* A task that has not been reaped yet runs no driver's code either. */
static bool is_gone(struct pid *pid)
{
	const struct task_struct *task = pid_task(pid, PIDTYPE_PID);

	return !task || READ_ONCE(task->exit_state);
}

/* Move the records of tasks that are gone from a bucket to @dead; RCU. */
static void collect_dead_locked(struct hlist_head *bucket,
				struct hlist_head *dead)
{
	struct nts_thread *thread;
	struct hlist_node *next;

	hlist_for_each_entry_safe(thread, next, bucket, link) {
		if (!is_gone(thread->pid))
			continue;
		hlist_del(&thread->link);
		hlist_add_head(&thread->link, dead);
	}
}

/* How many have taken records off the table and not put them down yet. */
static atomic_t burials = ATOMIC_INIT(0);

static void put_all(struct hlist_head *list)
{
	struct nts_thread *thread;
	struct hlist_node *next;

	hlist_for_each_entry_safe(thread, next, list, link)
		nts_object_put(&thread->object);
}

/*
 * Tasks that are gone; a mutex of theirs is told by the task that finds it. The
 * caller has counted itself before it took them off the table.
 */
static void bury_all(struct hlist_head *dead)
{
	struct nts_thread *thread;

	hlist_for_each_entry(thread, dead, link) {
		nts_owner_end(&thread->owner, &thread->header, 0);
		nts_thread_signal(thread);
	}
	put_all(dead);
	/* Pairs with the acquire in nts_foreign_forget_mutants(). */
	atomic_fetch_dec_release(&burials);
}

/* Somebody may wait for what it owns, or for itself. */
static bool is_missed(struct nts_thread *thread)
{
	return READ_ONCE(thread->owner.owned) ||
	       refcount_read(&thread->object.refs) > 1;
}

/* Move all records of tasks that are gone to @dead; true: look again later. */
static bool collect_all_dead(struct hlist_head *dead)
{
	struct nts_thread *thread;
	bool missed = false;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < NR_BUCKETS; i++) {
		rcu_read_lock();
		raw_spin_lock_irqsave(&others_lock, flags);
		collect_dead_locked(&others[i], dead);
		hlist_for_each_entry(thread, &others[i], link)
			missed |= is_missed(thread);
		raw_spin_unlock_irqrestore(&others_lock, flags);
		rcu_read_unlock();
	}
	return missed;
}

static void watch_fn(struct work_struct *work);
static DECLARE_DELAYED_WORK(watch_work, watch_fn);

static void watch_fn(struct work_struct *work)
{
	HLIST_HEAD(dead);

	atomic_inc(&burials);
	if (collect_all_dead(&dead))
		nts_foreign_watch();
	bury_all(&dead);
}

/**
 * nts_foreign_watch() - the end of a task that is no system thread matters
 *
 * It has come to own a mutant, or somebody has taken a reference on it. Nothing
 * tells of its end, so it is looked for once a second for as long as there is
 * such a task (W-SIG-06, W-MTX-09, W-MTX-10).
 *
 * Context: any but NMI; locks of the engine may be held.
 */
void nts_foreign_watch(void)
{
	schedule_delayed_work(&watch_work, HZ);
}

/* Where memory can be had at all: PREEMPT_RT has none in atomic context. */
static bool can_make_record(void)
{
	return !IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible();
}

/**
 * nts_foreign_add() - give the calling task a record
 * @gfp: how to allocate it
 *
 * Sweeps records of tasks that are gone on the way.
 *
 * Context: a task without a record; sleeps as @gfp says.
 * Return: the record; NULL without memory, which on PREEMPT_RT is wherever
 * preemption is off.
 */
struct nts_thread *nts_foreign_add(gfp_t gfp)
{
	struct nts_thread *thread;
	HLIST_HEAD(dead);
	unsigned long flags;

	thread = can_make_record() ? kzalloc(sizeof(*thread), gfp) : NULL;
	if (!thread)
		return NULL;
	nts_thread_init(thread);
	thread->owner.is_watched = true;
	thread->pid = get_task_pid(current, PIDTYPE_PID);

	atomic_inc(&burials);
	rcu_read_lock();
	raw_spin_lock_irqsave(&others_lock, flags);
	collect_dead_locked(bucket_of(thread->pid), &dead);
	hlist_add_head(&thread->link, bucket_of(thread->pid));
	raw_spin_unlock_irqrestore(&others_lock, flags);
	rcu_read_unlock();
	bury_all(&dead);
	return thread;
}

/**
 * nts_foreign_forget_mutants() - part the tasks from mutants whose memory goes
 * @mod: those in this module
 *
 * Whoever looks at the mutants of a task that has ended comes to his end first.
 *
 * Context: process, sleeps; nothing of @mod runs any more.
 * Return: true if there was one.
 */
bool nts_foreign_forget_mutants(const struct module *mod)
{
	struct nts_thread *thread;
	bool found = false;
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&others_lock, flags);
	for (i = 0; i < NR_BUCKETS; i++)
		hlist_for_each_entry(thread, &others[i], link)
			found |= nts_owner_forget(&thread->owner, mod);
	raw_spin_unlock_irqrestore(&others_lock, flags);
	/* Pairs with the release in bury_all(). */
	while (atomic_read_acquire(&burials))
		usleep_range(1000, 2000);
	return found;
}

/**
 * nts_foreign_stop() - forget all tasks
 *
 * Context: module exit; sleeps. No system thread runs any more: each keeps the
 * library loaded.
 */
void nts_foreign_stop(void)
{
	HLIST_HEAD(dead);
	unsigned int i;

	cancel_delayed_work_sync(&watch_work);
	for (i = 0; i < NR_BUCKETS; i++) {
		/* Whoever frees one looks for its own. */
		hlist_move_list(&others[i], &dead);
		put_all(&dead);
		INIT_HLIST_HEAD(&dead);
	}
}
