// SPDX-License-Identifier: GPL-2.0
/*
 * Turns Windows format strings and their arguments into text. Pure: output goes
 * to the caller's buffer only.
 *
 * long is 32 bits wide here, wchar_t 16. A conversion that is unknown ends the
 * reading of arguments: the rest of the format is copied as it stands.
 */

#include "compat.h"

#include <linux/ctype.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "rtl_format.h"

/* UNICODE_STRING and ANSI_STRING; lengths in bytes. */
struct counted_string {
	u16 length;
	u16 maximum;
	void *buffer;
};

/* Digits of a u64 in base 8 and a terminator. */
#define DIGITS 23

/**
 * enum width - of an integer argument or of a character
 * @WIDTH_DEFAULT: int; narrow character
 * @WIDTH_SHORT: h: short; narrow character
 * @WIDTH_LONG: l: 32-bit long; wide character
 * @WIDTH_64: ll, I64, I, j, z, t: 64 bits
 * @WIDTH_WIDE: w: wide character
 */
enum width {
	WIDTH_DEFAULT,
	WIDTH_SHORT,
	WIDTH_LONG,
	WIDTH_64,
	WIDTH_WIDE,
};

/**
 * struct spec - one conversion
 * @left: pad on the right
 * @plus: sign of positive numbers
 * @space: blank for that sign
 * @alternate: 0x before hexadecimal numbers
 * @zero: pad with zeros
 * @field: least number of characters
 * @precision: digits at least, characters at most; -1: not given
 * @width: of the argument
 */
struct spec {
	bool left;
	bool plus;
	bool space;
	bool alternate;
	bool zero;
	int field;
	int precision;
	enum width width;
};

/**
 * struct out - text under construction
 * @text: where
 * @size: room, terminator included
 * @length: characters so far
 * @wide: a conversion read characters of 16 bits
 */
struct out {
	char *text;
	size_t size;
	size_t length;
	bool wide;
};

static void put(struct out *out, char c)
{
	if (out->length + 1 < out->size)
		out->text[out->length++] = c;
}

/* More than any text has room for. */
#define PAD_MAX 4096

static void pad(struct out *out, char c, int count)
{
	while (count-- > 0)
		put(out, c);
}

/* A character that the log cannot show becomes a question mark. */
static char narrow(u16 c)
{
	return c < 0x80 ? c : '?';
}

static void put_counted(struct out *out, const struct spec *spec,
			const void *text, int length, bool wide)
{
	int i;

	out->wide |= wide;
	if (spec->precision >= 0)
		length = min(length, spec->precision);
	if (!spec->left)
		pad(out, ' ', spec->field - length);
	for (i = 0; i < length; i++)
		put(out, wide ? narrow(((const u16 *)text)[i]) :
				((const char *)text)[i]);
	if (spec->left)
		pad(out, ' ', spec->field - length);
}

static int wide_length(const u16 *text, int limit)
{
	int length = 0;

	while (length < limit && text[length])
		length++;
	return length;
}

static void put_string(struct out *out, const struct spec *spec,
		       const void *text, bool wide)
{
	int limit = spec->precision >= 0 ? spec->precision : out->size;

	if (!text)
		put_counted(out, spec, "(null)", 6, false);
	else
		put_counted(out, spec, text,
			    wide ? wide_length(text, limit) :
				   (int)strnlen(text, limit),
			    wide);
}

static void put_counted_string(struct out *out, const struct spec *spec,
			       const struct counted_string *string)
{
	bool wide = spec->width == WIDTH_WIDE || spec->width == WIDTH_LONG;

	if (!string || !string->buffer)
		put_counted(out, spec, "(null)", 6, false);
	else
		put_counted(out, spec, string->buffer,
			    wide ? string->length / 2 : string->length, wide);
}

