/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Locks that spin and what they protect, as a driver names them: the pointers
 * fix the types and the order of parameters. No check stands between the
 * acquisition of a lock and its release. The includer defines PORTED(Name).
 */

#include "check.h"

const char *PORTED(Levels)(void)
{
	KIRQL (*const Current)(VOID) = KeGetCurrentIrql;
	VOID (*const Raise)(KIRQL, PKIRQL) = KeRaiseIrql;
	KIRQL (*const RaiseToDpc)(VOID) = KeRaiseIrqlToDpcLevel;
	VOID (*const Lower)(KIRQL) = KeLowerIrql;
	KIRQL First, Second, AtApc, AtDpc, Back;

	Raise(APC_LEVEL, &First);
	AtApc = Current();
	Second = RaiseToDpc();
	AtDpc = Current();
	Lower(RaiseToDpc());
	AtDpc |= Current();
	Lower(Second);
	Back = Current();
	Lower(First);
	CHECK(First == 0 && Second == 1 && AtApc == 1 && AtDpc == 2 && Back == 1);
	CHECK(Current() == PASSIVE_LEVEL);
	return NULL;
}

const char *PORTED(SpinLocks)(void)
{
	VOID (*const Init)(PKSPIN_LOCK) = KeInitializeSpinLock;
	KIRQL (*const Raise)(PKSPIN_LOCK) = KeAcquireSpinLockRaiseToDpc;
	VOID (*const Release)(PKSPIN_LOCK, KIRQL) = KeReleaseSpinLock;
	BOOLEAN (*const Test)(PKSPIN_LOCK) = KeTestSpinLock;
	KIRQL OldIrql = HIGH_LEVEL, HeldIrql;
	KSPIN_LOCK Lock = 5;
	BOOLEAN Free;

	Init(&Lock);
	CHECK(Lock == 0 && Test(&Lock) == TRUE);
	KeAcquireSpinLock(&Lock, &OldIrql);
	HeldIrql = KeGetCurrentIrql();
	Free = Test(&Lock);
	Release(&Lock, OldIrql);
	CHECK(OldIrql == PASSIVE_LEVEL && HeldIrql == DISPATCH_LEVEL && Free == FALSE);
	CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && Test(&Lock) == TRUE);

	KeRaiseIrql(APC_LEVEL, &HeldIrql);
	OldIrql = Raise(&Lock);
	Release(&Lock, OldIrql);
	Free = KeGetCurrentIrql() == APC_LEVEL;
	KeLowerIrql(HeldIrql);
	CHECK(OldIrql == APC_LEVEL && Free);
	return NULL;
}

const char *PORTED(SpinLocksAtDpcLevel)(void)
{
	KIRQL (*const RaiseToDpc)(VOID) = KeRaiseIrqlToDpcLevel;
	VOID (*const Acquire)(PKSPIN_LOCK) = KeAcquireSpinLockAtDpcLevel;
	VOID (*const Release)(PKSPIN_LOCK) = KeReleaseSpinLockFromDpcLevel;
	BOOLEAN (*const Try)(PKSPIN_LOCK) = KeTryToAcquireSpinLockAtDpcLevel;
	KIRQL OldIrql, HeldIrql;
	BOOLEAN First, Second;
	KSPIN_LOCK Lock = 0;

	OldIrql = RaiseToDpc();
	Acquire(&Lock);
	HeldIrql = KeGetCurrentIrql();
	Release(&Lock);
	First = Try(&Lock);
	Second = Try(&Lock);
	Release(&Lock);
	KeLowerIrql(OldIrql);
	CHECK(OldIrql == PASSIVE_LEVEL && HeldIrql == DISPATCH_LEVEL);
	CHECK(First == TRUE && Second == FALSE && Lock == 0);
	return NULL;
}

