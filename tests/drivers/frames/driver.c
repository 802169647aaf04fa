// SPDX-License-Identifier: GPL-2.0
/* Needs more stack in one routine than a kernel stack leaves room for. */
#include <wdm.h>

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	volatile UCHAR Buffer[3000];
	ULONG i;

	for (i = 0; i < sizeof(Buffer); i++)
		Buffer[i] = (UCHAR)i;
	DriverObject->Flags = Buffer[2999];
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
