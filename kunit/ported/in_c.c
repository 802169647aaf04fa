// SPDX-License-Identifier: GPL-2.0
/* What the headers offer, used from C as a driver uses it. */
#include <ntifs.h>

#include "ported.h"

#define PORTED(Name) Name##InC
#include "both.h"
#include "calls.h"
#include "waits.h"

/* No list of these is looked at again: each is broken on purpose. */
const char *CorruptLists(void)
{
	LIST_ENTRY Head, One, Two, Other;

	/* A neighbour points elsewhere: neither inserted nor removed. */
	InitializeListHead(&Head);
	InsertTailList(&Head, &One);
	One.Flink = &Other;
	InitializeListHead(&Other);
	CHECK(!RemoveEntryList(&One) && Head.Flink == &One);
	Head.Blink = &Other;
	InsertTailList(&Head, &Two);
	CHECK(Two.Flink == &Two && Other.Flink == &Other);
	CHECK(Head.Flink == &One);

	/* A loop that takes the first entry until there is none ends. */
	CHECK(RemoveHeadList(&Head) == &One && IsListEmpty(&Head));
	return NULL;
}

int StoreThenLoad(int Operation, volatile int *Mine, const volatile int *Other)
{
	volatile LONG Elsewhere = 0;
	volatile LONG64 Elsewhere64 = 0;
	PVOID volatile Pointer = NULL;

	*Mine = 1;
	switch (Operation) {
	case 1:
		InterlockedIncrement(&Elsewhere);
		break;
	case 2:
		InterlockedExchange(&Elsewhere, 1);
		break;
	case 3:
		InterlockedCompareExchange(&Elsewhere, 1, 2);
		break;
	case 4:
		InterlockedExchangeAdd64(&Elsewhere64, 1);
		break;
	case 5:
		InterlockedOr(&Elsewhere, 1);
		break;
	case 6:
		InterlockedExchangePointer(&Pointer, NULL);
		break;
	case 7:
		KeMemoryBarrier();
		break;
	case 8:
		InterlockedBitTestAndSet(&Elsewhere, 1);
		break;
	default:
		KeMemoryBarrierWithoutFence();
		break;
	}
	return *Other;
}
