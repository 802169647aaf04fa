/* SPDX-License-Identifier: GPL-2.0 */
/* What everything that can be waited for begins with. */
#ifndef NT_KE_OBJECT_H
#define NT_KE_OBJECT_H

#include "ntdef.h"
#include "nt_layout.h"

typedef LONG KPRIORITY;
#define IO_NO_INCREMENT 0
#define EVENT_INCREMENT 1

/* A driver may read the named members and must not write them. */
typedef struct _DISPATCHER_HEADER {
	UCHAR Type;
	UCHAR Reserved1[2];
	UCHAR Inserted;
	LONG SignalState;
	LIST_ENTRY WaitListHead;
	ULONGLONG Reserved2;
} DISPATCHER_HEADER, *PDISPATCHER_HEADER;

C_ASSERT(sizeof(DISPATCHER_HEADER) == NT_LAYOUT_HEADER_SIZE);
C_ASSERT(FIELD_OFFSET(DISPATCHER_HEADER, Type) == NT_LAYOUT_HEADER_TYPE);
C_ASSERT(FIELD_OFFSET(DISPATCHER_HEADER, Inserted) == NT_LAYOUT_HEADER_INSERTED);
C_ASSERT(FIELD_OFFSET(DISPATCHER_HEADER, SignalState) == NT_LAYOUT_HEADER_SIGNAL_STATE);
C_ASSERT(FIELD_OFFSET(DISPATCHER_HEADER, WaitListHead) == NT_LAYOUT_HEADER_WAIT_LIST_HEAD);

#endif /* NT_KE_OBJECT_H */
