/* SPDX-License-Identifier: GPL-2.0 */
/*
 * C's integers of a width, made of the same types as those of Windows. The
 * fast ones of 16 bits have 32.
 */
#ifndef NT_STDINT_H
#define NT_STDINT_H

typedef signed char int8_t, int_least8_t;
typedef unsigned char uint8_t, uint_least8_t;
typedef short int16_t, int_least16_t;
typedef unsigned short uint16_t, uint_least16_t;
typedef int int32_t, int_least32_t;
typedef unsigned int uint32_t, uint_least32_t;
typedef long long int64_t, int_least64_t;
typedef unsigned long long uint64_t, uint_least64_t;
typedef signed char int_fast8_t;
typedef unsigned char uint_fast8_t;
typedef int int_fast16_t, int_fast32_t;
typedef unsigned int uint_fast16_t, uint_fast32_t;
typedef long long int_fast64_t, intmax_t, intptr_t;
typedef unsigned long long uint_fast64_t, uintmax_t, uintptr_t;

#define INT8_MAX 0x7f
#define INT8_MIN (-INT8_MAX - 1)
#define UINT8_MAX 0xff
#define INT16_MAX 0x7fff
#define INT16_MIN (-INT16_MAX - 1)
#define UINT16_MAX 0xffff
#define INT32_MAX 0x7fffffff
#define INT32_MIN (-INT32_MAX - 1)
#define UINT32_MAX 0xffffffffu
#define INT64_MAX 0x7fffffffffffffffll
#define INT64_MIN (-INT64_MAX - 1)
#define UINT64_MAX 0xffffffffffffffffull
#define INTPTR_MAX INT64_MAX
#define INTPTR_MIN INT64_MIN
#define UINTPTR_MAX UINT64_MAX
#define INTMAX_MAX INT64_MAX
#define INTMAX_MIN INT64_MIN
#define UINTMAX_MAX UINT64_MAX
#define SIZE_MAX __SIZE_MAX__

#define INT8_C(Value) Value
#define UINT8_C(Value) Value
#define INT16_C(Value) Value
#define UINT16_C(Value) Value
#define INT32_C(Value) Value
#define UINT32_C(Value) Value##u
#define INT64_C(Value) Value##ll
#define UINT64_C(Value) Value##ull
#define INTMAX_C(Value) INT64_C(Value)
#define UINTMAX_C(Value) UINT64_C(Value)

#endif /* NT_STDINT_H */
