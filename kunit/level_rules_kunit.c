// SPDX-License-Identifier: GPL-2.0
/*
 * What no level allows: to lower what others raised, to block under a spin
 * lock, to take one in a hard interrupt. Also the numbers that go with levels:
 * of levels, of processors, of who holds a lock.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/smp.h>
#include <linux/timer.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/mutant.h"
#include "../shim/mutex_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/status.h"
#include "../shim/verifier.h"
#include "helpers.h"
#include "ported/ported.h"

#define PATIENCE_JIFFIES (30 * HZ)
#define ALL_GROUPS 0xffff

static enum nts_verifier_mode mode_before;

static int rules_init(struct kunit *test)
{
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void rules_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_verifier_switch(mode_before);
}

/**
 * struct foreign - a timer of Linux that calls a driver
 * @timer: of the wheel, whose functions run in softirqs
 * @before: level found
 * @after: level after the try to lower it
 * @done: completed by the function
 */
struct foreign {
	struct timer_list timer;
	u8 before;
	u8 after;
	struct completion done;
};

static void try_to_lower(struct foreign *foreign)
{
	foreign->before = KeGetCurrentIrql();
	KeLowerIrql(NTS_PASSIVE_LEVEL);
	foreign->after = KeGetCurrentIrql();
	complete(&foreign->done);
}

static void foreign_fn(struct timer_list *timer)
{
	try_to_lower(container_of(timer, struct foreign, timer));
}

static void lowering_dpc(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	try_to_lower(context);
}

static void expect_refusal(struct kunit *test, struct foreign *foreign)
{
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&foreign->done,
							    PATIENCE_JIFFIES));
	KUNIT_EXPECT_EQ(test, foreign->before, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, foreign->after, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-RL-06"), 1);
}

/* Shows: I-CTX-09, I-RL-06, V-07 */
static void softirq_of_others_cannot_be_lowered(struct kunit *test)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	struct foreign *foreign =
		kunit_kzalloc(test, sizeof(*foreign), GFP_KERNEL);

	KUNIT_ASSERT_TRUE(test, dpc && foreign);
	init_completion(&foreign->done);
	timer_setup(&foreign->timer, foreign_fn, 0);
	mod_timer(&foreign->timer, jiffies + 1);
	expect_refusal(test, foreign);
	timer_delete_sync(&foreign->timer);
	KeInitializeDpc(dpc, lowering_dpc, foreign);
	KeInsertQueueDpc(dpc, NULL, NULL);
	expect_refusal(test, foreign);
	KeFlushQueuedDpcs();
}

static void expect_numbers(struct kunit *test, unsigned int cpu)
{
	struct nts_processor_number number = { 0xffff, 0xff, 0xff };

	KUNIT_EXPECT_EQ(test, KeGetProcessorNumberFromIndex(cpu, &number),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, number.group, cpu / 64);
	KUNIT_EXPECT_EQ(test, number.number, cpu % 64);
	KUNIT_EXPECT_EQ(test, number.reserved, 0);
	KUNIT_EXPECT_EQ(test, KeGetProcessorIndexFromNumber(&number), cpu);
	KUNIT_EXPECT_LT(test, cpu, KeQueryMaximumProcessorCountEx(ALL_GROUPS));
	KUNIT_EXPECT_LT(test, number.number,
			KeQueryMaximumProcessorCountEx(number.group));
}

static void expect_refused_numbers(struct kunit *test)
{
	struct nts_processor_number number = { 0, 64, 0 };

	KUNIT_EXPECT_EQ(test, KeGetProcessorIndexFromNumber(&number), U32_MAX);
	KUNIT_EXPECT_EQ(test,
			KeGetProcessorNumberFromIndex(nr_cpu_ids, &number),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, number.number, 64);
	number = (struct nts_processor_number){ 0xfff, 0, 0 };
	KUNIT_EXPECT_EQ(test, KeGetProcessorIndexFromNumber(&number), U32_MAX);
	KUNIT_EXPECT_EQ(test, KeQueryMaximumProcessorCountEx(0xfff), 0);
	KUNIT_EXPECT_EQ(test, KeQueryActiveProcessorCountEx(0xfff), 0);
	KUNIT_EXPECT_EQ(test, KeQueryGroupAffinity(0xfff), 0);
}

/* Shows: I-CTX-11 */
static void processor_numbers_fit_each_other(struct kunit *test)
{
	struct nts_processor_number here;
	unsigned int cpu;
	u32 index;
	u8 old;

	KUNIT_EXPECT_EQ(test, KeQueryActiveProcessorCountEx(ALL_GROUPS),
			num_online_cpus());
	KUNIT_EXPECT_GE(test, KeQueryMaximumProcessorCountEx(ALL_GROUPS),
			num_possible_cpus());
	KUNIT_EXPECT_EQ(test, hweight64(KeQueryGroupAffinity(0)),
			KeQueryActiveProcessorCountEx(0));
	KUNIT_EXPECT_LE(test, KeQueryActiveGroupCount(),
			KeQueryMaximumGroupCount());
	for_each_possible_cpu(cpu)
		expect_numbers(test, cpu);
	expect_refused_numbers(test);
	old = KeRaiseIrqlToDpcLevel();
	index = KeGetCurrentProcessorNumberEx(&here);
	cpu = smp_processor_id();
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, index, cpu);
	KUNIT_EXPECT_EQ(test, KeGetProcessorIndexFromNumber(&here), cpu);
}

