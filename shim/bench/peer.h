/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A second thread on the caller's processor, which answers.
 */
#ifndef NTSHIM_BENCH_PEER_H
#define NTSHIM_BENCH_PEER_H

#include <linux/types.h>

struct bench_case;
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

int bench_peer_measure(const struct bench_case *c, struct bench_peer *raw,
		       struct bench_peer *nt);

#endif /* NTSHIM_BENCH_PEER_H */
