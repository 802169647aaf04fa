// SPDX-License-Identifier: GPL-2.0
/*
 * Forgets DPCs that queue themselves for ever: one is running most of the time,
 * one is deferred on another processor, each time on the next one.
 */
#include <wdm.h>

static KDPC Busy;
static KDPC Deferred;
static KDPC Threaded;
static ULONG Runs;

static VOID BusyRoutine(PKDPC Dpc, PVOID Context, PVOID Argument1,
			PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	KeStallExecutionProcessor(5);
	KeInsertQueueDpc(Dpc, NULL, NULL);
}

static VOID DeferredRoutine(PKDPC Dpc, PVOID Context, PVOID Argument1,
			    PVOID Argument2)
{
	ULONG Next = (KeGetCurrentProcessorNumberEx(NULL) + 1) %
		     KeQueryActiveProcessorCount(NULL);

	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	Runs++;
	KeSetTargetProcessorDpc(Dpc, (CCHAR)Next);
	KeInsertQueueDpc(Dpc, NULL, NULL);
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	DbgPrint("ran %d\n", Runs > 0);
	KeInsertQueueDpc(&Busy, NULL, NULL);
	KeInsertQueueDpc(&Threaded, NULL, NULL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(RegistryPath);
	KeInitializeDpc(&Busy, BusyRoutine, NULL);
	KeInitializeDpc(&Deferred, DeferredRoutine, NULL);
	KeInitializeThreadedDpc(&Threaded, BusyRoutine, NULL);
	KeInsertQueueDpc(&Deferred, NULL, NULL);
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