const char *PORTED(QueuedSpinLocks)(void)
{
	VOID (*const Acquire)(PKSPIN_LOCK, PKLOCK_QUEUE_HANDLE) = KeAcquireInStackQueuedSpinLock;
	VOID (*const Release)(PKLOCK_QUEUE_HANDLE) = KeReleaseInStackQueuedSpinLock;
	VOID(*const AcquireAtDpc)
	(PKSPIN_LOCK, PKLOCK_QUEUE_HANDLE) = KeAcquireInStackQueuedSpinLockAtDpcLevel;
	VOID(*const ReleaseFromDpc)
	(PKLOCK_QUEUE_HANDLE) = KeReleaseInStackQueuedSpinLockFromDpcLevel;
	KIRQL HeldIrql, AfterInner, AfterOuter;
	KLOCK_QUEUE_HANDLE Outer, Inner;
	KSPIN_LOCK One = 0, Two = 0;
	BOOLEAN Free;

	Acquire(&One, &Outer);
	HeldIrql = KeGetCurrentIrql();
	AcquireAtDpc(&Two, &Inner);
	Free = KeTestSpinLock(&One) || KeTestSpinLock(&Two);
	ReleaseFromDpc(&Inner);
	AfterInner = KeGetCurrentIrql();
	Release(&Outer);
	AfterOuter = KeGetCurrentIrql();
	CHECK(HeldIrql == DISPATCH_LEVEL && AfterInner == DISPATCH_LEVEL);
	CHECK(AfterOuter == PASSIVE_LEVEL && Free == FALSE);
	CHECK(KeTestSpinLock(&One) && KeTestSpinLock(&Two));
	return NULL;
}

/* A DPC, and what its routine saw. */
typedef struct _DPC_LOCKS {
	KDPC Dpc;
	KSPIN_LOCK Lock;
	KIRQL Before;
	KIRQL Old;
	KIRQL Held;
	KIRQL Between;
	KIRQL HeldAgain;
	KIRQL After;
} DPC_LOCKS, *PDPC_LOCKS;

static VOID PORTED(LockInDpc)(PKDPC Dpc, PVOID Context, PVOID Argument1, PVOID Argument2)
{
	KIRQL (*const Acquire)(PKSPIN_LOCK) = KeAcquireSpinLockForDpc;
	VOID (*const Release)(PKSPIN_LOCK, KIRQL) = KeReleaseSpinLockForDpc;
	VOID(*const AcquireQueued)
	(PKSPIN_LOCK, PKLOCK_QUEUE_HANDLE) = KeAcquireInStackQueuedSpinLockForDpc;
	VOID (*const ReleaseQueued)(PKLOCK_QUEUE_HANDLE) = KeReleaseInStackQueuedSpinLockForDpc;
	PDPC_LOCKS Locks = CONTAINING_RECORD(Dpc, DPC_LOCKS, Dpc);
	KLOCK_QUEUE_HANDLE Handle;

	UNREFERENCED_PARAMETER(Context);
	UNREFERENCED_PARAMETER(Argument1);
	UNREFERENCED_PARAMETER(Argument2);
	Locks->Before = KeGetCurrentIrql();
	Locks->Old = Acquire(&Locks->Lock);
	Locks->Held = KeGetCurrentIrql();
	Release(&Locks->Lock, Locks->Old);
	Locks->Between = KeGetCurrentIrql();
	AcquireQueued(&Locks->Lock, &Handle);
	Locks->HeldAgain = KeGetCurrentIrql();
	ReleaseQueued(&Handle);
	Locks->After = KeGetCurrentIrql();
}

static const char *PORTED(RunLocksInDpc)(PDPC_LOCKS Locks)
{
	KeInsertQueueDpc(&Locks->Dpc, NULL, NULL);
	KeFlushQueuedDpcs();
	CHECK(Locks->Held == DISPATCH_LEVEL && Locks->HeldAgain == DISPATCH_LEVEL);
	CHECK(Locks->Between == Locks->Before && Locks->After == Locks->Before);
	CHECK(Locks->Old == Locks->Before && KeTestSpinLock(&Locks->Lock));
	return NULL;
}