/* Digits of @value, last one at the end of @digits; returns the first. */
static char *digits_of(u64 value, unsigned int base, bool upper, char *digits)
{
	const char *alphabet = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char *first = digits + DIGITS - 1;
	u32 digit;

	*first = '\0';
	while (value) {
		value = div_u64_rem(value, base, &digit);
		*--first = alphabet[digit];
	}
	return first;
}

static void put_number(struct out *out, const struct spec *spec,
		       const char *prefix, const char *digits)
{
	int length = strlen(digits);
	int least = spec->precision >= 0 ? spec->precision : 1;
	int zeros = max(least - length, 0);
	int blanks;

	if (spec->zero && !spec->left && spec->precision < 0)
		zeros = max(zeros, spec->field - length - (int)strlen(prefix));
	blanks = spec->field - length - zeros - (int)strlen(prefix);
	if (!spec->left)
		pad(out, ' ', blanks);
	while (*prefix)
		put(out, *prefix++);
	pad(out, '0', zeros);
	while (*digits)
		put(out, *digits++);
	if (spec->left)
		pad(out, ' ', blanks);
}

static void put_signed(struct out *out, const struct spec *spec, s64 value)
{
	u64 magnitude = value < 0 ? 0 - (u64)value : value;
	const char *sign = "";
	char digits[DIGITS];

	if (value < 0)
		sign = "-";
	else if (spec->plus)
		sign = "+";
	else if (spec->space)
		sign = " ";
	put_number(out, spec, sign, digits_of(magnitude, 10, false, digits));
}

static void put_unsigned(struct out *out, const struct spec *spec, u64 value,
			 char conversion)
{
	unsigned int base = conversion == 'o' ? 8 : conversion == 'u' ? 10 : 16;
	const char *prefix = "";
	char digits[DIGITS];

	if (spec->alternate && base == 16 && value)
		prefix = conversion == 'X' ? "0X" : "0x";
	put_number(out, spec, prefix,
		   digits_of(value, base, conversion == 'X', digits));
}

static void put_pointer(struct out *out, struct spec *spec, u64 value)
{
	spec->precision = 2 * sizeof(void *);
	spec->alternate = false;
	put_unsigned(out, spec, value, 'X');
}

static const char *parse_flags(const char *p, struct spec *spec)
{
	for (;; p++) {
		switch (*p) {
		case '-':
			spec->left = true;
			break;
		case '+':
			spec->plus = true;
			break;
		case ' ':
			spec->space = true;
			break;
		case '#':
			spec->alternate = true;
			break;
		case '0':
			spec->zero = true;
			break;
		default:
			return p;
		}
	}
}

static const char *parse_count(const char *p, int *count)
{
	for (*count = 0; isdigit(*p); p++)
		if (*count < U16_MAX)
			*count = *count * 10 + (*p - '0');
	return p;
}

static const char *parse_width(const char *p, struct spec *spec)
{
	static const struct {
		const char *text;
		enum width width;
	} widths[] = {
		{ "I64", WIDTH_64 }, { "I32", WIDTH_DEFAULT },
		{ "ll", WIDTH_64 },  { "hh", WIDTH_SHORT },
		{ "I", WIDTH_64 },   { "j", WIDTH_64 },
		{ "z", WIDTH_64 },   { "t", WIDTH_64 },
		{ "l", WIDTH_LONG }, { "h", WIDTH_SHORT },
		{ "w", WIDTH_WIDE },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(widths); i++) {
		size_t length = strlen(widths[i].text);

		if (strncmp(p, widths[i].text, length))
			continue;
		spec->width = widths[i].width;
		return p + length;
	}
	return p;
}

/*
 * A va_list that functions can share: as a parameter it may be an array, whose
 * address is not that of the caller's.
 */
struct arguments {
	va_list list;
};

