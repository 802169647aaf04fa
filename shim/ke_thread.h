/* SPDX-License-Identifier: GPL-2.0 */
/* What ke_thread.c exports to drivers, in Linux types. */
#ifndef NTSHIM_KE_THREAD_H
#define NTSHIM_KE_THREAD_H

#include <linux/types.h>

#include "ps_thread.h"

int KeQueryPriorityThread(void *thread);
int KeSetPriorityThread(void *thread, int priority);
int KeSetBasePriorityThread(void *thread, int increment);
void *PsGetCurrentThreadId(void);
void *PsGetCurrentProcessId(void);
void *PsGetThreadId(void *thread);
u64 KeSetSystemAffinityThreadEx(u64 affinity);
void KeRevertToUserAffinityThreadEx(u64 affinity);
void KeSetSystemGroupAffinityThread(const struct nts_group_affinity *affinity,
				    struct nts_group_affinity *previous);
void KeRevertToUserGroupAffinityThread(const struct nts_group_affinity
					       *previous);

#endif /* NTSHIM_KE_THREAD_H */
