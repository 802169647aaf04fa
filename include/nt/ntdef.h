/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Base types of the Windows world, made of the compiler's own types alone. A
 * LONG has 32 bits, whatever the host's long has; pointers have 64.
 */
#ifndef NT_NTDEF_H
#define NT_NTDEF_H

#include "crt.h"
#include "sdkddkver.h"

#if __SIZEOF_POINTER__ != 8
#error "drivers are ported to 64-bit targets only"
#endif

#ifdef __cplusplus
#define EXTERN_C extern "C"
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END }
#define NT_STATIC_ASSERT(Condition, Text) static_assert(Condition, Text)
#else
#define EXTERN_C extern
#define EXTERN_C_START
#define EXTERN_C_END
#define NT_STATIC_ASSERT(Condition, Text) _Static_assert(Condition, Text)
#endif

#define C_ASSERT(Condition) NT_STATIC_ASSERT(Condition, #Condition)

/* One calling convention. */
#define __cdecl
#define __stdcall
#define __fastcall
#define STDCALL
#define NTAPI
#define NTSYSAPI
#define NTKERNELAPI
#define CALLBACK
#define FASTCALL
#define CONST const
#define VOID void
/* Without static, which a driver may write before it. */
#define FORCEINLINE NT_ALWAYS_INLINE
#define DECLSPEC_ALIGN(Bytes) __attribute__((__aligned__(Bytes)))
#define CFORCEINLINE FORCEINLINE
#define DECLSPEC_NORETURN __attribute__((__noreturn__))
#define DECLSPEC_NOINLINE __attribute__((__noinline__))
#define DECLSPEC_SELECTANY __attribute__((__weak__))
#define DECLSPEC_IMPORT
#define UNALIGNED
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(SYSTEM_CACHE_ALIGNMENT_SIZE)
#define MEMORY_ALLOCATION_ALIGNMENT 16
#define NOTHING

/* The other compiler's own words. */
#define __forceinline FORCEINLINE
#define __unaligned
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#define __pragma(...) _Pragma(#__VA_ARGS__)
#define __declspec(Attribute) NT_DECLSPEC_##Attribute
#define NT_DECLSPEC_align(Bytes) DECLSPEC_ALIGN(Bytes)
#define NT_DECLSPEC_allocate(Section)
#define NT_DECLSPEC_code_seg(Section)
#define NT_DECLSPEC_deprecated(...) __attribute__((__deprecated__))
#define NT_DECLSPEC_dllexport
#define NT_DECLSPEC_dllimport
#define NT_DECLSPEC_noinline DECLSPEC_NOINLINE
#define NT_DECLSPEC_noreturn DECLSPEC_NORETURN
#define NT_DECLSPEC_nothrow
#define NT_DECLSPEC_novtable
#define NT_DECLSPEC_restrict
#define NT_DECLSPEC_selectany DECLSPEC_SELECTANY

typedef char CHAR, *PCHAR, *PSTR, *LPSTR, *PSZ;
typedef const char *PCSTR, *PCCH, *LPCSTR, *PCSZ;
typedef char CCHAR;
typedef signed char INT8, SCHAR, *PSCHAR;
typedef unsigned char UCHAR, *PUCHAR, UINT8, BYTE, *PBYTE;
typedef const unsigned char *PCUCHAR;
typedef short SHORT, *PSHORT, CSHORT, INT16;
typedef unsigned short USHORT, *PUSHORT, UINT16, WORD;
typedef int LONG, *PLONG, INT, *PINT, INT32, *PINT32, LONG32, *PLONG32;
typedef unsigned int ULONG, *PULONG, UINT, *PUINT, UINT32, *PUINT32;
typedef unsigned int ULONG32, *PULONG32, DWORD, *PDWORD, DWORD32;
typedef long long LONGLONG, *PLONGLONG, LONG64, *PLONG64, INT64, *PINT64;
typedef unsigned long long ULONGLONG, *PULONGLONG, ULONG64, *PULONG64, UINT64, *PUINT64;
typedef unsigned long long DWORDLONG, DWORD64, *PDWORD64;
typedef long long LONG_PTR, *PLONG_PTR, INT_PTR, SSIZE_T;
typedef unsigned long long ULONG_PTR, *PULONG_PTR, UINT_PTR, *PUINT_PTR;
/* The type that operator new takes. */
typedef size_t SIZE_T, *PSIZE_T;
typedef ULONG_PTR KAFFINITY, *PKAFFINITY;
typedef void *PVOID, **PPVOID, *HANDLE, **PHANDLE;
typedef const void *PCVOID;

typedef wchar_t WCHAR;
typedef WCHAR *PWCHAR, *PWCH, *PWSTR, *LPWSTR;
typedef const WCHAR *PCWSTR, *PCWCH, *LPCWSTR;
C_ASSERT(sizeof(WCHAR) == 2);

typedef UCHAR BOOLEAN, *PBOOLEAN;
typedef ULONG LOGICAL, *PLOGICAL;
#define FALSE 0
#define TRUE 1

