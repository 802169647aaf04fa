/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects that are in use in memory that a driver frees.
 */
#ifndef NTSHIM_FREE_CHECK_H
#define NTSHIM_FREE_CHECK_H

#include <linux/types.h>

bool nts_free_check(void *block, size_t size, unsigned long caller);

#endif /* NTSHIM_FREE_CHECK_H */
