// SPDX-License-Identifier: GPL-2.0
/*
 * Spin locks through their exported routines: levels, pairings, misuse, and
 * what two processors see of each other.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/preempt.h>
#include <linux/processor.h>
#include <linux/string.h>

#include "../shim/irql.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "../shim/spinlock.h"
#include "helpers.h"

#define ROUNDS 20000

/* How long a thread that is told to may take to come, and then to line up. */
#define COME_NS (10 * NSEC_PER_SEC)
#define LINE_UP_NS NSEC_PER_SEC

/* As a driver has them: a global that nobody initialises. */
static struct nts_spinlock zeroed_lock;

static bool is_zero(const struct nts_spinlock *lock)
{
	return !memchr_inv(lock, 0, sizeof(*lock));
}

/* Shows: L-SPN-01, L-SPN-02 */
static void zero_is_a_free_lock(struct kunit *test)
{
	struct nts_spinlock lock;
	u8 old;

	KUNIT_EXPECT_EQ(test, sizeof(lock), sizeof(void *));
	memset(&lock, 0x5a, sizeof(lock));
	KeInitializeSpinLock(&lock);
	KUNIT_EXPECT_TRUE(test, is_zero(&lock));

	old = KeAcquireSpinLockRaiseToDpc(&zeroed_lock);
	KUNIT_EXPECT_FALSE(test, is_zero(&zeroed_lock));
	KeReleaseSpinLock(&zeroed_lock, old);
	KUNIT_EXPECT_TRUE(test, is_zero(&zeroed_lock));
}

/* Shows: L-SPN-05, L-SPN-07, I-RL-09, L-SPN-16 */
static void acquire_raises_and_release_lowers(struct kunit *test)
{
	struct nts_spinlock outer = {}, inner = {};
	u8 first, second, held, between;
	bool irqs_off;

	first = KeAcquireSpinLockRaiseToDpc(&outer);
	irqs_off = irqs_disabled();
	second = KeAcquireSpinLockRaiseToDpc(&inner);
	held = KeGetCurrentIrql();
	KeReleaseSpinLock(&inner, second);
	between = KeGetCurrentIrql();
	memset(&inner, 0, sizeof(inner));
	KeReleaseSpinLock(&outer, first);

	KUNIT_EXPECT_FALSE(test, irqs_off);
	KUNIT_EXPECT_EQ(test, first, NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, second, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, held, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, between, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/* Shows: L-SPN-10 */
static void old_levels_may_be_swapped(struct kunit *test)
{
	struct nts_spinlock a = {}, b = {};
	u8 old_a, old_b, between;

	old_a = KeAcquireSpinLockRaiseToDpc(&a);
	old_b = KeAcquireSpinLockRaiseToDpc(&b);
	KeReleaseSpinLock(&a, old_b);
	between = KeGetCurrentIrql();
	KeReleaseSpinLock(&b, old_a);
	KUNIT_EXPECT_EQ(test, between, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/* Shows: I-RL-09, I-RL-03 */
static void improper_nesting_leaves_nothing_disabled(struct kunit *test)
{
	struct nts_spinlock lock = {};
	u8 old, raised;

	old = KeAcquireSpinLockRaiseToDpc(&lock);
	raised = KeRaiseIrqlToDpcLevel();
	KeReleaseSpinLock(&lock, old);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KeLowerIrql(raised);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-RL-03"), 1);
}

struct locking_dpc {
	struct nts_dpc dpc;
	struct nts_spinlock lock;
	struct nts_lock_handle handle;
	u8 entered, held, left;
	int runs;
};

static void take_lock_fn(struct nts_dpc *dpc, void *context, void *arg1,
			 void *arg2)
{
	struct locking_dpc *d = context;

	KeAcquireSpinLockAtDpcLevel(&d->lock);
	d->runs++;
	KeReleaseSpinLockFromDpcLevel(&d->lock);
}

/* Shows: L-SPN-06 */
static void dpc_finds_the_lock_free(struct kunit *test)
{
	struct locking_dpc *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);
	int while_held;
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, d);
	KeInitializeDpc(&d->dpc, take_lock_fn, d);
	old = KeAcquireSpinLockRaiseToDpc(&d->lock);
	KeInsertQueueDpc(&d->dpc, NULL, NULL);
	while_held = d->runs;
	KeReleaseSpinLock(&d->lock, old);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, while_held, 0);
	KUNIT_EXPECT_EQ(test, d->runs, 1);
}

/* Shows: L-SPN-08 */
static void at_dpc_level_keeps_the_level(struct kunit *test)
{
	static const u8 levels[] = { NTS_DISPATCH_LEVEL, 13 };
	struct nts_spinlock lock = {};
	u8 old, held, after;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(levels); i++) {
		old = KfRaiseIrql(levels[i]);
		KeAcquireSpinLockAtDpcLevel(&lock);
		held = KeGetCurrentIrql();
		KeReleaseSpinLockFromDpcLevel(&lock);
		after = KeGetCurrentIrql();
		KeLowerIrql(old);
		KUNIT_EXPECT_EQ(test, held, levels[i]);
		KUNIT_EXPECT_EQ(test, after, levels[i]);
	}
	KUNIT_EXPECT_TRUE(test, is_zero(&lock));
}

