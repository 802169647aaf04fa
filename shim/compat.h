/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that knows kernel versions. Each entry says what changed and
 * when, so that it can go when the lower bound moves.
 */
#ifndef NTSHIM_COMPAT_H
#define NTSHIM_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "ntshim needs Linux 6.1 or later"
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 4, 0)
#error "ntshim is not tested on this kernel: the newest is Linux 7.3"
#endif

#include <linux/hrtimer.h>

/* 6.13 introduced hrtimer_setup(); 6.15 removed hrtimer_init(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

/*
 * What an event's processor takes its clock to be ahead of running time, in ns.
 * 7.3 keeps that to itself, and keeps it right: @otherwise.
 */
static inline s64 nts_event_offset(const struct hrtimer *event, s64 otherwise)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 3, 0)
	return event->base->offset;
#else
	return otherwise;
#endif
}

/* 6.2 renamed del_timer() and del_timer_sync(); 6.15 removed the old names. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete(timer) del_timer(timer)
#define timer_delete_sync(timer) del_timer_sync(timer)
#endif

/* 6.3 introduced list_count_nodes(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 3, 0)
#include <linux/list.h>

static inline size_t list_count_nodes(struct list_head *head)
{
	struct list_head *entry;
	size_t count = 0;

	list_for_each(entry, head)
		count++;
	return count;
}
#endif

/* 6.4 replaced struct module's core_layout by an array of memory regions. */
#include <linux/module.h>

static inline void *nts_module_text(const struct module *mod, u32 *size)
{
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 4, 0)
	*size = mod->core_layout.text_size;
	return mod->core_layout.base;
#else
	*size = mod->mem[MOD_TEXT].size;
	return mod->mem[MOD_TEXT].base;
#endif
}

/*
 * Symbols for our own modules (device, tests, benchmark), kept from drivers by
 * a namespace. 6.13 turned the namespace from a token into a string.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define NTS_EXPORT_INTERNAL(sym) EXPORT_SYMBOL_NS_GPL(sym, NTSHIM_INTERNAL)
#define NTS_IMPORT_INTERNAL() MODULE_IMPORT_NS(NTSHIM_INTERNAL)
#else
#define NTS_EXPORT_INTERNAL(sym) EXPORT_SYMBOL_NS_GPL(sym, "NTSHIM_INTERNAL")
#define NTS_IMPORT_INTERNAL() MODULE_IMPORT_NS("NTSHIM_INTERNAL")
#endif

/* 6.2 introduced comparisons of memory in KUnit. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define KUNIT_EXPECT_MEMEQ(test, left, right, size) \
	KUNIT_EXPECT_EQ(test, memcmp(left, right, size), 0)
#endif

/* 6.6 introduced marks for slow cases. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define KUNIT_CASE_SLOW(fn) KUNIT_CASE(fn)
#endif

/* 6.14 let the caller say whether the suite runs at once. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define nts_kunit_run_suite(suite) __kunit_test_suites_init(suite, 1)
#else
#define nts_kunit_run_suite(suite) __kunit_test_suites_init(suite, 1, true)
#endif

/*
 * 6.7 let commands of io_uring be cancelled when their ring goes, without which
 * none may wait; 6.8 moved them to a header of their own; 6.18 dropped a
 * parameter of io_uring_cmd_done(); 6.19 gave task work the type of io_uring's
 * own.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 8, 0) && IS_ENABLED(CONFIG_IO_URING)
#define NTS_HAS_URING_CMD 1
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#define NTS_URING_CMD_DONE(cmd, res, flags) io_uring_cmd_done(cmd, res, flags)
#else
#define NTS_URING_CMD_DONE(cmd, res, flags) \
	io_uring_cmd_done(cmd, res, 0, flags)
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
#define NTS_URING_TASK_FN(name, fn)                                 \
	static void name(struct io_tw_req req, io_tw_token_t token) \
	{                                                           \
		fn(io_uring_cmd_from_tw(req),                       \
		   IO_URING_CMD_TASK_WORK_ISSUE_FLAGS);             \
	}
#else
#define NTS_URING_TASK_FN(name, fn)                                    \
	static void name(struct io_uring_cmd *cmd, unsigned int flags) \
	{                                                              \
		fn(cmd, flags);                                        \
	}
#endif

#endif /* NTSHIM_COMPAT_H */
