// SPDX-License-Identifier: GPL-2.0
/*
 * The time base: reading the Linux clocks and converting between nanoseconds
 * and NT units. The only file that knows where the NT epoch lies and how long
 * the model's clock tick is.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/atomic.h>
#include <linux/errno.h>
#include <linux/ktime.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/timekeeping.h>

#include "clock.h"

/* What a clock can reach, in units of 100 ns: about 292 years (KT-026). */
#define NTS_REACH_100NS ((u64)KTIME_MAX / 100)

static unsigned int tick_max = 156250;
module_param(tick_max, uint, 0444);
MODULE_PARM_DESC(tick_max, "Default clock tick, 100 ns units (default 156250)");

static unsigned int tick_min = 10000;
module_param(tick_min, uint, 0444);
MODULE_PARM_DESC(tick_min, "Shortest clock tick, 100 ns units (default 10000)");

/* The shortest tick that is requested, T_max without a request. */
static u32 tick_requested;

/* Armed timers that need T_min. */
static atomic_t precise_timers = ATOMIC_INIT(0);

/**
 * nts_clock_read() - the current instant on both timer clocks
 *
 * The wall clock is derived from the one hardware read, so that a timer is
 * judged on both clocks for the same instant. A clock set that happens during
 * the call is either seen or not.
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: the instant.
 */
struct nts_now nts_clock_read(void)
{
	ktime_t mono = ktime_get();

	return (struct nts_now){
		.mono_ns = ktime_to_ns(mono),
		.real_ns = ktime_to_ns(ktime_mono_to_any(mono, TK_OFFS_REAL)),
	};
}
NTS_EXPORT_INTERNAL(nts_clock_read);

static struct nts_due due_relative(u64 units, u64 mono_ns)
{
	struct nts_due due = { .kind = NTS_DUE_NEVER, .ns = U64_MAX };

	if (units > NTS_REACH_100NS)
		return due;
	/* Both terms are at most KTIME_MAX: the sum cannot wrap. */
	if (mono_ns + units * 100 > KTIME_MAX)
		return due;

	due.kind = NTS_DUE_MONO;
	due.ns = mono_ns + units * 100;
	return due;
}

static struct nts_due due_absolute(s64 due_100ns)
{
	struct nts_due due = { .kind = NTS_DUE_PAST, .ns = 0 };
	s64 units = due_100ns - NTS_EPOCH_100NS;

	if (units <= 0)
		return due;
	if (units > (s64)NTS_REACH_100NS)
		return (struct nts_due){ NTS_DUE_NEVER, U64_MAX };

	due.kind = NTS_DUE_REAL;
	due.ns = (u64)units * 100;
	return due;
}

/**
 * nts_due_from_nt() - turn a due time or timeout of the API into an instant
 * @due_100ns: units of 100 ns; negative: relative to @mono_ns; zero or
 *	positive: absolute, counted from 1601-01-01 00:00 UTC
 * @mono_ns: the moment of the call on CLOCK_MONOTONIC, at most KTIME_MAX
 *
 * Saturates: what no clock can reach is NTS_DUE_NEVER (KT-026 to KT-028).
 *
 * Context: any; pure.
 * Return: the clock that decides and the instant on it. An NTS_DUE_REAL result
 * may lie in the past: the caller compares under its lock.
 * Source: KT-021, KT-022, KT-026, KT-027.
 * Test: ntshim_clock:due_matches_model, ntshim_clock:due_random_matches_model
 */
struct nts_due nts_due_from_nt(s64 due_100ns, u64 mono_ns)
{
	if (due_100ns < 0)
		return due_relative(0 - (u64)due_100ns, mono_ns);
	return due_absolute(due_100ns);
}
NTS_EXPORT_INTERNAL(nts_due_from_nt);

/**
 * nts_ns_from_100ns() - NT units to nanoseconds
 * @units: units of 100 ns
 *
 * Context: any; pure.
 * Return: nanoseconds, U64_MAX if they do not fit.
 */
u64 nts_ns_from_100ns(u64 units)
{
	return units > U64_MAX / 100 ? U64_MAX : units * 100;
}
NTS_EXPORT_INTERNAL(nts_ns_from_100ns);

/**
 * nts_ns_from_ms() - milliseconds to nanoseconds
 * @ms: milliseconds; every value fits
 *
 * Context: any; pure.
 * Return: nanoseconds.
 */
