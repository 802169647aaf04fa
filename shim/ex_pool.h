/* SPDX-License-Identifier: GPL-2.0 */
/* Pool blocks that a driver gets and frees through other parts of the library. */
#ifndef NTSHIM_EX_POOL_H
#define NTSHIM_EX_POOL_H

#include <linux/types.h>

void *nts_pool_allocate_checked(int type, size_t size, u32 tag,
				unsigned long caller);
void nts_pool_free_checked(void *block, u32 tag, unsigned long caller);

#endif /* NTSHIM_EX_POOL_H */
