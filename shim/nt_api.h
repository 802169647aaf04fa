/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files beside ke_timer.c, ke_event.c and ke_wait.c export, in Linux
 * types of the same ABI: a KIRQL is a u8, a BOOLEAN a u8 that is 0 or 1, a LONG
 * an s32, a HANDLE a void pointer. For the compiler's check of the definitions
 * and for tests; drivers include the headers of include/nt instead.
 */
#ifndef NTSHIM_NT_API_H
#define NTSHIM_NT_API_H

#include <linux/stdarg.h>
#include <linux/types.h>

#include "dpc.h"

struct nts_object_type;

/* PROCESSOR_NUMBER */
struct nts_processor_number {
	u16 group;
	u8 number;
	u8 reserved;
};

/**
 * struct nts_dpc_watchdog - KDPC_WATCHDOG_INFORMATION
 * @routine_limit: for one DPC, in clock ticks; 0: none
 * @routine_left: of it
 * @total_limit: for all at DISPATCH_LEVEL together, likewise
 * @total_left: of it
 * @reserved: 0
 */
struct nts_dpc_watchdog {
	u32 routine_limit;
	u32 routine_left;
	u32 total_limit;
	u32 total_left;
	u32 reserved;
};

static_assert(sizeof(struct nts_dpc_watchdog) == NT_LAYOUT_DPC_WATCHDOG_SIZE);

/* dpc */
void KeInitializeDpc(struct nts_dpc *dpc, nts_dpc_fn routine, void *context);
void KeInitializeThreadedDpc(struct nts_dpc *dpc, nts_dpc_fn routine,
			     void *context);
u8 KeInsertQueueDpc(struct nts_dpc *dpc, void *arg1, void *arg2);
u8 KeRemoveQueueDpc(struct nts_dpc *dpc);
void KeSetImportanceDpc(struct nts_dpc *dpc, int importance);
void KeSetTargetProcessorDpc(struct nts_dpc *dpc, s8 number);
s32 KeSetTargetProcessorDpcEx(struct nts_dpc *dpc,
			      const struct nts_processor_number *processor);
void KeFlushQueuedDpcs(void);
u32 KeIsExecutingDpc(void);
s32 KeQueryDpcWatchdogInformation(struct nts_dpc_watchdog *watchdog);

/* processors */
u32 KeGetCurrentProcessorNumberEx(struct nts_processor_number *number);
u32 KeQueryActiveProcessorCountEx(u16 group);
u32 KeQueryMaximumProcessorCountEx(u16 group);
u16 KeQueryActiveGroupCount(void);
u16 KeQueryMaximumGroupCount(void);
u64 KeQueryGroupAffinity(u16 group);
s32 KeGetProcessorNumberFromIndex(u32 index,
				  struct nts_processor_number *number);
u32 KeGetProcessorIndexFromNumber(const struct nts_processor_number *number);

/* time */
void KeQuerySystemTime(s64 *time_100ns);
void KeQuerySystemTimePrecise(s64 *time_100ns);
u64 KeQueryInterruptTime(void);
u64 KeQueryInterruptTimePrecise(u64 *counter);
u64 KeQueryUnbiasedInterruptTime(void);
u64 KeQueryUnbiasedInterruptTimePrecise(u64 *counter);
void KeQueryTickCount(s64 *ticks);
u32 KeQueryTimeIncrement(void);
s64 KeQueryPerformanceCounter(s64 *frequency);
s32 KeQueryAuxiliaryCounterFrequency(u64 *frequency);
void KeStallExecutionProcessor(u32 microseconds);
unsigned long nts_long_stalls(void);
void ExQueryTimerResolution(u32 *longest_100ns, u32 *shortest_100ns,
			    u32 *current_100ns);
u32 ExSetTimerResolution(u32 desired_100ns, u8 set);
void ExSystemTimeToLocalTime(const s64 *system, s64 *local);
void ExLocalTimeToSystemTime(const s64 *local, s64 *system);

/* levels */
u8 KeGetCurrentIrql(void);
u8 KfRaiseIrql(u8 level);
void KeRaiseIrql(u8 level, u8 *old);
u8 KeRaiseIrqlToDpcLevel(void);
void KeLowerIrql(u8 level);

/*
 * The end of the system. Never returns, which is not said here: objtool would
 * not know.
 */
void KeBugCheckEx(u32 code, unsigned long arg1, unsigned long arg2,
		  unsigned long arg3, unsigned long arg4);
void ExRaiseStatus(s32 status);

