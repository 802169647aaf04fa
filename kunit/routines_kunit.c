// SPDX-License-Identifier: GPL-2.0
/*
 * Locks, threads, clocks and the rest through the headers that ported drivers
 * include, in C and in C++: each routine has its type there, links, and does
 * what it does for a driver that makes no mistake. The verifier looks on.
 */

#include "../shim/compat.h"

#include <kunit/test.h>

#include "../shim/verifier.h"
#include "helpers.h"
#include "ported/ported.h"

static enum nts_verifier_mode mode_before;

static int routines_init(struct kunit *test)
{
	mode_before = nts_verifier_mode();
	nts_verifier_switch(NTS_VERIFIER_ON);
	return nts_test_init(test);
}

static void routines_exit(struct kunit *test)
{
	nts_test_exit(test);
	nts_verifier_switch(mode_before);
}

/* Shows: I-RL-02, I-RL-04 */
static void levels_are_raised_and_lowered(struct kunit *test)
{
	nts_test_expect_all(test, LevelsInC());
	nts_test_expect_all(test, LevelsInCxx());
}

/* Shows: L-SPN-02, L-SPN-05, L-SPN-13 */
static void spin_locks_are_taken_and_released(struct kunit *test)
{
	nts_test_expect_all(test, SpinLocksInC());
	nts_test_expect_all(test, SpinLocksInCxx());
}

/* Shows: L-SPN-08, L-SPN-12 */
static void spin_locks_at_dpc_level_leave_the_level(struct kunit *test)
{
	nts_test_expect_all(test, SpinLocksAtDpcLevelInC());
	nts_test_expect_all(test, SpinLocksAtDpcLevelInCxx());
}

/* Shows: L-QSL-01, L-QSL-02 */
static void queued_spin_locks_nest(struct kunit *test)
{
	nts_test_expect_all(test, QueuedSpinLocksInC());
	nts_test_expect_all(test, QueuedSpinLocksInCxx());
}

/* Shows: L-DPC-01 */
static void spin_locks_fit_both_kinds_of_dpc(struct kunit *test)
{
	nts_test_expect_all(test, SpinLocksForDpcInC());
	nts_test_expect_all(test, SpinLocksForDpcInCxx());
}

/* Shows: L-RWS-01, L-RWS-02 */
static void readers_and_writers_exclude_each_other(struct kunit *test)
{
	nts_test_expect_all(test, ReaderWriterLocksInC());
	nts_test_expect_all(test, ReaderWriterLocksInCxx());
}

/* Shows: L-RWS-02, L-RWS-04 */
static void single_reader_becomes_writer(struct kunit *test)
{
	nts_test_expect_all(test, ReaderWriterLocksAtDpcLevelInC());
	nts_test_expect_all(test, ReaderWriterLocksAtDpcLevelInCxx());
}

/* Shows: L-EXI-03, S-LST-06 */
static void interlocked_lists_give_the_entry_before(struct kunit *test)
{
	nts_test_expect_all(test, InterlockedListsInC());
	nts_test_expect_all(test, InterlockedListsInCxx());
}

/* Shows: L-EXI-03, S-LST-06 */
static void interlocked_stacks_give_the_entry_before(struct kunit *test)
{
	nts_test_expect_all(test, InterlockedStacksInC());
	nts_test_expect_all(test, InterlockedStacksInCxx());
}

/* Shows: L-EXI-03 */
static void interlocked_sums_give_the_value_before(struct kunit *test)
{
	nts_test_expect_all(test, InterlockedSumsInC());
	nts_test_expect_all(test, InterlockedSumsInCxx());
}

/* Shows: L-CRG-01, L-CRG-03 */
static void regions_disable_apcs(struct kunit *test)
{
	nts_test_expect_all(test, RegionsInC());
	nts_test_expect_all(test, RegionsInCxx());
}

/* Shows: L-FMX-02, L-FMX-03 */
static void fast_mutexes_raise_to_apc_level(struct kunit *test)
{
	nts_test_expect_all(test, FastMutexesInC());
	nts_test_expect_all(test, FastMutexesInCxx());
}

/* Shows: L-FMX-04, L-GMX-01 */
static void unsafe_forms_leave_the_level(struct kunit *test)
{
	nts_test_expect_all(test, FastMutexesUnsafeInC());
	nts_test_expect_all(test, FastMutexesUnsafeInCxx());
}

/* Shows: L-GMX-01 */
static void guarded_mutexes_disable_all_apcs(struct kunit *test)
{
	nts_test_expect_all(test, GuardedMutexesInC());
	nts_test_expect_all(test, GuardedMutexesInCxx());
}

