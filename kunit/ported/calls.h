/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Timer and DPC routines as a driver names them: the pointers fix the types and
 * the order of parameters. The includer defines PORTED(Name) and CHECK().
 */

const char *PORTED(TimerCalls)(void)
{
	BOOLEAN (*const Set)(PKTIMER, LARGE_INTEGER, PKDPC) = KeSetTimer;
	BOOLEAN (*const SetEx)(PKTIMER, LARGE_INTEGER, LONG, PKDPC) = KeSetTimerEx;
	BOOLEAN(*const SetCoalescable)
	(PKTIMER, LARGE_INTEGER, ULONG, ULONG, PKDPC) = KeSetCoalescableTimer;
	BOOLEAN (*const Cancel)(PKTIMER) = KeCancelTimer;
	BOOLEAN (*const ReadState)(PKTIMER) = KeReadStateTimer;
	VOID (*const Init)(PKTIMER) = KeInitializeTimer;
	VOID (*const InitEx)(PKTIMER, TIMER_TYPE) = KeInitializeTimerEx;
	LARGE_INTEGER Due;
	KTIMER Timer;

	Due.QuadPart = -36000000000ll;
	Init(&Timer);
	CHECK(Set(&Timer, Due, NULL) == FALSE);
	CHECK(SetEx(&Timer, Due, 1000, NULL) == TRUE);
	CHECK(SetCoalescable(&Timer, Due, 0, 32, NULL) == TRUE);
	CHECK(ReadState(&Timer) == FALSE);
	CHECK(Cancel(&Timer) == TRUE);
	CHECK(Cancel(&Timer) == FALSE);
	InitEx(&Timer, SynchronizationTimer);
	Due.QuadPart = 0;
	CHECK(Set(&Timer, Due, NULL) == FALSE);
	CHECK(ReadState(&Timer) == TRUE);
	return NULL;
}

static VOID PORTED(CountRun)(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	volatile LONG *Runs = (volatile LONG *)Context;

	if (Argument1 == (PVOID)Dpc && Argument2 == Context && KeIsExecutingDpc())
		InterlockedIncrement(Runs);
}

const char *PORTED(DpcCalls)(void)
{
	VOID (*const Init)(PRKDPC, PKDEFERRED_ROUTINE, PVOID) = KeInitializeDpc;
	VOID (*const InitThreaded)(PRKDPC, PKDEFERRED_ROUTINE, PVOID) = KeInitializeThreadedDpc;
	BOOLEAN (*const Insert)(PRKDPC, PVOID, PVOID) = KeInsertQueueDpc;
	BOOLEAN (*const Remove)(PRKDPC) = KeRemoveQueueDpc;
	VOID (*const SetImportance)(PRKDPC, KDPC_IMPORTANCE) = KeSetImportanceDpc;
	VOID (*const SetTarget)(PRKDPC, CCHAR) = KeSetTargetProcessorDpc;
	NTSTATUS (*const SetTargetEx)(PKDPC, PPROCESSOR_NUMBER) = KeSetTargetProcessorDpcEx;
	BOOLEAN First, Second, Removed, RemovedAgain;
	PROCESSOR_NUMBER Processor = { 0, 0, 0 };
	volatile LONG Runs = 0;
	PVOID Context = (PVOID)&Runs;
	KIRQL OldIrql;
	KDPC Dpc;

	InitThreaded(&Dpc, PORTED(CountRun), Context);
	Insert(&Dpc, &Dpc, Context);
	KeFlushQueuedDpcs();
	CHECK(Runs == 1);
	Init(&Dpc, PORTED(CountRun), Context);
	SetImportance(&Dpc, HighImportance);
	SetTarget(&Dpc, 0);
	CHECK(SetTargetEx(&Dpc, &Processor) == STATUS_SUCCESS);
	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
	First = Insert(&Dpc, &Dpc, Context);
	Second = Insert(&Dpc, NULL, NULL);
	KeLowerIrql(OldIrql);
	KeFlushQueuedDpcs();
	CHECK(First == TRUE && Second == FALSE && Runs == 2);
	Init(&Dpc, PORTED(CountRun), Context);
	OldIrql = KfRaiseIrqlToDpcLevel();
	Insert(&Dpc, &Dpc, Context);
	Removed = Remove(&Dpc);
	RemovedAgain = Remove(&Dpc);
	KeLowerIrql(OldIrql);
	CHECK(Removed == TRUE && RemovedAgain == FALSE && Runs == 2);
	CHECK(KeIsExecutingDpc() == 0);
	return NULL;
}

static PVOID PORTED(AllocateBlock)(POOL_TYPE PoolType, SIZE_T NumberOfBytes, ULONG Tag)
{
	return ExAllocatePoolWithTag(PoolType, NumberOfBytes, Tag);
}

static VOID PORTED(FreeBlock)(PVOID Buffer)
{
	ExFreePool(Buffer);
}

