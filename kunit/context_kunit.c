// SPDX-License-Identifier: GPL-2.0
/*
 * Where drivers' routines run and what they may call there: the level at which
 * each kind of callback starts, and the routines that DISPATCH_LEVEL allows.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/jiffies.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

#include "../shim/ex_lookaside.h"
#include "../shim/ex_timer.h"
#include "../shim/ex_work.h"
#include "../shim/io_remove_lock.h"
#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define TAG 0x74736554
#define DELAYED 1
#define PATIENCE_JIFFIES (30 * HZ)

static enum nts_verifier_mode mode_before;

static int context_init(struct kunit *test)
{
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void context_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_verifier_switch(mode_before);
}

/**
 * struct visit - where a callback found itself
 * @level: KIRQL at its start
 * @hardirq: it ran in a hard interrupt
 * @done: completed by it
 */
struct visit {
	u8 level;
	bool hardirq;
	struct completion done;
};

static struct visit *new_visit(struct kunit *test)
{
	struct visit *visit = kunit_kzalloc(test, sizeof(*visit), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, visit);
	init_completion(&visit->done);
	visit->level = 0xff;
	return visit;
}

static void look_around(struct visit *visit)
{
	visit->level = KeGetCurrentIrql();
	visit->hardirq = in_hardirq();
	complete(&visit->done);
}

static void visit_dpc(struct nts_dpc *dpc, void *context, void *arg1,
		      void *arg2)
{
	look_around(context);
}

static void visit_timer(struct nts_systimer *timer, void *context)
{
	look_around(context);
}

static void visit_item(void *object, void *context)
{
	look_around(context);
}

static void expect_level(struct kunit *test, struct visit *visit, u8 level,
			 const char *kind)
{
	KUNIT_ASSERT_TRUE_MSG(test,
			      wait_for_completion_timeout(&visit->done,
							  PATIENCE_JIFFIES),
			      "%s did not run", kind);
	KUNIT_EXPECT_EQ_MSG(test, visit->level, level, "in a %s", kind);
	KUNIT_EXPECT_FALSE_MSG(test, visit->hardirq, "in a %s", kind);
	visit->level = 0xff;
}

static void expect_dpc_level(struct kunit *test, struct visit *visit,
			     bool threaded)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	if (threaded)
		KeInitializeThreadedDpc(dpc, visit_dpc, visit);
	else
		KeInitializeDpc(dpc, visit_dpc, visit);
	KeInsertQueueDpc(dpc, NULL, NULL);
	expect_level(test, visit,
		     threaded ? NTS_PASSIVE_LEVEL : NTS_DISPATCH_LEVEL,
		     threaded ? "threaded DPC" : "DPC");
	KeFlushQueuedDpcs();
}

static void expect_timer_levels(struct kunit *test, struct visit *visit)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	struct nts_timer *timer =
		kunit_kzalloc(test, sizeof(*timer), GFP_KERNEL);
	struct nts_systimer *ex = ExAllocateTimer(visit_timer, visit, 0);

	KUNIT_ASSERT_TRUE(test, dpc && timer && ex);
	KeInitializeTimer(timer);
	KeInitializeDpc(dpc, visit_dpc, visit);
	KeSetTimer(timer, -UNITS_PER_MS, dpc);
	expect_level(test, visit, NTS_DISPATCH_LEVEL, "timer's DPC");
	KeFlushQueuedDpcs();
	ExSetTimer(ex, -UNITS_PER_MS, 0, NULL);
	expect_level(test, visit, NTS_DISPATCH_LEVEL, "EX_TIMER callback");
	ExDeleteTimer(ex, 1, 1, NULL);
}

static void visit_thread(void *context)
{
	look_around(context);
}

/* Shows: I-LVL-05, I-RUN-01, I-RUN-03, I-CTX-08 */
static void each_callback_starts_at_its_level(struct kunit *test)
{
	struct nts_io_work *item = IoAllocateWorkItem(test);
	struct visit *visit = new_visit(test);
	void *handle;

	KUNIT_ASSERT_NOT_NULL(test, item);
	expect_dpc_level(test, visit, false);
	expect_dpc_level(test, visit, true);
	expect_timer_levels(test, visit);
	IoQueueWorkItem(item, visit_item, DELAYED, visit);
	expect_level(test, visit, NTS_PASSIVE_LEVEL, "work item");
	IoFreeWorkItem(item);
	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     visit_thread, visit),
			NTS_STATUS_SUCCESS);
	expect_level(test, visit, NTS_PASSIVE_LEVEL, "thread");
	ZwClose(handle);
}

/**
 * struct tour - a DPC that calls everything it may
 * @dpc: the DPC, which queues itself once more
 * @timer: its own timer
 * @ex: an EX_TIMER
 * @event: an event
 * @semaphore: a semaphore
 * @lock: a spin lock
 * @rw: a reader-writer lock
 * @remove: a remove lock
 * @list: a lookaside list
 * @item: a work item
 * @item_ran: completed by it
 * @thread: a thread object
 * @runs: of the DPC
 * @broken: the first condition that did not hold, NULL: none
 * @done: completed by the last run
 */
