/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Strings that never outgrow their buffer and always end: what does not fit is
 * cut off, and STATUS_BUFFER_OVERFLOW says so. A size of nothing or of more than
 * NTSTRSAFE_MAX_CCH characters, no string, and a destination without an end are
 * STATUS_INVALID_PARAMETER, with nothing written.
 *
 * Cch counts characters, the end mark among them, Cb bytes; an odd byte of a wide
 * string is no room. Any level, on memory that is there.
 *
 * All routines are here, whatever NTSTRSAFE_NO_CB_FUNCTIONS and the like say, and
 * NTSTRSAFE_LIB means nothing.
 */
#ifndef NT_NTSTRSAFE_H
#define NT_NTSTRSAFE_H

#include "ntdef.h"
#include "ntstatus.h"
#include "sal.h"

#define NTSTRSAFE_MAX_CCH 2147483647
#define NTSTRSAFE_MAX_LENGTH (NTSTRSAFE_MAX_CCH - 1)
#define NTSTRSAFE_UNICODE_STRING_MAX_CCH 32767

typedef CHAR *NTSTRSAFE_PSTR;
typedef const CHAR *NTSTRSAFE_PCSTR;
typedef WCHAR *NTSTRSAFE_PWSTR;
typedef const WCHAR *NTSTRSAFE_PCWSTR;

NT_INLINE NTSTATUS NtTellLength(size_t Length, size_t Maximum, size_t Unit, size_t *Told)
{
	const BOOLEAN Ends = Length < Maximum;

	if (Told)
		*Told = Ends ? Length * Unit : 0;
	return Ends ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/*
 * The routines for one kind of character: A, CHAR or W, WCHAR. A length is Maximum
 * if there is no end. What is put begins at Length.
 */
#define NT_STRSAFE_BASE(Kind, Character)                                                         \
	NT_INLINE size_t NtLengthOf##Kind(const Character *String, size_t Maximum)               \
	{                                                                                        \
		if (!String || Maximum > NTSTRSAFE_MAX_CCH)                                      \
			return Maximum;                                                          \
		for (size_t Length = 0; Length < Maximum; Length++)                              \
			if (!String[Length])                                                     \
				return Length;                                                   \
		return Maximum;                                                                  \
	}                                                                                        \
	NT_INLINE NTSTATUS NtPut##Kind(Character *Destination, size_t Length, size_t Count,      \
				       const Character *Source, size_t Maximum)                  \
	{                                                                                        \
		if (!Destination || Length >= Count || Count > NTSTRSAFE_MAX_CCH || !Source ||   \
		    Maximum > NTSTRSAFE_MAX_CCH)                                                 \
			return STATUS_INVALID_PARAMETER;                                         \
		for (; Maximum && *Source; Maximum--) {                                          \
			if (Length + 1 == Count) {                                               \
				Destination[Length] = 0;                                         \
				return STATUS_BUFFER_OVERFLOW;                                   \
			}                                                                        \
			Destination[Length++] = *Source++;                                       \
		}                                                                                \
		Destination[Length] = 0;                                                         \
		return STATUS_SUCCESS;                                                           \
	}                                                                                        \
	NT_INLINE NTSTATUS RtlStringCchLength##Kind(const Character *String, size_t Maximum,     \
						    size_t *Count)                               \
	{                                                                                        \
		return NtTellLength(NtLengthOf##Kind(String, Maximum), Maximum, 1, Count);       \
	}                                                                                        \
	NT_INLINE NTSTATUS RtlStringCbLength##Kind(const Character *String, size_t MaximumBytes, \
						   size_t *Bytes)                                \
	{                                                                                        \
		return NtTellLength(NtLengthOf##Kind(String, MaximumBytes / sizeof(Character)),  \
				    MaximumBytes / sizeof(Character), sizeof(Character), Bytes); \
	}                                                                                        \
	NT_INLINE NTSTATUS RtlStringCchCopyN##Kind(Character *Destination, size_t Count,         \
						   const Character *Source, size_t Maximum)      \
	{                                                                                        \
		return NtPut##Kind(Destination, 0, Count, Source, Maximum);                      \
	}                                                                                        \
	NT_INLINE NTSTATUS RtlStringCchCatN##Kind(Character *Destination, size_t Count,          \
						  const Character *Source, size_t Maximum)       \
	{                                                                                        \
		return NtPut##Kind(Destination, NtLengthOf##Kind(Destination, Count), Count,     \
				   Source, Maximum);                                             \
	}