/* Shows: L-SPN-12 */
static void try_never_spins(struct kunit *test)
{
	struct nts_spinlock lock = {};
	u8 old = KeRaiseIrqlToDpcLevel();
	u8 first = KeTryToAcquireSpinLockAtDpcLevel(&lock);
	u8 second = KeTryToAcquireSpinLockAtDpcLevel(&lock);

	KeReleaseSpinLockFromDpcLevel(&lock);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, first, 1);
	KUNIT_EXPECT_EQ(test, second, 0);
	KUNIT_EXPECT_TRUE(test, is_zero(&lock));
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/* Shows: L-SPN-13 */
static void test_looks_and_changes_nothing(struct kunit *test)
{
	struct nts_spinlock lock = {}, before;
	u8 old, held;

	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&lock), 1);
	KUNIT_EXPECT_TRUE(test, is_zero(&lock));
	old = KeAcquireSpinLockRaiseToDpc(&lock);
	before = lock;
	held = KeTestSpinLock(&lock);
	KUNIT_EXPECT_MEMEQ(test, &lock, &before, sizeof(lock));
	KeReleaseSpinLock(&lock, old);
	KUNIT_EXPECT_EQ(test, held, 0);
}

/* Shows: L-QSL-01, L-QSL-02 */
static void handle_remembers_lock_and_level(struct kunit *test)
{
	struct nts_lock_handle outer, inner;
	struct nts_spinlock a = {}, b = {};
	u8 held;

	memset(&outer, 0x5a, sizeof(outer));
	memset(&inner, 0x5a, sizeof(inner));
	KeAcquireInStackQueuedSpinLock(&a, &outer);
	KeAcquireInStackQueuedSpinLockAtDpcLevel(&b, &inner);
	KUNIT_EXPECT_PTR_EQ(test, outer.lock, &a);
	KUNIT_EXPECT_EQ(test, outer.old, NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, KeTestSpinLock(&b), 0);
	KeReleaseInStackQueuedSpinLockFromDpcLevel(&inner);
	held = KeGetCurrentIrql();
	KeReleaseInStackQueuedSpinLock(&outer);
	KUNIT_EXPECT_EQ(test, held, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_TRUE(test, is_zero(&a) && is_zero(&b));
}

/* Shows: L-QSL-05 */
static void handle_serves_one_release(struct kunit *test)
{
	struct nts_lock_handle handle;
	struct nts_spinlock lock = {};

	KeAcquireInStackQueuedSpinLock(&lock, &handle);
	KeReleaseInStackQueuedSpinLock(&handle);
	KeReleaseInStackQueuedSpinLock(&handle);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-QSL-05"), 1);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/* Shows: L-SPN-11, V-11 */
static void release_of_a_free_lock_is_reported(struct kunit *test)
{
	struct nts_spinlock lock = {};

	KeReleaseSpinLock(&lock, NTS_PASSIVE_LEVEL);
	KeReleaseSpinLockFromDpcLevel(&lock);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-SPN-11"), 2);
	KUNIT_EXPECT_TRUE(test, is_zero(&lock));
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

static void for_dpc_fn(struct nts_dpc *dpc, void *context, void *arg1,
		       void *arg2)
{
	struct locking_dpc *d = context;
	u8 old;

	d->entered = KeGetCurrentIrql();
	old = KeAcquireSpinLockForDpc(&d->lock);
	d->held = KeGetCurrentIrql();
	KeReleaseSpinLockForDpc(&d->lock, old);
	KeAcquireInStackQueuedSpinLockForDpc(&d->lock, &d->handle);
	d->held = min(d->held, KeGetCurrentIrql());
	KeReleaseInStackQueuedSpinLockForDpc(&d->handle);
	d->left = KeGetCurrentIrql();
	d->runs++;
}

/* Shows: L-DPC-01, DP-086 */
static void for_dpc_forms_fit_both_kinds(struct kunit *test)
{
	struct locking_dpc *d = kunit_kzalloc(test, sizeof(*d), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, d);
	KeInitializeDpc(&d->dpc, for_dpc_fn, d);
	KeInsertQueueDpc(&d->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, d->entered, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, d->held, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, d->left, NTS_DISPATCH_LEVEL);

	KeInitializeThreadedDpc(&d->dpc, for_dpc_fn, d);
	KeInsertQueueDpc(&d->dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, d->held, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, d->left, d->entered);
	KUNIT_EXPECT_EQ(test, d->runs, 2);
}

/**
 * struct contest - two threads that want one lock
 * @lock: the lock
 * @old: where both store the level before, as drivers do in their extension
 * @wrong: how often @old was not what its writer stored
 * @count: incremented under @lock, not atomic
 * @rounds: how often each thread takes the lock
 * @ready: threads that have started; or rounds that the other thread may run
 * @comes: how often the other thread was about to take the lock
 * @done: completed by each thread
 */
struct contest {
	struct nts_spinlock lock;
	u8 old;
	unsigned int wrong;
	unsigned int count;
	unsigned int rounds;
	atomic_t ready;
	atomic_t comes;
	struct completion done;
};

/* At PASSIVE_LEVEL with interrupts on; every thread's old level is 0. */
static int contestant_fn(void *data)
{
	struct contest *c = data;
	unsigned int i;

	for (i = 0; i < c->rounds; i++) {
		c->old = KeAcquireSpinLockRaiseToDpc(&c->lock);
		c->count++;
		if (c->old != NTS_PASSIVE_LEVEL)
			c->wrong++;
		c->old = 0xff;
		barrier();
		c->old = NTS_PASSIVE_LEVEL;
		KeReleaseSpinLock(&c->lock, c->old);
		if (!(i % 64))
			cond_resched();
	}
	complete(&c->done);
	return 0;
}

static void start_on(struct kunit *test, int (*fn)(void *data), void *data,
		     unsigned int cpu)
{
	struct task_struct *task =
		kthread_create(fn, data, "nts-contest/%u", cpu);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, cpu);
	wake_up_process(task);
}

static struct contest *new_contest(struct kunit *test)
{
	struct contest *c = kunit_kzalloc(test, sizeof(*c), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, c);
	init_completion(&c->done);
	c->rounds = ROUNDS;
	return c;
}

/* Shows: L-SPN-04, L-SPN-05 */
static void old_level_may_lie_under_the_lock(struct kunit *test)
{
	struct contest *c = new_contest(test);
	unsigned int cpu, threads = 0;

	for_each_online_cpu(cpu) {
		start_on(test, contestant_fn, c, cpu);
		threads++;
	}
	for (cpu = 0; cpu < threads; cpu++)
		KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&c->done,
								    120 * HZ));
	KUNIT_EXPECT_EQ(test, c->count, threads * ROUNDS);
	KUNIT_EXPECT_EQ(test, c->wrong, 0);
	KUNIT_EXPECT_TRUE(test, is_zero(&c->lock));
}

