/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * /dev/ntshim: timers, events, waits and DPCs with the semantics of the Windows
 * kernel, for user space. docs/userspace-api.md describes every call.
 *
 * Each open file is a world of its own: handles mean something in it alone, and
 * all its objects go when it is closed.
 *
 * A structure may grow at its end. The size that a program was built with is in
 * its command number: members that the kernel knows and the program does not
 * count as zero; members that only the program knows must be zero (else E2BIG).
 * Every member is at the same offset for 32-bit and 64-bit programs. What is
 * named pad, and what a kind of object does not use, must be zero. Members
 * marked out may hold anything; a call that fails leaves them as they are.
 */
#ifndef UAPI_LINUX_NTSHIM_H
#define UAPI_LINUX_NTSHIM_H

#include <linux/ioctl.h>
#include <linux/types.h>

#define NTSHIM_VERSION 1

/* Objects that one wait may name. */
#define NTSHIM_WAIT_MAX 64

enum ntshim_kind {
	NTSHIM_TIMER = 1,
	NTSHIM_EVENT = 2,
	NTSHIM_DPC = 3,
	NTSHIM_SEMAPHORE = 4,
	NTSHIM_MUTANT = 5,
	NTSHIM_EX_TIMER = 6,
};

/* ntshim_create.type, and the type in ntshim_query */
enum ntshim_type {
	NTSHIM_NOTIFICATION = 0,
	NTSHIM_SYNCHRONIZATION = 1,
};

/* ntshim_create.importance */
enum ntshim_importance {
	NTSHIM_MEDIUM = 0,
	NTSHIM_LOW = 1,
	NTSHIM_HIGH = 2,
	NTSHIM_MEDIUM_HIGH = 3,
};

/* ntshim_create.flags */
#define NTSHIM_CREATE_POLLED (1U << 0) /* its signal makes the file readable */
#define NTSHIM_CREATE_RECORDED (1U << 1) /* its DPCs are recorded in the ring */
#define NTSHIM_CREATE_THREADED (1U << 2) /* its DPC is a threaded one */
#define NTSHIM_CREATE_HIGH_RESOLUTION (1U << 3) /* EX timers */
#define NTSHIM_CREATE_NO_WAKE (1U << 4)		/* EX timers */

/**
 * struct ntshim_create - NTSHIM_IOC_CREATE
 * @kind: enum ntshim_kind
 * @flags: NTSHIM_CREATE_*
 * @type: timers, EX timers and events: enum ntshim_type
 * @initial: events: 1: signaled, 0: not; semaphores: the count
 * @importance: timers and DPCs: enum ntshim_importance of the DPC
 * @processor: timers and DPCs: 0: the DPC runs where it is queued; n: on
 *	processor n - 1
 * @user_data: any value; comes back in records
 * @handle: out: the object, never 0
 * @limit: semaphores: highest count, at least 1
 */
struct ntshim_create {
	__u32 kind;
	__u32 flags;
	__u32 type;
	__s32 initial;
	__u32 importance;
	__u32 processor;
	__u64 user_data;
	__u32 handle;
	__s32 limit;
};

enum ntshim_opcode {
	NTSHIM_OP_DELETE = 1,	   /* any: the handle goes */
	NTSHIM_OP_READ = 2,	   /* all but DPCs */
	NTSHIM_OP_CANCEL = 3,	   /* timers; DPCs: take out of the queue */
	NTSHIM_OP_EVENT_SET = 4,   /* events */
	NTSHIM_OP_EVENT_RESET = 5, /* events */
	NTSHIM_OP_EVENT_PULSE = 6, /* events */
	NTSHIM_OP_DPC_INSERT = 7,  /* DPCs */
	NTSHIM_OP_SEMAPHORE_RELEASE = 8, /* arg: how much, at least 1 */
	NTSHIM_OP_MUTANT_RELEASE = 9,	 /* arg: the owner */
	NTSHIM_OP_MUTANT_ABANDON = 10,	 /* whoever owns it loses it */
};

/**
 * struct ntshim_op - NTSHIM_IOC_OP: something simple done to one object
 * @handle: the object
 * @op: enum ntshim_opcode
 * @result: out: what the Windows call returns: the previous state, whether it
 *	was armed, queued or inserted; 0 for NTSHIM_OP_DELETE
 * @arg: see enum ntshim_opcode; else zero
 */
