// SPDX-License-Identifier: GPL-2.0
/* What the headers offer, used from C++ as a driver uses it. */
extern "C" {
#include <ntddk.h>
}

#include "ported.h"

#define PORTED(Name) Name##InCxx
#include "both.h"

/* A driver that says long means 32 bits. */
const char *OwnLongsInCxx(void)
{
	volatile long Value = MAXLONG;

	CHECK(InterlockedIncrement(&Value) == -MAXLONG - 1);
	CHECK(Value == -MAXLONG - 1l);
	CHECK(_InterlockedIncrement(&Value) == -MAXLONG);
	CHECK(InterlockedDecrement(&Value) == -MAXLONG - 1);
	CHECK(InterlockedDecrement(&Value) == MAXLONG);
	CHECK(InterlockedExchange(&Value, -1) == MAXLONG && Value == -1);
	CHECK(InterlockedIncrement(&Value) == 0 && Value == 0);
	CHECK(InterlockedCompareExchange(&Value, 3, 0) == 0 && Value == 3);
	CHECK(InterlockedOr(&Value, 4) == 3 && InterlockedAnd(&Value, 6) == 7);
	CHECK(InterlockedXor(&Value, 1) == 6 && InterlockedExchangeAdd(&Value, 1) == 7);
	CHECK(InterlockedAdd(&Value, -8) == 0);
	return NULL;
}
