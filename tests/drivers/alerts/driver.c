// SPDX-License-Identifier: GPL-2.0
/* Alerts the thread that loads it. */
#include <ntddk.h>

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	KeAlertThread(KeGetCurrentThread(), UserMode);
	return STATUS_SUCCESS;
}
