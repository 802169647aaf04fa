// SPDX-License-Identifier: GPL-2.0
/*
 * The EX_TIMER routines: they check the contract, convert units and call the
 * engine. Whatever is checked is checked before anything changes.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/limits.h>
#include <linux/preempt.h>

#include "clock.h"
#include "ex_timer.h"
#include "report.h"
#include "wait.h"
#include "verifier.h"

#define ATTRIBUTES_KNOWN                                       \
	(NT_LAYOUT_EX_HIGH_RESOLUTION | NT_LAYOUT_EX_NO_WAKE | \
	 NT_LAYOUT_EX_NOTIFICATION)

/* Windows documents no codes for these bug checks (TM-082). */
#define NO_CODE 0

#define TOLERANCE_UNLIMITED (-1)

static bool is_ex_timer(const struct nts_systimer *timer)
{
	return timer && nts_header_is_type(&timer->timer.header,
					   NT_LAYOUT_TYPE_NOTIFICATION_TIMER |
						   NTS_TYPE_EX);
}

static void check_level(const struct nts_systimer *timer, unsigned long caller)
{
	if (in_hardirq())
		nts_misuse_at(caller, "ET-047", timer,
			      "EX_TIMER routine called above DISPATCH_LEVEL");
	else if (nts_verifier_on())
		__nts_verify_level(NTS_V_24, NTS_PASSIVE_LEVEL,
				   NTS_DISPATCH_LEVEL, timer, caller);
}

/* Checks of every call on a timer; false: it must do nothing. */
static bool check_call(const struct nts_systimer *timer, unsigned long caller)
{
	check_level(timer, caller);
	if (likely(is_ex_timer(timer)))
		return true;
	nts_misuse_at(caller, "ET-031", timer,
		      "not a timer that ExAllocateTimer has returned");
	return false;
}

static bool check_attributes(u32 attributes, unsigned long caller)
{
	const u32 exclusive = NT_LAYOUT_EX_HIGH_RESOLUTION |
			      NT_LAYOUT_EX_NO_WAKE;

	if (attributes & ~ATTRIBUTES_KNOWN) {
		nts_report_at(caller, "ET-016", NO_CODE, NULL,
			      "ExAllocateTimer: reserved attribute");
		return false;
	}
	if ((attributes & exclusive) == exclusive) {
		nts_report_at(caller, "ET-015", NO_CODE, NULL,
			      "ExAllocateTimer: high resolution and no-wake exclude each other");
		return false;
	}
	return true;
}

/* PREEMPT_RT has no allocator for contexts that must not sleep (I-CTX-10). */
static bool can_allocate(unsigned long caller)
{
	if (!IS_ENABLED(CONFIG_PREEMPT_RT) || preemptible())
		return true;
	nts_misuse_at(caller, "I-CTX-10", NULL,
		      "timer allocated in atomic context on PREEMPT_RT; failed");
	return false;
}

static struct nts_systimer *allocate(nts_systimer_fn callback, void *context,
				     u32 attributes, unsigned long caller)
{
	struct nts_systimer_config config = {
		.type = NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER,
		.callback = callback,
		.context = context,
		.owner = caller,
	};

	if (attributes & NT_LAYOUT_EX_NOTIFICATION)
		config.type = NT_LAYOUT_TYPE_NOTIFICATION_TIMER;
	if (attributes & NT_LAYOUT_EX_HIGH_RESOLUTION)
		config.traits = NTS_TIMER_HIGH_RESOLUTION;
	if (attributes & NT_LAYOUT_EX_NO_WAKE)
		config.traits = NTS_TIMER_NO_WAKE;
	return nts_systimer_create(&config);
}

