/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The routines of ntstrsafe.h for one kind of character. strsafe.h includes it
 * for each, with KIND(Name), CHARACTER and LITERAL(Text) defined.
 */

/* Eight characters; what is not written stays a hash. */
#define HOLDS(Text, Expected) RtlEqualMemory(Text, LITERAL(Expected), 8 * sizeof(CHARACTER))
/* Bytes of so many characters and, of a wide one, half another. */
#define ODD(Characters) ((Characters) * sizeof(CHARACTER) + sizeof(CHARACTER) / 2)

static VOID KIND(Hash)(CHARACTER *Text)
{
	ULONG i;

	for (i = 0; i < 8; i++)
		Text[i] = '#';
}

static const char *KIND(Copies)(void)
{
	CHARACTER Text[8];

	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCchCopy)(Text, 8, LITERAL("abc")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abc\0####"));
	CHECK(KIND(RtlStringCchCopy)(Text, 4, LITERAL("def")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "def\0####"));
	CHECK(KIND(RtlStringCchCopy)(Text, 3, LITERAL("abc")) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "ab\0\0####"));
	CHECK(KIND(RtlStringCchCopy)(Text, 1, LITERAL("")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "\0b\0\0####"));
	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCchCopy)(Text, 1, LITERAL("a")) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "\0#######"));

	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCbCopy)(Text, ODD(3), LITERAL("abc")) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "ab\0#####"));
	CHECK(KIND(RtlStringCbCopy)(Text, sizeof(Text), LITERAL("abcdefg")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abcdefg\0"));
	CHECK(KIND(RtlStringCbCopy)(Text, sizeof(Text), LITERAL("12345678")) ==
	      STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "1234567\0"));
	return NULL;
}

static const char *KIND(Additions)(void)
{
	CHARACTER Text[8];

	KIND(Hash)(Text);
	Text[0] = 0;
	CHECK(KIND(RtlStringCchCat)(Text, 6, LITERAL("abc")) == STATUS_SUCCESS);
	CHECK(KIND(RtlStringCchCat)(Text, 6, LITERAL("de")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abcde\0##"));
	/* Full already. */
	CHECK(KIND(RtlStringCchCat)(Text, 6, LITERAL("")) == STATUS_SUCCESS);
	CHECK(KIND(RtlStringCchCat)(Text, 6, LITERAL("f")) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "abcde\0##"));
	/* Without an end in its buffer. */
	CHECK(KIND(RtlStringCchCat)(Text, 5, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCbCat)(Text, ODD(5), LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCbCat)(Text, ODD(7), LITERAL("fg")) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "abcdef\0#"));
	CHECK(KIND(RtlStringCbCat)(Text, sizeof(Text), LITERAL("g")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abcdefg\0"));
	return NULL;
}

static const char *KIND(Parts)(void)
{
	static const CHARACTER Open[] = { 'a', 'b' };
	CHARACTER Text[8];

	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCchCopyN)(Text, 8, LITERAL("abcdef"), 3) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abc\0####"));
	CHECK(KIND(RtlStringCchCopyN)(Text, 4, LITERAL("defghi"), 3) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "def\0####"));
	CHECK(KIND(RtlStringCchCopyN)(Text, 3, LITERAL("abc"), 3) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "ab\0\0####"));
	CHECK(KIND(RtlStringCchCopyN)(Text, 8, Open, 2) == STATUS_SUCCESS);
	CHECK(KIND(RtlStringCchCopyN)(Text, 8, LITERAL("x"), 5) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "x\0\0\0####"));
	CHECK(KIND(RtlStringCbCopyN)(Text, ODD(4), LITERAL("abcd"), ODD(3)) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abc\0####"));

	CHECK(KIND(RtlStringCchCatN)(Text, 8, LITERAL("def"), 1) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abcd\0###"));
	CHECK(KIND(RtlStringCchCatN)(Text, 6, LITERAL("efg"), 2) == STATUS_BUFFER_OVERFLOW);
	CHECK(KIND(RtlStringCchCatN)(Text, 6, LITERAL("efg"), 0) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abcde\0##"));
	CHECK(KIND(RtlStringCbCatN)(Text, ODD(7), LITERAL("fgh"), ODD(1)) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abcdef\0#"));
	return NULL;
}

static const char *KIND(Lengths)(void)
{
	size_t Length = 99;

	CHECK(KIND(RtlStringCchLength)(LITERAL("abc"), 8, &Length) == STATUS_SUCCESS);
	CHECK(Length == 3);
	CHECK(KIND(RtlStringCchLength)(LITERAL("abcd"), 5, &Length) == STATUS_SUCCESS);
	CHECK(Length == 4);
	CHECK(KIND(RtlStringCchLength)(LITERAL("abc"), 3, &Length) == STATUS_INVALID_PARAMETER);
	CHECK(Length == 0);
	CHECK(KIND(RtlStringCchLength)(LITERAL(""), 0, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchLength)(LITERAL(""), NTSTRSAFE_MAX_CCH, NULL) == STATUS_SUCCESS);
	CHECK(KIND(RtlStringCchLength)(LITERAL(""), NTSTRSAFE_MAX_CCH + 1ull, NULL) ==
	      STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchLength)(NULL, 8, NULL) == STATUS_INVALID_PARAMETER);

	CHECK(KIND(RtlStringCbLength)(LITERAL("abc"), ODD(4), &Length) == STATUS_SUCCESS);
	CHECK(Length == 3 * sizeof(CHARACTER));
	CHECK(KIND(RtlStringCbLength)(LITERAL("abc"), ODD(3), &Length) == STATUS_INVALID_PARAMETER);
	CHECK(Length == 0);
	return NULL;
}

/* Neither without a buffer nor of a size that no buffer has. */
static const char *KIND(Refusals)(void)
{
	const size_t Most = NTSTRSAFE_MAX_CCH;
	CHARACTER Text[8];

	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCchCopy)(Text, 0, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCopy)(Text, Most + 1, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCopy)(NULL, 8, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCopy)(Text, 8, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCopyN)(Text, 8, LITERAL(""), Most + 1) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCbCopy)(Text, ODD(0), LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCbCopy)(Text, ODD(Most + 1), LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchPrintf)(Text, 0, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchPrintf)(Text, Most + 1, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchPrintf)(NULL, 8, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchPrintf)(Text, 8, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCbPrintf)(Text, ODD(0), LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(HOLDS(Text, "########"));

	CHECK(KIND(RtlStringCchCopy)(Text, Most, LITERAL("abc")) == STATUS_SUCCESS);
	CHECK(KIND(RtlStringCchCat)(Text, 0, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCat)(Text, Most + 1, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCat)(NULL, 8, LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCat)(Text, 8, NULL) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCatN)(Text, 8, LITERAL(""), Most + 1) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCbCat)(Text, ODD(Most + 1), LITERAL("")) == STATUS_INVALID_PARAMETER);
	CHECK(KIND(RtlStringCchCat)(Text, Most, LITERAL("d")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "abcd\0###"));
	CHECK(KIND(RtlStringCbPrintf)(Text, ODD(Most), LITERAL("ok")) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "ok\0d\0###"));
	return NULL;
}

