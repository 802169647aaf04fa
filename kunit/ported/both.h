/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Checks that hold in both languages. The includer defines PORTED(Name), which
 * makes a routine's name its own.
 */

#include "check.h"

/* Each operation on 10: what it returns and what it leaves. */
const char *PORTED(InterlockedResults)(void)
{
	volatile LONG Bits[3] = { 0, 0, 0 };
	volatile LONG Value = 10;
	volatile LONG64 Value64 = 10;
	volatile SHORT Value16 = 0x7fff;
	volatile CHAR Value8 = 3;
	volatile SIZE_T Size = 1;
	PVOID volatile Pointer = NULL;
	LONG One = 1;

	CHECK(InterlockedIncrement(&Value) == 11 && Value == 11);
	CHECK(InterlockedDecrement(&Value) == 10 && Value == 10);
	CHECK(InterlockedAdd(&Value, 5) == 15 && Value == 15);
	CHECK(InterlockedExchange(&Value, 7) == 15 && Value == 7);
	CHECK(InterlockedExchangeAdd(&Value, -2) == 7 && Value == 5);
	CHECK(InterlockedCompareExchange(&Value, 9, 4) == 5 && Value == 5);
	CHECK(InterlockedCompareExchange(&Value, 9, 5) == 5 && Value == 9);
	CHECK(InterlockedAnd(&Value, 12) == 9 && Value == 8);
	CHECK(InterlockedOr(&Value, 3) == 8 && Value == 11);
	CHECK(InterlockedXor(&Value, 1) == 11 && Value == 10);
	Value = MAXLONG;
	CHECK(InterlockedIncrement(&Value) == -MAXLONG - 1);

	CHECK(InterlockedIncrement64(&Value64) == 11);
	CHECK(InterlockedDecrement64(&Value64) == 10);
	CHECK(InterlockedAdd64(&Value64, 0x100000000ll) == 0x10000000all);
	CHECK(InterlockedExchange64(&Value64, -1) == 0x10000000all);
	CHECK(InterlockedExchangeAdd64(&Value64, 3) == -1 && Value64 == 2);
	CHECK(InterlockedCompareExchange64(&Value64, 8, 2) == 2 && Value64 == 8);
	CHECK(InterlockedAnd64(&Value64, 0) == 8);
	CHECK(InterlockedOr64(&Value64, 6) == 0);
	CHECK(InterlockedXor64(&Value64, 2) == 6 && Value64 == 4);

	CHECK(InterlockedIncrement16(&Value16) == -0x8000);
	CHECK(InterlockedCompareExchange16(&Value16, 5, -0x8000) == -0x8000 && Value16 == 5);
	CHECK(InterlockedOr16(&Value16, 2) == 5 && Value16 == 7);
	CHECK(InterlockedExchange8(&Value8, 4) == 3 && Value8 == 4);
	CHECK(InterlockedAnd8(&Value8, 6) == 4);
	CHECK(InterlockedXor8(&Value8, 1) == 4 && Value8 == 5);

	CHECK(InterlockedIncrementSizeT(&Size) == 2);
	CHECK(InterlockedExchangeAddSizeT(&Size, 3) == 2 && Size == 5);
	CHECK(InterlockedDecrementSizeT(&Size) == 4);
	CHECK(InterlockedExchangePointer(&Pointer, &One) == NULL && Pointer == &One);
	CHECK(InterlockedCompareExchangePointer(&Pointer, NULL, NULL) == &One);
	CHECK(InterlockedCompareExchangePointer(&Pointer, NULL, &One) == &One && !Pointer);

	Value = 0;
	CHECK(!InterlockedBitTestAndSet(&Value, 31) && Value == -MAXLONG - 1);
	CHECK(InterlockedBitTestAndSet(&Value, 31) == 1);
	CHECK(InterlockedBitTestAndReset(&Value, 31) == 1 && Value == 0);
	CHECK(!InterlockedBitTestAndReset(&Value, 31));
	Value64 = 0;
	CHECK(!InterlockedBitTestAndSet64(&Value64, 40) && Value64 == 1ll << 40);
	CHECK(InterlockedBitTestAndReset64(&Value64, 40) == 1 && !Value64);
	CHECK(!InterlockedBitTestAndComplement(&Value, 3) && Value == 8);
	CHECK(InterlockedBitTestAndComplement(&Value, 3) == 1 && !Value);
	/* Bits of an array, on either side of Base. */
	CHECK(!InterlockedBitTestAndSet(&Bits[1], 33) && Bits[2] == 2);
	CHECK(!InterlockedBitTestAndSet(&Bits[1], -1) && Bits[0] == MINLONG && !Bits[1]);
	return NULL;
}

