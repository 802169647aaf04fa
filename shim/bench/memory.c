// SPDX-License-Identifier: GPL-2.0
/*
 * What objects and waits take, in bytes. The size of the module's code is in
 * its file, where scripts/bench looks for it.
 */

#include "../compat.h"

#include <linux/completion.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/wait.h>

#include "../systimer.h"
#include "../wait.h"
#include "bench.h"

/**
 * bench_memory() - sizes of what a driver holds, and of a wait in progress
 *
 * Context: process.
 * Return: 0.
 */
int bench_memory(void)
{
	bench_value("bytes_timer", 0, "raw", sizeof(struct hrtimer));
	bench_value("bytes_timer", 0, "nt", NT_LAYOUT_KTIMER_SIZE);
	bench_value("bytes_dpc", 0, "raw", sizeof(struct tasklet_struct));
	bench_value("bytes_dpc", 0, "nt", NT_LAYOUT_KDPC_SIZE);
	bench_value("bytes_event", 0, "raw", sizeof(struct completion));
	bench_value("bytes_event", 0, "nt", NT_LAYOUT_KEVENT_SIZE);
	bench_value("bytes_ex_timer", 0, "nt", sizeof(struct nts_systimer));
	bench_value("bytes_wait", 1, "raw", sizeof(struct wait_queue_entry));
	bench_value("bytes_wait", 1, "nt",
		    sizeof(struct nts_wait) + sizeof(struct nts_wait_block));
	bench_value("bytes_timed_wait", 1, "nt",
		    sizeof(struct nts_wait) + sizeof(struct nts_wait_block) +
			    sizeof(struct nts_timer));
	bench_value("bytes_wait_more", 1, "nt", sizeof(struct nts_wait_block));
	return 0;
}
