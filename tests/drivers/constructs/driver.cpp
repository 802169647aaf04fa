// SPDX-License-Identifier: GPL-2.0
// Has a global whose constructor must run before DriverEntry.
#include <wdm.h>

class Started
{
      public:
	Started()
	{
		KeQuerySystemTime(&When);
	}
	LARGE_INTEGER When;
};

static Started TheStart;

extern "C" NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING)
{
	return TheStart.When.QuadPart ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
