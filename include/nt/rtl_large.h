/* SPDX-License-Identifier: GPL-2.0 */
/* Arithmetic of 64 bits by routines, from before compilers had it. */
#ifndef NT_RTL_LARGE_H
#define NT_RTL_LARGE_H

#include "ntdef.h"

NT_INLINE LARGE_INTEGER RtlConvertLongToLargeInteger(LONG Value)
{
	LARGE_INTEGER Result;

	Result.QuadPart = Value;
	return Result;
}

NT_INLINE LARGE_INTEGER RtlConvertUlongToLargeInteger(ULONG Value)
{
	LARGE_INTEGER Result;

	Result.QuadPart = Value;
	return Result;
}

/* Sums and differences wrap. */
NT_INLINE LARGE_INTEGER RtlLargeIntegerAdd(LARGE_INTEGER First, LARGE_INTEGER Second)
{
	First.QuadPart = (LONGLONG)((ULONGLONG)First.QuadPart + (ULONGLONG)Second.QuadPart);
	return First;
}

NT_INLINE LARGE_INTEGER RtlLargeIntegerSubtract(LARGE_INTEGER First, LARGE_INTEGER Second)
{
	First.QuadPart = (LONGLONG)((ULONGLONG)First.QuadPart - (ULONGLONG)Second.QuadPart);
	return First;
}

NT_INLINE LARGE_INTEGER RtlLargeIntegerNegate(LARGE_INTEGER Value)
{
	Value.QuadPart = (LONGLONG)(0 - (ULONGLONG)Value.QuadPart);
	return Value;
}

NT_INLINE LARGE_INTEGER RtlEnlargedIntegerMultiply(LONG First, LONG Second)
{
	LARGE_INTEGER Result;

	Result.QuadPart = Int32x32To64(First, Second);
	return Result;
}

NT_INLINE LARGE_INTEGER RtlExtendedIntegerMultiply(LARGE_INTEGER First, LONG Second)
{
	First.QuadPart = (LONGLONG)((ULONGLONG)First.QuadPart * (ULONGLONG)(LONGLONG)Second);
	return First;
}

/* Both unsigned, as on Windows; Remainder may be NULL. */
NT_INLINE LARGE_INTEGER RtlExtendedLargeIntegerDivide(LARGE_INTEGER Dividend, ULONG Divisor,
						      PULONG Remainder)
{
	const ULONGLONG Value = (ULONGLONG)Dividend.QuadPart;

	if (Remainder)
		*Remainder = (ULONG)(Value % Divisor);
	Dividend.QuadPart = (LONGLONG)(Value / Divisor);
	return Dividend;
}

/* Of the shift count the lower six bits count. */
#define Int64ShllMod32(Value, Bits) ((ULONGLONG)(Value) << ((Bits)&63))
#define Int64ShrlMod32(Value, Bits) ((ULONGLONG)(Value) >> ((Bits)&63))
#define Int64ShraMod32(Value, Bits) ((LONGLONG)(Value) >> ((Bits)&63))

#endif /* NT_RTL_LARGE_H */
