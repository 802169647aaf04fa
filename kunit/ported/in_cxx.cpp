// SPDX-License-Identifier: GPL-2.0
/* What the headers offer, used from C++ as a driver uses it. */
extern "C" {
#include <ntifs.h>
}

#include "ported.h"

#define PORTED(Name) Name##InCxx
#include "both.h"
#include "calls.h"
#include "waits.h"

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
	return nullptr;
}

/* A LONG under the name that the compiler's own functions have for it. */
const char *CastLongsInCxx(void)
{
	struct {
		LONG Value;
		LONG Next;
	} volatile Pair = { MAXLONG, 5 };
	const auto Value = (volatile long *)&Pair.Value;

	CHECK(_InterlockedIncrement(Value) == MINLONG && Pair.Value == MINLONG);
	CHECK(InterlockedCompareExchange(Value, 1, MINLONG) == MINLONG && Pair.Value == 1);
	CHECK(InterlockedExchange(Value, -1) == 1 && InterlockedDecrement(Value) == -2);
	CHECK(InterlockedOr(Value, 1) == -2 && InterlockedAnd(Value, 7) == -1);
	CHECK(Pair.Value == 7 && Pair.Next == 5);
	return nullptr;
}

namespace std
{
struct nothrow_t {
};
enum class align_val_t : unsigned long {
};
} // namespace std

void *operator new(unsigned long Size, const std::nothrow_t &) noexcept;
void *operator new[](unsigned long Size, const std::nothrow_t &) noexcept;

static const std::nothrow_t NoThrow;

/* More than any machine has; the compiler must not see that. */
static volatile SIZE_T TooMuch = 1ull << 61;

struct Plain {
	LONG Value;
};

struct alignas(128) Aligned {
	LONG Value;
};

/* A check that fails ends the routine with what it has allocated. */
/* NOLINTBEGIN(clang-analyzer-cplusplus.NewDeleteLeaks) */
const char *NewInCxx(void)
{
	Plain *One = new Plain, *Many = new (NoThrow) Plain[10];
	Aligned *Wide = new Aligned, *Wides = new Aligned[3];

	CHECK(One && Many && Wide && Wides);
	CHECK(((ULONG_PTR)One & 15) == 0 && One->Value == 0);
	CHECK(((ULONG_PTR)Wide & 127) == 0 && ((ULONG_PTR)Wides & 127) == 0);
	delete One;
	delete[] Many;
	delete Wide;
	delete[] Wides;

	/* No memory: NULL, and no constructor runs. */
	CHECK(!new CHAR[TooMuch] && !new (NoThrow) CHAR[TooMuch]);
	CHECK(!new (NoThrow) Plain[TooMuch]);
	One = nullptr;
	delete One;
	return nullptr;
}
/* NOLINTEND(clang-analyzer-cplusplus.NewDeleteLeaks) */
