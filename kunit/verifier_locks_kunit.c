// SPDX-License-Identifier: GPL-2.0
/*
 * The verifier on spin locks and on the end of callbacks: each misuse gives
 * exactly its report, nothing hangs, and nothing stays disabled or held.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/string.h>

#include "../shim/callback.h"
#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/verifier.h"
#include "../shim/verifier_locks.h"
#include "helpers.h"

/**
 * struct locks - what a misuse is tried on; not on the stack, whose locks the
 * order of locks leaves out
 * @a: a lock
 * @b: another
 * @c: a third
 * @rw: a reader-writer lock
 * @dpc: for cases that need one
 * @stage: how far two threads have come
 * @done: completed by the other thread
 */
struct locks {
	struct nts_spinlock a, b, c;
	atomic_t rw;
	struct nts_dpc dpc;
	atomic_t stage;
	struct completion done;
};

static enum nts_verifier_mode mode_before;
static u64 limit_before;

static int locks_init(struct kunit *test)
{
	struct locks *l = kunit_kzalloc(test, sizeof(*l), GFP_KERNEL);

	if (!l)
		return -ENOMEM;
	test->priv = l;
	init_completion(&l->done);
	mode_before = nts_verifier_mode();
	limit_before = nts_callback_limit_dpc(0);
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void locks_exit(struct kunit *test)
{
	struct locks *l = test->priv;

	nts_test_exit(test);
	nts_verifier_switch(mode_before);
	nts_callback_limit_dpc(limit_before);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_TRUE(test, !memchr_inv(&l->a, 0, sizeof(l->a)));
	KUNIT_EXPECT_TRUE(test, !memchr_inv(&l->b, 0, sizeof(l->b)));
	KUNIT_EXPECT_EQ(test, atomic_read(&l->rw), 0);
}

/* Shows: L-SPN-11, V-11 */
static void recursion_is_reported_and_does_not_hang(struct kunit *test)
{
	struct locks *l = test->priv;
	u8 old, inner;

	old = KeAcquireSpinLockRaiseToDpc(&l->a);
	inner = KeAcquireSpinLockRaiseToDpc(&l->a);
	KeReleaseSpinLock(&l->a, inner);
	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&l->a), 0);
	KeReleaseSpinLock(&l->a, old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-11"), 1);
}

static void take_a_fn(struct nts_dpc *dpc, void *context, void *arg1,
		      void *arg2)
{
	struct locks *l = context;

	KeAcquireSpinLockAtDpcLevel(&l->a);
	KeReleaseSpinLockFromDpcLevel(&l->a);
}

/* Shows: L-SPN-08, L-SPN-11, V-09 */
static void at_dpc_level_below_it_cannot_hang_a_dpc(struct kunit *test)
{
	struct locks *l = test->priv;
	unsigned int reports;

	KeInitializeDpc(&l->dpc, take_a_fn, l);
	KeAcquireSpinLockAtDpcLevel(&l->a);
	reports = nts_test_take_findings("V-09");
	KeInsertQueueDpc(&l->dpc, NULL, NULL);
	KeReleaseSpinLockFromDpcLevel(&l->a);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, reports, 1);
	/* Once more where Linux does not know that preemption is off. */
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-09"),
			IS_ENABLED(CONFIG_PREEMPT_COUNT) ? 0 : 1);
	/* The DPC ran while the lock was held, or after. */
	KUNIT_EXPECT_LE(test, nts_test_take_findings("L-SPN-11"), 1);
}

/* Shows: L-SPN-07, V-08 */
static void acquire_above_dispatch_level_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;
	u8 old = KfRaiseIrql(13);
	u8 level = KeAcquireSpinLockRaiseToDpc(&l->a);
	bool irqs_off = irqs_disabled();

	KeReleaseSpinLock(&l->a, level);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, level, 13);
	KUNIT_EXPECT_TRUE(test, irqs_off);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-08"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-10"), 1);
}

/* Shows: V-10 */
static void release_above_dispatch_level_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;
	u8 old = KeAcquireSpinLockRaiseToDpc(&l->a);

	KfRaiseIrql(13);
	KeReleaseSpinLock(&l->a, old);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-10"), 1);
}

