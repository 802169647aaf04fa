/* SPDX-License-Identifier: GPL-2.0 */
/* The end of the system. Any IRQL, never return. */
#ifndef NT_KE_BUGCHECK_H
#define NT_KE_BUGCHECK_H

#include "nt_layout.h"
#include "ntdef.h"

/* Any 32-bit value is a code; these have names. */
#define IRQL_NOT_LESS_OR_EQUAL 0x0000000a
#define BAD_POOL_HEADER 0x00000019
#define KMODE_EXCEPTION_NOT_HANDLED 0x0000001e
#define PAGE_FAULT_IN_NONPAGED_AREA 0x00000050
#define INTERNAL_POWER_ERROR 0x000000a0
#define BAD_POOL_CALLER 0x000000c2
#define DRIVER_VERIFIER_DETECTED_VIOLATION 0x000000c4
#define TIMER_OR_DPC_INVALID 0x000000c7
#define DRIVER_IRQL_NOT_LESS_OR_EQUAL 0x000000d1
#define MANUALLY_INITIATED_CRASH 0x000000e2
#define DPC_WATCHDOG_VIOLATION 0x00000133
#define KERNEL_SECURITY_CHECK_FAILURE 0x00000139

typedef enum _KBUGCHECK_CALLBACK_REASON {
	KbCallbackInvalid,
	KbCallbackReserved1,
	KbCallbackSecondaryDumpData,
	KbCallbackDumpIo,
	KbCallbackAddPages,
} KBUGCHECK_CALLBACK_REASON;

typedef VOID KBUGCHECK_CALLBACK_ROUTINE(PVOID Buffer, ULONG Length);
typedef KBUGCHECK_CALLBACK_ROUTINE *PKBUGCHECK_CALLBACK_ROUTINE;

typedef struct _KBUGCHECK_CALLBACK_RECORD {
	LIST_ENTRY Entry;
	PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine;
	PVOID Buffer;
	ULONG Length;
	PUCHAR Component;
	ULONG_PTR Checksum;
	UCHAR State;
} KBUGCHECK_CALLBACK_RECORD, *PKBUGCHECK_CALLBACK_RECORD;

struct _KBUGCHECK_REASON_CALLBACK_RECORD;
typedef VOID KBUGCHECK_REASON_CALLBACK_ROUTINE(KBUGCHECK_CALLBACK_REASON Reason,
					       struct _KBUGCHECK_REASON_CALLBACK_RECORD *Record,
					       PVOID ReasonSpecificData,
					       ULONG ReasonSpecificDataLength);
typedef KBUGCHECK_REASON_CALLBACK_ROUTINE *PKBUGCHECK_REASON_CALLBACK_ROUTINE;

typedef struct _KBUGCHECK_REASON_CALLBACK_RECORD {
	LIST_ENTRY Entry;
	PKBUGCHECK_REASON_CALLBACK_ROUTINE CallbackRoutine;
	PVOID Reserved;
	KBUGCHECK_CALLBACK_REASON Reason;
	PUCHAR Component;
	ULONG_PTR Checksum;
	UCHAR State;
} KBUGCHECK_REASON_CALLBACK_RECORD, *PKBUGCHECK_REASON_CALLBACK_RECORD;

C_ASSERT(sizeof(KBUGCHECK_CALLBACK_RECORD) == NT_LAYOUT_BUGCHECK_RECORD_SIZE);
C_ASSERT(sizeof(KBUGCHECK_REASON_CALLBACK_RECORD) == NT_LAYOUT_BUGCHECK_RECORD_SIZE);

#define KeInitializeCallbackRecord(CallbackRecord) ((CallbackRecord)->State = 0)

EXTERN_C_START

/* Called with interrupts off when the system ends; FALSE: already, or not, registered. */
BOOLEAN KeRegisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord,
				   PKBUGCHECK_CALLBACK_ROUTINE CallbackRoutine, PVOID Buffer,
				   ULONG Length, PUCHAR Component);
BOOLEAN KeDeregisterBugCheckCallback(PKBUGCHECK_CALLBACK_RECORD CallbackRecord);
BOOLEAN KeRegisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord,
					 PKBUGCHECK_REASON_CALLBACK_ROUTINE CallbackRoutine,
					 KBUGCHECK_CALLBACK_REASON Reason, PUCHAR Component);
BOOLEAN KeDeregisterBugCheckReasonCallback(PKBUGCHECK_REASON_CALLBACK_RECORD CallbackRecord);

VOID KiRaiseStatus(NTSTATUS Status) __asm__("ExRaiseStatus");
VOID KiBugCheck(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1, ULONG_PTR BugCheckParameter2,
		ULONG_PTR BugCheckParameter3, ULONG_PTR BugCheckParameter4) __asm__("KeBugCheckEx");

/*
 * The kernel's checker of object code follows every path to a return or a jump
 * and does not know that this call is an end: the loop, never gone round, is.
 */
NT_INLINE DECLSPEC_NORETURN VOID KeBugCheckEx(ULONG BugCheckCode, ULONG_PTR BugCheckParameter1,
					      ULONG_PTR BugCheckParameter2,
					      ULONG_PTR BugCheckParameter3,
					      ULONG_PTR BugCheckParameter4)
{
	for (;;)
		KiBugCheck(BugCheckCode, BugCheckParameter1, BugCheckParameter2, BugCheckParameter3,
			   BugCheckParameter4);
}

NT_INLINE DECLSPEC_NORETURN VOID KeBugCheck(ULONG BugCheckCode)
{
	KeBugCheckEx(BugCheckCode, 0, 0, 0, 0);
}

/* Nobody can catch an exception: these end the system. */
NT_INLINE DECLSPEC_NORETURN VOID ExRaiseStatus(NTSTATUS Status)
{
	for (;;)
		KiRaiseStatus(Status);
}

NT_INLINE DECLSPEC_NORETURN VOID ExRaiseAccessViolation(VOID)
{
	ExRaiseStatus((NTSTATUS)0xc0000005);
}

EXTERN_C_END

#endif /* NT_KE_BUGCHECK_H */
