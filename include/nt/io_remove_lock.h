/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Remove locks: counted use of a device until its removal. Initialised and
 * waited for at PASSIVE_LEVEL, used at IRQL <= DISPATCH_LEVEL.
 */
#ifndef NT_IO_REMOVE_LOCK_H
#define NT_IO_REMOVE_LOCK_H

#include "ke_event.h"
#include "nt_layout.h"
#include "ntdef.h"

typedef struct _IO_REMOVE_LOCK_COMMON_BLOCK {
	BOOLEAN Removed;
	BOOLEAN Reserved[3];
	LONG IoCount;
	KEVENT RemoveEvent;
} IO_REMOVE_LOCK_COMMON_BLOCK;

typedef struct _IO_REMOVE_LOCK {
	IO_REMOVE_LOCK_COMMON_BLOCK Common;
	ULONG Reserved[4];
} IO_REMOVE_LOCK, *PIO_REMOVE_LOCK;

C_ASSERT(sizeof(IO_REMOVE_LOCK) == NT_LAYOUT_REMOVE_LOCK_SIZE);

EXTERN_C_START

VOID IoInitializeRemoveLockEx(PIO_REMOVE_LOCK Lock, ULONG AllocateTag, ULONG MaxLockedMinutes,
			      ULONG HighWatermark, ULONG RemlockSize);
NTSTATUS IoAcquireRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, PCSTR File, ULONG Line,
			       ULONG RemlockSize);
VOID IoReleaseRemoveLockEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize);
VOID IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK RemoveLock, PVOID Tag, ULONG RemlockSize);

EXTERN_C_END

/* Limits of 0 are none; they are checked while the verifier is on. */
#define IoInitializeRemoveLock(Lock, AllocateTag, MaxLockedMinutes, HighWatermark)           \
	IoInitializeRemoveLockEx((Lock), (AllocateTag), (MaxLockedMinutes), (HighWatermark), \
				 sizeof(IO_REMOVE_LOCK))
/* STATUS_DELETE_PENDING once removal has begun. The tag is an address or NULL. */
#define IoAcquireRemoveLock(RemoveLock, Tag) \
	IoAcquireRemoveLockEx((RemoveLock), (Tag), __FILE__, __LINE__, sizeof(IO_REMOVE_LOCK))
#define IoReleaseRemoveLock(RemoveLock, Tag) \
	IoReleaseRemoveLockEx((RemoveLock), (Tag), sizeof(IO_REMOVE_LOCK))
#define IoReleaseRemoveLockAndWait(RemoveLock, Tag) \
	IoReleaseRemoveLockAndWaitEx((RemoveLock), (Tag), sizeof(IO_REMOVE_LOCK))

#endif /* NT_IO_REMOVE_LOCK_H */
