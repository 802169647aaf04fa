/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Clocks, processors, pools, assertions and the end of the system, as a driver
 * names them: the pointers fix the types and the order of parameters. The
 * includer defines PORTED(Name), and DBG as 1.
 */

#include "check.h"

const char *PORTED(Clocks)(void)
{
	ULONGLONG (*const Biased)(PULONG64) = KeQueryInterruptTimePrecise;
	ULONGLONG (*const Unbiased)(VOID) = KeQueryUnbiasedInterruptTime;
	ULONGLONG (*const UnbiasedPrecise)(PULONG64) = KeQueryUnbiasedInterruptTimePrecise;
	LARGE_INTEGER (*const Counter)(PLARGE_INTEGER) = KeQueryPerformanceCounter;
	NTSTATUS (*const Auxiliary)(PULONG64) = KeQueryAuxiliaryCounterFrequency;
	ULONG64 First = 0, Second = 0, Begin, End;
	ULONGLONG Times[4];
	LARGE_INTEGER Frequency;

	Begin = (ULONG64)Counter(&Frequency).QuadPart;
	Times[0] = Unbiased();
	Times[1] = UnbiasedPrecise(&First);
	Times[2] = Biased(&Second);
	Times[3] = KeQueryInterruptTime();
	End = (ULONG64)Counter(NULL).QuadPart;
	CHECK(Frequency.QuadPart == 10000000);
	CHECK(Begin <= First && First <= Second && Second <= End);
	CHECK(Times[0] <= Times[1] && Times[1] <= Times[2] && Times[2] <= Times[3]);
	First = 5;
	CHECK(Auxiliary(&First) == STATUS_NOT_SUPPORTED);
	return NULL;
}

/* The tick before and after are those of the running time then. */
const char *PORTED(Ticks)(void)
{
	VOID (*const Resolution)(PULONG, PULONG, PULONG) = ExQueryTimerResolution;
	ULONG (*const Increment)(VOID) = KeQueryTimeIncrement;
	VOID (*const Count)(PLARGE_INTEGER) = KeQueryTickCount;
	ULONG Longest, Shortest, Current;
	ULONGLONG Before, After;
	LARGE_INTEGER Ticks;

	Resolution(&Longest, &Shortest, &Current);
	CHECK(Longest == Increment() && Shortest <= Current && Current <= Longest && Shortest);
	Before = KeQueryUnbiasedInterruptTime() / Increment();
	Count(&Ticks);
	After = KeQueryUnbiasedInterruptTime() / Increment();
	CHECK(Before <= (ULONGLONG)Ticks.QuadPart && (ULONGLONG)Ticks.QuadPart <= After);
	return NULL;
}

/* The shortest tick there is, and what was before. */
const char *PORTED(ResolutionRequests)(void)
{
	ULONG (*const Set)(ULONG, BOOLEAN) = ExSetTimerResolution;
	ULONG Longest, Shortest, Before, During, After, Asked;

	ExQueryTimerResolution(&Longest, &Shortest, &Before);
	Asked = Set(1, TRUE);
	ExQueryTimerResolution(&Longest, &Shortest, &During);
	After = Set(0, FALSE);
	CHECK(Asked == Shortest && During == Shortest && After == Before);
	return NULL;
}

const char *PORTED(WallClock)(void)
{
	VOID (*const Precise)(PLARGE_INTEGER) = KeQuerySystemTimePrecise;
	VOID (*const ToLocal)(PLARGE_INTEGER, PLARGE_INTEGER) = ExSystemTimeToLocalTime;
	VOID (*const FromLocal)(PLARGE_INTEGER, PLARGE_INTEGER) = ExLocalTimeToSystemTime;
	LARGE_INTEGER Now = { { 0, 0 } }, Later, Local, Back;

	KeQuerySystemTime(&Now);
	Precise(&Later);
	/* 1970, and a minute: nobody sets the clock meanwhile. */
	CHECK(Now.QuadPart >= 116444736000000000ll);
	CHECK(Later.QuadPart >= Now.QuadPart && Later.QuadPart - Now.QuadPart < 600000000);
	ToLocal(&Now, &Local);
	FromLocal(&Local, &Back);
	CHECK(Back.QuadPart == Now.QuadPart);
	CHECK((Local.QuadPart - Now.QuadPart) % 600000000 == 0);
	return NULL;
}

