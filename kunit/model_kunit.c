// SPDX-License-Identifier: GPL-2.0
/*
 * Random calls on 8 to 64 timers with 1 to 8 shared DPCs, compared with a
 * model. A disagreement is shrunk to the calls that matter before it is
 * printed. That this works is shown with models that are wrong on purpose.
 */

#include "../shim/compat.h"

#include <linux/module.h>
#include <linux/prandom.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/vmalloc.h>

#include "model_run.h"

/* The most calls that a shrunk sequence may have. */
#define FEW_CALLS 10

/* Sequences in which a wrong model must be found out. */
#define TRIES 200

static ulong model_seed;
module_param(model_seed, ulong, 0444);
MODULE_PARM_DESC(model_seed,
		 "Seed of the random test (default 0: another each time)");

static uint model_ops = 50000;
module_param(model_ops, uint, 0444);
MODULE_PARM_DESC(model_ops, "Calls of each random test (default 50000)");

static uint model_days = 6;
module_param(model_days, uint, 0444);
MODULE_PARM_DESC(model_days,
		 "Days that pass in simulated time, at most 390: a year takes a minute (default 6)");

#define DAY_S 86400

/**
 * struct trial - memory of a random test
 * @run: the sequence in progress
 * @config: what it runs on
 * @random: where the calls come from
 * @seed: what @random began with
 * @ops: the calls of one sequence, and room to shrink them
 */
struct trial {
	struct model_run run;
	struct model_config config;
	struct rnd_state random;
	u64 seed;
	struct model_op ops[2 * MODEL_SEQUENCE];
};

static void model_exit(struct kunit *test)
{
	vfree(test->priv);
	nts_test_take_findings("KT-016");
	nts_test_exit(test);
}

static struct trial *start_trial(struct kunit *test,
				 const struct model_target *target)
{
	struct trial *trial;

	/* The model says at which call of a sequence each of them runs. */
	if (IS_ENABLED(CONFIG_PREEMPT_RT))
		kunit_skip(test, "DISPATCH_LEVEL does not hold DPCs up");
	trial = vzalloc(sizeof(*trial));
	KUNIT_ASSERT_NOT_NULL(test, trial);
	test->priv = trial;
	trial->config.target = target;
	trial->seed = model_seed ? model_seed : get_random_u64();
	prandom_seed_state(&trial->random, trial->seed);
	kunit_info(test, "model_seed=%llu\n", trial->seed);
	return trial;
}

/* Makes one random sequence; returns at which call it failed, or -1. */
static int run_sequence(struct trial *trial)
{
	unsigned int i;

	trial->config.timers = 8 + prandom_u32_state(&trial->random) % 57;
	trial->config.dpcs = 1 + prandom_u32_state(&trial->random) % MODEL_DPCS;
	for (i = 0; i < MODEL_SEQUENCE; i++)
		model_choose(&trial->ops[i], &trial->random, &trial->config);
	return model_replay(&trial->run, &trial->config, trial->ops,
			    MODEL_SEQUENCE);
}

/* Shrinks a sequence that failed at a call; returns how many are left. */
static unsigned int shrink(struct kunit *test, int failed_at)
{
	struct trial *trial = test->priv;
	unsigned int left;

	kunit_info(test, "%u timers, %u DPCs, after %d calls:\n",
		   trial->config.timers, trial->config.dpcs, failed_at + 1);
	model_print_problem(test, &trial->run);
	left = model_shrink(&trial->run, &trial->config, trial->ops,
			    failed_at + 1);
	model_print(test, &trial->run, trial->ops, left);
	return left;
}

static void run_trial(struct kunit *test)
{
	struct trial *trial = test->priv;
	int failed_at;

	do {
		failed_at = run_sequence(trial);
		if (failed_at >= 0) {
			shrink(test, failed_at);
			KUNIT_FAIL(test, "model and library disagree");
			return;
		}
		cond_resched();
	} while (trial->run.made < model_ops);
	KUNIT_EXPECT_TRUE(test, model_all_counted(test, &trial->run));
}

/* Shows: KT-060, KT-110, KT-147, KT-126 */
static void shard_agrees_with_model(struct kunit *test)
{
	start_trial(test, &model_shard_target);
	run_trial(test);
}

