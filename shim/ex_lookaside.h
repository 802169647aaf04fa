/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lookaside lists: their form in driver memory, and what is done about those
 * that a driver forgets. Routines in Linux types of the same ABI.
 */
#ifndef NTSHIM_EX_LOOKASIDE_H
#define NTSHIM_EX_LOOKASIDE_H

#include <linux/types.h>

struct module;
struct nts_lookaside;

/* ALLOCATE_FUNCTION(_EX) and FREE_FUNCTION(_EX); the forms without _EX ignore @list. */
typedef void *(*nts_lookaside_allocate_fn)(int type, size_t size, u32 tag,
					   struct nts_lookaside *list);
typedef void (*nts_lookaside_free_fn)(void *block, struct nts_lookaside *list);

/**
 * struct nts_lookaside - LOOKASIDE_LIST_EX, and the two older kinds
 * @magic: LOOKASIDE_MAGIC from initialisation to deletion
 * @type: POOL_TYPE of its blocks, with flags
 * @size: of a block in bytes
 * @tag: of its blocks
 * @allocate: the driver's own; NULL: from the pool
 * @free: the driver's own; NULL: to the pool
 * @reserved: not used
 *
 * Memory of the driver. Nothing of the library points to it.
 */
struct nts_lookaside {
	u32 magic;
	int type;
	size_t size;
	u32 tag;
	nts_lookaside_allocate_fn allocate;
	nts_lookaside_free_fn free;
	void *reserved[7];
};

s32 ExInitializeLookasideListEx(struct nts_lookaside *list,
				nts_lookaside_allocate_fn allocate,
				nts_lookaside_free_fn free, int type, u32 flags,
				size_t size, u32 tag, u16 depth);
void ExDeleteLookasideListEx(struct nts_lookaside *list);
void ExFlushLookasideListEx(struct nts_lookaside *list);
void *ExAllocateFromLookasideListEx(struct nts_lookaside *list);
void ExFreeToLookasideListEx(struct nts_lookaside *list, void *block);
void ExInitializeNPagedLookasideList(struct nts_lookaside *list,
				     nts_lookaside_allocate_fn allocate,
				     nts_lookaside_free_fn free, u32 flags,
				     size_t size, u32 tag, u16 depth);
void ExInitializePagedLookasideList(struct nts_lookaside *list,
				    nts_lookaside_allocate_fn allocate,
				    nts_lookaside_free_fn free, u32 flags,
				    size_t size, u32 tag, u16 depth);

bool nts_lookaside_forget_inside(const void *start, size_t size);
void nts_lookaside_finish_driver(const struct module *mod);
void nts_lookaside_stop(void);

#endif /* NTSHIM_EX_LOOKASIDE_H */
