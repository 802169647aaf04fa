// SPDX-License-Identifier: GPL-2.0
// System-allocated timers in C++: three kinds of them, deleted by destructors.
#include "show.hpp"

static Show *TheShow;

static VOID Unload(PDRIVER_OBJECT)
{
	delete TheShow;
}

static RTL_QUERY_REGISTRY_TABLE Number(PCWSTR Name, PULONG Value)
{
	RTL_QUERY_REGISTRY_TABLE Query = {};

	Query.Flags = RTL_QUERY_REGISTRY_DIRECT;
	Query.Name = const_cast<PWSTR>(Name);
	Query.EntryContext = Value;
	return Query;
}

static bool IsPeriod(ULONG Value, LONGLONG Unit)
{
	return Value > 0 && Value * Unit <= MAXLONG;
}

// What the registry does not say stays as it is. False: it makes no sense.
static bool Ask(Settings &Chosen)
{
	RTL_QUERY_REGISTRY_TABLE Queries[] = {
		Number(L"HighResolutionPeriodUs", &Chosen.HighResolutionPeriodUs),
		Number(L"NoWakePeriodMs", &Chosen.NoWakePeriodMs),
		Number(L"NoWakeToleranceMs", &Chosen.NoWakeToleranceMs),
		Number(L"WaitedPeriodMs", &Chosen.WaitedPeriodMs),
		{},
	};

	return NT_SUCCESS(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, L"ex_timer\\Parameters",
						 Queries, nullptr, nullptr)) &&
	       IsPeriod(Chosen.HighResolutionPeriodUs, 10) &&
	       IsPeriod(Chosen.NoWakePeriodMs, UnitsPerMs) &&
	       IsPeriod(Chosen.WaitedPeriodMs, UnitsPerMs);
}

extern "C" NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	Settings Chosen = { 2000, 100, 50, 100 };

	if (!Ask(Chosen))
		return STATUS_INVALID_PARAMETER;
	DbgPrint("ex_timer starts, service %wZ, periods %u us, %u ms, %u ms\n", RegistryPath,
		 Chosen.HighResolutionPeriodUs, Chosen.NoWakePeriodMs, Chosen.WaitedPeriodMs);
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
