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
 * @object: KTIMER or KEVENT; begins with the dispatcher header
 * @dpc: KDPC of a timer, or alone
 */
struct nts_bridge_core {
	unsigned long long object[NT_LAYOUT_KTIMER_SIZE / 8];
	unsigned long long dpc[NT_LAYOUT_KDPC_SIZE / 8];
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
 * struct nts_bridge_wait_args - arguments of a wait
 * @objects: addresses of @count struct nts_bridge_core
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

int nts_bridge_dpc_insert(struct nts_bridge_core *core, void *arg);
int nts_bridge_dpc_remove(struct nts_bridge_core *core);
void nts_bridge_flush(void);

int nts_bridge_wait(const struct nts_bridge_wait_args *args);
void nts_bridge_read_clocks(struct nts_bridge_clocks *clocks);

void nts_dev_dpc_ran(void *context, void *arg1, void *arg2);

#endif /* NTSHIM_DEV_BRIDGE_H */
