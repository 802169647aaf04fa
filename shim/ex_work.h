/* SPDX-License-Identifier: GPL-2.0 */
/* What the work items export to drivers, in Linux types. */
#ifndef NTSHIM_EX_WORK_H
#define NTSHIM_EX_WORK_H

#include <linux/types.h>

struct nts_io_work;
struct nts_work;

void ExQueueWorkItem(struct nts_work *item, u32 type);
void ExpInitializeWorkItem(struct nts_work *item,
			   void (*routine)(void *context), void *context);
struct nts_io_work *IoAllocateWorkItem(void *object);
void IoFreeWorkItem(struct nts_io_work *item);
u32 IoSizeofWorkItem(void);
void IoInitializeWorkItem(void *object, struct nts_io_work *item);
void IoUninitializeWorkItem(struct nts_io_work *item);
void IoQueueWorkItem(struct nts_io_work *item,
		     void (*routine)(void *object, void *context), u32 type,
		     void *context);
void IoQueueWorkItemEx(struct nts_io_work *item,
		       void (*routine)(void *object, void *context,
				       struct nts_io_work *item),
		       u32 type, void *context);
u8 IoTryQueueWorkItem(struct nts_io_work *item,
		      void (*routine)(void *object, void *context,
				      struct nts_io_work *item),
		      u32 type, void *context);

#endif /* NTSHIM_EX_WORK_H */
