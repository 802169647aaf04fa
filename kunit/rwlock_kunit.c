// SPDX-License-Identifier: GPL-2.0
/*
 * Reader-writer spin locks through their exported routines.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>
#include <linux/preempt.h>
#include <linux/processor.h>

#include "../shim/irql.h"
#include "../shim/lock_api.h"
#include "../shim/nt_api.h"
#include "helpers.h"

#define ROUNDS 10000

/* Shows: L-RWS-01, L-RWS-02, L-RWS-03 */
static void readers_share_and_writers_exclude(struct kunit *test)
{
	atomic_t lock = ATOMIC_INIT(0);
	u8 old = ExAcquireSpinLockShared(&lock);
	u8 held = KeGetCurrentIrql();
	u32 reader, writer, beside_writer;

	reader = ExTryAcquireSpinLockSharedAtDpcLevel(&lock);
	ExReleaseSpinLockSharedFromDpcLevel(&lock);
	writer = ExTryAcquireSpinLockExclusiveAtDpcLevel(&lock);
	ExReleaseSpinLockShared(&lock, old);
	KUNIT_EXPECT_EQ(test, sizeof(lock), sizeof(s32));
	KUNIT_EXPECT_EQ(test, held, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, reader, 1);
	KUNIT_EXPECT_EQ(test, writer, 0);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, atomic_read(&lock), 0);

	old = ExAcquireSpinLockExclusive(&lock);
	held = KeGetCurrentIrql();
	beside_writer = ExTryAcquireSpinLockSharedAtDpcLevel(&lock);
	ExReleaseSpinLockExclusive(&lock, old);
	KUNIT_EXPECT_EQ(test, held, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_EQ(test, beside_writer, 0);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, atomic_read(&lock), 0);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/* Shows: L-RWS-02 */
static void at_dpc_level_keeps_the_level(struct kunit *test)
{
	atomic_t lock = ATOMIC_INIT(0);
	u8 old = KfRaiseIrql(13);
	u8 shared, exclusive;

	ExAcquireSpinLockSharedAtDpcLevel(&lock);
	shared = KeGetCurrentIrql();
	ExReleaseSpinLockSharedFromDpcLevel(&lock);
	ExAcquireSpinLockExclusiveAtDpcLevel(&lock);
	exclusive = KeGetCurrentIrql();
	ExReleaseSpinLockExclusiveFromDpcLevel(&lock);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, shared, 13);
	KUNIT_EXPECT_EQ(test, exclusive, 13);
	KUNIT_EXPECT_EQ(test, atomic_read(&lock), 0);
}

/* Shows: L-RWS-04 */
static void only_the_last_reader_converts(struct kunit *test)
{
	atomic_t lock = ATOMIC_INIT(0);
	u8 old = ExAcquireSpinLockShared(&lock);
	u32 beside_reader, alone, reader;

	ExTryAcquireSpinLockSharedAtDpcLevel(&lock);
	beside_reader = ExTryConvertSharedSpinLockExclusive(&lock);
	ExReleaseSpinLockSharedFromDpcLevel(&lock);
	alone = ExTryConvertSharedSpinLockExclusive(&lock);
	reader = ExTryAcquireSpinLockSharedAtDpcLevel(&lock);
	ExReleaseSpinLockExclusive(&lock, old);
	KUNIT_EXPECT_EQ(test, beside_reader, 0);
	KUNIT_EXPECT_NE(test, alone, 0);
	KUNIT_EXPECT_EQ(test, reader, 0);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, atomic_read(&lock), 0);
}

/* Shows: L-RWS-05 */
static void wrong_release_is_reported(struct kunit *test)
{
	atomic_t lock = ATOMIC_INIT(0);
	u8 old;

	ExReleaseSpinLockShared(&lock, NTS_PASSIVE_LEVEL);
	ExReleaseSpinLockExclusive(&lock, NTS_PASSIVE_LEVEL);
	old = ExAcquireSpinLockShared(&lock);
	ExReleaseSpinLockExclusive(&lock, old);
	ExReleaseSpinLockShared(&lock, old);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-RWS-05"), 3);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, atomic_read(&lock), 0);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
}

/**
 * struct library - what readers and writers meet at
 * @lock: protects @left and @right
 * @left: incremented by writers
 * @right: incremented after @left
 * @torn: readers that saw them differ
 * @go: the lone writer may come
 * @done: completed by each thread
 */
struct library {
	atomic_t lock;
	unsigned int left;
	unsigned int right;
	atomic_t torn;
	bool go;
	struct completion done;
};

