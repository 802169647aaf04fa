/* SPDX-License-Identifier: GPL-2.0 */
/* What debug output has for the module's own life. */
#ifndef NTSHIM_RTL_DBGPRINT_H
#define NTSHIM_RTL_DBGPRINT_H

#include <linux/types.h>

struct module;

bool nts_dbgprint_limit(u64 key, unsigned long now, unsigned int burst,
			unsigned int *left_out);
bool nts_dbgprint_is_shown(u32 component, u32 level, u32 shown);
void nts_dbgprint_finish_own(void);
void nts_dbgprint_finish(const struct module *mod);

#endif /* NTSHIM_RTL_DBGPRINT_H */
