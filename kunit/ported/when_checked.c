// SPDX-License-Identifier: GPL-2.0
/* A checked driver: DBG is 1. */
#define DBG 1
#include <ntddk.h>

#include "ported.h"

#define WHEN(Name) Name##WhenChecked
#include "checked.h"

void BreakTwice(void)
{
	DbgBreakPoint();
	KdBreakPoint();
	DbgBreakPointWithStatus(1);
	__debugbreak();
}

void PagedWhenChecked(void)
{
	PAGED_CODE();
	PAGED_CODE_LOCKED();
}

void PrintWhenChecked(void)
{
	KdPrint(("%ws\n", L"printed by a checked driver"));
	KdPrintEx((DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%d\n", 1));
}
