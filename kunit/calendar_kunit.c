// SPDX-License-Identifier: GPL-2.0
/*
 * System time as dates and as seconds.
 */

#include "../shim/compat.h"

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../shim/rtl_api.h"
#include "helpers.h"
#include "ported/ported.h"

#define UNIX_EPOCH_SEC 11644473600LL
#define UNTOUCHED 0x5a5a5a5a

/**
 * struct instant - an instant and its date
 * @time: units of 100 ns since 1601
 * @fields: as they must be
 */
struct instant {
	s64 time;
	struct nts_time_fields fields;
};

static const struct instant instants[] = {
	{ 0, { 1601, 1, 1, 0, 0, 0, 0, 1 } },
	{ 9999, { 1601, 1, 1, 0, 0, 0, 0, 1 } },
	{ 10000, { 1601, 1, 1, 0, 0, 0, 1, 1 } },
	{ UNIX_EPOCH_SEC * UNITS_PER_SEC - 1,
	  { 1969, 12, 31, 23, 59, 59, 999, 3 } },
	{ UNIX_EPOCH_SEC * UNITS_PER_SEC, { 1970, 1, 1, 0, 0, 0, 0, 4 } },
	{ (UNIX_EPOCH_SEC + 951782400) * UNITS_PER_SEC,
	  { 2000, 2, 29, 0, 0, 0, 0, 2 } },
	{ (UNIX_EPOCH_SEC + 2147483647) * UNITS_PER_SEC,
	  { 2038, 1, 19, 3, 14, 7, 0, 2 } },
	{ S64_MAX, { 30828, 9, 14, 2, 48, 5, 477, 4 } },
};

static void expect_fields(struct kunit *test, const struct instant *instant)
{
	const struct nts_time_fields *expected = &instant->fields;
	struct nts_time_fields fields;

	RtlTimeToTimeFields(&instant->time, &fields);
	KUNIT_EXPECT_EQ(test, fields.year, expected->year);
	KUNIT_EXPECT_EQ(test, fields.month, expected->month);
	KUNIT_EXPECT_EQ(test, fields.day, expected->day);
	KUNIT_EXPECT_EQ(test, fields.hour, expected->hour);
	KUNIT_EXPECT_EQ(test, fields.minute, expected->minute);
	KUNIT_EXPECT_EQ(test, fields.second, expected->second);
	KUNIT_EXPECT_EQ(test, fields.milliseconds, expected->milliseconds);
	KUNIT_EXPECT_EQ(test, fields.weekday, expected->weekday);
}

/* Shows: TM-070 */
static void known_instants_have_their_fields(struct kunit *test)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(instants); i++)
		expect_fields(test, &instants[i]);
}

/* Shows: TM-073 */
static void negative_times_are_dates_before_1601(struct kunit *test)
{
	static const struct instant before[] = {
		{ -1, { 1600, 12, 31, 23, 59, 59, 999, 0 } },
		{ -10000, { 1600, 12, 31, 23, 59, 59, 999, 0 } },
		{ -10001, { 1600, 12, 31, 23, 59, 59, 998, 0 } },
		{ S64_MIN, { -27627, 4, 19, 21, 11, 54, 522, 4 } },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(before); i++)
		expect_fields(test, &before[i]);
}

static s16 days_in(s16 year, s16 month)
{
	static const s16 days[] = { 31, 28, 31, 30, 31, 30,
				    31, 31, 30, 31, 30, 31 };
	bool is_leap = !(year % 4) && (year % 100 || !(year % 400));

	return days[month - 1] + (month == 2 && is_leap);
}

static void to_next_day(struct nts_time_fields *date)
{
	date->weekday = (date->weekday + 1) % 7;
	if (++date->day <= days_in(date->year, date->month))
		return;
	date->day = 1;
	if (++date->month <= 12)
		return;
	date->month = 1;
	date->year++;
}

