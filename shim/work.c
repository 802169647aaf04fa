// SPDX-License-Identifier: GPL-2.0
/*
 * Queues of work items. Queueing must not fail, and an item must not be looked
 * at any more when its routine runs, so no Linux work item lies in one: each
 * queue has a fixed number of workers, which take one item after the other. A
 * worker is a work item of Linux on an unbound queue, so that one that blocks
 * holds up nobody.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "callback.h"
#include "peek.h"
#include "report.h"
#include "work.h"

/**
 * struct worker - takes items of one queue
 * @work: runs worker_fn()
 * @queue: where the items come from
 * @idle: in the queue's list of workers that are not needed
 * @busy: in the list of workers that call a routine
 * @routine: the driver's routine it calls, meaningful while in that list
 */
struct worker {
	struct work_struct work;
	struct work_queue *queue;
	struct list_head idle;
	struct list_head busy;
	unsigned long routine;
};

/**
 * struct work_queue - one queue
 * @items: struct nts_work, first in first out
 * @idle: workers that are not needed now
 * @workqueue: runs the workers
 * @workers: all of them
 */
struct work_queue {
	struct list_head items;
	struct list_head idle;
	struct workqueue_struct *workqueue;
	struct worker workers[NTS_WORKERS];
};

/* Protects all lists and the links of items; nothing is called under it. */
static DEFINE_RAW_SPINLOCK(work_lock);
static struct work_queue *queues[NTS_WORK_CLASSES];
static LIST_HEAD(busy_workers);
static DECLARE_WAIT_QUEUE_HEAD(finish_waiters);

/**
 * struct call - an item's content, copied when it was taken off its queue
 * @io: the whole IO_WORKITEM, or of a WORK_QUEUE_ITEM @io.work alone
 * @item: the IO_WORKITEM itself; may be gone or queued again
 */
struct call {
	struct nts_io_work io;
	void *item;
};

static void run_io(void *context)
{
	const struct call *call = context;
	const struct nts_io_work *io = &call->io;
	void (*plain)(void *object, void *context) = io->routine;
	void (*with_item)(void *object, void *context, void *item) =
		io->routine;

	if (io->pass_item)
		with_item(io->object, io->context, call->item);
	else
		plain(io->object, io->context);
}

static unsigned long routine_of(const struct nts_work *work)
{
	const struct nts_io_work *io = work->context;

	return (unsigned long)(work->routine == run_io ? io->routine :
							 (void *)work->routine);
}

static void unlink_locked(struct nts_work *work)
{
	list_del(&work->link);
	work->link.next = NULL;
}

/*
 * The item belongs to the driver when the lock is dropped: its routine has not
 * run yet, but somebody may queue it again, for another one.
 */
static void copy_call_locked(struct call *call, struct nts_work *work)
{
	call->io.work = *work;
	if (work->routine != run_io)
		return;
	call->item = work->context;
	call->io = *(struct nts_io_work *)work->context;
	call->io.work.context = call;
}

/* The next item's call, with @worker busy; or false with @worker idle. */
static bool take_call(struct worker *worker, struct call *call)
{
	struct work_queue *queue = worker->queue;
	struct nts_work *work;
	unsigned long flags;

	raw_spin_lock_irqsave(&work_lock, flags);
	work = list_first_entry_or_null(&queue->items, struct nts_work, link);
	if (work) {
		unlink_locked(work);
		copy_call_locked(call, work);
		worker->routine = routine_of(work);
		list_add(&worker->busy, &busy_workers);
	} else {
		list_add(&worker->idle, &queue->idle);
	}
	raw_spin_unlock_irqrestore(&work_lock, flags);
	return work;
}

static void end_call(struct worker *worker)
{
	unsigned long flags;

	raw_spin_lock_irqsave(&work_lock, flags);
	list_del(&worker->busy);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	if (wq_has_sleeper(&finish_waiters))
		wake_up_all(&finish_waiters);
}

static void worker_fn(struct work_struct *work)
{
	struct worker *worker = container_of(work, struct worker, work);
	struct nts_callback callback;
	struct call call;

	while (take_call(worker, &call)) {
		nts_callback_enter(&callback);
		call.io.work.routine(call.io.work.context);
		if (unlikely(!nts_callback_leave(&callback, worker->routine)))
			nts_report_at(worker->routine, "Q-IO-06",
				      NTS_BUG_WORKER_AT_BAD_IRQL, NULL,
				      "work item returned above PASSIVE_LEVEL; level restored");
		end_call(worker);
		cond_resched();
	}
}

/* A worker for one more item; NULL: the busy ones will come to it. */
static struct worker *wake_locked(struct work_queue *queue)
{
	struct worker *worker;

