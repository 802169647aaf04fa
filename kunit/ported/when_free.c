// SPDX-License-Identifier: GPL-2.0
/* A free driver: DBG is 0 unless it says otherwise. */
#include <ntddk.h>

#include "ported.h"

#define WHEN(Name) Name##WhenFree
#include "checked.h"

void PrintWhenFree(void)
{
	KdPrint(("%ws\n", L"printed by no free driver"));
	KdPrintEx((DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%d\n", 1));
	KdBreakPoint();
	PAGED_CODE();
}

unsigned int BugCheckCodes(void)
{
	return IRQL_NOT_LESS_OR_EQUAL ^ DRIVER_IRQL_NOT_LESS_OR_EQUAL ^ MANUALLY_INITIATED_CRASH;
}
