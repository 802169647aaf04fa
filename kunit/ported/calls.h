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
	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
	Insert(&Dpc, &Dpc, Context);
	Removed = Remove(&Dpc);
	RemovedAgain = Remove(&Dpc);
	KeLowerIrql(OldIrql);
	CHECK(Removed == TRUE && RemovedAgain == FALSE && Runs == 2);
	CHECK(KeIsExecutingDpc() == 0);
	return NULL;
}