const char *PORTED(LookasideCalls)(void)
{
	NPAGED_LOOKASIDE_LIST NonPaged;
	PAGED_LOOKASIDE_LIST Paged;
	LOOKASIDE_LIST_EX Ex;
	PVOID Block;

	ExInitializeNPagedLookasideList(&NonPaged, PORTED(AllocateBlock), PORTED(FreeBlock),
					POOL_NX_ALLOCATION, 40, 'tseT', 0);
	Block = ExAllocateFromNPagedLookasideList(&NonPaged);
	CHECK(Block != NULL);
	ExFreeToNPagedLookasideList(&NonPaged, Block);
	ExDeleteNPagedLookasideList(&NonPaged);

	ExInitializePagedLookasideList(&Paged, NULL, NULL, 0, 40, 'tseT', 0);
	Block = ExAllocateFromPagedLookasideList(&Paged);
	CHECK(Block != NULL);
	ExFreeToPagedLookasideList(&Paged, Block);
	ExDeletePagedLookasideList(&Paged);

	CHECK(ExInitializeLookasideListEx(&Ex, NULL, NULL, NonPagedPoolNx,
					  EX_LOOKASIDE_LIST_EX_FLAGS_FAIL_NO_RAISE, 40, 'tseT',
					  0) == STATUS_SUCCESS);
	Block = ExAllocateFromLookasideListEx(&Ex);
	CHECK(Block != NULL);
	ExFreeToLookasideListEx(&Ex, Block);
	ExFlushLookasideListEx(&Ex);
	ExDeleteLookasideListEx(&Ex);
	return NULL;
}

const char *PORTED(RemoveLockCalls)(void)
{
	IO_REMOVE_LOCK Lock;

	IoInitializeRemoveLock(&Lock, 'tseT', 1, 10);
	CHECK(IoAcquireRemoveLock(&Lock, &Lock) == STATUS_SUCCESS);
	CHECK(IoAcquireRemoveLock(&Lock, NULL) == STATUS_SUCCESS);
	CHECK(Lock.Common.IoCount == 3 && !Lock.Common.Removed);
	IoReleaseRemoveLock(&Lock, NULL);
	IoReleaseRemoveLockAndWait(&Lock, &Lock);
	CHECK(Lock.Common.Removed && Lock.Common.IoCount == 0);
	CHECK(IoAcquireRemoveLock(&Lock, NULL) == STATUS_DELETE_PENDING);
	return NULL;
}

const char *PORTED(NamedEventCalls)(void)
{
	WCHAR Characters[] = { 'E', 'v' };
	UNICODE_STRING Name = { sizeof(Characters), sizeof(Characters), Characters };
	HANDLE First, Second;
	PKEVENT Event;
	PVOID Object;

	Event = IoCreateSynchronizationEvent(&Name, &First);
	CHECK(Event != NULL && KeReadStateEvent(Event));
	CHECK(IoCreateNotificationEvent(&Name, &Second) == Event);
	CHECK(ObReferenceObjectByHandle(Second, EVENT_ALL_ACCESS, *ExEventObjectType, KernelMode,
					&Object, NULL) == STATUS_SUCCESS);
	CHECK(Object == (PVOID)Event);
	CHECK(ObReferenceObjectByHandle(Second, EVENT_ALL_ACCESS, *ExSemaphoreObjectType,
					KernelMode, &Object, NULL) == STATUS_OBJECT_TYPE_MISMATCH);
	CHECK(ObReferenceObjectByHandle(Second, EVENT_ALL_ACCESS, *IoFileObjectType, KernelMode,
					&Object, NULL) == STATUS_OBJECT_TYPE_MISMATCH);
	ObDereferenceObject((PVOID)Event);
	CHECK(ZwClose(Second) == STATUS_SUCCESS && ZwClose(First) == STATUS_SUCCESS);
	return NULL;
}

const char *PORTED(ProcessorCalls)(void)
{
	PROCESSOR_NUMBER Number;
	KAFFINITY Active;
	BOOLEAN Stays;
	KIRQL OldIrql;
	ULONG Index;

	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
	Index = KeGetCurrentProcessorNumberEx(&Number);
	Stays = Index == KeGetCurrentProcessorIndex() &&
		Number.Number == KeGetCurrentProcessorNumber();
	KeLowerIrql(OldIrql);
	CHECK(Stays);
	CHECK(KeGetProcessorIndexFromNumber(&Number) == Index);
	CHECK(KeQueryActiveProcessorCount(&Active) <= KeQueryMaximumProcessorCount());
	CHECK(Active == KeQueryActiveProcessors() && Active & 1ull << Number.Number);
	CHECK(Index < KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS));
	return NULL;
}

const char *PORTED(CalendarCalls)(void)
{
	VOID (*const ToFields)(PLARGE_INTEGER, PTIME_FIELDS) = RtlTimeToTimeFields;
	BOOLEAN (*const FromFields)(PTIME_FIELDS, PLARGE_INTEGER) = RtlTimeFieldsToTime;
	BOOLEAN (*const Since1970)(PLARGE_INTEGER, PULONG) = RtlTimeToSecondsSince1970;
	BOOLEAN (*const Since1980)(PLARGE_INTEGER, PULONG) = RtlTimeToSecondsSince1980;
	VOID (*const From1970)(ULONG, PLARGE_INTEGER) = RtlSecondsSince1970ToTime;
	VOID (*const From1980)(ULONG, PLARGE_INTEGER) = RtlSecondsSince1980ToTime;
	LARGE_INTEGER Time;
	TIME_FIELDS Fields;
	ULONG Seconds;

	From1980(86399, &Time);
	ToFields(&Time, &Fields);
	CHECK(Fields.Year == 1980 && Fields.Month == 1 && Fields.Day == 1);
	CHECK(Fields.Hour == 23 && Fields.Minute == 59 && Fields.Second == 59);
	CHECK(Fields.Milliseconds == 0 && Fields.Weekday == 2);
	Fields.Year = 1970;
	Fields.Milliseconds = 999;
	CHECK(FromFields(&Fields, &Time) == TRUE);
	CHECK(Since1970(&Time, &Seconds) == TRUE && Seconds == 86399);
	CHECK(Since1980(&Time, &Seconds) == FALSE && Seconds == 86399);
	From1970(0, &Time);
	CHECK(Time.QuadPart == 116444736000000000ll);
	return NULL;
}
