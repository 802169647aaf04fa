// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that a driver frees with objects in use in it, with the verifier on.
 */

#include "../shim/compat.h"

#include <linux/mm.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../shim/ex_lookaside.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/mutant.h"
#include "../shim/nt_api.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define TAG 0x74736554 /* "Test" */
#define NON_PAGED 0x40

/* In each case the verifier is on; afterwards it is as it was. */
static enum nts_verifier_mode mode_before;

static int free_check_init(struct kunit *test)
{
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void free_check_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_verifier_switch(mode_before);
}

static void *allocate(struct kunit *test, size_t size)
{
	void *block = ExAllocatePool2(NON_PAGED, size, TAG);

	KUNIT_ASSERT_NOT_NULL(test, block);
	memset(block, 0x55, size);
	return block;
}

/**
 * struct place - where in which block a timer lies, and when it is due
 * @size: of the block
 * @offset: of the timer
 * @due_100ns: as for KeSetTimer()
 * @period_ms: as for KeSetTimerEx()
 */
struct place {
	size_t size;
	size_t offset;
	s64 due_100ns;
	s32 period_ms;
};

/* What is freed must not have expired yet, on a busy host too. */
#define SOON_100NS (300 * UNITS_PER_MS)

static const struct place places[] = {
	{ NT_LAYOUT_KTIMER_SIZE, 0, -SOON_100NS, 0 },
	{ 1000, 1000 - NT_LAYOUT_KTIMER_SIZE, -SOON_100NS, 5 },
	{ 500, 8, S64_MIN, 0 },
	{ 500, 16, S64_MAX - 1, 0 },
	{ PAGE_SIZE, PAGE_SIZE - NT_LAYOUT_KTIMER_SIZE, -SOON_100NS, 0 },
	{ 5 * PAGE_SIZE, 3 * PAGE_SIZE - 64, -SOON_100NS, 0 },
};

static void free_armed(struct kunit *test, const struct place *place,
		       struct nts_test_dpc *dpc)
{
	char *block = allocate(test, place->size);
	struct nts_timer *timer = (struct nts_timer *)(block + place->offset);

	KeInitializeTimer(timer);
	KeSetTimerEx(timer, place->due_100ns, place->period_ms, &dpc->dpc);
	ExFreePool(block);
	KUNIT_EXPECT_EQ_MSG(test, nts_test_take_findings("KT-168"), 1,
			    "%zu at %zu", place->size, place->offset);
}

/* Shows: KT-168, P-FRE-02, V-30 */
static void armed_timer_is_reported_and_disarmed(struct kunit *test)
{
	static const s64 longer_100ns = -SOON_100NS - 50 * UNITS_PER_MS;
	struct nts_test_dpc *dpc;
	unsigned int i;

	dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, dpc);
	nts_test_dpc_init(dpc);
	for (i = 0; i < ARRAY_SIZE(places); i++)
		free_armed(test, &places[i], dpc);
	KeDelayExecutionThread(0, 0, &longer_100ns);
	KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(dpc), 0);
}

/* Shows: KT-168, P-FRE-02 */
static void every_timer_of_a_block_is_reported(struct kunit *test)
{
	const size_t size = 7 * NT_LAYOUT_KTIMER_SIZE;
	char *block = allocate(test, size);
	size_t i;

	for (i = 0; i < size; i += NT_LAYOUT_KTIMER_SIZE) {
		KeInitializeTimer((struct nts_timer *)(block + i));
		KeSetTimer((struct nts_timer *)(block + i), S64_MIN, NULL);
	}
	ExFreePoolWithTag(block, TAG);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-168"), 7);
}

static void count_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	atomic_inc(context);
}

/* Shows: P-FRE-02, V-30 */
static void queued_dpc_is_reported_and_removed(struct kunit *test)
{
	struct nts_dpc *dpc = allocate(test, 2 * sizeof(*dpc));
	atomic_t runs = ATOMIC_INIT(0);
	u8 old;

	KeInitializeDpc(dpc + 1, count_fn, &runs);
	old = KeRaiseIrqlToDpcLevel();
	KeInsertQueueDpc(dpc + 1, NULL, NULL);
	ExFreePool(dpc);
	KeLowerIrql(old);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&runs), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-02"), 1);
}

/* Shows: KT-168, P-FRE-02 */
static void memory_with_waiters_is_kept(struct kunit *test)
{
	struct nts_timer *timer = allocate(test, NT_LAYOUT_KTIMER_SIZE);
	struct nts_test_waiter *waiter;

	waiter = kunit_kzalloc(test, sizeof(*waiter), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiter);
	KeInitializeTimer(timer);
	nts_test_start_waiter(test, waiter, timer, NULL);
	ExFreePool(timer);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-168"), 1);
	KeSetTimer(timer, 0, NULL);
	KUNIT_ASSERT_TRUE(test, nts_test_join(waiter));
	KUNIT_EXPECT_EQ(test, waiter->status, NTS_STATUS_SUCCESS);
	ExFreePool(timer);
}

