// SPDX-License-Identifier: GPL-2.0
// The heartbeat driver in C++: classes, a template, cleanup by destructors.
#include "monitor.hpp"

static Monitor *TheMonitor;

static VOID Unload(PDRIVER_OBJECT)
{
	delete TheMonitor;
}

extern "C" NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	DbgPrint("heartbeat_cpp starts, service %wZ\n", RegistryPath);
	TheMonitor = new Monitor;
	if (!TheMonitor)
		return STATUS_INSUFFICIENT_RESOURCES;

	const NTSTATUS Status = TheMonitor->Start();

	if (!NT_SUCCESS(Status)) {
		delete TheMonitor;
		return Status;
	}
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