/* Everything between the percent sign and the conversion character. */
static const char *parse_spec(const char *p, struct spec *spec,
			      struct arguments *args)
{
	*spec = (struct spec){ .precision = -1 };
	p = parse_flags(p, spec);
	if (*p == '*') {
		spec->field = clamp(va_arg(args->list, int), -PAD_MAX, PAD_MAX);
		p++;
	} else {
		p = parse_count(p, &spec->field);
	}
	if (spec->field < 0) {
		spec->left = true;
		spec->field = -spec->field;
	}
	if (*p == '.') {
		if (*++p == '*') {
			spec->precision = va_arg(args->list, int);
			p++;
		} else {
			p = parse_count(p, &spec->precision);
		}
		spec->precision = min(spec->precision, PAD_MAX);
	}
	return parse_width(p, spec);
}

static s64 signed_argument(const struct spec *spec, struct arguments *args)
{
	if (spec->width == WIDTH_64)
		return va_arg(args->list, s64);
	if (spec->width == WIDTH_SHORT)
		return (s16)va_arg(args->list, int);
	return va_arg(args->list, int);
}

static u64 unsigned_argument(const struct spec *spec, struct arguments *args)
{
	if (spec->width == WIDTH_64)
		return va_arg(args->list, u64);
	if (spec->width == WIDTH_SHORT)
		return (u16)va_arg(args->list, unsigned int);
	return va_arg(args->list, unsigned int);
}

/* S and C mean the other kind of character, unless a width says which. */
static bool is_wide(const struct spec *spec, char conversion)
{
	if (spec->width == WIDTH_SHORT)
		return false;
	return spec->width == WIDTH_LONG || spec->width == WIDTH_WIDE ||
	       isupper(conversion);
}

static void put_character(struct out *out, const struct spec *spec, u16 c,
			  bool wide)
{
	char text = wide ? narrow(c) : (char)c;

	out->wide |= wide;
	put_counted(out, spec, &text, 1, false);
}

/* False if @conversion is none. */
static bool convert(struct out *out, struct spec *spec, char conversion,
		    struct arguments *args)
{
	switch (conversion) {
	case 'd':
	case 'i':
		put_signed(out, spec, signed_argument(spec, args));
		return true;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(out, spec, unsigned_argument(spec, args),
			     conversion);
		return true;
	case 'p':
		put_pointer(out, spec, va_arg(args->list, unsigned long));
		return true;
	case 's':
	case 'S':
		put_string(out, spec, va_arg(args->list, void *),
			   is_wide(spec, conversion));
		return true;
	case 'c':
	case 'C':
		put_character(out, spec, va_arg(args->list, int),
			      is_wide(spec, conversion));
		return true;
	case 'Z':
		put_counted_string(out, spec, va_arg(args->list, void *));
		return true;
	default:
		return false;
	}
}

/**
 * nts_format() - text from a Windows format string
 * @text: receives the text, always terminated
 * @size: room in bytes, at least 1; what does not fit is cut off
 * @format: format string, Windows rules: l is 32 bits, w and S are UTF-16
 * @args: arguments
 * @wide: set to whether a conversion read characters of 16 bits
 *
 * Context: any; reads only @format and what its conversions designate.
 * Return: length of the text without the terminator.
 * Source: Format specification syntax; G-DBG-02.
 * Test: ntshim_report:windows_formats_are_understood
 */
size_t nts_format(char *text, size_t size, const char *format, va_list args,
		  bool *wide)
{
	struct out out = { .text = text, .size = size };
	struct arguments shared;
	const char *p = format;
	const char *start;
	struct spec spec;

	va_copy(shared.list, args);
	while (*p) {
		if (*p != '%' || p[1] == '%') {
			p += *p == '%';
			put(&out, *p++);
			continue;
		}
		start = p;
		p = parse_spec(p + 1, &spec, &shared);
		if (!convert(&out, &spec, *p, &shared)) {
			while (*start)
				put(&out, *start++);
			break;
		}
		p++;
	}
	va_end(shared.list);
	text[out.length] = '\0';
	*wide = out.wide;
	return out.length;
}
NTS_EXPORT_INTERNAL(nts_format);
