// SPDX-License-Identifier: GPL-2.0
/*
 * Unloads as drivers do: its periodic timer is cancelled, nobody flushes, and
 * the DPC uses globals to the last. Waits for a timer in Unload.
 */
#include <wdm.h>

static KTIMER Periodic;
static KDPC Dpc;
static volatile LONG Runs;

static VOID Routine(PKDPC TheDpc, PVOID Context, PVOID Argument1,
		    PVOID Argument2)
{
	UNREFERENCED_PARAMETER(TheDpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	KeStallExecutionProcessor(50);
	*(volatile LONG *)Context += 1;
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	LARGE_INTEGER Due;
	NTSTATUS Status;
	KTIMER Timer;

	UNREFERENCED_PARAMETER(DriverObject);
	Due.QuadPart = -100000;
	KeInitializeTimer(&Timer);
	KeSetTimer(&Timer, Due, NULL);
	Status = KeWaitForSingleObject(&Timer, Executive, KernelMode, FALSE,
				       NULL);
	KeCancelTimer(&Periodic);
	DbgPrint("unloads: level %u status 0x%x %s\n", KeGetCurrentIrql(),
		 Status, Runs > 0 ? "ran" : "did not run");
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Due;

	UNREFERENCED_PARAMETER(RegistryPath);
	Due.QuadPart = 0;
	KeInitializeTimer(&Periodic);
	KeInitializeDpc(&Dpc, Routine, (PVOID)&Runs);
	KeSetTimerEx(&Periodic, Due, 1, &Dpc);
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
