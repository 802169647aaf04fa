// SPDX-License-Identifier: GPL-2.0
/*
 * What surrounds the callbacks of an EX_TIMER: the context that each finds and
 * leaves, who is named when one does wrong, and that nothing of a timer comes
 * after what its driver waited for.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/smp.h>
#include <linux/workqueue.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/report.h"
#include "ex_timer.h"

#define FAR_100NS (3600 * UNITS_PER_SEC)
#define DEVICE_LEVEL 13

/**
 * struct blame - the finding of a wrong level
 * @caller: whom it named
 * @count: how many there were
 * @level: KIRQL in the delete callback
 * @ends: calls of the delete callback
 */
struct blame {
	unsigned long caller;
	unsigned int count;
	u8 level;
	unsigned int ends;
};

static void blame_fn(enum nts_finding_kind kind,
		     const struct nts_finding *finding, void *data)
{
	struct blame *blame = data;

	if (strcmp(finding->rule, "I-LVL-06"))
		return;
	blame->caller = finding->caller;
	blame->count++;
}

static void raise_fn(struct nts_systimer *timer, void *context)
{
	KfRaiseIrql(DEVICE_LEVEL);
}

static void raise_at_end_fn(void *context)
{
	struct blame *blame = context;

	blame->level = KeGetCurrentIrql();
	blame->ends++;
	KfRaiseIrql(DEVICE_LEVEL);
}

static void count_end_fn(void *context)
{
	struct blame *blame = context;

	blame->level = KeGetCurrentIrql();
	blame->ends++;
}

static u8 delete_with(struct nts_systimer *timer, nts_systimer_end_fn fn,
		      struct blame *blame)
{
	struct nts_ext_delete parameters = { .callback = fn, .context = blame };

	return ExDeleteTimer(timer, 1, 0, &parameters);
}

static void delete_and_raise_fn(struct nts_systimer *timer, void *context)
{
	delete_with(timer, count_end_fn, context);
	KfRaiseIrql(DEVICE_LEVEL);
}

/* A timer that has expired once. */
static struct nts_systimer *expired_timer(struct kunit *test,
					  nts_systimer_fn callback,
					  struct blame *blame)
{
	struct nts_systimer *timer = ExAllocateTimer(callback, blame, 0);

	KUNIT_ASSERT_NOT_NULL(test, timer);
	nts_finding_hook(blame_fn, blame);
	ExSetTimer(timer, 0, 0, NULL);
	KeFlushQueuedDpcs();
	return timer;
}

static void expect_blamed(struct kunit *test, const struct blame *blame,
			  void *routine)
{
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, blame->count, 1);
	KUNIT_EXPECT_EQ(test, blame->caller, (unsigned long)routine);
}

/* Shows: I-LVL-06 */
static void raise_left_by_callback_is_its_fault(struct kunit *test)
{
	struct blame blame = {};
	struct nts_systimer *timer = expired_timer(test, raise_fn, &blame);

	expect_blamed(test, &blame, raise_fn);
	ExDeleteTimer(timer, 1, 1, NULL);
}

/* Shows: I-LVL-06, ET-133 */
static void raise_left_by_delete_callback_is_its_fault(struct kunit *test)
{
	struct nts_systimer *timer = ExAllocateTimer(NULL, NULL, 0);
	struct blame blame = {};

	KUNIT_ASSERT_NOT_NULL(test, timer);
	nts_finding_hook(blame_fn, &blame);
	delete_with(timer, raise_at_end_fn, &blame);
	KUNIT_EXPECT_EQ(test, blame.ends, 1);
	KUNIT_EXPECT_EQ(test, blame.level, NTS_DISPATCH_LEVEL);
	expect_blamed(test, &blame, raise_at_end_fn);
}

/* Shows: ET-133, I-LVL-06 */
static void raise_left_before_the_end_does_not_reach_it(struct kunit *test)
{
	struct blame blame = {};

	expired_timer(test, delete_and_raise_fn, &blame);
	KUNIT_EXPECT_EQ(test, blame.ends, 1);
	KUNIT_EXPECT_EQ(test, blame.level, NTS_DISPATCH_LEVEL);
	expect_blamed(test, &blame, delete_and_raise_fn);
}

/**
 * struct waiter - a threaded DPC that deletes a timer
 * @dpc: it
 * @timer: the timer
 * @blame: counts the ends of @timer
 * @deleted: what the delete has returned
 */
struct waiter {
	struct nts_dpc dpc;
	struct nts_systimer *timer;
	struct blame blame;
	u8 deleted;
};

static void delete_and_wait_fn(struct nts_dpc *dpc, void *context, void *arg1,
			       void *arg2)
{
	struct waiter *w = context;
	struct nts_ext_delete parameters = { .callback = count_end_fn,
					     .context = &w->blame };

	w->deleted = ExDeleteTimer(w->timer, 1, 1, &parameters);
}

/* Shows: ET-113, DP-085 */
static void wait_in_a_threaded_dpc_is_reported(struct kunit *test)
{
	struct waiter *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->timer = ExAllocateTimer(NULL, NULL, 0);
	KUNIT_ASSERT_NOT_NULL(test, w->timer);
	ExSetTimer(w->timer, -FAR_100NS, 0, NULL);
	KeInitializeThreadedDpc(&w->dpc, delete_and_wait_fn, w);
	KeInsertQueueDpc(&w->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, w->deleted, 1);
	KUNIT_EXPECT_EQ(test, w->blame.ends, 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-113"), 1);
}

#define LOOKS 50

static long set_tolerant_fn(void *data)
{
	struct nts_ext_set parameters = { .tolerance_100ns = -1 };

	ExSetTimer(data, -1, 0, &parameters);
	return 0;
}

/*
 * Without a callback nothing of the timer runs but the look itself, at a tick
 * of the processor that has set it; a delete at that moment does not leave its
 * end to the look, which no flush waits for.
 */
/* Shows: ET-118, ET-132 */
static void delete_does_not_wait_for_a_look(struct kunit *test)
{
	unsigned int cpu = cpumask_last(cpu_online_mask), i;
	struct nts_systimer *timer;
	struct blame blame = {};
	unsigned long tick;

	if (nts_test_time_is_simulated())
		kunit_skip(test, "simulated time stands still in a busy loop");
	for (i = 1; i <= LOOKS; i++) {
		timer = ExAllocateTimer(NULL, NULL, EX_NO_WAKE);
		KUNIT_ASSERT_NOT_NULL(test, timer);
		work_on_cpu(cpu, set_tolerant_fn, timer);
		tick = jiffies;
		while (time_before_eq(jiffies, tick))
			cpu_relax();
		delete_with(timer, count_end_fn, &blame);
		KeFlushQueuedDpcs();
		KUNIT_ASSERT_EQ(test, READ_ONCE(blame.ends), i);
	}
}

static struct kunit_case ex_timer_frame_cases[] = {
	KUNIT_CASE(raise_left_by_callback_is_its_fault),
	KUNIT_CASE(raise_left_by_delete_callback_is_its_fault),
	KUNIT_CASE(raise_left_before_the_end_does_not_reach_it),
	KUNIT_CASE(wait_in_a_threaded_dpc_is_reported),
	KUNIT_CASE(delete_does_not_wait_for_a_look),
	{}
};

static struct kunit_suite ex_timer_frame_suite = {
	.name = "ntshim_ex_timer_frame",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = ex_timer_frame_cases,
};

kunit_test_suite(ex_timer_frame_suite);
