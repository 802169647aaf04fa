// SPDX-License-Identifier: GPL-2.0
/*
 * The KTIMER routines: they check, convert units and call the engine.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/preempt.h>
#include <linux/timekeeping.h>

#include "clock.h"
#include "dispatcher.h"
#include "ke_api.h"
#include "report.h"
#include "timer.h"
#include "verifier.h"

static bool is_timer(const struct nts_timer *timer)
{
	return nts_header_is_type(&timer->header,
				  NT_LAYOUT_TYPE_NOTIFICATION_TIMER);
}

/* Something is wrong with a call; returns whether it may go on. */
static noinline __cold bool complain(const struct nts_timer *timer,
				     unsigned long caller)
{
	if (in_hardirq())
		nts_misuse_at(caller, "KT-190", timer,
			      "timer routine called above DISPATCH_LEVEL");
	else if (nts_verifier_on())
		__nts_verify_level(NTS_V_01, NTS_PASSIVE_LEVEL,
				   NTS_DISPATCH_LEVEL, timer, caller);
	if (is_timer(timer))
		return true;
	nts_misuse_at(caller, "KT-017", timer, "not an initialised timer");
	return false;
}

/* Checks that every routine but init makes; false: it must do nothing. */
static __always_inline bool check_call(const struct nts_timer *timer)
{
	if (likely(!in_hardirq() && is_timer(timer)) && !nts_verifier_on())
		return true;
	return complain(timer, _RET_IP_);
}

static void init(struct nts_timer *timer, u8 type, unsigned long caller)
{
	bool waited = nts_header_has_waiters(&timer->header);

	/* With the verifier on it has been told of. */
	if (unlikely(in_hardirq() && !nts_verifier_on()))
		nts_misuse_at(caller, "KT-190", timer,
			      "timer initialised above DISPATCH_LEVEL");
	if (unlikely(waited && !READ_ONCE(timer->header.inserted)))
		nts_misuse_at(caller, "W-HDR-07", timer,
			      "timer with waiters initialised");
	else if (unlikely(!nts_timer_prepare(nts_shard_of(timer), timer, type)))
		nts_misuse_at(caller, "KT-016", timer,
			      "armed timer initialised again");
}

/**
 * KeInitializeTimerEx() - make storage a timer of either type
 * @timer: storage of any content, resident; not armed
 * @type: NotificationTimer (0) or SynchronizationTimer (1); any other value is
 *	reported and taken as 0
 *
 * An armed timer is reported; it keeps its due time, period and DPC and only
 * its type and signal change (KT-016). One that threads wait for is reported and
 * stays as it is (W-HDR-07).
 *
 * Context: IRQL <= DISPATCH_LEVEL; process, bottom halves disabled or softirq.
 * Takes the shard lock only in these two cases.
 * Source: KeInitializeTimerEx function.
 * Test: ntshim_timer_api:fresh_timer_is_idle,
 * ntshim_timer_api:bad_type_is_notification,
 * ntshim_timer_api:init_of_armed_timer_keeps_arm
 */
void KeInitializeTimerEx(struct nts_timer *timer, int type)
{
	u8 code = NT_LAYOUT_TYPE_NOTIFICATION_TIMER;

	nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL, timer);
	if (type == 1)
		code = NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER;
	else if (type)
		nts_misuse("KT-011", timer, "unknown timer type");
	init(timer, code, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeInitializeTimerEx);

/**
 * KeInitializeTimer() - make storage a notification timer
 * @timer: storage of any content, resident; not armed
 *
 * Context: as KeInitializeTimerEx().
 * Source: KeInitializeTimer function.
 * Test: ntshim_timer_api:plain_init_makes_notification_timer
 */
void KeInitializeTimer(struct nts_timer *timer)
{
	nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL, timer);
	init(timer, NT_LAYOUT_TYPE_NOTIFICATION_TIMER, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeInitializeTimer);

static noinline bool set_absolute(struct nts_timer *timer, s64 due_100ns,
				  struct nts_repeat repeat, struct nts_dpc *dpc)
{
	struct nts_now now = nts_clock_read();
	struct nts_due due = nts_due_from_nt(due_100ns, now.mono_ns);

	return nts_timer_set(nts_shard_of(timer), timer, due, repeat, dpc,
			     &now);
}

static __always_inline bool set_timer(struct nts_timer *timer, s64 due_100ns,
				      struct nts_repeat repeat,
				      struct nts_dpc *dpc)
{
	if (unlikely(due_100ns >= 0))
		return set_absolute(timer, due_100ns, repeat, dpc);
	return nts_timer_arm(nts_shard_of(timer), timer,
			     nts_due_from_nt(due_100ns, ktime_get_ns()), repeat,
			     dpc);
}

