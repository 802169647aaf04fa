// SPDX-License-Identifier: GPL-2.0
#include "monitor.hpp"

namespace
{
constexpr Schedule PeriodicPlan{ 100, 100 };
constexpr Schedule OneShotPlan{ 250, 0 };
constexpr Schedule WaitedPlan{ 100, 100 };
static_assert(PeriodicPlan.Due() == 1000000);
} // namespace

void Log::Beat()
{
	const ULONGLONG Now = KeQueryInterruptTime();

	Count++;
	DbgPrint("heartbeat_cpp %s %d due %I64u actual %I64u\n", Kind, Count, Due, Now);
	Due += Period;
}

Monitor::Monitor()
    : Periodic("periodic"), OneShot("one-shot"), Waited("waited"),
      PeriodicTimer(NotificationTimer, Periodic), OneShotTimer(NotificationTimer, OneShot),
      WaitedTimer(SynchronizationTimer, Waited)
{
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
}

// The timers' destructors follow, and cancel and flush.
Monitor::~Monitor()
{
	StopThread();
	DbgPrint("heartbeat_cpp ends after %d periodic, %d one-shot, %d waited beats\n",
		 Periodic.Beats(), OneShot.Beats(), Waited.Beats());
}

NTSTATUS Monitor::Start()
{
	const NTSTATUS Status = StartThread();

	if (!NT_SUCCESS(Status))
		return Status;
	Periodic.Start(PeriodicPlan);
	PeriodicTimer.Set(PeriodicPlan, true);
	OneShot.Start(OneShotPlan);
	OneShotTimer.Set(OneShotPlan, true);
	Waited.Start(WaitedPlan);
	WaitedTimer.Set(WaitedPlan, false);
	return STATUS_SUCCESS;
}

VOID Monitor::ThreadMain(PVOID Context)
{
	static_cast<Monitor *>(Context)->Wait();
	PsTerminateSystemThread(STATUS_SUCCESS);
}

void Monitor::Wait()
{
	PVOID Objects[] = { &Stop, WaitedTimer.Waitable() };

	while (KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, nullptr,
					nullptr) == STATUS_WAIT_1)
		Waited.Beat();
}

NTSTATUS Monitor::StartThread()
{
	HANDLE Handle;
	NTSTATUS Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, nullptr, nullptr,
					       nullptr, ThreadMain, this);

	if (!NT_SUCCESS(Status))
		return Status;
	Status = ObReferenceObjectByHandle(Handle, THREAD_ALL_ACCESS, nullptr, KernelMode, &Thread,
					   nullptr);
	ZwClose(Handle);
	return Status;
}

void Monitor::StopThread()
{
	if (!Thread)
		return;
	KeSetEvent(&Stop, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, nullptr);
	ObDereferenceObject(Thread);
}