/* Shows: L-SPN-09, V-11 */
static void release_in_another_form_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;
	struct nts_lock_handle handle;
	u8 old;

	old = KeAcquireSpinLockRaiseToDpc(&l->a);
	KeReleaseSpinLockFromDpcLevel(&l->a);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-09"), 1);

	KeAcquireInStackQueuedSpinLock(&l->a, &handle);
	KeReleaseSpinLock(&l->a, handle.old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-09"), 1);
}

static int release_a_fn(void *data)
{
	struct locks *l = data;
	u8 old;

	/* It has been taken. */
	while (!atomic_read(&l->stage))
		cpu_relax();
	old = KeRaiseIrqlToDpcLevel();
	KeReleaseSpinLockFromDpcLevel(&l->a);
	KeLowerIrql(old);
	atomic_set(&l->stage, 2);
	complete(&l->done);
	return 0;
}

static void start_elsewhere(struct kunit *test, int (*fn)(void *data))
{
	struct task_struct *task = kthread_create(fn, test->priv, "nts-other");

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task,
		     cpumask_any_but(cpu_online_mask, raw_smp_processor_id()));
	wake_up_process(task);
}

/* Shows: L-SPN-11 */
static void release_by_another_processor_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;
	u8 old;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	migrate_disable();
	start_elsewhere(test, release_a_fn);
	old = KeRaiseIrqlToDpcLevel();
	KeAcquireSpinLockAtDpcLevel(&l->a);
	atomic_set(&l->stage, 1);
	while (atomic_read(&l->stage) < 2)
		cpu_relax();
	/* What this processor took is gone; only preemption is still off. */
	preempt_enable();
	KeLowerIrql(old);
	migrate_enable();
	wait_for_completion(&l->done);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-11"), 1);
}

static void take_both(struct nts_spinlock *first, struct nts_spinlock *then)
{
	u8 old = KeAcquireSpinLockRaiseToDpc(first);

	KeAcquireSpinLockAtDpcLevel(then);
	KeReleaseSpinLockFromDpcLevel(then);
	KeReleaseSpinLock(first, old);
}

/* Shows: L-SPN-18 */
static void opposite_order_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;

	take_both(&l->a, &l->b);
	take_both(&l->a, &l->b);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-18"), 0);
	take_both(&l->b, &l->a);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-18"), 1);
}

/* Shows: L-SPN-18 */
static void circle_of_three_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;

	take_both(&l->a, &l->b);
	take_both(&l->b, &l->c);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-18"), 0);
	take_both(&l->c, &l->a);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-18"), 1);
}

/* Shows: L-SPN-18, V-40 */
static void initialised_lock_has_no_history(struct kunit *test)
{
	struct locks *l = test->priv;

	take_both(&l->a, &l->b);
	KeInitializeSpinLock(&l->b);
	take_both(&l->b, &l->a);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-18"), 0);
}

static void meet(struct locks *l)
{
	atomic_inc(&l->stage);
	while (atomic_read(&l->stage) < 2)
		cpu_relax();
}

static int take_ba_fn(void *data)
{
	struct locks *l = data;
	u8 old = KeAcquireSpinLockRaiseToDpc(&l->b);

	meet(l);
	KeAcquireSpinLockAtDpcLevel(&l->a);
	KeReleaseSpinLockFromDpcLevel(&l->a);
	KeReleaseSpinLock(&l->b, old);
	complete(&l->done);
	return 0;
}

/* Shows: L-SPN-18, V-11 */
static void deadlock_ends_with_a_report(struct kunit *test)
{
	struct locks *l = test->priv;
	u8 old;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	migrate_disable();
	start_elsewhere(test, take_ba_fn);
	old = KeAcquireSpinLockRaiseToDpc(&l->a);
	meet(l);
	KeAcquireSpinLockAtDpcLevel(&l->b);
	KeReleaseSpinLockFromDpcLevel(&l->b);
	KeReleaseSpinLock(&l->a, old);
	migrate_enable();
	wait_for_completion(&l->done);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-18"), 1);
}

static void forget_a_fn(struct nts_dpc *dpc, void *context, void *arg1,
			void *arg2)
{
	struct locks *l = context;

	KeAcquireSpinLockAtDpcLevel(&l->a);
	KeAcquireSpinLockAtDpcLevel(&l->b);
	ExAcquireSpinLockSharedAtDpcLevel(&l->rw);
}

