// SPDX-License-Identifier: GPL-2.0
/* Uses what is not there: a header, a type, two routines. Never built. */
#include <ntddk.h>
#include <nosuch/header.h>

static NO_SUCH_TYPE Object;

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject);
	NoSuchRoutine(RegistryPath);
	NoSuchRoutine(&Object);
	return STATUS_SUCCESS;
}
