/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Locks that sleep, and regions, as a driver names them: the pointers fix the
 * types and the order of parameters. What another thread does is done by a
 * system thread. No check stands between the acquisition of a lock and its
 * release. The includer defines PORTED(Name).
 */

#include "check.h"

/* Runs a routine in a system thread; returns when that has ended. */
static NTSTATUS PORTED(RunElsewhere)(PKSTART_ROUTINE Routine, PVOID Context)
{
	NTSTATUS Status;
	HANDLE Handle;
	PVOID Thread;

	Status = PsCreateSystemThread(&Handle, THREAD_ALL_ACCESS, NULL, NULL, NULL, Routine,
				      Context);
	if (!NT_SUCCESS(Status))
		return Status;
	Status = ObReferenceObjectByHandle(Handle, SYNCHRONIZE, *PsThreadType, KernelMode, &Thread,
					   NULL);
	if (NT_SUCCESS(Status)) {
		Status = KeWaitForSingleObject(Thread, Executive, KernelMode, FALSE, NULL);
		ObDereferenceObject(Thread);
	}
	ZwClose(Handle);
	return Status;
}

const char *PORTED(Regions)(void)
{
	VOID (*const EnterCritical)(VOID) = KeEnterCriticalRegion;
	VOID (*const LeaveCritical)(VOID) = KeLeaveCriticalRegion;
	VOID (*const EnterGuarded)(VOID) = KeEnterGuardedRegion;
	VOID (*const LeaveGuarded)(VOID) = KeLeaveGuardedRegion;
	BOOLEAN (*const Disabled)(VOID) = KeAreApcsDisabled;
	BOOLEAN (*const AllDisabled)(VOID) = KeAreAllApcsDisabled;
	BOOLEAN InCritical[2], InGuarded[2];

	CHECK(Disabled() == FALSE && AllDisabled() == FALSE);
	EnterCritical();
	FsRtlEnterFileSystem();
	FsRtlExitFileSystem();
	InCritical[0] = Disabled();
	InCritical[1] = AllDisabled();
	LeaveCritical();
	EnterGuarded();
	InGuarded[0] = Disabled();
	InGuarded[1] = AllDisabled();
	LeaveGuarded();
	CHECK(InCritical[0] == TRUE && InCritical[1] == FALSE);
	CHECK(InGuarded[0] == TRUE && InGuarded[1] == TRUE);
	CHECK(Disabled() == FALSE && AllDisabled() == FALSE);
	return NULL;
}

typedef struct _FAST_TRIAL {
	FAST_MUTEX Mutex;
	BOOLEAN Taken;
} FAST_TRIAL, *PFAST_TRIAL;

static VOID PORTED(TryFastMutex)(PVOID Context)
{
	PFAST_TRIAL Trial = (PFAST_TRIAL)Context;

	Trial->Taken = ExTryToAcquireFastMutex(&Trial->Mutex);
	if (Trial->Taken)
		ExReleaseFastMutex(&Trial->Mutex);
}

const char *PORTED(FastMutexes)(void)
{
	VOID (*const Init)(PFAST_MUTEX) = ExInitializeFastMutex;
	VOID (*const Acquire)(PFAST_MUTEX) = ExAcquireFastMutex;
	BOOLEAN (*const Try)(PFAST_MUTEX) = ExTryToAcquireFastMutex;
	VOID (*const Release)(PFAST_MUTEX) = ExReleaseFastMutex;
	NTSTATUS Status;
	FAST_TRIAL Trial;
	BOOLEAN Taken;
	KIRQL HeldIrql;

	Init(&Trial.Mutex);
	Acquire(&Trial.Mutex);
	HeldIrql = KeGetCurrentIrql();
	Release(&Trial.Mutex);
	CHECK(HeldIrql == APC_LEVEL && KeGetCurrentIrql() == PASSIVE_LEVEL);

	Taken = Try(&Trial.Mutex);
	HeldIrql = KeGetCurrentIrql();
	if (Taken)
		Release(&Trial.Mutex);
	CHECK(Taken == TRUE && HeldIrql == APC_LEVEL && KeGetCurrentIrql() == PASSIVE_LEVEL);

	/* No thread is created at APC_LEVEL. */
	KeEnterCriticalRegion();
	ExAcquireFastMutexUnsafe(&Trial.Mutex);
	Status = PORTED(RunElsewhere)(PORTED(TryFastMutex), &Trial);
	ExReleaseFastMutexUnsafe(&Trial.Mutex);
	KeLeaveCriticalRegion();
	CHECK(Status == STATUS_SUCCESS && Trial.Taken == FALSE);
	Status = PORTED(RunElsewhere)(PORTED(TryFastMutex), &Trial);
	CHECK(Status == STATUS_SUCCESS && Trial.Taken == TRUE);
	return NULL;
}

