/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Threads, what they wait for, and work items, as a driver names them: the
 * pointers fix the types and the order of parameters. The includer defines
 * PORTED(Name).
 */

#include "check.h"

/* What a thread of its own saw. */
typedef struct _THREAD_FACTS {
	PETHREAD Thread;
	HANDLE ThreadId;
	HANDLE ProcessId;
	NTSTATUS Result;
} THREAD_FACTS, *PTHREAD_FACTS;

static VOID PORTED(TellAndEnd)(PVOID Context)
{
	PETHREAD (*const Current)(VOID) = PsGetCurrentThread;
	HANDLE (*const ThreadId)(VOID) = PsGetCurrentThreadId;
	HANDLE (*const ProcessId)(VOID) = PsGetCurrentProcessId;
	NTSTATUS (*const End)(NTSTATUS) = PsTerminateSystemThread;
	PTHREAD_FACTS Facts = (PTHREAD_FACTS)Context;

	Facts->Thread = Current();
	Facts->ThreadId = ThreadId();
	Facts->ProcessId = ProcessId();
	Facts->Result = End(STATUS_SUCCESS);
	Facts->Thread = NULL;
}

/* Waits for the end of a thread and closes its handle. */
static NTSTATUS PORTED(Join)(HANDLE Handle, PVOID *Thread)
{
	NTSTATUS(*const Reference)
	(HANDLE, ACCESS_MASK, POBJECT_TYPE, KPROCESSOR_MODE, PVOID *, POBJECT_HANDLE_INFORMATION) =
		ObReferenceObjectByHandle;
	NTSTATUS (*const Close)(HANDLE) = ZwClose;
	NTSTATUS Status;

	Status = Reference(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, Thread, NULL);
	if (NT_SUCCESS(Status))
		Status = KeWaitForSingleObject(*Thread, Executive, KernelMode, FALSE, NULL);
	Close(Handle);
	return Status;
}

const char *PORTED(SystemThreads)(void)
{
	NTSTATUS(*const Create)
	(PHANDLE, ULONG, POBJECT_ATTRIBUTES, HANDLE, PCLIENT_ID, PKSTART_ROUTINE, PVOID) =
		PsCreateSystemThread;
	HANDLE (*const IdOf)(PETHREAD) = PsGetThreadId;
	THREAD_FACTS Facts = { NULL, NULL, NULL, 5 };
	OBJECT_ATTRIBUTES Attributes;
	NTSTATUS Status;
	PVOID Thread;
	CLIENT_ID Id;
	HANDLE Handle;

	InitializeObjectAttributes(&Attributes, NULL, OBJ_KERNEL_HANDLE, NULL, NULL);
	CHECK(Create(&Handle, THREAD_ALL_ACCESS, &Attributes, NULL, &Id, PORTED(TellAndEnd),
		     &Facts) == STATUS_SUCCESS);
	Status = PORTED(Join)(Handle, &Thread);
	CHECK(Status == STATUS_SUCCESS);
	Handle = IdOf((PETHREAD)Thread);
	ObDereferenceObject(Thread);
	CHECK(Facts.Thread == (PETHREAD)Thread && Facts.Result == 5);
	CHECK(Id.UniqueThread == Facts.ThreadId && Id.UniqueThread == Handle);
	CHECK(Id.UniqueProcess == Facts.ProcessId && Facts.ProcessId == (HANDLE)4);
	return NULL;
}

const char *PORTED(ThreadsOfObjects)(void)
{
	NTSTATUS(*const Create)
	(PVOID, PHANDLE, ULONG, POBJECT_ATTRIBUTES, HANDLE, PCLIENT_ID, PKSTART_ROUTINE, PVOID) =
		IoCreateSystemThread;
	THREAD_FACTS Facts = { NULL, NULL, NULL, 5 };
	VOID (*const Dereference)(PVOID) = ObDereferenceObjectDeferDelete;
	NTSTATUS Status;
	HANDLE Handle;
	PVOID Thread;

	CHECK(Create(&Facts, &Handle, THREAD_ALL_ACCESS, NULL, ZwCurrentProcess(), NULL,
		     PORTED(TellAndEnd), &Facts) == STATUS_SUCCESS);
	Status = PORTED(Join)(Handle, &Thread);
	CHECK(Status == STATUS_SUCCESS);
	ObReferenceObject(Thread);
	Dereference(Thread);
	ObDereferenceObject(Thread);
	CHECK(Facts.Thread == (PETHREAD)Thread && Facts.Result == 5);
	return NULL;
}

