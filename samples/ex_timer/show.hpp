// SPDX-License-Identifier: GPL-2.0
// Three kinds of timers: one of high resolution, one that wakes no processor,
// and one without callback that a thread waits for.
#pragma once

#include "timer.hpp"

// What the user may choose, as parameters of the module.
struct Settings {
	ULONG HighResolutionPeriodUs;
	ULONG NoWakePeriodMs;
	ULONG NoWakeToleranceMs;
	ULONG WaitedPeriodMs;
};

// Counts expiries on the grid of a period, and says how late they come, in
// 100 ns of interrupt time; not more often than ten times a second.
class Journal
{
public:
	explicit Journal(const char *Kind) : Kind(Kind)
	{
	}

	void Start(LONGLONG Every);
	void Fire();
	// Time from now to the next point of the grid.
	LONGLONG UntilNext() const;
	LONG Count() const
	{
		return Expiries;
	}

private:
	const char *Kind;
	ULONGLONG Begin = 0;
	ULONGLONG Period = 1;
	ULONGLONG NextLine = 0;
	LONG Expiries = 0;
	LONG Lines = 0;
};

class Show
{
public:
	Show();
	~Show();

	Show(const Show &) = delete;
	Show &operator=(const Show &) = delete;

	NTSTATUS Start(const Settings &Chosen);

private:
	static VOID ThreadMain(PVOID Context);
	void Wait();
	NTSTATUS StartThread();
	void StopThread();

	Journal High;
	Journal Lazy;
	Journal Waited;
	ExTimer<Journal> HighTimer;
	ExTimer<Journal> LazyTimer;
	ExTimer<Journal> WaitedTimer;
	KEVENT Stop;
	PVOID Thread = nullptr;
};
