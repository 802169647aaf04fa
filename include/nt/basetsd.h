/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between pointers, handles and numbers. A number of 32 bits becomes a pointer
 * with its sign, if it has one; a pointer becomes one by its lower half.
 */
#ifndef NT_BASETSD_H
#define NT_BASETSD_H

#include "ntdef.h"

#define HandleToULong(Handle) ((ULONG)(ULONG_PTR)(Handle))
#define HandleToLong(Handle) ((LONG)(LONG_PTR)(Handle))
#define ULongToHandle(Value) ((HANDLE)(ULONG_PTR)(ULONG)(Value))
#define LongToHandle(Value) ((HANDLE)(LONG_PTR)(LONG)(Value))
#define PtrToUlong(Pointer) ((ULONG)(ULONG_PTR)(Pointer))
#define PtrToLong(Pointer) ((LONG)(LONG_PTR)(Pointer))
#define PtrToUint(Pointer) ((UINT)(UINT_PTR)(Pointer))
#define PtrToInt(Pointer) ((INT)(INT_PTR)(Pointer))
#define PtrToUshort(Pointer) ((USHORT)(ULONG_PTR)(Pointer))
#define PtrToShort(Pointer) ((SHORT)(LONG_PTR)(Pointer))
#define ULongToPtr(Value) ((PVOID)(ULONG_PTR)(ULONG)(Value))
#define LongToPtr(Value) ((PVOID)(LONG_PTR)(LONG)(Value))
#define UIntToPtr(Value) ((PVOID)(UINT_PTR)(UINT)(Value))
#define IntToPtr(Value) ((PVOID)(INT_PTR)(INT)(Value))
#define PtrToULong PtrToUlong
#define UlongToPtr ULongToPtr
#define UlongToHandle ULongToHandle
#define HandleToUlong HandleToULong

#endif /* NT_BASETSD_H */
