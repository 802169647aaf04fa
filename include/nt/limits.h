/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Limits of C's types where a driver was written: a long has 32 bits there, and
 * LONG_MAX is compared with a LONG. The limits of the compiler's own long are no
 * driver's business.
 */
#ifndef NT_LIMITS_H
#define NT_LIMITS_H

#define CHAR_BIT 8
#define SCHAR_MAX 127
#define SCHAR_MIN (-128)
#define UCHAR_MAX 0xff
#define CHAR_MAX SCHAR_MAX
#define CHAR_MIN SCHAR_MIN
#define SHRT_MAX 0x7fff
#define SHRT_MIN (-SHRT_MAX - 1)
#define USHRT_MAX 0xffff
#define INT_MAX 0x7fffffff
#define INT_MIN (-INT_MAX - 1)
#define UINT_MAX 0xffffffffu
#define LONG_MAX INT_MAX
#define LONG_MIN INT_MIN
#define ULONG_MAX UINT_MAX
#define LLONG_MAX 0x7fffffffffffffffll
#define LLONG_MIN (-LLONG_MAX - 1)
#define ULLONG_MAX 0xffffffffffffffffull
#define SIZE_MAX __SIZE_MAX__

#endif /* NT_LIMITS_H */
