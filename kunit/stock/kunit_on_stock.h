/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before everything else by KUnit and by our suites when they are
 * built for a kernel that was configured without KUnit. The structures of that
 * kernel must stay as it knows them, so what depends on CONFIG_KUNIT comes in
 * first, and only then is KUnit said to be there.
 */
#ifndef NTSHIM_KUNIT_ON_STOCK_H
#define NTSHIM_KUNIT_ON_STOCK_H

#include <linux/compiler_types.h> /* kbuild includes it later than this */
#include <linux/module.h>
#include <linux/sched.h>

#define CONFIG_KUNIT_MODULE 1
#define CONFIG_KUNIT_DEBUGFS 1
#define CONFIG_KUNIT_DEFAULT_ENABLED 1
#define CONFIG_KUNIT_DEFAULT_TIMEOUT 300
#define CONFIG_KUNIT_DEFAULT_FILTER_GLOB ""
#define CONFIG_KUNIT_DEFAULT_FILTER ""
#define CONFIG_KUNIT_DEFAULT_FILTER_ACTION ""

struct kunit;
struct kunit_suite;

/* In place of current->kunit_test: suites run one at a time. */
extern struct kunit *kunit_on_stock_current;

/* In place of members of struct module, which this kernel never fills in. */
static struct kunit_suite **kunit_on_stock_suites __maybe_unused;
static int kunit_on_stock_num_suites __maybe_unused;

#endif /* NTSHIM_KUNIT_ON_STOCK_H */
