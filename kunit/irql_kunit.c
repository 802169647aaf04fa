// SPDX-License-Identifier: GPL-2.0
/*
 * Levels: what each context reads as, and what raising and lowering does to it.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/cpumask.h>
#include <linux/irq_work.h>
#include <linux/jiffies.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/smp.h>

#include "../shim/irql.h"
#include "../shim/nt_api.h"
#include "../shim/verifier.h"
#include "helpers.h"

struct seen {
	struct irq_work work;
	struct completion done;
	u8 level;
	u8 raised;
	u8 lowered;
};

static void seen_fn(struct irq_work *work)
{
	struct seen *seen = container_of(work, struct seen, work);
	u8 old;

	seen->level = KeGetCurrentIrql();
	old = KfRaiseIrql(13);
	seen->raised = KeGetCurrentIrql();
	KeLowerIrql(old);
	seen->lowered = KeGetCurrentIrql();
	complete(&seen->done);
}

/* Shows: I-CTX-01, I-CTX-03, I-CTX-05, I-CTX-06 */
static void level_follows_the_context(struct kunit *test)
{
	u8 level;

	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_DISPATCH_LEVEL);
	local_bh_enable();
	local_irq_disable();
	level = KeGetCurrentIrql();
	local_irq_enable();
	KUNIT_EXPECT_EQ(test, level, NTS_HIGH_LEVEL);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
}

/* Shows: I-CTX-05, I-CTX-07 */
static void foreign_preempt_disable_is_dispatch_level(struct kunit *test)
{
	u8 level;

	if (!IS_ENABLED(CONFIG_PREEMPT_COUNT))
		kunit_skip(test, "no preemption counter");
	preempt_disable();
	level = KeGetCurrentIrql();
	preempt_enable();
	KUNIT_EXPECT_EQ(test, level, NTS_DISPATCH_LEVEL);
}

/* Shows: I-CTX-04, I-CTX-05 */
static void hard_interrupt_is_a_device_level(struct kunit *test)
{
	struct seen seen = { .work = IRQ_WORK_INIT_HARD(seen_fn) };

	init_completion(&seen.done);
	irq_work_queue(&seen.work);
	KUNIT_ASSERT_TRUE(test,
			  wait_for_completion_timeout(&seen.done, 30 * HZ));
	irq_work_sync(&seen.work);
	KUNIT_EXPECT_EQ(test, seen.level, NTS_DEVICE_LEVEL);
	KUNIT_EXPECT_EQ(test, seen.raised, 13);
	KUNIT_EXPECT_EQ(test, seen.lowered, NTS_DEVICE_LEVEL);
}

/* Shows: I-CTX-04 */
static void all_device_levels_mask_alike(struct kunit *test)
{
	unsigned int masking = 0, exact = 0;
	u8 level, old;

	for (level = 3; level <= NTS_HIGH_LEVEL; level++) {
		old = KfRaiseIrql(level);
		masking += irqs_disabled();
		exact += KeGetCurrentIrql() == level;
		KeLowerIrql(old);
	}
	KUNIT_EXPECT_EQ(test, masking, NTS_HIGH_LEVEL - 2);
	KUNIT_EXPECT_EQ(test, exact, NTS_HIGH_LEVEL - 2);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
}

/* Shows: I-RL-01, I-RL-02, I-RL-05, I-RL-10 */
static void raise_and_lower_nest(struct kunit *test)
{
	u8 first, second, third, inner;
	bool irqs_off;

	KeRaiseIrql(NTS_APC_LEVEL, &first);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_APC_LEVEL);
	second = KeRaiseIrqlToDpcLevel();
	inner = KeRaiseIrqlToDpcLevel();
	KUNIT_EXPECT_EQ(test, softirq_count(), SOFTIRQ_DISABLE_OFFSET);
	third = KfRaiseIrql(13);
	irqs_off = irqs_disabled();
	KeLowerIrql(13);
	KeLowerIrql(third);
	KUNIT_EXPECT_TRUE(test, irqs_off);
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_DISPATCH_LEVEL);
	KeLowerIrql(inner);
	KeLowerIrql(second);
	KUNIT_EXPECT_EQ(test, softirq_count(), 0);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_APC_LEVEL);
	KeLowerIrql(first);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, first | second << 4 | inner << 8 | third << 12,
			0x2210);
}

