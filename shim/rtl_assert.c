// SPDX-License-Identifier: GPL-2.0
/*
 * Assertions and break points of drivers: told, and the driver goes on.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/export.h>
#include <linux/printk.h>

#include "nt_api.h"
#include "report.h"

/**
 * RtlAssert() - tell an assertion that failed
 * @expression: its text
 * @file: where it stands
 * @line: where it stands
 * @message: what the driver says about it; NULL: nothing
 *
 * With bugcheck=panic the system stops.
 *
 * Context: any IRQL, any Linux context.
 * Source: RtlAssert function; ASSERT macro (wdm.h); G-DBG-06.
 * Test: ntshim_debug:assertions_count_when_checked
 */
void RtlAssert(void *expression, void *file, u32 line, char *message)
{
	const struct nts_finding finding = {
		.rule = "G-DBG-06",
		.caller = _RET_IP_,
		.text = "assertion of the driver failed; it goes on",
		.args = { line },
	};

	pr_err("assertion %s, file %s, line %u%s%s\n", (char *)expression,
	       (char *)file, line, message ? ": " : "", message ? message : "");
	nts_finding_raise(NTS_REPORT, &finding);
}
EXPORT_SYMBOL_GPL(RtlAssert);

/**
 * DbgBreakPoint() - where a debugger would take over
 *
 * Noted once for each place, and the caller goes on: there is no debugger.
 *
 * Context: any IRQL, any Linux context.
 * Source: DbgBreakPoint function (wdm.h); G-DBG-07.
 * Test: ntshim_debug:break_points_stop_nothing
 */
void DbgBreakPoint(void)
{
	nts_misuse("G-DBG-07", NULL, "break point of the driver; it goes on");
}
EXPORT_SYMBOL_GPL(DbgBreakPoint);

/**
 * DbgBreakPointWithStatus() - where a debugger would take over
 * @status: for the debugger
 *
 * Context: as DbgBreakPoint().
 * Source: DbgBreakPointWithStatus function (wdm.h); G-DBG-07.
 * Test: ntshim_debug:break_points_stop_nothing
 */
void DbgBreakPointWithStatus(u32 status)
{
	nts_misuse("G-DBG-07", NULL, "break point of the driver; it goes on");
}
EXPORT_SYMBOL_GPL(DbgBreakPointWithStatus);
