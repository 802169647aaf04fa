// SPDX-License-Identifier: GPL-2.0
/*
 * The time queries and the stall. All are precise: a clock that lags would show
 * timers expiring before their time (TM-006).
 */

#include "compat.h"

#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/export.h>
#include <linux/ktime.h>
#include <linux/math.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include <linux/timekeeping.h>

#include "clock.h"
#include "dpc.h"
#include "nt_api.h"
#include "report.h"
#include "status.h"
#include "verifier.h"

/* Counts of 100 ns: the performance counter is the interrupt time. */
#define COUNTER_HZ 10000000

/* udelay() may overflow beyond a few milliseconds. */
#define STALL_STEP_US 1000

/* Longer stalls are bad style, outside of DPCs and in them, and a fault. */
#define STALL_LONG_US 50
#define STALL_LONG_IN_DPC_US 100
#define STALL_TOO_LONG_US 1000

/**
 * KeQuerySystemTime() - the wall clock
 * @time_100ns: receives units of 100 ns since 1601-01-01 00:00 UTC
 *
 * Context: any IRQL, any Linux context but NMI.
 * Source: KeQuerySystemTime function (wdm.h); TM-001 to TM-007.
 * Test: ntshim_clock:system_time_is_precise
 */
void KeQuerySystemTime(s64 *time_100ns)
{
	*time_100ns = nts_systime_from_real(ktime_get_real_ns());
}
EXPORT_SYMBOL_GPL(KeQuerySystemTime);

/**
 * KeQuerySystemTimePrecise() - the wall clock
 * @time_100ns: receives units of 100 ns since 1601-01-01 00:00 UTC
 *
 * Context: any IRQL, any Linux context but NMI.
 * Source: KeQuerySystemTimePrecise function (wdm.h); TM-003, TM-005.
 * Test: ntshim_clock:system_time_is_precise
 */
void KeQuerySystemTimePrecise(s64 *time_100ns)
{
	*time_100ns = nts_systime_from_real(ktime_get_real_ns());
}
EXPORT_SYMBOL_GPL(KeQuerySystemTimePrecise);

static u64 interrupt_time(ktime_t mono)
{
	return nts_100ns_from_ns(ktime_to_ns(ktime_mono_to_any(mono,
							       TK_OFFS_BOOT)));
}

/**
 * KeQueryInterruptTime() - time since boot, with sleep
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: units of 100 ns; never decreases.
 * Source: KeQueryInterruptTime function (wdm.h); TM-010, TM-015.
 * Test: ntshim_clock:interrupt_times_agree
 */
u64 KeQueryInterruptTime(void)
{
	return interrupt_time(ktime_get());
}
EXPORT_SYMBOL_GPL(KeQueryInterruptTime);

/**
 * KeQueryInterruptTimePrecise() - time since boot, with sleep
 * @counter: receives the performance counter of the same instant; NULL: not
 *	wanted
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: units of 100 ns; never decreases.
 * Source: KeQueryInterruptTimePrecise function (wdm.h); TM-013, TM-016.
 * Test: ntshim_clock:precise_times_store_their_counter
 */
u64 KeQueryInterruptTimePrecise(u64 *counter)
{
	u64 now_100ns = interrupt_time(ktime_get());

	if (counter)
		*counter = now_100ns;
	return now_100ns;
}
EXPORT_SYMBOL_GPL(KeQueryInterruptTimePrecise);

/**
 * KeQueryUnbiasedInterruptTime() - time since boot, without sleep
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: units of 100 ns; never decreases, never above the interrupt time.
 * Source: KeQueryUnbiasedInterruptTime function (wdm.h); TM-011, TM-012.
 * Test: ntshim_clock:interrupt_times_agree
 */
u64 KeQueryUnbiasedInterruptTime(void)
{
	return nts_100ns_from_ns(ktime_get_ns());
}
EXPORT_SYMBOL_GPL(KeQueryUnbiasedInterruptTime);

/**
 * KeQueryUnbiasedInterruptTimePrecise() - time since boot, without sleep
 * @counter: receives the performance counter of the same instant; NULL: not
 *	wanted
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: units of 100 ns; never decreases.
 * Source: KeQueryUnbiasedInterruptTimePrecise function; TM-014, TM-016.
 * Test: ntshim_clock:precise_times_store_their_counter
 */
u64 KeQueryUnbiasedInterruptTimePrecise(u64 *counter)
{
	ktime_t mono = ktime_get();

	if (counter)
		*counter = interrupt_time(mono);
	return nts_100ns_from_ns(ktime_to_ns(mono));
}
EXPORT_SYMBOL_GPL(KeQueryUnbiasedInterruptTimePrecise);

