/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A second thread on the caller's processor, which answers.
 */
#ifndef NTSHIM_BENCH_PEER_H
#define NTSHIM_BENCH_PEER_H

#include <linux/types.h>

struct task_struct;

/**
 * struct bench_peer - a thread that answers until it is stopped
 * @answer: waits for the other side, then answers it
 * @ping: what makes @answer return, for the end
 * @task: the thread
 * @stop: it shall end after its next answer
 */
struct bench_peer {
	void (*answer)(void);
	void (*ping)(void);
	struct task_struct *task;
	bool stop;
};

int bench_peer_start(struct bench_peer *peer);
void bench_peer_stop(struct bench_peer *peer);

#endif /* NTSHIM_BENCH_PEER_H */
