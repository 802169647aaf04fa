/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the two worlds: what the cases call of the sources in this directory,
 * which are compiled as a driver is. Only types that every world has.
 *
 * A routine that returns a string returns NULL, or the text of the condition
 * that did not hold.
 */
#ifndef NTSHIM_KUNIT_PORTED_H
#define NTSHIM_KUNIT_PORTED_H

#ifdef __cplusplus
extern "C" {
#endif

/* Compiled as C and as C++, see both.h. */
const char *InterlockedResultsInC(void);
const char *InterlockedResultsInCxx(void);
const char *InterlockedFormsInC(void);
const char *InterlockedFormsInCxx(void);
const char *ListRulesInC(void);
const char *ListRulesInCxx(void);
const char *RecordMacrosInC(void);
const char *RecordMacrosInCxx(void);
const char *ExTimerConstantsInC(void);
const char *ExTimerConstantsInCxx(void);
const char *ExTimerParametersInC(void);
const char *ExTimerParametersInCxx(void);
const char *ExTimerSurfaceInC(void);
const char *ExTimerSurfaceInCxx(void);

const char *LevelNamesInC(void);
const char *LevelNamesInCxx(void);

/* Likewise, see calls.h. */
const char *TimerCallsInC(void);
const char *TimerCallsInCxx(void);
const char *DpcCallsInC(void);
const char *DpcCallsInCxx(void);

const char *LookasideCallsInC(void);
const char *LookasideCallsInCxx(void);
const char *RemoveLockCallsInC(void);
const char *RemoveLockCallsInCxx(void);
const char *NamedEventCallsInC(void);
const char *NamedEventCallsInCxx(void);
const char *ProcessorCallsInC(void);
const char *ProcessorCallsInCxx(void);
const char *CalendarCallsInC(void);
const char *CalendarCallsInCxx(void);

/* Likewise, see waits.h. */
const char *HeaderMembersInC(void);
const char *HeaderMembersInCxx(void);
const char *WaitStatusesInC(void);
const char *WaitStatusesInCxx(void);
const char *WaitResultsInC(void);
const char *WaitResultsInCxx(void);

const char *PoolCallsInC(void);
const char *PoolCallsInCxx(void);

const char *GuardedBlocksInC(void);
const char *GuardedBlocksInCxx(void);

/* Likewise, see language.h. */
const char *TypesOfWindowsInC(void);
const char *TypesOfWindowsInCxx(void);
const char *LargeIntegersInC(void);
const char *LargeIntegersInCxx(void);
const char *LargeIntegerRoutinesInC(void);
const char *LargeIntegerRoutinesInCxx(void);
const char *NumbersAndPointersInC(void);
const char *NumbersAndPointersInCxx(void);
const char *CountedStringsInC(void);
const char *CountedStringsInCxx(void);
const char *StringsKeepToTheirBufferInC(void);
const char *StringsKeepToTheirBufferInCxx(void);
const char *StringsCompareInC(void);
const char *StringsCompareInCxx(void);
const char *RolesAsDeclarationsInC(void);
const char *RolesAsDeclarationsInCxx(void);
const char *AnnotationsInC(void);
const char *AnnotationsInCxx(void);
const char *PragmasInC(void);
const char *PragmasInCxx(void);
const char *CharacterConstantsInC(void);
const char *CharacterConstantsInCxx(void);
const char *ConventionsInC(void);
const char *ConventionsInCxx(void);
const char *VersionsInC(void);
const char *VersionsInCxx(void);
const char *VersionAtRunTimeInC(void);
const char *VersionAtRunTimeInCxx(void);
const char *VersionsByPartsInC(void);
const char *VersionsByPartsInCxx(void);
const char *RoutinesByNameInC(void);
const char *RoutinesByNameInCxx(void);
const char *IdentifiersInC(void);
const char *IdentifiersInCxx(void);
const char *MemoryOfTheLibraryInC(void);
const char *MemoryOfTheLibraryInCxx(void);
const char *StringsOfTheLibraryInC(void);
const char *StringsOfTheLibraryInCxx(void);
const char *AttributesOfObjectsInC(void);
const char *AttributesOfObjectsInCxx(void);
const char *DialectOfC(void);
const char *LinkageOfCxx(void);
const char *InlineInCxx(void);
const char *OwnNewInCxx(void);

/* Likewise, see strsafe.h. */
const char *SafeCopiesInC(void);
const char *SafeCopiesInCxx(void);
const char *SafeAdditionsInC(void);
const char *SafeAdditionsInCxx(void);
const char *SafePartsInC(void);
const char *SafePartsInCxx(void);
const char *SafeLengthsInC(void);
const char *SafeLengthsInCxx(void);
const char *SafeRefusalsInC(void);
const char *SafeRefusalsInCxx(void);
const char *SafeFormatsInC(void);
const char *SafeFormatsInCxx(void);
const char *SafeCountedStringsInC(void);
const char *SafeCountedStringsInCxx(void);
const char *SafeValidationsInC(void);
const char *SafeValidationsInCxx(void);
const char *SafeCountedCopiesInC(void);
const char *SafeCountedCopiesInCxx(void);
const char *SafeCountedFormatsInC(void);
const char *SafeCountedFormatsInCxx(void);

/* Likewise, see everyday.h. */
const char *NumbersReadInC(void);
const char *NumbersReadInCxx(void);
const char *NumbersWrittenInC(void);
const char *NumbersWrittenInCxx(void);
const char *BitsFoundInC(void);
const char *BitsFoundInCxx(void);
const char *BitsMovedInC(void);
const char *BitsMovedInCxx(void);
const char *OfTheProcessorInC(void);
const char *OfTheProcessorInCxx(void);
const char *PagesInC(void);
const char *PagesInCxx(void);
const char *IntegersOfCInC(void);
const char *IntegersOfCInCxx(void);
const char *OlderVersionsInC(void);
const char *OlderVersionsInCxx(void);
const char *StatusesInC(void);
const char *StatusesInCxx(void);
const char *BugChecksInC(void);
const char *BugChecksInCxx(void);
const char *EmptyStringsInC(void);
const char *EmptyStringsInCxx(void);
const char *OlderAffinityInC(void);
const char *OlderAffinityInCxx(void);
const char *ThreadsByPointerInC(void);
const char *ThreadsByPointerInCxx(void);
const char *EventsByPointerInC(void);
const char *EventsByPointerInCxx(void);
const char *NothingByPointerInC(void);
const char *NothingByPointerInCxx(void);

/* Likewise, see locks.h and mutexes.h. */
const char *LevelsInC(void);
const char *LevelsInCxx(void);
const char *SpinLocksInC(void);
const char *SpinLocksInCxx(void);
const char *SpinLocksAtDpcLevelInC(void);
const char *SpinLocksAtDpcLevelInCxx(void);
const char *QueuedSpinLocksInC(void);
const char *QueuedSpinLocksInCxx(void);
const char *SpinLocksForDpcInC(void);
const char *SpinLocksForDpcInCxx(void);
const char *ReaderWriterLocksInC(void);
const char *ReaderWriterLocksInCxx(void);
const char *ReaderWriterLocksAtDpcLevelInC(void);
const char *ReaderWriterLocksAtDpcLevelInCxx(void);
const char *InterlockedListsInC(void);
const char *InterlockedListsInCxx(void);
const char *InterlockedStacksInC(void);
const char *InterlockedStacksInCxx(void);
const char *InterlockedSumsInC(void);
const char *InterlockedSumsInCxx(void);
const char *RegionsInC(void);
const char *RegionsInCxx(void);
const char *FastMutexesInC(void);
const char *FastMutexesInCxx(void);
const char *FastMutexesUnsafeInC(void);
const char *FastMutexesUnsafeInCxx(void);
const char *GuardedMutexesInC(void);
const char *GuardedMutexesInCxx(void);
const char *PushLocksInC(void);
const char *PushLocksInCxx(void);
const char *RundownProtectionInC(void);
const char *RundownProtectionInCxx(void);
const char *RundownCacheAwareInC(void);
const char *RundownCacheAwareInCxx(void);
const char *ResourcesInC(void);
const char *ResourcesInCxx(void);

/* Likewise, see threads.h. */
const char *SystemThreadsInC(void);
const char *SystemThreadsInCxx(void);
const char *ThreadsOfObjectsInC(void);
const char *ThreadsOfObjectsInCxx(void);
const char *PrioritiesInC(void);
const char *PrioritiesInCxx(void);
const char *AffinitiesInC(void);
const char *AffinitiesInCxx(void);
const char *MutexesInC(void);
const char *MutexesInCxx(void);
const char *WaitRoutinesInC(void);
const char *WaitRoutinesInCxx(void);
const char *SemaphoresInC(void);
const char *SemaphoresInCxx(void);
const char *EventsInC(void);
const char *EventsInCxx(void);
const char *WorkItemsInC(void);
const char *WorkItemsInCxx(void);
const char *WorkItemsInOwnMemoryInC(void);
const char *WorkItemsInOwnMemoryInCxx(void);
const char *RemoveLocksInC(void);
const char *RemoveLocksInCxx(void);

/* Likewise, see system.h. */
const char *ClocksInC(void);
const char *ClocksInCxx(void);
const char *TicksInC(void);
const char *TicksInCxx(void);
const char *ResolutionRequestsInC(void);
const char *ResolutionRequestsInCxx(void);
const char *WallClockInC(void);
const char *WallClockInCxx(void);
const char *ProcessorsInC(void);
const char *ProcessorsInCxx(void);
const char *WatchdogLimitsInC(void);
const char *WatchdogLimitsInCxx(void);
const char *OlderPoolsInC(void);
const char *OlderPoolsInCxx(void);
const char *NewerPoolsInC(void);
const char *NewerPoolsInCxx(void);
const char *LookasideListsInC(void);
const char *LookasideListsInCxx(void);
const char *AssertionsInC(void);
const char *AssertionsInCxx(void);
const char *BugCheckCallbacksInC(void);
const char *BugCheckCallbacksInCxx(void);
void EndOfSystemInC(int Way);
void EndOfSystemInCxx(int Way);

/* Built with DBG 1, and with 0: how often an assertion's expression was run. */
int AssertWhenChecked(void);
int AssertWhenFree(void);
int AssertWhenCheckedCxx(void);
/* Two places; returns when both have gone on. */
void BreakTwice(void);
void PagedWhenChecked(void);
void PrintWhenChecked(void);
void PrintWhenFree(void);
unsigned int BugCheckCodes(void);

const char *OwnLongsInCxx(void);
const char *CastLongsInCxx(void);
const char *NewInCxx(void);

/* Breaks a list in one of its ways; returns what came of it. */
const char *CorruptLists(void);

/* Operations whose barrier is tested; 0 is none at all. */
#define PORTED_BARRIERS 9
/* Stores 1, does the operation on something else, loads. */
int StoreThenLoad(int Operation, volatile int *Mine, const volatile int *Other);

#ifdef __cplusplus
}
#endif

#endif /* NTSHIM_KUNIT_PORTED_H */
