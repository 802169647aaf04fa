// SPDX-License-Identifier: GPL-2.0
/*
 * Fast mutexes and push locks through their exported routines.
 */

#include "../shim/compat.h"

#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "../shim/irql.h"
#include "../shim/lock_api.h"
#include "../shim/mutex_api.h"
#include "../shim/nt_api.h"
#include "../shim/verifier.h"
#include "crew.h"
#include "helpers.h"

#define ROUNDS 5000

/* Shows: L-FMX-01, L-FMX-02, L-FMX-07 */
static void acquire_raises_to_apc_level(struct kunit *test)
{
	struct nts_fast_mutex mutex;
	bool apcs_off, all_off;

	KeLeaveCriticalRegion();
	memset(&mutex, 0x5a, sizeof(mutex));
	ExInitializeFastMutex(&mutex);
	KUNIT_EXPECT_EQ(test, atomic_read(&mutex.count), 1);
	ExAcquireFastMutex(&mutex);
	apcs_off = KeAreApcsDisabled();
	all_off = KeAreAllApcsDisabled();
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_APC_LEVEL);
	KUNIT_EXPECT_EQ(test, atomic_read(&mutex.count), 0);
	KUNIT_EXPECT_PTR_EQ(test, mutex.owner, KeGetCurrentThread());
	KUNIT_EXPECT_EQ(test, mutex.old_irql, NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, preempt_count(), 0);
	ExReleaseFastMutex(&mutex);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_NULL(test, mutex.owner);
	KUNIT_EXPECT_FALSE(test, apcs_off);
	KUNIT_EXPECT_TRUE(test, all_off);
	KeEnterCriticalRegion();
}

static void try_mutex(struct crew *crew)
{
	if (ExTryToAcquireFastMutex(&crew->lock.mutex)) {
		atomic_inc(&crew->entered);
		ExReleaseFastMutex(&crew->lock.mutex);
	} else if (KeGetCurrentIrql() != NTS_PASSIVE_LEVEL) {
		atomic_inc(&crew->torn);
	}
}

/* Shows: L-FMX-03, L-GMX-01 */
static void try_returns_at_once(struct kunit *test)
{
	struct crew *crew = crew_new(test, try_mutex);

	ExInitializeFastMutex(&crew->lock.mutex);
	KUNIT_EXPECT_EQ(test, ExTryToAcquireFastMutex(&crew->lock.mutex), 1);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_APC_LEVEL);
	crew_start(test, crew, 1);
	crew_join(test, crew, 1);
	ExReleaseFastMutex(&crew->lock.mutex);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->entered), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->torn), 0);
	crew_start(test, crew, 1);
	crew_join(test, crew, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->entered), 1);
}

/* Shows: L-FMX-04 */
static void unsafe_forms_keep_the_level(struct kunit *test)
{
	struct nts_fast_mutex mutex;

	ExInitializeFastMutex(&mutex);
	ExAcquireFastMutexUnsafe(&mutex);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, ExTryToAcquireFastMutex(&mutex), 0);
	ExReleaseFastMutexUnsafe(&mutex);
	KUNIT_EXPECT_EQ(test, atomic_read(&mutex.count), 1);
}

static void release_mutex(struct crew *crew)
{
	ExReleaseFastMutex(&crew->lock.mutex);
}

