/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ke_timer.c, ke_event.c and ke_wait.c export, in Linux types of the same
 * ABI: a LARGE_INTEGER by value is an s64, a BOOLEAN a u8 that is 0 or 1. For
 * the compiler's check of the definitions and for tests; drivers include the
 * headers of include/nt instead.
 */
#ifndef NTSHIM_KE_API_H
#define NTSHIM_KE_API_H

#include <linux/types.h>

struct nts_dpc;
struct nts_header;
struct nts_timer;
struct nts_wait_block;

void KeInitializeTimer(struct nts_timer *timer);
void KeInitializeTimerEx(struct nts_timer *timer, int type);
u8 KeSetTimer(struct nts_timer *timer, s64 due_100ns, struct nts_dpc *dpc);
u8 KeSetTimerEx(struct nts_timer *timer, s64 due_100ns, s32 period_ms,
		struct nts_dpc *dpc);
u8 KeSetCoalescableTimer(struct nts_timer *timer, s64 due_100ns, u32 period_ms,
			 u32 tolerance_ms, struct nts_dpc *dpc);
u8 KeCancelTimer(struct nts_timer *timer);
u8 KeReadStateTimer(struct nts_timer *timer);

void KeInitializeEvent(struct nts_header *event, int type, u8 state);
s32 KeSetEvent(struct nts_header *event, s32 increment, u8 wait);
s32 KeResetEvent(struct nts_header *event);
void KeClearEvent(struct nts_header *event);
s32 KePulseEvent(struct nts_header *event, s32 increment, u8 wait);
s32 KeReadStateEvent(struct nts_header *event);

s32 KeWaitForSingleObject(void *object, int reason, s8 mode, u8 alertable,
			  const s64 *timeout_100ns);
s32 KeWaitForMultipleObjects(u32 count, void *objects[], int type, int reason,
			     s8 mode, u8 alertable, const s64 *timeout_100ns,
			     struct nts_wait_block *blocks);
s32 KeDelayExecutionThread(s8 mode, u8 alertable, const s64 *interval_100ns);

#endif /* NTSHIM_KE_API_H */
