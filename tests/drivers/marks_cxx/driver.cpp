// SPDX-License-Identifier: GPL-2.0
// Has a function that is marked to run after DriverUnload.
#include <wdm.h>

static volatile LONG Stopped;

__attribute__((destructor(200))) static void Stop()
{
	Stopped = 1;
}

extern "C" NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING)
{
	return Stopped ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}
