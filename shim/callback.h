/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame around every call of a driver's routine: notes the context before
 * and puts right what is different after.
 */
#ifndef NTSHIM_CALLBACK_H
#define NTSHIM_CALLBACK_H

#include <linux/compiler.h>
#include <linux/types.h>

#include "irql.h"

struct nts_thread;

/* The routine ends its thread, and what that still owns is told then. */
#define NTS_MUTEXES_ANY (~0u)

/**
 * struct nts_callback - what was when a driver's routine was entered
 * @irql: level, and the Linux context behind it
 * @thread: record of the caller's counts, NULL: it has none yet
 * @critical: critical regions of the thread
 * @guarded: its guarded regions
 * @mutexes: mutexes that it owned; NTS_MUTEXES_ANY: not compared
 * @verified: the verifier was on, and what follows is valid
 * @locks: spin locks that the processor held
 * @start_ns: CLOCK_MONOTONIC
 */
struct nts_callback {
	struct nts_irql_mark irql;
	struct nts_thread *thread;
	s32 critical;
	s32 guarded;
	unsigned int mutexes;
	bool verified;
	unsigned int locks;
	u64 start_ns;
};

void nts_callback_enter(struct nts_callback *callback);
bool nts_callback_leave(const struct nts_callback *callback,
			unsigned long routine);
void nts_callback_tell_level(unsigned long routine, const void *object) __cold;
void nts_callback_start(void);
void nts_callback_check_duration(u64 took_ns, unsigned long caller);
u64 nts_callback_limit_dpc(u64 limit_ns);
unsigned long nts_callback_count_long(void);

/**
 * nts_callback_leave_dispatch() - a routine of DISPATCH_LEVEL has returned
 * @callback: from nts_callback_enter()
 * @routine: its address, for reports
 * @object: what it was called for, for reports
 *
 * nts_callback_leave(), and the report of the level.
 *
 * Context: that of the routine.
 * Source: I-LVL-06.
 * Test: ntshim_dpc_run:raise_left_by_dpc_is_undone
 */
static inline void nts_callback_leave_dispatch(const struct nts_callback
						       *callback,
					       unsigned long routine,
					       const void *object)
{
	if (unlikely(!nts_callback_leave(callback, routine)))
		nts_callback_tell_level(routine, object);
}

#endif /* NTSHIM_CALLBACK_H */
