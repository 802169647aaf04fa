// SPDX-License-Identifier: GPL-2.0
/* Stops the system, and is told so. */
#include <wdm.h>

static KBUGCHECK_CALLBACK_RECORD Record;
static UCHAR Buffer[16];

static VOID CallBack(PVOID TheBuffer, ULONG Length)
{
	if (TheBuffer == Buffer)
		DbgPrint("called back with %u bytes\n", Length);
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
	UNREFERENCED_PARAMETER(DriverObject);
	UNREFERENCED_PARAMETER(RegistryPath);
	KeInitializeCallbackRecord(&Record);
	KeRegisterBugCheckCallback(&Record, CallBack, Buffer, sizeof(Buffer),
				   (PUCHAR) "panics");
	KeBugCheckEx(MANUALLY_INITIATED_CRASH, 1, 2, 3, 4);
}
