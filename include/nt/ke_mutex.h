/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mutexes: owned by threads, which may acquire them again. IRQL <=
 * DISPATCH_LEVEL, with Wait TRUE <= APC_LEVEL.
 */
#ifndef NT_KE_MUTEX_H
#define NT_KE_MUTEX_H

#include "ke_object.h"

typedef struct _KMUTANT {
	DISPATCHER_HEADER Header;
	ULONGLONG Reserved[(NT_LAYOUT_KMUTANT_SIZE - NT_LAYOUT_HEADER_SIZE) / 8];
} KMUTANT, *PKMUTANT, *PRKMUTANT, KMUTEX, *PKMUTEX, *PRKMUTEX;

C_ASSERT(sizeof(KMUTEX) == NT_LAYOUT_KMUTANT_SIZE);

EXTERN_C_START

VOID KeInitializeMutex(PRKMUTEX Mutex, ULONG Level);
/* Zero: the mutex is free now, or the next waiter's; else it is still owned. */
LONG KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait);
/* 1: free. */
LONG KeReadStateMutex(PRKMUTEX Mutex);

/* A mutant is abandoned when its owner ends; a mutex must not be. */
VOID KeInitializeMutant(PRKMUTANT Mutant, BOOLEAN InitialOwner);
LONG KeReleaseMutant(PRKMUTANT Mutant, KPRIORITY Increment, BOOLEAN Abandoned, BOOLEAN Wait);

EXTERN_C_END

#endif /* NT_KE_MUTEX_H */
