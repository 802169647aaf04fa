// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that lives on timers: a periodic notification timer with a DPC, a
 * one-shot, and a thread that waits on a synchronization timer until it is told
 * to stop. Each beat says when it was due and when it came, in 100 ns units of
 * interrupt time.
 */
#include <ntddk.h>

#define BEAT_PERIOD_MS 100
#define ONE_SHOT_DUE_MS 250
#define UNITS_PER_MS 10000

typedef struct _BEAT {
	KTIMER Timer;
	KDPC Dpc;
	const char *Kind;
	ULONGLONG Due;
	ULONGLONG Period;
	LONG Count;
} BEAT, *PBEAT;

static BEAT Periodic;
static BEAT OneShot;
static BEAT Waited;
static KEVENT Stop;
static PVOID Thread;

static VOID Report(PBEAT Beat)
{
	ULONGLONG Now = KeQueryInterruptTime();

	Beat->Count++;
	DbgPrint("heartbeat %s %d due %I64u actual %I64u\n", Beat->Kind, Beat->Count, Beat->Due,
		 Now);
	Beat->Due += Beat->Period;
}

static VOID BeatDpc(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	Report((PBEAT)Context);
}

static VOID InitializeBeat(PBEAT Beat, const char *Kind, TIMER_TYPE Type)
{
	RtlZeroMemory(Beat, sizeof(*Beat));
	Beat->Kind = Kind;
	KeInitializeTimerEx(&Beat->Timer, Type);
	KeInitializeDpc(&Beat->Dpc, BeatDpc, Beat);
}

static VOID StartBeat(PBEAT Beat, LONG DueMs, LONG PeriodMs, PKDPC Dpc)
{
	LARGE_INTEGER DueTime;

	DueTime.QuadPart = -(LONGLONG)DueMs * UNITS_PER_MS;
	Beat->Period = (ULONGLONG)PeriodMs * UNITS_PER_MS;
	Beat->Due = KeQueryInterruptTime() + (ULONGLONG)DueMs * UNITS_PER_MS;
	KeSetTimerEx(&Beat->Timer, DueTime, PeriodMs, Dpc);
}

static VOID WaitForBeats(PVOID Context)
{
	PVOID Objects[2];
	NTSTATUS Status;

	UNREFERENCED_PARAMETER(Context);
	Objects[0] = &Stop;
	Objects[1] = &Waited.Timer;
	for (;;) {
		Status = KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE,
						  NULL, NULL);
		if (Status != STATUS_WAIT_1)
			break;
		Report(&Waited);
	}
	PsTerminateSystemThread(STATUS_SUCCESS);
}

static NTSTATUS StartThread(VOID)
{
	HANDLE Handle;
	NTSTATUS Status;

	Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, WaitForBeats,
				      NULL);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, NULL, KernelMode, &Thread,
					   NULL);
	ZwClose(Handle);
	return Status;
}

static VOID Unload(PDRIVER_OBJECT DriverObject)
{
	UNREFERENCED_PARAMETER(DriverObject);
	KeCancelTimer(&Periodic.Timer);
	KeCancelTimer(&OneShot.Timer);
	KeCancelTimer(&Waited.Timer);
	KeSetEvent(&Stop, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
	ObDereferenceObject(Thread);
	KeFlushQueuedDpcs();
	DbgPrint("heartbeat ends after %d periodic, %d one-shot, %d waited beats\n", Periodic.Count,
		 OneShot.Count, Waited.Count);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	NTSTATUS Status;

	DbgPrint("heartbeat starts, service %wZ\n", RegistryPath);
	InitializeBeat(&Periodic, "periodic", NotificationTimer);
	InitializeBeat(&OneShot, "one-shot", NotificationTimer);
	InitializeBeat(&Waited, "waited", SynchronizationTimer);
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
	Status = StartThread();
	if (!NT_SUCCESS(Status))
		return Status;
	StartBeat(&Periodic, BEAT_PERIOD_MS, BEAT_PERIOD_MS, &Periodic.Dpc);
	StartBeat(&OneShot, ONE_SHOT_DUE_MS, 0, &OneShot.Dpc);
	StartBeat(&Waited, BEAT_PERIOD_MS, BEAT_PERIOD_MS, NULL);
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
