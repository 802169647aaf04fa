/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the sequenced lists export to drivers, in Linux types, and what they
 * have for the module's own life.
 */
#ifndef NTSHIM_EX_SLIST_H
#define NTSHIM_EX_SLIST_H

#include <linux/types.h>

struct nts_slist;
struct nts_slist_entry;

void InitializeSListHead(struct nts_slist *list);
struct nts_slist_entry *ExpInterlockedPushEntrySList(struct nts_slist *list,
						     struct nts_slist_entry
							     *entry);
struct nts_slist_entry *ExpInterlockedPopEntrySList(struct nts_slist *list);
struct nts_slist_entry *ExpInterlockedFlushSList(struct nts_slist *list);
u16 ExQueryDepthSList(struct nts_slist *list);
void FatalListEntryError(void *entry, void *neighbour, void *found);

void nts_slist_start(void);

#endif /* NTSHIM_EX_SLIST_H */
