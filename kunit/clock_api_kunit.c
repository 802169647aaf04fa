// SPDX-License-Identifier: GPL-2.0
/*
 * Conversions against a model in 128-bit integers and a calendar, and the time
 * queries against the Linux clocks.
 */

#include "../shim/compat.h"

#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/timekeeping.h>

#include "../shim/nt_api.h"
#include "../shim/verifier.h"
#include "helpers.h"

/* What the kernel's clocks can count to, by their own definition. */
#define MODEL_REACH_NS ((__int128)S64_MAX)
#define MODEL_EPOCH_100NS ((__int128)11644473600LL * 10000000)

/* The rules in plain arithmetic: nothing wraps, nothing saturates. */
static struct nts_due model_due(s64 due_100ns, u64 mono_ns)
{
	struct nts_due never = { NTS_DUE_NEVER, U64_MAX };
	__int128 ns;

	if (due_100ns < 0) {
		ns = -(__int128)due_100ns * 100;
		if (ns > MODEL_REACH_NS || ns + mono_ns > MODEL_REACH_NS)
			return never;
		return (struct nts_due){ NTS_DUE_MONO, ns + mono_ns };
	}
	ns = ((__int128)due_100ns - MODEL_EPOCH_100NS) * 100;
	if (ns <= 0)
		return (struct nts_due){ NTS_DUE_PAST, 0 };
	if (ns > MODEL_REACH_NS)
		return never;
	return (struct nts_due){ NTS_DUE_REAL, ns };
}

static void expect_due(struct kunit *test, s64 due_100ns, u64 mono_ns)
{
	struct nts_due due = nts_due_from_nt(due_100ns, mono_ns);
	struct nts_due model = model_due(due_100ns, mono_ns);

	KUNIT_EXPECT_EQ_MSG(test, due.kind, model.kind, "%lld at %llu",
			    due_100ns, mono_ns);
	KUNIT_EXPECT_EQ_MSG(test, due.ns, model.ns, "%lld at %llu", due_100ns,
			    mono_ns);
}

/* Shows: KT-022, KT-026, KT-027 */
static void due_matches_model(struct kunit *test)
{
	static const s64 dues[] = {
		-1,
		-2,
		-10000000,
		-92233720368547757,
		-92233720368547758,
		-92233720368547759,
		S64_MIN + 1,
		S64_MIN,
		0,
		1,
		116444735999999999,
		116444736000000000,
		116444736000000001,
		132223104000000000,
		208678456368547757,
		208678456368547758,
		208678456368547759,
		S64_MAX,
	};
	static const u64 monos[] = {
		0, 1, 99, 3600000000000, S64_MAX - 100, S64_MAX - 99, S64_MAX,
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(dues); i++)
		for (j = 0; j < ARRAY_SIZE(monos); j++)
			expect_due(test, dues[i], monos[j]);
}

/* Shows: KT-026, KT-027 */
static void due_at_the_limits_is_exact(struct kunit *test)
{
	struct nts_due due;

	due = nts_due_from_nt(-92233720368547758, 0);
	KUNIT_EXPECT_EQ(test, due.kind, NTS_DUE_MONO);
	KUNIT_EXPECT_EQ(test, due.ns, 9223372036854775800ULL);
	due = nts_due_from_nt(-92233720368547759, 0);
	KUNIT_EXPECT_EQ(test, due.kind, NTS_DUE_NEVER);
	due = nts_due_from_nt(208678456368547758, 0);
	KUNIT_EXPECT_EQ(test, due.kind, NTS_DUE_REAL);
	KUNIT_EXPECT_EQ(test, due.ns, 9223372036854775800ULL);
	due = nts_due_from_nt(208678456368547759, 0);
	KUNIT_EXPECT_EQ(test, due.kind, NTS_DUE_NEVER);
}

/* Shows: KT-026, KT-027 */
static void due_random_matches_model(struct kunit *test)
{
	struct rnd_state state;
	unsigned int i;
	u64 value;

	prandom_seed_state(&state, 20200101);
	for (i = 0; i < 20000; i++) {
		value = (u64)prandom_u32_state(&state) << 32 |
			prandom_u32_state(&state);
		/* All magnitudes alike. */
		expect_due(test, (s64)value >> (i % 64),
			   (value * 0x9e3779b97f4a7c15ULL) >> (1 + i % 63));
	}
}

