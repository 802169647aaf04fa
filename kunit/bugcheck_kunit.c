// SPDX-License-Identifier: GPL-2.0
/*
 * What surrounds a bug check: exceptions, callbacks.
 */

#include "../shim/compat.h"

#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kthread.h>

#include "../shim/bugcheck_callback.h"
#include "../shim/irql.h"
#include "../shim/nt_api.h"
#include "../shim/verifier.h"
#include "helpers.h"
#include "ported/ported.h"

/**
 * struct raise - a thread that raises an exception, or calls a ported routine
 * @end: the ported routine, which does not return; NULL: none
 * @way: its argument
 * @status: the status it raises
 * @at_dispatch: at DISPATCH_LEVEL
 * @bug_check: what came of it
 * @warnings: findings before
 * @ended: completed when the bug check ended the thread
 */
struct raise {
	void (*end)(int way);
	int way;
	s32 status;
	bool at_dispatch;
	struct nts_finding bug_check;
	unsigned int warnings;
	struct completion ended;
};

static void end_fn(enum nts_finding_kind kind,
		   const struct nts_finding *finding, void *data)
{
	struct raise *raise = data;

	if (kind != NTS_BUGCHECK) {
		raise->warnings++;
		return;
	}
	raise->bug_check = *finding;
	if (raise->at_dispatch)
		KeLowerIrql(NTS_PASSIVE_LEVEL);
	kthread_complete_and_exit(&raise->ended, 0);
}

static int raise_fn(void *data)
{
	struct raise *raise = data;

	if (raise->at_dispatch)
		KeRaiseIrqlToDpcLevel();
	if (raise->end)
		raise->end(raise->way);
	ExRaiseStatus(raise->status);
	return 0;
}

static void run_end(struct kunit *test, struct raise *raise)
{
	struct task_struct *task;

	init_completion(&raise->ended);
	nts_finding_hook(end_fn, raise);
	task = kthread_run(raise_fn, raise, "nts-raise");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	KUNIT_ASSERT_TRUE(test,
			  wait_for_completion_timeout(&raise->ended, 30 * HZ));
}

static void run_raise(struct kunit *test, struct raise *raise)
{
	run_end(test, raise);
	KUNIT_EXPECT_EQ(test, raise->bug_check.code, 0x1e);
}

/* Shows: B-EXC-02, B-CHK-04 */
static void raised_exception_is_a_bug_check(struct kunit *test)
{
	struct raise *raise = kunit_kzalloc(test, sizeof(*raise), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, raise);
	raise->status = (s32)0xc000009a;
	run_raise(test, raise);
	KUNIT_EXPECT_EQ(test, raise->bug_check.args[0], 0xc000009a);
	raise->status = (s32)0xc0000005;
	run_raise(test, raise);
	KUNIT_EXPECT_EQ(test, raise->bug_check.args[0], 0xc0000005);
	KUNIT_EXPECT_EQ(test, raise->warnings, 0);
}

/* Shows: B-EXC-02, B-CHK-06 */
static void ports_do_not_return_from_the_end(struct kunit *test)
{
	static const struct {
		u32 code;
		unsigned long parameter;
	} ways[] = {
		{ 0xe2, 0 },
		{ 0x121, 1 },
		{ 0x1e, 0xc000009a },
		{ 0x1e, 0xc0000005 },
	};
	struct raise *raise = kunit_kzalloc(test, sizeof(*raise), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, raise);
	for (i = 0; i < 2 * ARRAY_SIZE(ways); i++) {
		raise->way = i / 2;
		raise->end = i % 2 ? EndOfSystemInCxx : EndOfSystemInC;
		run_end(test, raise);
		KUNIT_EXPECT_EQ(test, raise->bug_check.code, ways[i / 2].code);
		KUNIT_EXPECT_EQ(test, raise->bug_check.args[0],
				ways[i / 2].parameter);
	}
	KUNIT_EXPECT_EQ(test, raise->warnings, 0);
}

/* Shows: V-17, B-CHK-04 */
static void exception_above_apc_level_is_reported(struct kunit *test)
{
	struct raise *raise = kunit_kzalloc(test, sizeof(*raise), GFP_KERNEL);
	enum nts_verifier_mode mode = nts_verifier_mode();

	KUNIT_ASSERT_NOT_NULL(test, raise);
	nts_verifier_switch(NTS_VERIFIER_ON);
	raise->status = (s32)0xc000009a;
	raise->at_dispatch = true;
	run_raise(test, raise);
	nts_verifier_switch(mode);
	KUNIT_EXPECT_EQ(test, raise->warnings, 1);
}

/* What the callbacks of a case saw. */
static struct {
	unsigned int plain;
	unsigned int with_reason;
	bool irqs_off;
	void *buffer;
	u32 length;
	int reason;
} seen;

static void plain_fn(void *buffer, u32 length)
{
	seen.plain++;
	seen.irqs_off = irqs_disabled();
	seen.buffer = buffer;
	seen.length = length;
}

static void reason_fn(int reason, struct nts_bugcheck_record *record,
		      void *data, u32 length)
{
	seen.with_reason++;
	seen.reason = reason;
}

/* Shows: B-CHK-05 */
static void callbacks_are_called_once_registered(struct kunit *test)
{
	struct nts_bugcheck_record plain = { .state = 0 }, why = { .state = 0 };
	const u8 *name = (const u8 *)"kunit";

	memset(&seen, 0, sizeof(seen));
	KUNIT_EXPECT_EQ(test, KeDeregisterBugCheckCallback(&plain), 0);
	KUNIT_EXPECT_EQ(test,
			KeRegisterBugCheckCallback(&plain, plain_fn, test, 7,
						   name),
			1);
	KUNIT_EXPECT_EQ(test,
			KeRegisterBugCheckCallback(&plain, plain_fn, test, 7,
						   name),
			0);
	KUNIT_EXPECT_EQ(test,
			KeRegisterBugCheckReasonCallback(&why, reason_fn, 2,
							 name),
			1);
	nts_report("X-003", 0, NULL, "a report calls no callback");
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("X-003"), 1);
	KUNIT_EXPECT_EQ(test, seen.plain + seen.with_reason, 0);

	nts_bugcheck_callbacks_run();
	KUNIT_EXPECT_EQ(test, seen.plain, 1);
	KUNIT_EXPECT_EQ(test, seen.with_reason, 1);
	KUNIT_EXPECT_TRUE(test, seen.irqs_off);
	KUNIT_EXPECT_PTR_EQ(test, seen.buffer, (void *)test);
	KUNIT_EXPECT_EQ(test, seen.length, 7);
	KUNIT_EXPECT_EQ(test, seen.reason, 2);

	KUNIT_EXPECT_EQ(test, KeDeregisterBugCheckCallback(&plain), 1);
	KUNIT_EXPECT_EQ(test, KeDeregisterBugCheckReasonCallback(&why), 1);
	nts_bugcheck_callbacks_run();
	KUNIT_EXPECT_EQ(test, seen.plain + seen.with_reason, 2);
}

static struct kunit_case bugcheck_cases[] = {
	KUNIT_CASE(raised_exception_is_a_bug_check),
	KUNIT_CASE(ports_do_not_return_from_the_end),
	KUNIT_CASE(exception_above_apc_level_is_reported),
	KUNIT_CASE(callbacks_are_called_once_registered),
	{}
};

static struct kunit_suite bugcheck_suite = {
	.name = "ntshim_bugcheck",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = bugcheck_cases,
};

kunit_test_suite(bugcheck_suite);
