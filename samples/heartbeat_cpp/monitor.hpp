// SPDX-License-Identifier: GPL-2.0
// Everything the driver owns: three timers and a thread that waits on one.
#pragma once

#include "beat.hpp"

class Monitor
{
public:
	Monitor();
	~Monitor();

	Monitor(const Monitor &) = delete;
	Monitor &operator=(const Monitor &) = delete;

	NTSTATUS Start();

private:
	static VOID ThreadMain(PVOID Context);
	void Wait();
	NTSTATUS StartThread();
	void StopThread();

	Log Periodic;
	Log OneShot;
	Log Waited;
	Timer<Log> PeriodicTimer;
	Timer<Log> OneShotTimer;
	Timer<Log> WaitedTimer;
	KEVENT Stop;
	PVOID Thread = nullptr;
};
