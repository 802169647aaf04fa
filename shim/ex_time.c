// SPDX-License-Identifier: GPL-2.0
/*
 * The time routines of the executive: resolution of the clock tick, and local
 * time.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/time.h>

#include "clock.h"
#include "irql.h"
#include "nt_api.h"
#include "report.h"
#include "resolution.h"

/**
 * ExQueryTimerResolution() - the longest, shortest and current clock tick
 * @longest_100ns: receives T_max, the default: the coarsest resolution
 * @shortest_100ns: receives T_min, the finest that can be asked for
 * @current_100ns: receives T_cur
 *
 * Context: any IRQL, any Linux context.
 * Source: ExQueryTimerResolution function (wdm.h); TM-024.
 * Test: ntshim_resolution:query_gives_all_three
 */
void ExQueryTimerResolution(u32 *longest_100ns, u32 *shortest_100ns,
			    u32 *current_100ns)
{
	*longest_100ns = nts_clock_tick_max();
	*shortest_100ns = nts_clock_tick_min();
	*current_100ns = nts_clock_tick_cur();
}
EXPORT_SYMBOL_GPL(ExQueryTimerResolution);

/**
 * ExSetTimerResolution() - ask for a shorter clock tick, or stop asking
 * @desired_100ns: with @set: the tick wanted; less than T_min counts as T_min,
 *	more than the current one changes nothing; else ignored
 * @set: nonzero: one more request; 0: one request less
 *
 * Calls are counted, drivers are not told apart: the default returns when as
 * many calls have released as have asked, and until then the shortest tick
 * asked for stays. The tick spaces periodic expiries and nothing else; a change
 * holds from the next expiry on. A release without a request is reported.
 *
 * Context: IRQL <= APC_LEVEL, process context; sleeps. Above it the call is
 * reported and changes nothing.
 * Return: T_cur after the call, units of 100 ns.
 * Source: ExSetTimerResolution function (wdm.h); TM-026 to TM-030.
 * Test: ntshim_resolution:request_is_clamped,
 * ntshim_resolution:shortest_stays_until_all_are_released
 */
u32 ExSetTimerResolution(u32 desired_100ns, u8 set)
{
	if (nts_irql_current() > NTS_APC_LEVEL) {
		nts_misuse("TM-029", NULL,
			   "clock resolution changed above APC_LEVEL");
		return nts_clock_tick_cur();
	}
	if (set)
		return nts_resolution_request(_RET_IP_, desired_100ns);
	if (!nts_resolution_release(_RET_IP_))
		nts_misuse("TM-027", NULL,
			   "clock resolution released without a request");
	return nts_clock_tick_cur();
}
EXPORT_SYMBOL_GPL(ExSetTimerResolution);

/* What UTC is ahead of local time, units of 100 ns. */
static s64 zone_bias(void)
{
	return sys_tz.tz_minuteswest * 600000000LL;
}

/**
 * ExSystemTimeToLocalTime() - UTC to the kernel's time zone
 * @system: units of 100 ns since 1601, UTC
 * @local: receives the same instant as clocks on the wall show it; may be
 *	@system
 *
 * The zone is the one that settimeofday() gave the kernel; most systems leave
 * it at UTC.
 *
 * Context: any IRQL, any Linux context.
 * Source: ExSystemTimeToLocalTime function (wdm.h); TM-008.
 * Test: ntshim_resolution:local_time_is_system_time_less_bias
 */
void ExSystemTimeToLocalTime(const s64 *system, s64 *local)
{
	*local = *system - zone_bias();
}
EXPORT_SYMBOL_GPL(ExSystemTimeToLocalTime);

/**
 * ExLocalTimeToSystemTime() - the kernel's time zone to UTC
 * @local: units of 100 ns as clocks on the wall show them
 * @system: receives the same instant in UTC; may be @local
 *
 * Context: any IRQL, any Linux context.
 * Source: ExLocalTimeToSystemTime function (wdm.h); TM-008.
 * Test: ntshim_resolution:local_time_is_system_time_less_bias
 */
void ExLocalTimeToSystemTime(const s64 *local, s64 *system)
{
	*system = *local + zone_bias();
}
EXPORT_SYMBOL_GPL(ExLocalTimeToSystemTime);