/**
 * ExAllocateTimer() - make a timer
 * @callback: called after each expiry at DISPATCH_LEVEL, with the timer and
 *	@context, possibly on two processors at once; NULL: none
 * @context: for @callback, not interpreted
 * @attributes: 0 or an OR of EX_TIMER_HIGH_RESOLUTION (4), EX_TIMER_NO_WAKE (8)
 *	and EX_TIMER_NOTIFICATION (bit 31); the first two exclude each other
 *
 * Without EX_TIMER_NOTIFICATION it is a synchronization timer: an expiry
 * satisfies one wait.
 *
 * Context: IRQL <= DISPATCH_LEVEL; process, bottom halves disabled or softirq;
 * does not sleep. On PREEMPT_RT only where preemption is possible.
 * Return: the timer, idle and not signaled, for ExDeleteTimer(); NULL without
 * memory or, reported, for attributes that do not go together.
 * Source: ExAllocateTimer function.
 * Test: ntshim_ex_timer_engine:fresh_timer_is_idle,
 * ntshim_ex_timer_api:exclusive_attributes_are_reported
 */
struct nts_systimer *ExAllocateTimer(nts_systimer_fn callback, void *context,
				     u32 attributes)
{
	check_level(NULL, _RET_IP_);
	if (!check_attributes(attributes, _RET_IP_) || !can_allocate(_RET_IP_))
		return NULL;
	return allocate(callback, context, attributes, _RET_IP_);
}
EXPORT_SYMBOL_GPL(ExAllocateTimer);

static bool check_due(const struct nts_systimer *timer, s64 due_100ns,
		      s64 period_100ns, unsigned long caller)
{
	if (period_100ns < 0 || period_100ns > S32_MAX) {
		nts_report_at(caller, "ET-033", NO_CODE, timer,
			      "ExSetTimer: period not between 0 and MAXLONG");
		return false;
	}
	if (due_100ns >= 0 &&
	    (timer->timer.traits & NTS_TIMER_HIGH_RESOLUTION)) {
		nts_report_at(caller, "ET-042", NO_CODE, timer,
			      "ExSetTimer: absolute due time for a high-resolution timer");
		return false;
	}
	return true;
}

static bool check_set(const struct nts_systimer *timer,
		      const struct nts_ext_set *parameters,
		      unsigned long caller)
{
	if (!parameters)
		return true;
	if (parameters->version != NT_LAYOUT_EXT_VERSION ||
	    parameters->reserved) {
		nts_report_at(caller, "ET-044", NO_CODE, timer,
			      "ExSetTimer: parameters not initialised");
		return false;
	}
	if (parameters->tolerance_100ns < TOLERANCE_UNLIMITED) {
		nts_report_at(caller, "ET-045", NO_CODE, timer,
			      "ExSetTimer: negative no-wake tolerance");
		return false;
	}
	return true;
}

static u64 tolerance_ns(const struct nts_ext_set *parameters)
{
	if (!parameters)
		return 0;
	if (parameters->tolerance_100ns == TOLERANCE_UNLIMITED)
		return NTS_TOLERANCE_ENDLESS_NS;
	return nts_ns_from_100ns(parameters->tolerance_100ns);
}

/**
 * ExSetTimer() - start a timer operation
 * @timer: from ExAllocateTimer()
 * @due_100ns: as for KeSetTimer(); negative for a high-resolution timer
 * @period_100ns: interval of later expiries in units of 100 ns of running time;
 *	0: none; at most MAXLONG. What is shorter than the current clock tick
 *	acts as that, for a high-resolution timer as the shortest tick
 * @parameters: initialised, read during the call; NULL: defaults
 *
 * Cancels what was pending and clears the signal. A no-wake timer may be late
 * by the tolerance, but only while its processor sleeps.
 *
 * Context: IRQL <= DISPATCH_LEVEL; process, bottom halves disabled or softirq;
 * hard interrupts are reported but work. Takes the shard lock. Never waits.
 * Return: 1 if a pending operation was cancelled, else 0; 0 and no effect for a
 * deleted timer and, reported, where the contract is broken.
 * Source: ExSetTimer function.
 * Test: ntshim_ex_timer_api:set_and_cancel_return_whether_pending,
 * ntshim_ex_timer_api:bad_period_changes_nothing
 */
u8 ExSetTimer(struct nts_systimer *timer, s64 due_100ns, s64 period_100ns,
	      const struct nts_ext_set *parameters)
{
	struct nts_now now;

	if (!check_call(timer, _RET_IP_) || nts_systimer_is_disabled(timer) ||
	    !check_due(timer, due_100ns, period_100ns, _RET_IP_) ||
	    !check_set(timer, parameters, _RET_IP_))
		return 0;
	now = nts_clock_read();
	return nts_systimer_set(timer, nts_due_from_nt(due_100ns, now.mono_ns),
				period_100ns, tolerance_ns(parameters), &now);
}
EXPORT_SYMBOL_GPL(ExSetTimer);

