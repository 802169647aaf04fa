// SPDX-License-Identifier: GPL-2.0
/* language.h in C++, and what only C++ has. */
#include <initguid.h>
#include <ntddk.h>

#include "ported.h"

#define PORTED(Name) Name##InCxx
#include "language.h"

template <typename Value> constexpr bool CanSetImportance(Value Importance)
{
	return requires
	{
		KeSetImportanceDpc(nullptr, Importance);
	};
}

/*
 * The headers bring their own extern "C"; an enumeration takes its own values
 * alone; nullptr is every pointer.
 */
const char *LinkageOfCxx(void)
{
	LARGE_INTEGER Due{ .QuadPart = -36000000000ll };
	KTIMER Timer;

	static_assert(CanSetImportance(HighImportance));
	static_assert(!CanSetImportance(2));
	KeInitializeTimerEx(&Timer, NotificationTimer);
	CHECK(!KeSetTimerEx(&Timer, Due, 0, nullptr));
	CHECK(KeWaitForSingleObject(&Timer, Executive, KernelMode, FALSE, &(Due = {})) ==
	      STATUS_TIMEOUT);
	CHECK(KeCancelTimer(&Timer));
	return nullptr;
}