/* Forms with less order, single accesses, barriers, the other spelling. */
const char *PORTED(InterlockedForms)(void)
{
	volatile LONG Value = 1;
	volatile LONG64 Value64 = 1;
	volatile USHORT Word = 1;
	PVOID volatile Pointer = NULL;

	CHECK(InterlockedIncrementAcquire(&Value) == 2);
	CHECK(InterlockedDecrementRelease(&Value) == 1);
	CHECK(InterlockedIncrementNoFence(&Value) == 2);
	CHECK(InterlockedCompareExchangeAcquire(&Value, 5, 2) == 2);
	CHECK(InterlockedExchangeAddNoFence(&Value, 1) == 5);
	CHECK(InterlockedOrRelease(&Value, 1) == 6);
	CHECK(InterlockedIncrementAcquire64(&Value64) == 2);
	CHECK(InterlockedCompareExchangePointerRelease(&Pointer, NULL, NULL) == NULL);
	CHECK(_InterlockedIncrement(&Value) == 8);
	CHECK(_InterlockedCompareExchange64(&Value64, 3, 2) == 2);
	CHECK(_InterlockedExchangePointer(&Pointer, (PVOID)&Word) == NULL);

	CHECK(ReadAcquire(&Value) == 8 && ReadNoFence(&Value) == 8 && ReadRaw(&Value) == 8);
	WriteRelease(&Value, 9);
	CHECK(ReadAcquire(&Value) == 9);
	WriteNoFence64(&Value64, -1);
	CHECK(ReadNoFence64(&Value64) == -1);
	WriteUShortRelease(&Word, 0xffff);
	CHECK(ReadUShortAcquire(&Word) == 0xffff);
	CHECK(ReadPointerAcquire(&Pointer) == &Word);
	WritePointerRelease(&Pointer, NULL);
	CHECK(!ReadPointerNoFence(&Pointer));

	KeMemoryBarrier();
	MemoryBarrier();
	KeMemoryBarrierWithoutFence();
	_ReadBarrier();
	_WriteBarrier();
	_ReadWriteBarrier();
	YieldProcessor();
	return NULL;
}