struct tour {
	struct nts_dpc dpc;
	struct nts_timer timer;
	struct nts_systimer *ex;
	struct nts_header event;
	struct nts_semaphore semaphore;
	struct nts_spinlock lock;
	atomic_t rw;
	struct nts_remove_lock remove;
	struct nts_lookaside list;
	struct nts_io_work *item;
	struct visit *item_ran;
	void *thread;
	unsigned int runs;
	const char *broken;
	struct completion done;
};

/* The first text that is given stays. */
static void expect(struct tour *t, bool holds, const char *text)
{
	if (!holds && !t->broken)
		t->broken = text;
}

#define HOLDS(tour_, condition_) expect(tour_, condition_, #condition_)

static void use_timers(struct tour *t)
{
	HOLDS(t, !KeSetTimer(&t->timer, -UNITS_PER_SEC, &t->dpc));
	HOLDS(t, KeSetTimerEx(&t->timer, -UNITS_PER_SEC, 10, &t->dpc));
	HOLDS(t, !KeReadStateTimer(&t->timer));
	HOLDS(t, KeCancelTimer(&t->timer));
	HOLDS(t, !ExSetTimer(t->ex, -UNITS_PER_SEC, 0, NULL));
	HOLDS(t, ExCancelTimer(t->ex, NULL));
	HOLDS(t, KeQueryTimeIncrement() && KeQueryInterruptTime());
}

static void use_objects(struct tour *t)
{
	HOLDS(t, KeSetEvent(&t->event, 0, 0) == 0);
	HOLDS(t, nts_test_look(&t->event) == NTS_STATUS_SUCCESS);
	HOLDS(t, KeResetEvent(&t->event) == 1);
	HOLDS(t, KePulseEvent(&t->event, 0, 0) == 0);
	HOLDS(t, nts_test_look(&t->event) == NTS_STATUS_TIMEOUT);
	HOLDS(t, KeReleaseSemaphore(&t->semaphore, 0, 1, 0) == 0);
	HOLDS(t, nts_test_look(&t->semaphore) == NTS_STATUS_SUCCESS);
	HOLDS(t, ObfReferenceObject(t->thread) > 1);
	HOLDS(t, ObfDereferenceObject(t->thread) > 0);
	HOLDS(t, KeGetCurrentThread());
}

static void use_locks(struct tour *t)
{
	struct nts_lock_handle handle;

	HOLDS(t, KeAcquireSpinLockRaiseToDpc(&t->lock) == NTS_DISPATCH_LEVEL);
	KeReleaseSpinLock(&t->lock, NTS_DISPATCH_LEVEL);
	KeAcquireSpinLockAtDpcLevel(&t->lock);
	KeReleaseSpinLockFromDpcLevel(&t->lock);
	KeAcquireInStackQueuedSpinLockAtDpcLevel(&t->lock, &handle);
	KeReleaseInStackQueuedSpinLockFromDpcLevel(&handle);
	ExAcquireSpinLockSharedAtDpcLevel(&t->rw);
	ExReleaseSpinLockSharedFromDpcLevel(&t->rw);
	HOLDS(t, !IoAcquireRemoveLockEx(&t->remove, t, "", 0, 0));
	IoReleaseRemoveLockEx(&t->remove, t, 0);
}

/* PREEMPT_RT has no memory for a DPC (I-CTX-10). */
static void use_memory(struct tour *t)
{
	void *block;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		return;
	block = ExAllocatePool2(0x40, 100, TAG);
	HOLDS(t, block);
	ExFreePoolWithTag(block, TAG);
	block = ExAllocateFromLookasideListEx(&t->list);
	HOLDS(t, block);
	ExFreeToLookasideListEx(&t->list, block);
}

static void tour_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct tour *t = context;

	if (!t->runs++) {
		use_timers(t);
		use_objects(t);
		use_locks(t);
		use_memory(t);
		IoQueueWorkItem(t->item, visit_item, DELAYED, t->item_ran);
		HOLDS(t, KeInsertQueueDpc(dpc, NULL, NULL));
		HOLDS(t, KeRemoveQueueDpc(dpc));
		HOLDS(t, KeInsertQueueDpc(dpc, NULL, NULL));
		return;
	}
	complete(&t->done);
}