static bool is_leap(unsigned int year)
{
	return (year % 4 == 0 && year % 100) || year % 400 == 0;
}

/* Units of 100 ns from 1601 to the first of January of @year. */
static s64 model_systime(unsigned int year)
{
	s64 days = 0;
	unsigned int y;

	for (y = 1601; y < year; y++)
		days += is_leap(y) ? 366 : 365;
	return days * 86400 * 10000000;
}

/* Shows: TM-001, TM-002, TM-009 */
static void system_time_matches_calendar(struct kunit *test)
{
	static const struct {
		unsigned int year;
		u64 unix_seconds;
	} rows[] = {
		{ 1970, 0 },	      { 1980, 315532800 },
		{ 2000, 946684800 },  { 2020, 1577836800 },
		{ 2038, 2145916800 }, { 2262, 9214646400 },
	};
	unsigned int i;
	s64 systime;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		systime = nts_systime_from_real(rows[i].unix_seconds *
						NSEC_PER_SEC);
		KUNIT_EXPECT_EQ_MSG(test, systime, model_systime(rows[i].year),
				    "year %u", rows[i].year);
	}
	KUNIT_EXPECT_EQ(test, nts_systime_from_real(199), NTS_EPOCH_100NS + 1);
}

/* Shows: TM-002 */
static void conversions_saturate(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, nts_ns_from_100ns(U64_MAX / 100),
			U64_MAX / 100 * 100);
	KUNIT_EXPECT_EQ(test, nts_ns_from_100ns(U64_MAX / 100 + 1), U64_MAX);
	KUNIT_EXPECT_EQ(test, nts_ns_from_ms(U32_MAX), 4294967295000000ULL);
	KUNIT_EXPECT_EQ(test, nts_100ns_from_ns(U64_MAX), U64_MAX / 100);
}

/* Shows: TM-090 */
static void both_clocks_are_read_at_once(struct kunit *test)
{
	s64 offset = ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_REAL));
	struct nts_now now;
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		now = nts_clock_read();
		KUNIT_EXPECT_EQ(test, now.real_ns - now.mono_ns, offset);
	}
}

/* Shows: TM-003, TM-004 */
static void system_time_is_precise(struct kunit *test)
{
	s64 before, plain, precise, after;

	before = nts_systime_from_real(ktime_get_real_ns());
	KeQuerySystemTime(&plain);
	KeQuerySystemTimePrecise(&precise);
	after = nts_systime_from_real(ktime_get_real_ns());
	KUNIT_EXPECT_LE(test, before, plain);
	KUNIT_EXPECT_LE(test, plain, precise);
	KUNIT_EXPECT_LE(test, precise, after);
}

/* Shows: TM-010, TM-011, TM-012, TM-015 */
static void interrupt_times_agree(struct kunit *test)
{
	u64 sleep_ns = ktime_to_ns(ktime_mono_to_any(0, TK_OFFS_BOOT));
	u64 unbiased, biased, precise, limit;

	unbiased = KeQueryUnbiasedInterruptTime();
	biased = KeQueryInterruptTime();
	precise = KeQueryInterruptTimePrecise(NULL);
	limit = div_u64(ktime_get_boottime_ns(), 100);
	KUNIT_EXPECT_LE(test, unbiased + div_u64(sleep_ns, 100), biased);
	KUNIT_EXPECT_LE(test, biased, precise);
	KUNIT_EXPECT_LE(test, precise, limit);
}

/* Shows: TM-013, TM-014, TM-016 */
static void precise_times_store_their_counter(struct kunit *test)
{
	u64 bias = nts_100ns_from_ns(ktime_mono_to_any(0, TK_OFFS_BOOT));
	u64 counter = 0;
	u64 time = KeQueryInterruptTimePrecise(&counter);

	KUNIT_EXPECT_EQ(test, counter, time);
	time = KeQueryUnbiasedInterruptTimePrecise(&counter);
	/* After a sleep, rounding each of them down may make one unit. */
	KUNIT_EXPECT_LE(test, counter - time - bias, bias != 0);
	KUNIT_EXPECT_LE(test, counter, KeQueryInterruptTime());
	KUNIT_EXPECT_NE(test, KeQueryUnbiasedInterruptTimePrecise(NULL), 0);
}

