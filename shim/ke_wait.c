// SPDX-License-Identifier: GPL-2.0
/*
 * The wait routines: they check the caller's level and objects, convert the
 * time limit and call the engine.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/sched.h>
#include <linux/sched/task_stack.h>

#include "clock.h"
#include "dispatcher.h"
#include "dpc.h"
#include "ke_api.h"
#include "nt_api.h"
#include "ps_thread.h"
#include "report.h"
#include "status.h"
#include "verifier.h"
#include "wait.h"

/* WAIT_TYPE */
#define WAIT_ALL 0
#define WAIT_ANY 1

static __always_inline bool check_object(const struct nts_header *object,
					 unsigned long caller)
{
	if (likely(nts_header_is_waitable(object)))
		return true;
	nts_misuse_at(caller, "W-HDR-08", object,
		      "uninitialised dispatcher object");
	return false;
}

static bool check_objects(void *const *objects, unsigned int count,
			  unsigned long caller)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (!check_object(objects[i], caller))
			return false;
	return true;
}

static void set_due(struct nts_wait_request *request, s64 due_100ns)
{
	request->now = nts_clock_read();
	request->due = nts_due_of_limit(due_100ns, &request->now);
}

/*
 * How long a wait may take, decided once and before anything else is looked at:
 * a limit of exactly zero is a look, legal at DISPATCH_LEVEL; anything else may
 * block, whatever the state of the objects (W-IRQ-02). What may not block
 * becomes a look (W-IRQ-03).
 */
enum patience {
	LOOK,
	LIMITED,
	ENDLESS
};

/* A promise counts no more; returns whether there was one. */
static noinline bool end_promise(void)
{
	struct nts_thread *thread = in_task() ? nts_thread_current() : NULL;

	if (!thread || !thread->owner.promised)
		return false;
	thread->owner.promised = false;
	return true;
}

/**
 * nts_wait_note_broken_promise() - a call that is no wait has come
 * @caller: address in the driver, for the note
 *
 * Notes it if the call before was a signal with Wait = TRUE.
 *
 * Context: any. Only with the verifier on.
 * Source: W-NXT-03.
 * Test: ntshim_wait_promise:every_checked_call_breaks_a_promise
 */
void nts_wait_note_broken_promise(unsigned long caller)
{
	if (end_promise())
		nts_misuse_at(caller, "W-NXT-03", NULL,
			      "no wait after a signal with Wait = TRUE");
}

/**
 * nts_wait_promise() - the verifier notes what a signal says of the next call
 * @promise: the signal was made with Wait = TRUE
 * @caller: address in the driver, for the note
 *
 * Context: any; makes the thread a record. Only with the verifier on.
 * Source: W-NXT-03.
 * Test: ntshim_wait_promise:signal_that_promised_a_wait_is_noted
 */
void nts_wait_promise(bool promise, unsigned long caller)
{
	struct nts_thread *thread;

	nts_wait_note_broken_promise(caller);
	if (!promise || nts_irql_current() > NTS_APC_LEVEL)
		return;
	thread = nts_thread_own();
	if (thread)
		thread->owner.promised = true;
}

/* A threaded DPC could block, but as an ordinary one it may not (DP-085). */
static noinline void note_in_dpc(unsigned long caller)
{
	if (nts_dpc_executing())
		nts_misuse_at(caller, "DP-085", NULL,
			      "wait that may block in a threaded DPC");
}

/* How the verifier of Windows, that asks at the call, tells them apart. */
static unsigned long subcode_of(bool endless)
{
	if (nts_irql_current() > NTS_DISPATCH_LEVEL)
		return 0x120;
	return endless ? 0x121 : 0x122;
}

