// SPDX-License-Identifier: GPL-2.0
/*
 * Counted strings. Nothing here allocates or takes a lock, so any level may use
 * it on memory that cannot go away.
 */

#include "compat.h"

#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "rtl_api.h"
#include "status.h"

/* The longest string with its end mark, and without. */
#define MAXIMUM_BYTES 65534
#define LONGEST_BYTES (MAXIMUM_BYTES - sizeof(u16))

/**
 * nts_wide_length() - strlen() for UTF-16
 * @text: ends with a zero
 *
 * Context: any.
 * Return: 16-bit units without the zero.
 */
size_t nts_wide_length(const u16 *text)
{
	size_t length = 0;

	while (text[length])
		length++;
	return length;
}

/**
 * RtlInitUnicodeString() - a counted string of a terminated one
 * @string: receives the lengths and @source itself; nothing is copied
 * @source: terminated; NULL: an empty string without a buffer
 *
 * Length is in bytes, without the end mark; MaximumLength is with it. Both are
 * cut off at what 16 bits can say.
 *
 * Context: any IRQL, any Linux context.
 * Source: RtlInitUnicodeString function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_are_counted_in_bytes
 */
void RtlInitUnicodeString(struct nts_unicode_string *string, const u16 *source)
{
	size_t bytes = source ? nts_wide_length(source) * sizeof(u16) : 0;

	string->length = min(bytes, LONGEST_BYTES);
	string->maximum_length = source ? string->length + sizeof(u16) : 0;
	string->buffer = (u16 *)source;
}
EXPORT_SYMBOL_GPL(RtlInitUnicodeString);

/**
 * RtlInitAnsiString() - the same for characters of 8 bits
 * @string: receives the lengths and @source itself; nothing is copied
 * @source: terminated; NULL: an empty string without a buffer
 *
 * Context: any IRQL, any Linux context.
 * Source: RtlInitAnsiString function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_are_counted_in_bytes
 */
void RtlInitAnsiString(struct nts_ansi_string *string, const char *source)
{
	size_t bytes = source ? strlen(source) : 0;

	string->length = min_t(size_t, bytes, MAXIMUM_BYTES);
	string->maximum_length = source ? string->length + 1 : 0;
	string->buffer = (char *)source;
}
EXPORT_SYMBOL_GPL(RtlInitAnsiString);

/* As many bytes of @from as fit behind @used, and an end mark if that fits too. */
static void put_at(struct nts_unicode_string *to, u16 used, const u16 *from,
		   size_t bytes)
{
	if (bytes)
		memmove((u8 *)to->buffer + used, from, bytes);
	to->length = used + bytes;
	if (to->length + sizeof(u16) <= to->maximum_length)
		to->buffer[to->length / sizeof(u16)] = 0;
}

/**
 * RtlCopyUnicodeString() - replace a string by another
 * @to: receives the characters; what does not fit is left out
 * @from: NULL: an empty string
 *
 * Context: any IRQL, any Linux context.
 * Source: RtlCopyUnicodeString function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_never_outgrow_their_buffer
 */
void RtlCopyUnicodeString(struct nts_unicode_string *to,
			  const struct nts_unicode_string *from)
{
	size_t bytes = from ? min(from->length, to->maximum_length) : 0;

	put_at(to, 0, from ? from->buffer : NULL,
	       round_down(bytes, sizeof(u16)));
}
EXPORT_SYMBOL_GPL(RtlCopyUnicodeString);

static s32 append(struct nts_unicode_string *to, const u16 *from, size_t bytes)
{
	if (bytes + to->length > to->maximum_length)
		return NTS_STATUS_BUFFER_TOO_SMALL;
	put_at(to, to->length, from, bytes);
	return NTS_STATUS_SUCCESS;
}

