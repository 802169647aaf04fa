// SPDX-License-Identifier: GPL-2.0
/*
 * Work items as drivers call them: queue types, allocation, misuse. The queues
 * are those of work.c.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/string.h>

#include "ex_pool.h"
#include "ex_work.h"
#include "irql.h"
#include "pool.h"
#include "report.h"
#include "work.h"

/* "IoWI" */
#define TAG_WORK_ITEM 0x49576f49u

/* WORK_QUEUE_TYPE: the four critical ones, and where thread priorities start */
#define CRITICAL_TYPES 0x65u
#define CUSTOM_PRIORITY 32
/* The priority of Windows' threads for critical items. */
#define CRITICAL_PRIORITY 13

static enum nts_work_class class_of(u32 type)
{
	bool high;

	if (type >= CUSTOM_PRIORITY)
		high = type - CUSTOM_PRIORITY >= CRITICAL_PRIORITY;
	else
		high = CRITICAL_TYPES >> type & 1;
	return high ? NTS_WORK_HIGH : NTS_WORK_NORMAL;
}

static void check_level(unsigned long caller)
{
	if (unlikely(nts_irql_current() > NTS_DISPATCH_LEVEL))
		nts_misuse_at(caller, "V-26", NULL,
			      "work item routine called above DISPATCH_LEVEL");
}

static void check_queued(bool queued, const void *item, unsigned long caller)
{
	check_level(caller);
	if (unlikely(!queued))
		nts_report_at(caller, "Q-IO-04", NTS_BUG_INVALID_WORK_ITEM,
			      item,
			      "work item queued that is queued already; ignored");
}

/* False: it is left as it is. */
static bool may_initialize(const struct nts_work *item, unsigned long caller)
{
	if (likely(!nts_work_is_queued(item)))
		return true;
	nts_report_at(caller, "Q-IO-04", NTS_BUG_INVALID_WORK_ITEM, item,
		      "work item initialised while queued; left as it is");
	return false;
}

/**
 * ExpInitializeWorkItem() - what ExInitializeWorkItem stands for
 * @item: memory of any content; a queued item is reported and left as it is
 * @routine: to be called
 * @context: for it
 *
 * Context: any IRQL.
 * Source: ExInitializeWorkItem macro (wdm.h); Q-EX-01.
 * Test: ntshim_work:init_of_a_queued_item_is_reported
 */
void ExpInitializeWorkItem(struct nts_work *item,
			   void (*routine)(void *context), void *context)
{
	if (!may_initialize(item, _RET_IP_))
		return;
	item->routine = routine;
	item->context = context;
	item->link.next = NULL;
}
EXPORT_SYMBOL_GPL(ExpInitializeWorkItem);

/**
 * ExQueueWorkItem() - have a system thread call a routine
 * @item: WORK_QUEUE_ITEM prepared by ExInitializeWorkItem, not queued
 * @type: WORK_QUEUE_TYPE
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: ExQueueWorkItem function (wdm.h); Q-EX-01.
 * Test: ntshim_work:ex_item_may_be_freed_by_its_routine
 */
