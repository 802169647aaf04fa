// SPDX-License-Identifier: GPL-2.0
/*
 * Turns Windows format strings and their arguments into text. Pure: output goes
 * to the caller's buffer only. Format and text have characters of one size.
 *
 * long is 32 bits wide here, wchar_t 16. A conversion that is unknown ends the
 * reading of arguments: the rest of the format is copied as it stands.
 */

#include "compat.h"

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

/* Wider than any text; sums of two still fit. */
#define PAD_MAX 0x40000000

static void put(struct nts_text *text, u16 c)
{
	if (text->length >= text->room) {
		text->cut = true;
		return;
	}
	if (text->wide)
		text->wide[text->length++] = c;
	else
		text->narrow[text->length++] = c;
}

static void pad(struct nts_text *text, char c, int count)
{
	while (count-- > 0 && !text->cut)
		put(text, c);
}

/* A wide character that 8 bits do not show becomes a question mark. */
static u16 fitting(const struct nts_text *text, u16 c)
{
	return text->wide || c < 0x80 ? c : '?';
}

static u16 character_at(const struct nts_text *text, const void *from, int i,
			bool wide)
{
	return wide ? fitting(text, ((const u16 *)from)[i]) :
		      ((const u8 *)from)[i];
}

static void put_counted(struct nts_text *text, const struct spec *spec,
			const void *from, int length, bool wide)
{
	int i;

	text->read_wide |= wide;
	if (spec->precision >= 0)
		length = min(length, spec->precision);
	if (!spec->left)
		pad(text, ' ', spec->field - length);
	for (i = 0; i < length && !text->cut; i++)
		put(text, character_at(text, from, i, wide));
	if (spec->left)
		pad(text, ' ', spec->field - length);
}

static int wide_length(const u16 *from, int limit)
{
	int length = 0;

	while (length < limit && from[length])
		length++;
	return length;
}

static void put_string(struct nts_text *text, const struct spec *spec,
		       const void *from, bool wide)
{
	/* One more than there is room for shows that it is cut. */
	int limit = spec->precision >= 0 ? spec->precision : text->room + 1;

	if (!from)
		put_counted(text, spec, "(null)", 6, false);
	else
		put_counted(text, spec, from,
			    wide ? wide_length(from, limit) :
				   (int)strnlen(from, limit),
			    wide);
}

static void put_counted_string(struct nts_text *text, const struct spec *spec,
			       const struct counted_string *string)
{
	bool wide = spec->width == WIDTH_WIDE || spec->width == WIDTH_LONG;

	if (!string || !string->buffer)
		put_counted(text, spec, "(null)", 6, false);
	else
		put_counted(text, spec, string->buffer,
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

static void put_number(struct nts_text *text, const struct spec *spec,
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
		pad(text, ' ', blanks);
	while (*prefix)
		put(text, *prefix++);
	pad(text, '0', zeros);
	while (*digits)
		put(text, *digits++);
	if (spec->left)
		pad(text, ' ', blanks);
}

static void put_signed(struct nts_text *text, const struct spec *spec,
		       s64 value)
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
	put_number(text, spec, sign, digits_of(magnitude, 10, false, digits));
}

static void put_unsigned(struct nts_text *text, const struct spec *spec,
			 u64 value, char conversion)
{
	unsigned int base = conversion == 'o' ? 8 : conversion == 'u' ? 10 : 16;
	const char *prefix = "";
	char digits[DIGITS];

	if (spec->alternate && base == 16 && value)
		prefix = conversion == 'X' ? "0X" : "0x";
	put_number(text, spec, prefix,
		   digits_of(value, base, conversion == 'X', digits));
}

static void put_pointer(struct nts_text *text, struct spec *spec, u64 value)
{
	spec->precision = 2 * sizeof(void *);
	spec->alternate = false;
	put_unsigned(text, spec, value, 'X');
}

/**
 * struct source - what is read
 * @at: the rest of the format string
 * @wide: its characters have 16 bits
 * @args: the rest of the arguments. As a parameter a va_list may be an array,
 *	whose address is not that of the caller's; this functions can share.
 */
struct source {
	const void *at;
	bool wide;
	va_list args;
};

static u16 look(const struct source *from, int ahead)
{
	return from->wide ? ((const u16 *)from->at)[ahead] :
			    ((const u8 *)from->at)[ahead];
}

static void skip(struct source *from, int characters)
{
	from->at += from->wide ? characters * sizeof(u16) : characters;
}

static u16 take(struct source *from)
{
	u16 c = look(from, 0);

	skip(from, 1);
	return c;
}

static void parse_flags(struct source *from, struct spec *spec)
{
	for (;; skip(from, 1)) {
		switch (look(from, 0)) {
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
			return;
		}
	}
}

/* A number, or the argument that a star stands for. */
static int parse_count(struct source *from)
{
	int count = 0;

	if (look(from, 0) == '*') {
		skip(from, 1);
		return clamp(va_arg(from->args, int), -PAD_MAX, PAD_MAX);
	}
	for (; look(from, 0) >= '0' && look(from, 0) <= '9'; skip(from, 1))
		if (count < PAD_MAX / 16)
			count = count * 10 + (look(from, 0) - '0');
	return count;
}

static bool starts_with(const struct source *from, const char *word)
{
	int i;

	for (i = 0; word[i]; i++)
		if (look(from, i) != word[i])
			return false;
	return true;
}

static void parse_width(struct source *from, struct spec *spec)
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
		if (!starts_with(from, widths[i].text))
			continue;
		spec->width = widths[i].width;
		skip(from, strlen(widths[i].text));
		return;
	}
}

