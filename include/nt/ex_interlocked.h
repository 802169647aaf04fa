/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interlocked operations and memory barriers. Any IRQL, on any normal memory.
 *
 * Increment, Decrement and Add return the new value, everything else the old
 * one. All are full barriers, also the forms that promise less.
 */
#ifndef NT_EX_INTERLOCKED_H
#define NT_EX_INTERLOCKED_H

#include "ntdef.h"

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#define KeMemoryBarrier() MemoryBarrier()
/* These hold back the compiler alone. */
#define KeMemoryBarrierWithoutFence() __asm__ __volatile__("" : : : "memory")
#define _ReadWriteBarrier() KeMemoryBarrierWithoutFence()
#define _ReadBarrier() KeMemoryBarrierWithoutFence()
#define _WriteBarrier() KeMemoryBarrierWithoutFence()

/*
 * A sequentially consistent operation of the compiler is a full barrier on x86.
 * On other processors later accesses may overtake its store.
 */
#if defined(__x86_64__)
#define YieldProcessor() __builtin_ia32_pause()
#define NT_FULL_BARRIER() ((VOID)0)
#else
#define YieldProcessor() KeMemoryBarrierWithoutFence()
#define NT_FULL_BARRIER() MemoryBarrier()
#endif

/* Name: what the compiler's Operation on an object of Type gives. */
#define NT_INTERLOCKED(Name, Type, Operation)                       \
	NT_INLINE Type Name(Type volatile *Target, Type Value)      \
	{                                                           \
		Value = Operation(Target, Value, __ATOMIC_SEQ_CST); \
		NT_FULL_BARRIER();                                  \
		return Value;                                       \
	}

#define NT_INTERLOCKED_STEPS(Bits, Type)                                 \
	NT_INLINE Type InterlockedIncrement##Bits(Type volatile *Target) \
	{                                                                \
		return InterlockedAdd##Bits(Target, 1);                  \
	}                                                                \
	NT_INLINE Type InterlockedDecrement##Bits(Type volatile *Target) \
	{                                                                \
		return InterlockedAdd##Bits(Target, (Type)-1);           \
	}

#define NT_INTERLOCKED_COMPARE(Name, Type)                                                     \
	NT_INLINE Type Name(Type volatile *Target, Type NewValue, Type Comparand)              \
	{                                                                                      \
		__atomic_compare_exchange_n(Target, &Comparand, NewValue, 0, __ATOMIC_SEQ_CST, \
					    __ATOMIC_SEQ_CST);                                 \
		NT_FULL_BARRIER();                                                             \
		return Comparand;                                                              \
	}