const char *PORTED(SpinLocksForDpc)(void)
{
	const char *Failed;
	DPC_LOCKS Locks;

	RtlZeroMemory(&Locks, sizeof(Locks));
	KeInitializeDpc(&Locks.Dpc, PORTED(LockInDpc), NULL);
	Failed = PORTED(RunLocksInDpc)(&Locks);
	if (Failed)
		return Failed;
	CHECK(Locks.Before == DISPATCH_LEVEL);
	KeInitializeThreadedDpc(&Locks.Dpc, PORTED(LockInDpc), NULL);
	return PORTED(RunLocksInDpc)(&Locks);
}

const char *PORTED(ReaderWriterLocks)(void)
{
	KIRQL (*const Share)(PEX_SPIN_LOCK) = ExAcquireSpinLockShared;
	VOID (*const Unshare)(PEX_SPIN_LOCK, KIRQL) = ExReleaseSpinLockShared;
	KIRQL (*const Exclude)(PEX_SPIN_LOCK) = ExAcquireSpinLockExclusive;
	VOID (*const Release)(PEX_SPIN_LOCK, KIRQL) = ExReleaseSpinLockExclusive;
	LOGICAL (*const TryShare)(PEX_SPIN_LOCK) = ExTryAcquireSpinLockSharedAtDpcLevel;
	LOGICAL (*const TryExclude)(PEX_SPIN_LOCK) = ExTryAcquireSpinLockExclusiveAtDpcLevel;
	KIRQL OldIrql, HeldIrql;
	LOGICAL Reader, Writer;
	EX_SPIN_LOCK Lock = 0;

	OldIrql = Share(&Lock);
	HeldIrql = KeGetCurrentIrql();
	Writer = TryExclude(&Lock);
	Reader = TryShare(&Lock);
	ExReleaseSpinLockSharedFromDpcLevel(&Lock);
	Unshare(&Lock, OldIrql);
	CHECK(OldIrql == PASSIVE_LEVEL && HeldIrql == DISPATCH_LEVEL && Reader && !Writer);
	CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && Lock == 0);

	OldIrql = Exclude(&Lock);
	HeldIrql = KeGetCurrentIrql();
	Writer = TryExclude(&Lock);
	Reader = TryShare(&Lock);
	Release(&Lock, OldIrql);
	CHECK(OldIrql == PASSIVE_LEVEL && HeldIrql == DISPATCH_LEVEL && !Reader && !Writer);
	CHECK(KeGetCurrentIrql() == PASSIVE_LEVEL && Lock == 0);
	return NULL;
}

const char *PORTED(ReaderWriterLocksAtDpcLevel)(void)
{
	VOID (*const Share)(PEX_SPIN_LOCK) = ExAcquireSpinLockSharedAtDpcLevel;
	VOID (*const Unshare)(PEX_SPIN_LOCK) = ExReleaseSpinLockSharedFromDpcLevel;
	VOID (*const Exclude)(PEX_SPIN_LOCK) = ExAcquireSpinLockExclusiveAtDpcLevel;
	VOID (*const Release)(PEX_SPIN_LOCK) = ExReleaseSpinLockExclusiveFromDpcLevel;
	LOGICAL (*const Convert)(PEX_SPIN_LOCK) = ExTryConvertSharedSpinLockExclusive;
	LOGICAL BesideReader, Alone, Reader;
	EX_SPIN_LOCK Lock = 0;
	KIRQL OldIrql, HeldIrql;

	KeRaiseIrql(DISPATCH_LEVEL, &OldIrql);
	Share(&Lock);
	ExTryAcquireSpinLockSharedAtDpcLevel(&Lock);
	BesideReader = Convert(&Lock);
	Unshare(&Lock);
	Alone = Convert(&Lock);
	Reader = ExTryAcquireSpinLockSharedAtDpcLevel(&Lock);
	Release(&Lock);
	Exclude(&Lock);
	HeldIrql = KeGetCurrentIrql();
	Release(&Lock);
	KeLowerIrql(OldIrql);
	CHECK(!BesideReader && Alone && !Reader);
	CHECK(HeldIrql == DISPATCH_LEVEL && Lock == 0);
	return NULL;
}