static int queue_up_fn(void *data)
{
	struct contest *c = data;
	struct nts_lock_handle handle;
	unsigned int i;

	for (i = 0; i < c->rounds; i++) {
		while (atomic_read(&c->ready) <= i)
			cpu_relax();
		atomic_inc(&c->comes);
		KeAcquireInStackQueuedSpinLock(&c->lock, &handle);
		c->count++;
		KeReleaseInStackQueuedSpinLock(&handle);
	}
	complete(&c->done);
	return 0;
}

/*
 * Whether the other thread, told to take the lock that the caller holds, has
 * done more than to find it taken. Where it only ever looks, in a virtual
 * machine without locks for it, there is no order to show.
 */
static bool gets_in_line(struct contest *c, u32 held_alone)
{
	u64 end_ns = ktime_get_ns() + COME_NS;
	bool came = false;

	while (READ_ONCE(c->lock.bits) == held_alone) {
		cpu_relax();
		if (ktime_get_ns() > end_ns)
			return false;
		if (!came && atomic_read(&c->comes) == atomic_read(&c->ready)) {
			end_ns = ktime_get_ns() + LINE_UP_NS;
			came = true;
		}
	}
	return true;
}

/* One round; false: the lock keeps no order. */
static bool hand_over(struct contest *c, unsigned int *overtaken)
{
	u32 held_alone;
	bool in_line;
	u8 old;

	old = KeAcquireSpinLockRaiseToDpc(&c->lock);
	held_alone = READ_ONCE(c->lock.bits);
	atomic_inc(&c->ready);
	in_line = gets_in_line(c, held_alone);
	KeReleaseSpinLock(&c->lock, old);
	if (!in_line)
		return false;
	old = KeAcquireSpinLockRaiseToDpc(&c->lock);
	*overtaken += c->count != atomic_read(&c->ready);
	KeReleaseSpinLock(&c->lock, old);
	return true;
}

