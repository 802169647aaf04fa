/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequenced singly linked lists: stacks that need no lock of the driver. Any
 * IRQL. An entry may be freed or pushed again as soon as it has been popped.
 */
#ifndef NT_EX_SLIST_H
#define NT_EX_SLIST_H

#include "nt_layout.h"
#include "ntdef.h"

typedef struct DECLSPEC_ALIGN(16) _SLIST_ENTRY {
	struct _SLIST_ENTRY *Next;
} SLIST_ENTRY, *PSLIST_ENTRY;

typedef union DECLSPEC_ALIGN(16) _SLIST_HEADER {
	ULONGLONG Reserved[NT_LAYOUT_SLIST_HEADER_SIZE / 8];
} SLIST_HEADER, *PSLIST_HEADER;

C_ASSERT(sizeof(SLIST_HEADER) == NT_LAYOUT_SLIST_HEADER_SIZE);

EXTERN_C_START

VOID InitializeSListHead(PSLIST_HEADER ListHead);
/* These return the first entry as it was before, NULL for an empty list. */
PSLIST_ENTRY ExpInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry);
PSLIST_ENTRY ExpInterlockedPopEntrySList(PSLIST_HEADER ListHead);
/* Empties the list; the entries stay linked to each other. */
PSLIST_ENTRY ExpInterlockedFlushSList(PSLIST_HEADER ListHead);
USHORT ExQueryDepthSList(PSLIST_HEADER ListHead);

EXTERN_C_END

#define ExInitializeSListHead(ListHead) InitializeSListHead(ListHead)
#define InterlockedPushEntrySList(ListHead, ListEntry) \
	ExpInterlockedPushEntrySList(ListHead, ListEntry)
#define InterlockedPopEntrySList(ListHead) ExpInterlockedPopEntrySList(ListHead)
#define InterlockedFlushSList(ListHead) ExpInterlockedFlushSList(ListHead)
#define QueryDepthSList(ListHead) ExQueryDepthSList(ListHead)
/* The lock may be NULL: 64-bit systems do not use it. */
#define ExInterlockedPushEntrySList(ListHead, ListEntry, Lock) \
	((VOID)(Lock), ExpInterlockedPushEntrySList(ListHead, ListEntry))
#define ExInterlockedPopEntrySList(ListHead, Lock) \
	((VOID)(Lock), ExpInterlockedPopEntrySList(ListHead))
#define ExInterlockedFlushSList(ListHead) ExpInterlockedFlushSList(ListHead)

#endif /* NT_EX_SLIST_H */