/* Shows: V-11, V-27 */
static void lock_left_by_a_dpc_is_released(struct kunit *test)
{
	struct locks *l = test->priv;

	KeInitializeDpc(&l->dpc, forget_a_fn, l);
	KeInsertQueueDpc(&l->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-11"), 3);
	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&l->a), 1);
	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&l->b), 1);
}

static void raise_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	KfRaiseIrql((u8)(unsigned long)arg1);
}

/* Shows: I-LVL-06, V-27 */
static void level_left_by_a_dpc_is_restored(struct kunit *test)
{
	struct locks *l = test->priv;

	KeInitializeDpc(&l->dpc, raise_fn, l);
	KeInsertQueueDpc(&l->dpc, (void *)13, NULL);
	KeFlushQueuedDpcs();
	KeInitializeThreadedDpc(&l->dpc, raise_fn, l);
	KeInsertQueueDpc(&l->dpc, (void *)NTS_DISPATCH_LEVEL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-LVL-06"), 2);
}

/* Shows: L-RWS-05 */
static void writer_recursion_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;
	u8 old = ExAcquireSpinLockExclusive(&l->rw);

	ExAcquireSpinLockExclusiveAtDpcLevel(&l->rw);
	ExReleaseSpinLockExclusiveFromDpcLevel(&l->rw);
	ExAcquireSpinLockSharedAtDpcLevel(&l->rw);
	ExReleaseSpinLockSharedFromDpcLevel(&l->rw);
	ExReleaseSpinLockExclusive(&l->rw, old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RWS-05"), 2);

	old = ExAcquireSpinLockShared(&l->rw);
	ExAcquireSpinLockExclusiveAtDpcLevel(&l->rw);
	ExReleaseSpinLockExclusiveFromDpcLevel(&l->rw);
	ExReleaseSpinLockShared(&l->rw, old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RWS-05"), 1);
}

/* Shows: L-RWS-04, V-40 */
static void converted_lock_is_held_to_write(struct kunit *test)
{
	struct locks *l = test->priv;
	u8 old = ExAcquireSpinLockShared(&l->rw);

	KUNIT_EXPECT_NE(test, ExTryConvertSharedSpinLockExclusive(&l->rw), 0);
	ExAcquireSpinLockSharedAtDpcLevel(&l->rw);
	ExReleaseSpinLockSharedFromDpcLevel(&l->rw);
	ExReleaseSpinLockExclusive(&l->rw, old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RWS-05"), 1);
}

/* Shows: L-SPN-16 */
static void free_of_a_held_lock_is_seen(struct kunit *test)
{
	struct locks *l = test->priv;
	bool held, free;
	u8 old;

	old = KeAcquireSpinLockRaiseToDpc(&l->a);
	held = nts_lock_forget(l, sizeof(*l));
	free = !nts_lock_forget(l, sizeof(*l));
	KeReleaseSpinLock(&l->a, old);
	KUNIT_EXPECT_TRUE(test, held);
	KUNIT_EXPECT_TRUE(test, free);
}

/* Shows: L-SPN-15 */
static void long_hold_is_counted(struct kunit *test)
{
	struct locks *l = test->priv;
	unsigned long before = nts_lock_count_long();
	u8 old = KeAcquireSpinLockRaiseToDpc(&l->a);

	KeStallExecutionProcessor(50);
	KeReleaseSpinLock(&l->a, old);
	KUNIT_EXPECT_GT(test, nts_lock_count_long(), before);
}

static void stall_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	KeStallExecutionProcessor((u32)(unsigned long)arg1);
}

static void run_stall(struct locks *l, unsigned long us)
{
	KeInsertQueueDpc(&l->dpc, (void *)us, NULL);
	KeFlushQueuedDpcs();
}

/* Shows: I-CTX-14, V-31 */
static void long_dpc_is_reported(struct kunit *test)
{
	struct locks *l = test->priv;
	unsigned long before = nts_callback_count_long();

	KeInitializeDpc(&l->dpc, stall_fn, l);
	run_stall(l, 150);
	KUNIT_EXPECT_GT(test, nts_callback_count_long(), before);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-31"), 0);
	nts_callback_limit_dpc(20 * NSEC_PER_MSEC);
	run_stall(l, 21000);
	nts_callback_limit_dpc(0);
	/* A stall of that length is one of its own. */
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("TM-056"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-31"), 1);
}

/* Shows: I-CTX-14, V-31 */
static void long_section_is_reported(struct kunit *test)
{
	u8 old;

	nts_callback_limit_dpc(20 * NSEC_PER_MSEC);
	old = KeRaiseIrqlToDpcLevel();
	KeStallExecutionProcessor(21000);
	KeLowerIrql(old);
	nts_callback_limit_dpc(0);
	/* A stall of that length is one of its own. */
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("TM-056"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-31"), 1);
}

/* Shows: V-43, V-06, V-09 */
static void strict_mode_adds_compliance_rules(struct kunit *test)
{
	static const enum nts_verifier_mode modes[] = { NTS_VERIFIER_ON,
							NTS_VERIFIER_STRICT };
	struct locks *l = test->priv;
	unsigned int i;
	u8 old;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		nts_verifier_switch(modes[i]);
		old = KfRaiseIrql(NTS_HIGH_LEVEL);
		KeAcquireSpinLockAtDpcLevel(&l->a);
		KeReleaseSpinLockFromDpcLevel(&l->a);
		KeLowerIrql(old);
		old = KeRaiseIrqlToDpcLevel();
		KeAreApcsDisabled();
		KeLowerIrql(old);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-09"), i);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-06"), i);
	}
}

/* Shows: L-QSL-04, L-EXI-02, V-43 */
static void mixed_use_is_noted_in_strict_mode(struct kunit *test)
{
	static const enum nts_verifier_mode modes[] = { NTS_VERIFIER_ON,
							NTS_VERIFIER_STRICT };
	struct locks *l = test->priv;
	struct nts_lock_handle handle;
	unsigned int i;
	u32 value = 0;
	u8 old;

	for (i = 0; i < ARRAY_SIZE(modes); i++) {
		nts_verifier_switch(modes[i]);
		old = KeAcquireSpinLockRaiseToDpc(&l->a);
		KeReleaseSpinLock(&l->a, old);
		KeAcquireInStackQueuedSpinLock(&l->a, &handle);
		KeReleaseInStackQueuedSpinLock(&handle);
		old = KeAcquireSpinLockRaiseToDpc(&l->b);
		KeReleaseSpinLock(&l->b, old);
		ExInterlockedAddUlong(&value, 1, &l->b);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-QSL-04"), i);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-EXI-02"), i);
	}
}

