// SPDX-License-Identifier: GPL-2.0
// System-allocated timers in C++: three kinds of them, deleted by destructors.
#include "show.hpp"

static Show *TheShow;

static VOID Unload(PDRIVER_OBJECT)
{
	delete TheShow;
}

extern "C" NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	const Settings Chosen = { 2000, 100, 50, 100 };

	DbgPrint("ex_timer starts, service %wZ\n", RegistryPath);
	TheShow = new Show;
	if (!TheShow)
		return STATUS_INSUFFICIENT_RESOURCES;

	const NTSTATUS Status = TheShow->Start(Chosen);

	if (!NT_SUCCESS(Status)) {
		delete TheShow;
		return Status;
	}
	DriverObject->DriverUnload = Unload;
	return STATUS_SUCCESS;
}