/* Changes its own priority; each step's result in a place of its own. */
static VOID PORTED(ChangePriority)(PVOID Context)
{
	KPRIORITY (*const Set)(PKTHREAD, KPRIORITY) = KeSetPriorityThread;
	KPRIORITY (*const Query)(PKTHREAD) = KeQueryPriorityThread;
	LONG (*const SetBase)(PKTHREAD, LONG) = KeSetBasePriorityThread;
	PKTHREAD Self = KeGetCurrentThread();
	LONG *Seen = (LONG *)Context;

	Seen[0] = Query(Self);
	Seen[1] = Set(Self, 12);
	Seen[2] = Query(Self);
	Seen[3] = Set(Self, LOW_REALTIME_PRIORITY);
	Seen[4] = Set(Self, 8);
	Seen[5] = SetBase(Self, 2);
	Seen[6] = SetBase(Self, -1);
	Seen[7] = Query(Self);
}

const char *PORTED(Priorities)(void)
{
	LONG Seen[8] = { -1, -1, -1, -1, -1, -1, -1, -1 };
	NTSTATUS Status;
	HANDLE Handle;
	PVOID Thread;

	CHECK(PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL,
				   PORTED(ChangePriority), Seen) == STATUS_SUCCESS);
	Status = PORTED(Join)(Handle, &Thread);
	CHECK(Status == STATUS_SUCCESS);
	ObDereferenceObject(Thread);
	CHECK(Seen[0] == 8 && Seen[1] == 8 && Seen[2] == 12);
	CHECK(Seen[3] == 12 && Seen[4] == LOW_REALTIME_PRIORITY);
	CHECK(Seen[5] == 0 && Seen[6] == 2 && Seen[7] == 7);
	return NULL;
}

/* To processor 0, the only one that is always there. */
const char *PORTED(Affinities)(void)
{
	KAFFINITY (*const Set)(KAFFINITY) = KeSetSystemAffinityThreadEx;
	VOID (*const Revert)(KAFFINITY) = KeRevertToUserAffinityThreadEx;
	VOID (*const SetGroup)(PGROUP_AFFINITY, PGROUP_AFFINITY) = KeSetSystemGroupAffinityThread;
	VOID (*const RevertGroup)(PGROUP_AFFINITY) = KeRevertToUserGroupAffinityThread;
	GROUP_AFFINITY New = { 1, 0, { 0, 0, 0 } }, Old = { 5, 5, { 0, 0, 0 } };
	ULONG OnMask, OnGroup;
	KAFFINITY Before;

	Before = Set(1);
	OnMask = KeGetCurrentProcessorIndex();
	Revert(Before);
	CHECK(Before == 0 && OnMask == 0);
	SetGroup(&New, &Old);
	OnGroup = KeGetCurrentProcessorIndex();
	RevertGroup(&Old);
	CHECK(OnGroup == 0 && Old.Mask == 0 && Old.Group == 0);
	CHECK(Set(1) == 0);
	Revert(0);
	return NULL;
}

const char *PORTED(Mutexes)(void)
{
	VOID (*const Init)(PRKMUTEX, ULONG) = KeInitializeMutex;
	LONG (*const Release)(PRKMUTEX, BOOLEAN) = KeReleaseMutex;
	LONG (*const Read)(PRKMUTEX) = KeReadStateMutex;
	NTSTATUS(*const Wait)
	(PVOID, KWAIT_REASON, KPROCESSOR_MODE, BOOLEAN, PLARGE_INTEGER) = KeWaitForMutexObject;
	LONG Once, Twice, First, Second;
	NTSTATUS Statuses[2];
	BOOLEAN Disabled;
	KMUTEX Mutex;

	Init(&Mutex, 0);
	CHECK(Read(&Mutex) == 1);
	Statuses[0] = Wait(&Mutex, Executive, KernelMode, FALSE, NULL);
	Once = Read(&Mutex);
	Disabled = KeAreApcsDisabled();
	Statuses[1] = Wait(&Mutex, Executive, KernelMode, FALSE, NULL);
	Twice = Read(&Mutex);
	First = Release(&Mutex, FALSE);
	Second = Release(&Mutex, FALSE);
	CHECK(Statuses[0] == STATUS_SUCCESS && Statuses[1] == STATUS_SUCCESS);
	CHECK(Once == 0 && Twice == -1 && Disabled == TRUE);
	CHECK(First == -1 && Second == 0 && Read(&Mutex) == 1 && !KeAreApcsDisabled());
	return NULL;
}