/* Shows: L-QSL-03 */
static void waiter_comes_before_a_second_acquisition(struct kunit *test)
{
	struct contest *c = new_contest(test);
	unsigned int cpu, i, overtaken = 0;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	c->rounds = 100;
	migrate_disable();
	cpu = cpumask_any_but(cpu_online_mask, raw_smp_processor_id());
	start_on(test, queue_up_fn, c, cpu);
	for (i = 0; i < c->rounds && hand_over(c, &overtaken); i++)
		;
	migrate_enable();
	/* Lets the other thread end, wherever it is. */
	atomic_set(&c->ready, c->rounds);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&c->done, 30 * HZ));
	KUNIT_EXPECT_EQ(test, overtaken, 0);
	if (!i)
		kunit_skip(test, "spin locks of this kernel keep no order");
	KUNIT_EXPECT_EQ(test, i, c->rounds);
}

static struct kunit_case spinlock_cases[] = {
	KUNIT_CASE(zero_is_a_free_lock),
	KUNIT_CASE(acquire_raises_and_release_lowers),
	KUNIT_CASE(old_levels_may_be_swapped),
	KUNIT_CASE(improper_nesting_leaves_nothing_disabled),
	KUNIT_CASE(dpc_finds_the_lock_free),
	KUNIT_CASE(at_dpc_level_keeps_the_level),
	KUNIT_CASE(try_never_spins),
	KUNIT_CASE(test_looks_and_changes_nothing),
	KUNIT_CASE(handle_remembers_lock_and_level),
	KUNIT_CASE(handle_serves_one_release),
	KUNIT_CASE(release_of_a_free_lock_is_reported),
	KUNIT_CASE(for_dpc_forms_fit_both_kinds),
	KUNIT_CASE(old_level_may_lie_under_the_lock),
	KUNIT_CASE(waiter_comes_before_a_second_acquisition),
	{}
};

static struct kunit_suite spinlock_suite = {
	.name = "ntshim_spinlock",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = spinlock_cases,
};

kunit_test_suite(spinlock_suite);
