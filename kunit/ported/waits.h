/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Waits as a driver sees them: what it reads of an object's header by name, and
 * how it tells results apart. The includer defines PORTED(Name) and CHECK().
 */

/* The members have these types, and follow what the object does. */
const char *PORTED(HeaderMembers)(void)
{
	KEVENT Event;
	KTIMER Timer;
	const UCHAR *Type = &Event.Header.Type;
	const LONG *SignalState = &Event.Header.SignalState;
	const LIST_ENTRY *WaitListHead = &Event.Header.WaitListHead;
	const UCHAR *Inserted = &Timer.Header.Inserted;
	LARGE_INTEGER Due;

	KeInitializeEvent(&Event, SynchronizationEvent, FALSE);
	CHECK(*Type == 1 && *SignalState == 0);
	CHECK(IsListEmpty(WaitListHead) && WaitListHead->Flink == WaitListHead);
	KeSetEvent(&Event, IO_NO_INCREMENT, FALSE);
	CHECK(Event.Header.SignalState == 1);

	KeInitializeTimerEx(&Timer, SynchronizationTimer);
	CHECK(Timer.Header.Type == 9 && *Inserted == FALSE);
	Due.QuadPart = -36000000000ll;
	KeSetTimer(&Timer, Due, NULL);
	CHECK(Timer.Header.Inserted == TRUE && Timer.Header.SignalState == 0);
	KeCancelTimer(&Timer);
	CHECK(*Inserted == FALSE);
	return NULL;
}

/* A driver compiles these in, and masks the index out of what it gets. */
const char *PORTED(WaitStatuses)(void)
{
	static const NTSTATUS Each[] = {
		STATUS_SUCCESS,	  STATUS_WAIT_0,	   STATUS_WAIT_63,
		STATUS_ABANDONED, STATUS_ABANDONED_WAIT_0, STATUS_ABANDONED_WAIT_63,
		STATUS_USER_APC,  STATUS_ALERTED,	   STATUS_TIMEOUT,
	};
	ULONG Index;

	C_ASSERT(STATUS_SUCCESS == 0 && STATUS_WAIT_0 == 0);
	C_ASSERT(STATUS_WAIT_1 == 1 && STATUS_WAIT_2 == 2 && STATUS_WAIT_3 == 3);
	C_ASSERT(STATUS_WAIT_63 == 0x3f && STATUS_ABANDONED_WAIT_63 == 0xbf);
	C_ASSERT(STATUS_ABANDONED == 0x80 && STATUS_ABANDONED_WAIT_0 == 0x80);
	C_ASSERT(STATUS_USER_APC == 0xc0 && STATUS_ALERTED == 0x101);
	C_ASSERT(STATUS_TIMEOUT == 0x102);
	C_ASSERT((STATUS_ABANDONED_WAIT_63 & 0x3f) == STATUS_WAIT_63);
	for (Index = 0; Index < ARRAYSIZE(Each); Index++)
		CHECK(NT_SUCCESS(Each[Index]));
	CHECK(!NT_SUCCESS(STATUS_INVALID_PARAMETER));
	return NULL;
}

/* What the routines return, through the constants of the headers. */
const char *PORTED(WaitResults)(void)
{
	LARGE_INTEGER Zero;
	KEVENT Events[2];
	PVOID Objects[2];
	KMUTANT Mutant;

	Zero.QuadPart = 0;
	KeInitializeEvent(&Events[0], NotificationEvent, FALSE);
	KeInitializeEvent(&Events[1], NotificationEvent, TRUE);
	Objects[0] = &Events[0];
	Objects[1] = &Events[1];
	CHECK(KeWaitForSingleObject(&Events[1], Executive, KernelMode, FALSE, NULL) ==
	      STATUS_SUCCESS);
	CHECK(KeWaitForSingleObject(&Events[0], Executive, KernelMode, FALSE, &Zero) ==
	      STATUS_TIMEOUT);
	CHECK(KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, NULL,
				       NULL) == STATUS_WAIT_1);
	KeAlertThread(KeGetCurrentThread(), KernelMode);
	CHECK(KeWaitForSingleObject(&Events[0], Executive, KernelMode, TRUE, &Zero) ==
	      STATUS_ALERTED);

	KeInitializeMutant(&Mutant, TRUE);
	KeReleaseMutant(&Mutant, 0, TRUE, FALSE);
	Objects[1] = &Mutant;
	CHECK(KeWaitForMultipleObjects(2, Objects, WaitAny, Executive, KernelMode, FALSE, NULL,
				       NULL) == STATUS_ABANDONED_WAIT_0 + 1);
	CHECK(KeReleaseMutant(&Mutant, 0, FALSE, FALSE) == 0);
	return NULL;
}