const char *PORTED(FastMutexesUnsafe)(void)
{
	VOID (*const Acquire)(PFAST_MUTEX) = ExAcquireFastMutexUnsafe;
	VOID (*const Release)(PFAST_MUTEX) = ExReleaseFastMutexUnsafe;
	VOID (*const GuardedAcquire)(PKGUARDED_MUTEX) = KeAcquireGuardedMutexUnsafe;
	VOID (*const GuardedRelease)(PKGUARDED_MUTEX) = KeReleaseGuardedMutexUnsafe;
	KIRQL OldIrql, AtApc, InRegion;
	KGUARDED_MUTEX Guarded;
	FAST_MUTEX Mutex;

	ExInitializeFastMutex(&Mutex);
	KeRaiseIrql(APC_LEVEL, &OldIrql);
	Acquire(&Mutex);
	AtApc = KeGetCurrentIrql();
	Release(&Mutex);
	KeLowerIrql(OldIrql);

	KeInitializeGuardedMutex(&Guarded);
	KeEnterGuardedRegion();
	GuardedAcquire(&Guarded);
	InRegion = KeGetCurrentIrql();
	GuardedRelease(&Guarded);
	KeLeaveGuardedRegion();
	CHECK(AtApc == APC_LEVEL && InRegion == PASSIVE_LEVEL);
	return NULL;
}

const char *PORTED(GuardedMutexes)(void)
{
	VOID (*const Init)(PKGUARDED_MUTEX) = KeInitializeGuardedMutex;
	VOID (*const Acquire)(PKGUARDED_MUTEX) = KeAcquireGuardedMutex;
	BOOLEAN (*const Try)(PKGUARDED_MUTEX) = KeTryToAcquireGuardedMutex;
	VOID (*const Release)(PKGUARDED_MUTEX) = KeReleaseGuardedMutex;
	BOOLEAN Off, Taken;
	KGUARDED_MUTEX Mutex;

	Init(&Mutex);
	Acquire(&Mutex);
	Off = KeAreAllApcsDisabled();
	Release(&Mutex);
	CHECK(Off == TRUE && KeAreAllApcsDisabled() == FALSE);
	Taken = Try(&Mutex);
	if (Taken)
		Release(&Mutex);
	CHECK(Taken == TRUE && KeAreAllApcsDisabled() == FALSE);
	return NULL;
}

/* On Windows their names are those of macros. */
const char *PORTED(PushLocks)(void)
{
	KIRQL Shared, Exclusive;
	EX_PUSH_LOCK Lock = 5;

	C_ASSERT(sizeof(EX_PUSH_LOCK) == sizeof(PVOID));
	ExInitializePushLock(&Lock);
	KeEnterCriticalRegion();
	ExAcquirePushLockExclusive(&Lock);
	Exclusive = KeGetCurrentIrql();
	ExReleasePushLockExclusive(&Lock);
	ExAcquirePushLockShared(&Lock);
	Shared = KeGetCurrentIrql();
	ExReleasePushLockShared(&Lock);
	KeLeaveCriticalRegion();
	CHECK(Exclusive == PASSIVE_LEVEL && Shared == PASSIVE_LEVEL && Lock == 0);
	return NULL;
}