	worker = list_first_entry_or_null(&queue->idle, struct worker, idle);
	if (worker)
		list_del(&worker->idle);
	return worker;
}

/* False if the item is queued already, and then @wake is NULL. */
static bool queue_locked(struct nts_work *work, struct work_queue *queue,
			 struct worker **wake)
{
	*wake = NULL;
	if (work->link.next)
		return false;
	list_add_tail(&work->link, &queue->items);
	*wake = wake_locked(queue);
	return true;
}

static void start_worker(struct worker *worker)
{
	if (worker)
		queue_work(worker->queue->workqueue, &worker->work);
}

/**
 * nts_work_queue() - queue an item
 * @work: item with routine and context
 * @class: which queue
 *
 * Context: any but NMI.
 * Return: false if it is queued already; nothing has changed then.
 * Source: Q-IO-03, Q-IO-04, Q-IO-07.
 * Test: ntshim_work:queueing_twice_is_reported
 */
bool nts_work_queue(struct nts_work *work, enum nts_work_class class)
{
	struct worker *worker;
	unsigned long flags;
	bool queued;

	raw_spin_lock_irqsave(&work_lock, flags);
	queued = queue_locked(work, queues[class], &worker);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	start_worker(worker);
	return queued;
}

/**
 * nts_work_queue_io() - fill in and queue an IO_WORKITEM
 * @io: the item
 * @class: which queue
 * @call: routine, context and pass_item for it; the rest is not looked at
 *
 * Context: any but NMI.
 * Return: false if it is queued already; nothing has changed then.
 * Source: Q-IO-02.
 * Test: ntshim_work:item_runs_at_passive_level
 */
bool nts_work_queue_io(struct nts_io_work *io, enum nts_work_class class,
		       const struct nts_io_work *call)
{
	struct worker *worker;
	unsigned long flags;
	bool queued;

	raw_spin_lock_irqsave(&work_lock, flags);
	queued = queue_locked(&io->work, queues[class], &worker);
	if (queued) {
		io->work.routine = run_io;
		io->work.context = io;
		io->routine = call->routine;
		io->context = call->context;
		io->pass_item = call->pass_item;
	}
	raw_spin_unlock_irqrestore(&work_lock, flags);
	start_worker(worker);
	return queued;
}

/* Whether some list leads to it; the memory may hold anything. */
static bool looks_linked(const struct nts_work *work)
{
	const struct list_head *prev = READ_ONCE(work->link.prev);
	struct list_head *next;

	return prev != &work->link &&
	       nts_peek(&next, &prev->next, sizeof(next)) &&
	       next == &work->link;
}

static bool find_locked(const struct nts_work *work)
{
	struct nts_work *other;
	unsigned int i;

	for (i = 0; i < NTS_WORK_CLASSES; i++)
		list_for_each_entry(other, &queues[i]->items, link)
			if (other == work)
				return true;
	return false;
}

/**
 * nts_work_is_queued() - whether memory is an item on a queue
 * @work: memory of any content
 *
 * For init routines, which must not overwrite the links of such an item.
 *
 * Context: any but NMI.
 * Return: true if it was queued at some instant of the call.
 */
bool nts_work_is_queued(const struct nts_work *work)
{
	unsigned long flags;
	bool queued;

	if (likely(!looks_linked(work)))
		return false;
	raw_spin_lock_irqsave(&work_lock, flags);
	queued = find_locked(work);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	return queued;
}

/**
 * nts_work_remove() - take an item off its queue
 * @work: item, queued or not
 *
 * Context: any but NMI.
 * Return: true if it was queued; its routine will not be called.
 */
bool nts_work_remove(struct nts_work *work)
{
	unsigned long flags;
	bool queued;

	raw_spin_lock_irqsave(&work_lock, flags);
	queued = work->link.next;
	if (queued)
		unlink_locked(work);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	return queued;
}

static bool is_inside(const void *address, const void *start, size_t size)
{
	return (unsigned long)address - (unsigned long)start < size;
}

/**
 * nts_work_remove_inside() - take an item in some memory off its queue
 * @start: of the memory
 * @size: in bytes
 * @routine: receives the driver's routine of the item
 *
 * Context: any but NMI.
 * Return: true if one was queued there.
 */
bool nts_work_remove_inside(const void *start, size_t size,
			    unsigned long *routine)
{
	struct nts_work *work, *found = NULL;
	unsigned long flags;
	unsigned int i;

	raw_spin_lock_irqsave(&work_lock, flags);
	for (i = 0; i < NTS_WORK_CLASSES && !found; i++)
		list_for_each_entry(work, &queues[i]->items, link) {
			if (!is_inside(work, start, size))
				continue;
			found = work;
			*routine = routine_of(work);
			break;
		}
	if (found)
		unlink_locked(found);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	return found;
}