/**
 * struct nts_bugcheck_record - KBUGCHECK_CALLBACK_RECORD, with or without reason
 * @link: in the list of records
 * @routine: what is called
 * @buffer: handed to it
 * @length: of @buffer, in bytes; or the reason
 * @component: name of the driver
 * @checksum: not used
 * @state: 0: not registered; 1: registered
 *
 * Lies in driver memory from registration to deregistration.
 */
struct nts_bugcheck_record {
	struct list_head link;
	void *routine;
	void *buffer;
	u32 length;
	const u8 *component;
	unsigned long checksum;
	u8 state;
};

u8 KeRegisterBugCheckCallback(struct nts_bugcheck_record *record,
			      void (*routine)(void *buffer, u32 length),
			      void *buffer, u32 length, const u8 *component);
u8 KeDeregisterBugCheckCallback(struct nts_bugcheck_record *record);
u8 KeRegisterBugCheckReasonCallback(struct nts_bugcheck_record *record,
				    void (*routine)(int reason,
						    struct nts_bugcheck_record
							    *record,
						    void *data, u32 length),
				    int reason, const u8 *component);
u8 KeDeregisterBugCheckReasonCallback(struct nts_bugcheck_record *record);

/* threads and handles */
/**
 * var PsThreadType - type of thread objects; drivers write ``*PsThreadType``
 *
 * Context: any; constant.
 * Source: ObReferenceObjectByHandle function (wdm.h); T-HND-02.
 * Test: ntshim_thread:handle_gives_the_thread
 */
extern struct nts_object_type **PsThreadType;
/**
 * var ExSemaphoreObjectType - type of semaphores with a handle, of which there
 * are none
 *
 * Context: any; constant.
 * Source: ObReferenceObjectByHandle function (wdm.h); T-HND-02.
 * Test: ntshim_named_event:handle_gives_the_event
 */
extern struct nts_object_type **ExSemaphoreObjectType;
/**
 * var IoFileObjectType - type of file objects, of which there are none
 *
 * Context: any; constant.
 * Source: ObReferenceObjectByHandle function (wdm.h); T-HND-02.
 * Test: ntshim_named_event:handle_gives_the_event
 */
extern struct nts_object_type **IoFileObjectType;
s32 PsCreateSystemThread(void **handle, u32 access, void *attributes,
			 void *process, void *client_id,
			 void (*routine)(void *context), void *context);
s32 IoCreateSystemThread(void *io_object, void **handle, u32 access,
			 void *attributes, void *process, void *client_id,
			 void (*routine)(void *context), void *context);
s32 PsTerminateSystemThread(s32 status);
void *KeGetCurrentThread(void);
void *PsGetCurrentThread(void);
s32 ObReferenceObjectByHandle(void *handle, u32 access, void *type, s8 mode,
			      void **object, void *information);
long ObfReferenceObject(void *object);
s32 ObReferenceObjectByPointer(void *object, u32 access, void *type, s8 mode);
long ObfDereferenceObject(void *object);
void ObDereferenceObjectDeferDelete(void *object);
s32 ZwClose(void *handle);

/* memory */
/**
 * struct nts_pool_parameter - POOL_EXTENDED_PARAMETER
 * @type: 8 bits of type, then a bit that says it is optional
 * @value: depends on the type
 */
struct nts_pool_parameter {
	u64 type;
	u64 value;
};

void *ExAllocatePool2(u64 flags, size_t size, u32 tag);
void *ExAllocatePool3(u64 flags, size_t size, u32 tag,
		      const struct nts_pool_parameter *parameters, u32 count);
void *ExAllocatePool(int type, size_t size);
void *ExAllocatePoolWithTag(int type, size_t size, u32 tag);
void *ExAllocatePoolWithQuotaTag(int type, size_t size, u32 tag);
void ExFreePool(void *block);
void ExFreePoolWithTag(void *block, u32 tag);
void ExFreePool2(void *block, u32 tag,
		 const struct nts_pool_parameter *parameters, u32 count);

/* debug output */
void DbgBreakPoint(void);
void DbgBreakPointWithStatus(u32 status);
void RtlAssert(void *expression, void *file, u32 line, char *message);
u32 DbgPrint(const char *format, ...);
u32 DbgPrintEx(u32 component, u32 level, const char *format, ...);
u32 vDbgPrintEx(u32 component, u32 level, const char *format, va_list args);
u32 vDbgPrintExWithPrefix(const char *prefix, u32 component, u32 level,
			  const char *format, va_list args);

#endif /* NTSHIM_NT_API_H */
