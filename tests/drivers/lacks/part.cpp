// SPDX-License-Identifier: GPL-2.0
#include <ntddk.h>

VOID NTAPI Part(PKTIMER Timer)
{
	NoSuchRoutineOfCxx(Timer, NO_SUCH_CONSTANT);
}