struct ntshim_op {
	__u32 handle;
	__u32 op;
	__s32 result;
	__u32 arg;
};

/* ntshim_set.flags */
#define NTSHIM_SET_CANCEL (1U << 0) /* cancel instead; the rest is zero */

/**
 * struct ntshim_set - NTSHIM_IOC_SET, and one entry of NTSHIM_IOC_BATCH
 * @handle: a timer
 * @flags: NTSHIM_SET_*
 * @due_100ns: negative: so long from now; else system time since 1601, UTC
 * @period_ms: 0: one expiry; at most INT_MAX
 * @tolerance_ms: how late each expiry may be; at most INT_MAX
 * @was_armed: out: 1 if the timer was armed before
 * @pad: zero
 */
struct ntshim_set {
	__u32 handle;
	__u32 flags;
	__s64 due_100ns;
	__u32 period_ms;
	__u32 tolerance_ms;
	__u32 was_armed;
	__u32 pad;
};

/**
 * struct ntshim_set_ex - NTSHIM_IOC_SET_EX
 * @handle: an EX timer
 * @flags: zero
 * @due_100ns: as in ntshim_set; negative for a high-resolution timer
 * @period_100ns: 0: one expiry; at most INT_MAX
 * @no_wake_100ns: no-wake timers: how late it may be while its processor
 *	sleeps; -1: without limit; else 0
 * @was_armed: out: 1 if the timer was armed before
 * @pad: zero
 */
struct ntshim_set_ex {
	__u32 handle;
	__u32 flags;
	__s64 due_100ns;
	__s64 period_100ns;
	__s64 no_wake_100ns;
	__u32 was_armed;
	__u32 pad;
};

/**
 * struct ntshim_batch - NTSHIM_IOC_BATCH: many timers in one call
 * @entries: address of @count struct ntshim_set, of the size of VER0
 * @count: at most NTSHIM_BATCH_MAX
 * @done: out: entries carried out; less than @count if one was refused
 */
struct ntshim_batch {
	__u64 entries;
	__u32 count;
	__u32 done;
};

#define NTSHIM_BATCH_MAX 65536

/**
 * struct ntshim_query - NTSHIM_IOC_QUERY: what is known of one object
 * @handle: the object
 * @kind: out: enum ntshim_kind
 * @type: out: enum ntshim_type
 * @state: out: signal state
 * @armed: out: timers: 1 while armed
 * @pad: zero
 * @user_data: out: as at creation
 * @sets: out: timers: set calls; DPCs: insertions that succeeded
 * @cancels: out: cancel calls that found it armed or queued
 * @runs: out: runs of the DPC; a timer whose DPC is still queued when it
 *	expires again has one run for both
 * @due_ns: out: timers: CLOCK_MONOTONIC of the next expiry, 0 if not armed
 * @late_min_ns: out: least time from due to the run of the DPC, 0 if none
 * @late_max_ns: out: most of it
 * @late_sum_ns: out: sum over those @runs of which it is known when they were due
 */
struct ntshim_query {
	__u32 handle;
	__u32 kind;
	__u32 type;
	__s32 state;
	__u32 armed;
	__u32 pad;
	__u64 user_data;
	__u64 sets;
	__u64 cancels;
	__u64 runs;
	__u64 due_ns;
	__u64 late_min_ns;
	__u64 late_max_ns;
	__u64 late_sum_ns;
};

/* ntshim_wait.flags */
#define NTSHIM_WAIT_ALL (1U << 0)     /* all at once, instead of any */
#define NTSHIM_WAIT_TIMEOUT (1U << 1) /* @timeout_100ns counts */

/* in ntshim_wait.index */
#define NTSHIM_WAIT_ABANDONED (1U << 31)

/**
 * struct ntshim_wait - NTSHIM_IOC_WAIT
 * @handles: address of @count __u32; of anything but DPCs
 * @count: 1 to NTSHIM_WAIT_MAX
 * @flags: NTSHIM_WAIT_*
 * @timeout_100ns: 0: only look; negative: so long from now; positive: system
 *	time since 1601, UTC; 0 without NTSHIM_WAIT_TIMEOUT
 * @index: out: of a wait for any: which of @handles, else 0; with
 *	NTSHIM_WAIT_ABANDONED if a mutant was taken whose owner had given it up
 *	by force
 * @owner: who takes mutants: any number but 0, which means nobody
 * @woken_ns: out: CLOCK_MONOTONIC when the wait was over
 */