/* All of the source, and in bytes. */
#define NT_STRSAFE_FORMS(Kind, Character, Verb)                                                    \
	NT_INLINE NTSTATUS RtlStringCch##Verb##Kind(Character *Destination, size_t Count,          \
						    const Character *Source)                       \
	{                                                                                          \
		return RtlStringCch##Verb##N##Kind(Destination, Count, Source, NTSTRSAFE_MAX_CCH); \
	}                                                                                          \
	NT_INLINE NTSTATUS RtlStringCb##Verb##N##Kind(Character *Destination, size_t Bytes,        \
						      const Character *Source,                     \
						      size_t MaximumBytes)                         \
	{                                                                                          \
		return RtlStringCch##Verb##N##Kind(Destination, Bytes / sizeof(Character), Source, \
						   MaximumBytes / sizeof(Character));              \
	}                                                                                          \
	NT_INLINE NTSTATUS RtlStringCb##Verb##Kind(Character *Destination, size_t Bytes,           \
						   const Character *Source)                        \
	{                                                                                          \
		return RtlStringCch##Verb##Kind(Destination, Bytes / sizeof(Character), Source);   \
	}

NT_STRSAFE_BASE(A, CHAR)
NT_STRSAFE_FORMS(A, CHAR, Copy)
NT_STRSAFE_FORMS(A, CHAR, Cat)
NT_STRSAFE_BASE(W, WCHAR)
NT_STRSAFE_FORMS(W, WCHAR, Copy)
NT_STRSAFE_FORMS(W, WCHAR, Cat)
#undef NT_STRSAFE_BASE
#undef NT_STRSAFE_FORMS

EXTERN_C_START

/* Formats as DbgPrint's; in those of W, %s and %c are wide. */
NTSTATUS RtlStringCchPrintfA(NTSTRSAFE_PSTR Destination, size_t Count, NTSTRSAFE_PCSTR Format, ...);
NTSTATUS RtlStringCchPrintfW(NTSTRSAFE_PWSTR Destination, size_t Count, NTSTRSAFE_PCWSTR Format,
			     ...);
NTSTATUS RtlStringCbPrintfA(NTSTRSAFE_PSTR Destination, size_t Bytes, NTSTRSAFE_PCSTR Format, ...);
NTSTATUS RtlStringCbPrintfW(NTSTRSAFE_PWSTR Destination, size_t Bytes, NTSTRSAFE_PCWSTR Format,
			    ...);
NTSTATUS RtlStringCchVPrintfA(NTSTRSAFE_PSTR Destination, size_t Count, NTSTRSAFE_PCSTR Format,
			      va_list Arguments);
NTSTATUS RtlStringCchVPrintfW(NTSTRSAFE_PWSTR Destination, size_t Count, NTSTRSAFE_PCWSTR Format,
			      va_list Arguments);
NTSTATUS RtlStringCbVPrintfA(NTSTRSAFE_PSTR Destination, size_t Bytes, NTSTRSAFE_PCSTR Format,
			     va_list Arguments);
NTSTATUS RtlStringCbVPrintfW(NTSTRSAFE_PWSTR Destination, size_t Bytes, NTSTRSAFE_PCWSTR Format,
			     va_list Arguments);
NTSTATUS RtlUnicodeStringPrintf(PUNICODE_STRING Destination, NTSTRSAFE_PCWSTR Format, ...);
NTSTATUS RtlUnicodeStringVPrintf(PUNICODE_STRING Destination, NTSTRSAFE_PCWSTR Format,
				 va_list Arguments);

