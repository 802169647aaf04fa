// SPDX-License-Identifier: GPL-2.0
/*
 * The run-time checks: each row's misuse gives exactly its report while the
 * verifier is on and none while it is off, and the call does what the row says
 * all the same.
 */

#include "../shim/compat.h"

#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "../shim/ex_timer.h"
#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/mutant.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "../shim/verifier.h"
#include "helpers.h"

#define TAG 0x74736554
#define DAY_100NS (24 * 3600 * 10000000LL)

/* In each case the verifier is on; afterwards it is as it was. */
static enum nts_verifier_mode mode_before;

static int verifier_init(struct kunit *test)
{
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void verifier_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_verifier_switch(mode_before);
}

/**
 * struct objects - what a misuse may be tried on
 * @timer: initialised, not armed
 * @event: initialised, not signaled
 * @mutex: initialised, not owned
 * @semaphore: initialised, its limit far
 */
struct objects {
	struct nts_timer timer;
	struct nts_header event;
	struct nts_mutant mutex;
	struct nts_semaphore semaphore;
};

static void init_timer(struct objects *o)
{
	KeInitializeTimer(&o->timer);
}

static void init_timer_ex(struct objects *o)
{
	KeInitializeTimerEx(&o->timer, 1);
}

static void set_timer(struct objects *o)
{
	KeSetTimer(&o->timer, -UNITS_PER_SEC, NULL);
	KeCancelTimer(&o->timer);
}

static void read_timer(struct objects *o)
{
	KeReadStateTimer(&o->timer);
}

static void reset_event(struct objects *o)
{
	KeResetEvent(&o->event);
}

static void clear_event(struct objects *o)
{
	KeClearEvent(&o->event);
}

static void pulse_event(struct objects *o)
{
	KePulseEvent(&o->event, 0, 0);
}

static void read_event(struct objects *o)
{
	KeReadStateEvent(&o->event);
}

static void set_event_and_wait(struct objects *o)
{
	KeSetEvent(&o->event, 0, 1);
}

static void read_mutex(struct objects *o)
{
	KeReadStateMutex(&o->mutex);
}

static void release_mutex(struct objects *o)
{
	KeReleaseMutex(&o->mutex, 0);
}

static void use_semaphore(struct objects *o)
{
	KeInitializeSemaphore(&o->semaphore, 0, 9);
	KeReleaseSemaphore(&o->semaphore, 0, 1, 0);
	KeReadStateSemaphore(&o->semaphore);
}

static void release_semaphore_and_wait(struct objects *o)
{
	KeReleaseSemaphore(&o->semaphore, 0, 1, 1);
}

static void look_at_event(struct objects *o)
{
	s64 look = 0;

	KeWaitForSingleObject(&o->event, 0, 0, 0, &look);
}

/**
 * struct misuse - a call at a wrong level
 * @call: makes it
 * @level: where
 * @rule: what reports it
 * @reports: how often
 */
struct misuse {
	void (*call)(struct objects *o);
	u8 level;
	const char *rule;
	unsigned int reports;
};

static const struct misuse misuses[] = {
	{ init_timer, NTS_HIGH_LEVEL, "V-01", 1 },
	{ init_timer_ex, NTS_HIGH_LEVEL, "V-01", 1 },
	{ set_timer, NTS_HIGH_LEVEL, "V-01", 2 },
	{ read_timer, NTS_DEVICE_LEVEL, "V-01", 1 },
	{ reset_event, NTS_HIGH_LEVEL, "V-01", 1 },
	{ clear_event, NTS_HIGH_LEVEL, "V-01", 1 },
	{ pulse_event, NTS_HIGH_LEVEL, "V-01", 1 },
	{ read_event, NTS_HIGH_LEVEL, "V-01", 1 },
	{ read_mutex, NTS_HIGH_LEVEL, "V-01", 1 },
	{ use_semaphore, NTS_HIGH_LEVEL, "V-01", 3 },
	{ release_semaphore_and_wait, NTS_APC_LEVEL, "V-02", 1 },
	{ look_at_event, NTS_HIGH_LEVEL, "V-03", 1 },
	{ look_at_event, NTS_DISPATCH_LEVEL, "V-03", 0 },
	{ set_event_and_wait, NTS_DISPATCH_LEVEL, "V-02", 1 },
};

static struct objects *new_objects(struct kunit *test)
{
	struct objects *o = kunit_kzalloc(test, sizeof(*o), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, o);
	KeInitializeTimer(&o->timer);
	KeInitializeEvent(&o->event, 0, 0);
	KeInitializeMutex(&o->mutex, 0);
	KeInitializeSemaphore(&o->semaphore, 0, 100);
	return o;
}

/* Makes the call; returns how often its rule was reported. */
static unsigned int try_misuse(const struct misuse *misuse, struct objects *o)
{
	u8 old = KfRaiseIrql(misuse->level);

	misuse->call(o);
	KeLowerIrql(old);
	return nts_test_take_findings(misuse->rule);
}

/* Shows: V-01, V-02, V-03 */
static void each_row_reports_once_per_call(struct kunit *test)
{
	struct objects *o = new_objects(test);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(misuses); i++) {
		KUNIT_EXPECT_EQ_MSG(test, try_misuse(&misuses[i], o),
				    misuses[i].reports, "%s with entry %u",
				    misuses[i].rule, i);
		KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
		KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	}
}

