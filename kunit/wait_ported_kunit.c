// SPDX-License-Identifier: GPL-2.0
/*
 * Waits through the headers that ported drivers include, in C and in C++; and
 * what drivers must not leave behind or pay for.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/timekeeping.h>

#include "../shim/ex_work.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/wait_async.h"
#include "../shim/work.h"
#include "helpers.h"
#include "ported/ported.h"

#define DELAYED_QUEUE 1
#define MAX_OBJECTS 64

static void expect_all(struct kunit *test, const char *broken)
{
	if (broken)
		KUNIT_FAIL(test, "does not hold: %s", broken);
}

/* Shows: W-HDR-02, W-HDR-03 */
static void header_members_have_their_names(struct kunit *test)
{
	expect_all(test, HeaderMembersInC());
	expect_all(test, HeaderMembersInCxx());
}

/* Shows: W-RET-04 */
static void statuses_have_their_values(struct kunit *test)
{
	expect_all(test, WaitStatusesInC());
	expect_all(test, WaitStatusesInCxx());
}

/* Shows: W-RET-04, W-RET-01, W-RET-02 */
static void results_are_those_of_the_headers(struct kunit *test)
{
	expect_all(test, WaitResultsInC());
	expect_all(test, WaitResultsInCxx());
}

/**
 * struct holder - what routines do with a mutex
 * @mutex: the mutex
 * @acquire: the routine acquires it; else it gives it up
 * @status: what came of it
 * @item: a work item
 * @dpc: a DPC
 * @done: completed by the work item
 */
struct holder {
	struct nts_mutant mutex;
	bool acquire;
	s32 status;
	struct nts_io_work *item;
	struct nts_dpc dpc;
	struct completion done;
};

/* Without waiting, which is not for a DPC, threaded or not. */
static void use_mutex(struct holder *h)
{
	static const s64 look_100ns;

	if (h->acquire)
		h->status =
			KeWaitForSingleObject(&h->mutex, 0, 0, 0, &look_100ns);
	else
		h->status = KeReleaseMutex(&h->mutex, 0);
}

static void item_fn(void *object, void *context)
{
	struct holder *h = context;

	use_mutex(h);
	complete(&h->done);
}

static void borrow_fn(void *object, void *context)
{
	struct holder *h = context;

	use_mutex(h);
	KeReleaseMutex(&h->mutex, 0);
	complete(&h->done);
}

static void dpc_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	use_mutex(context);
}

static struct holder *new_holder(struct kunit *test)
{
	struct holder *h = kunit_kzalloc(test, sizeof(*h), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, h);
	/* No KMUTEX: what its owner leaves can be taken from it. */
	KeInitializeMutant(&h->mutex, false);
	init_completion(&h->done);
	h->acquire = true;
	return h;
}

/* Shows: W-MTX-12 */
static void work_item_that_keeps_a_mutex_is_reported(struct kunit *test)
{
	struct holder *h = new_holder(test);

	h->item = IoAllocateWorkItem(test);
	KUNIT_ASSERT_NOT_NULL(test, h->item);
	IoQueueWorkItem(h->item, item_fn, DELAYED_QUEUE, h);
	wait_for_completion(&h->done);
	IoFreeWorkItem(h->item);
	nts_work_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, h->status, NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("W-MTX-12", 1, 0), 1);
	/* It protects what the routine left half done: nobody got it. */
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&h->mutex), 0);
	KeReleaseMutant(&h->mutex, 0, true, 0);
}

static unsigned int run_threaded(struct holder *h, bool acquire)
{
	h->acquire = acquire;
	KeInsertQueueDpc(&h->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	return nts_test_take_reports("W-MTX-12", 1, 0);
}

/* The thread that runs these DPCs owns the mutex in between. */
/* Shows: W-MTX-12 */
static void threaded_dpc_that_keeps_a_mutex_is_reported(struct kunit *test)
{
	struct holder *h = new_holder(test);

	KeInitializeThreadedDpc(&h->dpc, dpc_fn, h);
	KeSetTargetProcessorDpc(&h->dpc, 0);
	KUNIT_EXPECT_EQ(test, run_threaded(h, true), 1);
	KUNIT_EXPECT_EQ(test, h->status, NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&h->mutex), 0);
	KUNIT_EXPECT_EQ(test, run_threaded(h, false), 1);
	KUNIT_EXPECT_EQ(test, h->status, 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&h->mutex), 1);
}

