/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blocks of pool memory, counted by the place that allocated them. Knows
 * nothing of Windows' flags and pool types.
 */
#ifndef NTSHIM_POOL_H
#define NTSHIM_POOL_H

#include <linux/gfp.h>
#include <linux/types.h>

struct module;

/**
 * struct nts_pool_request - one allocation
 * @size: bytes, not 0
 * @tag: remembered
 * @aligned: at least to a cache line
 * @paged: remembered; the memory is the same
 * @gfp: __GFP_ZERO or 0
 * @caller: address in the driver, which the block is counted for
 */
struct nts_pool_request {
	size_t size;
	u32 tag;
	bool aligned;
	bool paged;
	gfp_t gfp;
	unsigned long caller;
};

/**
 * struct nts_pool_block - what is known of a block
 * @size: bytes, as asked for
 * @tag: as allocated
 * @paged: as allocated
 */
struct nts_pool_block {
	size_t size;
	u32 tag;
	bool paged;
};

/**
 * struct nts_pool_usage - what a driver has allocated
 * @blocks: how many there are
 * @bytes: their sizes, as asked for, summed up
 */
struct nts_pool_usage {
	long blocks;
	long bytes;
};

void *nts_pool_allocate(const struct nts_pool_request *request);
bool nts_pool_find(const void *block, struct nts_pool_block *found);
bool nts_pool_free(void *block);

void nts_pool_forget_driver(const struct module *mod);
void nts_pool_sum(const struct module *mod, struct nts_pool_usage *sum);
void nts_pool_stop(void);

#endif /* NTSHIM_POOL_H */