const char *PORTED(ListRules)(void)
{
	LIST_ENTRY Head, Other, One, Two, Three;
	SINGLE_LIST_ENTRY Single = { NULL }, First, Second;

	InitializeListHead(&Head);
	CHECK(Head.Flink == &Head && Head.Blink == &Head && IsListEmpty(&Head));
	CHECK(RemoveHeadList(&Head) == &Head && RemoveTailList(&Head) == &Head);
	InsertTailList(&Head, &Two);
	InsertHeadList(&Head, &One);
	InsertTailList(&Head, &Three);
	CHECK(Head.Flink == &One && One.Flink == &Two && Two.Flink == &Three);
	CHECK(Head.Blink == &Three && Three.Flink == &Head && !IsListEmpty(&Head));

	CHECK(!RemoveEntryList(&Two));
	CHECK(Two.Flink == &Three && Two.Blink == &One);
	CHECK(RemoveHeadList(&Head) == &One && One.Flink == &Three);
	CHECK(RemoveEntryList(&Three) && IsListEmpty(&Head));

	InitializeListHead(&One);
	CHECK(RemoveEntryList(&One) && One.Flink == &One);
	InsertTailList(&Head, &Three);
	CHECK(RemoveTailList(&Head) == &Three);
	InsertTailList(&Head, &Three);
	CHECK(RemoveEntryListUnsafe(&Three) && IsListEmpty(&Head));

	/* A ring of two is appended, then a head that was taken off its ring. */
	InsertTailList(&Head, &One);
	InitializeListHead(&Two);
	InsertTailList(&Two, &Three);
	AppendTailList(&Head, &Two);
	CHECK(Head.Flink == &One && One.Flink == &Two && Two.Flink == &Three);
	CHECK(Head.Blink == &Three && Three.Flink == &Head && Two.Blink == &One);
	InitializeListHead(&Other);
	CHECK(IsListEmpty(&Other));

	CHECK(!PopEntryList(&Single));
	PushEntryList(&Single, &First);
	PushEntryList(&Single, &Second);
	CHECK(PopEntryList(&Single) == &Second && PopEntryList(&Single) == &First);
	CHECK(!PopEntryList(&Single));
	return NULL;
}

typedef struct _RECORD {
	ULONG Size;
	union {
		struct {
			PVOID Pad;
			LIST_ENTRY ListEntry;
		} Overlay;
	} Tail;
	ULONG Last;
} RECORD, *PRECORD;

const char *PORTED(RecordMacros)(void)
{
	RECORD Record;
	PLIST_ENTRY Link = &Record.Tail.Overlay.ListEntry;
	SLIST_HEADER Stack;
	SLIST_ENTRY Entries[2];

	CHECK(CONTAINING_RECORD(Link, RECORD, Tail.Overlay.ListEntry) == &Record);
	CHECK(FIELD_OFFSET(RECORD, Tail.Overlay.ListEntry) == 16);
	CHECK(RTL_CONTAINS_FIELD(&Record, sizeof(Record), Last));
	CHECK(!RTL_CONTAINS_FIELD(&Record, FIELD_OFFSET(RECORD, Last), Last));
	CHECK(ARRAYSIZE(Entries) == 2 && RTL_NUMBER_OF(Entries) == 2);

	C_ASSERT(__alignof__(SLIST_HEADER) == 16 && __alignof__(SLIST_ENTRY) == 16);
	InitializeSListHead(&Stack);
	CHECK(!ExInterlockedPushEntrySList(&Stack, &Entries[0], NULL));
	CHECK(InterlockedPushEntrySList(&Stack, &Entries[1]) == &Entries[0]);
	CHECK(ExQueryDepthSList(&Stack) == 2);
	CHECK(ExInterlockedPopEntrySList(&Stack, NULL) == &Entries[1]);
	CHECK(InterlockedFlushSList(&Stack) == &Entries[0]);
	CHECK(!InterlockedPopEntrySList(&Stack) && !ExQueryDepthSList(&Stack));
	return NULL;
}

#define TAG 0x74736554u

