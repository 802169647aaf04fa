// SPDX-License-Identifier: GPL-2.0
/*
 * EX_TIMER through the exported routines, on real events: in simulated time as
 * well as live. The contract and what breaks it, waiting, callbacks.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/completion.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/timekeeping.h>

#include "../shim/irql.h"
#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "ex_timer.h"
#include "ported/ported.h"

#define SHORT_100NS (2 * UNITS_PER_MS)
#define FAR_100NS (3600 * UNITS_PER_SEC)

static const s64 patience_100ns = PATIENCE_100NS;

static s32 wait_patiently(void *object)
{
	return KeWaitForSingleObject(object, 0, 0, 0, &patience_100ns);
}

static struct nts_systimer *allocate(struct kunit *test, u32 attributes,
				     struct ex_calls *calls)
{
	struct nts_systimer *timer =
		ExAllocateTimer(calls ? nts_test_ex_callback : NULL, calls,
				attributes);

	KUNIT_ASSERT_NOT_NULL(test, timer);
	return timer;
}

static const u32 legal_attributes[] = {
	0,
	EX_NOTIFICATION,
	EX_HIGH_RESOLUTION,
	EX_HIGH_RESOLUTION | EX_NOTIFICATION,
	EX_NO_WAKE,
	EX_NO_WAKE | EX_NOTIFICATION,
};

static void describe_attributes(const u32 *attributes, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "0x%08x", *attributes);
}

KUNIT_ARRAY_PARAM(legal, legal_attributes, describe_attributes);

/* Shows: ET-010, ET-014, ET-019, ET-041 */
static void attributes_choose_the_type(struct kunit *test)
{
	const u32 *attributes = test->param_value;
	struct nts_systimer *timer = allocate(test, *attributes, NULL);
	s32 second = *attributes & EX_NOTIFICATION ? NTS_STATUS_SUCCESS :
						     NTS_STATUS_TIMEOUT;

	KUNIT_EXPECT_EQ(test, nts_test_look(timer), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -SHORT_100NS, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, wait_patiently(timer), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(timer), second);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 0);
}

/* Shows: ET-015 */
static void exclusive_attributes_are_reported(struct kunit *test)
{
	u32 both = EX_HIGH_RESOLUTION | EX_NO_WAKE;

	KUNIT_EXPECT_NULL(test, ExAllocateTimer(NULL, NULL, both));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-015"), 1);
	KUNIT_EXPECT_NULL(test,
			  ExAllocateTimer(NULL, NULL, both | EX_NOTIFICATION));
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-015"), 1);
}

/* Shows: ET-016 */
static void reserved_attributes_are_reported(struct kunit *test)
{
	u32 known = EX_HIGH_RESOLUTION | EX_NO_WAKE | EX_NOTIFICATION;
	int bit;

	for (bit = 0; bit < 32; bit++) {
		if (BIT(bit) & known)
			continue;
		KUNIT_EXPECT_NULL_MSG(test,
				      ExAllocateTimer(NULL, NULL, BIT(bit)),
				      "bit %d", bit);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-016"), 1);
	}
}

static u8 delete_foreign(struct nts_systimer *timer)
{
	return ExDeleteTimer(timer, 1, 0, NULL);
}

/* Shows: ET-031 */
static void foreign_timer_is_reported(struct kunit *test)
{
	struct nts_timer ktimer;
	struct nts_systimer *foreign = (struct nts_systimer *)&ktimer;

	KeInitializeTimer(&ktimer);
	KUNIT_EXPECT_EQ(test, ExSetTimer(foreign, -1, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(foreign, NULL), 0);
	KUNIT_EXPECT_EQ(test, delete_foreign(foreign), 0);
	KUNIT_EXPECT_EQ(test, ExSetTimer(NULL, -1, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(NULL, NULL), 0);
	KUNIT_EXPECT_EQ(test, delete_foreign(NULL), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-031"), 6);
	KUNIT_EXPECT_EQ(test, KeSetTimer(&ktimer, -FAR_100NS, NULL), 0);
	KeCancelTimer(&ktimer);
}

/* Shows: ET-006 */
static void ktimer_routines_refuse_it(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, EX_NOTIFICATION, NULL);
	struct nts_timer *core = &timer->timer;

	ExSetTimer(timer, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, KeReadStateTimer(core), 0);
	KUNIT_EXPECT_EQ(test, KeSetTimer(core, -FAR_100NS, NULL), 0);
	KUNIT_EXPECT_EQ(test, KeSetTimerEx(core, -FAR_100NS, 1, NULL), 0);
	KUNIT_EXPECT_EQ(test, KeCancelTimer(core), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("KT-017"), 4);
	KUNIT_EXPECT_EQ(test, nts_test_look(timer), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 0);
}

static const s64 bad_periods[] = { S32_MAX + 1LL, S64_MAX, -1, S64_MIN };

static void describe_value(const s64 *value, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%lld", *value);
}

KUNIT_ARRAY_PARAM(bad_period, bad_periods, describe_value);

/* Shows: ET-032, ET-033 */
static void bad_period_changes_nothing(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, 0, NULL);
	const s64 *period = test->param_value;

	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -FAR_100NS, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, 0, *period, NULL), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-033"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(timer), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -FAR_100NS, S32_MAX, NULL), 1);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 1);
}

