// SPDX-License-Identifier: GPL-2.0
/*
 * The second thread of a round trip. Both have the same real-time priority, so
 * that a wake-up never takes the processor away: a round trip is two switches,
 * and not as many as a fair scheduler thinks right at the moment.
 */

#include "../compat.h"

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/smp.h>

#include "bench.h"
#include "peer.h"

static int peer_main(void *data)
{
	struct bench_peer *peer = data;

	while (!READ_ONCE(peer->stop))
		peer->answer();
	return 0;
}

static int start(struct bench_peer *peer)
{
	struct task_struct *task;

	task = kthread_create(peer_main, peer, "ntshim-bench");
	if (IS_ERR(task))
		return PTR_ERR(task);
	/* It ends by itself, maybe before it is waited for. */
	peer->task = get_task_struct(task);
	kthread_bind(task, raw_smp_processor_id());
	sched_set_fifo(task);
	wake_up_process(task);
	return 0;
}

/* Its last answer goes to nobody. */
static void stop(struct bench_peer *peer)
{
	WRITE_ONCE(peer->stop, true);
	peer->ping();
	kthread_stop(peer->task);
	put_task_struct(peer->task);
}

/**
 * bench_peer_measure() - measure with a peer for each side
 * @c: the case
 * @raw: answers the raw side, with its functions filled in
 * @nt: answers ours
 *
 * Both are on the caller's processor and wait while the other's side is
 * measured.
 *
 * Context: process, bound to a processor; sleeps.
 * Return: 0, or a negative errno.
 */
int bench_peer_measure(const struct bench_case *c, struct bench_peer *raw,
		       struct bench_peer *nt)
{
	int ret = start(raw);

	if (ret)
		return ret;
	ret = start(nt);
	if (!ret) {
		sched_set_fifo(current);
		ret = bench_measure(c);
		sched_set_normal(current, 0);
		stop(nt);
	}
	stop(raw);
	return ret;
}
