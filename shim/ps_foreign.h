/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Thread objects of tasks that no driver has made.
 */
#ifndef NTSHIM_PS_FOREIGN_H
#define NTSHIM_PS_FOREIGN_H

#include <linux/types.h>

struct module;
struct nts_thread;
struct pid;

struct nts_thread *nts_foreign_find(const struct pid *pid);
struct nts_thread *nts_foreign_add(gfp_t gfp);
void nts_foreign_watch(void);
bool nts_foreign_forget_mutants(const struct module *mod);

void nts_foreign_stop(void);

#endif /* NTSHIM_PS_FOREIGN_H */