static bool is_queued_of(const struct nts_work *work, const struct module *mod)
{
	return within_module(routine_of(work), mod) ||
	       within_module((unsigned long)work, mod);
}

/* The @nth queued item's routine that belongs to @mod, 0: there are fewer. */
static unsigned long queued_of_locked(const struct module *mod,
				      unsigned int nth)
{
	struct nts_work *work;
	unsigned int i;

	lockdep_assert_held(&work_lock);
	for (i = 0; i < NTS_WORK_CLASSES; i++)
		list_for_each_entry(work, &queues[i]->items, link)
			if (is_queued_of(work, mod) && !nth--)
				return routine_of(work);
	return 0;
}

static unsigned long queued_of(const struct module *mod, unsigned int nth)
{
	unsigned long flags, routine;

	raw_spin_lock_irqsave(&work_lock, flags);
	routine = queued_of_locked(mod, nth);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	return routine;
}

static bool is_busy_with_locked(const struct module *mod)
{
	struct worker *worker;
	bool busy = false;

	lockdep_assert_held(&work_lock);
	list_for_each_entry(worker, &busy_workers, busy)
		busy |= within_module(worker->routine, mod);
	return busy;
}

/**
 * nts_work_has_items() - whether a driver has work items, queued or running
 * @mod: its module
 *
 * At one moment: an item that queues itself is always one or the other.
 *
 * Context: any but NMI.
 * Return: true if there is one.
 */
bool nts_work_has_items(const struct module *mod)
{
	unsigned long flags;
	bool has;

	raw_spin_lock_irqsave(&work_lock, flags);
	has = queued_of_locked(mod, 0) || is_busy_with_locked(mod);
	raw_spin_unlock_irqrestore(&work_lock, flags);
	return has;
}

/**
 * nts_work_finish_driver() - wait for the work items of a driver that goes
 * @mod: its module
 *
 * Items that are still queued are reported. Running ones are not: the last thing
 * an item did may have been to let the driver go.
 *
 * Context: PASSIVE_LEVEL, process context; sleeps until all have run.
 * Return: false if there was none, queued or running.
 * Source: Q-IO-09, Q-EX-02, M-LIF-09.
 * Test: ntshim_work:unload_waits_for_items
 */
bool nts_work_finish_driver(const struct module *mod)
{
	unsigned long routine;
	unsigned int count = 0;

	if (!nts_work_has_items(mod))
		return false;
	while ((routine = queued_of(mod, count))) {
		nts_report_at(routine, "Q-IO-09", NTS_BUG_UNLOADED_WITH_PENDING,
			      NULL,
			      "work item still queued when its driver went; waiting for it");
		count++;
	}
	/* An item that is taken off its queue wakes nobody. */
	while (!wait_event_idle_timeout(finish_waiters,
					!nts_work_has_items(mod), HZ))
		;
	return true;
}
NTS_EXPORT_INTERNAL(nts_work_finish_driver);

static struct work_queue *new_queue(const char *name, unsigned int flags)
{
	struct work_queue *queue = kzalloc(sizeof(*queue), GFP_KERNEL);
	unsigned int i;

	if (!queue)
		return NULL;
	/* Each NUMA node has its part of the maximum: the queue has its own. */
	queue->workqueue =
		alloc_workqueue("%s", WQ_UNBOUND | flags, WQ_MAX_ACTIVE, name);
	if (!queue->workqueue) {
		kfree(queue);
		return NULL;
	}
	INIT_LIST_HEAD(&queue->items);
	INIT_LIST_HEAD(&queue->idle);
	for (i = 0; i < NTS_WORKERS; i++) {
		queue->workers[i].queue = queue;
		INIT_WORK(&queue->workers[i].work, worker_fn);
		list_add_tail(&queue->workers[i].idle, &queue->idle);
	}
	return queue;
}

static void free_queue(struct work_queue *queue)
{
	if (!queue)
		return;
	destroy_workqueue(queue->workqueue);
	kfree(queue);
}

/**
 * nts_work_start() - make the queues
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int __init nts_work_start(void)
{
	queues[NTS_WORK_NORMAL] = new_queue("ntshim", 0);
	queues[NTS_WORK_HIGH] = new_queue("ntshim_high", WQ_HIGHPRI);
	if (queues[NTS_WORK_NORMAL] && queues[NTS_WORK_HIGH])
		return 0;
	nts_work_stop();
	return -ENOMEM;
}

/**
 * nts_work_stop() - run what is queued and end the queues
 *
 * Context: module exit; sleeps. No driver is loaded any more.
 */
void nts_work_stop(void)
{
	unsigned int i;

	for (i = 0; i < NTS_WORK_CLASSES; i++)
		free_queue(queues[i]);
}
