// SPDX-License-Identifier: GPL-2.0
/*
 * Choosing random calls, printing and counting them.
 */

#include "../shim/compat.h"

#include <linux/limits.h>
#include <linux/prandom.h>

#include "model_run.h"

#define NS_PER_DAY (24LL * 3600 * NSEC_PER_SEC)
#define NS_PER_YEAR (365 * NS_PER_DAY)
#define UNITS_PER_YEAR (NS_PER_YEAR / 100)

/* What a clock of nanoseconds can reach, in the API's units. */
#define REACH_100NS (S64_MAX / 100)
#define EPOCH_100NS (11644473600LL * 10000000)

/* How often each kind is chosen. */
static const struct {
	const char *name;
	unsigned int weight;
} kinds[MODEL_KINDS] = {
	[MODEL_INIT] = { "init", 20 },
	[MODEL_SET_RELATIVE] = { "set relative", 200 },
	[MODEL_SET_ABSOLUTE] = { "set absolute", 100 },
	[MODEL_SET_EXTREME] = { "set extreme", 40 },
	[MODEL_CANCEL] = { "cancel", 60 },
	[MODEL_READ] = { "read", 20 },
	[MODEL_POLL] = { "poll", 60 },
	[MODEL_WAIT] = { "wait", 100 },
	[MODEL_UNWAIT] = { "give up wait", 20 },
	[MODEL_INSERT_DPC] = { "insert DPC", 20 },
	[MODEL_REMOVE_DPC] = { "remove DPC", 20 },
	[MODEL_HOLD_DPCS] = { "hold DPCs", 10 },
	[MODEL_LET_DPCS_RUN] = { "let DPCs run", 40 },
	[MODEL_TICK_REQUEST] = { "request tick", 8 },
	[MODEL_TICK_RELEASE] = { "release tick", 10 },
	[MODEL_PASS_NOTHING] = { "pass nothing", 10 },
	[MODEL_PASS_1NS] = { "pass 1 ns", 10 },
	[MODEL_PASS_TO_DUE] = { "pass to due time", 120 },
	[MODEL_PASS_PERIOD] = { "pass a period", 40 },
	[MODEL_PASS_SHORT] = { "pass milliseconds", 60 },
	[MODEL_PASS_LONG] = { "pass hours", 10 },
	[MODEL_PASS_YEARS] = { "pass years", 1 },
	[MODEL_STEP_FORWARD] = { "set clock forward", 10 },
	[MODEL_STEP_BACK] = { "set clock back", 10 },
};

static const char *const states[MODEL_STATES] = {
	[MODEL_IDLE] = "idle",
	[MODEL_IDLE_WAITED] = "idle, waited for",
	[MODEL_IDLE_SIGNALED] = "idle, signaled",
	[MODEL_ARMED] = "armed",
	[MODEL_ARMED_WAITED] = "armed, waited for",
	[MODEL_PERIODIC] = "periodic",
	[MODEL_PERIODIC_WAITED] = "periodic, waited for",
	[MODEL_PERIODIC_SIGNALED] = "periodic, signaled",
};

static u32 below(struct rnd_state *random, u32 limit)
{
	return prandom_u32_state(random) % limit;
}

static s64 below64(struct rnd_state *random, s64 limit)
{
	u64 high = prandom_u32_state(random);

	return (high << 32 | prandom_u32_state(random)) % (u64)limit;
}

static enum model_kind choose_kind(struct rnd_state *random)
{
	unsigned int total = 0, kind;

	for (kind = 0; kind < MODEL_KINDS; kind++)
		total += kinds[kind].weight;
	total = below(random, total);
	for (kind = 0; total >= kinds[kind].weight; kind++)
		total -= kinds[kind].weight;
	return kind;
}

/* Somewhere between 1 and a thing that is 10^0 to 10^6 times as long. */
static s64 some_length(struct rnd_state *random, s64 unit)
{
	static const u32 scales[] = { 1, 10, 100, 1000, 10000, 100000, 1000000 };
	u32 scale = scales[below(random, ARRAY_SIZE(scales))];

	return 1 + below64(random, unit * scale);
}

static s64 extreme(struct rnd_state *random)
{
	static const s64 values[] = {
		0,
		1,
		-1,
		-2,
		S64_MIN,
		S64_MIN + 1,
		S64_MAX,
		S64_MAX - 1,
		-REACH_100NS,
		-REACH_100NS - 1,
		EPOCH_100NS - 1,
		EPOCH_100NS,
		EPOCH_100NS + 1,
		EPOCH_100NS + REACH_100NS,
		EPOCH_100NS + REACH_100NS + 1,
	};

	return values[below(random, ARRAY_SIZE(values))];
}

static s64 choose_due(struct model_op *op, struct rnd_state *random)
{
	switch (op->kind) {
	case MODEL_SET_EXTREME:
		return extreme(random);
	case MODEL_SET_ABSOLUTE:
		/* More often soon than past. */
		return (below(random, 4) ? 1 : -1) * some_length(random, 10000);
	default:
		if (!below(random, 20))
			return -below64(random, 300 * UNITS_PER_YEAR) - 1;
		return -some_length(random, 1000);
	}
}

