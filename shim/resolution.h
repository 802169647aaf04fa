/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who wants the clock tick shorter than its default. Owns the account of the
 * requests; the tick itself is clock.h's.
 */
#ifndef NTSHIM_RESOLUTION_H
#define NTSHIM_RESOLUTION_H

#include <linux/types.h>

struct module;

u32 nts_resolution_request(unsigned long caller, u32 desired_100ns);
bool nts_resolution_release(unsigned long caller);
unsigned int nts_resolution_drop(struct module *mod);
void nts_resolution_stop(void);

#endif /* NTSHIM_RESOLUTION_H */
