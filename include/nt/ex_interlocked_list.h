/* SPDX-License-Identifier: GPL-2.0 */
/*
 * List operations and additions under a spin lock. Any IRQL; the lock is for
 * nothing else unless all its users stay at DISPATCH_LEVEL or below.
 */
#ifndef NT_EX_INTERLOCKED_LIST_H
#define NT_EX_INTERLOCKED_LIST_H

#include "ke_spinlock.h"
#include "ntdef.h"

EXTERN_C_START

/* The entry that was first or last before; NULL: the list was empty. */
PLIST_ENTRY ExInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
					PKSPIN_LOCK Lock);
PLIST_ENTRY ExInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
					PKSPIN_LOCK Lock);
PSINGLE_LIST_ENTRY ExInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
					      PSINGLE_LIST_ENTRY ListEntry, PKSPIN_LOCK Lock);
/* NULL: the list is empty. */
PLIST_ENTRY ExInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PKSPIN_LOCK Lock);
PSINGLE_LIST_ENTRY ExInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PKSPIN_LOCK Lock);
/* The value before. */
ULONG ExInterlockedAddUlong(PULONG Addend, ULONG Increment, PKSPIN_LOCK Lock);
LARGE_INTEGER ExInterlockedAddLargeInteger(PLARGE_INTEGER Addend, LARGE_INTEGER Increment,
					   PKSPIN_LOCK Lock);

EXTERN_C_END

#endif /* NT_EX_INTERLOCKED_LIST_H */
