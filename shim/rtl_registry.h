/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rtl_registry.c exports, in Linux types of the same ABI; see ke_api.h.
 */
#ifndef NTSHIM_RTL_REGISTRY_H
#define NTSHIM_RTL_REGISTRY_H

#include <linux/build_bug.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"

/* PRTL_QUERY_REGISTRY_ROUTINE */
typedef s32 (*nts_registry_fn)(const u16 *name, u32 type, const void *data,
			       u32 length, void *context, void *entry_context);

/**
 * struct nts_registry_query - RTL_QUERY_REGISTRY_TABLE: one value asked for
 * @routine: receives it, or NULL; with NTS_QUERY_NOVALUE, is called without one
 * @flags: NTS_QUERY_*
 * @name: of the value, or of a key, with NTS_QUERY_SUBKEY; ends with a zero
 * @entry_context: for @routine; with NTS_QUERY_DIRECT, receives the value
 * @default_type: of @default_data; NTS_REG_NONE: there is no default; with
 *	NTS_QUERY_TYPECHECK, the type expected in the highest byte
 * @default_data: what to take where there is no such value
 * @default_length: its bytes
 */
struct nts_registry_query {
	nts_registry_fn routine;
	u32 flags;
	const u16 *name;
	void *entry_context;
	u32 default_type;
	const void *default_data;
	u32 default_length;
};

static_assert(sizeof(struct nts_registry_query) ==
	      NT_LAYOUT_REGISTRY_QUERY_SIZE);

/* RelativeTo */
#define NTS_REGISTRY_ABSOLUTE 0
#define NTS_REGISTRY_SERVICES 1
#define NTS_REGISTRY_OPTIONAL 0x80000000u

#define NTS_QUERY_SUBKEY 0x1
#define NTS_QUERY_TOPKEY 0x2
#define NTS_QUERY_REQUIRED 0x4
#define NTS_QUERY_NOVALUE 0x8
#define NTS_QUERY_NOEXPAND 0x10
#define NTS_QUERY_DIRECT 0x20
#define NTS_QUERY_TYPECHECK 0x100
#define NTS_QUERY_TYPECHECK_SHIFT 24

#define NTS_REG_NONE 0
#define NTS_REG_DWORD 4

s32 RtlQueryRegistryValues(u32 relative_to, const u16 *path,
			   const struct nts_registry_query *table,
			   void *context, void *environment);

#endif /* NTSHIM_RTL_REGISTRY_H */
