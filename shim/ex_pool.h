/* SPDX-License-Identifier: GPL-2.0 */
/* What the pool has for the module's own life. */
#ifndef NTSHIM_EX_POOL_H
#define NTSHIM_EX_POOL_H

void nts_pool_stop(void);

#endif /* NTSHIM_EX_POOL_H */