/**
 * struct victims - what is misused under a spin lock
 * @event: not signaled
 * @mutex: free
 * @ex: an EX_TIMER
 */
struct victims {
	struct nts_header event;
	struct nts_fast_mutex mutex;
	struct nts_systimer *ex;
};

static void wait_for_event(struct victims *v)
{
	KeWaitForSingleObject(&v->event, 0, 0, 0, NULL);
}

static void delay(struct victims *v)
{
	s64 second = -UNITS_PER_SEC;

	KeDelayExecutionThread(0, 0, &second);
}

static void use_mutex(struct victims *v)
{
	ExAcquireFastMutex(&v->mutex);
	ExReleaseFastMutexUnsafe(&v->mutex);
}

static void flush_dpcs(struct victims *v)
{
	KeFlushQueuedDpcs();
}

static void look_up_handle(struct victims *v)
{
	void *object;

	ObReferenceObjectByHandle((void *)4, 0, NULL, 0, &object, NULL);
}

static void close_handle(struct victims *v)
{
	ZwClose((void *)4);
}

static void run_nothing(void *context)
{
}

static void create_thread(struct victims *v)
{
	void *handle;

	PsCreateSystemThread(&handle, 0, NULL, NULL, NULL, run_nothing, NULL);
}

static void set_resolution(struct victims *v)
{
	ExSetTimerResolution(10000, 1);
}

static const struct {
	void (*call)(struct victims *v);
	const char *rule;
} blocking[] = {
	{ wait_for_event, "W-IRQ-02" }, { delay, "W-DLY-04" },
	{ use_mutex, "V-12" },		{ flush_dpcs, "DP-065" },
	{ look_up_handle, "V-20" },	{ close_handle, "V-22" },
	{ create_thread, "V-21" },	{ set_resolution, "TM-029" },
};

/* Shows: I-CTX-12, L-SPN-14, V-13, I-CTX-13 */
static void blocking_under_a_spin_lock_is_reported(struct kunit *test)
{
	struct victims *v = kunit_kzalloc(test, sizeof(*v), GFP_KERNEL);
	struct nts_spinlock *lock =
		kunit_kzalloc(test, sizeof(*lock), GFP_KERNEL);
	unsigned int i, reports;
	u8 old, level;

	KUNIT_ASSERT_TRUE(test, v && lock);
	KeInitializeEvent(&v->event, 0, 0);
	ExInitializeFastMutex(&v->mutex);
	for (i = 0; i < ARRAY_SIZE(blocking); i++) {
		old = KeAcquireSpinLockRaiseToDpc(lock);
		blocking[i].call(v);
		level = KeGetCurrentIrql();
		KeReleaseSpinLock(lock, old);
		reports = nts_test_take_findings(blocking[i].rule);
		KUNIT_EXPECT_EQ_MSG(test, reports, 1, "%s", blocking[i].rule);
		KUNIT_EXPECT_EQ_MSG(test, level, NTS_DISPATCH_LEVEL, "%s",
				    blocking[i].rule);
		KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
		KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	}
}

/**
 * struct interrupt - a hard interrupt that takes a driver's lock
 * @work: makes it
 * @lock: the lock
 * @done: completed by it
 */
struct interrupt {
	struct irq_work work;
	struct nts_spinlock lock;
	struct completion done;
};

static void lock_fn(struct irq_work *work)
{
	struct interrupt *interrupt =
		container_of(work, struct interrupt, work);
	u8 old = KeAcquireSpinLockRaiseToDpc(&interrupt->lock);

	KeReleaseSpinLock(&interrupt->lock, old);
	complete(&interrupt->done);
}

/* Shows: L-SPN-17, V-08, V-10 */
static void spin_lock_in_a_hard_interrupt_is_reported(struct kunit *test)
{
	struct interrupt *interrupt =
		kunit_kzalloc(test, sizeof(*interrupt), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, interrupt);
	interrupt->work = IRQ_WORK_INIT_HARD(lock_fn);
	init_completion(&interrupt->done);
	irq_work_queue(&interrupt->work);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&interrupt->done,
							    PATIENCE_JIFFIES));
	irq_work_sync(&interrupt->work);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-08"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-10"), 1);
	KUNIT_EXPECT_FALSE(test, nts_spinlock_is_held(&interrupt->lock));
}

