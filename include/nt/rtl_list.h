/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Doubly linked lists. The caller provides the locking; any IRQL at which the
 * entries are resident.
 */
#ifndef NT_RTL_LIST_H
#define NT_RTL_LIST_H

#include "ntdef.h"

FORCEINLINE VOID InitializeListHead(PLIST_ENTRY ListHead)
{
	ListHead->Flink = ListHead;
	ListHead->Blink = ListHead;
}

FORCEINLINE BOOLEAN IsListEmpty(const LIST_ENTRY *ListHead)
{
	return (BOOLEAN)(ListHead->Flink == ListHead);
}

/* Returns TRUE if the list is empty afterwards. */
FORCEINLINE BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
	PLIST_ENTRY Next = Entry->Flink, Previous = Entry->Blink;

	Previous->Flink = Next;
	Next->Blink = Previous;
	return (BOOLEAN)(Next == Previous);
}

/* Returns the list head itself when the list is empty. */
FORCEINLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead)
{
	PLIST_ENTRY Entry = ListHead->Flink;

	RemoveEntryList(Entry);
	return Entry;
}

FORCEINLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead)
{
	PLIST_ENTRY Entry = ListHead->Blink;

	RemoveEntryList(Entry);
	return Entry;
}

FORCEINLINE VOID InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
	PLIST_ENTRY Last = ListHead->Blink;

	Entry->Flink = ListHead;
	Entry->Blink = Last;
	Last->Flink = Entry;
	ListHead->Blink = Entry;
}

FORCEINLINE VOID InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
	PLIST_ENTRY First = ListHead->Flink;

	Entry->Flink = First;
	Entry->Blink = ListHead;
	First->Blink = Entry;
	ListHead->Flink = Entry;
}

#endif /* NT_RTL_LIST_H */
