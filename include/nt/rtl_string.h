/* SPDX-License-Identifier: GPL-2.0 */
/* Counted strings, and memory by its Windows names. */
#ifndef NT_RTL_STRING_H
#define NT_RTL_STRING_H

#include "ntdef.h"

#define RTL_CONSTANT_STRING(Text)                                            \
	{                                                                    \
		sizeof(Text) - sizeof((Text)[0]), sizeof(Text), (PWCH)(Text) \
	}
#define DECLARE_CONST_UNICODE_STRING(Name, Text) \
	const UNICODE_STRING Name = RTL_CONSTANT_STRING(Text)

#define RtlCopyMemory(Destination, Source, Length) \
	__builtin_memcpy((Destination), (Source), (Length))
#define RtlMoveMemory(Destination, Source, Length) \
	__builtin_memmove((Destination), (Source), (Length))
#define RtlFillMemory(Destination, Length, Fill) __builtin_memset((Destination), (Fill), (Length))
#define RtlZeroMemory(Destination, Length) __builtin_memset((Destination), 0, (Length))

#endif /* NT_RTL_STRING_H */