/* Shows: L-PSH-01 */
static void push_locks_leave_the_level(struct kunit *test)
{
	nts_test_expect_all(test, PushLocksInC());
	nts_test_expect_all(test, PushLocksInCxx());
}

/* Shows: L-RND-01, L-RND-03 */
static void rundown_ends_protection(struct kunit *test)
{
	nts_test_expect_all(test, RundownProtectionInC());
	nts_test_expect_all(test, RundownProtectionInCxx());
}

/* Shows: L-RND-01, L-RND-03 */
static void cache_aware_rundown_ends_protection(struct kunit *test)
{
	nts_test_expect_all(test, RundownCacheAwareInC());
	nts_test_expect_all(test, RundownCacheAwareInCxx());
}

/* Shows: L-RES-01, L-RES-02 */
static void resources_are_shared_or_exclusive(struct kunit *test)
{
	nts_test_expect_all(test, ResourcesInC());
	nts_test_expect_all(test, ResourcesInCxx());
}

/* Shows: T-NEW-01, T-CUR-04, T-CUR-05, T-HND-03 */
static void threads_run_and_end(struct kunit *test)
{
	nts_test_expect_all(test, SystemThreadsInC());
	nts_test_expect_all(test, SystemThreadsInCxx());
}

/* Shows: T-NEW-01, T-NEW-12 */
static void threads_of_objects_run_and_end(struct kunit *test)
{
	nts_test_expect_all(test, ThreadsOfObjectsInC());
	nts_test_expect_all(test, ThreadsOfObjectsInCxx());
}

/* Shows: T-PRI-01, T-PRI-03 */
static void priorities_are_numbers(struct kunit *test)
{
	nts_test_expect_all(test, PrioritiesInC());
	nts_test_expect_all(test, PrioritiesInCxx());
}

/* Shows: T-AFF-01 */
static void affinities_move_and_revert(struct kunit *test)
{
	nts_test_expect_all(test, AffinitiesInC());
	nts_test_expect_all(test, AffinitiesInCxx());
}

/* Shows: W-ONE-04, W-MTX-02, W-MTX-04, W-MTX-14 */
static void mutexes_belong_to_threads(struct kunit *test)
{
	nts_test_expect_all(test, MutexesInC());
	nts_test_expect_all(test, MutexesInCxx());
}

/* Shows: W-RET-01, W-RET-02, W-DLY-01 */
static void waits_are_satisfied_or_time_out(struct kunit *test)
{
	nts_test_expect_all(test, WaitRoutinesInC());
	nts_test_expect_all(test, WaitRoutinesInCxx());
}

/* Shows: W-SIG-03, W-SEM-02, W-SEM-06 */
static void semaphores_count(struct kunit *test)
{
	nts_test_expect_all(test, SemaphoresInC());
	nts_test_expect_all(test, SemaphoresInCxx());
}

/* Shows: W-EVT-02, W-EVT-06, W-EVT-08 */
static void events_tell_the_state_before(struct kunit *test)
{
	nts_test_expect_all(test, EventsInC());
	nts_test_expect_all(test, EventsInCxx());
}

/* Shows: Q-IO-01, Q-IO-06 */
static void work_items_run(struct kunit *test)
{
	nts_test_expect_all(test, WorkItemsInC());
	nts_test_expect_all(test, WorkItemsInCxx());
}

/* Shows: Q-IO-01, Q-IO-02 */
static void work_items_in_own_memory_run(struct kunit *test)
{
	nts_test_expect_all(test, WorkItemsInOwnMemoryInC());
	nts_test_expect_all(test, WorkItemsInOwnMemoryInCxx());
}

/* Shows: M-RML-01, M-RML-02, M-RML-04 */
static void remove_locks_are_counted(struct kunit *test)
{
	nts_test_expect_all(test, RemoveLocksInC());
	nts_test_expect_all(test, RemoveLocksInCxx());
}

/* Shows: TM-013, TM-014, TM-045 */
static void clocks_fit_each_other(struct kunit *test)
{
	nts_test_expect_all(test, ClocksInC());
	nts_test_expect_all(test, ClocksInCxx());
}

/* Shows: TM-021, TM-022, TM-024 */
static void ticks_count_running_time(struct kunit *test)
{
	nts_test_expect_all(test, TicksInC());
	nts_test_expect_all(test, TicksInCxx());
}

/* Shows: TM-026 */
static void resolution_is_asked_for_and_released(struct kunit *test)
{
	nts_test_expect_all(test, ResolutionRequestsInC());
	nts_test_expect_all(test, ResolutionRequestsInCxx());
}

/* Shows: TM-008 */
static void wall_clock_and_local_time(struct kunit *test)
{
	nts_test_expect_all(test, WallClockInC());
	nts_test_expect_all(test, WallClockInCxx());
}

