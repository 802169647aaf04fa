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
 * struct nts_irql_raised - what a driver has raised in one kind of context
 * @flags: interrupt state before @irqs was set
 * @since_ns: when @bottom_halves was set, or 0: the verifier was off
 * @level: device level asked for; meaningful while @irqs is set
 * @below: the thread's level when @bottom_halves was set
 * @irqs: interrupts are disabled on the driver's behalf
 * @bottom_halves: bottom halves are disabled on the driver's behalf
 * @pending: bit of each level that a raise has left and no lower gone back to;
 *	kept in strict mode
 */
struct nts_irql_raised {
	unsigned long flags;
	u64 since_ns;
	u8 level;
	u8 below;
	bool irqs;
	bool bottom_halves;
	u16 pending;
};

/**
 * struct nts_irql_mark - the context in which a callback was entered
 * @preempt: preempt_count()
 * @softirqs: softirq_count(), on PREEMPT_RT not a part of @preempt
 * @irqs_off: interrupts were disabled
 * @level: level of the thread, meaningful below DISPATCH_LEVEL
 */
struct nts_irql_mark {
	int preempt;
	int softirqs;
	bool irqs_off;
	u8 level;
};

u8 nts_irql_current(void);
u8 nts_irql_raise_to_dispatch(void);
void nts_irql_lower(u8 level, unsigned long caller);
void nts_irql_mark(struct nts_irql_mark *mark);
bool nts_irql_restore(const struct nts_irql_mark *mark);

#endif /* NTSHIM_IRQL_H */
