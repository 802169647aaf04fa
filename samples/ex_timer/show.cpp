// SPDX-License-Identifier: GPL-2.0
#include "show.hpp"

namespace
{
constexpr ULONGLONG LineEvery = 100 * UnitsPerMs;
} // namespace

void Journal::Start(LONGLONG Every)
{
	Period = static_cast<ULONGLONG>(Every);
	Begin = KeQueryInterruptTime();
	NextLine = Begin + Period;
}

// The expiry belongs to the last point of the grid that has passed: what was
// missed, because the processor was busy, is one expiry.
void Journal::Fire()
{
	const ULONGLONG Now = KeQueryInterruptTime();
	const ULONGLONG Due = Now - (Now - Begin) % Period;

	Expiries++;
	if (Now < NextLine)
		return;
	NextLine = Now - (Now - NextLine) % LineEvery + LineEvery;
	DbgPrint("ex_timer %s %d due %I64u actual %I64u\n", Kind, ++Lines, Due, Now);
}

LONGLONG Journal::UntilNext() const
{
	return static_cast<LONGLONG>(Period - (KeQueryInterruptTime() - Begin) % Period);
}

Show::Show() : High("high-resolution"), Lazy("no-wake"), Waited("waited")
{
	KeInitializeEvent(&Stop, NotificationEvent, FALSE);
}

// The timers' destructors follow, and delete and wait.
Show::~Show()
{
	StopThread();
	DbgPrint("ex_timer ends after %d high-resolution, %d no-wake, %d waited expiries\n",
		 High.Count(), Lazy.Count(), Waited.Count());
}

NTSTATUS Show::Start(const Settings &Chosen)
{
	const LONGLONG HighPeriod = Chosen.HighResolutionPeriodUs * 10ll;
	const LONGLONG LazyPeriod = Chosen.NoWakePeriodMs * UnitsPerMs;
	const LONGLONG WaitedPeriod = Chosen.WaitedPeriodMs * UnitsPerMs;
	NTSTATUS Status = HighTimer.Create(&High, EX_TIMER_HIGH_RESOLUTION);

	if (NT_SUCCESS(Status))
		Status = LazyTimer.Create(&Lazy, EX_TIMER_NO_WAKE);
	if (NT_SUCCESS(Status))
		Status = WaitedTimer.Create(nullptr, EX_TIMER_NOTIFICATION);
	if (NT_SUCCESS(Status))
		Status = StartThread();
	if (!NT_SUCCESS(Status))
		return Status;

	High.Start(HighPeriod);
	HighTimer.Set(HighPeriod, HighPeriod);
	Lazy.Start(LazyPeriod);
	LazyTimer.Set(LazyPeriod, LazyPeriod, Chosen.NoWakeToleranceMs * UnitsPerMs);
	Waited.Start(WaitedPeriod);
	WaitedTimer.Set(WaitedPeriod, 0);
	return STATUS_SUCCESS;
}

VOID Show::ThreadMain(PVOID Context)
{
	static_cast<Show *>(Context)->Wait();
	PsTerminateSystemThread(STATUS_SUCCESS);
}

// A notification timer stays signaled until it is set again.
void Show::Wait()
{
	PVOID Objects[] = { &Stop, WaitedTimer.Waitable() };

	while (KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, nullptr,
					nullptr) == STATUS_WAIT_1) {
		Waited.Fire();
		WaitedTimer.Set(Waited.UntilNext(), 0);
	}
}

NTSTATUS Show::StartThread()
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

void Show::StopThread()
{
	if (!Thread)
		return;
	KeSetEvent(&Stop, IO_NO_INCREMENT, FALSE);
	KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, nullptr);
	ObDereferenceObject(Thread);
}
