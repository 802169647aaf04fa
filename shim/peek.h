/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Looks at memory of which only a driver knows what it is.
 */
#ifndef NTSHIM_PEEK_H
#define NTSHIM_PEEK_H

#include <linux/kasan.h>
#include <linux/uaccess.h>

/**
 * nts_peek() - read memory that may be freed, foreign or not there at all
 * @value: where to put it
 * @from: a kernel address that a driver has given, or that was found in memory
 *	which it has given
 * @size: in bytes
 *
 * What is read is a hint, to be checked by what it leads to. Init routines are
 * given memory of any content: old pointers in it lead into memory that has
 * been freed since. That is no error, so KASAN is not to see it.
 *
 * Context: any.
 * Return: true if it could be read.
 */
static inline bool nts_peek(void *value, const void *from, size_t size)
{
	bool was_read;

	kasan_disable_current();
	was_read = !copy_from_kernel_nofault(value, from, size);
	kasan_enable_current();
	return was_read;
}

#endif /* NTSHIM_PEEK_H */
