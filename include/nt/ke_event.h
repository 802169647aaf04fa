/* SPDX-License-Identifier: GPL-2.0 */
/* Events. IRQL <= DISPATCH_LEVEL, with Wait TRUE <= APC_LEVEL. */
#ifndef NT_KE_EVENT_H
#define NT_KE_EVENT_H

#include "ke_object.h"

typedef struct _KEVENT {
	DISPATCHER_HEADER Header;
} KEVENT, *PKEVENT, *PRKEVENT;

C_ASSERT(sizeof(KEVENT) == NT_LAYOUT_KEVENT_SIZE);

typedef enum _EVENT_TYPE {
	NotificationEvent,
	SynchronizationEvent,
} EVENT_TYPE;

EXTERN_C_START

VOID KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State);
/* Those that return something return the previous state, nonzero for signaled. */
LONG KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
LONG KeResetEvent(PRKEVENT Event);
VOID KeClearEvent(PRKEVENT Event);
LONG KePulseEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait);
LONG KeReadStateEvent(PRKEVENT Event);

EXTERN_C_END

#endif /* NT_KE_EVENT_H */