/* Shows: I-CTX-11 */
static void processors_have_numbers(struct kunit *test)
{
	nts_test_expect_all(test, ProcessorsInC());
	nts_test_expect_all(test, ProcessorsInCxx());
}

/* Shows: DP-075 */
static void dpcs_have_no_watchdog(struct kunit *test)
{
	nts_test_expect_all(test, WatchdogLimitsInC());
	nts_test_expect_all(test, WatchdogLimitsInCxx());
}

/* Shows: P-ALL-03 */
static void older_pools_give_memory(struct kunit *test)
{
	nts_test_expect_all(test, OlderPoolsInC());
	nts_test_expect_all(test, OlderPoolsInCxx());
}

/* Shows: P-ALL-01 */
static void newer_pools_give_zeroed_memory(struct kunit *test)
{
	nts_test_expect_all(test, NewerPoolsInC());
	nts_test_expect_all(test, NewerPoolsInCxx());
}

/* Shows: P-LKA-01 */
static void lookaside_lists_give_blocks(struct kunit *test)
{
	nts_test_expect_all(test, LookasideListsInC());
	nts_test_expect_all(test, LookasideListsInCxx());
}

/* Shows: G-DBG-06, G-DBG-07 */
static void assertions_of_checked_drivers(struct kunit *test)
{
	nts_test_expect_all(test, AssertionsInC());
	nts_test_expect_all(test, AssertionsInCxx());
	/* Of each four failures, and a break point. */
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-06"), 8);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("G-DBG-07"), 2);
}

/* Shows: M-CMP-16 */
static void bug_check_callbacks_register_once(struct kunit *test)
{
	nts_test_expect_all(test, BugCheckCallbacksInC());
	nts_test_expect_all(test, BugCheckCallbacksInCxx());
}

static struct kunit_case routines_cases[] = {
	KUNIT_CASE(levels_are_raised_and_lowered),
	KUNIT_CASE(spin_locks_are_taken_and_released),
	KUNIT_CASE(spin_locks_at_dpc_level_leave_the_level),
	KUNIT_CASE(queued_spin_locks_nest),
	KUNIT_CASE(spin_locks_fit_both_kinds_of_dpc),
	KUNIT_CASE(readers_and_writers_exclude_each_other),
	KUNIT_CASE(single_reader_becomes_writer),
	KUNIT_CASE(interlocked_lists_give_the_entry_before),
	KUNIT_CASE(interlocked_stacks_give_the_entry_before),
	KUNIT_CASE(interlocked_sums_give_the_value_before),
	KUNIT_CASE(regions_disable_apcs),
	KUNIT_CASE(fast_mutexes_raise_to_apc_level),
	KUNIT_CASE(unsafe_forms_leave_the_level),
	KUNIT_CASE(guarded_mutexes_disable_all_apcs),
	KUNIT_CASE(push_locks_leave_the_level),
	KUNIT_CASE(rundown_ends_protection),
	KUNIT_CASE(cache_aware_rundown_ends_protection),
	KUNIT_CASE(resources_are_shared_or_exclusive),
	KUNIT_CASE(threads_run_and_end),
	KUNIT_CASE(threads_of_objects_run_and_end),
	KUNIT_CASE(priorities_are_numbers),
	KUNIT_CASE(affinities_move_and_revert),
	KUNIT_CASE(mutexes_belong_to_threads),
	KUNIT_CASE(waits_are_satisfied_or_time_out),
	KUNIT_CASE(semaphores_count),
	KUNIT_CASE(events_tell_the_state_before),
	KUNIT_CASE(work_items_run),
	KUNIT_CASE(work_items_in_own_memory_run),
	KUNIT_CASE(remove_locks_are_counted),
	KUNIT_CASE(clocks_fit_each_other),
	KUNIT_CASE(ticks_count_running_time),
	KUNIT_CASE(resolution_is_asked_for_and_released),
	KUNIT_CASE(wall_clock_and_local_time),
	KUNIT_CASE(processors_have_numbers),
	KUNIT_CASE(dpcs_have_no_watchdog),
	KUNIT_CASE(older_pools_give_memory),
	KUNIT_CASE(newer_pools_give_zeroed_memory),
	KUNIT_CASE(lookaside_lists_give_blocks),
	KUNIT_CASE(assertions_of_checked_drivers),
	KUNIT_CASE(bug_check_callbacks_register_once),
	{}
};

static struct kunit_suite routines_suite = {
	.name = "ntshim_routines",
	.init = routines_init,
	.exit = routines_exit,
	.test_cases = routines_cases,
};

kunit_test_suite(routines_suite);