EXTERN_C_END

/*
 * Counted strings get no end mark. One that contradicts itself is
 * STATUS_INVALID_PARAMETER, and so is one without room that something is for.
 */
NT_INLINE NTSTATUS RtlUnicodeStringValidate(PCUNICODE_STRING String)
{
	if (!String || String->Length % sizeof(WCHAR) || String->MaximumLength % sizeof(WCHAR) ||
	    String->Length > String->MaximumLength || (!String->Buffer && String->MaximumLength))
		return STATUS_INVALID_PARAMETER;
	return STATUS_SUCCESS;
}

NT_INLINE NTSTATUS RtlUnicodeStringInit(PUNICODE_STRING Destination, NTSTRSAFE_PCWSTR Source)
{
	size_t Bytes = 0;

	if (!Destination ||
	    (Source &&
	     !NT_SUCCESS(RtlStringCbLengthW(Source,
					    (NTSTRSAFE_UNICODE_STRING_MAX_CCH + 1) * sizeof(WCHAR),
					    &Bytes))))
		return STATUS_INVALID_PARAMETER;
	Destination->Length = (USHORT)Bytes;
	Destination->MaximumLength = 0;
	if (Source)
		Destination->MaximumLength =
			(USHORT)(Bytes < NTSTRSAFE_UNICODE_STRING_MAX_CCH * sizeof(WCHAR) ?
					 Bytes + sizeof(WCHAR) :
					 Bytes);
	Destination->Buffer = (PWCH)Source;
	return STATUS_SUCCESS;
}

/* Behind the first Offset bytes, which stay. */
NT_INLINE NTSTATUS NtPutUnicodeString(PUNICODE_STRING Destination, USHORT Offset, PCWCH Source,
				      size_t Bytes)
{
	const size_t Room = Destination->MaximumLength - Offset;
	const size_t Fitting = Bytes < Room ? Bytes : Room;

	if (Bytes && !Destination->MaximumLength)
		return STATUS_INVALID_PARAMETER;
	if (Fitting)
		memmove((PUCHAR)Destination->Buffer + Offset, Source, Fitting);
	Destination->Length = (USHORT)(Offset + Fitting);
	return Bytes > Room ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NT_INLINE NTSTATUS RtlUnicodeStringCopy(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
	if (!NT_SUCCESS(RtlUnicodeStringValidate(Destination)) ||
	    !NT_SUCCESS(RtlUnicodeStringValidate(Source)))
		return STATUS_INVALID_PARAMETER;
	return NtPutUnicodeString(Destination, 0, Source->Buffer, Source->Length);
}

NT_INLINE NTSTATUS RtlUnicodeStringCopyString(PUNICODE_STRING Destination, NTSTRSAFE_PCWSTR Source)
{
	if (!NT_SUCCESS(RtlUnicodeStringValidate(Destination)) || !Source)
		return STATUS_INVALID_PARAMETER;
	return NtPutUnicodeString(Destination, 0, Source, wcslen(Source) * sizeof(WCHAR));
}

NT_INLINE NTSTATUS RtlUnicodeStringCat(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
	if (!NT_SUCCESS(RtlUnicodeStringValidate(Destination)) ||
	    !NT_SUCCESS(RtlUnicodeStringValidate(Source)))
		return STATUS_INVALID_PARAMETER;
	return NtPutUnicodeString(Destination, Destination->Length, Source->Buffer, Source->Length);
}

NT_INLINE NTSTATUS RtlUnicodeStringCatString(PUNICODE_STRING Destination, NTSTRSAFE_PCWSTR Source)
{
	if (!NT_SUCCESS(RtlUnicodeStringValidate(Destination)) || !Source)
		return STATUS_INVALID_PARAMETER;
	return NtPutUnicodeString(Destination, Destination->Length, Source,
				  wcslen(Source) * sizeof(WCHAR));
}

#endif /* NT_NTSTRSAFE_H */
