// SPDX-License-Identifier: GPL-2.0
/*
 * KTIMERs whose memory goes as early as it may: freed by their own DPC, after a
 * cancel, after a wait, with the stack frame that they lie in, or left armed.
 */

#include "../shim/compat.h"

#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "helpers.h"

/* Far enough for nothing to expire during a case. */
#define FAR_100NS (3600 * UNITS_PER_SEC)

static const s64 patience_100ns = PATIENCE_100NS;

static s32 wait_patiently(void *object)
{
	return KeWaitForSingleObject(object, 0, 0, 0, &patience_100ns);
}

/* A timer and its DPC in one allocation, as drivers have them. */
struct packet {
	struct nts_timer timer;
	struct nts_dpc dpc;
	struct nts_header *done;
	u8 was_armed;
};

static struct packet *new_packet(struct kunit *test, nts_dpc_fn routine,
				 struct nts_header *done)
{
	struct packet *packet = kmalloc(sizeof(*packet), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, packet);
	KeInitializeTimer(&packet->timer);
	nts_dpc_init(&packet->dpc, NTS_DPC_ORDINARY, routine, packet);
	packet->done = done;
	return packet;
}

static void free_packet_fn(struct nts_dpc *dpc, void *context, void *arg1,
			   void *arg2)
{
	struct packet *packet = context;
	struct nts_header *done = packet->done;

	kfree(packet);
	KeSetEvent(done, 0, 0);
}

/* Shows: KT-160, DP-013, KT-002 */
static void dpc_may_free_its_one_shot(struct kunit *test)
{
	struct packet *packet;
	struct nts_header done;
	int i;

	KeInitializeEvent(&done, 1, 0);
	for (i = 0; i < 200; i++) {
		packet = new_packet(test, free_packet_fn, &done);
		KeSetTimer(&packet->timer, -(i + 1), &packet->dpc);
		KUNIT_ASSERT_EQ(test, wait_patiently(&done),
				NTS_STATUS_SUCCESS);
	}
	nts_dpc_flush();
}

/* Shows: KT-023, KT-160 */
static void dpc_of_past_set_may_free_it(struct kunit *test)
{
	struct packet *packet;
	struct nts_header done;
	int i;

	KeInitializeEvent(&done, 1, 0);
	for (i = 0; i < 50; i++) {
		packet = new_packet(test, free_packet_fn, &done);
		KUNIT_EXPECT_EQ(test,
				KeSetTimer(&packet->timer, 0, &packet->dpc), 0);
		KUNIT_ASSERT_EQ(test, wait_patiently(&done),
				NTS_STATUS_SUCCESS);
	}
	nts_dpc_flush();
}

/* Shows: KT-146, KT-163, KT-164, KT-201 */
static void cancelled_timer_may_be_freed(struct kunit *test)
{
	struct nts_test_dpc counter;
	struct nts_timer *timer;
	unsigned int cancelled = 0;
	int i;

	nts_test_dpc_init(&counter);
	for (i = 0; i < 500; i++) {
		timer = kmalloc(sizeof(*timer), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, timer);
		KeInitializeTimer(timer);
		KeSetTimer(timer, -(i % 50 + 1), &counter.dpc);
		cancelled += KeCancelTimer(timer);
		kfree(timer);
		/* Else the next expiry could merge with a queued one. */
		nts_dpc_flush();
	}
	KUNIT_EXPECT_EQ(test, cancelled + nts_test_dpc_runs(&counter), 500);
}

static void cancel_and_free_fn(struct nts_dpc *dpc, void *context, void *arg1,
			       void *arg2)
{
	struct packet *packet = context;

	packet->was_armed = KeCancelTimer(&packet->timer);
	KeSetEvent(packet->done, 0, 0);
	if (packet->was_armed)
		kfree(packet);
}

/* Shows: KT-083, KT-162 */
static void periodic_dpc_may_cancel_and_free(struct kunit *test)
{
	struct packet *packet;
	struct nts_header done;
	int i;

	KeInitializeEvent(&done, 1, 0);
	for (i = 0; i < 50; i++) {
		packet = new_packet(test, cancel_and_free_fn, &done);
		KeSetTimerEx(&packet->timer, -(i + 1), 1000, &packet->dpc);
		KUNIT_ASSERT_EQ(test, wait_patiently(&done),
				NTS_STATUS_SUCCESS);
	}
	nts_dpc_flush();
}

