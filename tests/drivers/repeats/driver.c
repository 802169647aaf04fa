// SPDX-License-Identifier: GPL-2.0
/* Cancels a timer where that is not allowed, 100 times at one place. */
#include <wdm.h>

#define TIMES 100

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	KIRQL OldIrql;
	KTIMER Timer;
	ULONG Time;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	KeInitializeTimer(&Timer);
	KeRaiseIrql(HIGH_LEVEL, &OldIrql);
	for (Time = 0; Time < TIMES; Time++)
		KeCancelTimer(&Timer);
	KeLowerIrql(OldIrql);
	return STATUS_SUCCESS;
}