/**
 * struct anywhere - what may be used at any level
 * @dpc: a DPC that counts
 * @idle: one that is only initialised
 * @event: an event
 * @mutex: a mutex
 * @entry: an entry of a list
 * @head: its list
 * @list_lock: the list's lock
 */
struct anywhere {
	struct nts_test_dpc dpc;
	struct nts_dpc idle;
	struct nts_header event;
	struct nts_mutant mutex;
	struct nts_list_entry entry;
	struct nts_list_entry head;
	struct nts_spinlock list_lock;
};

static bool use_anywhere(struct anywhere *a)
{
	bool good;

	KeInitializeDpc(&a->idle, a->dpc.dpc.routine, &a->dpc);
	KeInitializeEvent(&a->event, 0, 0);
	KeInitializeMutex(&a->mutex, 0);
	a->head = (struct nts_list_entry){ &a->head, &a->head };
	good = KeInsertQueueDpc(&a->dpc.dpc, NULL, NULL) &&
	       !KeRemoveQueueDpc(&a->idle) &&
	       !ExInterlockedInsertTailList(&a->head, &a->entry,
					    &a->list_lock) &&
	       ExInterlockedRemoveHeadList(&a->head, &a->list_lock) ==
		       &a->entry &&
	       KeQueryInterruptTime() && KeGetCurrentThread();
	KeStallExecutionProcessor(1);
	return good;
}

/* Shows: V-25 */
static void any_level_will_do_for_some_routines(struct kunit *test)
{
	static const u8 levels[] = { 0, 1, 2, 11, 15 };
	struct anywhere *a = kunit_kzalloc(test, sizeof(*a), GFP_KERNEL);
	unsigned int i;
	bool good;
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, a);
	nts_test_dpc_init(&a->dpc);
	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		old = KfRaiseIrql(levels[i]);
		good = use_anywhere(a);
		KeLowerIrql(old);
		KUNIT_EXPECT_TRUE_MSG(test, good, "at level %u", levels[i]);
		KUNIT_EXPECT_EQ(test, nts_test_dpc_runs(&a->dpc), i + 1);
	}
}

/* Shows: I-LVL-01, I-LVL-02 */
static void level_names_have_their_values(struct kunit *test)
{
	nts_test_expect_all(test, LevelNamesInC());
	nts_test_expect_all(test, LevelNamesInCxx());
	KUNIT_EXPECT_EQ(test, NTS_HIGH_LEVEL, 15);
}

/* Shows: P-LKA-01, M-RML-04, T-HND-07, I-CTX-11 */
static void routines_are_called_as_drivers_do(struct kunit *test)
{
	nts_test_expect_all(test, LookasideCallsInC());
	nts_test_expect_all(test, LookasideCallsInCxx());
	nts_test_expect_all(test, RemoveLockCallsInC());
	nts_test_expect_all(test, RemoveLockCallsInCxx());
	nts_test_expect_all(test, NamedEventCallsInC());
	nts_test_expect_all(test, NamedEventCallsInCxx());
	nts_test_expect_all(test, ProcessorCallsInC());
	nts_test_expect_all(test, ProcessorCallsInCxx());
}

/* Shows: L-SPN-03 */
static void holder_is_noted_while_checks_are_on(struct kunit *test)
{
	struct nts_spinlock *lock =
		kunit_kzalloc(test, sizeof(*lock), GFP_KERNEL);
	u32 with, without, cpu;
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, lock);
	old = KeAcquireSpinLockRaiseToDpc(lock);
	with = lock->owner;
	cpu = smp_processor_id();
	KeReleaseSpinLock(lock, old);
	KUNIT_EXPECT_EQ(test, with, cpu + 1);
	KUNIT_EXPECT_EQ(test, *(u64 *)lock, 0);
	nts_verifier_switch(NTS_VERIFIER_OFF);
	old = KeAcquireSpinLockRaiseToDpc(lock);
	without = lock->owner;
	KeReleaseSpinLock(lock, old);
	KUNIT_EXPECT_EQ(test, without, 0);
	KUNIT_EXPECT_EQ(test, *(u64 *)lock, 0);
}

static struct kunit_case rules_cases[] = {
	KUNIT_CASE(softirq_of_others_cannot_be_lowered),
	KUNIT_CASE(processor_numbers_fit_each_other),
	KUNIT_CASE(blocking_under_a_spin_lock_is_reported),
	KUNIT_CASE(spin_lock_in_a_hard_interrupt_is_reported),
	KUNIT_CASE(any_level_will_do_for_some_routines),
	KUNIT_CASE(level_names_have_their_values),
	KUNIT_CASE(routines_are_called_as_drivers_do),
	KUNIT_CASE(holder_is_noted_while_checks_are_on),
	{}
};

static struct kunit_suite rules_suite = {
	.name = "ntshim_level_rules",
	.init = rules_init,
	.exit = rules_exit,
	.test_cases = rules_cases,
};

kunit_test_suite(rules_suite);
