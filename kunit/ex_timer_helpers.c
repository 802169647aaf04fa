// SPDX-License-Identifier: GPL-2.0
/*
 * What the EX_TIMER suites share; see ex_timer.h.
 */

#include "../shim/compat.h"

#include "../shim/irql.h"
#include "ex_timer.h"

/**
 * nts_test_ex_callback() - a timer callback that counts
 * @timer: the timer
 * @context: struct ex_calls
 */
void nts_test_ex_callback(struct nts_systimer *timer, void *context)
{
	struct ex_calls *calls = context;

	calls->timer = timer;
	calls->level = nts_irql_current();
	/* Pairs with the acquire of whoever looks at the other fields. */
	atomic_inc_return_release(&calls->calls);
}

/**
 * nts_test_ex_end() - a delete callback that counts
 * @context: struct ex_calls
 */
void nts_test_ex_end(void *context)
{
	struct ex_calls *calls = context;

	calls->level = nts_irql_current();
	calls->ended_at = atomic_read(&calls->calls);
	atomic_inc_return_release(&calls->ends);
}

/**
 * nts_test_ex_calls() - how often a timer's callback has run
 * @calls: its context
 *
 * Return: calls since it was zeroed.
 */
int nts_test_ex_calls(struct ex_calls *calls)
{
	nts_dpc_flush();
	return atomic_read(&calls->calls);
}

/**
 * nts_test_ex_ends() - how often a timer's delete callback has run
 * @calls: its context
 *
 * Return: calls since it was zeroed.
 */
int nts_test_ex_ends(struct ex_calls *calls)
{
	nts_dpc_flush();
	return atomic_read(&calls->ends);
}

/**
 * nts_engine_ex_timer() - a timer on the case's engine
 * @test: the case; ends without memory
 * @attributes: as for ExAllocateTimer
 * @calls: counts its calls; NULL: no callback
 *
 * Return: the timer, to be deleted before the case ends.
 */
struct nts_systimer *nts_engine_ex_timer(struct kunit *test, u32 attributes,
					 struct ex_calls *calls)
{
	struct nts_engine *e = test->priv;
	struct nts_systimer_config config = {
		.type = attributes & EX_NOTIFICATION ?
				NT_LAYOUT_TYPE_NOTIFICATION_TIMER :
				NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER,
		.callback = calls ? nts_test_ex_callback : NULL,
		.context = calls,
		.shard = &e->shard,
	};
	struct nts_systimer *timer;

	if (attributes & EX_HIGH_RESOLUTION)
		config.traits |= NTS_TIMER_HIGH_RESOLUTION;
	if (attributes & EX_NO_WAKE)
		config.traits |= NTS_TIMER_NO_WAKE;
	timer = nts_systimer_create(&config);
	KUNIT_ASSERT_NOT_NULL(test, timer);
	return timer;
}

/**
 * nts_engine_ex_set_tolerant() - ExSetTimer on an engine
 * @test: the case
 * @timer: the timer
 * @due_100ns: negative: from now; else system time
 * @period_100ns: 0: one shot
 * @tolerance_ns: of a no-wake timer
 *
 * Return: true if it was armed.
 */
bool nts_engine_ex_set_tolerant(struct kunit *test, struct nts_systimer *timer,
				s64 due_100ns, u32 period_100ns,
				u64 tolerance_ns)
{
	struct nts_engine *e = test->priv;

	return nts_systimer_set(timer,
				nts_due_from_nt(due_100ns, e->now.mono_ns),
				period_100ns, tolerance_ns, &e->now);
}

/**
 * nts_engine_ex_set() - ExSetTimer without parameters on an engine
 * @test: the case
 * @timer: the timer
 * @due_100ns: negative: from now; else system time
 * @period_100ns: 0: one shot
 *
 * Return: true if it was armed.
 */
bool nts_engine_ex_set(struct kunit *test, struct nts_systimer *timer,
		       s64 due_100ns, u32 period_100ns)
{
	return nts_engine_ex_set_tolerant(test, timer, due_100ns, period_100ns,
					  0);
}

/**
 * nts_engine_ex_delete() - ExDeleteTimer without Wait
 * @timer: the timer
 * @cancel: Cancel
 * @calls: counts the delete callback; NULL: none
 *
 * Return: true if it was armed and is cancelled.
 */
bool nts_engine_ex_delete(struct nts_systimer *timer, bool cancel,
			  struct ex_calls *calls)
{
	struct nts_systimer_end end = {
		.fn = calls ? nts_test_ex_end : NULL,
		.context = calls,
	};

	return nts_systimer_delete(timer, cancel, false, &end);
}
