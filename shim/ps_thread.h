/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Thread objects: the record that the library keeps of a task that runs driver
 * code. Threads made by PsCreateSystemThread have it from the start, other
 * tasks get one when they first need it.
 */
#ifndef NTSHIM_PS_THREAD_H
#define NTSHIM_PS_THREAD_H

#include <linux/build_bug.h>
#include <linux/list.h>
#include <linux/types.h>

#include "callback.h"
#include "dispatcher.h"
#include "mutant.h"
#include "ob_handle.h"
#include "verifier_held.h"

struct cpumask;
struct module;
struct pid;

/**
 * struct nts_group_affinity - GROUP_AFFINITY
 * @mask: processors of the group, a bit for each
 * @group: of 64 processors
 * @reserved: not looked at
 */
struct nts_group_affinity {
	u64 mask;
	u16 group;
	u16 reserved[3];
};

/**
 * struct nts_thread - KTHREAD: a task as drivers see it
 * @object: its reference count; a driver's pointer designates @header
 * @header: signaled when the thread has left driver code for good
 * @critical: critical regions it is in; used by the thread alone
 * @guarded: guarded regions it is in; likewise
 * @level: PASSIVE_LEVEL or APC_LEVEL; used by the thread alone
 * @raised: PREEMPT_RT: what it has raised to DISPATCH_LEVEL or above; likewise
 * @owner: what it owns and how it is alerted
 * @held: system threads: what they hold, by the verifier's books
 * @priority_above_normal: as drivers set it, 0 at first
 * @affinity: as drivers set it; mask 0: not set; used by the thread alone
 * @original: processors it might run on before @affinity was first set; NULL
 *	while that is not set; likewise
 * @status: NTSTATUS it ended with; valid once @header is signaled
 * @routine: start routine; NULL: not made by PsCreateSystemThread
 * @context: argument of @routine
 * @entry: context in which @routine was entered
 * @pid: which task
 * @link: other tasks: in the table of such records; system threads: in the list
 *	of running ones until they have left driver code
 */
struct nts_thread {
	struct nts_object object;
	struct nts_header header;
	s32 critical;
	s32 guarded;
	u8 level;
	struct nts_irql_raised raised;
	struct nts_owner owner;
	struct nts_held_book held;
	s32 priority_above_normal;
	struct nts_group_affinity affinity;
	struct cpumask *original;
	s32 status;
	void (*routine)(void *context);
	void *context;
	struct nts_callback entry;
	struct pid *pid;
	struct hlist_node link;
};

static_assert(offsetof(struct nts_thread, header) == sizeof(struct nts_object));

struct nts_thread *nts_thread_current(void);
struct nts_thread *nts_thread_own(void);
struct nts_thread *nts_thread_of_caller(void);
struct nts_thread *nts_thread_own_or_placeholder(void);
bool nts_thread_is_system(void);
bool nts_thread_has_apcs_off(void);
bool nts_thread_is_in_region(void);
bool nts_thread_has_running(const struct module *mod);
bool nts_thread_forget_mutants(const struct module *mod);
bool nts_thread_finish_driver(const struct module *mod,
			      unsigned int patience_ms);

void nts_thread_init(struct nts_thread *thread);
void nts_thread_signal(struct nts_thread *thread);

void nts_thread_start(void);

#endif /* NTSHIM_PS_THREAD_H */