/**
 * RtlAppendUnicodeToString() - put a terminated string at the end
 * @to: grows
 * @from: terminated; NULL: nothing is put there
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_TOO_SMALL: it does not fit, and nothing
 *	has been put there.
 * Source: RtlAppendUnicodeToString function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_never_outgrow_their_buffer
 */
s32 RtlAppendUnicodeToString(struct nts_unicode_string *to, const u16 *from)
{
	if (!from)
		return NTS_STATUS_SUCCESS;
	return append(to, from, nts_wide_length(from) * sizeof(u16));
}
EXPORT_SYMBOL_GPL(RtlAppendUnicodeToString);

/**
 * RtlAppendUnicodeStringToString() - put a counted string at the end
 * @to: grows
 * @from: what is put there; may be @to itself
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlAppendUnicodeToString().
 * Source: RtlAppendUnicodeStringToString function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_never_outgrow_their_buffer
 */
s32 RtlAppendUnicodeStringToString(struct nts_unicode_string *to,
				   const struct nts_unicode_string *from)
{
	return append(to, from->buffer, from->length);
}
EXPORT_SYMBOL_GPL(RtlAppendUnicodeStringToString);

/**
 * RtlUpcaseUnicodeChar() - the capital of a character
 * @character: UTF-16
 *
 * Context: any IRQL, any Linux context.
 * Return: the capital, within Latin-1; every other character is its own.
 * Source: RtlUpcaseUnicodeChar function (ntifs.h); M-CMP-05.
 * Test: ntshim_language:strings_compare_by_character
 */
u16 RtlUpcaseUnicodeChar(u16 character)
{
	/* Two small letters whose capitals are not in Latin-1. */
	if (character >= 0x100 || character == 0xdf || character == 0xff)
		return character;
	return toupper(character);
}
EXPORT_SYMBOL_GPL(RtlUpcaseUnicodeChar);

/**
 * RtlCompareUnicodeString() - the order of two strings
 * @first: counted
 * @second: counted
 * @ignore_case: nonzero: capitals are compared
 *
 * Context: any IRQL, any Linux context.
 * Return: less than 0, 0 or greater than 0, as @first is before, equal to or
 *	after @second; the shorter of two with a common start is before.
 * Source: RtlCompareUnicodeString function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_compare_by_character
 */
s32 RtlCompareUnicodeString(const struct nts_unicode_string *first,
			    const struct nts_unicode_string *second,
			    u8 ignore_case)
{
	size_t both = min(first->length, second->length) / sizeof(u16), i;

	for (i = 0; i < both; i++) {
		u16 a = first->buffer[i], b = second->buffer[i];

		if (ignore_case) {
			a = RtlUpcaseUnicodeChar(a);
			b = RtlUpcaseUnicodeChar(b);
		}
		if (a != b)
			return a - b;
	}
	return first->length - second->length;
}
EXPORT_SYMBOL_GPL(RtlCompareUnicodeString);

/**
 * RtlEqualUnicodeString() - whether two strings are the same
 * @first: counted
 * @second: counted
 * @ignore_case: nonzero: capitals are compared
 *
 * Context: any IRQL, any Linux context.
 * Return: 1: equal; 0: not.
 * Source: RtlEqualUnicodeString function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_compare_by_character
 */
u8 RtlEqualUnicodeString(const struct nts_unicode_string *first,
			 const struct nts_unicode_string *second,
			 u8 ignore_case)
{
	return first->length == second->length &&
	       !RtlCompareUnicodeString(first, second, ignore_case);
}
EXPORT_SYMBOL_GPL(RtlEqualUnicodeString);

/* At least @base: it is no digit of that base. */
static u32 value_of_digit(u16 character, u32 base)
{
	if (character >= '0' && character <= '9')
		return character - '0';
	if (character >= 'a' && character <= 'f')
		return character - 'a' + 10;
	if (character >= 'A' && character <= 'F')
		return character - 'A' + 10;
	return base;
}

static bool is_base(u32 base)
{
	return base == 2 || base == 8 || base == 10 || base == 16;
}