typedef LONG NTSTATUS, *PNTSTATUS;
#define NT_SUCCESS(Status) ((NTSTATUS)(Status) >= 0)
#define NT_INFORMATION(Status) ((ULONG)(Status) >> 30 == 1)
#define NT_WARNING(Status) ((ULONG)(Status) >> 30 == 2)
#define NT_ERROR(Status) ((ULONG)(Status) >> 30 == 3)

/* A signed 64-bit number that can be taken in halves. */
typedef union _LARGE_INTEGER {
	__extension__ struct {
		ULONG LowPart;
		LONG HighPart;
	};
	struct {
		ULONG LowPart;
		LONG HighPart;
	} u;
	LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
	__extension__ struct {
		ULONG LowPart;
		ULONG HighPart;
	};
	struct {
		ULONG LowPart;
		ULONG HighPart;
	} u;
	ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef struct _LIST_ENTRY {
	struct _LIST_ENTRY *Flink;
	struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY, *PRLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
	struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

/* A counted string of 16-bit characters; lengths in bytes. */
typedef struct _UNICODE_STRING {
	USHORT Length;
	USHORT MaximumLength;
	PWCH Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

/* Likewise, of 8-bit characters. */
typedef struct _STRING {
	USHORT Length;
	USHORT MaximumLength;
	PCHAR Buffer;
} STRING, *PSTRING, ANSI_STRING, *PANSI_STRING, OEM_STRING, *POEM_STRING;
typedef const STRING *PCSTRING, *PCANSI_STRING;

typedef struct _GUID {
	ULONG Data1;
	USHORT Data2;
	USHORT Data3;
	UCHAR Data4[8];
} GUID, *LPGUID;
typedef const GUID *LPCGUID;
#ifdef __cplusplus
typedef const GUID &REFGUID;
#else
typedef const GUID *REFGUID;
#endif

typedef struct _PROCESSOR_NUMBER {
	USHORT Group;
	UCHAR Number;
	UCHAR Reserved;
} PROCESSOR_NUMBER, *PPROCESSOR_NUMBER;

/* Objects that drivers hold the address of and never look into. */
typedef struct _OBJECT_TYPE *POBJECT_TYPE;
typedef struct _KTHREAD *PKTHREAD, *PRKTHREAD;
typedef struct _KTHREAD *PETHREAD;

#define FIELD_OFFSET(Type, Field) ((LONG) __builtin_offsetof(Type, Field))
#define CONTAINING_RECORD(Address, Type, Field) \
	((Type *)((PCHAR)(Address) - __builtin_offsetof(Type, Field)))
#define UFIELD_OFFSET(Type, Field) ((ULONG) __builtin_offsetof(Type, Field))
#define ANYSIZE_ARRAY 1
/* A power of two, up to which or down to which a number or an address goes. */
#define ALIGN_DOWN_BY(Value, Bytes) ((ULONG_PTR)(Value) / (Bytes) * (Bytes))
#define ALIGN_UP_BY(Value, Bytes) ALIGN_DOWN_BY(-1 + (Bytes) + (ULONG_PTR)(Value), Bytes)
#define ARRAYSIZE(Array) (sizeof(Array) / sizeof((Array)[0]))
#define RTL_NUMBER_OF(Array) ARRAYSIZE(Array)
#define RTL_FIELD_SIZE(Type, Field) (sizeof(((Type *)0)->Field))
#define RTL_SIZEOF_THROUGH_FIELD(Type, Field) \
	(FIELD_OFFSET(Type, Field) + RTL_FIELD_SIZE(Type, Field))
/* Whether a structure that begins with Size bytes reaches to the field's end. */
#define RTL_CONTAINS_FIELD(Struct, Size, Field) \
	((PCHAR)(&(Struct)->Field) + sizeof((Struct)->Field) <= (PCHAR)(Struct) + (Size))
#define UNREFERENCED_PARAMETER(Parameter) ((void)(Parameter))
#define UNREFERENCED_LOCAL_VARIABLE(Variable) ((void)(Variable))
#define DBG_UNREFERENCED_PARAMETER(Parameter) ((void)(Parameter))
/* Products of two 32-bit numbers. */
#define Int32x32To64(First, Second) ((LONGLONG)(LONG)(First) * (LONGLONG)(LONG)(Second))
#define UInt32x32To64(First, Second) ((ULONGLONG)(ULONG)(First) * (ULONGLONG)(ULONG)(Second))
#define MAXUCHAR 0xff
#define MAXUSHORT 0xffff
#define MAXLONG 0x7fffffff
#define MINLONG (-MAXLONG - 1)
#define MAXULONG 0xffffffffu
#define MAXLONGLONG 0x7fffffffffffffffll
#define MINLONGLONG (-MAXLONGLONG - 1)
#define MAXULONG64 0xffffffffffffffffull
#define MAXULONG_PTR MAXULONG64

#endif /* NT_NTDEF_H */