static const s64 absolute_dues[] = { 0, 1, NTS_EPOCH_100NS, S64_MAX };

KUNIT_ARRAY_PARAM(absolute_due, absolute_dues, describe_value);

/* Shows: ET-042, ET-154 */
static void high_resolution_is_relative_only(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, EX_HIGH_RESOLUTION, NULL);
	const s64 *due = test->param_value;

	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -FAR_100NS, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, *due, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-042"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(timer), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 1);
}

/* Shows: ET-043 */
static void parameters_are_read_during_the_call(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, EX_NO_WAKE, NULL);
	struct nts_ext_set parameters = { .tolerance_100ns = UNITS_PER_MS };

	ExSetTimer(timer, -FAR_100NS, 0, &parameters);
	memset(&parameters, 0x55, sizeof(parameters));
	KUNIT_EXPECT_EQ(test, timer->tolerance_ns, NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns,
			timer->timer.due_ns + NSEC_PER_MSEC);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 1);
}

static const struct nts_ext_set bad_parameters[] = {
	{ .version = 1 },
	{ .version = U32_MAX },
	{ .reserved = 1 },
};

static void describe_set(const struct nts_ext_set *set, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "version %u reserved %u",
		 set->version, set->reserved);
}

KUNIT_ARRAY_PARAM(bad_set, bad_parameters, describe_set);

/* Shows: ET-044 */
static void bad_parameters_change_nothing(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, 0, NULL);

	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -FAR_100NS, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, 0, 0, test->param_value), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-044"), 1);
	KUNIT_EXPECT_EQ(test, nts_test_look(timer), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 1);
}

static const s64 tolerances[] = { S64_MIN, -2, -1, 0, 1, S64_MAX };

KUNIT_ARRAY_PARAM(tolerance, tolerances, describe_value);

/* Shows: ET-045 */
static void tolerance_is_checked_for_every_timer(struct kunit *test)
{
	static const u32 kinds[] = { 0, EX_NO_WAKE, EX_HIGH_RESOLUTION };
	struct nts_ext_set parameters = {};
	struct nts_systimer *timer;
	bool bad;
	int i;

	parameters.tolerance_100ns = *(const s64 *)test->param_value;
	bad = parameters.tolerance_100ns < -1;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		timer = allocate(test, kinds[i], NULL);
		ExSetTimer(timer, -FAR_100NS, 0, &parameters);
		KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-045"), bad);
		KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), !bad);
	}
}

/* Shows: ET-065 */
static void cancel_parameters_are_ignored(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, 0, NULL);

	ExSetTimer(timer, -FAR_100NS, 0, NULL);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(timer, timer), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-065"), 1);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 0);
}

/* Shows: ET-038, ET-060 */
static void set_and_cancel_return_whether_pending(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, 0, NULL);

	KUNIT_EXPECT_EQ(test, ExCancelTimer(timer, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -FAR_100NS, 0, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -FAR_100NS, 1, NULL), 1);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(timer, NULL), 1);
	KUNIT_EXPECT_EQ(test, ExCancelTimer(timer, NULL), 0);
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 0);
}

/* Shows: ET-002 */
static void waits_mix_it_with_other_objects(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, 0, NULL);
	struct nts_header event;
	struct nts_timer ktimer;
	void *objects[] = { &event, timer, &ktimer };

	KeInitializeEvent(&event, 0, 0);
	KeInitializeTimer(&ktimer);
	ExSetTimer(timer, -SHORT_100NS, 0, NULL);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, 1, 0, 0, 0,
						 &patience_100ns, NULL),
			NTS_STATUS_SUCCESS + 1);
	ExSetTimer(timer, -SHORT_100NS, 0, NULL);
	KeSetTimer(&ktimer, -SHORT_100NS, NULL);
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(3, objects, 0, 0, 0, 0,
						 &patience_100ns, NULL),
			NTS_STATUS_SUCCESS);
	/* The wait-all has consumed the synchronization timer alone. */
	KUNIT_EXPECT_EQ(test, nts_test_look(timer), NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_EQ(test, nts_test_look(&ktimer), NTS_STATUS_SUCCESS);
	ExDeleteTimer(timer, 1, 1, NULL);
}

