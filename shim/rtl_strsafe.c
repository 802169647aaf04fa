// SPDX-License-Identifier: GPL-2.0
/*
 * Formatted text in a driver's own buffers: the part of ntstrsafe.h that is no
 * more than a loop is in that header. Nothing here allocates or takes a lock.
 *
 * Windows asks for PASSIVE_LEVEL, for what it converts characters with; here any
 * level may format what it may read.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/limits.h>

#include "rtl_api.h"
#include "rtl_format.h"
#include "status.h"

/* The largest size of a string in characters, its end mark among them. */
#define MAXIMUM_COUNT ((size_t)S32_MAX)

static s32 format_terminated(struct nts_text *text, size_t count,
			     const void *format, va_list args)
{
	if (!(text->narrow || text->wide) || !format || !count ||
	    count > MAXIMUM_COUNT)
		return NTS_STATUS_INVALID_PARAMETER;
	text->room = count - 1;
	nts_text_format(text, format, args);
	if (text->wide)
		text->wide[text->length] = 0;
	else
		text->narrow[text->length] = '\0';
	return text->cut ? NTS_STATUS_BUFFER_OVERFLOW : NTS_STATUS_SUCCESS;
}

/**
 * RtlStringCchVPrintfA() - formatted text of 8-bit characters
 * @to: receives it, always terminated unless a parameter is wrong
 * @count: room in characters, end mark included; 1 to 0x7fffffff
 * @format: Windows format string, see nts_text_format()
 * @args: arguments
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW: cut off; with nothing written
 *	STATUS_INVALID_PARAMETER: @count out of its range, @to or @format NULL.
 * Source: RtlStringCchVPrintfA function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCchVPrintfA(char *to, size_t count, const char *format,
			 va_list args)
{
	struct nts_text text = { .narrow = to };

	return format_terminated(&text, count, format, args);
}
EXPORT_SYMBOL_GPL(RtlStringCchVPrintfA);

/**
 * RtlStringCchVPrintfW() - formatted text of 16-bit characters
 * @to: receives it, always terminated unless a parameter is wrong
 * @count: room in characters, end mark included; 1 to 0x7fffffff
 * @format: Windows format string, see nts_text_format()
 * @args: arguments
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlStringCchVPrintfA().
 * Source: RtlStringCchVPrintfW function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCchVPrintfW(u16 *to, size_t count, const u16 *format, va_list args)
{
	struct nts_text text = { .wide = to };

	return format_terminated(&text, count, format, args);
}
EXPORT_SYMBOL_GPL(RtlStringCchVPrintfW);

/**
 * RtlStringCbVPrintfA() - the same, the room in bytes
 * @to: as for RtlStringCchVPrintfA()
 * @bytes: room, end mark included
 * @format: as for RtlStringCchVPrintfA()
 * @args: arguments
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlStringCchVPrintfA().
 * Source: RtlStringCbVPrintfA function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCbVPrintfA(char *to, size_t bytes, const char *format,
			va_list args)
{
	return RtlStringCchVPrintfA(to, bytes, format, args);
}
EXPORT_SYMBOL_GPL(RtlStringCbVPrintfA);

/**
 * RtlStringCbVPrintfW() - the same, the room in bytes
 * @to: as for RtlStringCchVPrintfW()
 * @bytes: room, end mark included; an odd byte is none
 * @format: as for RtlStringCchVPrintfW()
 * @args: arguments
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlStringCchVPrintfA().
 * Source: RtlStringCbVPrintfW function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCbVPrintfW(u16 *to, size_t bytes, const u16 *format, va_list args)
{
	return RtlStringCchVPrintfW(to, bytes / sizeof(u16), format, args);
}
EXPORT_SYMBOL_GPL(RtlStringCbVPrintfW);

/**
 * RtlStringCchPrintfA() - RtlStringCchVPrintfA() with arguments of its own
 * @to: as for RtlStringCchVPrintfA()
 * @count: likewise
 * @format: likewise
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlStringCchVPrintfA().
 * Source: RtlStringCchPrintfA function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCchPrintfA(char *to, size_t count, const char *format, ...)
{
	va_list args;
	s32 status;

	va_start(args, format);
	status = RtlStringCchVPrintfA(to, count, format, args);
	va_end(args);
	return status;
}
EXPORT_SYMBOL_GPL(RtlStringCchPrintfA);

/**
 * RtlStringCchPrintfW() - RtlStringCchVPrintfW() with arguments of its own
 * @to: as for RtlStringCchVPrintfW()
 * @count: likewise
 * @format: likewise
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlStringCchVPrintfA().
 * Source: RtlStringCchPrintfW function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCchPrintfW(u16 *to, size_t count, const u16 *format, ...)
{
	va_list args;
	s32 status;

	va_start(args, format);
	status = RtlStringCchVPrintfW(to, count, format, args);
	va_end(args);
	return status;
}
EXPORT_SYMBOL_GPL(RtlStringCchPrintfW);

/**
 * RtlStringCbPrintfA() - RtlStringCbVPrintfA() with arguments of its own
 * @to: as for RtlStringCbVPrintfA()
 * @bytes: likewise
 * @format: likewise
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlStringCchVPrintfA().
 * Source: RtlStringCbPrintfA function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCbPrintfA(char *to, size_t bytes, const char *format, ...)
{
	va_list args;
	s32 status;

	va_start(args, format);
	status = RtlStringCbVPrintfA(to, bytes, format, args);
	va_end(args);
	return status;
}
EXPORT_SYMBOL_GPL(RtlStringCbPrintfA);

/**
 * RtlStringCbPrintfW() - RtlStringCbVPrintfW() with arguments of its own
 * @to: as for RtlStringCbVPrintfW()
 * @bytes: likewise
 * @format: likewise
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlStringCchVPrintfA().
 * Source: RtlStringCbPrintfW function (ntstrsafe.h); M-CMP-19.
 * Test: ntshim_strsafe:formatted_text_is_cut_and_ended
 */