/* By the routines that take an argument list. */
static NTSTATUS KIND(Format)(BOOLEAN InBytes, CHARACTER *Text, size_t Size, const CHARACTER *Format,
			     ...)
{
	NTSTATUS Status;
	va_list List;

	va_start(List, Format);
	if (InBytes)
		Status = KIND(RtlStringCbVPrintf)(Text, Size, Format, List);
	else
		Status = KIND(RtlStringCchVPrintf)(Text, Size, Format, List);
	va_end(List);
	return Status;
}

static const char *KIND(Formats)(void)
{
	CHARACTER Text[8];

	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCchPrintf)(Text, 8, LITERAL("%d %s"), -5, LITERAL("ab")) ==
	      STATUS_SUCCESS);
	CHECK(HOLDS(Text, "-5 ab\0##"));
	CHECK(KIND(RtlStringCchPrintf)(Text, 4, LITERAL("%hs"), "xyz") == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "xyz\0b\0##"));
	CHECK(KIND(RtlStringCchPrintf)(Text, 3, LITERAL("%ws"), L"xyz") == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "xy\0\0b\0##"));
	CHECK(KIND(RtlStringCchPrintf)(Text, 1, LITERAL("")) == STATUS_SUCCESS);
	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCchPrintf)(Text, 1, LITERAL("%d"), 1) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "\0#######"));

	CHECK(KIND(RtlStringCbPrintf)(Text, sizeof(Text), LITERAL("%I64x"), 0x1234567ll) ==
	      STATUS_SUCCESS);
	CHECK(HOLDS(Text, "1234567\0"));
	KIND(Hash)(Text);
	CHECK(KIND(RtlStringCbPrintf)(Text, ODD(4), LITERAL("%lu"), 12345u) ==
	      STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "123\0####"));

	CHECK(KIND(Format)(FALSE, Text, 4, LITERAL("%c%d"), 'c', 45) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "c45\0####"));
	CHECK(KIND(Format)(FALSE, Text, 3, LITERAL("%04d"), 6) == STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "00\0\0####"));
	CHECK(KIND(Format)(TRUE, Text, ODD(5), LITERAL("%04d"), 6) == STATUS_SUCCESS);
	CHECK(HOLDS(Text, "0006\0###"));
	KIND(Hash)(Text);
	CHECK(KIND(Format)(TRUE, Text, ODD(2), LITERAL("%s"), LITERAL("hi")) ==
	      STATUS_BUFFER_OVERFLOW);
	CHECK(HOLDS(Text, "h\0######"));
	return NULL;
}

#undef HOLDS
#undef ODD