static void choose_set(struct model_op *op, struct rnd_state *random,
		       const struct model_config *config)
{
	static const u32 longest_ms[] = { 5, 50, 50, 1000, 1000, S32_MAX };

	op->time = choose_due(op, random);
	if (below(random, 2))
		op->period_ms = 1 + below(random, longest_ms[below(random, 6)]);
	if (!below(random, 4))
		op->tolerance_ms = 1 +
				   below(random, longest_ms[below(random, 6)]);
	if (below(random, 4))
		op->dpc = below(random, config->dpcs);
}

static s64 choose_step(struct rnd_state *random)
{
	if (!below(random, 10))
		return below64(random, 10 * NS_PER_YEAR);
	return some_length(random, NSEC_PER_SEC / 10);
}

static s64 choose_time(struct model_op *op, struct rnd_state *random)
{
	switch (op->kind) {
	case MODEL_TICK_REQUEST:
		return below(random, 4) ? below(random, 200000) :
					  below64(random, U32_MAX);
	case MODEL_PASS_1NS:
		return 1;
	case MODEL_PASS_TO_DUE:
	case MODEL_PASS_PERIOD:
		return (s64)below(random, 3) - 1;
	case MODEL_PASS_SHORT:
		return below64(random, 100 * NSEC_PER_MSEC);
	case MODEL_PASS_LONG:
		return below64(random, NS_PER_DAY);
	case MODEL_PASS_YEARS:
		return NS_PER_YEAR + below64(random, NS_PER_YEAR);
	case MODEL_STEP_FORWARD:
		return choose_step(random);
	case MODEL_STEP_BACK:
		return -choose_step(random);
	default:
		return 0;
	}
}

/**
 * model_choose() - a random call
 * @op: receives it
 * @random: where from
 * @config: what it is for
 */
void model_choose(struct model_op *op, struct rnd_state *random,
		  const struct model_config *config)
{
	*op = (struct model_op){
		.kind = choose_kind(random),
		.timer = below(random, config->timers),
		.dpc = MODEL_NO_DPC,
		.pick = below(random, 256),
	};
	switch (op->kind) {
	case MODEL_SET_RELATIVE:
	case MODEL_SET_ABSOLUTE:
	case MODEL_SET_EXTREME:
		choose_set(op, random, config);
		break;
	case MODEL_INSERT_DPC:
	case MODEL_REMOVE_DPC:
		op->dpc = below(random, config->dpcs);
		op->time = below64(random, S64_MAX);
		break;
	default:
		op->time = choose_time(op, random);
	}
}

/**
 * model_print_problem() - what model and library disagree about
 * @test: for whom
 * @run: after a replay
 */
void model_print_problem(struct kunit *test, const struct model_run *run)
{
	if (run->problem)
		kunit_info(test, "then: %s (%u) should be %lld and is %lld\n",
			   run->problem, run->at, run->want, run->got);
	else
		kunit_info(test, "then: they agree this time\n");
}

/**
 * model_print() - what a sequence does and how it ends
 * @test: for whom
 * @run: after a replay of it
 * @ops: the calls
 * @count: how many
 */
void model_print(struct kunit *test, const struct model_run *run,
		 const struct model_op *ops, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		kunit_info(test,
			   "%u: %s, timer %u, time %lld, period %u ms, tolerance %u ms, DPC %d, pick %u\n",
			   i, kinds[ops[i].kind].name, ops[i].timer,
			   ops[i].time, ops[i].period_ms, ops[i].tolerance_ms,
			   ops[i].dpc, ops[i].pick);
	model_print_problem(test, run);
}

/* Nobody may initialise what is waited for, or end a wait that is not. */
static bool can_be(const struct model_run *run, enum model_kind kind,
		   enum model_state state)
{
	if (kind == MODEL_PASS_YEARS && run->target->no_years)
		return false;
	if (kind >= MODEL_TIMER_KINDS)
		return state == MODEL_IDLE;
	if (kind == MODEL_INIT)
		return state != MODEL_IDLE_WAITED;
	if (kind == MODEL_UNWAIT)
		return state == MODEL_IDLE_WAITED ||
		       state == MODEL_ARMED_WAITED ||
		       state == MODEL_PERIODIC_WAITED;
	return true;
}

/**
 * model_all_counted() - print how often which call was made in which state
 * @test: for whom
 * @run: after the last sequence
 *
 * Return: whether each call was made in each state in which it can be made.
 */
bool model_all_counted(struct kunit *test, const struct model_run *run)
{
	bool all = true;
	unsigned int kind, state;

	for (kind = 0; kind < MODEL_KINDS; kind++) {
		for (state = 0; state < MODEL_STATES; state++) {
			if (!can_be(run, kind, state))
				continue;
			kunit_info(test, "%8llu %s%s%s\n",
				   run->count[kind][state], kinds[kind].name,
				   kind < MODEL_TIMER_KINDS ? ", " : "",
				   kind < MODEL_TIMER_KINDS ? states[state] :
							      "");
			all &= run->count[kind][state] > 0;
		}
	}
	return all;
}