/* Shows: TM-070 */
static void every_day_has_its_fields(struct kunit *test)
{
	struct nts_time_fields date = instants[0].fields, fields;
	unsigned int wrong = 0;
	s64 time, back;

	for (time = 0; date.year < 2500; time += 86400 * UNITS_PER_SEC) {
		RtlTimeToTimeFields(&time, &fields);
		wrong += !!memcmp(&fields, &date, sizeof(date));
		wrong += !RtlTimeFieldsToTime(&date, &back) || back != time;
		to_next_day(&date);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
}

/* Shows: TM-070 */
static void dates_give_their_instants(struct kunit *test)
{
	struct nts_time_fields last = { 30827, 12, 31, 23, 59, 59, 999, 0 };
	struct nts_time_fields fields;
	unsigned int i;
	s64 time;

	for (i = 0; i < ARRAY_SIZE(instants) - 1; i++) {
		fields = instants[i].fields;
		fields.weekday = -1;
		KUNIT_EXPECT_EQ(test, RtlTimeFieldsToTime(&fields, &time), 1);
		KUNIT_EXPECT_EQ(test, time,
				instants[i].time - instants[i].time % 10000);
	}
	KUNIT_EXPECT_EQ(test, RtlTimeFieldsToTime(&last, &time), 1);
	RtlTimeToTimeFields(&time, &fields);
	KUNIT_EXPECT_EQ(test, fields.year, 30827);
	KUNIT_EXPECT_EQ(test, fields.day, 31);
	KUNIT_EXPECT_EQ(test, fields.milliseconds, 999);
}

/* Shows: TM-071 */
static void what_is_no_date_is_refused(struct kunit *test)
{
	static const struct nts_time_fields none[] = {
		{ 1600, 12, 31, 0, 0, 0, 0, 0 },
		{ 30828, 1, 1, 0, 0, 0, 0, 0 },
		{ -1, 1, 1, 0, 0, 0, 0, 0 },
		{ 2000, 0, 1, 0, 0, 0, 0, 0 },
		{ 2000, 13, 1, 0, 0, 0, 0, 0 },
		{ 2000, 1, 0, 0, 0, 0, 0, 0 },
		{ 2000, 1, 32, 0, 0, 0, 0, 0 },
		{ 2000, 4, 31, 0, 0, 0, 0, 0 },
		{ 2000, 2, 30, 0, 0, 0, 0, 0 },
		{ 2001, 2, 29, 0, 0, 0, 0, 0 },
		{ 1900, 2, 29, 0, 0, 0, 0, 0 },
		{ 2000, 1, 1, -1, 0, 0, 0, 0 },
		{ 2000, 1, 1, 24, 0, 0, 0, 0 },
		{ 2000, 1, 1, 0, 60, 0, 0, 0 },
		{ 2000, 1, 1, 0, -1, 0, 0, 0 },
		{ 2000, 1, 1, 0, 0, 60, 0, 0 },
		{ 2000, 1, 1, 0, 0, -1, 0, 0 },
		{ 2000, 1, 1, 0, 0, 0, 1000, 0 },
		{ 2000, 1, 1, 0, 0, 0, -1, 0 },
	};
	s64 time = UNTOUCHED;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(none); i++) {
		KUNIT_EXPECT_EQ_MSG(test, RtlTimeFieldsToTime(&none[i], &time),
				    0, "date %u", i);
		KUNIT_EXPECT_EQ(test, time, UNTOUCHED);
	}
}

static void expect_reach(struct kunit *test, u32 from_1970_sec,
			 u8 (*since)(const s64 *time, u32 *elapsed),
			 void (*from)(u32 elapsed, s64 *time))
{
	static const u32 elapsed[] = { 0, 1, 2147483648u, U32_MAX };
	const s64 epoch_sec = UNIX_EPOCH_SEC + from_1970_sec;
	unsigned int i;
	u32 seconds;
	s64 time;

	for (i = 0; i < ARRAY_SIZE(elapsed); i++) {
		from(elapsed[i], &time);
		KUNIT_EXPECT_EQ(test, time,
				(epoch_sec + elapsed[i]) * UNITS_PER_SEC);
		time += UNITS_PER_SEC - 1;
		KUNIT_EXPECT_EQ(test, since(&time, &seconds), 1);
		KUNIT_EXPECT_EQ(test, seconds, elapsed[i]);
	}
	seconds = UNTOUCHED;
	time++;
	KUNIT_EXPECT_EQ(test, since(&time, &seconds), 0);
	time = epoch_sec * UNITS_PER_SEC - 1;
	KUNIT_EXPECT_EQ(test, since(&time, &seconds), 0);
	time = S64_MIN;
	KUNIT_EXPECT_EQ(test, since(&time, &seconds), 0);
	KUNIT_EXPECT_EQ(test, seconds, UNTOUCHED);
}

/* Shows: TM-072 */
static void seconds_reach_what_32_bits_do(struct kunit *test)
{
	expect_reach(test, 0, RtlTimeToSecondsSince1970,
		     RtlSecondsSince1970ToTime);
	expect_reach(test, 315532800, RtlTimeToSecondsSince1980,
		     RtlSecondsSince1980ToTime);
}

/* Shows: TM-070, TM-072 */
static void sources_call_the_calendar(struct kunit *test)
{
	nts_test_expect_all(test, CalendarCallsInC());
	nts_test_expect_all(test, CalendarCallsInCxx());
}

static struct kunit_case calendar_cases[] = {
	KUNIT_CASE(known_instants_have_their_fields),
	KUNIT_CASE(negative_times_are_dates_before_1601),
	KUNIT_CASE(every_day_has_its_fields),
	KUNIT_CASE(dates_give_their_instants),
	KUNIT_CASE(what_is_no_date_is_refused),
	KUNIT_CASE(seconds_reach_what_32_bits_do),
	KUNIT_CASE(sources_call_the_calendar),
	{}
};

static struct kunit_suite calendar_suite = {
	.name = "ntshim_calendar",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = calendar_cases,
};

kunit_test_suite(calendar_suite);