/* Shows: ET-002, ET-041 */
static void timeout_of_a_wait_prefers_the_timer(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, 0, NULL);
	s64 timeout_100ns = -SHORT_100NS;
	int i;

	for (i = 0; i < 20; i++) {
		ExSetTimer(timer, -SHORT_100NS, 0, NULL);
		KUNIT_EXPECT_EQ(test,
				KeWaitForSingleObject(timer, 0, 0, 0,
						      &timeout_100ns),
				NTS_STATUS_SUCCESS);
	}
	ExDeleteTimer(timer, 1, 1, NULL);
}

/* Shows: ET-030, ET-150 */
static void timer_is_never_early(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, EX_HIGH_RESOLUTION, NULL);
	unsigned int i, early = 0;
	s64 due_100ns;
	u64 start_ns;

	for (i = 0; i < nts_test_samples; i++) {
		due_100ns = nts_test_short_100ns(i);
		start_ns = ktime_get_ns();
		ExSetTimer(timer, -due_100ns, 0, NULL);
		KUNIT_ASSERT_EQ(test, wait_patiently(timer),
				NTS_STATUS_SUCCESS);
		early += ktime_get_ns() - start_ns < due_100ns * 100;
	}
	KUNIT_EXPECT_EQ(test, early, 0);
	ExDeleteTimer(timer, 1, 1, NULL);
}

/* Shows: ET-080, ET-081, ET-030 */
static void callback_runs_at_dispatch_level(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_systimer *timer = allocate(test, EX_NOTIFICATION, &calls);

	ExSetTimer(timer, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 1);
	KUNIT_EXPECT_EQ(test, calls.level, NTS_DISPATCH_LEVEL);
	KUNIT_EXPECT_PTR_EQ(test, calls.timer, timer);
	ExSetTimer(timer, -SHORT_100NS, 0, NULL);
	KUNIT_EXPECT_EQ(test, wait_patiently(timer), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_ex_calls(&calls), 2);
	KUNIT_EXPECT_EQ(test, calls.level, NTS_DISPATCH_LEVEL);
	ExDeleteTimer(timer, 1, 1, NULL);
}

/* Shows: ET-045, ET-172 */
static void tolerance_counts_for_no_wake_timers_only(struct kunit *test)
{
	struct nts_ext_set some = { .tolerance_100ns = FAR_100NS };
	struct nts_ext_set endless = { .tolerance_100ns = -1 };
	const u32 *attributes = test->param_value;
	struct nts_systimer *timer = allocate(test, *attributes, NULL);
	bool no_wake = *attributes & EX_NO_WAKE;

	ExSetTimer(timer, -FAR_100NS, 0, &some);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns,
			timer->timer.due_ns +
				(no_wake ? nts_ns_from_100ns(FAR_100NS) : 0));
	ExSetTimer(timer, -FAR_100NS, 0, &endless);
	KUNIT_EXPECT_EQ(test, timer->timer.latest_ns,
			no_wake ? NTS_NEVER_NS : timer->timer.due_ns);
	ExDeleteTimer(timer, 1, 1, NULL);
}

/* Shows: ET-018, ET-112, ET-047, ET-066 */
static void calls_work_at_dispatch_level(struct kunit *test)
{
	struct ex_calls calls = {};
	struct nts_ext_delete parameters = { .callback = nts_test_ex_end,
					     .context = &calls };
	struct nts_systimer *timer;

	local_bh_disable();
	timer = ExAllocateTimer(nts_test_ex_callback, &calls, 0);
	KUNIT_EXPECT_NOT_NULL(test, timer);
	if (timer) {
		KUNIT_EXPECT_EQ(test, ExSetTimer(timer, -FAR_100NS, 0, NULL),
				0);
		KUNIT_EXPECT_EQ(test, ExCancelTimer(timer, NULL), 1);
		ExDeleteTimer(timer, 1, 0, &parameters);
	}
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, atomic_read(&calls.ends), 1);
}

struct interrupted {
	struct irq_work work;
	struct completion done;
	struct nts_systimer *timer;
	u8 set, cancelled;
};