/* Shows: L-FMX-05 */
static void wrong_use_is_reported_and_does_not_hang(struct kunit *test)
{
	struct crew *crew = crew_new(test, release_mutex);
	struct nts_fast_mutex *mutex = &crew->lock.mutex;

	ExInitializeFastMutex(mutex);
	ExAcquireFastMutex(mutex);
	ExAcquireFastMutex(mutex);
	ExReleaseFastMutex(mutex);
	KUNIT_EXPECT_EQ(test, atomic_read(&mutex->count), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-FMX-05"), 1);
	crew_start(test, crew, 1);
	crew_join(test, crew, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&mutex->count), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-FMX-05"), 1);
	ExReleaseFastMutex(mutex);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-FMX-05"), 0);
	ExReleaseFastMutex(mutex);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-FMX-05"), 1);
}

/* Shows: V-12, V-04 */
static void mutex_above_apc_level_is_reported(struct kunit *test)
{
	enum nts_verifier_mode mode = nts_verifier_mode();
	struct nts_fast_mutex mutex;
	unsigned int i;
	int count;
	u8 old;

	nts_verifier_switch(NTS_VERIFIER_ON);
	ExInitializeFastMutex(&mutex);
	/* Free, it is taken; owned by another, it is refused: nobody sleeps. */
	for (i = 0; i < 2; i++) {
		old = KeRaiseIrqlToDpcLevel();
		if (i)
			atomic_set(&mutex.count, 0);
		ExAcquireFastMutex(&mutex);
		count = atomic_read(&mutex.count);
		ExReleaseFastMutex(&mutex);
		KeLowerIrql(old);
		KUNIT_EXPECT_EQ(test, count, 0);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-12"), 2 - i);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-FMX-05"), i);
	}
	ExInitializeFastMutex(&mutex);
	KeLeaveCriticalRegion();
	ExAcquireFastMutexUnsafe(&mutex);
	ExReleaseFastMutexUnsafe(&mutex);
	KeEnterCriticalRegion();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-12"), 2);
	nts_verifier_switch(mode);
}

static void use_mutex(struct crew *crew)
{
	unsigned int i;

	for (i = 0; i < ROUNDS; i++) {
		ExAcquireFastMutex(&crew->lock.mutex);
		crew->count++;
		if (!(i % 128))
			cond_resched();
		ExReleaseFastMutex(&crew->lock.mutex);
	}
}

/* Shows: L-FMX-02, L-FMX-08 */
static void mutex_excludes_and_nobody_is_lost(struct kunit *test)
{
	struct crew *crew = crew_new(test, use_mutex);

	ExInitializeFastMutex(&crew->lock.mutex);
	crew_start(test, crew, 4);
	crew_join(test, crew, 4);
	KUNIT_EXPECT_EQ(test, crew->count, 4 * ROUNDS);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->lock.mutex.count), 1);
}

/* Whoever has come second frees what both used. */
struct loan {
	struct nts_fast_mutex mutex;
	unsigned int users;
};

static struct loan *loan;

static void use_loan(struct crew *crew)
{
	struct loan *mine = loan;
	bool last;

	ExAcquireFastMutex(&mine->mutex);
	last = ++mine->users == 2;
	ExReleaseFastMutex(&mine->mutex);
	if (last)
		kfree(mine);
}

/* Shows: L-FMX-08 */
static void last_user_may_free_the_mutex(struct kunit *test)
{
	struct crew *crew = crew_new(test, use_loan);
	unsigned int i;

	for (i = 0; i < 200; i++) {
		loan = kzalloc(sizeof(*loan), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, loan);
		ExInitializeFastMutex(&loan->mutex);
		crew_start(test, crew, 2);
		crew_join(test, crew, 2);
	}
}

static struct kunit_case fastmutex_cases[] = {
	KUNIT_CASE(acquire_raises_to_apc_level),
	KUNIT_CASE(try_returns_at_once),
	KUNIT_CASE(unsafe_forms_keep_the_level),
	KUNIT_CASE(wrong_use_is_reported_and_does_not_hang),
	KUNIT_CASE(mutex_above_apc_level_is_reported),
	KUNIT_CASE(mutex_excludes_and_nobody_is_lost),
	KUNIT_CASE(last_user_may_free_the_mutex),
	{}
};

static struct kunit_suite fastmutex_suite = {
	.name = "ntshim_fastmutex",
	.init = crew_suite_init,
	.exit = nts_test_exit,
	.test_cases = fastmutex_cases,
};

/* Shows: L-PSH-01 */
static void push_lock_is_a_zeroed_word(struct kunit *test)
{
	atomic_long_t lock;

	KUNIT_EXPECT_EQ(test, sizeof(lock), sizeof(void *));
	memset(&lock, 0x5a, sizeof(lock));
	ExInitializePushLock(&lock);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&lock), 0);
	ExAcquirePushLockShared(&lock);
	ExAcquirePushLockShared(&lock);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	ExReleasePushLockShared(&lock);
	ExReleasePushLockShared(&lock);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&lock), 0);
	ExAcquirePushLockExclusive(&lock);
	ExReleasePushLockExclusive(&lock);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&lock), 0);
}