static void write_once(struct library *lib)
{
	u8 old = ExAcquireSpinLockExclusive(&lib->lock);

	lib->left++;
	barrier();
	lib->right++;
	ExReleaseSpinLockExclusive(&lib->lock, old);
}

static void read_once(struct library *lib)
{
	u8 old = ExAcquireSpinLockShared(&lib->lock);
	unsigned int left = READ_ONCE(lib->left);

	if (left != READ_ONCE(lib->right))
		atomic_inc(&lib->torn);
	/* Two readers at most: one of them may have to leave again. */
	if (!ExTryConvertSharedSpinLockExclusive(&lib->lock)) {
		ExReleaseSpinLockShared(&lib->lock, old);
		return;
	}
	if (left != READ_ONCE(lib->left))
		atomic_inc(&lib->torn);
	ExReleaseSpinLockExclusive(&lib->lock, old);
}

static int visitor_fn(void *data)
{
	struct library *lib = data;
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		write_once(lib);
		read_once(lib);
		if (!(i % 64))
			cond_resched();
	}
	complete(&lib->done);
	return 0;
}

static struct library *new_library(struct kunit *test)
{
	struct library *lib = kunit_kzalloc(test, sizeof(*lib), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, lib);
	init_completion(&lib->done);
	return lib;
}

static void start_on(struct kunit *test, int (*fn)(void *data), void *data,
		     unsigned int cpu)
{
	struct task_struct *task =
		kthread_create(fn, data, "nts-library/%u", cpu);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	kthread_bind(task, cpu);
	wake_up_process(task);
}

/* Shows: L-RWS-03, L-RWS-04 */
static void readers_never_see_a_writer_at_work(struct kunit *test)
{
	struct library *lib = new_library(test);
	unsigned int cpu, threads = 0;

	for_each_online_cpu(cpu) {
		start_on(test, visitor_fn, lib, cpu);
		threads++;
	}
	for (cpu = 0; cpu < threads; cpu++)
		KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&lib->done,
								    120 * HZ));
	KUNIT_EXPECT_EQ(test, lib->left, threads * ROUNDS);
	KUNIT_EXPECT_EQ(test, lib->right, threads * ROUNDS);
	KUNIT_EXPECT_EQ(test, atomic_read(&lib->torn), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&lib->lock), 0);
}

static int writer_fn(void *data)
{
	struct library *lib = data;

	/* Pairs with the release in waiting_writer_keeps_readers_out(). */
	while (!smp_load_acquire(&lib->go))
		cpu_relax();
	write_once(lib);
	complete(&lib->done);
	return 0;
}

/* Shows: L-RWS-03, L-RWS-04 */
static void waiting_writer_keeps_readers_out(struct kunit *test)
{
	struct library *lib = new_library(test);
	u32 reader, writer, converted;
	u8 old;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	migrate_disable();
	start_on(test, writer_fn, lib,
		 cpumask_any_but(cpu_online_mask, raw_smp_processor_id()));
	old = ExAcquireSpinLockShared(&lib->lock);
	/* Pairs with the acquire in writer_fn(): the reader comes first. */
	smp_store_release(&lib->go, true);
	while (atomic_read(&lib->lock) == 1)
		cpu_relax();
	reader = ExTryAcquireSpinLockSharedAtDpcLevel(&lib->lock);
	writer = ExTryAcquireSpinLockExclusiveAtDpcLevel(&lib->lock);
	converted = ExTryConvertSharedSpinLockExclusive(&lib->lock);
	ExReleaseSpinLockExclusive(&lib->lock, old);
	migrate_enable();
	wait_for_completion(&lib->done);
	KUNIT_EXPECT_EQ(test, reader, 0);
	KUNIT_EXPECT_EQ(test, writer, 0);
	KUNIT_EXPECT_NE(test, converted, 0);
	KUNIT_EXPECT_EQ(test, lib->left, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&lib->lock), 0);
}

static struct kunit_case rwlock_cases[] = {
	KUNIT_CASE(readers_share_and_writers_exclude),
	KUNIT_CASE(at_dpc_level_keeps_the_level),
	KUNIT_CASE(only_the_last_reader_converts),
	KUNIT_CASE(wrong_release_is_reported),
	KUNIT_CASE(readers_never_see_a_writer_at_work),
	KUNIT_CASE(waiting_writer_keeps_readers_out),
	{}
};

static struct kunit_suite rwlock_suite = {
	.name = "ntshim_rwlock",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = rwlock_cases,
};

kunit_test_suite(rwlock_suite);
