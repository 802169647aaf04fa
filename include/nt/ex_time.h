/* SPDX-License-Identifier: GPL-2.0 */
/* Resolution of the clock tick, in 100 ns, and local time. */
#ifndef NT_EX_TIME_H
#define NT_EX_TIME_H

#include "ntdef.h"

EXTERN_C_START

/* The maximum is the longest tick, the coarsest resolution. Any IRQL. */
VOID ExQueryTimerResolution(PULONG MaximumTime, PULONG MinimumTime, PULONG CurrentTime);
/* IRQL <= APC_LEVEL. Each TRUE needs its FALSE before the driver unloads. */
ULONG ExSetTimerResolution(ULONG DesiredTime, BOOLEAN SetResolution);

VOID ExSystemTimeToLocalTime(PLARGE_INTEGER SystemTime, PLARGE_INTEGER LocalTime);
VOID ExLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime);

EXTERN_C_END

#endif /* NT_EX_TIME_H */