/* Shows: L-PSH-01 */
static void push_lock_released_in_error_stays(struct kunit *test)
{
	atomic_long_t lock = ATOMIC_LONG_INIT(0);

	ExReleasePushLockShared(&lock);
	ExReleasePushLockExclusive(&lock);
	ExAcquirePushLockShared(&lock);
	ExReleasePushLockExclusive(&lock);
	ExReleasePushLockShared(&lock);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-PSH-01"), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&lock), 0);
}

static void use_push_lock(struct crew *crew)
{
	unsigned int i, before;

	for (i = 0; i < ROUNDS; i++) {
		ExAcquirePushLockExclusive(&crew->lock.word);
		before = crew->count;
		if (!(i % 128))
			cond_resched();
		WRITE_ONCE(crew->count, before + 1);
		ExReleasePushLockExclusive(&crew->lock.word);
		ExAcquirePushLockShared(&crew->lock.word);
		before = READ_ONCE(crew->count);
		if (!(i % 128))
			cond_resched();
		if (before != READ_ONCE(crew->count))
			atomic_inc(&crew->torn);
		ExReleasePushLockShared(&crew->lock.word);
	}
}

/* Shows: L-PSH-01 */
static void readers_share_and_writers_exclude(struct kunit *test)
{
	struct crew *crew = crew_new(test, use_push_lock);

	crew_start(test, crew, 4);
	crew_join(test, crew, 4);
	KUNIT_EXPECT_EQ(test, crew->count, 4 * ROUNDS);
	KUNIT_EXPECT_EQ(test, atomic_read(&crew->torn), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&crew->lock.word), 0);
}

/* Shows: L-PSH-02 */
static void missing_region_is_noted(struct kunit *test)
{
	enum nts_verifier_mode mode = nts_verifier_mode();
	atomic_long_t lock = ATOMIC_LONG_INIT(0);

	nts_verifier_switch(NTS_VERIFIER_ON);
	ExAcquirePushLockShared(&lock);
	ExReleasePushLockShared(&lock);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-PSH-02"), 0);
	KeLeaveCriticalRegion();
	ExAcquirePushLockShared(&lock);
	ExReleasePushLockShared(&lock);
	KeEnterCriticalRegion();
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-PSH-02"), 1);
	nts_verifier_switch(mode);
}

/* Shows: L-PSH-01 */
static void refused_push_lock_lets_go_of_nothing(struct kunit *test)
{
	atomic_long_t lock = ATOMIC_LONG_INIT(0);
	long inside, after;
	u8 old;

	ExAcquirePushLockExclusive(&lock);
	inside = atomic_long_read(&lock);
	old = KeRaiseIrqlToDpcLevel();
	ExAcquirePushLockExclusive(&lock);
	ExReleasePushLockExclusive(&lock);
	ExAcquirePushLockShared(&lock);
	ExReleasePushLockShared(&lock);
	after = atomic_long_read(&lock);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, after, inside);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("L-PSH-01"), 2);
	ExReleasePushLockExclusive(&lock);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&lock), 0);
}

static struct kunit_case pushlock_cases[] = {
	KUNIT_CASE(push_lock_is_a_zeroed_word),
	KUNIT_CASE(push_lock_released_in_error_stays),
	KUNIT_CASE(refused_push_lock_lets_go_of_nothing),
	KUNIT_CASE(readers_share_and_writers_exclude),
	KUNIT_CASE(missing_region_is_noted),
	{}
};

static struct kunit_suite pushlock_suite = {
	.name = "ntshim_pushlock",
	.init = crew_suite_init,
	.exit = nts_test_exit,
	.test_cases = pushlock_cases,
};

kunit_test_suites(&fastmutex_suite, &pushlock_suite);
