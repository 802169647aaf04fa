/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The frame around every call of a driver's routine: notes the context before
 * and puts right what is different after.
 */
#ifndef NTSHIM_CALLBACK_H
#define NTSHIM_CALLBACK_H

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
void nts_callback_start(void);
void nts_callback_check_duration(u64 start_ns, unsigned long caller);
u64 nts_callback_limit_dpc(u64 limit_ns);
unsigned long nts_callback_count_long(void);

#endif /* NTSHIM_CALLBACK_H */