/* Acquired and given up in one call: as it must be. */
/* Shows: W-MTX-12 */
static void mutex_within_a_routine_is_not_reported(struct kunit *test)
{
	struct holder *h = new_holder(test);

	h->item = IoAllocateWorkItem(test);
	KUNIT_ASSERT_NOT_NULL(test, h->item);
	IoQueueWorkItem(h->item, borrow_fn, DELAYED_QUEUE, h);
	wait_for_completion(&h->done);
	IoFreeWorkItem(h->item);
	nts_work_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MTX-12"), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateMutex(&h->mutex), 1);
}

/**
 * struct linking - what is linked and unlinked again
 * @events: not signaled
 * @objects: all of them
 * @async: a wait for some of them
 */
struct linking {
	struct nts_header events[MAX_OBJECTS];
	struct nts_header *objects[MAX_OBJECTS];
	struct nts_async_wait async;
};

static void never_fn(struct nts_async_wait *async, s32 status)
{
}

/* The shortest of many: what the machine did meanwhile is in the others. */
static u64 cost_ns(struct kunit *test, struct linking *l, unsigned int count,
		   bool all)
{
	struct nts_async_request request = {
		.objects = l->objects,
		.done_fn = never_fn,
		.count = count,
		.all = all,
	};
	u64 start_ns, best_ns = U64_MAX;
	int i;

	for (i = 0; i < 500; i++) {
		start_ns = ktime_get_ns();
		KUNIT_ASSERT_EQ(test, nts_async_start(&l->async, &request),
				NTS_STATUS_PENDING);
		KUNIT_ASSERT_TRUE(test, nts_async_cancel(&l->async));
		best_ns = min(best_ns, ktime_get_ns() - start_ns);
	}
	return best_ns;
}

/*
 * Eight times as many objects cost eight times as much, and would cost 64 times
 * as much if each were compared with each. Half way between, on a log scale.
 */
/* Shows: W-MUL-14 */
static void cost_grows_with_the_number_of_objects(struct kunit *test)
{
	struct linking *l;
	u64 few_ns, many_ns;
	int i, all;

	if (nts_test_time_is_simulated())
		kunit_skip(test, "simulated time stands still in a busy loop");
	if (IS_ENABLED(CONFIG_KCSAN))
		kunit_skip(test, "KCSAN delays accesses on purpose");
	l = kunit_kzalloc(test,
			  size_add(sizeof(*l),
				   size_mul(MAX_OBJECTS,
					    sizeof(struct nts_wait_block))),
			  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, l);
	for (i = 0; i < MAX_OBJECTS; i++) {
		KeInitializeEvent(&l->events[i], 0, 0);
		l->objects[i] = &l->events[i];
	}
	for (all = 0; all < 2; all++) {
		few_ns = cost_ns(test, l, MAX_OBJECTS / 8, all);
		many_ns = cost_ns(test, l, MAX_OBJECTS, all);
		kunit_info(test, "wait-%s: 8 objects %llu ns, 64 %llu ns\n",
			   all ? "all" : "any", few_ns, many_ns);
		KUNIT_EXPECT_LT(test, many_ns, few_ns * 22);
	}
}

static struct kunit_case wait_ported_cases[] = {
	KUNIT_CASE(header_members_have_their_names),
	KUNIT_CASE(statuses_have_their_values),
	KUNIT_CASE(results_are_those_of_the_headers),
	KUNIT_CASE(work_item_that_keeps_a_mutex_is_reported),
	KUNIT_CASE(threaded_dpc_that_keeps_a_mutex_is_reported),
	KUNIT_CASE(mutex_within_a_routine_is_not_reported),
	KUNIT_CASE(cost_grows_with_the_number_of_objects),
	{}
};

static struct kunit_suite wait_ported_suite = {
	.name = "ntshim_wait_ported",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_ported_cases,
};

kunit_test_suite(wait_ported_suite);
