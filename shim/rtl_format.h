/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows format strings. Never handed to printk: its %p extensions would read
 * them otherwise and dereference arguments.
 */
#ifndef NTSHIM_RTL_FORMAT_H
#define NTSHIM_RTL_FORMAT_H

#include <linux/stdarg.h>
#include <linux/types.h>

/**
 * struct nts_text - text under construction
 * @narrow: characters of 8 bits go here; NULL: those of 16 do
 * @wide: they go here; NULL: those of 8 do
 * @room: for so many characters
 * @length: characters so far
 * @read_wide: a conversion read characters of 16 bits
 * @cut: there was no room for all
 */
struct nts_text {
	char *narrow;
	u16 *wide;
	size_t room;
	size_t length;
	bool read_wide;
	bool cut;
};

void nts_text_format(struct nts_text *text, const void *format, va_list args);
size_t nts_format(char *text, size_t size, const char *format, va_list args,
		  bool *wide);

#endif /* NTSHIM_RTL_FORMAT_H */
