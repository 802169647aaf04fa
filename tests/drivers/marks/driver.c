// SPDX-License-Identifier: GPL-2.0
/* Has a function that is marked to run before DriverEntry. */
#include <wdm.h>

static LONG Started;

__attribute__((constructor)) static void Start(void)
{
	Started = 1;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	return Started ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
