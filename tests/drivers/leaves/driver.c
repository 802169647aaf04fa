// SPDX-License-Identifier: GPL-2.0
/*
 * Forgets to cancel a timer whose DPC routine is in the driver, and to let the
 * clock tick be as long as it was.
 */
#include <wdm.h>

static KTIMER Timer;
static KDPC Dpc;

static VOID Routine(PKDPC TheDpc, PVOID Context, PVOID Argument1,
		    PVOID Argument2)
{
	UNREFERENCED_PARAMETER(TheDpc);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
}

static VOID Callback(PEX_TIMER Timer, PVOID Context)
{
	UNREFERENCED_PARAMETER(Timer);
	UNREFERENCED_PARAMETER(Context);
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Due;

	UNREFERENCED_PARAMETER(RegistryPath);
	Due.QuadPart = -10000;
	KeInitializeTimer(&Timer);
	KeInitializeDpc(&Dpc, Routine, NULL);
	KeSetTimerEx(&Timer, Due, 1, &Dpc);
	ExSetTimer(ExAllocateTimer(Callback, NULL, 0), -10000, 10000, NULL);
	ExSetTimerResolution(10000, TRUE);
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
