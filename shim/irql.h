/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt request levels over Linux contexts: what the current level is, and
 * how a callback's context is checked when it has returned.
 */
#ifndef NTSHIM_IRQL_H
#define NTSHIM_IRQL_H

#include <linux/types.h>

/* KIRQL values (I-LVL-02). */
#define NTS_PASSIVE_LEVEL 0
#define NTS_APC_LEVEL 1
#define NTS_DISPATCH_LEVEL 2
#define NTS_DEVICE_LEVEL 11
#define NTS_HIGH_LEVEL 15

/**
 * struct nts_irql_mark - the context in which a callback was entered
 * @preempt: preempt_count()
 * @irqs_off: interrupts were disabled
 * @level: level of the thread, meaningful below DISPATCH_LEVEL
 */
struct nts_irql_mark {
	int preempt;
	bool irqs_off;
	u8 level;
};

u8 nts_irql_current(void);
u8 nts_irql_raise_to_dispatch(void);
void nts_irql_lower(u8 level, unsigned long caller);
void nts_irql_mark(struct nts_irql_mark *mark);
bool nts_irql_restore(const struct nts_irql_mark *mark);

#endif /* NTSHIM_IRQL_H */
