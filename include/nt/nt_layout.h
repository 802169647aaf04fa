/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sizes, offsets and codes that both worlds must agree on. The public headers
 * take their opaque storage from here and the library asserts its private
 * structures against it, so that an object's size never depends on how a
 * kernel was configured. Only #defines: no type, no include.
 *
 * All offsets and sizes are in bytes and hold for 64-bit targets.
 */
#ifndef NT_LAYOUT_H
#define NT_LAYOUT_H

/* Every object a driver supplies the storage for is aligned like this. */
#define NT_LAYOUT_ALIGN 8

/* DISPATCHER_HEADER, the first member of everything that can be waited for. */
#define NT_LAYOUT_HEADER_SIZE 32
#define NT_LAYOUT_HEADER_TYPE 0		  /* one byte, a type code from below */
#define NT_LAYOUT_HEADER_INSERTED 3	  /* one byte, 1 while a timer is armed */
#define NT_LAYOUT_HEADER_SIGNAL_STATE 4	  /* LONG */
#define NT_LAYOUT_HEADER_WAIT_LIST_HEAD 8 /* LIST_ENTRY, 16 bytes */
#define NT_LAYOUT_HEADER_PRIVATE 24	  /* 8 bytes that drivers do not see */

/* Type codes (W-HDR-03). A pair is its base plus the type argument of init. */
#define NT_LAYOUT_TYPE_NOTIFICATION_EVENT 0
#define NT_LAYOUT_TYPE_SYNCHRONIZATION_EVENT 1
#define NT_LAYOUT_TYPE_MUTANT 2
#define NT_LAYOUT_TYPE_PROCESS 3
#define NT_LAYOUT_TYPE_QUEUE 4
#define NT_LAYOUT_TYPE_SEMAPHORE 5
#define NT_LAYOUT_TYPE_THREAD 6
#define NT_LAYOUT_TYPE_NOTIFICATION_TIMER 8
#define NT_LAYOUT_TYPE_SYNCHRONIZATION_TIMER 9

/* Whole objects: at most twice the size they have on Windows x64 (W-HDR-09). */
#define NT_LAYOUT_KEVENT_SIZE 32
#define NT_LAYOUT_KSEMAPHORE_SIZE 40
#define NT_LAYOUT_KSEMAPHORE_LIMIT 32 /* LONG */
#define NT_LAYOUT_KMUTANT_SIZE 64
#define NT_LAYOUT_KTIMER_SIZE 128
#define NT_LAYOUT_KDPC_SIZE 64
#define NT_LAYOUT_DPC_WATCHDOG_SIZE 20
#define NT_LAYOUT_KWAIT_BLOCK_SIZE 48
#define NT_LAYOUT_SLIST_HEADER_SIZE 16
#define NT_LAYOUT_WORK_QUEUE_ITEM_SIZE 32
#define NT_LAYOUT_LOOKASIDE_SIZE 96

/* Locks in driver memory. A spin lock is as large as a pointer (L-SPN-01). */
#define NT_LAYOUT_KSPIN_LOCK_SIZE 8
#define NT_LAYOUT_LOCK_HANDLE_SIZE 24
#define NT_LAYOUT_EX_SPIN_LOCK_SIZE 4
#define NT_LAYOUT_FAST_MUTEX_SIZE 56
#define NT_LAYOUT_PUSH_LOCK_SIZE 8
#define NT_LAYOUT_RUNDOWN_REF_SIZE 8
#define NT_LAYOUT_ERESOURCE_SIZE 104
#define NT_LAYOUT_BUGCHECK_RECORD_SIZE 64
#define NT_LAYOUT_REMOVE_LOCK_SIZE 56

/* EXT_SET_PARAMETERS and EXT_DELETE_PARAMETERS (ET-004), both of version 0. */
#define NT_LAYOUT_EXT_VERSION 0
#define NT_LAYOUT_EXT_SET_SIZE 16
#define NT_LAYOUT_EXT_SET_TOLERANCE 8 /* LONGLONG, 100 ns */
#define NT_LAYOUT_EXT_DELETE_SIZE 24
#define NT_LAYOUT_EXT_DELETE_CALLBACK 8
#define NT_LAYOUT_EXT_DELETE_CONTEXT 16

/* Attributes of ExAllocateTimer (ET-003). */
#define NT_LAYOUT_EX_HIGH_RESOLUTION 0x4
#define NT_LAYOUT_EX_NO_WAKE 0x8
#define NT_LAYOUT_EX_NOTIFICATION 0x80000000

/*
 * A thread object is the library's own storage: a driver only ever holds its
 * address, where a DISPATCHER_HEADER must be.
 */
#define NT_LAYOUT_KTHREAD_HEADER 0

/* KeWaitForMultipleObjects (W-MUL-01). */
#define NT_LAYOUT_THREAD_WAIT_OBJECTS 3
#define NT_LAYOUT_MAXIMUM_WAIT_OBJECTS 64

/* Processors in a group, as on 64-bit Windows. */
#define NT_LAYOUT_MAXIMUM_PROC_PER_GROUP 64

/* DRIVER_OBJECT, of which the library fills in these members. */
#define NT_LAYOUT_DRIVER_OBJECT_SIZE 336
#define NT_LAYOUT_DRIVER_START 24
#define NT_LAYOUT_DRIVER_EXTENSION 48
#define NT_LAYOUT_DRIVER_NAME 56
#define NT_LAYOUT_DRIVER_INIT 88
#define NT_LAYOUT_DRIVER_UNLOAD 104
#define NT_LAYOUT_DRIVER_EXTENSION_SIZE 40

/* RTL_QUERY_REGISTRY_TABLE */
#define NT_LAYOUT_REGISTRY_QUERY_SIZE 56

#endif /* NT_LAYOUT_H */
