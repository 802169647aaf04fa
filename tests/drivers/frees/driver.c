// SPDX-License-Identifier: GPL-2.0
/*
 * Frees its memory in Unload, with a timer in it that is still armed. When the
 * driver has gone nothing of the timer is left to be found.
 */
#include <wdm.h>

typedef struct _EXTENSION {
	KTIMER Timer;
	KDPC Dpc;
} EXTENSION;

static EXTENSION *Extension;

static VOID Routine(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	ExFreePoolWithTag(Extension, 'eerF');
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Due;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	Extension = ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(*Extension),
				    'eerF');
	if (!Extension)
		return STATUS_INSUFFICIENT_RESOURCES;
	KeInitializeTimer(&Extension->Timer);
	KeInitializeDpc(&Extension->Dpc, Routine, NULL);
	Due.QuadPart = -36000000000;
	KeSetTimer(&Extension->Timer, Due, &Extension->Dpc);
	return STATUS_SUCCESS;
}