/* Shows: V-40, V-42 */
static void switch_turns_checks_on_and_off(struct kunit *test)
{
	struct objects *o = new_objects(test);
	unsigned int i;

	KUNIT_EXPECT_EQ(test, nts_verifier_switch(NTS_NR_VERIFIER_MODES),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, nts_verifier_mode(), NTS_VERIFIER_ON);
	nts_verifier_switch(NTS_VERIFIER_OFF);
	for (i = 0; i < ARRAY_SIZE(misuses); i++)
		KUNIT_EXPECT_EQ_MSG(test, try_misuse(&misuses[i], o), 0,
				    "%s with entry %u", misuses[i].rule, i);
}

/* Shows: V-01, V-02 */
static void misused_calls_do_their_work(struct kunit *test)
{
	struct objects *o = new_objects(test);
	u8 old = KfRaiseIrql(NTS_HIGH_LEVEL);
	s32 before, after;
	u8 armed;

	before = KeSetEvent(&o->event, 0, 1);
	after = KeResetEvent(&o->event);
	KeSetTimer(&o->timer, -UNITS_PER_SEC, NULL);
	armed = KeCancelTimer(&o->timer);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, before, 0);
	KUNIT_EXPECT_EQ(test, after, 1);
	KUNIT_EXPECT_EQ(test, armed, 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-01"), 4);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-02"), 1);
}

struct interrupt {
	struct irq_work work;
	struct objects *objects;
	struct completion done;
};

static void init_in_interrupt(struct irq_work *work)
{
	struct interrupt *interrupt =
		container_of(work, struct interrupt, work);

	KeInitializeTimer(&interrupt->objects->timer);
	complete(&interrupt->done);
}

/* Shows: V-01 */
static void mutex_release_keeps_its_own_report(struct kunit *test)
{
	struct objects *o = new_objects(test);
	const struct misuse release = { release_mutex, NTS_HIGH_LEVEL, "V-01" };

	KUNIT_EXPECT_EQ(test, try_misuse(&release, o), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("W-MTX-06"), 1);
}

/* Shows: V-24 */
static void ex_timer_above_dispatch_level_is_reported(struct kunit *test)
{
	struct nts_systimer *timer = ExAllocateTimer(NULL, NULL, 0), *other;
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, timer);
	old = KfRaiseIrql(NTS_HIGH_LEVEL);
	other = ExAllocateTimer(NULL, NULL, 0);
	ExSetTimer(timer, -DAY_100NS, 0, NULL);
	ExCancelTimer(timer, NULL);
	ExDeleteTimer(timer, 0, 0, NULL);
	KeLowerIrql(old);
	if (other)
		ExDeleteTimer(other, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-24"), 4);
	/* PREEMPT_RT has not allocated the second one. */
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-CTX-10"), !other);
}

/* Shows: V-15, V-16 */
static void pool_above_dispatch_level_is_reported(struct kunit *test)
{
	void *block;
	u8 old;

	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "PREEMPT_RT allocates nothing there");
	old = KfRaiseIrql(NTS_HIGH_LEVEL);
	block = ExAllocatePoolWithTag(512, 40, TAG);
	ExFreePoolWithTag(block, TAG);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-15"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-16"), 1);
}

/* Shows: P-ALL-03 */
static void unwritten_pool_has_a_pattern(struct kunit *test)
{
	u8 *undefined = ExAllocatePoolWithTag(512, 40, TAG);
	u8 *zeroed = ExAllocatePool2(0x40, 40, TAG);

	KUNIT_ASSERT_NOT_NULL(test, undefined);
	KUNIT_ASSERT_NOT_NULL(test, zeroed);
	KUNIT_EXPECT_NULL(test, memchr_inv(undefined, 0xa5, 40));
	KUNIT_EXPECT_NULL(test, memchr_inv(zeroed, 0, 40));
	ExFreePool(undefined);
	ExFreePool(zeroed);
}

/* Shows: L-SPN-16 */
static void pool_freed_with_a_held_lock_is_reported(struct kunit *test)
{
	struct nts_spinlock *lock = ExAllocatePool2(0x40, sizeof(*lock), TAG);
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, lock);
	old = KeAcquireSpinLockRaiseToDpc(lock);
	ExFreePoolWithTag(lock, TAG);
	preempt_enable();
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-16"), 1);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/* Shows: V-41 */
static void hard_interrupt_may_report(struct kunit *test)
{
	struct interrupt interrupt = {
		.work = IRQ_WORK_INIT_HARD(init_in_interrupt),
		.objects = new_objects(test),
	};

	init_completion(&interrupt.done);
	irq_work_queue(&interrupt.work);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&interrupt.done,
							    30 * HZ));
	irq_work_sync(&interrupt.work);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-01"), 1);
}

static struct kunit_case verifier_cases[] = {
	KUNIT_CASE(each_row_reports_once_per_call),
	KUNIT_CASE(switch_turns_checks_on_and_off),
	KUNIT_CASE(misused_calls_do_their_work),
	KUNIT_CASE(mutex_release_keeps_its_own_report),
	KUNIT_CASE(ex_timer_above_dispatch_level_is_reported),
	KUNIT_CASE(pool_above_dispatch_level_is_reported),
	KUNIT_CASE(unwritten_pool_has_a_pattern),
	KUNIT_CASE(pool_freed_with_a_held_lock_is_reported),
	KUNIT_CASE(hard_interrupt_may_report),
	{}
};

static struct kunit_suite verifier_suite = {
	.name = "ntshim_verifier",
	.init = verifier_init,
	.exit = verifier_exit,
	.test_cases = verifier_cases,
};

kunit_test_suite(verifier_suite);