/**
 * KeQueryTickCount() - whole clock ticks since boot
 * @ticks: receives the number of ticks of KeQueryTimeIncrement() each
 *
 * Context: any IRQL, any Linux context but NMI.
 * Source: KeQueryTickCount macro (wdm.h); TM-022, TM-023.
 * Test: ntshim_clock:tick_count_times_increment_is_elapsed_time
 */
void KeQueryTickCount(s64 *ticks)
{
	*ticks = div_u64(nts_100ns_from_ns(ktime_get_ns()),
			 nts_clock_tick_max());
}
EXPORT_SYMBOL_GPL(KeQueryTickCount);

/**
 * KeQueryTimeIncrement() - length of a clock tick
 *
 * Context: any IRQL, any Linux context.
 * Return: units of 100 ns, the same for as long as the module is loaded.
 * Source: KeQueryTimeIncrement function (wdm.h); TM-021.
 * Test: ntshim_clock:tick_count_times_increment_is_elapsed_time
 */
u32 KeQueryTimeIncrement(void)
{
	return nts_clock_tick_max();
}
EXPORT_SYMBOL_GPL(KeQueryTimeIncrement);

/**
 * KeQueryPerformanceCounter() - a counter for measuring intervals
 * @frequency: receives counts per second, always 10000000; NULL: not wanted
 *
 * Context: any IRQL, any Linux context but NMI.
 * Return: counts since boot, sleep included; never decreases.
 * Source: KeQueryPerformanceCounter function (wdm.h); TM-040 to TM-044.
 * Test: ntshim_clock:performance_counter_is_interrupt_time
 */
s64 KeQueryPerformanceCounter(s64 *frequency)
{
	if (frequency)
		*frequency = COUNTER_HZ;
	return interrupt_time(ktime_get());
}
EXPORT_SYMBOL_GPL(KeQueryPerformanceCounter);

/**
 * KeQueryAuxiliaryCounterFrequency() - there is no auxiliary counter
 * @frequency: left alone
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_NOT_SUPPORTED.
 * Source: KeQueryAuxiliaryCounterFrequency function (wdm.h); TM-045.
 * Test: ntshim_clock:auxiliary_counter_is_not_supported
 */
s32 KeQueryAuxiliaryCounterFrequency(u64 *frequency)
{
	return NTS_STATUS_NOT_SUPPORTED;
}
EXPORT_SYMBOL_GPL(KeQueryAuxiliaryCounterFrequency);

static atomic_long_t long_stalls;

/**
 * nts_long_stalls() - how many stalls were longer than they should be
 *
 * Context: any.
 * Return: number since the module was loaded, while the verifier was on.
 */
unsigned long nts_long_stalls(void)
{
	return atomic_long_read(&long_stalls);
}
NTS_EXPORT_INTERNAL(nts_long_stalls);

static int long_stalls_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%lu\n", nts_long_stalls());
}

static const struct kernel_param_ops long_stalls_ops = {
	.get = long_stalls_get,
};
module_param_cb(long_stalls, &long_stalls_ops, NULL, 0444);
MODULE_PARM_DESC(long_stalls,
		 "Stalls over 50 us (100 us in DPCs) while the verifier was on");

static void verify_stall(u32 microseconds, unsigned long caller)
{
	u32 limit_us = nts_dpc_executing() ? STALL_LONG_IN_DPC_US :
					     STALL_LONG_US;

	if (microseconds > limit_us)
		atomic_long_inc(&long_stalls);
	if (microseconds > STALL_TOO_LONG_US)
		nts_misuse_at(caller, "TM-056", NULL,
			      "stall of more than a millisecond");
}

/**
 * KeStallExecutionProcessor() - busy-wait
 * @microseconds: how long at least; 0 returns at once; should be at most 50,
 *	in a DPC at most 100
 *
 * With the verifier on longer stalls are counted (parameter long_stalls) and
 * those over a millisecond noted; none is refused.
 *
 * Context: any IRQL, any Linux context. Never schedules.
 * Source: KeStallExecutionProcessor function (wdm.h); TM-056.
 * Test: ntshim_clock:stall_lasts_long_enough,
 * ntshim_delay:long_stalls_are_counted
 */
void KeStallExecutionProcessor(u32 microseconds)
{
	u64 end_ns = ktime_get_ns() + (u64)microseconds * NSEC_PER_USEC;
	s64 left_ns;

	if (nts_verifier_on())
		verify_stall(microseconds, _RET_IP_);
	/* udelay() counts loops, and may count too few of them. */
	while ((left_ns = end_ns - ktime_get_ns()) > 0)
		udelay(min_t(s64, DIV_ROUND_UP_ULL(left_ns, NSEC_PER_USEC),
			     STALL_STEP_US));
}
EXPORT_SYMBOL_GPL(KeStallExecutionProcessor);
