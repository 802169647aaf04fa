/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DPCs of a driver that goes: found in the queues, and kept out of them.
 */
#ifndef NTSHIM_DPC_LEFT_H
#define NTSHIM_DPC_LEFT_H

#include <linux/compiler.h>
#include <linux/types.h>

struct module;
struct nts_dpc;

/* Whose DPCs are looked for; NULL nearly always. */
extern const struct module *nts_dpc_leaving;

bool nts_dpc_belongs_to(const struct nts_dpc *dpc, const struct module *mod);
bool nts_dpc_catch(struct nts_dpc *dpc, void *arg1, void *arg2);

/**
 * nts_dpc_is_leaving() - whether a DPC is to be caught
 * @dpc: about to be queued
 *
 * Context: any but NMI; interrupts off.
 * Return: true if it belongs to a driver that goes.
 */
static inline bool nts_dpc_is_leaving(const struct nts_dpc *dpc)
{
	const struct module *mod = READ_ONCE(nts_dpc_leaving);

	return unlikely(mod) && nts_dpc_belongs_to(dpc, mod);
}

/**
 * struct nts_dpc_leftover - a DPC that was removed from a queue for a driver
 * @dpc: its address; may not be read
 * @routine: its routine or NULL; for its symbol
 */
struct nts_dpc_leftover {
	const void *dpc;
	const void *routine;
};

void nts_dpc_left_start(void);
void nts_dpc_catch_begin(const struct module *mod);
void nts_dpc_catch_end(void);
bool nts_dpc_take_leftover(const struct module *mod,
			   struct nts_dpc_leftover *found);

#endif /* NTSHIM_DPC_LEFT_H */
