// SPDX-License-Identifier: GPL-2.0
/*
 * Changes what it was given: its path and names, which are not its own to free or
 * to measure, and its DriverUnload, which it takes back when it has been loaded.
 */
#include <wdm.h>

static WCHAR Nowhere[] = L"nowhere";
static KTIMER Timer;
static KDPC Dpc;

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
}

static VOID TakeBack(PKDPC Own, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	PDRIVER_OBJECT DriverObject = (PDRIVER_OBJECT)Context;

	UNREFERENCED_PARAMETER(Own);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	DriverObject->DriverUnload = NULL;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Due;

	RegistryPath->Buffer = Nowhere;
	RegistryPath->MaximumLength = 0xfffe;
	DriverObject->DriverName.Buffer = Nowhere;
	DriverObject->DriverExtension->ServiceKeyName.Buffer = NULL;
	DriverObject->DriverUnload = Unload;
	KeInitializeTimer(&Timer);
	KeInitializeDpc(&Dpc, TakeBack, DriverObject);
	Due.QuadPart = -3000000;
	KeSetTimer(&Timer, Due, &Dpc);
	return STATUS_SUCCESS;
}