const char *PORTED(WaitRoutines)(void)
{
	NTSTATUS(*const Wait)
	(PVOID, KWAIT_REASON, KPROCESSOR_MODE, BOOLEAN, PLARGE_INTEGER) = KeWaitForSingleObject;
	NTSTATUS(*const WaitMany)
	(ULONG, PVOID[], WAIT_TYPE, KWAIT_REASON, KPROCESSOR_MODE, BOOLEAN, PLARGE_INTEGER,
	 PKWAIT_BLOCK) = KeWaitForMultipleObjects;
	NTSTATUS (*const Delay)(KPROCESSOR_MODE, BOOLEAN, PLARGE_INTEGER) = KeDelayExecutionThread;
	VOID (*const Stall)(ULONG) = KeStallExecutionProcessor;
	LARGE_INTEGER Soon;
	KEVENT Events[2];
	PVOID Objects[2] = { &Events[0], &Events[1] };

	Soon.QuadPart = -1000;
	KeInitializeEvent(&Events[0], NotificationEvent, FALSE);
	KeInitializeEvent(&Events[1], NotificationEvent, TRUE);
	CHECK(Wait(Objects[0], Executive, KernelMode, FALSE, &Soon) == STATUS_TIMEOUT);
	CHECK(Wait(Objects[1], UserRequest, KernelMode, FALSE, &Soon) == STATUS_SUCCESS);
	CHECK(WaitMany(2, Objects, WaitAny, Executive, KernelMode, FALSE, &Soon, NULL) ==
	      STATUS_WAIT_1);
	CHECK(WaitMany(2, Objects, WaitAll, Executive, KernelMode, FALSE, &Soon, NULL) ==
	      STATUS_TIMEOUT);
	CHECK(Delay(KernelMode, FALSE, &Soon) == STATUS_SUCCESS);
	Stall(1);
	return NULL;
}

const char *PORTED(Semaphores)(void)
{
	VOID (*const Init)(PRKSEMAPHORE, LONG, LONG) = KeInitializeSemaphore;
	LONG (*const Release)(PRKSEMAPHORE, KPRIORITY, LONG, BOOLEAN) = KeReleaseSemaphore;
	LONG (*const Read)(PRKSEMAPHORE) = KeReadStateSemaphore;
	KSEMAPHORE Semaphore;
	LARGE_INTEGER Zero;

	Zero.QuadPart = 0;
	Init(&Semaphore, 1, 3);
	CHECK(Read(&Semaphore) == 1 && Semaphore.Limit == 3);
	CHECK(Release(&Semaphore, IO_NO_INCREMENT, 2, FALSE) == 1 && Read(&Semaphore) == 3);
	CHECK(KeWaitForSingleObject(&Semaphore, Executive, KernelMode, FALSE, NULL) ==
	      STATUS_SUCCESS);
	CHECK(Read(&Semaphore) == 2);
	Init(&Semaphore, 0, 1);
	CHECK(KeWaitForSingleObject(&Semaphore, Executive, KernelMode, FALSE, &Zero) ==
	      STATUS_TIMEOUT);
	return NULL;
}

const char *PORTED(Events)(void)
{
	VOID (*const Init)(PRKEVENT, EVENT_TYPE, BOOLEAN) = KeInitializeEvent;
	LONG (*const Set)(PRKEVENT, KPRIORITY, BOOLEAN) = KeSetEvent;
	LONG (*const Reset)(PRKEVENT) = KeResetEvent;
	VOID (*const Clear)(PRKEVENT) = KeClearEvent;
	LONG (*const Pulse)(PRKEVENT, KPRIORITY, BOOLEAN) = KePulseEvent;
	LONG (*const Read)(PRKEVENT) = KeReadStateEvent;
	KEVENT Event;

	Init(&Event, NotificationEvent, FALSE);
	CHECK(Read(&Event) == 0 && Set(&Event, IO_NO_INCREMENT, FALSE) == 0);
	CHECK(Set(&Event, IO_NO_INCREMENT, FALSE) != 0 && Read(&Event) != 0);
	CHECK(Reset(&Event) != 0 && Read(&Event) == 0 && Reset(&Event) == 0);
	Set(&Event, IO_NO_INCREMENT, FALSE);
	Clear(&Event);
	CHECK(Read(&Event) == 0 && Pulse(&Event, IO_NO_INCREMENT, FALSE) == 0);
	CHECK(Read(&Event) == 0);
	Set(&Event, IO_NO_INCREMENT, FALSE);
	CHECK(Pulse(&Event, IO_NO_INCREMENT, FALSE) != 0 && Read(&Event) == 0);
	return NULL;
}

/* What a work item's routine saw. */
typedef struct _WORK_FACTS {
	KEVENT Done;
	PVOID Object;
	PIO_WORKITEM Item;
	KIRQL Irql;
	LONG Runs;
} WORK_FACTS, *PWORK_FACTS;

static VOID PORTED(Tell)(PVOID IoObject, PVOID Context, PIO_WORKITEM Item)
{
	PWORK_FACTS Facts = (PWORK_FACTS)Context;

	Facts->Object = IoObject;
	Facts->Item = Item;
	Facts->Irql = KeGetCurrentIrql();
	Facts->Runs++;
	KeSetEvent(&Facts->Done, IO_NO_INCREMENT, FALSE);
}