s32 RtlStringCbPrintfW(u16 *to, size_t bytes, const u16 *format, ...)
{
	va_list args;
	s32 status;

	va_start(args, format);
	status = RtlStringCbVPrintfW(to, bytes, format, args);
	va_end(args);
	return status;
}
EXPORT_SYMBOL_GPL(RtlStringCbPrintfW);

/* As RtlUnicodeStringValidate of ntstrsafe.h. */
static bool is_valid(const struct nts_unicode_string *string)
{
	return string && string->length % sizeof(u16) == 0 &&
	       string->maximum_length % sizeof(u16) == 0 &&
	       string->length <= string->maximum_length &&
	       (string->buffer || !string->maximum_length);
}

/**
 * RtlUnicodeStringVPrintf() - formatted text in a counted string
 * @to: its text is replaced; no end mark is put
 * @format: Windows format string, see nts_text_format()
 * @args: arguments
 *
 * The documentation has two statuses for a string without any room. It is
 * STATUS_INVALID_PARAMETER here when there is text, else STATUS_SUCCESS.
 *
 * Context: any IRQL, any Linux context.
 * Return: STATUS_SUCCESS; STATUS_BUFFER_OVERFLOW: cut off; with nothing written
 *	STATUS_INVALID_PARAMETER: @to contradicts itself or has no room, @to or
 *	@format NULL.
 * Source: RtlUnicodeStringVPrintf function (ntstrsafe.h); M-CMP-20.
 * Test: ntshim_strsafe:counted_text_is_formatted
 */
s32 RtlUnicodeStringVPrintf(struct nts_unicode_string *to, const u16 *format,
			    va_list args)
{
	struct nts_text text = {};
	u16 nothing;

	if (!is_valid(to) || !format)
		return NTS_STATUS_INVALID_PARAMETER;
	text.wide = to->buffer ? to->buffer : &nothing;
	text.room = to->maximum_length / sizeof(u16);
	nts_text_format(&text, format, args);
	if (text.cut && !text.room)
		return NTS_STATUS_INVALID_PARAMETER;
	to->length = text.length * sizeof(u16);
	return text.cut ? NTS_STATUS_BUFFER_OVERFLOW : NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(RtlUnicodeStringVPrintf);

/**
 * RtlUnicodeStringPrintf() - RtlUnicodeStringVPrintf() with arguments of its own
 * @to: as for RtlUnicodeStringVPrintf()
 * @format: likewise
 *
 * Context: any IRQL, any Linux context.
 * Return: as RtlUnicodeStringVPrintf().
 * Source: RtlUnicodeStringPrintf function (ntstrsafe.h); M-CMP-20.
 * Test: ntshim_strsafe:counted_text_is_formatted
 */
s32 RtlUnicodeStringPrintf(struct nts_unicode_string *to, const u16 *format,
			   ...)
{
	va_list args;
	s32 status;

	va_start(args, format);
	status = RtlUnicodeStringVPrintf(to, format, args);
	va_end(args);
	return status;
}
EXPORT_SYMBOL_GPL(RtlUnicodeStringPrintf);
