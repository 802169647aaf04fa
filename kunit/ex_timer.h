/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the EX_TIMER suites share: timers whose calls are counted, on an engine
 * whose time is moved by hand or through the API.
 */
#ifndef NTSHIM_KUNIT_EX_TIMER_H
#define NTSHIM_KUNIT_EX_TIMER_H

#include "../shim/ex_timer.h"
#include "helpers.h"

#define EX_HIGH_RESOLUTION NT_LAYOUT_EX_HIGH_RESOLUTION
#define EX_NO_WAKE NT_LAYOUT_EX_NO_WAKE
#define EX_NOTIFICATION NT_LAYOUT_EX_NOTIFICATION

/**
 * struct ex_calls - calls of a timer's callbacks
 * @timer: timer of the last call
 * @calls: of the callback
 * @ends: of the delete callback
 * @ended_at: @calls when the delete callback was called
 * @level: KIRQL in the last call of either
 */
struct ex_calls {
	struct nts_systimer *timer;
	atomic_t calls;
	atomic_t ends;
	int ended_at;
	u8 level;
};

void nts_test_ex_callback(struct nts_systimer *timer, void *context);
void nts_test_ex_end(void *context);
/* Both wait until all that was queued has run. */
int nts_test_ex_calls(struct ex_calls *calls);
int nts_test_ex_ends(struct ex_calls *calls);

/* On the engine in test->priv; attributes as for ExAllocateTimer. */
struct nts_systimer *nts_engine_ex_timer(struct kunit *test, u32 attributes,
					 struct ex_calls *calls);
bool nts_engine_ex_set(struct kunit *test, struct nts_systimer *timer,
		       s64 due_100ns, u32 period_100ns);
bool nts_engine_ex_set_tolerant(struct kunit *test, struct nts_systimer *timer,
				s64 due_100ns, u32 period_100ns,
				u64 tolerance_ns);
/* With @calls, asks for the delete callback. Never waits. */
bool nts_engine_ex_delete(struct nts_systimer *timer, bool cancel,
			  struct ex_calls *calls);

#endif /* NTSHIM_KUNIT_EX_TIMER_H */