const char *PORTED(RundownProtection)(void)
{
	VOID (*const Init)(PEX_RUNDOWN_REF) = ExInitializeRundownProtection;
	VOID (*const InitAgain)(PEX_RUNDOWN_REF) = ExReInitializeRundownProtection;
	VOID (*const Complete)(PEX_RUNDOWN_REF) = ExRundownCompleted;
	BOOLEAN (*const Acquire)(PEX_RUNDOWN_REF) = ExAcquireRundownProtection;
	BOOLEAN (*const AcquireMany)(PEX_RUNDOWN_REF, ULONG) = ExAcquireRundownProtectionEx;
	VOID (*const Release)(PEX_RUNDOWN_REF) = ExReleaseRundownProtection;
	VOID (*const ReleaseMany)(PEX_RUNDOWN_REF, ULONG) = ExReleaseRundownProtectionEx;
	VOID (*const Wait)(PEX_RUNDOWN_REF) = ExWaitForRundownProtectionRelease;
	EX_RUNDOWN_REF Ref;

	Init(&Ref);
	CHECK(Acquire(&Ref) == TRUE && AcquireMany(&Ref, 3) == TRUE);
	ReleaseMany(&Ref, 2);
	Release(&Ref);
	Release(&Ref);
	Wait(&Ref);
	CHECK(Acquire(&Ref) == FALSE && AcquireMany(&Ref, 2) == FALSE);
	Complete(&Ref);
	CHECK(Acquire(&Ref) == FALSE);
	InitAgain(&Ref);
	CHECK(Acquire(&Ref) == TRUE);
	Release(&Ref);
	return NULL;
}

const char *PORTED(RundownCacheAware)(void)
{
	PEX_RUNDOWN_REF_CACHE_AWARE(*const Allocate)
	(POOL_TYPE, ULONG) = ExAllocateCacheAwareRundownProtection;
	VOID (*const Free)(PEX_RUNDOWN_REF_CACHE_AWARE) = ExFreeCacheAwareRundownProtection;
	PEX_RUNDOWN_REF_CACHE_AWARE Ref = Allocate(NonPagedPoolNx, 'tseT');
	BOOLEAN First, Second, Late, LateMany, Again;

	CHECK(Ref != NULL);
	First = ExAcquireRundownProtectionCacheAware(Ref);
	Second = ExAcquireRundownProtectionCacheAwareEx(Ref, 2);
	ExReleaseRundownProtectionCacheAwareEx(Ref, 2);
	ExReleaseRundownProtectionCacheAware(Ref);
	ExWaitForRundownProtectionReleaseCacheAware(Ref);
	Late = ExAcquireRundownProtectionCacheAware(Ref);
	ExRundownCompletedCacheAware(Ref);
	LateMany = ExAcquireRundownProtectionCacheAwareEx(Ref, 2);
	ExReInitializeRundownProtectionCacheAware(Ref);
	Again = ExAcquireRundownProtectionCacheAware(Ref);
	ExReleaseRundownProtectionCacheAware(Ref);
	Free(Ref);
	CHECK(First == TRUE && Second == TRUE && Again == TRUE);
	CHECK(Late == FALSE && LateMany == FALSE);
	return NULL;
}

/* A resource, how another thread tries to get it, and what came of it. */
typedef struct _RESOURCE_TRIAL {
	ERESOURCE Resource;
	BOOLEAN Exclusive;
	BOOLEAN Shared;
	BOOLEAN Starving;
	ULONG Waiters;
} RESOURCE_TRIAL, *PRESOURCE_TRIAL;

static BOOLEAN PORTED(TryResource)(BOOLEAN (*Acquire)(PERESOURCE, BOOLEAN), PERESOURCE Resource)
{
	BOOLEAN Taken;

	KeEnterCriticalRegion();
	Taken = Acquire(Resource, FALSE);
	if (Taken)
		ExReleaseResourceLite(Resource);
	KeLeaveCriticalRegion();
	return Taken;
}