/* Shows: I-RL-04, I-RL-07, I-CTX-04 */
static void one_raise_may_be_lowered_in_steps(struct kunit *test)
{
	static const u8 steps[] = { 13, 2, 1, 0 };
	u8 seen[ARRAY_SIZE(steps)];
	unsigned int i;

	KfRaiseIrql(NTS_HIGH_LEVEL);
	for (i = 0; i < ARRAY_SIZE(steps); i++) {
		KeLowerIrql(steps[i]);
		seen[i] = KeGetCurrentIrql();
	}
	KUNIT_EXPECT_MEMEQ(test, seen, steps, sizeof(steps));
	KUNIT_EXPECT_FALSE(test, irqs_disabled());
	KUNIT_EXPECT_EQ(test, softirq_count(), 0);
}

static unsigned int notes_of(void (*call)(void))
{
	call();
	return nts_test_take_findings("I-RL-04");
}

static void lower_in_steps(void)
{
	KfRaiseIrql(NTS_HIGH_LEVEL);
	KeLowerIrql(13);
	KeLowerIrql(NTS_DISPATCH_LEVEL);
	KeLowerIrql(NTS_PASSIVE_LEVEL);
}

static void lower_past_a_raise(void)
{
	KfRaiseIrql(NTS_APC_LEVEL);
	KfRaiseIrql(NTS_DISPATCH_LEVEL);
	KeLowerIrql(NTS_PASSIVE_LEVEL);
}

static void lower_each_raise(void)
{
	u8 first = KfRaiseIrql(NTS_APC_LEVEL);
	u8 second = KeRaiseIrqlToDpcLevel();
	u8 third = KeRaiseIrqlToDpcLevel();
	u8 fourth = KfRaiseIrql(13);

	KeLowerIrql(fourth);
	KeLowerIrql(third);
	KeLowerIrql(second);
	KeLowerIrql(first);
}

/* Shows: I-RL-04, V-07, V-43 */
static void strict_mode_wants_each_raise_undone(struct kunit *test)
{
	enum nts_verifier_mode before = nts_verifier_mode();

	nts_verifier_switch(NTS_VERIFIER_ON);
	KUNIT_EXPECT_EQ(test, notes_of(lower_in_steps), 0);
	nts_verifier_switch(NTS_VERIFIER_STRICT);
	/* The last of the three steps is the one that was wanted. */
	KUNIT_EXPECT_EQ(test, notes_of(lower_in_steps), 2);
	KUNIT_EXPECT_EQ(test, notes_of(lower_past_a_raise), 1);
	KUNIT_EXPECT_EQ(test, notes_of(lower_each_raise), 0);
	nts_verifier_switch(before);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
}

static void count_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	atomic_inc(context);
}

/* Shows: I-RL-08, I-CTX-03 */
static void lower_runs_queued_dpc(struct kunit *test)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	atomic_t runs = ATOMIC_INIT(0);
	int at_dispatch;
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeDpc(dpc, count_fn, &runs);
	old = KfRaiseIrql(NTS_DISPATCH_LEVEL);
	KeInsertQueueDpc(dpc, NULL, NULL);
	at_dispatch = atomic_read(&runs);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, at_dispatch, 0);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&runs), 1);
}

static void count_with_interrupts_fn(struct nts_dpc *dpc, void *context,
				     void *arg1, void *arg2)
{
	if (!irqs_disabled())
		atomic_inc(context);
}

/* Shows: I-CTX-04, DP-005, I-RL-07 */
static void dpc_queued_at_device_level_runs_after_lowering(struct kunit *test)
{
	struct nts_dpc *dpc = kunit_kzalloc(test, sizeof(*dpc), GFP_KERNEL);
	atomic_t runs = ATOMIC_INIT(0);
	u8 old;

	KUNIT_ASSERT_NOT_NULL(test, dpc);
	KeInitializeDpc(dpc, count_with_interrupts_fn, &runs);
	old = KfRaiseIrql(NTS_HIGH_LEVEL);
	KeInsertQueueDpc(dpc, NULL, NULL);
	KeLowerIrql(old);
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		KeFlushQueuedDpcs();
	KUNIT_EXPECT_EQ(test, atomic_read(&runs), 1);
}

