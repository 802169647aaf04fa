// SPDX-License-Identifier: GPL-2.0
/*
 * The KEVENT routines: a signal state and nothing else.
 */

#include "compat.h"

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/preempt.h>

#include "dispatcher.h"
#include "ke_api.h"
#include "report.h"
#include "trace.h"
#include "verifier.h"

static_assert(sizeof(struct nts_header) <= NT_LAYOUT_KEVENT_SIZE);

static bool is_event(const struct nts_header *event)
{
	return nts_header_is_type(event, NT_LAYOUT_TYPE_NOTIFICATION_EVENT);
}

/* The hint that a wait follows makes sense where one may (V-02), and if so. */
static void check_hint(const struct nts_header *event, u8 wait,
		       unsigned long caller)
{
	if (wait)
		__nts_verify_level(NTS_V_02, NTS_PASSIVE_LEVEL, NTS_APC_LEVEL,
				   event, caller);
	nts_wait_promise(wait, caller);
}

/*
 * Something is wrong with a call, or the verifier wants to look; returns
 * whether it may go on.
 */
static noinline __cold bool complain(const struct nts_header *event,
				     s32 increment, u8 wait,
				     unsigned long caller)
{
	if (in_hardirq())
		nts_misuse_at(caller, "W-EVT-12", event,
			      "event routine called above DISPATCH_LEVEL");
	else if (nts_verifier_on())
		__nts_verify_level(NTS_V_01, NTS_PASSIVE_LEVEL,
				   NTS_DISPATCH_LEVEL, event, caller);
	if (increment < 0)
		nts_misuse_at(caller, "W-FIF-04", event,
			      "negative priority increment");
	if (!is_event(event)) {
		nts_misuse_at(caller, "W-HDR-08", event,
			      "not an initialised event");
		return false;
	}
	if (nts_verifier_on())
		check_hint(event, wait, caller);
	return true;
}

/* Checks that every routine but init and read makes. */
static __always_inline bool check_call(const struct nts_header *event,
				       s32 increment, u8 wait)
{
	if (likely(!in_hardirq() && increment >= 0 && is_event(event)) &&
	    !nts_verifier_on())
		return true;
	return complain(event, increment, wait, _RET_IP_);
}

/* Set the state to 0; returns what it was. */
static s32 clear_event(struct nts_header *event)
{
	struct nts_shard *shard = nts_shard_of(event);
	unsigned long flags;
	s32 previous;

	raw_spin_lock_irqsave(&shard->lock, flags);
	previous = event->signal_state;
	nts_signal_store(event, 0);
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return previous;
}

/**
 * KeInitializeEvent() - make storage an event
 * @event: storage of any content, resident, without waiters
 * @type: NotificationEvent (0) or SynchronizationEvent (1); any other value is
 *	reported and taken as 0
 * @state: nonzero: signaled
 *
 * An event with waiters is reported and left as it is (W-HDR-07).
 *
 * Context: any IRQL. Takes no lock.
 * Source: KeInitializeEvent function.
 * Test: ntshim_event:init_sets_type_and_state,
 * ntshim_event:init_ignores_old_content
 */
void KeInitializeEvent(struct nts_header *event, int type, u8 state)
{
	u8 code = NT_LAYOUT_TYPE_NOTIFICATION_EVENT;

	if (type == 1)
		code = NT_LAYOUT_TYPE_SYNCHRONIZATION_EVENT;
	else if (type)
		nts_misuse("W-EVT-01", event, "unknown event type");
	if (unlikely(nts_header_has_waiters(event))) {
		nts_misuse("W-HDR-07", event, "event with waiters initialised");
		return;
	}
	nts_header_init(event, code, !!state);
}
EXPORT_SYMBOL_GPL(KeInitializeEvent);

/**
 * KeSetEvent() - signal an event
 * @event: initialised event
 * @increment: priority boost for the released threads, no effect here; a
 *	negative value is reported
 * @wait: nonzero: a wait follows at once; a hint, without effect
 *
 * A notification event releases every wait it can and stays signaled. A
 * synchronization event releases one wait, the longest waiting, and stays not
 * signaled; without such a wait it becomes signaled. The event may be gone when
 * this returns, if a released thread frees it.
 *
 * Context: IRQL <= DISPATCH_LEVEL; hard interrupts are reported but work. Takes
 * the shard lock.
 * Return: the previous state: 0: it was not signaled.
 * Source: KeSetEvent function.
 * Test: ntshim_event:set_returns_previous_state,
 * ntshim_event:sync_set_releases_one_in_order,
 * ntshim_event:notification_set_releases_all
 */
s32 KeSetEvent(struct nts_header *event, s32 increment, u8 wait)
{
	if (!check_call(event, increment, wait))
		return 0;
	return nts_signal_set(event);
}
EXPORT_SYMBOL_GPL(KeSetEvent);

/**
 * KeResetEvent() - make an event not signaled
 * @event: initialised event
 *
 * Waits that were satisfied before stay satisfied.
 *
 * Context: as KeSetEvent().
 * Return: the previous state: 0: it was not signaled.
 * Source: KeResetEvent function.
 * Test: ntshim_event:reset_returns_previous_state
 */
s32 KeResetEvent(struct nts_header *event)
{
	if (!check_call(event, 0, false))
		return 0;
	return clear_event(event);
}
EXPORT_SYMBOL_GPL(KeResetEvent);

/**
 * KeClearEvent() - make an event not signaled
 * @event: initialised event
 *
 * Context: as KeSetEvent().
 * Source: KeClearEvent function.
 * Test: ntshim_event:clear_makes_not_signaled
 */
void KeClearEvent(struct nts_header *event)
{
	if (!check_call(event, 0, false))
		return;
	clear_event(event);
}
EXPORT_SYMBOL_GPL(KeClearEvent);

/**
 * KePulseEvent() - release waits without leaving the event signaled
 * @event: initialised event
 * @increment: as for KeSetEvent()
 * @wait: as for KeSetEvent()
 *
 * Releases what KeSetEvent() would release, wait-alls included.
 *
 * Context: as KeSetEvent().
 * Return: the previous state: 0: it was not signaled.
 * Source: KePulseEvent function.
 * Test: ntshim_event:pulse_releases_and_clears,
 * ntshim_event:pulse_of_signaled_event_only_clears
 */
s32 KePulseEvent(struct nts_header *event, s32 increment, u8 wait)
{
	struct nts_signaller sig;
	s32 previous;

	if (!check_call(event, increment, wait))
		return 0;
	nts_signal_lock(&sig, nts_shard_of(event), event);
	previous = event->signal_state;
	if (previous <= 0)
		nts_signal_satisfy(&sig, event, 1);
	else
		trace_nts_signal(event, event->type, previous, 0);
	nts_signal_store(event, 0);
	nts_signal_unlock(&sig);
	return previous;
}
EXPORT_SYMBOL_GPL(KePulseEvent);

/**
 * KeReadStateEvent() - the signal state of an event
 * @event: initialised event
 *
 * Context: any IRQL. Takes no lock.
 * Return: 0: not signaled, else signaled; may be out of date on return.
 * Source: KeReadStateEvent function.
 * Test: ntshim_event:init_sets_type_and_state
 */
s32 KeReadStateEvent(struct nts_header *event)
{
	nts_verify_at_most(NTS_V_01, NTS_DISPATCH_LEVEL, event);
	return nts_signal_read(event);
}
EXPORT_SYMBOL_GPL(KeReadStateEvent);
