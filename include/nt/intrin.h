/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the other compiler knows without a function: interlocked operations, bits,
 * rotations and bytes. Any IRQL.
 */
#ifndef NT_INTRIN_H
#define NT_INTRIN_H

#include "ex_interlocked.h"
#include "ntdef.h"

/*
 * The number of the lowest or the highest bit that is set goes to Index. If none
 * is, FALSE is returned and Index stays.
 */
#define NT_BIT_SCAN(Name, Type, Number, Bit)           \
	NT_INLINE UCHAR Name(Number *Index, Type Mask) \
	{                                              \
		if (!Mask)                             \
			return 0;                      \
		*Index = (Number)(Bit);                \
		return 1;                              \
	}

#define NT_BIT_SCANS(Prefix, Number)                                                  \
	NT_BIT_SCAN(Prefix##BitScanForward, ULONG, Number, __builtin_ctz(Mask))       \
	NT_BIT_SCAN(Prefix##BitScanReverse, ULONG, Number, 31 - __builtin_clz(Mask))  \
	NT_BIT_SCAN(Prefix##BitScanForward64, ULONG64, Number, __builtin_ctzll(Mask)) \
	NT_BIT_SCAN(Prefix##BitScanReverse64, ULONG64, Number, 63 - __builtin_clzll(Mask))

/* A driver's own long takes the number too. */
NT_BIT_SCANS(, ULONG)
#ifdef __cplusplus
extern "C++" {
NT_BIT_SCANS(, unsigned long)
}
#define _BitScanForward BitScanForward
#define _BitScanReverse BitScanReverse
#define _BitScanForward64 BitScanForward64
#define _BitScanReverse64 BitScanReverse64
#else
NT_BIT_SCANS(NtLong, unsigned long)
#define NT_BY_INDEX(Index, Name) _Generic((Index), unsigned long * : NtLong##Name, default : Name)
#define _BitScanForward(Index, Mask) NT_BY_INDEX(Index, BitScanForward)((Index), (Mask))
#define _BitScanReverse(Index, Mask) NT_BY_INDEX(Index, BitScanReverse)((Index), (Mask))
#define _BitScanForward64(Index, Mask) NT_BY_INDEX(Index, BitScanForward64)((Index), (Mask))
#define _BitScanReverse64(Index, Mask) NT_BY_INDEX(Index, BitScanReverse64)((Index), (Mask))
#endif
#undef NT_BIT_SCANS
#undef NT_BIT_SCAN

/* By Shift bits, modulo those of the value. */
#define NT_ROTATION(Bits, Type, Count)                                                         \
	NT_INLINE Type RotateLeft##Bits(Type Value, Count Shift)                               \
	{                                                                                      \
		return (Type)(Value << (Shift & (Bits - 1)) | Value >> (-Shift & (Bits - 1))); \
	}                                                                                      \
	NT_INLINE Type RotateRight##Bits(Type Value, Count Shift)                              \
	{                                                                                      \
		return (Type)(Value >> (Shift & (Bits - 1)) | Value << (-Shift & (Bits - 1))); \
	}

NT_ROTATION(8, UCHAR, UCHAR)
NT_ROTATION(16, USHORT, UCHAR)
NT_ROTATION(32, UINT, INT)
NT_ROTATION(64, ULONG64, INT)
#undef NT_ROTATION
#define _rotl8 RotateLeft8
#define _rotr8 RotateRight8
#define _rotl16 RotateLeft16
#define _rotr16 RotateRight16
#define _rotl RotateLeft32
#define _rotr RotateRight32
#define _rotl64 RotateLeft64
#define _rotr64 RotateRight64

/* The bytes in opposite order. */
NT_INLINE USHORT RtlUshortByteSwap(USHORT Source)
{
	return __builtin_bswap16(Source);
}

NT_INLINE ULONG RtlUlongByteSwap(ULONG Source)
{
	return __builtin_bswap32(Source);
}

NT_INLINE ULONGLONG RtlUlonglongByteSwap(ULONGLONG Source)
{
	return __builtin_bswap64(Source);
}

#define _byteswap_ushort RtlUshortByteSwap
#define _byteswap_ulong RtlUlongByteSwap
#define _byteswap_uint64 RtlUlonglongByteSwap

/* Where the routine that this stands in goes on in its caller. */
#define _ReturnAddress() __builtin_return_address(0)

#if defined(__x86_64__)
/* Ticks of the processor's own counter. */
#define __rdtsc() __builtin_ia32_rdtsc()
#define ReadTimeStampCounter() __rdtsc()
#define _mm_pause() __builtin_ia32_pause()
#endif

#endif /* NT_INTRIN_H */