/* Shows: P-FRE-02 */
static void event_with_waiters_is_reported(struct kunit *test)
{
	struct nts_header *event = allocate(test, sizeof(*event));
	struct nts_test_waiter *waiter;

	waiter = kunit_kzalloc(test, sizeof(*waiter), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiter);
	KeInitializeEvent(event, 0, 0);
	nts_test_start_waiter(test, waiter, event, NULL);
	ExFreePool(event);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-02"), 1);
	KeSetEvent(event, 0, 0);
	KUNIT_ASSERT_TRUE(test, nts_test_join(waiter));
	ExFreePool(event);
}

/* Shows: P-FRE-02, P-LKA-02, V-30 */
static void lookaside_list_is_reported_and_forgotten(struct kunit *test)
{
	struct nts_lookaside *list = allocate(test, 2 * sizeof(*list));

	ExInitializeNPagedLookasideList(list, NULL, NULL, 0, 8, TAG, 0);
	ExInitializeNPagedLookasideList(list + 1, NULL, NULL, 0, 8, TAG, 0);
	ExDeleteLookasideListEx(list);
	ExFreePool(list);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-02"), 1);
	nts_lookaside_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-LKA-02"), 0);
}

/* Shows: KT-168, KT-166, V-40 */
static void memory_out_of_use_goes_in_silence(struct kunit *test)
{
	char *block = allocate(test, 4 * NT_LAYOUT_KTIMER_SIZE);
	struct nts_timer *idle = (struct nts_timer *)block;
	struct nts_timer *expired = idle + 1, *image = idle + 2;
	struct nts_timer armed;

	KeInitializeTimer(idle);
	KeInitializeTimer(expired);
	KeSetTimer(expired, 0, NULL);
	KeInitializeTimer(&armed);
	KeSetTimer(&armed, S64_MIN, NULL);
	memcpy(image, &armed, sizeof(armed));
	ExFreePool(block);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&armed), 1);
}

/* Shows: P-FRE-02, W-MTX-12 */
static void owned_mutex_is_reported_and_parted(struct kunit *test)
{
	char *block = allocate(test, 500);
	struct nts_mutant *mutex = (struct nts_mutant *)(block + 64);

	KeInitializeMutex(mutex, 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(mutex), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeAreApcsDisabled(), 1);
	ExFreePool(block);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("P-FRE-02"), 1);
	KUNIT_EXPECT_EQ(test, KeAreApcsDisabled(), 0);
}

static void arm_and_terminate(void *context)
{
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetTimer(&timer, -3600LL * UNITS_PER_SEC, NULL);
	PsTerminateSystemThread(NTS_STATUS_SUCCESS);
}

/* Shows: T-NEW-11 */
static void timer_on_the_stack_of_a_thread_is_disarmed(struct kunit *test)
{
	void *handle, *thread;

	KUNIT_ASSERT_EQ(test,
			PsCreateSystemThread(&handle, 0, NULL, NULL, NULL,
					     arm_and_terminate, NULL),
			NTS_STATUS_SUCCESS);
	ObReferenceObjectByHandle(handle, 0, NULL, 0, &thread, NULL);
	ZwClose(handle);
	KUNIT_EXPECT_EQ(test, nts_test_wait(thread, PATIENCE_100NS),
			NTS_STATUS_SUCCESS);
	ObfDereferenceObject(thread);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("T-NEW-11", 0xc7, 0), 1);
}

static struct kunit_case free_check_cases[] = {
	KUNIT_CASE(armed_timer_is_reported_and_disarmed),
	KUNIT_CASE(every_timer_of_a_block_is_reported),
	KUNIT_CASE(queued_dpc_is_reported_and_removed),
	KUNIT_CASE(memory_with_waiters_is_kept),
	KUNIT_CASE(event_with_waiters_is_reported),
	KUNIT_CASE(lookaside_list_is_reported_and_forgotten),
	KUNIT_CASE(owned_mutex_is_reported_and_parted),
	KUNIT_CASE(timer_on_the_stack_of_a_thread_is_disarmed),
	KUNIT_CASE(memory_out_of_use_goes_in_silence),
	{}
};

static struct kunit_suite free_check_suite = {
	.name = "ntshim_free_check",
	.init = free_check_init,
	.exit = free_check_exit,
	.test_cases = free_check_cases,
};

kunit_test_suite(free_check_suite);
