// SPDX-License-Identifier: GPL-2.0
/*
 * Arms a timer, allocates, starts a thread and then fails: nothing of that may
 * reach the driver's code afterwards.
 */
#include <wdm.h>

#define TAG 'liaF'

static KTIMER Timer;

/* Still runs when DriverEntry has failed. */
static VOID Worker(PVOID Context)
{
	LARGE_INTEGER Pause;

	UNREFERENCED_PARAMETER(Context);
	Pause.QuadPart = -3000000;
	KeDelayExecutionThread(KernelMode, FALSE, &Pause);
	DbgPrint("worker ends\n");
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Due;
	HANDLE Thread;

	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	Due.QuadPart = -36000000000ll;
	KeInitializeTimer(&Timer);
	KeSetTimer(&Timer, Due, NULL);
	if (!ExAllocatePool2(POOL_FLAG_NON_PAGED, 100, TAG))
		return STATUS_NO_MEMORY;
	if (!NT_SUCCESS(PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL,
					     Worker, NULL)))
		return STATUS_NO_MEMORY;
	return STATUS_NO_SUCH_DEVICE;
}