/* Shows: TM-020, TM-021, TM-022 */
static void tick_count_times_increment_is_elapsed_time(struct kunit *test)
{
	u32 increment = KeQueryTimeIncrement();
	s64 before, ticks, after;

	KUNIT_EXPECT_EQ(test, increment, nts_clock_tick_max());
	before = KeQueryUnbiasedInterruptTime();
	KeQueryTickCount(&ticks);
	after = KeQueryUnbiasedInterruptTime();
	KUNIT_EXPECT_GT(test, (ticks + 1) * increment, before);
	KUNIT_EXPECT_LE(test, ticks * increment, after);
}

/* Shows: TM-040, TM-043 */
static void performance_counter_is_interrupt_time(struct kunit *test)
{
	s64 frequency = 0;
	u64 before = KeQueryInterruptTime();
	s64 counter = KeQueryPerformanceCounter(&frequency);

	KUNIT_EXPECT_EQ(test, frequency, 10000000);
	KUNIT_EXPECT_LE(test, before, (u64)counter);
	KUNIT_EXPECT_LE(test, counter, KeQueryPerformanceCounter(NULL));
}

/* Shows: TM-045 */
static void auxiliary_counter_is_not_supported(struct kunit *test)
{
	u64 frequency = 1;

	KUNIT_EXPECT_EQ(test, KeQueryAuxiliaryCounterFrequency(&frequency),
			(s32)0xc00000bb);
	KUNIT_EXPECT_EQ(test, frequency, 1);
}

/* What the verifier notes, if it is on: it changes no stall. */
static void expect_stall(struct kunit *test, u32 microseconds)
{
	bool noted = nts_verifier_mode() != NTS_VERIFIER_OFF &&
		     microseconds > 1000;
	u64 start = ktime_get_ns();

	KeStallExecutionProcessor(microseconds);
	KUNIT_EXPECT_GE_MSG(test, ktime_get_ns() - start,
			    (u64)microseconds * 1000, "%u us", microseconds);
	KUNIT_EXPECT_EQ_MSG(test, nts_test_take_findings("TM-056"), noted,
			    "%u us", microseconds);
}

/* Shows: TM-056 */
static void stall_lasts_long_enough(struct kunit *test)
{
	expect_stall(test, 0);
	expect_stall(test, 1);
	expect_stall(test, 50);
	expect_stall(test, 1000);
	expect_stall(test, 3500);
	expect_stall(test, 50000);
}

/* Shows: TM-056, TM-085 */
static void verifier_changes_no_stall(struct kunit *test)
{
	enum nts_verifier_mode mode = nts_verifier_mode();

	nts_verifier_switch(NTS_VERIFIER_OFF);
	stall_lasts_long_enough(test);
	nts_verifier_switch(NTS_VERIFIER_ON);
	stall_lasts_long_enough(test);
	nts_verifier_switch(mode);
}

static struct kunit_case clock_cases[] = {
	KUNIT_CASE(due_matches_model),
	KUNIT_CASE(due_at_the_limits_is_exact),
	KUNIT_CASE(due_random_matches_model),
	KUNIT_CASE(system_time_matches_calendar),
	KUNIT_CASE(conversions_saturate),
	KUNIT_CASE(both_clocks_are_read_at_once),
	KUNIT_CASE(system_time_is_precise),
	KUNIT_CASE(interrupt_times_agree),
	KUNIT_CASE(precise_times_store_their_counter),
	KUNIT_CASE(tick_count_times_increment_is_elapsed_time),
	KUNIT_CASE(performance_counter_is_interrupt_time),
	KUNIT_CASE(auxiliary_counter_is_not_supported),
	KUNIT_CASE(stall_lasts_long_enough),
	KUNIT_CASE(verifier_changes_no_stall),
	{}
};

static struct kunit_suite clock_suite = {
	.name = "ntshim_clock",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = clock_cases,
};

kunit_test_suite(clock_suite);
