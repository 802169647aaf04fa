// SPDX-License-Identifier: GPL-2.0
/*
 * The second thread of a round trip.
 */

#include "../compat.h"

#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched/task.h>
#include <linux/smp.h>

#include "peer.h"

static int peer_main(void *data)
{
	struct bench_peer *peer = data;

	while (!READ_ONCE(peer->stop))
		peer->answer();
	return 0;
}

/**
 * bench_peer_start() - start a peer on the caller's processor
 * @peer: with its functions filled in
 *
 * Context: process, bound to a processor.
 * Return: 0, or a negative errno.
 */
int bench_peer_start(struct bench_peer *peer)
{
	struct task_struct *task;

	task = kthread_create(peer_main, peer, "ntshim-bench");
	if (IS_ERR(task))
		return PTR_ERR(task);
	/* It ends by itself, maybe before it is waited for. */
	peer->task = get_task_struct(task);
	kthread_bind(task, raw_smp_processor_id());
	wake_up_process(task);
	return 0;
}

/**
 * bench_peer_stop() - end a peer and wait for its end
 * @peer: started, waiting in its answer
 *
 * Its last answer goes to nobody.
 *
 * Context: process, may sleep.
 */
void bench_peer_stop(struct bench_peer *peer)
{
	WRITE_ONCE(peer->stop, true);
	peer->ping();
	kthread_stop(peer->task);
	put_task_struct(peer->task);
}
