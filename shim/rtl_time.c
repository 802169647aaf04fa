// SPDX-License-Identifier: GPL-2.0
/*
 * Instants of system time as dates and as seconds. The calendar is the kernel's.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/time.h>

#include "clock.h"
#include "rtl_api.h"

#define UNITS_PER_SEC 10000000
#define UNITS_PER_MSEC 10000
#define YEAR_FIRST 1601
/* The last whole year of 63 bits. */
#define YEAR_LAST 30827

#define EPOCH_1970_SEC (NTS_EPOCH_100NS / UNITS_PER_SEC)
#define EPOCH_1980_SEC (EPOCH_1970_SEC + 315532800)

/* Rounds down; @rest_100ns is never negative. */
static s64 seconds_of(s64 time_100ns, s32 *rest_100ns)
{
	s64 seconds = div_s64_rem(time_100ns, UNITS_PER_SEC, rest_100ns);

	if (*rest_100ns >= 0)
		return seconds;
	*rest_100ns += UNITS_PER_SEC;
	return seconds - 1;
}

/**
 * RtlTimeToTimeFields() - an instant as a date
 * @time: units of 100 ns since 1601; negative: before it
 * @fields: receives the date in the Gregorian calendar and the weekday;
 *	milliseconds are rounded down
 *
 * No zone is applied: UTC in, UTC out.
 *
 * Context: any IRQL, any Linux context.
 * Source: RtlTimeToTimeFields function (wdm.h); TM-070, TM-073.
 * Test: ntshim_calendar:known_instants_have_their_fields
 */
void RtlTimeToTimeFields(const s64 *time, struct nts_time_fields *fields)
{
	struct tm tm;
	s32 rest;

	time64_to_tm(seconds_of(*time, &rest) - EPOCH_1970_SEC, 0, &tm);
	fields->year = tm.tm_year + 1900;
	fields->month = tm.tm_mon + 1;
	fields->day = tm.tm_mday;
	fields->hour = tm.tm_hour;
	fields->minute = tm.tm_min;
	fields->second = tm.tm_sec;
	fields->milliseconds = rest / UNITS_PER_MSEC;
	fields->weekday = tm.tm_wday;
}
EXPORT_SYMBOL_GPL(RtlTimeToTimeFields);

static bool within(s16 value, s16 least, s16 most)
{
	return value >= least && value <= most;
}

/* Whether every field has a value that it may have in some date. */
static bool are_plausible(const struct nts_time_fields *fields)
{
	return within(fields->year, YEAR_FIRST, YEAR_LAST) &&
	       within(fields->month, 1, 12) && within(fields->day, 1, 31) &&
	       within(fields->hour, 0, 23) && within(fields->minute, 0, 59) &&
	       within(fields->second, 0, 59) &&
	       within(fields->milliseconds, 0, 999);
}

/**
 * RtlTimeFieldsToTime() - a date as an instant
 * @fields: years 1601 to 30827; the weekday is not read
 * @time: receives units of 100 ns since 1601
 *
 * Context: any IRQL, any Linux context.
 * Return: 1, or 0 if the fields are no date; @time is unchanged then.
 * Source: RtlTimeFieldsToTime function (wdm.h); TM-070, TM-071.
 * Test: ntshim_calendar:every_day_has_its_fields,
 * ntshim_calendar:what_is_no_date_is_refused
 */
u8 RtlTimeFieldsToTime(const struct nts_time_fields *fields, s64 *time)
{
	struct tm tm;
	s64 seconds;

	if (!are_plausible(fields))
		return 0;
	seconds = mktime64(fields->year, fields->month, fields->day,
			   fields->hour, fields->minute, fields->second);
	/* The 31st of a month with fewer days is a day of the next one. */
	time64_to_tm(seconds, 0, &tm);
	if (tm.tm_mday != fields->day)
		return 0;
	*time = (seconds + EPOCH_1970_SEC) * UNITS_PER_SEC +
		fields->milliseconds * UNITS_PER_MSEC;
	return 1;
}
EXPORT_SYMBOL_GPL(RtlTimeFieldsToTime);

static u8 seconds_since(s64 epoch_sec, s64 time_100ns, u32 *elapsed_sec)
{
	s32 rest;
	s64 seconds = seconds_of(time_100ns, &rest) - epoch_sec;

	if (seconds < 0 || seconds > U32_MAX)
		return 0;
	*elapsed_sec = seconds;
	return 1;
}

/**
 * RtlTimeToSecondsSince1970() - whole seconds from 1970-01-01 to an instant
 * @time: units of 100 ns since 1601
 * @elapsed_sec: receives the seconds, rounded down
 *
 * Context: any IRQL, any Linux context.
 * Return: 1, or 0 before 1970 and after 2106-02-07 06:28:15, what 32 bits
 * reach; @elapsed_sec is unchanged then.
 * Source: RtlTimeToSecondsSince1970 function (ntifs.h); TM-072.
 * Test: ntshim_calendar:seconds_reach_what_32_bits_do
 */
u8 RtlTimeToSecondsSince1970(const s64 *time, u32 *elapsed_sec)
{
	return seconds_since(EPOCH_1970_SEC, *time, elapsed_sec);
}
EXPORT_SYMBOL_GPL(RtlTimeToSecondsSince1970);

/**
 * RtlTimeToSecondsSince1980() - whole seconds from 1980-01-01 to an instant
 * @time: units of 100 ns since 1601
 * @elapsed_sec: receives the seconds, rounded down
 *
 * Context: any IRQL, any Linux context.
 * Return: 1, or 0 for what 32 bits do not reach; @elapsed_sec is unchanged then.
 * Source: RtlTimeToSecondsSince1980 function (ntifs.h); TM-072.
 * Test: ntshim_calendar:seconds_reach_what_32_bits_do
 */
u8 RtlTimeToSecondsSince1980(const s64 *time, u32 *elapsed_sec)
{
	return seconds_since(EPOCH_1980_SEC, *time, elapsed_sec);
}
EXPORT_SYMBOL_GPL(RtlTimeToSecondsSince1980);

/**
 * RtlSecondsSince1970ToTime() - the instant so many seconds after 1970-01-01
 * @elapsed_sec: any
 * @time: receives units of 100 ns since 1601
 *
 * Context: any IRQL, any Linux context.
 * Source: RtlSecondsSince1970ToTime function (ntifs.h); TM-072.
 * Test: ntshim_calendar:seconds_reach_what_32_bits_do
 */
void RtlSecondsSince1970ToTime(u32 elapsed_sec, s64 *time)
{
	*time = (EPOCH_1970_SEC + elapsed_sec) * UNITS_PER_SEC;
}
EXPORT_SYMBOL_GPL(RtlSecondsSince1970ToTime);

/**
 * RtlSecondsSince1980ToTime() - the instant so many seconds after 1980-01-01
 * @elapsed_sec: any
 * @time: receives units of 100 ns since 1601
 *
 * Context: any IRQL, any Linux context.
 * Source: RtlSecondsSince1980ToTime function (ntifs.h); TM-072.
 * Test: ntshim_calendar:seconds_reach_what_32_bits_do
 */
void RtlSecondsSince1980ToTime(u32 elapsed_sec, s64 *time)
{
	*time = (EPOCH_1980_SEC + elapsed_sec) * UNITS_PER_SEC;
}
EXPORT_SYMBOL_GPL(RtlSecondsSince1980ToTime);
