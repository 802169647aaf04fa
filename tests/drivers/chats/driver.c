// SPDX-License-Identifier: GPL-2.0
/* Prints the same line far too often, and does not finish its last ones. */
#include <wdm.h>

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	DbgPrint("gone");
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	ULONG Index;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	DbgPrint("one line ");
	DbgPrint("of %s ", "three");
	DbgPrint("pieces\n");
	KdPrint(("from a free build\n"));
	for (Index = 0; Index < 1000; Index++)
		DbgPrint("said again\n");
	DbgPrint("entered");
	return STATUS_SUCCESS;
}