static struct tour *new_tour(struct kunit *test)
{
	struct tour *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	init_completion(&t->done);
	KeInitializeDpc(&t->dpc, tour_fn, t);
	KeInitializeTimer(&t->timer);
	KeInitializeEvent(&t->event, 0, 0);
	KeInitializeSemaphore(&t->semaphore, 0, 3);
	IoInitializeRemoveLockEx(&t->remove, TAG, 0, 0, 0);
	ExInitializeNPagedLookasideList(&t->list, NULL, NULL, 0, 40, TAG, 0);
	t->ex = ExAllocateTimer(NULL, NULL, 0);
	t->item = IoAllocateWorkItem(test);
	t->item_ran = new_visit(test);
	t->thread = KeGetCurrentThread();
	KUNIT_ASSERT_TRUE(test, t->ex && t->item);
	ObfReferenceObject(t->thread);
	return t;
}

/* Shows: I-RUN-05, V-26, V-25, DP-072 */
static void dispatch_callback_may_call_what_its_level_allows(struct kunit *test)
{
	struct tour *t = new_tour(test);

	KeInsertQueueDpc(&t->dpc, NULL, NULL);
	KUNIT_EXPECT_TRUE(test, wait_for_completion_timeout(&t->done,
							    PATIENCE_JIFFIES));
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_NULL_MSG(test, t->broken, "does not hold: %s", t->broken);
	expect_level(test, t->item_ran, NTS_PASSIVE_LEVEL, "work item");
	IoFreeWorkItem(t->item);
	ExDeleteTimer(t->ex, 1, 1, NULL);
	ExDeleteLookasideListEx(&t->list);
	ObfDereferenceObject(t->thread);
}

/**
 * struct guarded - what is called, and calls back, under one lock of Linux
 * @lock: held around each call here and inside each callback
 * @calls: callbacks so far, protected by @lock
 * @done: completed by each
 */
struct guarded {
	spinlock_t lock; /* no lock of the library */
	unsigned int calls;
	struct completion done;
};

static void count_call(struct guarded *g)
{
	spin_lock(&g->lock);
	g->calls++;
	spin_unlock(&g->lock);
	complete(&g->done);
}

static void guarded_dpc(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
	count_call(context);
}

static void guarded_timer(struct nts_systimer *timer, void *context)
{
	count_call(context);
}

static void guarded_end(void *context)
{
	count_call(context);
}

static void await_calls(struct kunit *test, struct guarded *g,
			unsigned int count)
{
	while (count--)
		KUNIT_ASSERT_TRUE(test,
				  wait_for_completion_timeout(&g->done,
							      PATIENCE_JIFFIES));
}

/*
 * Whoever called back with a lock of his held would have it and this one in
 * both orders, which lockdep knows before it hangs.
 */
/* Shows: I-RUN-06 */
static void callbacks_run_without_locks_of_the_library(struct kunit *test)
{
	struct guarded *g = kunit_kzalloc(test, sizeof(*g), GFP_KERNEL);
	const struct nts_ext_delete end = { .callback = guarded_end,
					    .context = g };
	struct tour *t = new_tour(test);
	struct nts_systimer *ex = ExAllocateTimer(guarded_timer, g, 0);

	KUNIT_ASSERT_TRUE(test, g && ex);
	spin_lock_init(&g->lock);
	init_completion(&g->done);
	KeInitializeDpc(&t->dpc, guarded_dpc, g);
	spin_lock_bh(&g->lock);
	KeInsertQueueDpc(&t->dpc, NULL, NULL);
	KeRemoveQueueDpc(&t->dpc);
	KeInsertQueueDpc(&t->dpc, NULL, NULL);
	KeSetEvent(&t->event, 0, 0);
	KeReleaseSemaphore(&t->semaphore, 0, 1, 0);
	ExSetTimer(ex, -UNITS_PER_SEC, 0, NULL);
	ExCancelTimer(ex, NULL);
	ExSetTimer(ex, -UNITS_PER_MS, 0, NULL);
	spin_unlock_bh(&g->lock);
	await_calls(test, g, 2);
	spin_lock_bh(&g->lock);
	KeSetTimer(&t->timer, -UNITS_PER_SEC, &t->dpc);
	KeCancelTimer(&t->timer);
	KeSetTimer(&t->timer, -UNITS_PER_MS, &t->dpc);
	spin_unlock_bh(&g->lock);
	/* This one may call back before it returns. */
	ExDeleteTimer(ex, 1, 0, &end);
	await_calls(test, g, 2);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, g->calls, 4);
	IoFreeWorkItem(t->item);
	ExDeleteTimer(t->ex, 1, 1, NULL);
	ExDeleteLookasideListEx(&t->list);
	ObfDereferenceObject(t->thread);
}

static struct kunit_case context_cases[] = {
	KUNIT_CASE(each_callback_starts_at_its_level),
	KUNIT_CASE(dispatch_callback_may_call_what_its_level_allows),
	KUNIT_CASE(callbacks_run_without_locks_of_the_library),
	{}
};

static struct kunit_suite context_suite = {
	.name = "ntshim_context",
	.init = context_init,
	.exit = context_exit,
	.test_cases = context_cases,
};

kunit_test_suite(context_suite);