static VOID PORTED(TryResourceElsewhere)(PVOID Context)
{
	PRESOURCE_TRIAL Trial = (PRESOURCE_TRIAL)Context;
	PERESOURCE Resource = &Trial->Resource;

	Trial->Exclusive = PORTED(TryResource)(ExAcquireResourceExclusiveLite, Resource);
	Trial->Shared = PORTED(TryResource)(ExAcquireResourceSharedLite, Resource);
	Trial->Starving = PORTED(TryResource)(ExAcquireSharedStarveExclusive, Resource);
	Trial->Waiters = ExGetExclusiveWaiterCount(Resource) + ExGetSharedWaiterCount(Resource);
}

static const char *PORTED(HoldResource)(PRESOURCE_TRIAL Trial)
{
	BOOLEAN (*const Exclude)(PERESOURCE, BOOLEAN) = ExAcquireResourceExclusiveLite;
	BOOLEAN (*const IsExclusive)(PERESOURCE) = ExIsResourceAcquiredExclusiveLite;
	ULONG (*const SharedCount)(PERESOURCE) = ExIsResourceAcquiredSharedLite;
	VOID (*const Convert)(PERESOURCE) = ExConvertExclusiveToSharedLite;
	VOID (*const Release)(PERESOURCE) = ExReleaseResourceLite;
	PERESOURCE Resource = &Trial->Resource;
	BOOLEAN Taken, Before, After, Beside;
	ULONG Count;

	KeEnterCriticalRegion();
	Taken = Exclude(Resource, TRUE);
	Before = IsExclusive(Resource);
	PORTED(RunElsewhere)(PORTED(TryResourceElsewhere), Trial);
	Beside = Trial->Exclusive || Trial->Shared || Trial->Starving;
	Convert(Resource);
	After = IsExclusive(Resource);
	Count = SharedCount(Resource);
	PORTED(RunElsewhere)(PORTED(TryResourceElsewhere), Trial);
	Release(Resource);
	KeLeaveCriticalRegion();
	CHECK(Taken == TRUE && Before == TRUE && !Beside && After == FALSE && Count == 1);
	CHECK(Trial->Exclusive == FALSE && Trial->Shared == TRUE && Trial->Starving == TRUE);
	CHECK(Trial->Waiters == 0 && SharedCount(Resource) == 0);
	return NULL;
}

const char *PORTED(Resources)(void)
{
	NTSTATUS (*const Init)(PERESOURCE) = ExInitializeResourceLite;
	NTSTATUS (*const Delete)(PERESOURCE) = ExDeleteResourceLite;
	BOOLEAN (*const Share)(PERESOURCE, BOOLEAN) = ExAcquireResourceSharedLite;
	BOOLEAN (*const Starve)(PERESOURCE, BOOLEAN) = ExAcquireSharedStarveExclusive;
	ULONG (*const ExclusiveWaiters)(PERESOURCE) = ExGetExclusiveWaiterCount;
	ULONG (*const SharedWaiters)(PERESOURCE) = ExGetSharedWaiterCount;
	RESOURCE_TRIAL Trial;
	const char *Failed;
	BOOLEAN First, Second;
	ULONG Count;

	RtlZeroMemory(&Trial, sizeof(Trial));
	CHECK(Init(&Trial.Resource) == STATUS_SUCCESS);
	Failed = PORTED(HoldResource)(&Trial);
	KeEnterCriticalRegion();
	First = Share(&Trial.Resource, TRUE);
	Second = Starve(&Trial.Resource, TRUE);
	Count = ExIsResourceAcquiredSharedLite(&Trial.Resource);
	ExReleaseResourceLite(&Trial.Resource);
	ExReleaseResourceLite(&Trial.Resource);
	KeLeaveCriticalRegion();
	CHECK(ExclusiveWaiters(&Trial.Resource) == 0 && SharedWaiters(&Trial.Resource) == 0);
	CHECK(Delete(&Trial.Resource) == STATUS_SUCCESS);
	CHECK(First == TRUE && Second == TRUE && Count == 2);
	return Failed;
}