/**
 * ExCancelTimer() - cancel a timer operation
 * @timer: from ExAllocateTimer()
 * @parameters: NULL; anything else is reported and ignored
 *
 * The signal stays; a callback of an earlier expiry may still run.
 *
 * Context: as ExSetTimer().
 * Return: 1 if an operation was pending and is cancelled, else 0; 0 for a
 * deleted timer, whose operation stays.
 * Source: ExCancelTimer function.
 * Test: ntshim_ex_timer_api:set_and_cancel_return_whether_pending
 */
u8 ExCancelTimer(struct nts_systimer *timer, const void *parameters)
{
	if (!check_call(timer, _RET_IP_))
		return 0;
	if (parameters)
		nts_misuse("ET-065", timer,
			   "ExCancelTimer has no parameters; ignored");
	return nts_systimer_cancel(timer);
}
EXPORT_SYMBOL_GPL(ExCancelTimer);

static bool check_delete(const struct nts_systimer *timer, bool cancel,
			 bool wait, const struct nts_ext_delete *parameters,
			 unsigned long caller)
{
	if (wait && !cancel) {
		nts_report_at(caller, "ET-102", NO_CODE, timer,
			      "ExDeleteTimer: Wait without Cancel");
		return false;
	}
	if (parameters && (parameters->version != NT_LAYOUT_EXT_VERSION ||
			   parameters->reserved)) {
		nts_report_at(caller, "ET-114", NO_CODE, timer,
			      "ExDeleteTimer: parameters not initialised");
		return false;
	}
	return true;
}

/*
 * The timer's own callback runs at DISPATCH_LEVEL, so this covers it too. A
 * threaded DPC must do without waits as any other (DP-085).
 */
static bool may_wait(const struct nts_systimer *timer, unsigned long caller)
{
	if (likely(nts_wait_is_allowed() && !nts_dpc_executing()))
		return true;
	nts_report_at(caller, "ET-113", NO_CODE, timer,
		      "ExDeleteTimer: Wait at DISPATCH_LEVEL or in a DPC; does not wait");
	return false;
}

/**
 * ExDeleteTimer() - disable a timer and free it when it is not used any more
 * @timer: from ExAllocateTimer(); dead after the call, but inside callbacks of
 *	it that run
 * @cancel: nonzero: cancel what is pending; 0: it may expire once more
 * @wait: nonzero: return only when all callbacks, the delete callback included,
 *	have returned; needs @cancel
 * @parameters: initialised, read during the call; NULL: no delete callback
 *
 * The delete callback is called once, at DISPATCH_LEVEL, after the timer has
 * been freed; before or after this call returns unless @wait. A second call is
 * without effect.
 *
 * Context: IRQL <= DISPATCH_LEVEL, with @wait <= APC_LEVEL, no DPC and a thread
 * that may sleep; otherwise that is reported and the call does not wait. Takes
 * the shard lock.
 * Return: 1 if @cancel and an operation was pending and is cancelled, else 0;
 * 0 and no effect, reported, where the contract is broken.
 * Source: ExDeleteTimer function; Deleting a System-Allocated Timer Object.
 * Test: ntshim_ex_timer_delete:return_says_whether_it_cancelled,
 * ntshim_ex_timer_live:wait_covers_running_callback
 */
u8 ExDeleteTimer(struct nts_systimer *timer, u8 cancel, u8 wait,
		 const struct nts_ext_delete *parameters)
{
	struct nts_systimer_end end = { .caller = _RET_IP_ };

	if (!check_call(timer, _RET_IP_) || nts_systimer_is_disabled(timer) ||
	    !check_delete(timer, cancel, wait, parameters, _RET_IP_))
		return 0;
	if (parameters) {
		end.fn = parameters->callback;
		end.context = parameters->context;
	}
	return nts_systimer_delete(timer, cancel,
				   wait && may_wait(timer, _RET_IP_), &end);
}
EXPORT_SYMBOL_GPL(ExDeleteTimer);