const char *PORTED(InterlockedLists)(void)
{
	typedef PLIST_ENTRY (*PINSERT)(PLIST_ENTRY, PLIST_ENTRY, PKSPIN_LOCK);
	const PINSERT InsertHead = ExInterlockedInsertHeadList;
	const PINSERT InsertTail = ExInterlockedInsertTailList;
	PLIST_ENTRY (*const RemoveHead)(PLIST_ENTRY, PKSPIN_LOCK) = ExInterlockedRemoveHeadList;
	LIST_ENTRY Head, One, Two, Three;
	KSPIN_LOCK Lock;

	KeInitializeSpinLock(&Lock);
	InitializeListHead(&Head);
	CHECK(InsertTail(&Head, &Two, &Lock) == NULL);
	CHECK(InsertHead(&Head, &One, &Lock) == &Two);
	CHECK(InsertTail(&Head, &Three, &Lock) == &Two);
	CHECK(RemoveHead(&Head, &Lock) == &One && RemoveHead(&Head, &Lock) == &Two);
	CHECK(RemoveHead(&Head, &Lock) == &Three && RemoveHead(&Head, &Lock) == NULL);
	CHECK(IsListEmpty(&Head) && KeTestSpinLock(&Lock));
	return NULL;
}

const char *PORTED(InterlockedStacks)(void)
{
	PSINGLE_LIST_ENTRY(*const Push)
	(PSINGLE_LIST_ENTRY, PSINGLE_LIST_ENTRY, PKSPIN_LOCK) = ExInterlockedPushEntryList;
	PSINGLE_LIST_ENTRY(*const Pop)
	(PSINGLE_LIST_ENTRY, PKSPIN_LOCK) = ExInterlockedPopEntryList;
	USHORT (*const Depth)(PSLIST_HEADER) = ExQueryDepthSList;
	SINGLE_LIST_ENTRY Head = { NULL }, One, Two;
	SLIST_ENTRY Entries[2];
	SLIST_HEADER Stack;
	KSPIN_LOCK Lock;

	KeInitializeSpinLock(&Lock);
	CHECK(Pop(&Head, &Lock) == NULL && Push(&Head, &One, &Lock) == NULL);
	CHECK(Push(&Head, &Two, &Lock) == &One);
	CHECK(Pop(&Head, &Lock) == &Two && Pop(&Head, &Lock) == &One && !Head.Next);

	ExInitializeSListHead(&Stack);
	CHECK(ExInterlockedPushEntrySList(&Stack, &Entries[0], &Lock) == NULL);
	CHECK(ExInterlockedPushEntrySList(&Stack, &Entries[1], &Lock) == &Entries[0]);
	CHECK(Depth(&Stack) == 2 && QueryDepthSList(&Stack) == 2);
	CHECK(ExInterlockedFlushSList(&Stack) == &Entries[1]);
	CHECK(Entries[1].Next == &Entries[0] && Entries[0].Next == NULL);
	CHECK(Depth(&Stack) == 0 && ExInterlockedFlushSList(&Stack) == NULL);
	return NULL;
}

const char *PORTED(InterlockedSums)(void)
{
	ULONG (*const Add)(PULONG, ULONG, PKSPIN_LOCK) = ExInterlockedAddUlong;
	LARGE_INTEGER(*const AddLarge)
	(PLARGE_INTEGER, LARGE_INTEGER, PKSPIN_LOCK) = ExInterlockedAddLargeInteger;
	LARGE_INTEGER Large, Increment;
	ULONG Sum = 0xfffffffe;
	KSPIN_LOCK Lock;

	KeInitializeSpinLock(&Lock);
	CHECK(Add(&Sum, 1, &Lock) == 0xfffffffe && Add(&Sum, 2, &Lock) == MAXULONG && Sum == 1);
	Large.QuadPart = 0xffffffffll;
	Increment.QuadPart = 2;
	CHECK(AddLarge(&Large, Increment, &Lock).QuadPart == 0xffffffffll);
	CHECK(Large.HighPart == 1 && Large.LowPart == 1);
	Increment.QuadPart = -1;
	CHECK(AddLarge(&Large, Increment, &Lock).QuadPart == 0x100000001ll);
	CHECK(Large.QuadPart == 0x100000000ll && KeTestSpinLock(&Lock));
	return NULL;
}
