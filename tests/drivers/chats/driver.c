// SPDX-License-Identifier: GPL-2.0
/* Prints the same line far too often, and does not finish its last ones. */
#include <wdm.h>

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	DbgPrint("gone");
}

static VOID Say(ULONG Level, PCSTR Format, ...)
{
	va_list List;

	va_start(List, Format);
	vDbgPrintExWithPrefix("100%d of ", DPFLTR_IHVDRIVER_ID, Level, Format,
			      List);
	va_end(List);
	va_start(List, Format);
	vDbgPrintEx(DPFLTR_SYSTEM_ID, Level, Format, List);
	va_end(List);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	ULONG Index;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	DbgPrint("one line ");
	DbgPrint("of %s ", "three");
	DbgPrint("pieces\n");
	/* Of another component errors alone are shown. */
	Say(DPFLTR_ERROR_LEVEL, "%s %d\n", "list", 1);
	Say(DPFLTR_INFO_LEVEL, "%s %d\n", "list", 2);
	KdPrint(("from a free build\n"));
	for (Index = 0; Index < 1000; Index++)
		DbgPrint("said again\n");
	DbgPrint("entered");
	return STATUS_SUCCESS;
}
