/* SPDX-License-Identifier: GPL-2.0 */
/* How other parts of the library free what a driver allocated through them. */
#ifndef NTSHIM_EX_POOL_H
#define NTSHIM_EX_POOL_H

#include <linux/types.h>

void nts_pool_free_checked(void *block, u32 tag, unsigned long caller);

#endif /* NTSHIM_EX_POOL_H */
