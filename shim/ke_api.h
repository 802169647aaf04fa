/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ke_timer.c, ke_wait.c and the files of the other objects export, in Linux types of the same
 * ABI: a LARGE_INTEGER by value is an s64, a BOOLEAN a u8 that is 0 or 1. For
 * the compiler's check of the definitions and for tests; drivers include the
 * headers of include/nt instead.
 */
#ifndef NTSHIM_KE_API_H
#define NTSHIM_KE_API_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "dispatcher.h"

struct nts_dpc;
struct nts_mutant;
struct nts_timer;
struct nts_wait_block;

/**
 * struct nts_semaphore - KSEMAPHORE
 * @header: the object part; its signal state is the count
 * @limit: highest count; written at init only
 */
struct nts_semaphore {
	struct nts_header header;
	s32 limit;
};

static_assert(sizeof(struct nts_semaphore) == NT_LAYOUT_KSEMAPHORE_SIZE);
static_assert(offsetof(struct nts_semaphore, limit) ==
	      NT_LAYOUT_KSEMAPHORE_LIMIT);

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

void KeInitializeSemaphore(struct nts_semaphore *semaphore, s32 count,
			   s32 limit);
s32 KeReleaseSemaphore(struct nts_semaphore *semaphore, s32 increment,
		       s32 adjustment, u8 wait);
s32 KeReadStateSemaphore(struct nts_semaphore *semaphore);

void KeInitializeMutex(struct nts_mutant *mutex, u32 level);
s32 KeReleaseMutex(struct nts_mutant *mutex, u8 wait);
s32 KeReadStateMutex(struct nts_mutant *mutex);
void KeInitializeMutant(struct nts_mutant *mutant, u8 initial_owner);
s32 KeReleaseMutant(struct nts_mutant *mutant, s32 increment, u8 abandoned,
		    u8 wait);

s32 KeWaitForSingleObject(void *object, int reason, s8 mode, u8 alertable,
			  const s64 *timeout_100ns);
s32 KeWaitForMutexObject(void *object, int reason, s8 mode, u8 alertable,
			 const s64 *timeout_100ns);
s32 KeWaitForMultipleObjects(u32 count, void *objects[], int type, int reason,
			     s8 mode, u8 alertable, const s64 *timeout_100ns,
			     struct nts_wait_block *blocks);
s32 KeDelayExecutionThread(s8 mode, u8 alertable, const s64 *interval_100ns);
u8 KeAlertThread(void *thread, s8 mode);

void nts_wait_promise(bool promise, unsigned long caller);
void nts_wait_note_broken_promise(unsigned long caller);

#endif /* NTSHIM_KE_API_H */
