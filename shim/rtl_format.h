/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows format strings. Never handed to printk: its %p extensions would read
 * them otherwise and dereference arguments.
 */
#ifndef NTSHIM_RTL_FORMAT_H
#define NTSHIM_RTL_FORMAT_H

#include <linux/stdarg.h>
#include <linux/types.h>

size_t nts_format(char *text, size_t size, const char *format, va_list args,
		  bool *wide);

#endif /* NTSHIM_RTL_FORMAT_H */
