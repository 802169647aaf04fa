// SPDX-License-Identifier: GPL-2.0
/* Leaves Unload at another level and inside two regions. */
#include <wdm.h>

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	KIRQL OldIrql;

	UNREFERENCED_PARAMETER(DriverObject);
	KeEnterCriticalRegion();
	KeEnterGuardedRegion();
	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