/* Everything between the percent sign and the conversion character. */
static void parse_spec(struct source *from, struct spec *spec)
{
	*spec = (struct spec){ .precision = -1 };
	parse_flags(from, spec);
	spec->field = parse_count(from);
	if (spec->field < 0) {
		spec->left = true;
		spec->field = -spec->field;
	}
	if (look(from, 0) == '.') {
		skip(from, 1);
		spec->precision = parse_count(from);
	}
	parse_width(from, spec);
}

static s64 signed_argument(const struct spec *spec, struct source *from)
{
	if (spec->width == WIDTH_64)
		return va_arg(from->args, s64);
	if (spec->width == WIDTH_SHORT)
		return (s16)va_arg(from->args, int);
	return va_arg(from->args, int);
}

static u64 unsigned_argument(const struct spec *spec, struct source *from)
{
	if (spec->width == WIDTH_64)
		return va_arg(from->args, u64);
	if (spec->width == WIDTH_SHORT)
		return (u16)va_arg(from->args, unsigned int);
	return va_arg(from->args, unsigned int);
}

/* S and C mean the other kind of character, unless a width says which. */
static bool is_wide(const struct nts_text *text, const struct spec *spec,
		    u16 conversion)
{
	if (spec->width == WIDTH_SHORT)
		return false;
	if (spec->width == WIDTH_LONG || spec->width == WIDTH_WIDE)
		return true;
	return (conversion == 'S' || conversion == 'C') != !!text->wide;
}

static void put_character(struct nts_text *text, const struct spec *spec,
			  int character, bool wide)
{
	u16 wide_one = character;
	u8 narrow_one = character;

	if (wide)
		put_counted(text, spec, &wide_one, 1, true);
	else
		put_counted(text, spec, &narrow_one, 1, false);
}

/* False if @conversion is none. */
static bool convert(struct nts_text *text, struct spec *spec, u16 conversion,
		    struct source *from)
{
	switch (conversion) {
	case 'd':
	case 'i':
		put_signed(text, spec, signed_argument(spec, from));
		return true;
	case 'u':
	case 'x':
	case 'X':
	case 'o':
		put_unsigned(text, spec, unsigned_argument(spec, from),
			     conversion);
		return true;
	case 'p':
		put_pointer(text, spec, va_arg(from->args, unsigned long));
		return true;
	case 's':
	case 'S':
		put_string(text, spec, va_arg(from->args, void *),
			   is_wide(text, spec, conversion));
		return true;
	case 'c':
	case 'C':
		put_character(text, spec, va_arg(from->args, int),
			      is_wide(text, spec, conversion));
		return true;
	case 'Z':
		put_counted_string(text, spec, va_arg(from->args, void *));
		return true;
	default:
		return false;
	}
}

/**
 * nts_text_format() - text from a Windows format string
 * @text: has where to and how much; receives the rest. No end mark is put.
 * @format: format string, Windows rules: l is 32 bits, w is UTF-16, S is the other
 *	kind of character. Its characters are as wide as those of @text.
 * @args: arguments
 *
 * A character of 8 bits is widened as Latin-1; one of 16 that is not ASCII
 * becomes a question mark among those of 8.
 *
 * Context: any; reads only @format and what its conversions designate.
 * Source: Format specification syntax; G-DBG-02.
 * Test: ntshim_report:wide_formats_are_understood
 */
void nts_text_format(struct nts_text *text, const void *format, va_list args)
{
	struct source from = { .at = format, .wide = text->wide };
	struct spec spec;
	const void *start;

	text->length = 0;
	text->read_wide = false;
	text->cut = false;
	va_copy(from.args, args);
	while (look(&from, 0)) {
		if (look(&from, 0) != '%' || look(&from, 1) == '%') {
			skip(&from, look(&from, 0) == '%');
			put(text, take(&from));
			continue;
		}
		start = from.at;
		skip(&from, 1);
		parse_spec(&from, &spec);
		if (!convert(text, &spec, look(&from, 0), &from)) {
			from.at = start;
			while (look(&from, 0))
				put(text, take(&from));
			break;
		}
		skip(&from, 1);
	}
	va_end(from.args);
}
NTS_EXPORT_INTERNAL(nts_text_format);

/**
 * nts_format() - terminated text of 8-bit characters from a Windows format string
 * @text: receives the text, always terminated
 * @size: room in bytes, at least 1; what does not fit is cut off
 * @format: as nts_text_format() has it
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
	struct nts_text out = { .narrow = text, .room = size - 1 };

	nts_text_format(&out, format, args);
	text[out.length] = '\0';
	*wide = out.read_wide;
	return out.length;
}
NTS_EXPORT_INTERNAL(nts_format);
