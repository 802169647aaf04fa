// SPDX-License-Identifier: GPL-2.0
// A timer and its DPC as one C++ object that cancels itself when it goes.
#pragma once

#include <ntddk.h>

struct Schedule {
	LONG DueMs;
	LONG PeriodMs;

	static constexpr LONGLONG UnitsPerMs = 10000;

	constexpr LONGLONG Due() const
	{
		return DueMs * UnitsPerMs;
	}
	constexpr LONGLONG Period() const
	{
		return PeriodMs * UnitsPerMs;
	}
};

// Says when each beat was due and when it came, in 100 ns of interrupt time.
class Log
{
public:
	explicit Log(const char *Kind) : Kind(Kind)
	{
	}

	void Start(const Schedule &Plan)
	{
		Due = KeQueryInterruptTime() + static_cast<ULONGLONG>(Plan.Due());
		Period = static_cast<ULONGLONG>(Plan.Period());
	}

	void Beat();
	LONG Beats() const
	{
		return Count;
	}

private:
	const char *Kind;
	ULONGLONG Due = 0;
	ULONGLONG Period = 0;
	LONG Count = 0;
};

// The handler is any class with a member Beat().
template <typename Handler> class Timer
{
public:
	Timer(TIMER_TYPE Type, Handler &Target)
	{
		KeInitializeTimerEx(&Object, Type);
		KeInitializeDpc(&Dpc, Run, &Target);
	}

	~Timer()
	{
		KeCancelTimer(&Object);
		KeFlushQueuedDpcs();
	}

	Timer(const Timer &) = delete;
	Timer &operator=(const Timer &) = delete;

	void Set(const Schedule &Plan, bool WithDpc)
	{
		LARGE_INTEGER DueTime;

		DueTime.QuadPart = -Plan.Due();
		KeSetTimerEx(&Object, DueTime, Plan.PeriodMs, WithDpc ? &Dpc : nullptr);
	}

	PVOID Waitable()
	{
		return &Object;
	}

private:
	static VOID Run(PKDPC, PVOID Context, PVOID, PVOID)
	{
		static_cast<Handler *>(Context)->Beat();
	}

	KTIMER Object;
	KDPC Dpc;
};
