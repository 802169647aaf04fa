// SPDX-License-Identifier: GPL-2.0
/* Returns past the handler of a __finally, which macros cannot call. */
#include <wdm.h>

static LONG Locked;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);

	__try {
		Locked = 1;
		if (!DriverObject->DriverUnload)
			return STATUS_UNSUCCESSFUL;
	} __finally {
		Locked = 0;
	}
	return STATUS_SUCCESS;
}
