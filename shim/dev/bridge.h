/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The border between the device's two worlds: bridge.c uses the Windows calls
 * of include/nt like any ported driver, the other files use Linux. Only the
 * compiler's own types cross it.
 */
#ifndef NTSHIM_DEV_BRIDGE_H
#define NTSHIM_DEV_BRIDGE_H

#include "../../include/nt/nt_layout.h"

/**
 * struct nts_bridge_core - the Windows objects behind one handle
 * @object: KTIMER, KEVENT, KSEMAPHORE or KMUTANT; begins with the dispatcher
 *	header
 * @dpc: KDPC of a timer, or alone
 * @ex_timer: EX_TIMER, in memory of its own, which begins with one too; or NULL
 */
struct nts_bridge_core {
	unsigned long long object[NT_LAYOUT_KTIMER_SIZE / 8];
	unsigned long long dpc[NT_LAYOUT_KDPC_SIZE / 8];
	void *ex_timer;
};

/**
 * struct nts_bridge_dpc - how to make a DPC
 * @context: handed to nts_dev_dpc_ran()
 * @importance: KDPC_IMPORTANCE
 * @processor: -1: where it is queued; else the processor's number
 * @threaded: a threaded DPC
 */
struct nts_bridge_dpc {
	void *context;
	int importance;
	int processor;
	_Bool threaded;
};

/**
 * struct nts_bridge_set_args - arguments of a set
 * @due_100ns: as KeSetTimer
 * @period_ms: as KeSetTimerEx
 * @tolerance_ms: as KeSetCoalescableTimer
 */
struct nts_bridge_set_args {
	long long due_100ns;
	int period_ms;
	unsigned int tolerance_ms;
};

/**
 * struct nts_bridge_ex_args - arguments of a set of an EX_TIMER
 * @due_100ns: as ExSetTimer
 * @period_100ns: as ExSetTimer
 * @no_wake_100ns: as EXT_SET_PARAMETERS
 */
struct nts_bridge_ex_args {
	long long due_100ns;
	long long period_100ns;
	long long no_wake_100ns;
};

/**
 * struct nts_bridge_wait_args - arguments of a wait
 * @objects: @count addresses of dispatcher headers
 * @blocks: @count times NT_LAYOUT_KWAIT_BLOCK_SIZE bytes
 * @timeout_100ns: as KeWaitForMultipleObjects; NULL: no limit
 * @count: 1..64
 * @all: wait for all
 */
struct nts_bridge_wait_args {
	void **objects;
	void *blocks;
	long long *timeout_100ns;
	unsigned int count;
	_Bool all;
};

/**
 * struct nts_bridge_clocks - all clocks of the API
 * @system_100ns: KeQuerySystemTimePrecise
 * @interrupt_100ns: KeQueryInterruptTimePrecise
 * @unbiased_100ns: KeQueryUnbiasedInterruptTimePrecise
 * @ticks: KeQueryTickCount
 * @counter: KeQueryPerformanceCounter
 * @frequency: its frequency
 * @increment_100ns: KeQueryTimeIncrement
 */
struct nts_bridge_clocks {
	long long system_100ns;
	unsigned long long interrupt_100ns;
	unsigned long long unbiased_100ns;
	long long ticks;
	long long counter;
	long long frequency;
	unsigned int increment_100ns;
};

void nts_bridge_init_timer(struct nts_bridge_core *core, int type);
void nts_bridge_init_event(struct nts_bridge_core *core, int type, int state);
_Bool nts_bridge_init_dpc(struct nts_bridge_core *core,
			  const struct nts_bridge_dpc *how);

int nts_bridge_set(struct nts_bridge_core *core,
		   const struct nts_bridge_set_args *args);
int nts_bridge_cancel(struct nts_bridge_core *core);
int nts_bridge_read_timer(struct nts_bridge_core *core);

int nts_bridge_event_set(struct nts_bridge_core *core);
int nts_bridge_event_reset(struct nts_bridge_core *core);
int nts_bridge_event_pulse(struct nts_bridge_core *core);
int nts_bridge_event_read(struct nts_bridge_core *core);

void nts_bridge_init_semaphore(struct nts_bridge_core *core, int count,
			       int limit);
int nts_bridge_semaphore_release(struct nts_bridge_core *core, int count);
void nts_bridge_init_mutant(struct nts_bridge_core *core);

_Bool nts_bridge_init_ex(struct nts_bridge_core *core, void *context,
			 unsigned int attributes);
int nts_bridge_set_ex(struct nts_bridge_core *core,
		      const struct nts_bridge_ex_args *args);
int nts_bridge_cancel_ex(struct nts_bridge_core *core);
void nts_bridge_delete_ex(struct nts_bridge_core *core);

int nts_bridge_dpc_insert(struct nts_bridge_core *core, void *arg);
int nts_bridge_dpc_remove(struct nts_bridge_core *core);
void nts_bridge_flush(void);

int nts_bridge_wait(const struct nts_bridge_wait_args *args);
void nts_bridge_read_clocks(struct nts_bridge_clocks *clocks);

void nts_dev_dpc_ran(void *context, void *arg1, void *arg2);

#endif /* NTSHIM_DEV_BRIDGE_H */
