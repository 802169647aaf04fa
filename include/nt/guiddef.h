/* SPDX-License-Identifier: GPL-2.0 */
/* Identifiers of 128 bits; see initguid.h. No guard: INITGUID may come later. */
#include "ntdef.h"

#ifndef NT_GUID_PARTS
#define NT_GUID_PARTS(L, W1, W2, B1, B2, B3, B4, B5, B6, B7, B8)       \
	{                                                              \
		(L), (W1), (W2),                                       \
		{                                                      \
			(B1), (B2), (B3), (B4), (B5), (B6), (B7), (B8) \
		}                                                      \
	}
/* In C++ the arguments are identifiers, in C their addresses. */
#ifdef __cplusplus
NT_INLINE int IsEqualGUID(REFGUID First, REFGUID Second)
{
	return !__builtin_memcmp(&First, &Second, sizeof(GUID));
}
#else
#define IsEqualGUID(First, Second) (!__builtin_memcmp((First), (Second), sizeof(GUID)))
#endif
#endif

#undef DEFINE_GUID
#ifdef INITGUID
#define DEFINE_GUID(Name, ...)                       \
	EXTERN_C const GUID DECLSPEC_SELECTANY Name; \
	const GUID Name = NT_GUID_PARTS(__VA_ARGS__)
#else
#define DEFINE_GUID(Name, ...) EXTERN_C const GUID Name
#endif