/* Must succeed (2) is reported once. */
const char *PORTED(PoolCalls)(void)
{
	static const POOL_TYPE Types[] = { NonPagedPool,
					   NonPagedPoolNx,
					   PagedPool,
					   NonPagedPoolCacheAligned,
					   NonPagedPoolNxCacheAligned,
					   NonPagedPoolMustSucceed };
	POOL_EXTENDED_PARAMETER Parameter;
	PUCHAR Block;
	ULONG Index;

	C_ASSERT(NonPagedPool == 0 && PagedPool == 1 && NonPagedPoolNx == 512);
	C_ASSERT(POOL_FLAG_NON_PAGED == 0x40 && POOL_FLAG_PAGED == 0x100);
	C_ASSERT('tseT' == TAG);
	ExInitializeDriverRuntime(DrvRtPoolNxOptIn);
	for (Index = 0; Index < ARRAYSIZE(Types); Index++) {
		Block = (PUCHAR)ExAllocatePoolWithTag(Types[Index], 40, TAG);
		CHECK(Block && ((ULONG_PTR)Block & 15) == 0);
		ExFreePoolWithTag(Block, TAG);
	}

	Block = (PUCHAR)ExAllocatePoolZero(NonPagedPoolNx, 40, TAG);
	CHECK(Block && !Block[0] && !Block[39]);
	ExFreePool(Block);
	Block = (PUCHAR)ExAllocatePoolQuotaZero(NonPagedPoolNx, 40, TAG);
	CHECK(Block && !Block[0] && !Block[39]);
	ExFreePool(Block);
	Block = (PUCHAR)ExAllocatePoolPriorityZero(NonPagedPoolNx, 40, TAG, NormalPoolPriority);
	CHECK(Block && !Block[39]);
	ExFreePool(Block);
	Block = (PUCHAR)ExAllocatePoolUninitialized(NonPagedPoolNx, 40, TAG);
	CHECK(Block);
	ExFreePool(Block);
	Block = (PUCHAR)ExAllocatePool(NonPagedPool, 40);
	CHECK(Block);
	ExFreePoolWithTag(Block, 'enoN');
	Block = (PUCHAR)ExAllocatePool2(POOL_FLAG_NON_PAGED | POOL_FLAG_CACHE_ALIGNED, 40, TAG);
	CHECK(Block && ((ULONG_PTR)Block & 63) == 0);
	ExFreePool2(Block, TAG, NULL, 0);

	RtlZeroMemory(&Parameter, sizeof(Parameter));
	Parameter.Type = PoolExtendedParameterPriority;
	Parameter.Optional = 1;
	Parameter.Priority = HighPoolPriority;
	Block = (PUCHAR)ExAllocatePool3(POOL_FLAG_NON_PAGED, 40, TAG, &Parameter, 1);
	CHECK(Block && Block[39] == 0);
	ExFreePool2(Block, TAG, NULL, 0);
	return NULL;
}

/* Values that a driver may have compiled in. */
const char *PORTED(ExTimerConstants)(void)
{
	CHECK(EX_TIMER_HIGH_RESOLUTION == 4 && EX_TIMER_NO_WAKE == 8);
	CHECK(EX_TIMER_NOTIFICATION == 0x80000000u);
	CHECK(EX_TIMER_UNLIMITED_TOLERANCE == -1);
	CHECK(sizeof(EXT_SET_PARAMETERS) == 16 && sizeof(EXT_DELETE_PARAMETERS) == 24);
	CHECK(FIELD_OFFSET(EXT_SET_PARAMETERS, Reserved) == 4);
	CHECK(FIELD_OFFSET(EXT_SET_PARAMETERS, NoWakeTolerance) == 8);
	CHECK(FIELD_OFFSET(EXT_DELETE_PARAMETERS, Reserved) == 4);
	CHECK(FIELD_OFFSET(EXT_DELETE_PARAMETERS, DeleteCallback) == 8);
	CHECK(FIELD_OFFSET(EXT_DELETE_PARAMETERS, DeleteContext) == 16);
	return NULL;
}

/* The initialisers leave nothing of what was there. */
const char *PORTED(ExTimerParameters)(void)
{
	EXT_SET_PARAMETERS Set = { 5, 5, 5 };
	EXT_DELETE_PARAMETERS Delete = { 5, 5, NULL, &Set };

	ExInitializeSetTimerParameters(&Set);
	CHECK(Set.Version == 0 && Set.Reserved == 0 && Set.NoWakeTolerance == 0);
	ExInitializeDeleteTimerParameters(&Delete);
	CHECK(Delete.Version == 0 && Delete.Reserved == 0);
	CHECK(Delete.DeleteCallback == NULL && Delete.DeleteContext == NULL);
	return NULL;
}

static VOID PORTED(Count)(PVOID Context)
{
	++*(LONG *)Context;
}