static VOID PORTED(TellNoItem)(PDEVICE_OBJECT DeviceObject, PVOID Context)
{
	PORTED(Tell)(DeviceObject, Context, NULL);
}

static NTSTATUS PORTED(AwaitWork)(PWORK_FACTS Facts)
{
	return KeWaitForSingleObject(&Facts->Done, Executive, KernelMode, FALSE, NULL);
}

const char *PORTED(WorkItems)(void)
{
	PIO_WORKITEM (*const Allocate)(PDEVICE_OBJECT) = IoAllocateWorkItem;
	VOID (*const Free)(PIO_WORKITEM) = IoFreeWorkItem;
	VOID(*const Queue)
	(PIO_WORKITEM, PIO_WORKITEM_ROUTINE, WORK_QUEUE_TYPE, PVOID) = IoQueueWorkItem;
	WORK_FACTS Facts = {};
	PDEVICE_OBJECT Device = (PDEVICE_OBJECT)&Facts;
	PIO_WORKITEM Item = Allocate(Device);

	CHECK(Item != NULL);
	KeInitializeEvent(&Facts.Done, SynchronizationEvent, FALSE);
	Queue(Item, PORTED(TellNoItem), DelayedWorkQueue, &Facts);
	PORTED(AwaitWork)(&Facts);
	Free(Item);
	CHECK(Facts.Runs == 1 && Facts.Irql == PASSIVE_LEVEL);
	CHECK(Facts.Object == (PVOID)Device);
	return NULL;
}

const char *PORTED(WorkItemsInOwnMemory)(void)
{
	typedef VOID (*PQUEUE)(PIO_WORKITEM, PIO_WORKITEM_ROUTINE_EX, WORK_QUEUE_TYPE, PVOID);
	typedef BOOLEAN (*PTRY)(PIO_WORKITEM, PIO_WORKITEM_ROUTINE_EX, WORK_QUEUE_TYPE, PVOID);
	ULONG (*const Size)(VOID) = IoSizeofWorkItem;
	VOID (*const Init)(PVOID, PIO_WORKITEM) = IoInitializeWorkItem;
	VOID (*const Uninit)(PIO_WORKITEM) = IoUninitializeWorkItem;
	const PQUEUE Queue = IoQueueWorkItemEx;
	const PTRY Try = IoTryQueueWorkItem;
	WORK_FACTS Facts = {};
	PIO_WORKITEM Item, Passed;
	BOOLEAN Queued;

	Item = (PIO_WORKITEM)ExAllocatePool2(POOL_FLAG_NON_PAGED, Size(), 'tseT');
	CHECK(Item != NULL);
	KeInitializeEvent(&Facts.Done, SynchronizationEvent, FALSE);
	Init(&Facts, Item);
	Queue(Item, PORTED(Tell), CriticalWorkQueue, &Facts);
	PORTED(AwaitWork)(&Facts);
	Passed = Facts.Item;
	Facts.Item = NULL;
	Queued = Try(Item, PORTED(Tell), DelayedWorkQueue, &Facts);
	if (Queued)
		PORTED(AwaitWork)(&Facts);
	Uninit(Item);
	ExFreePoolWithTag(Item, 'tseT');
	CHECK(Queued == TRUE && Facts.Runs == 2 && Facts.Object == (PVOID)&Facts);
	CHECK(Passed == Item && Facts.Item == Item);
	return NULL;
}

/* What a driver's macros call. */
const char *PORTED(RemoveLocks)(void)
{
	VOID (*const Init)(PIO_REMOVE_LOCK, ULONG, ULONG, ULONG, ULONG) = IoInitializeRemoveLockEx;
	NTSTATUS(*const Acquire)
	(PIO_REMOVE_LOCK, PVOID, PCSTR, ULONG, ULONG) = IoAcquireRemoveLockEx;
	VOID (*const Release)(PIO_REMOVE_LOCK, PVOID, ULONG) = IoReleaseRemoveLockEx;
	VOID (*const ReleaseAndWait)(PIO_REMOVE_LOCK, PVOID, ULONG) = IoReleaseRemoveLockAndWaitEx;
	NTSTATUS First, Second;
	IO_REMOVE_LOCK Lock;

	Init(&Lock, 'tseT', 0, 0, sizeof(Lock));
	First = Acquire(&Lock, &First, __FILE__, __LINE__, sizeof(Lock));
	Second = Acquire(&Lock, &Second, "", 1, sizeof(Lock));
	Release(&Lock, &First, sizeof(Lock));
	ReleaseAndWait(&Lock, &Second, sizeof(Lock));
	CHECK(First == STATUS_SUCCESS && Second == STATUS_SUCCESS);
	CHECK(Acquire(&Lock, NULL, "", 1, sizeof(Lock)) == STATUS_DELETE_PENDING);
	return NULL;
}