/* Shows: TM-090, TM-092, KT-042, KT-047 */
static void api_agrees_with_model(struct kunit *test)
{
	struct trial *trial;
	int ret;

	if (!nts_test_time_is_simulated())
		kunit_skip(test, "needs simulated time");
	trial = start_trial(test, &model_api_target);
	ret = model_api_start(&trial->run);
	if (!ret)
		run_trial(test);
	model_api_stop();
	KUNIT_EXPECT_EQ(test, ret, 0);
}

/*
 * Each timer expires once within the days, by one clock or the other, and ends
 * a wait; returns the number of calls.
 */
static unsigned int choose_days(struct trial *trial)
{
	struct model_op *op = trial->ops;
	unsigned int i;
	s64 due_100ns;

	for (i = 0; i < trial->config.timers; i++) {
		due_100ns = prandom_u32_state(&trial->random) %
			    (model_days * DAY_S) * UNITS_PER_SEC;
		*op++ = (struct model_op){
			.kind = i % 2 ? MODEL_SET_ABSOLUTE : MODEL_SET_RELATIVE,
			.timer = i,
			.dpc = i % trial->config.dpcs,
			.time = i % 2 ? due_100ns : -due_100ns - 1,
		};
		*op++ = (struct model_op){ .kind = MODEL_WAIT, .timer = i };
	}
	for (i = 0; i < 2; i++)
		*op++ = (struct model_op){
			.kind = MODEL_PASS_YEARS,
			.time = (s64)(model_days + 1) * DAY_S / 2 *
				NSEC_PER_SEC,
		};
	return op - trial->ops;
}

static void replay_days(struct kunit *test, struct trial *trial)
{
	unsigned int count = choose_days(trial), i;

	KUNIT_EXPECT_EQ(test,
			model_replay(&trial->run, &trial->config, trial->ops,
				     count),
			-1);
	if (trial->run.problem)
		model_print_problem(test, &trial->run);
	for (i = 0; i < trial->config.timers; i++)
		KUNIT_EXPECT_EQ(test, trial->run.model.timers[i].armed, 0);
}

/* Shows: TM-092, KT-042 */
static void api_agrees_over_days_and_years(struct kunit *test)
{
	struct trial *trial;
	int ret;

	if (!nts_test_time_is_simulated())
		kunit_skip(test, "needs simulated time");
	KUNIT_ASSERT_LE(test, model_days, 390);
	trial = start_trial(test, &model_api_years_target);
	trial->config.timers = MODEL_TIMERS;
	trial->config.dpcs = MODEL_DPCS;
	ret = model_api_start(&trial->run);
	if (!ret)
		replay_days(test, trial);
	model_api_stop();
	KUNIT_EXPECT_EQ(test, ret, 0);
}

static void find_fault(struct kunit *test, enum model_fault fault)
{
	struct trial *trial = test->priv;
	unsigned int tries = 0;
	int failed_at = -1;

	trial->config.fault = fault;
	while (failed_at < 0 && tries++ < TRIES)
		failed_at = run_sequence(trial);
	KUNIT_ASSERT_GE_MSG(test, failed_at, 0, "fault %d was not found",
			    fault);
	KUNIT_EXPECT_LE_MSG(test, shrink(test, failed_at), FEW_CALLS,
			    "fault %d", fault);
	KUNIT_EXPECT_NOT_NULL(test, trial->run.problem);
}

/* A difference between library and model is found, and few calls show it. */
/* Shows: no rule */
static void wrong_model_is_found_and_shrunk(struct kunit *test)
{
	enum model_fault fault;

	start_trial(test, &model_shard_target);
	for (fault = MODEL_FAULTLESS + 1; fault < MODEL_FAULTS; fault++)
		find_fault(test, fault);
}

static struct kunit_case model_cases[] = {
	KUNIT_CASE(shard_agrees_with_model),
	KUNIT_CASE(api_agrees_with_model),
	KUNIT_CASE(api_agrees_over_days_and_years),
	KUNIT_CASE(wrong_model_is_found_and_shrunk),
	{}
};

static struct kunit_suite model_suite = {
	.name = "ntshim_model",
	.init = nts_test_init,
	.exit = model_exit,
	.test_cases = model_cases,
};

kunit_test_suite(model_suite);
