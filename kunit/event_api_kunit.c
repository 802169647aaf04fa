// SPDX-License-Identifier: GPL-2.0
/*
 * KEVENT through the exported routines.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/irq_work.h>
#include <linux/string.h>

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

/* Shows: W-EVT-01, W-EVT-07, W-HDR-03 */
static void init_sets_type_and_state(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	KUNIT_EXPECT_EQ(test, event.type, 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	KeInitializeEvent(&event, SYNCHRONIZATION, 7);
	KUNIT_EXPECT_EQ(test, event.type, 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 1);
	KUNIT_EXPECT_TRUE(test, list_empty(&event.wait_list));
}

/* Shows: W-EVT-01 */
static void init_ignores_old_content(struct kunit *test)
{
	struct nts_header event;

	memset(&event, 0x55, sizeof(event));
	KeInitializeEvent(&event, NOTIFICATION, 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, 0, 0), 0);
}

/* Shows: W-EVT-01 */
static void bad_type_is_notification(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, 2, 0);
	KUNIT_EXPECT_EQ(test, event.type, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-EVT-01"), 1);
}

/* Shows: W-HDR-08 */
static void uninitialised_event_is_reported(struct kunit *test)
{
	struct nts_header event;

	memset(&event, 0, sizeof(event));
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, KeResetEvent(&event), 0);
	KeClearEvent(&event);
	KUNIT_EXPECT_EQ(test, KePulseEvent(&event, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-08"), 4);
	KUNIT_EXPECT_NULL(test, memchr_inv(&event, 0, sizeof(event)));
}

/* Shows: KT-102 */
static void event_routines_refuse_a_timer(struct kunit *test)
{
	struct nts_timer timer;

	KeInitializeTimer(&timer);
	KeSetTimer(&timer, 0, NULL);
	KeClearEvent(&timer.header);
	KUNIT_EXPECT_EQ(test, KeResetEvent(&timer.header), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-HDR-08"), 2);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(&timer), 1);
}

/* Shows: W-EVT-02, W-EVT-05 */
static void set_returns_previous_state(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, 0, 0), 0);
	KUNIT_EXPECT_NE(test, KeSetEvent(&event, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_TIMEOUT);
}

/* Shows: W-EVT-06, W-SIG-01 */
static void reset_returns_previous_state(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeResetEvent(&event), 1);
	KUNIT_EXPECT_EQ(test, KeResetEvent(&event), 0);
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_TIMEOUT);
}

/* Shows: W-EVT-06 */
static void clear_makes_not_signaled(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, NOTIFICATION, 1);
	KeClearEvent(&event);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
}

/* Shows: W-EVT-03, W-SIG-01 */
static void notification_set_releases_all(struct kunit *test)
{
	struct nts_test_waiter waiters[5];
	struct nts_header event;
	int i;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	for (i = 0; i < 5; i++)
		nts_test_start_waiter(test, &waiters[i], &event, NULL);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, 0, 0), 0);
	for (i = 0; i < 5; i++) {
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
		KUNIT_EXPECT_EQ(test, waiters[i].status, NTS_STATUS_SUCCESS);
	}
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 1);
}

/* Shows: W-EVT-04, W-FIF-01, W-SIG-02 */
static void sync_set_releases_one_in_order(struct kunit *test)
{
	struct nts_test_waiter waiters[5];
	struct nts_header event;
	int i;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	for (i = 0; i < 5; i++)
		nts_test_start_waiter(test, &waiters[i], &event, NULL);
	for (i = 0; i < 5; i++) {
		KUNIT_EXPECT_EQ(test, KeSetEvent(&event, 0, 0), 0);
		KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
		KUNIT_EXPECT_EQ(test, nts_test_look(&event),
				NTS_STATUS_TIMEOUT);
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 4 - i);
	}
}

/* Shows: W-EVT-06, W-EVT-11, W-SIG-10, W-RAC-08 */
static void clear_does_not_take_back_a_release(struct kunit *test)
{
	struct nts_test_waiter waiters[3];
	struct nts_header event;
	int i;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	for (i = 0; i < 3; i++)
		nts_test_start_waiter(test, &waiters[i], &event, NULL);
	KeSetEvent(&event, 0, 0);
	KeClearEvent(&event);
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
		KUNIT_EXPECT_EQ(test, waiters[i].status, NTS_STATUS_SUCCESS);
	}
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
}