struct chain {
	struct nts_timer timer;
	struct nts_dpc dpc;
	struct nts_header done;
	int left;
};

static void set_again_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	struct chain *chain = context;

	if (--chain->left)
		KeSetTimer(&chain->timer, -10, dpc);
	else
		KeSetEvent(&chain->done, 0, 0);
}

/* Shows: KT-072, KT-161 */
static void dpc_may_set_its_timer_again(struct kunit *test)
{
	struct chain chain = { .left = 100 };

	KeInitializeTimer(&chain.timer);
	KeInitializeEvent(&chain.done, 0, 0);
	nts_dpc_init(&chain.dpc, NTS_DPC_ORDINARY, set_again_fn, &chain);
	KeSetTimer(&chain.timer, -10, &chain.dpc);
	KUNIT_EXPECT_EQ(test, wait_patiently(&chain.done), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, chain.left, 0);
	nts_dpc_flush();
}

/* Shows: KT-005, KT-167, W-TMR-06 */
static void stack_timer_ends_with_its_wait(struct kunit *test)
{
	int i;

	for (i = 0; i < 200; i++) {
		struct nts_timer timer;

		KeInitializeTimer(&timer);
		KeSetTimer(&timer, -(i % 20 + 1) * 10, NULL);
		KUNIT_ASSERT_EQ(test, wait_patiently(&timer),
				NTS_STATUS_SUCCESS);
		memset(&timer, 0xa5, sizeof(timer));
	}
}

/* Shows: KT-166, KT-106 */
static void polled_timer_may_be_freed(struct kunit *test)
{
	struct nts_timer *timer;
	int i;

	for (i = 0; i < 100; i++) {
		timer = kmalloc(sizeof(*timer), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, timer);
		KeInitializeTimer(timer);
		KeSetTimer(timer, -100, NULL);
		/* Simulated time passes only in a sleep. */
		while (!KeReadStateTimer(timer))
			usleep_range(10, 20);
		kfree(timer);
	}
}

static struct nts_timer timer_in_module;

/* Shows: KT-171 */
static void leftovers_of_a_module_are_found(struct kunit *test)
{
	struct nts_timer_leftover left;
	struct packet *packet;
	struct nts_header done;

	KeInitializeEvent(&done, 1, 0);
	packet = new_packet(test, free_packet_fn, &done);
	KeInitializeTimer(&timer_in_module);
	KeSetTimer(&timer_in_module, -FAR_100NS, NULL);
	KUNIT_EXPECT_TRUE(test, nts_timer_disarm_leftover(THIS_MODULE, &left));
	KUNIT_EXPECT_PTR_EQ(test, left.timer, (const void *)&timer_in_module);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&timer_in_module), 0);
	KeSetTimer(&packet->timer, -FAR_100NS, &packet->dpc);
	KUNIT_EXPECT_TRUE(test, nts_timer_disarm_leftover(THIS_MODULE, &left));
	KUNIT_EXPECT_PTR_EQ(test, left.dpc, (const void *)&packet->dpc);
	KUNIT_EXPECT_PTR_EQ(test, left.routine, (const void *)free_packet_fn);
	KUNIT_EXPECT_FALSE(test, nts_timer_disarm_leftover(THIS_MODULE, &left));
	KUNIT_EXPECT_EQ(test, KeCancelTimer(&packet->timer), 0);
	kfree(packet);
}

static struct kunit_case timer_free_cases[] = {
	KUNIT_CASE(dpc_may_free_its_one_shot),
	KUNIT_CASE(dpc_of_past_set_may_free_it),
	KUNIT_CASE(cancelled_timer_may_be_freed),
	KUNIT_CASE(periodic_dpc_may_cancel_and_free),
	KUNIT_CASE(dpc_may_set_its_timer_again),
	KUNIT_CASE(stack_timer_ends_with_its_wait),
	KUNIT_CASE(polled_timer_may_be_freed),
	KUNIT_CASE(leftovers_of_a_module_are_found),
	{}
};

static struct kunit_suite timer_free_suite = {
	.name = "ntshim_timer_free",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = timer_free_cases,
};

kunit_test_suite(timer_free_suite);
