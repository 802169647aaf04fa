/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues of work items and the threads that empty them. Items are memory of the
 * driver; the threads are Linux's.
 */
#ifndef NTSHIM_WORK_H
#define NTSHIM_WORK_H

#include <linux/build_bug.h>
#include <linux/list.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"

struct module;

/* So many items of one queue can be blocked in their routines at a time. */
#define NTS_WORKERS 256

/**
 * enum nts_work_class - which queue
 * @NTS_WORK_NORMAL: normal priority
 * @NTS_WORK_HIGH: before all normal threads
 * @NTS_WORK_CLASSES: number of queues
 */
enum nts_work_class {
	NTS_WORK_NORMAL,
	NTS_WORK_HIGH,
	NTS_WORK_CLASSES,
};

/**
 * struct nts_work - WORK_QUEUE_ITEM
 * @link: in its queue; the forward pointer is NULL while it is in none
 * @routine: called with @context; the driver's, or ours for an IO_WORKITEM
 * @context: its argument
 *
 * Memory of the driver, to which it belongs again when @routine is called.
 */
struct nts_work {
	struct list_head link;
	void (*routine)(void *context);
	void *context;
};

static_assert(sizeof(struct nts_work) == NT_LAYOUT_WORK_QUEUE_ITEM_SIZE);

/**
 * struct nts_io_work - IO_WORKITEM
 * @work: in its queue; its context is this
 * @object: device or driver object it was made for
 * @routine: the driver's routine
 * @context: its argument
 * @pass_item: the routine takes the item as a third argument
 */
struct nts_io_work {
	struct nts_work work;
	void *object;
	void *routine;
	void *context;
	bool pass_item;
};

bool nts_work_queue(struct nts_work *work, enum nts_work_class class);
bool nts_work_queue_io(struct nts_io_work *io, enum nts_work_class class,
		       const struct nts_io_work *call);
bool nts_work_is_queued(const struct nts_work *work);
bool nts_work_remove(struct nts_work *work);
bool nts_work_remove_inside(const void *start, size_t size,
			    unsigned long *routine);

bool nts_work_has_items(const struct module *mod);
bool nts_work_finish_driver(const struct module *mod);
int nts_work_start(void);
void nts_work_stop(void);

#endif /* NTSHIM_WORK_H */