static void interrupt_fn(struct irq_work *work)
{
	struct interrupted *i = container_of(work, struct interrupted, work);

	i->set = ExSetTimer(i->timer, -FAR_100NS, 0, NULL);
	i->cancelled = ExCancelTimer(i->timer, NULL);
	complete(&i->done);
}

/* Shows: ET-047 */
static void calls_in_an_interrupt_are_noted_and_work(struct kunit *test)
{
	struct interrupted i = { .work = IRQ_WORK_INIT_HARD(interrupt_fn),
				 .timer = allocate(test, 0, NULL) };

	init_completion(&i.done);
	irq_work_queue(&i.work);
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(&i.done, 30 * HZ));
	irq_work_sync(&i.work);
	KUNIT_EXPECT_EQ(test, i.set, 0);
	KUNIT_EXPECT_EQ(test, i.cancelled, 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("ET-047"), 2);
	ExDeleteTimer(i.timer, 1, 1, NULL);
}

/* Shows: ET-034, ET-036 */
static void periodic_timer_expires_on_its_grid(struct kunit *test)
{
	struct nts_systimer *timer = allocate(test, 0, NULL);
	u64 start_ns = ktime_get_ns();
	int i;

	ExSetTimer(timer, -20 * UNITS_PER_MS, 20 * UNITS_PER_MS, NULL);
	for (i = 1; i <= 5; i++) {
		KUNIT_ASSERT_EQ(test, wait_patiently(timer),
				NTS_STATUS_SUCCESS);
		KUNIT_EXPECT_GE(test, ktime_get_ns() - start_ns,
				i * 20 * NSEC_PER_MSEC);
	}
	KUNIT_EXPECT_EQ(test, ExDeleteTimer(timer, 1, 1, NULL), 1);
}

/* Shows: ET-001, ET-041 */
static void drivers_in_both_languages_use_it(struct kunit *test)
{
	nts_test_expect_all(test, ExTimerSurfaceInC());
	nts_test_expect_all(test, ExTimerSurfaceInCxx());
}

/* Shows: ET-003, ET-004 */
static void constants_are_those_of_windows(struct kunit *test)
{
	nts_test_expect_all(test, ExTimerConstantsInC());
	nts_test_expect_all(test, ExTimerConstantsInCxx());
}

/* Shows: ET-005 */
static void initialisers_set_every_member(struct kunit *test)
{
	nts_test_expect_all(test, ExTimerParametersInC());
	nts_test_expect_all(test, ExTimerParametersInCxx());
}

static struct kunit_case ex_timer_api_cases[] = {
	KUNIT_CASE(drivers_in_both_languages_use_it),
	KUNIT_CASE(constants_are_those_of_windows),
	KUNIT_CASE(initialisers_set_every_member),
	KUNIT_CASE_PARAM(attributes_choose_the_type, legal_gen_params),
	KUNIT_CASE(exclusive_attributes_are_reported),
	KUNIT_CASE(reserved_attributes_are_reported),
	KUNIT_CASE(foreign_timer_is_reported),
	KUNIT_CASE(ktimer_routines_refuse_it),
	KUNIT_CASE_PARAM(bad_period_changes_nothing, bad_period_gen_params),
	KUNIT_CASE_PARAM(high_resolution_is_relative_only,
			 absolute_due_gen_params),
	KUNIT_CASE(parameters_are_read_during_the_call),
	KUNIT_CASE_PARAM(bad_parameters_change_nothing, bad_set_gen_params),
	KUNIT_CASE_PARAM(tolerance_is_checked_for_every_timer,
			 tolerance_gen_params),
	KUNIT_CASE(cancel_parameters_are_ignored),
	KUNIT_CASE(set_and_cancel_return_whether_pending),
	KUNIT_CASE(waits_mix_it_with_other_objects),
	KUNIT_CASE(timeout_of_a_wait_prefers_the_timer),
	KUNIT_CASE(timer_is_never_early),
	KUNIT_CASE(callback_runs_at_dispatch_level),
	KUNIT_CASE(calls_work_at_dispatch_level),
	KUNIT_CASE(calls_in_an_interrupt_are_noted_and_work),
	KUNIT_CASE_PARAM(tolerance_counts_for_no_wake_timers_only,
			 legal_gen_params),
	KUNIT_CASE(periodic_timer_expires_on_its_grid),
	{}
};

static struct kunit_suite ex_timer_api_suite = {
	.name = "ntshim_ex_timer_api",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = ex_timer_api_cases,
};

kunit_test_suite(ex_timer_api_suite);