#define NT_INTERLOCKED_FAMILY(Bits, Type)                                      \
	NT_INTERLOCKED(InterlockedAdd##Bits, Type, __atomic_add_fetch)         \
	NT_INTERLOCKED(InterlockedExchange##Bits, Type, __atomic_exchange_n)   \
	NT_INTERLOCKED(InterlockedExchangeAdd##Bits, Type, __atomic_fetch_add) \
	NT_INTERLOCKED(InterlockedAnd##Bits, Type, __atomic_fetch_and)         \
	NT_INTERLOCKED(InterlockedOr##Bits, Type, __atomic_fetch_or)           \
	NT_INTERLOCKED(InterlockedXor##Bits, Type, __atomic_fetch_xor)         \
	NT_INTERLOCKED_COMPARE(InterlockedCompareExchange##Bits, Type)         \
	NT_INTERLOCKED_STEPS(Bits, Type)

NT_INTERLOCKED_FAMILY(, LONG)
NT_INTERLOCKED_FAMILY(64, LONG64)
NT_INTERLOCKED_FAMILY(16, SHORT)
NT_INTERLOCKED_FAMILY(8, CHAR)

NT_INTERLOCKED(InterlockedAddSizeT, SIZE_T, __atomic_add_fetch)
NT_INTERLOCKED(InterlockedExchangeAddSizeT, SIZE_T, __atomic_fetch_add)
NT_INTERLOCKED_STEPS(SizeT, SIZE_T)
NT_INTERLOCKED(InterlockedExchangePointer, PVOID, __atomic_exchange_n)
NT_INTERLOCKED_COMPARE(InterlockedCompareExchangePointer, PVOID)

/*
 * The old bit; bits are counted from the lowest of the object at Base, and may be
 * those of an array.
 */
#define NT_INTERLOCKED_BIT(Name, Bits, Type, Mask, Operation)            \
	NT_INLINE BOOLEAN Name##Bits(Type volatile *Base, Type Bit)      \
	{                                                                \
		Base += Bit >> (sizeof(Type) == sizeof(LONG) ? 5 : 6);   \
		Bit &= (Type)(sizeof(Type) * 8 - 1);                     \
		return (Operation##Bits(Base, (Type)(Mask)) >> Bit) & 1; \
	}

NT_INTERLOCKED_BIT(InterlockedBitTestAndSet, , LONG, 1u << Bit, InterlockedOr)
NT_INTERLOCKED_BIT(InterlockedBitTestAndReset, , LONG, ~(1u << Bit), InterlockedAnd)
NT_INTERLOCKED_BIT(InterlockedBitTestAndComplement, , LONG, 1u << Bit, InterlockedXor)
NT_INTERLOCKED_BIT(InterlockedBitTestAndSet, 64, LONG64, 1ull << Bit, InterlockedOr)
NT_INTERLOCKED_BIT(InterlockedBitTestAndReset, 64, LONG64, ~(1ull << Bit), InterlockedAnd)
NT_INTERLOCKED_BIT(InterlockedBitTestAndComplement, 64, LONG64, 1ull << Bit, InterlockedXor)
#undef NT_INTERLOCKED_BIT

/* Forms that promise less order. */
#define InterlockedIncrementAcquire InterlockedIncrement
#define InterlockedIncrementRelease InterlockedIncrement
#define InterlockedIncrementNoFence InterlockedIncrement
#define InterlockedDecrementAcquire InterlockedDecrement
#define InterlockedDecrementRelease InterlockedDecrement
#define InterlockedDecrementNoFence InterlockedDecrement
#define InterlockedAddAcquire InterlockedAdd
#define InterlockedAddRelease InterlockedAdd
#define InterlockedAddNoFence InterlockedAdd
#define InterlockedExchangeAcquire InterlockedExchange
#define InterlockedExchangeRelease InterlockedExchange
#define InterlockedExchangeNoFence InterlockedExchange
#define InterlockedExchangeAddAcquire InterlockedExchangeAdd
#define InterlockedExchangeAddRelease InterlockedExchangeAdd
#define InterlockedExchangeAddNoFence InterlockedExchangeAdd
#define InterlockedCompareExchangeAcquire InterlockedCompareExchange
#define InterlockedCompareExchangeRelease InterlockedCompareExchange
#define InterlockedCompareExchangeNoFence InterlockedCompareExchange
#define InterlockedAndAcquire InterlockedAnd
#define InterlockedAndRelease InterlockedAnd
#define InterlockedAndNoFence InterlockedAnd
#define InterlockedOrAcquire InterlockedOr
#define InterlockedOrRelease InterlockedOr
#define InterlockedOrNoFence InterlockedOr
#define InterlockedXorAcquire InterlockedXor
#define InterlockedXorRelease InterlockedXor
#define InterlockedXorNoFence InterlockedXor
#define InterlockedIncrementAcquire64 InterlockedIncrement64
#define InterlockedIncrementRelease64 InterlockedIncrement64
#define InterlockedIncrementNoFence64 InterlockedIncrement64
#define InterlockedDecrementAcquire64 InterlockedDecrement64
#define InterlockedDecrementRelease64 InterlockedDecrement64
#define InterlockedDecrementNoFence64 InterlockedDecrement64
#define InterlockedExchangeAcquire64 InterlockedExchange64
#define InterlockedExchangeNoFence64 InterlockedExchange64
#define InterlockedExchangeAddAcquire64 InterlockedExchangeAdd64
#define InterlockedExchangeAddRelease64 InterlockedExchangeAdd64
#define InterlockedExchangeAddNoFence64 InterlockedExchangeAdd64
#define InterlockedCompareExchangeAcquire64 InterlockedCompareExchange64
#define InterlockedCompareExchangeRelease64 InterlockedCompareExchange64
#define InterlockedCompareExchangeNoFence64 InterlockedCompareExchange64
#define InterlockedAnd64Acquire InterlockedAnd64
#define InterlockedAnd64NoFence InterlockedAnd64
#define InterlockedOr64Acquire InterlockedOr64
#define InterlockedOr64NoFence InterlockedOr64
#define InterlockedXor64Acquire InterlockedXor64
#define InterlockedXor64NoFence InterlockedXor64
#define InterlockedExchangePointerAcquire InterlockedExchangePointer
#define InterlockedExchangePointerNoFence InterlockedExchangePointer
#define InterlockedCompareExchangePointerAcquire InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerRelease InterlockedCompareExchangePointer
#define InterlockedCompareExchangePointerNoFence InterlockedCompareExchangePointer

/* The compiler's spelling. */
#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedAdd InterlockedAdd
#define _InterlockedExchange InterlockedExchange
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedCompareExchange InterlockedCompareExchange
#define _InterlockedAnd InterlockedAnd
#define _InterlockedOr InterlockedOr
#define _InterlockedXor InterlockedXor
#define _InterlockedIncrement64 InterlockedIncrement64
#define _InterlockedDecrement64 InterlockedDecrement64
#define _InterlockedAdd64 InterlockedAdd64
#define _InterlockedExchange64 InterlockedExchange64
#define _InterlockedExchangeAdd64 InterlockedExchangeAdd64
#define _InterlockedCompareExchange64 InterlockedCompareExchange64
#define _InterlockedAnd64 InterlockedAnd64
#define _InterlockedOr64 InterlockedOr64
#define _InterlockedXor64 InterlockedXor64
#define _InterlockedIncrement16 InterlockedIncrement16
#define _InterlockedDecrement16 InterlockedDecrement16
#define _InterlockedExchange16 InterlockedExchange16
#define _InterlockedExchangeAdd16 InterlockedExchangeAdd16
#define _InterlockedCompareExchange16 InterlockedCompareExchange16
#define _InterlockedAnd16 InterlockedAnd16
#define _InterlockedOr16 InterlockedOr16
#define _InterlockedXor16 InterlockedXor16
#define _InterlockedExchange8 InterlockedExchange8
#define _InterlockedExchangeAdd8 InterlockedExchangeAdd8
#define _InterlockedCompareExchange8 InterlockedCompareExchange8
#define _InterlockedAnd8 InterlockedAnd8
#define _InterlockedOr8 InterlockedOr8
#define _InterlockedXor8 InterlockedXor8
#define _InterlockedExchangePointer InterlockedExchangePointer
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer

#ifdef __cplusplus
extern "C++" {
/*
 * A driver's own long has 64 bits here and had 32 where it was written. These
 * compute in 32 bits all the same, so that counters and flags wrap as they did;
 * the upper half only repeats the sign. In C the compiler refuses such a call.
 *
 * A LONG that was cast to a long, as for the compiler's own functions, has no
 * upper half. Where the compiler sees what the address is of, it is left alone.
 */
#define NT_IS_NO_LONG(Target) (__builtin_object_size((const void *)(Target), 1) == sizeof(LONG))

#define NT_INTERLOCKED_LONG(Name, NewValue, Returned)                                           \
	NT_INLINE long Name(long volatile *Target, long Value)                                  \
	{                                                                                       \
		if (NT_IS_NO_LONG(Target))                                                      \
			return Name((LONG volatile *)Target, (LONG)Value);                      \
		for (long New, Old = __atomic_load_n(Target, __ATOMIC_RELAXED);;) {             \
			New = (LONG)(ULONG)(NewValue);                                          \
			if (__atomic_compare_exchange_n(Target, &Old, New, 0, __ATOMIC_SEQ_CST, \
							__ATOMIC_SEQ_CST)) {                    \
				NT_FULL_BARRIER();                                              \
				return Returned;                                                \
			}                                                                       \
		}                                                                               \
	}

NT_INTERLOCKED_LONG(InterlockedAdd, Old + Value, New)
NT_INTERLOCKED_LONG(InterlockedExchange, Value, Old)
NT_INTERLOCKED_LONG(InterlockedExchangeAdd, Old + Value, Old)
NT_INTERLOCKED_LONG(InterlockedAnd, (Old & Value), Old)
NT_INTERLOCKED_LONG(InterlockedOr, Old | Value, Old)
NT_INTERLOCKED_LONG(InterlockedXor, Old ^ Value, Old)
NT_INTERLOCKED_STEPS(, long)

NT_INLINE long InterlockedCompareExchange(long volatile *Target, long NewValue, long Comparand)
{
	if (NT_IS_NO_LONG(Target))
		return InterlockedCompareExchange((LONG volatile *)Target, (LONG)NewValue,
						  (LONG)Comparand);
	__atomic_compare_exchange_n(Target, &Comparand, NewValue, 0, __ATOMIC_SEQ_CST,
				    __ATOMIC_SEQ_CST);
	NT_FULL_BARRIER();
	return Comparand;
}
#undef NT_INTERLOCKED_LONG
#undef NT_IS_NO_LONG
}
#endif

#undef NT_INTERLOCKED_FAMILY
#undef NT_INTERLOCKED_COMPARE
#undef NT_INTERLOCKED_STEPS
#undef NT_INTERLOCKED

/* Single accesses with the order in their name; whole and never repeated. */
#define NT_ORDERED_ACCESS(Name, Bits, Type)                                      \
	NT_INLINE Type Read##Name##Acquire##Bits(Type const volatile *From)      \
	{                                                                        \
		return __atomic_load_n(From, __ATOMIC_ACQUIRE);                  \
	}                                                                        \
	NT_INLINE Type Read##Name##NoFence##Bits(Type const volatile *From)      \
	{                                                                        \
		return __atomic_load_n(From, __ATOMIC_RELAXED);                  \
	}                                                                        \
	NT_INLINE Type Read##Name##Raw##Bits(Type const volatile *From)          \
	{                                                                        \
		return __atomic_load_n(From, __ATOMIC_RELAXED);                  \
	}                                                                        \
	NT_INLINE VOID Write##Name##Release##Bits(Type volatile *To, Type Value) \
	{                                                                        \
		__atomic_store_n(To, Value, __ATOMIC_RELEASE);                   \
	}                                                                        \
	NT_INLINE VOID Write##Name##NoFence##Bits(Type volatile *To, Type Value) \
	{                                                                        \
		__atomic_store_n(To, Value, __ATOMIC_RELAXED);                   \
	}                                                                        \
	NT_INLINE VOID Write##Name##Raw##Bits(Type volatile *To, Type Value)     \
	{                                                                        \
		__atomic_store_n(To, Value, __ATOMIC_RELAXED);                   \
	}

NT_ORDERED_ACCESS(, , LONG)
NT_ORDERED_ACCESS(, 8, CHAR)
NT_ORDERED_ACCESS(, 16, SHORT)
NT_ORDERED_ACCESS(, 64, LONG64)
NT_ORDERED_ACCESS(UChar, , UCHAR)
NT_ORDERED_ACCESS(UShort, , USHORT)
NT_ORDERED_ACCESS(ULong, , ULONG)
NT_ORDERED_ACCESS(ULong64, , ULONG64)
NT_ORDERED_ACCESS(Pointer, , PVOID)
#undef NT_ORDERED_ACCESS

#endif /* NT_EX_INTERLOCKED_H */
