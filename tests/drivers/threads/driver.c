// SPDX-License-Identifier: GPL-2.0
/*
 * Starts two threads and a work item. Unload ends one thread and waits for it,
 * and it waits until the item has said that it ran, as a driver does. The other
 * thread ends by itself, and so does the item, perhaps after Unload.
 */
#include <wdm.h>

static KEVENT Stop, Ran;
static PVOID Thread;
static WORK_QUEUE_ITEM Item;

static VOID Wait(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeWaitForSingleObject(&Stop, Executive, KernelMode, FALSE, NULL);
	PsTerminateSystemThread(STATUS_SUCCESS);
}

static VOID Return(PVOID Context)
{
	InterlockedIncrement((LONG volatile *)Context);
}

static VOID Report(PVOID Context)
{
	KeSetEvent(Context, IO_NO_INCREMENT, FALSE);
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	KeSetEvent(&Stop, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(Thread);
	KeWaitForSingleObject(&Ran, Executive, KernelMode, FALSE, NULL);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	static LONG volatile Count;
	HANDLE Waiting, Short;
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	DriverObject->DriverUnload = Unload;
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
	KeInitializeEvent(&Ran, NotificationEvent, FALSE);
	ExInitializeWorkItem(&Item, Report, &Ran);
	Status = PsCreateSystemThread(&Short, THREAD_ALL_ACCESS, NULL, NULL,
				      NULL, Return, (PVOID)&Count);
	if (!NT_SUCCESS(Status))
		return Status;
	ZwClose(Short);
	Status = PsCreateSystemThread(&Waiting, THREAD_ALL_ACCESS, NULL, NULL,
				      NULL, Wait, NULL);
	if (!NT_SUCCESS(Status))
		return Status;
	ObReferenceObjectByHandle(Waiting, SYNCHRONIZE, *PsThreadType,
				  KernelMode, &Thread, NULL);
	ZwClose(Waiting);
	ExQueueWorkItem(&Item, DelayedWorkQueue);
	return STATUS_SUCCESS;
}