struct ntshim_wait {
	__u64 handles;
	__u32 count;
	__u32 flags;
	__s64 timeout_100ns;
	__u32 index;
	__u32 owner;
	__u64 woken_ns;
};

/**
 * struct ntshim_clocks - NTSHIM_IOC_CLOCKS: the clocks at one call
 * @system_100ns: out: since 1601, UTC
 * @interrupt_100ns: out: since boot, with sleep
 * @unbiased_100ns: out: since boot, without sleep
 * @ticks: out: clock ticks since boot
 * @counter: out: performance counter
 * @frequency: out: counts per second
 * @increment_100ns: out: length of a tick
 * @pad: zero
 */
struct ntshim_clocks {
	__s64 system_100ns;
	__u64 interrupt_100ns;
	__u64 unbiased_100ns;
	__s64 ticks;
	__s64 counter;
	__s64 frequency;
	__u32 increment_100ns;
	__u32 pad;
};

/* ntshim_info.features */
#define NTSHIM_FEATURE_URING (1U << 0) /* commands through io_uring */

/**
 * struct ntshim_info - NTSHIM_IOC_INFO: version, limits and counters
 * @version: out: NTSHIM_VERSION of the module
 * @features: out: NTSHIM_FEATURE_*
 * @max_objects: out: objects that a file may have; deleted ones count while
 *	something waits for them
 * @max_async: out: objects that the asynchronous waits of a file may name
 * @max_ring: out: records that a ring may have
 * @pad: zero
 * @files: out: open files, whole module
 * @objects: out: objects, whole module, those about to be freed included
 * @waiters: out: blocked threads, whole module
 * @async_waits: out: asynchronous waits in progress, whole module
 * @file_objects: out: handles of this file
 * @sets: out: timers set through this file
 * @cancels: out: cancels that found a timer armed
 * @runs: out: DPCs that have run for this file
 * @waits: out: waits of this file that ended with success
 * @timeouts: out: waits of this file that ended because time was up
 * @lost: out: records that found the ring full
 */
struct ntshim_info {
	__u32 version;
	__u32 features;
	__u32 max_objects;
	__u32 max_async;
	__u32 max_ring;
	__u32 pad;
	__u64 files;
	__u64 objects;
	__u64 waiters;
	__u64 async_waits;
	__u64 file_objects;
	__u64 sets;
	__u64 cancels;
	__u64 runs;
	__u64 waits;
	__u64 timeouts;
	__u64 lost;
};

/**
 * struct ntshim_record - one run of a DPC, in the ring
 * @user_data: of the object
 * @handle: the object
 * @processor: where the DPC ran
 * @due_ns: timers: CLOCK_MONOTONIC at which it was due; 0: not known, because it
 *	was set for a system time that had passed, set again or cancelled while
 *	the DPC was on its way, set with a period and expired before the call was
 *	over, or set for a system time and the clock was set or the system slept
 *	before it came; DPCs: 0
 * @queued_ns: when the DPC was queued: a timer's expiry in the hard interrupt,
 *	or the insertion; rounded up to 100 ns; never after @ran_ns, nor before a
 *	@due_ns that is known; not exact if the clock was set between the expiry
 *	and the run, or if the DPC was queued already; 0 for EX timers
 * @ran_ns: when the DPC began to run
 */
struct ntshim_record {
	__u64 user_data;
	__u32 handle;
	__u32 processor;
	__u64 due_ns;
	__u64 queued_ns;
	__u64 ran_ns;
};

/**
 * struct ntshim_ring - start of what mmap() of the file shows
 * @head: written by the reader: records taken so far
 * @pad0: zero
 * @tail: written by the kernel (release): records stored so far
 * @entries: number of records, a power of two
 * @lost: written by the kernel: records that found the ring full
 * @pad1: zero
 * @records: record n is at n % @entries
 */
struct ntshim_ring {
	__u32 head;
	__u32 pad0[15];
	__u32 tail;
	__u32 entries;
	__u64 lost;
	__u32 pad1[12];
	struct ntshim_record records[];
};