const char *PORTED(Processors)(void)
{
	ULONG (*const ActiveCount)(USHORT) = KeQueryActiveProcessorCountEx;
	USHORT (*const ActiveGroups)(VOID) = KeQueryActiveGroupCount;
	USHORT (*const MaximumGroups)(VOID) = KeQueryMaximumGroupCount;
	KAFFINITY (*const GroupMask)(USHORT) = KeQueryGroupAffinity;
	NTSTATUS (*const FromIndex)(ULONG, PPROCESSOR_NUMBER) = KeGetProcessorNumberFromIndex;
	PROCESSOR_NUMBER Number = { 5, 5, 5 };
	ULONG All = ActiveCount(ALL_PROCESSOR_GROUPS);

	CHECK(All >= 1 && All <= KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS));
	CHECK(ActiveCount(0) <= All && ActiveCount(ActiveGroups()) == 0);
	CHECK(ActiveGroups() >= 1 && ActiveGroups() <= MaximumGroups());
	CHECK(GroupMask(0) & 1 && GroupMask(MaximumGroups()) == 0);
	CHECK(FromIndex(0, &Number) == STATUS_SUCCESS);
	CHECK(Number.Group == 0 && Number.Number == 0 && Number.Reserved == 0);
	CHECK(FromIndex(INVALID_PROCESSOR_INDEX, &Number) == STATUS_INVALID_PARAMETER);
	return NULL;
}

/* A DPC that asks for its limits. */
typedef struct _WATCHED_DPC {
	KDPC Dpc;
	KDPC_WATCHDOG_INFORMATION Limits;
	NTSTATUS Status;
} WATCHED_DPC, *PWATCHED_DPC;

static VOID PORTED(AskForLimits)(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	NTSTATUS (*const Query)(PKDPC_WATCHDOG_INFORMATION) = KeQueryDpcWatchdogInformation;
	PWATCHED_DPC Watched = (PWATCHED_DPC)Context;

	UNREFERENCED_PARAMETER(Dpc);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	Watched->Status = Query(&Watched->Limits);
}

