/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the headers of Windows bring of the C library: sizes, argument lists, and
 * the functions for memory and strings that its kernel has. Any level, on memory
 * that is there.
 */
#ifndef NT_CRT_H
#define NT_CRT_H

/*
 * A routine of these headers. In C it is not static: the compiler warns when an
 * inline routine that is not, as a driver's own may be, uses one that is.
 */
#define NT_ALWAYS_INLINE __inline__ __attribute__((__always_inline__, __unused__))
#ifdef __cplusplus
#define NT_INLINE static NT_ALWAYS_INLINE
#else
#define NT_INLINE extern NT_ALWAYS_INLINE __attribute__((__gnu_inline__))
#endif

typedef __SIZE_TYPE__ size_t;
typedef __PTRDIFF_TYPE__ ptrdiff_t;
typedef __builtin_va_list va_list;
#ifndef __cplusplus
typedef __WCHAR_TYPE__ wchar_t;
#endif

#undef NULL
#ifdef __cplusplus
#define NULL 0
#else
#define NULL ((void *)0)
#endif

#undef offsetof
#define offsetof(Type, Field) __builtin_offsetof(Type, Field)

#undef va_start
#undef va_arg
#undef va_end
#undef va_copy
#define va_start(List, Last) __builtin_va_start(List, Last)
#define va_arg(List, Type) __builtin_va_arg(List, Type)
#define va_end(List) __builtin_va_end(List)
#define va_copy(To, From) __builtin_va_copy(To, From)

#ifdef __cplusplus
extern "C" {
#endif

void *memcpy(void *Destination, const void *Source, size_t Length);
void *memmove(void *Destination, const void *Source, size_t Length);
void *memset(void *Destination, int Fill, size_t Length);
int memcmp(const void *First, const void *Second, size_t Length);
size_t strlen(const char *Text);
int strcmp(const char *First, const char *Second);
int strncmp(const char *First, const char *Second, size_t Length);
char *strchr(const char *Text, int Character);
char *strrchr(const char *Text, int Character);
char *strstr(const char *Text, const char *Part);

#ifdef __cplusplus
}
#endif

NT_INLINE size_t wcslen(const wchar_t *Text)
{
	size_t Length = 0;

	while (Text[Length])
		Length++;
	return Length;
}

NT_INLINE int wcsncmp(const wchar_t *First, const wchar_t *Second, size_t Length)
{
	for (; Length; Length--, First++, Second++) {
		if (*First != *Second)
			return *First < *Second ? -1 : 1;
		if (!*First)
			break;
	}
	return 0;
}

NT_INLINE int wcscmp(const wchar_t *First, const wchar_t *Second)
{
	return wcsncmp(First, Second, (size_t)-1);
}

#endif /* NT_CRT_H */