u64 nts_ns_from_ms(u32 ms)
{
	return (u64)ms * NSEC_PER_MSEC;
}
NTS_EXPORT_INTERNAL(nts_ns_from_ms);

/**
 * nts_100ns_from_ns() - nanoseconds to NT units, rounded down
 * @ns: nanoseconds
 *
 * Context: any; pure.
 * Return: units of 100 ns.
 */
u64 nts_100ns_from_ns(u64 ns)
{
	return div_u64(ns, 100);
}
NTS_EXPORT_INTERNAL(nts_100ns_from_ns);

/**
 * nts_systime_from_real() - wall clock to NT system time
 * @real_ns: CLOCK_REALTIME, at most KTIME_MAX
 *
 * Context: any; pure.
 * Return: units of 100 ns since 1601-01-01 00:00 UTC.
 * Source: TM-002.
 * Test: ntshim_clock:system_time_matches_calendar
 */
s64 nts_systime_from_real(u64 real_ns)
{
	return (s64)div_u64(real_ns, 100) + NTS_EPOCH_100NS;
}
NTS_EXPORT_INTERNAL(nts_systime_from_real);

/**
 * nts_clock_tick_max() - T_max, the interval of the default clock tick
 *
 * Context: any.
 * Return: units of 100 ns, constant while the module is loaded (TM-021).
 */
u32 nts_clock_tick_max(void)
{
	return tick_max;
}
NTS_EXPORT_INTERNAL(nts_clock_tick_max);

/**
 * nts_clock_tick_min() - T_min, the shortest clock tick to be had
 *
 * Context: any.
 * Return: units of 100 ns, constant while the module is loaded.
 */
u32 nts_clock_tick_min(void)
{
	return tick_min;
}
NTS_EXPORT_INTERNAL(nts_clock_tick_min);

/**
 * nts_clock_tick_cur() - T_cur, the interval of the current clock tick
 *
 * The least spacing of periodic expiries (KT-085).
 *
 * Context: any.
 * Return: units of 100 ns, between T_min and T_max.
 * Source: TM-025.
 * Test: ntshim_resolution:precise_timer_makes_the_tick_shortest
 */
u32 nts_clock_tick_cur(void)
{
	return atomic_read(&precise_timers) ? tick_min :
					      READ_ONCE(tick_requested);
}
NTS_EXPORT_INTERNAL(nts_clock_tick_cur);

/**
 * nts_clock_tick_request() - shorten the clock tick
 * @desired_100ns: less than T_min counts as T_min; more than what has been
 *	requested changes nothing
 *
 * Context: any; the caller serialises requests (resolution.c).
 */
void nts_clock_tick_request(u32 desired_100ns)
{
	WRITE_ONCE(tick_requested,
		   clamp(desired_100ns, tick_min, tick_requested));
}

/**
 * nts_clock_tick_default() - nobody requests a shorter clock tick any more
 *
 * Context: as nts_clock_tick_request().
 */
void nts_clock_tick_default(void)
{
	WRITE_ONCE(tick_requested, tick_max);
}

/**
 * nts_clock_precise_begin() - a high-resolution timer is armed
 *
 * T_cur is T_min until the matching nts_clock_precise_end().
 *
 * Context: any, shard locks included.
 */
void nts_clock_precise_begin(void)
{
	atomic_inc(&precise_timers);
}
NTS_EXPORT_INTERNAL(nts_clock_precise_begin);

/**
 * nts_clock_precise_end() - a high-resolution timer is not armed any more
 *
 * Context: as nts_clock_precise_begin().
 */
void nts_clock_precise_end(void)
{
	atomic_dec(&precise_timers);
}
NTS_EXPORT_INTERNAL(nts_clock_precise_end);

/**
 * nts_clock_start() - check the tick parameters and start with T_max
 *
 * Context: module init.
 * Return: 0, or -EINVAL if they are zero, over a second or in the wrong order.
 */
int __init nts_clock_start(void)
{
	nts_clock_tick_default();
	if (tick_min && tick_min <= tick_max && tick_max <= 10000000)
		return 0;

	pr_err("tick_min %u and tick_max %u: need 0 < min <= max <= 10000000\n",
	       tick_min, tick_max);
	return -EINVAL;
}