/* Shows: V-05 */
static void region_above_apc_level_is_reported(struct kunit *test)
{
	u8 old = KeRaiseIrqlToDpcLevel();
	u8 inside;

	KeEnterCriticalRegion();
	inside = KeAreApcsDisabled();
	KeLeaveCriticalRegion();
	KeEnterGuardedRegion();
	KeLeaveGuardedRegion();
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, inside, 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-05"), 4);
}

static struct kunit_case locks_cases[] = {
	KUNIT_CASE(recursion_is_reported_and_does_not_hang),
	KUNIT_CASE(at_dpc_level_below_it_cannot_hang_a_dpc),
	KUNIT_CASE(acquire_above_dispatch_level_is_reported),
	KUNIT_CASE(release_above_dispatch_level_is_reported),
	KUNIT_CASE(release_in_another_form_is_reported),
	KUNIT_CASE(release_by_another_processor_is_reported),
	KUNIT_CASE(opposite_order_is_reported),
	KUNIT_CASE(circle_of_three_is_reported),
	KUNIT_CASE(initialised_lock_has_no_history),
	KUNIT_CASE(deadlock_ends_with_a_report),
	KUNIT_CASE(lock_left_by_a_dpc_is_released),
	KUNIT_CASE(level_left_by_a_dpc_is_restored),
	KUNIT_CASE(writer_recursion_is_reported),
	KUNIT_CASE(converted_lock_is_held_to_write),
	KUNIT_CASE(free_of_a_held_lock_is_seen),
	KUNIT_CASE(long_hold_is_counted),
	KUNIT_CASE(long_dpc_is_reported),
	KUNIT_CASE(long_section_is_reported),
	KUNIT_CASE(strict_mode_adds_compliance_rules),
	KUNIT_CASE(mixed_use_is_noted_in_strict_mode),
	KUNIT_CASE(region_above_apc_level_is_reported),
	{}
};

static struct kunit_suite locks_suite = {
	.name = "ntshim_verifier_locks",
	.init = locks_init,
	.exit = locks_exit,
	.test_cases = locks_cases,
};

kunit_test_suite(locks_suite);
