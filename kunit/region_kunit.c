// SPDX-License-Identifier: GPL-2.0
/*
 * Critical and guarded regions: what drivers can ask, and that nothing else
 * changes.
 */

#include "../shim/compat.h"

#include <linux/preempt.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/verifier.h"
#include "helpers.h"

static const s64 patience = PATIENCE_100NS;

/* KeAreApcsDisabled in bit 0, KeAreAllApcsDisabled in bit 1. */
static unsigned int disabled(void)
{
	return KeAreApcsDisabled() | KeAreAllApcsDisabled() << 1;
}

/* Shows: L-CRG-01, L-CRG-02, L-CRG-03 */
static void regions_nest_and_tell(struct kunit *test)
{
	u8 old;

	KUNIT_EXPECT_EQ(test, disabled(), 0);
	KeEnterCriticalRegion();
	KUNIT_EXPECT_EQ(test, disabled(), 1);
	KeEnterCriticalRegion();
	KeEnterGuardedRegion();
	KUNIT_EXPECT_EQ(test, disabled(), 3);
	KeLeaveCriticalRegion();
	KeLeaveGuardedRegion();
	KUNIT_EXPECT_EQ(test, disabled(), 1);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KeLeaveCriticalRegion();
	KUNIT_EXPECT_EQ(test, disabled(), 0);

	KeEnterGuardedRegion();
	KUNIT_EXPECT_EQ(test, disabled(), 3);
	KeLeaveGuardedRegion();
	old = KfRaiseIrql(NTS_APC_LEVEL);
	KUNIT_EXPECT_EQ(test, disabled(), 2);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, disabled(), 0);
}

/* Shows: L-CRG-03, V-06 */
static void dispatch_level_may_ask(struct kunit *test)
{
	unsigned int outside, inside;
	u8 old;

	old = KeRaiseIrqlToDpcLevel();
	outside = disabled();
	KeLowerIrql(old);
	KeEnterCriticalRegion();
	old = KeRaiseIrqlToDpcLevel();
	inside = disabled();
	KeLowerIrql(old);
	KeLeaveCriticalRegion();
	KUNIT_EXPECT_EQ(test, outside, 2);
	KUNIT_EXPECT_EQ(test, inside, 3);
}

/* Shows: L-CRG-06 */
static void leave_without_enter_is_reported(struct kunit *test)
{
	KeLeaveCriticalRegion();
	KeLeaveGuardedRegion();
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("L-CRG-06", 0xc4, 0x3e), 2);
	KUNIT_EXPECT_EQ(test, disabled(), 0);
	KeEnterCriticalRegion();
	KUNIT_EXPECT_EQ(test, disabled(), 1);
	KeLeaveCriticalRegion();
}

/* Shows: L-CRG-08 */
static void code_in_a_region_may_sleep(struct kunit *test)
{
	s64 interval = -UNITS_PER_MS;

	KeEnterCriticalRegion();
	KeEnterGuardedRegion();
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_EQ(test, KeDelayExecutionThread(0, 0, &interval), 0);
	KUNIT_EXPECT_EQ(test, disabled(), 3);
	KeLeaveGuardedRegion();
	KeLeaveCriticalRegion();
}

/* A system thread, or a DPC, that looks and forgets a region. */
struct forgetful {
	struct nts_dpc dpc;
	struct nts_header done;
	unsigned int at_start;
	unsigned int inside;
};

static void forgetful_thread(void *context)
{
	struct forgetful *f = context;

	f->at_start = disabled();
	KeSetEvent(&f->done, 0, 0);
}

static struct forgetful *new_forgetful(struct kunit *test)
{
	struct forgetful *f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, f);
	KeInitializeEvent(&f->done, 0, 0);
	return f;
}

static void run_thread(struct kunit *test, void (*routine)(void *context),
		       struct forgetful *f)
{
	void *handle, *thread;

	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     routine, f),
			0);
	KUNIT_ASSERT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread,
						  NULL),
			0);
	KUNIT_EXPECT_EQ(test, KeWaitForSingleObject(thread, 0, 0, 0, &patience),
			0);
	ObfDereferenceObject(thread);
	ZwClose(handle);
}

/* Shows: L-CRG-04 */
static void system_thread_starts_as_if_in_a_region(struct kunit *test)
{
	struct forgetful *f = new_forgetful(test);

	run_thread(test, forgetful_thread, f);
	KUNIT_EXPECT_EQ(test, f->at_start, 1);
}

static void forgetful_dpc(struct nts_dpc *dpc, void *context, void *arg1,
			  void *arg2)
{
	struct forgetful *f = context;

	f->at_start = disabled();
	KeEnterCriticalRegion();
	f->inside = disabled();
}

/* Shows: L-CRG-06, L-CRG-07, V-27 */
static void region_left_open_by_a_dpc_is_closed(struct kunit *test)
{
	struct forgetful *f = new_forgetful(test);
	enum nts_verifier_mode mode = nts_verifier_mode();
	unsigned int i;

	nts_verifier_switch(NTS_VERIFIER_OFF);
	for (i = 0; i < 2; i++) {
		KeInitializeDpc(&f->dpc, forgetful_dpc, f);
		KeInsertQueueDpc(&f->dpc, NULL, NULL);
		KeFlushQueuedDpcs();
		KUNIT_EXPECT_EQ(test, f->at_start, 2);
		KUNIT_EXPECT_EQ(test, f->inside, 3);
		KUNIT_EXPECT_EQ(test, disabled(), 0);
	}
	nts_verifier_switch(mode);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-CRG-06"), 2);
}

static struct kunit_case region_cases[] = {
	KUNIT_CASE(regions_nest_and_tell),
	KUNIT_CASE(dispatch_level_may_ask),
	KUNIT_CASE(leave_without_enter_is_reported),
	KUNIT_CASE(code_in_a_region_may_sleep),
	KUNIT_CASE(system_thread_starts_as_if_in_a_region),
	KUNIT_CASE(region_left_open_by_a_dpc_is_closed),
	{}
};

static struct kunit_suite region_suite = {
	.name = "ntshim_region",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = region_cases,
};

kunit_test_suite(region_suite);
