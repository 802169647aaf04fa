/* SPDX-License-Identifier: GPL-2.0 */
/* Counted strings, and memory by its Windows names. */
#ifndef NT_RTL_STRING_H
#define NT_RTL_STRING_H

#include "ntdef.h"
#include "sal.h"

#define UNICODE_NULL ((WCHAR)0)
#define ANSI_NULL ((CHAR)0)
#define UNICODE_STRING_MAX_BYTES ((USHORT)65534)
#define UNICODE_STRING_MAX_CHARS 32767

/* Of an ANSI_STRING or a UNICODE_STRING, as the type of Text says. */
#ifdef __cplusplus
extern "C++" constexpr PCHAR NtConstantText(const CHAR *String)
{
	return (PCHAR)String;
}

extern "C++" constexpr PWCH NtConstantText(const WCHAR *String)
{
	return (PWCH)String;
}

#else
#define NtConstantText(String) _Generic((String)[0], CHAR : (PCHAR)(String), WCHAR : (PWCH)(String))
#endif
#define RTL_CONSTANT_STRING(Text)                                                    \
	{                                                                            \
		sizeof(Text) - sizeof((Text)[0]), sizeof(Text), NtConstantText(Text) \
	}
#define DECLARE_CONST_UNICODE_STRING(Name, Text) \
	const UNICODE_STRING Name = RTL_CONSTANT_STRING(Text)
#define DECLARE_GLOBAL_CONST_UNICODE_STRING(String, Text)      \
	extern const DECLSPEC_SELECTANY UNICODE_STRING String; \
	const UNICODE_STRING String = RTL_CONSTANT_STRING(Text)
/* An empty string with room for Characters, on the stack. */
#define DECLARE_UNICODE_STRING_SIZE(Name, Characters) \
	WCHAR Name##_buffer[Characters];              \
	UNICODE_STRING Name = { 0, (Characters) * sizeof(WCHAR), Name##_buffer }
#define RtlInitEmptyUnicodeString(String, Storage, Bytes)                         \
	((String)->Buffer = (Storage), (String)->MaximumLength = (USHORT)(Bytes), \
	 (String)->Length = 0)
/* The same of an ANSI_STRING. */
#define RtlInitEmptyAnsiString(String, Storage, Bytes) \
	RtlInitEmptyUnicodeString(String, Storage, Bytes)

#define RtlCopyMemory(Destination, Source, Length) \
	__builtin_memcpy((Destination), (Source), (Length))
#define RtlMoveMemory(Destination, Source, Length) \
	__builtin_memmove((Destination), (Source), (Length))
#define RtlFillMemory(Destination, Length, Fill) __builtin_memset((Destination), (Fill), (Length))
#define RtlZeroMemory(Destination, Length) __builtin_memset((Destination), 0, (Length))
#define RtlEqualMemory(First, Second, Length) (!__builtin_memcmp((First), (Second), (Length)))
/* Not left out when the memory is never read again. */
NT_INLINE PVOID RtlSecureZeroMemory(PVOID Pointer, SIZE_T Bytes)
{
	volatile UCHAR *Byte = (volatile UCHAR *)Pointer;

	while (Bytes--)
		*Byte++ = 0;
	return Pointer;
}

EXTERN_C_START

/* Any level, on memory that is there. Capitals are those of Latin-1. */
NTSYSAPI VOID NTAPI RtlInitUnicodeString(_Out_ PUNICODE_STRING DestinationString,
					 _In_opt_ PCWSTR SourceString);
NTSYSAPI VOID NTAPI RtlInitAnsiString(_Out_ PANSI_STRING DestinationString,
				      _In_opt_ PCSTR SourceString);
NTSYSAPI VOID NTAPI RtlCopyUnicodeString(_Inout_ PUNICODE_STRING DestinationString,
					 _In_opt_ PCUNICODE_STRING SourceString);
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeToString(_Inout_ PUNICODE_STRING Destination,
						 _In_opt_ PCWSTR Source);
NTSYSAPI NTSTATUS NTAPI RtlAppendUnicodeStringToString(_Inout_ PUNICODE_STRING Destination,
						       _In_ PCUNICODE_STRING Source);
NTSYSAPI LONG NTAPI RtlCompareUnicodeString(_In_ PCUNICODE_STRING String1,
					    _In_ PCUNICODE_STRING String2,
					    _In_ BOOLEAN CaseInSensitive);
NTSYSAPI BOOLEAN NTAPI RtlEqualUnicodeString(_In_ PCUNICODE_STRING String1,
					     _In_ PCUNICODE_STRING String2,
					     _In_ BOOLEAN CaseInSensitive);
NTSYSAPI WCHAR NTAPI RtlUpcaseUnicodeChar(_In_ WCHAR SourceCharacter);
/* Base 0: 10, or what 0x, 0o or 0b before the digits says. */
NTSYSAPI NTSTATUS NTAPI RtlUnicodeStringToInteger(_In_ PCUNICODE_STRING String, _In_opt_ ULONG Base,
						  _Out_ PULONG Value);
NTSYSAPI NTSTATUS NTAPI RtlIntegerToUnicodeString(_In_ ULONG Value, _In_opt_ ULONG Base,
						  _Inout_ PUNICODE_STRING String);
NTSYSAPI SIZE_T NTAPI RtlCompareMemory(_In_ const VOID *Source1, _In_ const VOID *Source2,
				       _In_ SIZE_T Length);

EXTERN_C_END

#endif /* NT_RTL_STRING_H */