const char *PORTED(WatchdogLimits)(void)
{
	WATCHED_DPC Watched;

	RtlFillMemory(&Watched, sizeof(Watched), 0x55);
	KeInitializeDpc(&Watched.Dpc, PORTED(AskForLimits), &Watched);
	KeInsertQueueDpc(&Watched.Dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	CHECK(Watched.Status == STATUS_SUCCESS);
	CHECK(Watched.Limits.DpcTimeLimit == 0 && Watched.Limits.DpcWatchdogLimit == 0);
	CHECK(KeQueryDpcWatchdogInformation(&Watched.Limits) == STATUS_UNSUCCESSFUL);
	return NULL;
}

static const char *PORTED(FillAndFree)(PVOID Block, SIZE_T Size)
{
	CHECK(Block != NULL && ((ULONG_PTR)Block & 15) == 0);
	RtlFillMemory(Block, Size, 0x55);
	RtlMoveMemory(Block, (PUCHAR)Block + 1, Size - 1);
	RtlSecureZeroMemory(Block, Size);
	ExFreePoolWithTag(Block, 'tseT');
	return NULL;
}

const char *PORTED(OlderPools)(void)
{
	PVOID (*const WithQuota)(POOL_TYPE, SIZE_T, ULONG) = ExAllocatePoolWithQuotaTag;
	PVOID (*const Uninitialized)(POOL_TYPE, SIZE_T, ULONG) = ExAllocatePoolUninitialized;
	PVOID(*const QuotaUninitialized)
	(POOL_TYPE, SIZE_T, ULONG) = ExAllocatePoolQuotaUninitialized;
	const char *Failed[5];
	ULONG Index;

	Failed[0] = PORTED(FillAndFree)(WithQuota(PagedPool, 40, 'tseT'), 40);
	Failed[1] = PORTED(FillAndFree)(Uninitialized(NonPagedPoolNx, 40, 'tseT'), 40);
	Failed[2] = PORTED(FillAndFree)(QuotaUninitialized(PagedPool, 5000, 'tseT'), 5000);
	Failed[3] = PORTED(FillAndFree)(ExAllocatePoolWithTagPriority(PagedPool, 40, 'tseT',
								      LowPoolPriority),
					40);
	Failed[4] =
		PORTED(FillAndFree)(ExAllocatePoolPriorityUninitialized(NonPagedPoolNx, 40, 'tseT',
									HighPoolPriority),
				    40);
	for (Index = 0; Index < ARRAYSIZE(Failed); Index++)
		if (Failed[Index])
			return Failed[Index];
	return NULL;
}

const char *PORTED(NewerPools)(void)
{
	typedef PCPOOL_EXTENDED_PARAMETER PARAMETERS;
	PVOID (*const Allocate2)(POOL_FLAGS, SIZE_T, ULONG) = ExAllocatePool2;
	PVOID (*const Allocate3)(POOL_FLAGS, SIZE_T, ULONG, PARAMETERS, ULONG) = ExAllocatePool3;
	VOID (*const Free2)(PVOID, ULONG, PARAMETERS, ULONG) = ExFreePool2;
	VOID (*const FreeWithTag)(PVOID, ULONG) = ExFreePoolWithTag;
	VOID (*const Free)(PVOID) = ExFreePool;
	UCHAR Old = 1;
	PUCHAR Block;

	Block = (PUCHAR)Allocate2(POOL_FLAG_PAGED, 40, 'tseT');
	CHECK(Block != NULL);
	Old = Block[0] | Block[39];
	FreeWithTag(Block, 'tseT');
	Block = (PUCHAR)Allocate3(POOL_FLAG_NON_PAGED, 40, 'tseT', NULL, 0);
	CHECK(Block != NULL);
	Old |= Block[0] | Block[39];
	Free2(Block, 'tseT', NULL, 0);
	Block = (PUCHAR)Allocate2(POOL_FLAG_NON_PAGED | POOL_FLAG_UNINITIALIZED, 40, 'tseT');
	CHECK(Block != NULL);
	Free(Block);
	CHECK(Old == 0);
	return NULL;
}

const char *PORTED(LookasideLists)(void)
{
	VOID(*const Init)
	(PNPAGED_LOOKASIDE_LIST, PALLOCATE_FUNCTION, PFREE_FUNCTION, ULONG, SIZE_T, ULONG, USHORT) =
		ExInitializeNPagedLookasideList;
	VOID(*const InitPaged)
	(PPAGED_LOOKASIDE_LIST, PALLOCATE_FUNCTION, PFREE_FUNCTION, ULONG, SIZE_T, ULONG, USHORT) =
		ExInitializePagedLookasideList;
	PAGED_LOOKASIDE_LIST Paged;
	NPAGED_LOOKASIDE_LIST List;
	PVOID First, Second;

	Init(&List, NULL, NULL, POOL_NX_ALLOCATION, 40, 'tseT', 0);
	InitPaged(&Paged, NULL, NULL, 0, 40, 'tseT', 0);
	First = ExAllocateFromNPagedLookasideList(&List);
	Second = ExAllocateFromPagedLookasideList(&Paged);
	if (First)
		ExFreeToNPagedLookasideList(&List, First);
	if (Second)
		ExFreeToPagedLookasideList(&Paged, Second);
	ExDeleteNPagedLookasideList(&List);
	ExDeletePagedLookasideList(&Paged);
	CHECK(First != NULL && Second != NULL && First != Second);
	return NULL;
}

/* Four that fail, each reported; none ends anything. */
const char *PORTED(Assertions)(void)
{
	VOID (*const Report)(PVOID, PVOID, ULONG, PSTR) = RtlAssert;
	ULONG (*const Print)(ULONG, ULONG, PCSTR, ...) = DbgPrintEx;
	CHAR Condition[] = "Condition", File[] = "driver.c", Message[] = "said by a driver";
	LONG Runs = 0;

	C_ASSERT(DBG);
	NT_ASSERTMSG("holds", ++Runs == 1);
	NT_ASSERTMSG("does not hold", ++Runs == 1);
	RTL_SOFT_ASSERTMSG("does not hold", ++Runs == 1);
	CHECK(RTL_VERIFY(++Runs == 4) && !RTL_VERIFY(++Runs == 4));
	Report(Condition, File, __LINE__, Message);
	KdBreakPointWithStatus(1);
	CHECK(Print(DPFLTR_IHVDRIVER_ID, DPFLTR_ERROR_LEVEL, "%d runs\n", Runs) == STATUS_SUCCESS);
	CHECK(Runs == 5);
	return NULL;
}

static VOID PORTED(NeverCalled)(PVOID Buffer, ULONG Length)
{
	UNREFERENCED_PARAMETER(Buffer);
	UNREFERENCED_PARAMETER(Length);
}

static VOID PORTED(NeverCalledWhy)(KBUGCHECK_CALLBACK_REASON Reason,
				   PKBUGCHECK_REASON_CALLBACK_RECORD Record, PVOID Data,
				   ULONG Length)
{
	UNREFERENCED_PARAMETER(Reason);
	UNREFERENCED_PARAMETER(Record);
	UNREFERENCED_PARAMETER(Data);
	UNREFERENCED_PARAMETER(Length);
}

const char *PORTED(BugCheckCallbacks)(void)
{
	BOOLEAN(*const Register)
	(PKBUGCHECK_CALLBACK_RECORD, PKBUGCHECK_CALLBACK_ROUTINE, PVOID, ULONG, PUCHAR) =
		KeRegisterBugCheckCallback;
	BOOLEAN (*const Deregister)(PKBUGCHECK_CALLBACK_RECORD) = KeDeregisterBugCheckCallback;
	BOOLEAN(*const RegisterWhy)
	(PKBUGCHECK_REASON_CALLBACK_RECORD, PKBUGCHECK_REASON_CALLBACK_ROUTINE,
	 KBUGCHECK_CALLBACK_REASON, PUCHAR) = KeRegisterBugCheckReasonCallback;
	BOOLEAN(*const DeregisterWhy)
	(PKBUGCHECK_REASON_CALLBACK_RECORD) = KeDeregisterBugCheckReasonCallback;
	KBUGCHECK_REASON_CALLBACK_RECORD Why;
	KBUGCHECK_CALLBACK_RECORD Plain;
	UCHAR Name[] = "ported", Buffer[8];
	BOOLEAN First, Second, Third, Fourth;

	KeInitializeCallbackRecord(&Plain);
	KeInitializeCallbackRecord(&Why);
	First = Register(&Plain, PORTED(NeverCalled), Buffer, sizeof(Buffer), Name);
	Second = Register(&Plain, PORTED(NeverCalled), Buffer, sizeof(Buffer), Name);
	Third = RegisterWhy(&Why, PORTED(NeverCalledWhy), KbCallbackSecondaryDumpData, Name);
	Fourth = Deregister(&Plain);
	CHECK(DeregisterWhy(&Why) == TRUE && DeregisterWhy(&Why) == FALSE);
	CHECK(First == TRUE && Second == FALSE && Third == TRUE && Fourth == TRUE);
	CHECK(Deregister(&Plain) == FALSE);
	return NULL;
}

/* None returns: the caller's thread ends with each. */
void PORTED(EndOfSystem)(int Way)
{
	switch (Way) {
	case 0:
		KeBugCheck(MANUALLY_INITIATED_CRASH);
	case 1:
		KeBugCheckEx(DRIVER_VIOLATION, 1, 2, 3, 4);
	case 2:
		ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
	default:
		ExRaiseAccessViolation();
	}
}
