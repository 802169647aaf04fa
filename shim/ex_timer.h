/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What ex_timer.c exports, in Linux types of the same ABI; see ke_api.h. A
 * PEX_TIMER is the address of a struct nts_systimer.
 */
#ifndef NTSHIM_EX_TIMER_H
#define NTSHIM_EX_TIMER_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"
#include "systimer.h"

/**
 * struct nts_ext_set - EXT_SET_PARAMETERS
 * @version: NT_LAYOUT_EXT_VERSION
 * @reserved: 0
 * @tolerance_100ns: -1: endless; 0: none
 */
struct nts_ext_set {
	u32 version;
	u32 reserved;
	s64 tolerance_100ns;
};

static_assert(sizeof(struct nts_ext_set) == NT_LAYOUT_EXT_SET_SIZE);
static_assert(offsetof(struct nts_ext_set, tolerance_100ns) ==
	      NT_LAYOUT_EXT_SET_TOLERANCE);

/**
 * struct nts_ext_delete - EXT_DELETE_PARAMETERS
 * @version: NT_LAYOUT_EXT_VERSION
 * @reserved: 0
 * @callback: delete callback or NULL
 * @context: its argument
 */
struct nts_ext_delete {
	u32 version;
	u32 reserved;
	nts_systimer_end_fn callback;
	void *context;
};

static_assert(sizeof(struct nts_ext_delete) == NT_LAYOUT_EXT_DELETE_SIZE);
static_assert(offsetof(struct nts_ext_delete, callback) ==
	      NT_LAYOUT_EXT_DELETE_CALLBACK);
static_assert(offsetof(struct nts_ext_delete, context) ==
	      NT_LAYOUT_EXT_DELETE_CONTEXT);

struct nts_systimer *ExAllocateTimer(nts_systimer_fn callback, void *context,
				     u32 attributes);
u8 ExSetTimer(struct nts_systimer *timer, s64 due_100ns, s64 period_100ns,
	      const struct nts_ext_set *parameters);
u8 ExCancelTimer(struct nts_systimer *timer, const void *parameters);
u8 ExDeleteTimer(struct nts_systimer *timer, u8 cancel, u8 wait,
		 const struct nts_ext_delete *parameters);

#endif /* NTSHIM_EX_TIMER_H */
