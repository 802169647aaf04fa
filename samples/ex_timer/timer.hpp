// SPDX-License-Identifier: GPL-2.0
// An EX_TIMER as a C++ object: made when it is needed, deleted with its owner.
#pragma once

#include <ntddk.h>

constexpr LONGLONG UnitsPerMs = 10000;

// The handler is any class with a member Fire(), called at DISPATCH_LEVEL.
template <typename Handler> class ExTimer
{
public:
	ExTimer() = default;

	// No callback runs any more, and nothing is left of the timer.
	~ExTimer()
	{
		if (Object)
			ExDeleteTimer(Object, TRUE, TRUE, nullptr);
	}

	ExTimer(const ExTimer &) = delete;
	ExTimer &operator=(const ExTimer &) = delete;

	NTSTATUS Create(Handler *Target, ULONG Attributes)
	{
		Object = ExAllocateTimer(Target ? Run : nullptr, Target, Attributes);
		return Object ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
	}

	void Set(LONGLONG DueIn, LONGLONG Period)
	{
		ExSetTimer(Object, -DueIn, Period, nullptr);
	}

	void Set(LONGLONG DueIn, LONGLONG Period, LONGLONG NoWakeTolerance)
	{
		EXT_SET_PARAMETERS Parameters;

		ExInitializeSetTimerParameters(&Parameters);
		Parameters.NoWakeTolerance = NoWakeTolerance;
		ExSetTimer(Object, -DueIn, Period, &Parameters);
	}

	PVOID Waitable()
	{
		return Object;
	}

private:
	static VOID Run(PEX_TIMER, PVOID Context)
	{
		static_cast<Handler *>(Context)->Fire();
	}

	PEX_TIMER Object = nullptr;
};