/* Shows: I-RL-11 */
static void foreign_disable_is_left_alone(struct kunit *test)
{
	u8 old;

	local_bh_disable();
	old = KfRaiseIrql(NTS_DISPATCH_LEVEL);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, softirq_count(), SOFTIRQ_DISABLE_OFFSET);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, old, NTS_DISPATCH_LEVEL);
}

/* Shows: I-RL-01, I-RL-03, V-07 */
static void wrong_direction_is_reported(struct kunit *test)
{
	u8 old = KfRaiseIrql(NTS_DISPATCH_LEVEL);

	KUNIT_EXPECT_EQ(test, KfRaiseIrql(NTS_APC_LEVEL), NTS_DISPATCH_LEVEL);
	KeLowerIrql(NTS_HIGH_LEVEL);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_DISPATCH_LEVEL);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("I-RL-01", 0x9, 0), 1);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("I-RL-03", 0xa, 0), 1);
}

/* Shows: I-RL-06, I-CTX-09, V-07 */
static void lowering_what_others_raised_is_reported(struct kunit *test)
{
	local_bh_disable();
	KeLowerIrql(NTS_PASSIVE_LEVEL);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_DISPATCH_LEVEL);
	local_bh_enable();
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("I-RL-06", 0xc4, 0x31), 1);
}

/* Shows: I-LVL-01, I-LVL-03 */
static void level_above_the_highest_is_reported(struct kunit *test)
{
	u8 old = KfRaiseIrql(16);
	u8 level = KeGetCurrentIrql();
	u8 lowered;

	KeLowerIrql(17);
	lowered = KeGetCurrentIrql();
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, level, NTS_HIGH_LEVEL);
	KUNIT_EXPECT_EQ(test, lowered, NTS_HIGH_LEVEL);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("I-LVL-03"), 2);
}

/* Shows: I-LVL-04 */
static void apc_level_moves_with_its_thread(struct kunit *test)
{
	unsigned int cpu, moves = 0, kept = 0;
	u8 old = KfRaiseIrql(NTS_APC_LEVEL);

	for_each_online_cpu(cpu) {
		set_cpus_allowed_ptr(current, cpumask_of(cpu));
		moves += raw_smp_processor_id() == cpu;
		kept += KeGetCurrentIrql() == NTS_APC_LEVEL;
	}
	set_cpus_allowed_ptr(current, cpu_possible_mask);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, moves, num_online_cpus());
	KUNIT_EXPECT_EQ(test, kept, num_online_cpus());
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
}

/* Shows: I-LVL-04, I-CTX-02 */
static void apc_level_stays_with_a_sleeping_thread(struct kunit *test)
{
	struct completion never;
	u8 old = KfRaiseIrql(NTS_APC_LEVEL);

	init_completion(&never);
	wait_for_completion_timeout(&never, 2);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_APC_LEVEL);
	KeLowerIrql(old);
	KUNIT_EXPECT_EQ(test, KeGetCurrentIrql(), NTS_PASSIVE_LEVEL);
}

static struct kunit_case irql_cases[] = {
	KUNIT_CASE(level_follows_the_context),
	KUNIT_CASE(foreign_preempt_disable_is_dispatch_level),
	KUNIT_CASE(hard_interrupt_is_a_device_level),
	KUNIT_CASE(all_device_levels_mask_alike),
	KUNIT_CASE(raise_and_lower_nest),
	KUNIT_CASE(one_raise_may_be_lowered_in_steps),
	KUNIT_CASE(strict_mode_wants_each_raise_undone),
	KUNIT_CASE(lower_runs_queued_dpc),
	KUNIT_CASE(dpc_queued_at_device_level_runs_after_lowering),
	KUNIT_CASE(foreign_disable_is_left_alone),
	KUNIT_CASE(wrong_direction_is_reported),
	KUNIT_CASE(lowering_what_others_raised_is_reported),
	KUNIT_CASE(level_above_the_highest_is_reported),
	KUNIT_CASE(apc_level_moves_with_its_thread),
	KUNIT_CASE(apc_level_stays_with_a_sleeping_thread),
	{}
};

static struct kunit_suite irql_suite = {
	.name = "ntshim_irql",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = irql_cases,
};

kunit_test_suite(irql_suite);
