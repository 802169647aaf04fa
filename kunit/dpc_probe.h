/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A DPC that notes how it was called, for the suites about DPCs.
 */
#ifndef NTSHIM_KUNIT_DPC_PROBE_H
#define NTSHIM_KUNIT_DPC_PROBE_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/jiffies.h>

#include "../shim/dpc.h"

/* Before something that must happen is called lost. */
#define PATIENCE (30 * HZ)

/**
 * struct nts_probe - a DPC that notes how it was called
 * @dpc: the object
 * @done: completed at the end of each run
 * @go: while 0, a routine that spins goes on
 * @runs: how often the routine was entered
 * @inside: how many runs are in progress
 * @most_inside: greatest value of @inside
 * @seen_dpc: argument
 * @seen_arg1: argument
 * @seen_arg2: argument
 * @cpu: where it ran
 * @irql: at which level
 * @status: result of what the routine called
 * @executing: KeIsExecutingDpc() there
 * @irqs_on: interrupts were enabled
 * @in_softirq: it ran in a softirq
 * @realtime: its task has a real-time policy
 */
struct nts_probe {
	struct nts_dpc dpc;
	struct completion done;
	atomic_t go;
	atomic_t runs;
	atomic_t inside;
	atomic_t most_inside;
	struct nts_dpc *seen_dpc;
	void *seen_arg1;
	void *seen_arg2;
	unsigned int cpu;
	u8 irql;
	s32 status;
	u32 executing;
	bool irqs_on;
	bool in_softirq;
	bool realtime;
};

void nts_probe_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2);
struct nts_probe *nts_probe_new(struct kunit *test, nts_dpc_fn routine);
void nts_probe_await(struct kunit *test, struct completion *done);
void nts_probe_enter(struct nts_probe *p);
unsigned int nts_probe_other_cpu(struct kunit *test);

#endif /* NTSHIM_KUNIT_DPC_PROBE_H */
