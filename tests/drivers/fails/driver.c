// SPDX-License-Identifier: GPL-2.0
/* Arms a timer and then fails: the timer must not survive. */
#include <wdm.h>

static KTIMER Timer;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Due;

	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	Due.QuadPart = -36000000000ll;
	KeInitializeTimer(&Timer);
	KeSetTimer(&Timer, Due, NULL);
	return STATUS_NO_SUCH_DEVICE;
}
