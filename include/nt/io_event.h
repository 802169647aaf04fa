/* SPDX-License-Identifier: GPL-2.0 */
/* Named events: found again by whoever knows the name. PASSIVE_LEVEL. */
#ifndef NT_IO_EVENT_H
#define NT_IO_EVENT_H

#include "ke_event.h"
#include "ob_handle.h"

#define EVENT_QUERY_STATE 0x0001u
#define EVENT_MODIFY_STATE 0x0002u
#define EVENT_ALL_ACCESS (STANDARD_RIGHTS_REQUIRED | SYNCHRONIZE | 0x3u)

EXTERN_C_START

extern POBJECT_TYPE *ExEventObjectType;

/*
 * A new event is signaled; one that exists is left as it is. It lives until the
 * handle is closed. NULL without memory.
 */
PKEVENT IoCreateNotificationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle);
PKEVENT IoCreateSynchronizationEvent(PUNICODE_STRING EventName, PHANDLE EventHandle);

EXTERN_C_END

#endif /* NT_IO_EVENT_H */
