// SPDX-License-Identifier: GPL-2.0
/*
 * Timers, DPCs and waits while every allocation of the calling task fails. The
 * kernel's failslab has to be switched on before; tests/failslab/run does.
 */

#include "../shim/compat.h"

#include <linux/limits.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/wait.h"
#include "helpers.h"

#define ROUNDS 100

#define ANY 1
#define ALL 0
#define EVENTS NT_LAYOUT_MAXIMUM_WAIT_OBJECTS

/**
 * struct famine - what is used while nothing can be allocated
 * @timer: the timer
 * @counter: its DPC
 * @threaded: a threaded DPC
 * @threaded_runs: how often it has run
 * @events: waited for, all of them
 * @objects: the same as pointers
 * @blocks: their wait blocks
 * @failed_line: where an expectation failed first, or 0
 */
struct famine {
	struct nts_timer timer;
	struct nts_test_dpc counter;
	struct nts_dpc threaded;
	atomic_t threaded_runs;
	struct nts_header events[EVENTS];
	void *objects[EVENTS];
	struct nts_wait_block blocks[EVENTS];
	int failed_line;
};

/* KUnit's own expectations may allocate. */
#define EXPECT(famine_, condition_) expect(famine_, condition_, __LINE__)

static void expect(struct famine *f, bool condition, int line)
{
	if (!condition && !f->failed_line)
		f->failed_line = line;
}

static void set_famine(bool on)
{
#ifdef CONFIG_FAULT_INJECTION
	current->make_it_fail = on;
#endif
}

static bool nothing_can_be_allocated(void)
{
	void *block;

	set_famine(true);
	block = kmalloc(64, GFP_KERNEL | __GFP_NOWARN);
	set_famine(false);
	kfree(block);
	return !block;
}

static void threaded_fn(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
	struct famine *f = context;

	atomic_inc(&f->threaded_runs);
}

static void use_timers(struct famine *f)
{
	s64 now_100ns;

	KeInitializeTimerEx(&f->timer, 1);
	EXPECT(f, !KeSetTimer(&f->timer, -UNITS_PER_SEC, &f->counter.dpc));
	EXPECT(f, KeSetTimerEx(&f->timer, -UNITS_PER_SEC, 100, NULL));
	EXPECT(f, KeSetCoalescableTimer(&f->timer, S64_MIN, 100, 100, NULL));
	KeQuerySystemTime(&now_100ns);
	EXPECT(f, KeSetTimer(&f->timer, now_100ns + UNITS_PER_SEC, NULL));
	EXPECT(f, KeSetTimer(&f->timer, now_100ns, &f->counter.dpc));
	EXPECT(f, KeReadStateTimer(&f->timer));
	EXPECT(f, !KeCancelTimer(&f->timer));
	KeInitializeTimer(&f->timer);
	EXPECT(f, !KeSetTimerEx(&f->timer, -UNITS_PER_MS, 1, &f->counter.dpc));
	EXPECT(f, !KeWaitForSingleObject(&f->timer, 0, 0, 0, NULL));
	EXPECT(f, KeCancelTimer(&f->timer));
}

static void use_dpcs(struct famine *f)
{
	const struct nts_processor_number first = { 0 };

	KeFlushQueuedDpcs();
	KeInitializeThreadedDpc(&f->threaded, threaded_fn, f);
	KeSetImportanceDpc(&f->threaded, NTS_DPC_HIGH);
	KeSetTargetProcessorDpc(&f->threaded, 0);
	EXPECT(f, !KeSetTargetProcessorDpcEx(&f->threaded, &first));
	EXPECT(f, KeInsertQueueDpc(&f->threaded, NULL, NULL));
	EXPECT(f, KeInsertQueueDpc(&f->counter.dpc, NULL, NULL));
	EXPECT(f, !KeIsExecutingDpc());
	KeFlushQueuedDpcs();
	EXPECT(f, !KeRemoveQueueDpc(&f->threaded));
	EXPECT(f, !KeRemoveQueueDpc(&f->counter.dpc));
}

static void use_waits(struct famine *f)
{
	const s64 no_time = 0, short_time = -UNITS_PER_MS;
	int i;

	EXPECT(f, KeWaitForSingleObject(&f->events[0], 0, 0, 0, &no_time) ==
			  NTS_STATUS_TIMEOUT);
	EXPECT(f, KeWaitForSingleObject(&f->events[0], 0, 0, 0, &short_time) ==
			  NTS_STATUS_TIMEOUT);
	EXPECT(f, KeWaitForMultipleObjects(3, f->objects, ANY, 0, 0, 0,
					   &short_time,
					   NULL) == NTS_STATUS_TIMEOUT);
	EXPECT(f, !KeSetEvent(&f->events[1], 0, 0));
	EXPECT(f, KeWaitForMultipleObjects(EVENTS, f->objects, ANY, 0, 0, 0,
					   NULL, f->blocks) == 1);
	for (i = 0; i < EVENTS; i++)
		KeSetEvent(&f->events[i], 0, 0);
	EXPECT(f, !KeWaitForMultipleObjects(EVENTS, f->objects, ALL, 0, 0, 0,
					    NULL, f->blocks));
	EXPECT(f, !KeDelayExecutionThread(0, 0, &short_time));
}

/* Shows: KT-003, DP-002, W-ONE-03, W-IMP-04 */
static void no_call_allocates(struct kunit *test)
{
	struct famine *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, f);
	if (!nothing_can_be_allocated())
		kunit_skip(test, "failslab is off");
	nts_test_dpc_init(&f->counter);
	for (i = 0; i < EVENTS; i++) {
		KeInitializeEvent(&f->events[i], 1, 0);
		f->objects[i] = &f->events[i];
	}
	set_famine(true);
	for (i = 0; i < ROUNDS; i++) {
		use_timers(f);
		use_dpcs(f);
		use_waits(f);
	}
	set_famine(false);
	KUNIT_EXPECT_EQ_MSG(test, f->failed_line, 0, "line of %s", __FILE__);
	KUNIT_EXPECT_EQ(test, atomic_read(&f->threaded_runs), ROUNDS);
	/* Once in the call, once or more by the period, once by insertion. */
	KUNIT_EXPECT_GE(test, nts_test_dpc_runs(&f->counter), 3 * ROUNDS);
}

static struct kunit_case failslab_cases[] = { KUNIT_CASE(no_call_allocates),
					      {} };

static struct kunit_suite failslab_suite = {
	.name = "ntshim_failslab",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = failslab_cases,
};

kunit_test_suite(failslab_suite);