/**
 * struct ntshim_ring_setup - NTSHIM_IOC_RING: make the ring of this file
 * @entries: a power of two, at most ntshim_info.max_ring
 * @pad: zero
 * @size: out: bytes to map at offset 0
 */
struct ntshim_ring_setup {
	__u32 entries;
	__u32 pad;
	__u64 size;
};

/**
 * struct ntshim_async - NTSHIM_URING_WAIT, through io_uring alone
 * @wait: address of a struct ntshim_wait of the size of VER0; only read
 * @set: 0, or address of a struct ntshim_set of that size: carried out first
 * @cookie: for NTSHIM_IOC_CANCEL_WAIT
 *
 * The result of the request is the index, or the error with a minus.
 */
struct ntshim_async {
	__u64 wait;
	__u64 set;
	__u64 cookie;
};

/**
 * struct ntshim_cancel_wait - NTSHIM_IOC_CANCEL_WAIT
 * @cookie: all asynchronous waits of this file that were started with it
 * @count: out: how many of them will now end with ECANCELED
 * @pad: zero
 */
struct ntshim_cancel_wait {
	__u64 cookie;
	__u32 count;
	__u32 pad;
};

/**
 * struct ntshim_sqe - the part of an io_uring request that is ours
 * @args: address of the structure of the command in sqe->cmd_op
 * @pad: zero
 *
 * The command is NTSHIM_URING_WAIT, or any NTSHIM_IOC_* but NTSHIM_IOC_WAIT.
 */
struct ntshim_sqe {
	__u64 args;
	__u64 pad;
};

/* Sizes of the first version. */
#define NTSHIM_CREATE_SIZE_VER0 40
#define NTSHIM_OP_SIZE_VER0 16
#define NTSHIM_SET_SIZE_VER0 32
#define NTSHIM_SET_EX_SIZE_VER0 40
#define NTSHIM_BATCH_SIZE_VER0 16
#define NTSHIM_QUERY_SIZE_VER0 88
#define NTSHIM_WAIT_SIZE_VER0 40
#define NTSHIM_CLOCKS_SIZE_VER0 56
#define NTSHIM_INFO_SIZE_VER0 112
#define NTSHIM_RING_SETUP_SIZE_VER0 16
#define NTSHIM_ASYNC_SIZE_VER0 24
#define NTSHIM_CANCEL_WAIT_SIZE_VER0 16

#define NTSHIM_IOC_MAGIC 0xd7
#define NTSHIM_IOC_INFO _IOWR(NTSHIM_IOC_MAGIC, 0, struct ntshim_info)
#define NTSHIM_IOC_CREATE _IOWR(NTSHIM_IOC_MAGIC, 1, struct ntshim_create)
#define NTSHIM_IOC_OP _IOWR(NTSHIM_IOC_MAGIC, 2, struct ntshim_op)
#define NTSHIM_IOC_SET _IOWR(NTSHIM_IOC_MAGIC, 3, struct ntshim_set)
#define NTSHIM_IOC_BATCH _IOWR(NTSHIM_IOC_MAGIC, 4, struct ntshim_batch)
#define NTSHIM_IOC_QUERY _IOWR(NTSHIM_IOC_MAGIC, 5, struct ntshim_query)
#define NTSHIM_IOC_WAIT _IOWR(NTSHIM_IOC_MAGIC, 6, struct ntshim_wait)
#define NTSHIM_IOC_CLOCKS _IOWR(NTSHIM_IOC_MAGIC, 7, struct ntshim_clocks)
#define NTSHIM_IOC_RING _IOWR(NTSHIM_IOC_MAGIC, 8, struct ntshim_ring_setup)
#define NTSHIM_IOC_CANCEL_WAIT \
	_IOWR(NTSHIM_IOC_MAGIC, 9, struct ntshim_cancel_wait)
#define NTSHIM_IOC_SET_EX _IOWR(NTSHIM_IOC_MAGIC, 10, struct ntshim_set_ex)

#define NTSHIM_URING_WAIT _IOWR(NTSHIM_IOC_MAGIC, 64, struct ntshim_async)

#endif /* UAPI_LINUX_NTSHIM_H */