/* Shows: W-EVT-08 */
static void pulse_releases_and_clears(struct kunit *test)
{
	struct nts_test_waiter waiters[2];
	struct nts_header event;
	int i;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	for (i = 0; i < 2; i++)
		nts_test_start_waiter(test, &waiters[i], &event, NULL);
	KUNIT_EXPECT_EQ(test, KePulseEvent(&event, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
}

/* Shows: W-EVT-08 */
static void sync_pulse_releases_one(struct kunit *test)
{
	struct nts_test_waiter waiters[2];
	struct nts_header event;
	int i;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	for (i = 0; i < 2; i++)
		nts_test_start_waiter(test, &waiters[i], &event, NULL);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, KePulseEvent(&event, 0, 0), 0);
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
		KUNIT_EXPECT_EQ(test, nts_test_count_waits(&event), 1 - i);
	}
}

/* Shows: W-EVT-08 */
static void pulse_of_signaled_event_only_clears(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, NOTIFICATION, 1);
	KUNIT_EXPECT_EQ(test, KePulseEvent(&event, 0, 0), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 0);
}

/* Shows: W-FIF-04 */
static void negative_increment_is_reported(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	KeSetEvent(&event, -1, 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-FIF-04"), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(&event), 1);
}

/* Shows: W-NXT-01, W-NXT-02 */
static void wait_argument_is_a_hint(struct kunit *test)
{
	struct nts_header event;

	KeInitializeEvent(&event, SYNCHRONIZATION, 0);
	KUNIT_EXPECT_EQ(test, KeSetEvent(&event, 0, 1), 0);
	KUNIT_EXPECT_FALSE(test, in_interrupt());
	KUNIT_EXPECT_EQ(test, nts_test_look(&event), NTS_STATUS_SUCCESS);
}

struct irq_set {
	struct irq_work work;
	struct nts_header event;
};

static void set_in_irq_fn(struct irq_work *work)
{
	KeSetEvent(&container_of(work, struct irq_set, work)->event, 0, 0);
}

/* Shows: W-EVT-12, W-FIF-06, W-RAC-11 */
static void set_survives_hard_interrupts(struct kunit *test)
{
	/* More than a hard interrupt wakes by itself. */
	const int count = 40;
	struct nts_test_waiter *waiters;
	struct irq_set call;
	int i;

	waiters = kunit_kcalloc(test, count, sizeof(*waiters), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, waiters);
	KeInitializeEvent(&call.event, NOTIFICATION, 0);
	for (i = 0; i < count; i++)
		nts_test_start_waiter(test, &waiters[i], &call.event, NULL);
	call.work = IRQ_WORK_INIT_HARD(set_in_irq_fn);
	irq_work_queue(&call.work);
	for (i = 0; i < count; i++)
		KUNIT_ASSERT_TRUE(test, nts_test_join(&waiters[i]));
	irq_work_sync(&call.work);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-EVT-12"), 1);
}

static struct kunit_case event_cases[] = {
	KUNIT_CASE(init_sets_type_and_state),
	KUNIT_CASE(init_ignores_old_content),
	KUNIT_CASE(bad_type_is_notification),
	KUNIT_CASE(uninitialised_event_is_reported),
	KUNIT_CASE(event_routines_refuse_a_timer),
	KUNIT_CASE(set_returns_previous_state),
	KUNIT_CASE(reset_returns_previous_state),
	KUNIT_CASE(clear_makes_not_signaled),
	KUNIT_CASE(notification_set_releases_all),
	KUNIT_CASE(sync_set_releases_one_in_order),
	KUNIT_CASE(clear_does_not_take_back_a_release),
	KUNIT_CASE(pulse_releases_and_clears),
	KUNIT_CASE(sync_pulse_releases_one),
	KUNIT_CASE(pulse_of_signaled_event_only_clears),
	KUNIT_CASE(negative_increment_is_reported),
	KUNIT_CASE(wait_argument_is_a_hint),
	KUNIT_CASE(set_survives_hard_interrupts),
	{}
};

static struct kunit_suite event_suite = {
	.name = "ntshim_event",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = event_cases,
};

kunit_test_suite(event_suite);
