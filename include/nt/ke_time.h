/* SPDX-License-Identifier: GPL-2.0 */
/* Clocks, in 100 ns unless said. Any IRQL. */
#ifndef NT_KE_TIME_H
#define NT_KE_TIME_H

#include "ntdef.h"

EXTERN_C_START

/* Wall clock since 1601, UTC. */
VOID KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
VOID KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
/* Since boot; the unbiased ones leave out system sleep. */
ULONGLONG KeQueryInterruptTime(VOID);
ULONGLONG KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);
ULONGLONG KeQueryUnbiasedInterruptTime(VOID);
ULONGLONG KeQueryUnbiasedInterruptTimePrecise(PULONG64 QpcTimeStamp);
/* Whole ticks since boot, and the length of one in 100 ns. */
VOID KeQueryTickCount(PLARGE_INTEGER CurrentCount);
ULONG KeQueryTimeIncrement(VOID);
/* Counts per second go to PerformanceFrequency, which may be NULL. */
LARGE_INTEGER KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency);
/* There is no auxiliary counter: STATUS_NOT_SUPPORTED. */
NTSTATUS KeQueryAuxiliaryCounterFrequency(PULONG64 AuxiliaryCounterFrequency);
VOID KeStallExecutionProcessor(ULONG MicroSeconds);

EXTERN_C_END

#endif /* NT_KE_TIME_H */