/* The base that a prefix stands for, 0: there is none. */
static u32 base_of_prefix(u16 first, u16 second)
{
	if (first != '0')
		return 0;
	switch (second) {
	case 'x':
		return 16;
	case 'o':
		return 8;
	case 'b':
		return 2;
	default:
		return 0;
	}
}

/**
 * RtlUnicodeStringToInteger() - the number that a string begins with
 * @string: blanks, a sign or none, digits; what follows is not looked at
 * @base: 2, 8, 10 or 16; 0: what a prefix 0b, 0o or 0x says, 10 without one
 * @value: receives the lowest 32 bits of the number, 0 if there is no digit
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS, also without a digit; STATUS_INVALID_PARAMETER, @value
 *	not written: another base.
 * Source: RtlUnicodeStringToInteger function (wdm.h), which says nothing of a
 *	string without a digit; M-CMP-21.
 * Test: ntshim_everyday:numbers_are_read
 */
s32 RtlUnicodeStringToInteger(const struct nts_unicode_string *string, u32 base,
			      u32 *value)
{
	const u16 *at = string->buffer,
		  *end = at + string->length / sizeof(u16);
	u32 sum = 0, prefix = 0;
	bool negative = false;

	if (base && !is_base(base))
		return NTS_STATUS_INVALID_PARAMETER;
	while (at < end && *at <= ' ')
		at++;
	if (at < end && (*at == '-' || *at == '+'))
		negative = *at++ == '-';
	if (!base && end - at >= 2)
		prefix = base_of_prefix(at[0], at[1]);
	if (prefix)
		at += 2;
	if (!base)
		base = prefix ? prefix : 10;
	for (; at < end && value_of_digit(*at, base) < base; at++)
		sum = sum * base + value_of_digit(*at, base);
	*value = negative ? 0 - sum : sum;
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(RtlUnicodeStringToInteger);

/* Binary digits of a number. */
#define MOST_DIGITS 32

/**
 * RtlIntegerToUnicodeString() - a number as a string
 * @value: not negative
 * @base: 2, 8, 10 or 16; 0: 10
 * @string: receives digits, letters as capitals, and an end mark if that fits too
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS; with @string not written STATUS_BUFFER_OVERFLOW: it does
 *	not fit, or STATUS_INVALID_PARAMETER: another base.
 * Source: RtlIntegerToUnicodeString function (wdm.h); M-CMP-21.
 * Test: ntshim_everyday:numbers_are_written
 */
s32 RtlIntegerToUnicodeString(u32 value, u32 base,
			      struct nts_unicode_string *string)
{
	u16 digits[MOST_DIGITS];
	unsigned int first = MOST_DIGITS;
	size_t bytes;

	if (!base)
		base = 10;
	if (!is_base(base))
		return NTS_STATUS_INVALID_PARAMETER;
	do {
		digits[--first] = "0123456789ABCDEF"[value % base];
		value /= base;
	} while (value);
	bytes = (MOST_DIGITS - first) * sizeof(u16);
	if (bytes > string->maximum_length)
		return NTS_STATUS_BUFFER_OVERFLOW;
	put_at(string, 0, digits + first, bytes);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(RtlIntegerToUnicodeString);

/**
 * RtlCompareMemory() - how much of two blocks is the same
 * @first: a block
 * @second: another
 * @length: of both, in bytes
 *
 * Context: any IRQL, any Linux context.
 * Return: bytes before the first that differs; @length: none does.
 * Source: RtlCompareMemory function (wdm.h); M-CMP-05.
 * Test: ntshim_language:strings_compare_by_character
 */
size_t RtlCompareMemory(const void *first, const void *second, size_t length)
{
	const u8 *a = first, *b = second;
	size_t same = 0;

	while (same < length && a[same] == b[same])
		same++;
	return same;
}
EXPORT_SYMBOL_GPL(RtlCompareMemory);
