// SPDX-License-Identifier: GPL-2.0
/*
 * Unload only tells a thread to end, whose last act starts something else that
 * runs the driver's code. The parameter Act says what.
 */
#include <wdm.h>

/* Values of Act */
#define QUEUES_ITEM 1
#define INSERTS_DPC 2
#define QUEUES_ITEM_THAT_STARTS_THREAD 3

#define GENERATIONS 64
#define UNITS_PER_MS 10000

static ULONG Act = QUEUES_ITEM;
static ULONG Generation;
static KEVENT Stop, Started;
static PVOID Thread;
static WORK_QUEUE_ITEM Item;
static KDPC Dpc;

static VOID Pause(ULONG Milliseconds)
{
	LARGE_INTEGER Interval;

	Interval.QuadPart = -(LONGLONG)Milliseconds * UNITS_PER_MS;
	KeDelayExecutionThread(KernelMode, FALSE, &Interval);
}

static VOID Routine(PKDPC TheDpc, PVOID Context, PVOID Argument1,
		    PVOID Argument2)
{
	UNREFERENCED_PARAMETER(TheDpc);
	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	DbgPrint("the DPC runs\n");
}

/* The item has begun when its thread ends, so it is never one still queued. */
static VOID QueueItem(VOID)
{
	ExQueueWorkItem(&Item, DelayedWorkQueue);
	KeWaitForSingleObject(&Started, Executive, KernelMode, FALSE, NULL);
}

static VOID Worker(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	/* The processor that the DPC is not for. */
	KeSetSystemAffinityThreadEx(1);
	KeWaitForSingleObject(&Stop, Executive, KernelMode, FALSE, NULL);
	if (Act == INSERTS_DPC) {
		KeInsertQueueDpc(&Dpc, NULL, NULL);
		return;
	}
	/* What queued this generation's item is over. */
	Pause(10);
	QueueItem();
}

static NTSTATUS StartThread(VOID)
{
	HANDLE Handle;
	NTSTATUS Status;

	Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL,
				      NULL, Worker, NULL);
	if (!NT_SUCCESS(Status))
		return Status;
	ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType,
				  KernelMode, &Thread, NULL);
	return ZwClose(Handle);
}

static VOID Run(PVOID Context)
{
	UNREFERENCED_PARAMETER(Context);
	KeSetEvent(&Started, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(Thread);
	if (Act == QUEUES_ITEM) {
		Pause(300);
		DbgPrint("the item ends\n");
	} else if (++Generation < GENERATIONS) {
		StartThread();
	} else {
		DbgPrint("the last generation ends\n");
	}
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	KeSetEvent(&Stop, IO_NO_INCREMENT, FALSE);
	if (Act == INSERTS_DPC)
		ObDereferenceObject(Thread);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	RTL_QUERY_REGISTRY_TABLE Queries[2] = { { 0 } };
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(RegistryPath);
	Queries[0].Flags = RTL_QUERY_REGISTRY_DIRECT;
	Queries[0].Name = (PWSTR)L"Act";
	Queries[0].EntryContext = &Act;
	Status = RtlQueryRegistryValues(RTL_REGISTRY_SERVICES,
					L"lasts\\Parameters", Queries, NULL,
					NULL);
	if (!NT_SUCCESS(Status))
		return Status;
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
	KeInitializeEvent(&Started, SynchronizationEvent, FALSE);
	ExInitializeWorkItem(&Item, Run, NULL);
	KeInitializeDpc(&Dpc, Routine, NULL);
	KeSetTargetProcessorDpc(&Dpc, 1);
	DriverObject->DriverUnload = Unload;
	return StartThread();
}
