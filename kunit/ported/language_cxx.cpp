// SPDX-License-Identifier: GPL-2.0
/* language.h in C++, and what only C++ has. */
#include <initguid.h>
#include <limits.h>
#include <ntddk.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

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

extern "C" FORCEINLINE LONG OneInCxx(void)
{
	return 1;
}

class Counter
{
public:
	FORCEINLINE LONG Next()
	{
		return Last += OneInCxx();
	}
	static FORCEINLINE LONG First()
	{
		return OneInCxx();
	}

private:
	LONG Last = 0;
};

const char *InlineInCxx(void)
{
	LONG (*const One)(void) = OneInCxx;
	Counter Of;

	CHECK(Of.Next() == 1 && Of.Next() == 2 && Counter::First() == One());
	return nullptr;
}

/* As drivers have them: of a class, and with a pool type and a tag. */
struct Pooled {
	static void *operator new(SIZE_T Size)
	{
		return ExAllocatePool2(POOL_FLAG_NON_PAGED, Size, 'looP');
	}
	static void operator delete(void *Block, size_t Size)
	{
		Deleted = Size;
		ExFreePoolWithTag(Block, 'looP');
	}

	LONG Value;
	static SIZE_T Deleted;
};

SIZE_T Pooled::Deleted;

void *operator new(size_t Size, POOL_TYPE PoolType, ULONG Tag) noexcept
{
	return ExAllocatePoolZero(PoolType, Size, Tag);
}

const char *OwnNewInCxx(void)
{
	Pooled *Block = new Pooled;
	LONG *Number = new (NonPagedPoolNx, 'muN ') LONG;

	CHECK(Block && Block->Value == 0 && Number && *Number == 0);
	delete Block;
	CHECK(Pooled::Deleted == sizeof(Pooled));
	ExFreePoolWithTag(Number, 'muN ');
	return nullptr;
}
