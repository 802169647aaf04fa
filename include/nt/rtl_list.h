/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Linked lists. The caller provides the locking; any IRQL at which the entries
 * are resident.
 *
 * Neighbours that do not point back are reported (S-LST-05). The list is then
 * left alone: an entry is not inserted, and points to itself; one that was to be
 * removed stays. A head whose first or last entry is bad becomes empty, so that
 * a loop over RemoveHeadList ends.
 */
#ifndef NT_RTL_LIST_H
#define NT_RTL_LIST_H

#include "ntdef.h"

EXTERN_C_START

/* Reports that Entry and its neighbour do not belong together. */
VOID FatalListEntryError(PVOID Entry, PVOID Neighbour, PVOID Found);

EXTERN_C_END

NT_INLINE VOID InitializeListHead(PLIST_ENTRY ListHead)
{
	ListHead->Flink = ListHead;
	ListHead->Blink = ListHead;
}

NT_INLINE BOOLEAN IsListEmpty(const LIST_ENTRY *ListHead)
{
	return (BOOLEAN)(ListHead->Flink == ListHead);
}

/* TRUE: both neighbours point back to Entry. */
NT_INLINE BOOLEAN RtlpCheckListEntry(PLIST_ENTRY Entry)
{
	PLIST_ENTRY Next = Entry->Flink, Previous = Entry->Blink;

	if (__builtin_expect(Next->Blink == Entry && Previous->Flink == Entry, 1))
		return TRUE;
	if (Next->Blink != Entry)
		FatalListEntryError(Entry, Next, Next->Blink);
	else
		FatalListEntryError(Entry, Previous, Previous->Flink);
	return FALSE;
}

/* Without any test. Returns TRUE if the list is empty afterwards. */
NT_INLINE BOOLEAN RemoveEntryListUnsafe(PLIST_ENTRY Entry)
{
	PLIST_ENTRY Next = Entry->Flink, Previous = Entry->Blink;

	Previous->Flink = Next;
	Next->Blink = Previous;
	return (BOOLEAN)(Next == Previous);
}

/*
 * Returns TRUE if the list is empty afterwards. The entry keeps its links. An
 * entry that points to itself is on no list, and that is no error.
 */
NT_INLINE BOOLEAN RemoveEntryList(PLIST_ENTRY Entry)
{
	if (!RtlpCheckListEntry(Entry))
		return FALSE;
	return RemoveEntryListUnsafe(Entry);
}

/* Returns the list head itself when the list is empty. */
NT_INLINE PLIST_ENTRY RemoveHeadList(PLIST_ENTRY ListHead)
{
	PLIST_ENTRY Entry = ListHead->Flink;

	if (Entry->Blink == ListHead && RtlpCheckListEntry(Entry)) {
		RemoveEntryListUnsafe(Entry);
		return Entry;
	}
	if (Entry->Blink != ListHead)
		FatalListEntryError(ListHead, Entry, Entry->Blink);
	InitializeListHead(ListHead);
	return Entry;
}

NT_INLINE PLIST_ENTRY RemoveTailList(PLIST_ENTRY ListHead)
{
	PLIST_ENTRY Entry = ListHead->Blink;

	if (Entry->Flink == ListHead && RtlpCheckListEntry(Entry)) {
		RemoveEntryListUnsafe(Entry);
		return Entry;
	}
	if (Entry->Flink != ListHead)
		FatalListEntryError(ListHead, Entry, Entry->Flink);
	InitializeListHead(ListHead);
	return Entry;
}

NT_INLINE VOID InsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
	PLIST_ENTRY Last = ListHead->Blink;

	if (!RtlpCheckListEntry(ListHead)) {
		InitializeListHead(Entry);
		return;
	}
	Entry->Flink = ListHead;
	Entry->Blink = Last;
	Last->Flink = Entry;
	ListHead->Blink = Entry;
}

NT_INLINE VOID InsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY Entry)
{
	PLIST_ENTRY First = ListHead->Flink;

	if (!RtlpCheckListEntry(ListHead)) {
		InitializeListHead(Entry);
		return;
	}
	Entry->Flink = First;
	Entry->Blink = ListHead;
	First->Blink = Entry;
	ListHead->Flink = Entry;
}

/* ListToAppend is the first of a ring of entries without a head of its own. */
NT_INLINE VOID AppendTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListToAppend)
{
	PLIST_ENTRY Last = ListHead->Blink, LastToAppend = ListToAppend->Blink;

	if (!RtlpCheckListEntry(ListHead) || !RtlpCheckListEntry(ListToAppend))
		return;
	Last->Flink = ListToAppend;
	ListToAppend->Blink = Last;
	LastToAppend->Flink = ListHead;
	ListHead->Blink = LastToAppend;
}

/* Singly linked; the head is an entry of its own. */
NT_INLINE VOID PushEntryList(PSINGLE_LIST_ENTRY ListHead, PSINGLE_LIST_ENTRY Entry)
{
	Entry->Next = ListHead->Next;
	ListHead->Next = Entry;
}

/* NULL when the list is empty. */
NT_INLINE PSINGLE_LIST_ENTRY PopEntryList(PSINGLE_LIST_ENTRY ListHead)
{
	PSINGLE_LIST_ENTRY First = ListHead->Next;

	if (First)
		ListHead->Next = First->Next;
	return First;
}

#endif /* NT_RTL_LIST_H */
