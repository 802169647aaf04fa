// SPDX-License-Identifier: GPL-2.0
/* language.h in C, and what only C has. */
#include <initguid.h>
#include <limits.h>
#include <ntddk.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include "ported.h"

#define PORTED(Name) Name##InC
#include "language.h"

typedef struct _BASE {
	ULONG Kind;
} BASE;

/* A member without a name, of a type that has one: the other compiler's C. */
typedef struct _DERIVED {
	BASE;
	ULONG Value;
} DERIVED;

/* The same object by two types, and a declaration behind a statement. */
const char *DialectOfC(void)
{
	DERIVED Derived = { .Value = 2 };

	Derived.Kind = 1;
	float Real;
	ULONG *Alias = (ULONG *)&Real;

	*Alias = 0x3f800000;
	RtlCopyMemory(&Derived.Value, &Real, sizeof(Real));
	CHECK(Derived.Value == 0x3f800000 && Derived.Kind == 1);

	LARGE_INTEGER Due = (LARGE_INTEGER){ .QuadPart = -5 };

	CHECK(Due.HighPart == -1);
	return NULL;
}
