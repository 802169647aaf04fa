// SPDX-License-Identifier: GPL-2.0
/*
 * The wait routines: they check the caller's level and objects, convert the
 * time limit and call the engine.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/sched.h>

#include "clock.h"
#include "dispatcher.h"
#include "ke_api.h"
#include "report.h"
#include "status.h"
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

/*
 * The time limit as the engine wants it. What has passed already only asks for
 * a look (W-TMO-03).
 */
static void set_due(struct nts_wait_request *request, s64 due_100ns)
{
	request->now = nts_clock_read();
	request->due = nts_due_from_nt(due_100ns, request->now.mono_ns);
	if (nts_due_is_past(&request->due, &request->now))
		request->due.kind = NTS_DUE_PAST;
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

static __always_inline enum patience patience_of(const s64 *timeout_100ns,
						 s64 *due_100ns)
{
	if (timeout_100ns)
		*due_100ns = READ_ONCE(*timeout_100ns);
	if (timeout_100ns && !*due_100ns)
		return LOOK;
	if (unlikely(!nts_wait_is_allowed())) {
		nts_report("W-IRQ-02", 0xb8, NULL,
			   "wait that may block at DISPATCH_LEVEL or above");
		return LOOK;
	}
	return timeout_100ns ? LIMITED : ENDLESS;
}

static noinline s32 wait_for(struct nts_wait_request *request,
			     enum patience patience, s64 due_100ns)
{
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
	return nts_wait_thread(request);
}

/* The object was not signaled a moment ago. */
static noinline s32 wait_for_one(struct nts_header *object, s8 mode,
				 u8 alertable, enum patience patience,
				 s64 due_100ns)
{
	struct nts_wait_block block;
	struct nts_wait_request request = {
		.objects = &object,
		.blocks = &block,
		.count = 1,
		.user_mode = mode,
		.alertable = alertable,
	};

	return wait_for(&request, patience, due_100ns);
}

/**
 * KeWaitForSingleObject() - wait until an object is signaled
 * @object: initialised event, timer or thread object
 * @reason: KWAIT_REASON; without effect
 * @mode: KernelMode (0): only the object or the time limit ends the wait;
 *	UserMode (1): a fatal signal of the task too
 * @alertable: nonzero and UserMode: any signal ends the wait
 * @timeout_100ns: NULL: no limit; 0: only look; in units of 100 ns, negative:
 *	so long from now, running time; positive: system time since 1601, UTC,
 *	which follows clock changes, and may have passed. Read once
 *
 * A satisfied wait has the side effect of the object's type: it takes the
 * signal of a synchronization object.
 *
 * Context: IRQL <= APC_LEVEL, process context that may sleep; with *timeout 0
 * IRQL <= DISPATCH_LEVEL. Otherwise it is reported (bug check 0xB8) and only
 * looks. Takes the shard lock.
 * Return: STATUS_SUCCESS; STATUS_TIMEOUT: not signaled in time;
 * STATUS_USER_APC: ended by a signal; STATUS_INVALID_PARAMETER: @object is not
 * an object, reported.
 * Source: KeWaitForSingleObject function.
 * Test: ntshim_wait:signaled_object_returns_at_once,
 * ntshim_wait:zero_timeout_only_looks, ntshim_wait:relative_timeout_is_exact
 */
s32 KeWaitForSingleObject(void *object, int reason, s8 mode, u8 alertable,
			  const s64 *timeout_100ns)
{
	s64 due_100ns = 0;
	enum patience patience;

	if (!check_object(object, _RET_IP_))
		return NTS_STATUS_INVALID_PARAMETER;
	patience = patience_of(timeout_100ns, &due_100ns);
	if (nts_wait_take(object))
		return NTS_STATUS_SUCCESS;
	return wait_for_one(object, mode, alertable, patience, due_100ns);
}
EXPORT_SYMBOL_GPL(KeWaitForSingleObject);

/* Count and block array (W-MUL-01, W-MUL-12); false: refuse the call. */
static bool check_multiple(u32 count, int type,
			   const struct nts_wait_block *blocks,
			   unsigned long caller)
{
	if (count > NT_LAYOUT_MAXIMUM_WAIT_OBJECTS ||
	    (count > NT_LAYOUT_THREAD_WAIT_OBJECTS && !blocks)) {
		nts_report_at(caller, "W-MUL-01", 0xc, NULL,
			      "too many objects to wait for");
		return false;
	}
	if (!count) {
		nts_report_at(caller, "W-MUL-11", 0, NULL,
			      "wait for no object");
		return false;
	}
	if (type != WAIT_ALL && type != WAIT_ANY) {
		nts_misuse_at(caller, "W-MUL-12", NULL, "unknown wait type");
		return false;
	}
	return true;
}

/**
 * KeWaitForMultipleObjects() - wait until any or all objects are signaled
 * @count: number of objects, 1..64
 * @objects: array of @count initialised events, timers or thread objects; not
 *	used after return
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
 * Return: STATUS_SUCCESS plus the index for WaitAny, STATUS_SUCCESS for
 * WaitAll, otherwise as KeWaitForSingleObject(). STATUS_INVALID_PARAMETER also
 * for a bad @count, @type or @blocks, reported.
 * Source: KeWaitForMultipleObjects function.
 * Test: ntshim_wait:any_prefers_lowest_index,
 * ntshim_wait:all_takes_everything_or_nothing
 */
s32 KeWaitForMultipleObjects(u32 count, void *objects[], int type, int reason,
			     s8 mode, u8 alertable, const s64 *timeout_100ns,
			     struct nts_wait_block *blocks)
{
	struct nts_wait_block own[NT_LAYOUT_THREAD_WAIT_OBJECTS];
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

	if (!check_multiple(count, type, blocks, _RET_IP_) ||
	    !check_objects(objects, count, _RET_IP_))
		return NTS_STATUS_INVALID_PARAMETER;
	patience = patience_of(timeout_100ns, &due_100ns);
	return wait_for(&request, patience, due_100ns);
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
 * Return: STATUS_SUCCESS: the time has passed; STATUS_USER_APC: ended by a
 * signal; STATUS_INVALID_PARAMETER: called at DISPATCH_LEVEL or above.
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
	s32 status;

	if (!nts_wait_is_allowed()) {
		nts_report("W-DLY-04", 0xb8, NULL,
			   "delay at DISPATCH_LEVEL or above");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	set_due(&request, READ_ONCE(*interval_100ns));
	if (request.due.kind == NTS_DUE_PAST)
		schedule();
	status = nts_wait_thread(&request);
	return status == NTS_STATUS_TIMEOUT ? NTS_STATUS_SUCCESS : status;
}
EXPORT_SYMBOL_GPL(KeDelayExecutionThread);
