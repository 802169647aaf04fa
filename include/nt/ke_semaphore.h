/* SPDX-License-Identifier: GPL-2.0 */
/* Semaphores. IRQL <= DISPATCH_LEVEL, with Wait TRUE PASSIVE_LEVEL. */
#ifndef NT_KE_SEMAPHORE_H
#define NT_KE_SEMAPHORE_H

#include "ke_object.h"

typedef struct _KSEMAPHORE {
	DISPATCHER_HEADER Header;
	LONG Limit;
} KSEMAPHORE, *PKSEMAPHORE, *PRKSEMAPHORE;

C_ASSERT(sizeof(KSEMAPHORE) == NT_LAYOUT_KSEMAPHORE_SIZE);
C_ASSERT(FIELD_OFFSET(KSEMAPHORE, Limit) == NT_LAYOUT_KSEMAPHORE_LIMIT);

EXTERN_C_START

VOID KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit);
/* Returns the previous count. Beyond the limit it raises, and changes nothing. */
LONG KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait);
LONG KeReadStateSemaphore(PRKSEMAPHORE Semaphore);

EXTERN_C_END

#endif /* NT_KE_SEMAPHORE_H */