void ExQueueWorkItem(struct nts_work *item, u32 type)
{
	check_queued(nts_work_queue(item, class_of(type)), item, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExQueueWorkItem);

/**
 * IoSizeofWorkItem() - the size of an IO_WORKITEM
 *
 * Context: any IRQL.
 * Return: bytes that IoInitializeWorkItem() needs.
 * Source: IoSizeofWorkItem function (wdm.h); Q-IO-01.
 * Test: ntshim_work:item_in_own_memory_may_be_freed
 */
u32 IoSizeofWorkItem(void)
{
	return sizeof(struct nts_io_work);
}
EXPORT_SYMBOL_GPL(IoSizeofWorkItem);

/**
 * IoInitializeWorkItem() - make memory a work item
 * @object: device or driver object, handed to the routine
 * @item: memory of IoSizeofWorkItem() bytes; a queued item is reported and left
 *	as it is
 *
 * Context: any IRQL.
 * Source: IoInitializeWorkItem function (wdm.h); Q-IO-01.
 * Test: ntshim_work:item_in_own_memory_may_be_freed
 */
void IoInitializeWorkItem(void *object, struct nts_io_work *item)
{
	if (!may_initialize(&item->work, _RET_IP_))
		return;
	memset(item, 0, sizeof(*item));
	item->object = object;
}
EXPORT_SYMBOL_GPL(IoInitializeWorkItem);

static void check_removed(struct nts_io_work *item, unsigned long caller)
{
	check_level(caller);
	if (unlikely(nts_work_remove(&item->work)))
		nts_report_at(caller, "P-FRE-02", NTS_BUG_WORKER_INVALID, item,
			      "work item freed while queued; taken off its queue");
}

/**
 * IoUninitializeWorkItem() - end the use of a work item in the driver's memory
 * @item: item that is not queued; else reported and taken off its queue
 *
 * Context: any IRQL <= DISPATCH_LEVEL.
 * Source: IoUninitializeWorkItem function (wdm.h); Q-IO-01.
 * Test: ntshim_work:item_in_own_memory_may_be_freed
 */
void IoUninitializeWorkItem(struct nts_io_work *item)
{
	check_removed(item, _RET_IP_);
}
EXPORT_SYMBOL_GPL(IoUninitializeWorkItem);

/**
 * IoAllocateWorkItem() - allocate a work item
 * @object: device or driver object, handed to the routine
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: the item, to be freed with IoFreeWorkItem(); NULL without memory.
 * Source: IoAllocateWorkItem function (wdm.h); Q-IO-01.
 * Test: ntshim_work:item_runs_at_passive_level
 */
struct nts_io_work *IoAllocateWorkItem(void *object)
{
	const struct nts_pool_request request = {
		.size = sizeof(struct nts_io_work),
		.tag = TAG_WORK_ITEM,
		.caller = _RET_IP_,
	};
	struct nts_io_work *item = nts_pool_allocate(&request);

	if (item)
		IoInitializeWorkItem(object, item);
	return item;
}
EXPORT_SYMBOL_GPL(IoAllocateWorkItem);

/**
 * IoFreeWorkItem() - free a work item
 * @item: what IoAllocateWorkItem() returned; may be freed in its own routine.
 *	One that is queued is reported, and taken off its queue; something that
 *	is none, or no more, is reported and left alone
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: IoFreeWorkItem function (wdm.h); Q-IO-01, Q-IO-03.
 * Test: ntshim_work:routine_may_free_its_item
 */
void IoFreeWorkItem(struct nts_io_work *item)
{
	struct nts_pool_block found;

	if (item && nts_pool_find(item, &found) && found.tag == TAG_WORK_ITEM)
		check_removed(item, _RET_IP_);
	nts_pool_free_checked(item, TAG_WORK_ITEM, _RET_IP_);
}
EXPORT_SYMBOL_GPL(IoFreeWorkItem);

/* False: it is queued already. */
static bool queue(struct nts_io_work *item, void *routine, u32 type,
		  void *context, bool pass_item)
{
	const struct nts_io_work call = {
		.routine = routine,
		.context = context,
		.pass_item = pass_item,
	};

	return nts_work_queue_io(item, class_of(type), &call);
}

/**
 * IoQueueWorkItem() - have a system thread call a routine
 * @item: work item that is not queued
 * @routine: called with the item's object and @context
 * @type: WORK_QUEUE_TYPE
 * @context: argument for @routine
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: IoQueueWorkItem function (wdm.h); Q-IO-02.
 * Test: ntshim_work:item_runs_at_passive_level
 */
void IoQueueWorkItem(struct nts_io_work *item,
		     void (*routine)(void *object, void *context), u32 type,
		     void *context)
{
	check_queued(queue(item, routine, type, context, false), item,
		     _RET_IP_);
}
EXPORT_SYMBOL_GPL(IoQueueWorkItem);

/**
 * IoQueueWorkItemEx() - have a system thread call a routine
 * @item: work item that is not queued
 * @routine: called with the item's object, @context and @item
 * @type: WORK_QUEUE_TYPE
 * @context: argument for @routine
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Source: IoQueueWorkItemEx function (wdm.h); Q-IO-02.
 * Test: ntshim_work:routine_may_free_its_item
 */
void IoQueueWorkItemEx(struct nts_io_work *item,
		       void (*routine)(void *object, void *context,
				       struct nts_io_work *item),
		       u32 type, void *context)
{
	check_queued(queue(item, routine, type, context, true), item, _RET_IP_);
}
EXPORT_SYMBOL_GPL(IoQueueWorkItemEx);

/**
 * IoTryQueueWorkItem() - as IoQueueWorkItemEx(), if the item is not queued
 * @item: work item, queued or not
 * @routine: called with the item's object, @context and @item
 * @type: WORK_QUEUE_TYPE
 * @context: argument for @routine
 *
 * Context: IRQL <= DISPATCH_LEVEL.
 * Return: FALSE (0) if it is queued already; nothing has changed then.
 * Source: IoTryQueueWorkItem function (wdm.h); Q-IO-02.
 * Test: ntshim_work:queueing_twice_is_reported
 */
u8 IoTryQueueWorkItem(struct nts_io_work *item,
		      void (*routine)(void *object, void *context,
				      struct nts_io_work *item),
		      u32 type, void *context)
{
	check_level(_RET_IP_);
	return queue(item, routine, type, context, true);
}
EXPORT_SYMBOL_GPL(IoTryQueueWorkItem);