static VOID PORTED(CountCall)(PEX_TIMER Timer, PVOID Context)
{
	UNREFERENCED_PARAMETER(Timer);
	PORTED(Count)(Context);
}

/* Every routine, as a driver calls it. */
const char *PORTED(ExTimerSurface)(void)
{
	LONG Calls = 0, Ends = 0;
	PEX_TIMER Timer = ExAllocateTimer(PORTED(CountCall), &Calls, EX_TIMER_NOTIFICATION);
	EXT_DELETE_PARAMETERS Delete;
	EXT_SET_PARAMETERS Set;

	CHECK(Timer != NULL);
	ExInitializeSetTimerParameters(&Set);
	Set.NoWakeTolerance = EX_TIMER_UNLIMITED_TOLERANCE;
	CHECK(ExSetTimer(Timer, -10000, 0, &Set) == FALSE);
	CHECK(KeWaitForSingleObject(Timer, Executive, KernelMode, FALSE, NULL) == STATUS_SUCCESS);
	KeFlushQueuedDpcs();
	CHECK(Calls == 1);
	CHECK(ExSetTimer(Timer, -600000000, 10000, NULL) == FALSE);
	CHECK(ExCancelTimer(Timer, NULL) == TRUE);
	ExInitializeDeleteTimerParameters(&Delete);
	Delete.DeleteCallback = PORTED(Count);
	Delete.DeleteContext = &Ends;
	CHECK(ExDeleteTimer(Timer, TRUE, TRUE, &Delete) == FALSE);
	CHECK(Calls == 1 && Ends == 1);
	return NULL;
}

static LONG PORTED(Judge)(PEXCEPTION_POINTERS Pointers)
{
	return Pointers->ExceptionRecord->ExceptionCode == STATUS_ACCESS_VIOLATION ?
		       EXCEPTION_EXECUTE_HANDLER :
		       EXCEPTION_CONTINUE_SEARCH;
}

static LONG PORTED(LeaveAt)(LONG Where)
{
	LONG Passed = 0;

	__try {
		while (Where == 1) {
			switch (Where) {
			case 1:
				__leave;
			}
		}
		Passed |= 1;
		__try {
			if (Where == 2)
				__leave;
			Passed |= 2;
		} __except (PORTED(Judge)(GetExceptionInformation())) {
			Passed |= 0x100;
		}
		Passed |= 4;
	} __finally {
		Passed |= 8;
	}
	__try {
		if (Where == 3)
			return Passed | 16;
	} __except (Where ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH) {
		Passed |= 0x100;
	}
	return Passed;
}

const char *PORTED(GuardedBlocks)(void)
{
	CHECK(PORTED(LeaveAt)(0) == 15);
	CHECK(PORTED(LeaveAt)(1) == 8);
	CHECK(PORTED(LeaveAt)(2) == 13);
	CHECK(PORTED(LeaveAt)(3) == 31);
	return NULL;
}

/* Names of levels are numbers that fit a KIRQL and keep their order. */
const char *PORTED(LevelNames)(void)
{
	static const KIRQL Levels[] = { PASSIVE_LEVEL, APC_LEVEL, DISPATCH_LEVEL, CMCI_LEVEL,
					CLOCK_LEVEL,   IPI_LEVEL, HIGH_LEVEL };
	static const KIRQL Values[] = { 0, 1, 2, 5, 13, 14, 15 };
	ULONG i;

	C_ASSERT(sizeof(KIRQL) == 1 && ARRAYSIZE(Levels) == ARRAYSIZE(Values));
	for (i = 0; i < ARRAYSIZE(Levels); i++)
		CHECK(Levels[i] == Values[i]);
	CHECK(LOW_LEVEL == PASSIVE_LEVEL && PROFILE_LEVEL == HIGH_LEVEL);
	CHECK(DRS_LEVEL == IPI_LEVEL && POWER_LEVEL == IPI_LEVEL);
	return NULL;
}
