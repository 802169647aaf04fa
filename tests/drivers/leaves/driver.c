// SPDX-License-Identifier: GPL-2.0
/*
 * Checks its driver object, and forgets at unload a timer whose DPC routine is in
 * the driver, pool blocks, a lookaside list, a handle, a thread, which ends a
 * little later, a bug check callback, and to let the clock tick be as long as it
 * was.
 */
#include <wdm.h>

#define TAG 'evaL'

static KTIMER Timer;
static KDPC Dpc;
static KEVENT Stop;
static HANDLE Thread;
static NPAGED_LOOKASIDE_LIST List;
static KBUGCHECK_CALLBACK_RECORD Record;

static VOID Routine(PKDPC TheDpc, PVOID Context, PVOID Argument1,
		    PVOID Argument2)
{
	UNREFERENCED_PARAMETER(TheDpc);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
}

static VOID Callback(PEX_TIMER Timer, PVOID Context)
{
	UNREFERENCED_PARAMETER(Timer);
	UNREFERENCED_PARAMETER(Context);
}

static VOID CallBack(PVOID Buffer, ULONG Length)
{
	UNREFERENCED_PARAMETER(Buffer);
	UNREFERENCED_PARAMETER(Length);
}

static VOID Worker(PVOID Context)
{
	LARGE_INTEGER Pause;

	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Stop, Executive, KernelMode, FALSE, NULL);
	Pause.QuadPart = -3000000;
	KeDelayExecutionThread(KernelMode, FALSE, &Pause);
	DbgPrint("worker ends\n");
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	KeSetEvent(&Stop, IO_NO_INCREMENT, FALSE);
}

/* M-LIF-02: everything but devices is filled in. */
static BOOLEAN IsComplete(PDRIVER_OBJECT DriverObject)
{
	PUCHAR Start = DriverObject->DriverStart;
	ULONG Index;

	for (Index = 0; Index <= IRP_MJ_MAXIMUM_FUNCTION; Index++)
		if (DriverObject->MajorFunction[Index](NULL, NULL) !=
		    STATUS_INVALID_DEVICE_REQUEST)
			return FALSE;
	return DriverObject->Size == sizeof(*DriverObject) &&
	       !DriverObject->DeviceObject &&
	       DriverObject->DriverInit == DriverEntry &&
	       (ULONG_PTR)Routine - (ULONG_PTR)Start <
		       DriverObject->DriverSize &&
	       DriverObject->DriverExtension->DriverObject == DriverObject &&
	       DriverObject->DriverExtension->ServiceKeyName.Length ==
		       6 * sizeof(WCHAR) &&
	       DriverObject->DriverName.Length == (8 + 6) * sizeof(WCHAR);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	LARGE_INTEGER Due;

	UNREFERENCED_PARAMETER(RegistryPath);
	if (!IsComplete(DriverObject))
		return STATUS_UNSUCCESSFUL;
	if (!ExAllocatePool2(POOL_FLAG_NON_PAGED, 100, TAG) ||
	    !ExAllocatePool2(POOL_FLAG_NON_PAGED, 5000, TAG))
		return STATUS_NO_MEMORY;
	ExInitializeNPagedLookasideList(&List, NULL, NULL, 0, 40, TAG, 0);
	ExFreeToNPagedLookasideList(&List,
				    ExAllocateFromNPagedLookasideList(&List));
	KeInitializeCallbackRecord(&Record);
	KeRegisterBugCheckCallback(&Record, CallBack, NULL, 0,
				   (PUCHAR) "leaves");
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
	if (!NT_SUCCESS(PsCreateSystemThread(&Thread, 0, NULL, NULL, NULL,
					     Worker, NULL)))
		return STATUS_NO_MEMORY;
	Due.QuadPart = -10000;
	KeInitializeTimer(&Timer);
	KeInitializeDpc(&Dpc, Routine, NULL);
	KeSetTimerEx(&Timer, Due, 1, &Dpc);
	ExSetTimer(ExAllocateTimer(Callback, NULL, 0), -10000, 10000, NULL);
	ExSetTimerResolution(10000, TRUE);
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