/* In a DPC Windows says that it cannot switch threads there. */
static noinline __cold void report_level(bool endless, unsigned long caller)
{
	bool in_dpc = in_serving_softirq() && !in_hardirq();
	const struct nts_finding finding = {
		.rule = "W-IRQ-02",
		.code = in_dpc ? NTS_BUG_SWITCH_FROM_DPC :
				 NTS_BUG_VERIFIER_VIOLATION,
		.caller = caller,
		.text = "wait that may block at DISPATCH_LEVEL or above",
		.args = { in_dpc ? 0 : subcode_of(endless) },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static __always_inline enum patience patience_of(const s64 *timeout_100ns,
						 s64 *due_100ns,
						 unsigned long caller)
{
	if (nts_verifier_on())
		end_promise();
	if (timeout_100ns)
		*due_100ns = READ_ONCE(*timeout_100ns);
	if (timeout_100ns && !*due_100ns) {
		if (nts_verifier_on())
			__nts_verify_level(NTS_V_03, NTS_PASSIVE_LEVEL,
					   NTS_DISPATCH_LEVEL, NULL, caller);
		return LOOK;
	}
	if (unlikely(!nts_wait_is_allowed())) {
		report_level(!timeout_100ns, caller);
		return LOOK;
	}
	if (nts_verifier_on())
		note_in_dpc(caller);
	return timeout_100ns ? LIMITED : ENDLESS;
}

/* A mutant needs an owner, and only a KernelMode wait makes one. */
static bool prepare_for_mutant(struct nts_wait_request *request,
			       unsigned long caller)
{
	if (!request->owner) {
		nts_report_at(caller, "T-CUR-03", 0, NULL,
			      "mutex acquired where no thread can own it");
		return false;
	}
	if (request->user_mode)
		nts_misuse_at(caller, "W-ALT-10", NULL,
			      "UserMode wait for a mutex; taken as KernelMode");
	request->user_mode = false;
	return true;
}

static void report_on_stack(const struct nts_header *object,
			    unsigned long caller)
{
	const struct nts_finding finding = {
		.rule = "W-ALT-11",
		.code = NTS_BUG_VERIFIER_VIOLATION,
		.caller = caller,
		.object = object,
		.text = "UserMode wait for an object on the stack",
		.args = { 0x123, (unsigned long)object },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

/* What a wait of this kind must not name; it goes on all the same. */
static void check_hazards(const struct nts_wait_request *request,
			  const struct nts_header *object, bool endless,
			  unsigned long caller)
{
	if (unlikely(request->user_mode && object_is_on_stack(object)))
		report_on_stack(object, caller);
	if (object->type == NT_LAYOUT_TYPE_THREAD && endless &&
	    (request->all || request->count == 1) &&
	    object == KeGetCurrentThread())
		nts_misuse_at(caller, "W-THR-04", object,
			      "thread waits for its own end");
}

static void check_duplicates(struct nts_wait_request *request,
			     unsigned long caller)
{
	request->duplicates =
		nts_wait_has_duplicates(request->objects, request->count);
	if (unlikely(request->duplicates))
		nts_misuse_at(caller, "W-MUL-09", NULL,
			      "object named twice in a WaitAll");
}

/* What an engine wait needs to know beside the time; false: refuse it. */
static bool prepare(struct nts_wait_request *request, bool endless,
		    unsigned long caller)
{
	struct nts_thread *thread;
	bool mutant = false;
	unsigned int i;

	for (i = 0; i < request->count; i++) {
		mutant |= request->objects[i]->type == NT_LAYOUT_TYPE_MUTANT;
		check_hazards(request, request->objects[i], endless, caller);
	}
	if (request->all)
		check_duplicates(request, caller);
	if (mutant || request->alertable) {
		thread = nts_thread_own();
		request->owner = thread ? &thread->owner : NULL;
	}
	return !mutant || prepare_for_mutant(request, caller);
}

/* Only where a signal could end the wait is it asked whether it may. */
static void hold_signals(struct nts_wait_request *request)
{
	request->signals_held = request->user_mode && request->alertable &&
				in_task() && nts_thread_is_in_region();
}

static noinline s32 wait_for(struct nts_wait_request *request,
			     enum patience patience, s64 due_100ns,
			     unsigned long caller)
{
	s32 status;

	if (!prepare(request, patience == ENDLESS, caller))
		return NTS_STATUS_INVALID_PARAMETER;
	hold_signals(request);
	switch (patience) {
	case LOOK:
		request->due.kind = NTS_DUE_PAST;
		break;
	case LIMITED:
		set_due(request, due_100ns);
		break;
	case ENDLESS:
		request->due.kind = NTS_DUE_NEVER;
		break;
	}
	status = nts_wait_thread(request);
	if (unlikely(status == NTS_STATUS_MUTANT_LIMIT_EXCEEDED))
		nts_report_raised_at(caller, "W-MTX-03", status, NULL,
				     "mutex acquired too often; unchanged");
	return status;
}

/* The object was not signaled a moment ago. */
static noinline s32 wait_for_one(struct nts_header *object, s8 mode,
				 u8 alertable, enum patience patience,
				 s64 due_100ns, unsigned long caller)
{
	struct nts_wait_block block __uninitialized;
	struct nts_wait_request request = {
		.objects = &object,
		.blocks = &block,
		.count = 1,
		.user_mode = mode,
		.alertable = alertable,
	};

	return wait_for(&request, patience, due_100ns, caller);
}

/* What nobody owns and no thread can be in its own way with; events first. */
static __always_inline bool is_plain(const struct nts_header *object)
{
	const u64 types = NTS_WAITABLE_TYPES & ~BIT(NT_LAYOUT_TYPE_MUTANT) &
			  ~BIT(NT_LAYOUT_TYPE_THREAD);

	return object && object->magic == NTS_HEADER_MAGIC &&
	       (likely(object->type <= NT_LAYOUT_TYPE_SYNCHRONIZATION_EVENT) ||
		nts_header_is_one_of(object, types));
}

/* Nothing but the object matters, once it is signaled, and nobody looks on. */
static __always_inline bool is_plain_wait(const struct nts_header *object)
{
	return likely(is_plain(object) && nts_wait_is_allowed()) &&
	       !nts_verifier_on() && !nts_wait_is_traced();
}

static __always_inline bool take_if_signaled(struct nts_header *object)
{
	return nts_signal_read(object) > 0 && nts_wait_take(object);
}

static noinline s32 wait_slowly(struct nts_header *object, s8 mode,
				u8 alertable, const s64 *timeout_100ns,
				unsigned long caller)
{
	s64 due_100ns = 0;
	enum patience patience;

	if (is_plain_wait(object) && take_if_signaled(object))
		return NTS_STATUS_SUCCESS;
	if (!check_object(object, caller))
		return NTS_STATUS_INVALID_PARAMETER;
	patience = patience_of(timeout_100ns, &due_100ns, caller);
	if (patience == LOOK && object->type != NT_LAYOUT_TYPE_MUTANT &&
	    !nts_wait_is_traced()) {
		if (nts_wait_take(object))
			return NTS_STATUS_SUCCESS;
		if (!alertable && !mode)
			return NTS_STATUS_TIMEOUT;
	}
	return wait_for_one(object, mode, alertable, patience, due_100ns,
			    caller);
}

/* A wait that only its object can end needs little code and a small record. */
static __always_inline s32 wait_single(struct nts_header *object, s8 mode,
				       u8 alertable, const s64 *timeout_100ns)
{
	if (likely(!timeout_100ns) && likely(!(mode | alertable)) &&
	    is_plain_wait(object)) {
		if (take_if_signaled(object))
			return NTS_STATUS_SUCCESS;
		return nts_wait_plain(object);
	}
	return wait_slowly(object, mode, alertable, timeout_100ns, _RET_IP_);
}

/**
 * KeWaitForSingleObject() - wait until an object is signaled
 * @object: initialised event, timer, semaphore, mutex or thread object
 * @reason: KWAIT_REASON; without effect
 * @mode: KernelMode (0): only the object or the time limit ends the wait;
 *	UserMode (1): a fatal signal of the task too
 * @alertable: nonzero: an alert ends the wait, and in UserMode any signal
 * @timeout_100ns: NULL: no limit; 0: only look; in units of 100 ns, negative:
 *	so long from now, running time; positive: system time since 1601, UTC,
 *	which follows clock changes, and may have passed. Read once
 *
 * A satisfied wait has the side effect of the object's type: it takes the
 * signal of a synchronization object, one of a semaphore's count, a mutex.
 *
 * Context: IRQL <= APC_LEVEL, process context that may sleep; with *timeout 0
 * IRQL <= DISPATCH_LEVEL. Otherwise it is reported (bug check 0xC4, in a DPC
 * 0xB8) and only looks. Takes the shard lock.
 * Return: STATUS_SUCCESS; STATUS_ABANDONED: success with a mutant whose owner
 * gave it up; STATUS_TIMEOUT: not signaled in time; STATUS_ALERTED;
 * STATUS_USER_APC: ended by a signal. Reported: STATUS_INVALID_PARAMETER:
 * @object is not an object, or a mutex in a DPC or an interrupt;
 * STATUS_MUTANT_LIMIT_EXCEEDED.
 * Source: KeWaitForSingleObject function.
 * Test: ntshim_wait:signaled_object_returns_at_once,
 * ntshim_wait:zero_timeout_only_looks, ntshim_wait:relative_timeout_is_exact
 */
s32 KeWaitForSingleObject(void *object, int reason, s8 mode, u8 alertable,
			  const s64 *timeout_100ns)
{
	return wait_single(object, mode, alertable, timeout_100ns);
}
EXPORT_SYMBOL_GPL(KeWaitForSingleObject);

/**
 * KeWaitForMutexObject() - another spelling of KeWaitForSingleObject()
 * @object: as there
 * @reason: as there
 * @mode: as there
 * @alertable: as there
 * @timeout_100ns: as there
 *
 * Context: as KeWaitForSingleObject().
 * Return: as KeWaitForSingleObject().
 * Source: KeWaitForMutexObject function; W-ONE-04.
 * Test: ntshim_mutex:wait_makes_the_owner
 */
s32 KeWaitForMutexObject(void *object, int reason, s8 mode, u8 alertable,
			 const s64 *timeout_100ns)
{
	return wait_single(object, mode, alertable, timeout_100ns);
}
EXPORT_SYMBOL_GPL(KeWaitForMutexObject);

/*
 * Count and block array (W-MUL-01, W-MUL-12); false: refuse the call. Without
 * objects it is a delay, if there is a time limit (W-MUL-11).
 */
static bool check_multiple(u32 count, void *const *objects, int type,
			   bool timed, const struct nts_wait_block *blocks,
			   unsigned long caller)
{
	if (count > NT_LAYOUT_MAXIMUM_WAIT_OBJECTS ||
	    (count > NT_LAYOUT_THREAD_WAIT_OBJECTS && !blocks)) {
		nts_report_at(caller, "W-MUL-01", NTS_BUG_WAIT_OBJECTS_EXCEEDED,
			      NULL, "too many objects to wait for");
		return false;
	}
	if (!count) {
		nts_report_at(caller, "W-MUL-11", 0, NULL,
			      "wait for no object");
		return timed;
	}
	if (type != WAIT_ALL && type != WAIT_ANY) {
		nts_misuse_at(caller, "W-MUL-12", NULL, "unknown wait type");
		return false;
	}
	if (!objects) {
		nts_misuse_at(caller, "W-RET-06", NULL, "no array of objects");
		return false;
	}
	return true;
}

/**
 * KeWaitForMultipleObjects() - wait until any or all objects are signaled
 * @count: number of objects, 1..64; 0 is reported, and a delay if there is a
 *	time limit
 * @objects: array of @count initialised objects of the kinds that
 *	KeWaitForSingleObject() takes; not used after return. One that WaitAll
 *	names twice is reported; of a semaphore it takes as many
 * @type: WaitAll (0): satisfied by all at once, or not at all; WaitAny (1): by
 *	the first that is signaled, at the call by the lowest index
 * @reason: KWAIT_REASON; without effect
 * @mode: as for KeWaitForSingleObject()
 * @alertable: as for KeWaitForSingleObject()
 * @timeout_100ns: as for KeWaitForSingleObject()
 * @blocks: array of @count blocks of any content, used until return; NULL only
 *	for up to 3 objects
 *
 * Context: as KeWaitForSingleObject(). A wait-all takes the locks of all its
 * shards at once.
 * Return: STATUS_SUCCESS plus the index for WaitAny, or STATUS_ABANDONED plus
 * the index; STATUS_SUCCESS for WaitAll, or STATUS_ABANDONED if any mutant of it
 * was abandoned; otherwise as KeWaitForSingleObject(). STATUS_INVALID_PARAMETER
 * also for a bad @count, @type or @blocks, reported.
 * Source: KeWaitForMultipleObjects function.
 * Test: ntshim_wait_many:any_prefers_lowest_index,
 * ntshim_wait_many:all_takes_everything_or_nothing
 */
s32 KeWaitForMultipleObjects(u32 count, void *objects[], int type, int reason,
			     s8 mode, u8 alertable, const s64 *timeout_100ns,
			     struct nts_wait_block *blocks)
{
	struct nts_wait_block own[NT_LAYOUT_THREAD_WAIT_OBJECTS] __uninitialized;
	struct nts_wait_request request = {
		.objects = (struct nts_header *const *)objects,
		.blocks = blocks ? blocks : own,
		.count = count,
		.all = type == WAIT_ALL,
		.user_mode = mode,
		.alertable = alertable,
	};
	enum patience patience;
	s64 due_100ns = 0;

	if (!check_multiple(count, objects, type, timeout_100ns, blocks,
			    _RET_IP_) ||
	    !check_objects(objects, count, _RET_IP_))
		return NTS_STATUS_INVALID_PARAMETER;
	patience = patience_of(timeout_100ns, &due_100ns, _RET_IP_);
	return wait_for(&request, patience, due_100ns, _RET_IP_);
}
EXPORT_SYMBOL_GPL(KeWaitForMultipleObjects);

/**
 * KeDelayExecutionThread() - sleep
 * @mode: as for KeWaitForSingleObject()
 * @alertable: as for KeWaitForSingleObject()
 * @interval_100ns: as @timeout_100ns of KeWaitForSingleObject(), not NULL; a
 *	time that has passed gives up the processor once
 *
 * Context: IRQL <= APC_LEVEL, process context that may sleep; otherwise it is
 * reported and returns at once.
 * Return: STATUS_SUCCESS: the time has passed; STATUS_ALERTED;
 * STATUS_USER_APC: ended by a signal; STATUS_INVALID_PARAMETER: called at
 * DISPATCH_LEVEL or above, or no @interval_100ns.
 * Source: KeDelayExecutionThread function.
 * Test: ntshim_wait:delay_is_never_early,
 * ntshim_wait:delay_of_zero_returns_success
 */
s32 KeDelayExecutionThread(s8 mode, u8 alertable, const s64 *interval_100ns)
{
	struct nts_wait_request request = {
		.user_mode = mode,
		.alertable = alertable,
	};
	struct nts_thread *thread;
	s32 status;

	if (!nts_wait_is_allowed()) {
		nts_report("W-DLY-04", NTS_BUG_SWITCH_FROM_DPC, NULL,
			   "delay at DISPATCH_LEVEL or above");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	if (!interval_100ns) {
		nts_misuse("W-RET-06", NULL, "delay without an interval");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	if (nts_verifier_on())
		note_in_dpc(_RET_IP_);
	thread = alertable ? nts_thread_own() : NULL;
	request.owner = thread ? &thread->owner : NULL;
	hold_signals(&request);
	set_due(&request, READ_ONCE(*interval_100ns));
	if (request.due.kind == NTS_DUE_PAST)
		/* Not schedule(), which may well choose this thread again. */
		yield();
	status = nts_wait_thread(&request);
	return status == NTS_STATUS_TIMEOUT ? NTS_STATUS_SUCCESS : status;
}
EXPORT_SYMBOL_GPL(KeDelayExecutionThread);

/**
 * KeAlertThread() - end a thread's alertable wait
 * @thread: thread object
 * @mode: KernelMode (0) or UserMode (1); an alert ends only waits of its mode
 *	or above
 *
 * Without such a wait the alert stays and ends the next one.
 *
 * Context: IRQL <= DISPATCH_LEVEL. Takes the thread's lock.
 * Return: TRUE: an alert of that mode was pending already; FALSE also for what
 * is not a thread, reported.
 * Source: observed; W-ALT-05.
 * Test: ntshim_wait_alert:alert_ends_an_alertable_wait
 */
u8 KeAlertThread(void *thread, s8 mode)
{
	struct nts_header *header = thread;

	if (!nts_header_is_waitable(header) ||
	    header->type != NT_LAYOUT_TYPE_THREAD) {
		nts_misuse("W-HDR-08", thread, "not a thread object");
		return false;
	}
	return nts_wait_alert(&container_of(header, struct nts_thread, header)
				       ->owner,
			      !!mode);
}
EXPORT_SYMBOL_GPL(KeAlertThread);