/**
 * KeSetTimer() - arm a timer for one expiry
 * @timer: initialised timer, armed or not
 * @due_100ns: in units of 100 ns; negative: so long after this call, running
 *	time; zero or positive: system time since 1601, UTC; zero is such a time
 *	and long past
 * @dpc: initialised DPC to queue at the expiry, or NULL; replaces the earlier
 *	one
 *
 * Any earlier arm is cancelled, the signal cleared. Waiting threads stay and
 * are released by the new expiry. A system time that has passed expires the
 * timer inside the call.
 *
 * Context: IRQL <= DISPATCH_LEVEL; process, bottom halves disabled or softirq;
 * hard interrupts are reported but work. Takes the shard lock. Never waits,
 * allocates or fails.
 * Return: 1 if the timer was armed at the call, else 0; 0 and no effect for
 * storage that is not a timer.
 * Source: KeSetTimer function.
 * Test: ntshim_timer:set_returns_whether_armed,
 * ntshim_timer_api:absolute_past_expires_in_call
 */
u8 KeSetTimer(struct nts_timer *timer, s64 due_100ns, struct nts_dpc *dpc)
{
	if (!check_call(timer))
		return 0;
	return set_timer(timer, due_100ns, (struct nts_repeat){ 0 }, dpc);
}
EXPORT_SYMBOL_GPL(KeSetTimer);

/**
 * KeSetTimerEx() - arm a timer, once or periodically
 * @timer: initialised timer, armed or not
 * @due_100ns: first expiry, as for KeSetTimer()
 * @period_ms: interval of the later expiries in ms, running time; 0: none; a
 *	negative value is reported and taken as 0
 * @dpc: as for KeSetTimer(), queued at each expiry
 *
 * Context: as KeSetTimer().
 * Return: as KeSetTimer(). A periodic timer stays armed until cancelled.
 * Source: KeSetTimerEx function.
 * Test: ntshim_timer_api:negative_period_is_one_shot,
 * ntshim_timer_api:periodic_timer_expires_again
 */
u8 KeSetTimerEx(struct nts_timer *timer, s64 due_100ns, s32 period_ms,
		struct nts_dpc *dpc)
{
	if (!check_call(timer))
		return 0;
	if (unlikely(period_ms < 0)) {
		nts_misuse("KT-071", timer, "negative period");
		period_ms = 0;
	}
	return set_timer(timer, due_100ns,
			 (struct nts_repeat){ .period_ms = period_ms }, dpc);
}
EXPORT_SYMBOL_GPL(KeSetTimerEx);

/**
 * KeSetCoalescableTimer() - arm a timer that may be late by a tolerance
 * @timer: initialised timer, armed or not
 * @due_100ns: first expiry, as for KeSetTimer()
 * @period_ms: as for KeSetTimerEx(), 0..MAXLONG; more is reported and clamped
 * @tolerance_ms: each expiry may come so many ms after its nominal time,
 *	0..MAXLONG; more is reported and clamped
 * @dpc: as for KeSetTimerEx()
 *
 * Context: as KeSetTimer().
 * Return: as KeSetTimerEx().
 * Source: KeSetCoalescableTimer function.
 * Test: ntshim_timer_api:coalescable_values_are_clamped,
 * ntshim_timer:tolerance_orders_by_latest_time
 */
u8 KeSetCoalescableTimer(struct nts_timer *timer, s64 due_100ns, u32 period_ms,
			 u32 tolerance_ms, struct nts_dpc *dpc)
{
	struct nts_repeat repeat;

	if (!check_call(timer))
		return 0;
	if (unlikely(period_ms > S32_MAX || tolerance_ms > S32_MAX))
		nts_misuse("KT-184", timer, "period or tolerance too long");
	repeat.period_ms = min_t(u32, period_ms, S32_MAX);
	repeat.tolerance_ms = min_t(u32, tolerance_ms, S32_MAX);
	return set_timer(timer, due_100ns, repeat, dpc);
}
EXPORT_SYMBOL_GPL(KeSetCoalescableTimer);

/**
 * KeCancelTimer() - disarm a timer
 * @timer: initialised timer, armed or not
 *
 * Signal and waiting threads are left alone, a DPC that is queued already too.
 * When it returns, with either value, the timer's memory is the driver's.
 *
 * Context: as KeSetTimer(). Never waits for a running DPC.
 * Return: 1 if the timer was armed and now is not, else 0.
 * Source: KeCancelTimer function.
 * Test: ntshim_timer_cancel:cancel_returns_whether_armed,
 * ntshim_timer_free:cancelled_timer_may_be_freed
 */
u8 KeCancelTimer(struct nts_timer *timer)
{
	if (!check_call(timer))
		return 0;
	return nts_timer_cancel(nts_shard_of(timer), timer);
}
EXPORT_SYMBOL_GPL(KeCancelTimer);

/**
 * KeReadStateTimer() - whether a timer is signaled
 * @timer: initialised timer
 *
 * Context: IRQL <= DISPATCH_LEVEL; takes no lock.
 * Return: 1 if the timer has expired since it was set and no wait has consumed
 * that, else 0; may be out of date on return.
 * Source: KeReadStateTimer function.
 * Test: ntshim_timer_api:absolute_past_expires_in_call
 */
u8 KeReadStateTimer(struct nts_timer *timer)
{
	if (!check_call(timer))
		return 0;
	return nts_signal_read(&timer->header) > 0;
}
EXPORT_SYMBOL_GPL(KeReadStateTimer);
