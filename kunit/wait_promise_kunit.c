// SPDX-License-Identifier: GPL-2.0
/*
 * Signals with Wait = TRUE: with the verifier on, a call that does not keep the
 * promise is noted.
 */

#include "../shim/compat.h"

#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/mutant.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define NON_PAGED_NX 512
#define TAG 0x74736554

static enum nts_verifier_mode mode_before;

static int promise_init(struct kunit *test)
{
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void promise_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_verifier_switch(mode_before);
}

/* Shows: W-NXT-03 */
static void signal_that_promised_a_wait_is_noted(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, 0, 0);
	KeSetEvent(&event, 0, 1);
	KeClearEvent(&event);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-NXT-03"), 1);
	/* Noted once. */
	KeSetEvent(&event, 0, 0);
	KePulseEvent(&event, 0, 1);
	KeResetEvent(&event);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-NXT-03"), 1);
}

/* A call that follows a promise must have been noted, once. */
static void expect_broken(struct kunit *test, struct nts_header *event)
{
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-NXT-03"), 1);
	KeSetEvent(event, 0, 1);
}

/* Shows: W-NXT-03 */
static void every_checked_call_breaks_a_promise(struct kunit *test)
{
	struct nts_spinlock lock;
	struct nts_header event;
	struct nts_timer timer;
	void *block;
	u8 old;

	KeInitializeEvent(&event, 0, 0);
	KeInitializeSpinLock(&lock);
	KeSetEvent(&event, 0, 1);
	KeInitializeTimer(&timer);
	expect_broken(test, &event);
	KeCancelTimer(&timer);
	expect_broken(test, &event);
	block = ExAllocatePoolWithTag(NON_PAGED_NX, 40, TAG);
	expect_broken(test, &event);
	ExFreePoolWithTag(block, TAG);
	expect_broken(test, &event);
	old = KeAcquireSpinLockRaiseToDpc(&lock);
	KeReleaseSpinLock(&lock, old);
	expect_broken(test, &event);
	nts_test_look(&event);
}

/* Shows: W-NXT-03, W-NXT-02 */
static void promise_that_is_kept_is_not_noted(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_mutant mutex;
	struct nts_header event;
	int i;

	KeInitializeSemaphore(&semaphore, 0, 2);
	KeInitializeMutex(&mutex, 0);
	KeInitializeEvent(&event, 1, 0);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, nts_test_look(&mutex),
				NTS_STATUS_SUCCESS);
		KeReleaseMutex(&mutex, 1);
		KUNIT_EXPECT_EQ(test, nts_test_look(&mutex),
				NTS_STATUS_SUCCESS);
		KeReleaseMutex(&mutex, 0);
		KeReleaseSemaphore(&semaphore, 0, 1, 1);
		KUNIT_EXPECT_EQ(test, nts_test_look(&semaphore),
				NTS_STATUS_SUCCESS);
		KeSetEvent(&event, 0, 1);
		KUNIT_EXPECT_EQ(test, nts_test_look(&event),
				NTS_STATUS_SUCCESS);
	}
}

/* Shows: W-NXT-03, V-02 */
static void promise_at_a_level_of_no_wait_is_reported(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_mutant mutex;

	KeInitializeSemaphore(&semaphore, 0, 2);
	KeInitializeMutex(&mutex, 0);
	KfRaiseIrql(1);
	KeReleaseSemaphore(&semaphore, 0, 1, 1);
	nts_test_look(&semaphore);
	KeLowerIrql(0);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("V-02", 0xc4, 0x20016), 1);
	KfRaiseIrql(2);
	nts_test_look(&mutex);
	KeReleaseMutex(&mutex, 1);
	KeLowerIrql(0);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("V-02", 0xc4, 0x20016), 1);
	KeReleaseSemaphore(&semaphore, 0, 1, 0);
}

static struct kunit_case wait_promise_cases[] = {
	KUNIT_CASE(signal_that_promised_a_wait_is_noted),
	KUNIT_CASE(every_checked_call_breaks_a_promise),
	KUNIT_CASE(promise_that_is_kept_is_not_noted),
	KUNIT_CASE(promise_at_a_level_of_no_wait_is_reported),
	{}
};

static struct kunit_suite wait_promise_suite = {
	.name = "ntshim_wait_promise",
	.init = promise_init,
	.exit = promise_exit,
	.test_cases = wait_promise_cases,
};

kunit_test_suite(wait_promise_suite);
