/* SPDX-License-Identifier: GPL-2.0 */
/* How the tasklet of a processor's DPCs is raised from hard interrupts. */
#ifndef NTSHIM_DPC_RAISE_H
#define NTSHIM_DPC_RAISE_H

struct tasklet_struct;

void nts_dpc_raise(struct tasklet_struct *tasklet);
int nts_dpc_raise_start(void);
void nts_dpc_raise_stop(void);

#endif /* NTSHIM_DPC_RAISE_H */
