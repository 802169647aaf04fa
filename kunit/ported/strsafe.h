/* SPDX-License-Identifier: GPL-2.0 */
/*
 * ntstrsafe.h as drivers use it, in both languages. The includer defines
 * PORTED(Name).
 */

#include "check.h"

#define KIND(Name) Name##A
#define CHARACTER CHAR
#define LITERAL(Text) Text
#include "strsafe_kind.h"
#undef KIND
#undef CHARACTER
#undef LITERAL

#define KIND(Name) Name##W
#define CHARACTER WCHAR
#define LITERAL(Text) L##Text
#include "strsafe_kind.h"
#undef KIND
#undef CHARACTER
#undef LITERAL

static const char *PORTED(Either)(const char *First, const char *Second)
{
	return First ? First : Second;
}

#define OF_BOTH_KINDS(Name, Routine)                               \
	const char *PORTED(Name)(void)                             \
	{                                                          \
		return PORTED(Either)(Routine##A(), Routine##W()); \
	}

OF_BOTH_KINDS(SafeCopies, Copies)
OF_BOTH_KINDS(SafeAdditions, Additions)
OF_BOTH_KINDS(SafeParts, Parts)
OF_BOTH_KINDS(SafeLengths, Lengths)
OF_BOTH_KINDS(SafeRefusals, Refusals)
OF_BOTH_KINDS(SafeFormats, Formats)

/* One character more than a counted string can have, and its end mark. */
static WCHAR PORTED(Long)[NTSTRSAFE_UNICODE_STRING_MAX_CCH + 2];

const char *PORTED(SafeCountedStrings)(void)
{
	UNICODE_STRING String = { 2, 4, NULL };
	WCHAR Text[] = L"abc";
	ULONG i;

	CHECK(RtlUnicodeStringInit(&String, Text) == STATUS_SUCCESS);
	CHECK(String.Length == 6 && String.MaximumLength == 8 && String.Buffer == Text);
	CHECK(RtlUnicodeStringInit(&String, L"") == STATUS_SUCCESS);
	CHECK(String.Length == 0 && String.MaximumLength == 2);
	CHECK(RtlUnicodeStringInit(&String, NULL) == STATUS_SUCCESS);
	CHECK(String.Length == 0 && String.MaximumLength == 0 && !String.Buffer);
	CHECK(RtlUnicodeStringInit(NULL, Text) == STATUS_INVALID_PARAMETER);

	for (i = 0; i < NTSTRSAFE_UNICODE_STRING_MAX_CCH + 1; i++)
		PORTED(Long)[i] = 'x';
	CHECK(RtlUnicodeStringInit(&String, PORTED(Long)) == STATUS_INVALID_PARAMETER);
	CHECK(!String.Buffer);
	CHECK(RtlUnicodeStringInit(&String, PORTED(Long) + 1) == STATUS_SUCCESS);
	CHECK(String.Length == 65534 && String.MaximumLength == 65534);
	CHECK(RtlUnicodeStringInit(&String, PORTED(Long) + 2) == STATUS_SUCCESS);
	CHECK(String.Length == 65532 && String.MaximumLength == 65534);
	return NULL;
}

static NTSTATUS PORTED(Validate)(USHORT Length, USHORT MaximumLength, PWCH Buffer)
{
	UNICODE_STRING String = { Length, MaximumLength, Buffer }, Fine = RTL_CONSTANT_STRING(L"x");
	WCHAR Room[1] = { '#' };
	UNICODE_STRING Other = { 0, sizeof(Room), Room };
	NTSTATUS Status = RtlUnicodeStringValidate(&String);

	/* What is no string is neither read nor written. */
	if (!NT_SUCCESS(Status)) {
		if (RtlUnicodeStringCopy(&String, &Fine) != Status ||
		    RtlUnicodeStringCopy(&Other, &String) != Status ||
		    RtlUnicodeStringCopyString(&String, L"x") != Status ||
		    RtlUnicodeStringCat(&String, &Fine) != Status ||
		    RtlUnicodeStringCat(&Other, &String) != Status ||
		    RtlUnicodeStringCatString(&String, L"x") != Status ||
		    RtlUnicodeStringPrintf(&String, L"x") != Status)
			return STATUS_UNSUCCESSFUL;
		if (String.Length != Length || Room[0] != '#' || Other.Length != 0)
			return STATUS_UNSUCCESSFUL;
	}
	return Status;
}

const char *PORTED(SafeValidations)(void)
{
	WCHAR Text[4] = { 0, 0, 0, 0 };
	UNICODE_STRING String = { 0, sizeof(Text), Text };

	CHECK(PORTED(Validate)(0, 0, NULL) == STATUS_SUCCESS);
	CHECK(PORTED(Validate)(8, 8, Text) == STATUS_SUCCESS);
	CHECK(PORTED(Validate)(0, 8, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(PORTED(Validate)(3, 8, Text) == STATUS_INVALID_PARAMETER);
	CHECK(PORTED(Validate)(2, 7, Text) == STATUS_INVALID_PARAMETER);
	CHECK(PORTED(Validate)(8, 6, Text) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringValidate(NULL) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringCopy(NULL, &String) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringCopy(&String, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringCopyString(&String, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringCat(NULL, &String) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringCat(&String, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringCatString(&String, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringPrintf(NULL, L"") == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringPrintf(&String, NULL) == STATUS_INVALID_PARAMETER);
	return NULL;
}

#define HOLDS(Text, Expected) RtlEqualMemory(Text, Expected, 6 * sizeof(WCHAR))

const char *PORTED(SafeCountedCopies)(void)
{
	UNICODE_STRING Source = RTL_CONSTANT_STRING(L"abc"), Nothing = { 0, 0, NULL };
	WCHAR Text[6] = { '#', '#', '#', '#', '#', '#' };
	UNICODE_STRING String = { 0, 4 * sizeof(WCHAR), Text };

	/* No end mark, though there is room for one. */
	CHECK(RtlUnicodeStringCopy(&String, &Source) == STATUS_SUCCESS);
	CHECK(String.Length == 6 && HOLDS(Text, L"abc###"));
	CHECK(RtlUnicodeStringCat(&String, &Nothing) == STATUS_SUCCESS && String.Length == 6);
	CHECK(RtlUnicodeStringCat(&String, &Source) == STATUS_BUFFER_OVERFLOW);
	CHECK(String.Length == 8 && HOLDS(Text, L"abca##"));
	/* Full already. */
	CHECK(RtlUnicodeStringCatString(&String, L"") == STATUS_SUCCESS);
	CHECK(RtlUnicodeStringCatString(&String, L"x") == STATUS_BUFFER_OVERFLOW);
	CHECK(String.Length == 8 && HOLDS(Text, L"abca##"));
	CHECK(RtlUnicodeStringCopyString(&String, L"vwxyz") == STATUS_BUFFER_OVERFLOW);
	CHECK(String.Length == 8 && HOLDS(Text, L"vwxy##"));
	CHECK(RtlUnicodeStringCopyString(&String, L"12") == STATUS_SUCCESS);
	CHECK(RtlUnicodeStringCatString(&String, L"34") == STATUS_SUCCESS);
	CHECK(String.Length == 8 && HOLDS(Text, L"1234##"));
	CHECK(RtlUnicodeStringCopy(&String, &Nothing) == STATUS_SUCCESS && String.Length == 0);
	/* Without any room there is only room for nothing. */
	CHECK(RtlUnicodeStringCopy(&Nothing, &Nothing) == STATUS_SUCCESS);
	CHECK(RtlUnicodeStringCopy(&Nothing, &Source) == STATUS_INVALID_PARAMETER);
	CHECK(RtlUnicodeStringCatString(&Nothing, L"a") == STATUS_INVALID_PARAMETER);
	return NULL;
}

static NTSTATUS PORTED(FormatCounted)(PUNICODE_STRING String, PCWSTR Format, ...)
{
	NTSTATUS Status;
	va_list List;

	va_start(List, Format);
	Status = RtlUnicodeStringVPrintf(String, Format, List);
	va_end(List);
	return Status;
}

const char *PORTED(SafeCountedFormats)(void)
{
	UNICODE_STRING Source = RTL_CONSTANT_STRING(L"abc"), Nothing = { 0, 0, NULL };
	WCHAR Text[6] = { '#', '#', '#', '#', '#', '#' };
	UNICODE_STRING String = { 2, 4 * sizeof(WCHAR), Text };

	CHECK(RtlUnicodeStringPrintf(&String, L"%d", -5) == STATUS_SUCCESS);
	CHECK(String.Length == 4 && HOLDS(Text, L"-5####"));
	CHECK(RtlUnicodeStringPrintf(&String, L"%wZ%c", &Source, L'!') == STATUS_SUCCESS);
	CHECK(String.Length == 8 && HOLDS(Text, L"abc!##"));
	CHECK(RtlUnicodeStringPrintf(&String, L"%s", L"vwxyz") == STATUS_BUFFER_OVERFLOW);
	CHECK(String.Length == 8 && HOLDS(Text, L"vwxy##"));
	CHECK(PORTED(FormatCounted)(&String, L"%03u", 7u) == STATUS_SUCCESS);
	CHECK(String.Length == 6 && HOLDS(Text, L"007y##"));
	CHECK(RtlUnicodeStringPrintf(&Nothing, L"%s", L"") == STATUS_SUCCESS);
	CHECK(RtlUnicodeStringPrintf(&Nothing, L"%d", 1) == STATUS_INVALID_PARAMETER);
	CHECK(Nothing.Length == 0 && !Nothing.Buffer);
	return NULL;
}

#undef HOLDS
