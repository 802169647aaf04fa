// SPDX-License-Identifier: GPL-2.0
/*
 * Linked last: runs the suites on a kernel whose module loader does not look
 * for them. The list is the section that kunit_test_suites() fills. A thread runs
 * them, so that no process is stuck in insmod: cases suspend the system.
 */

#include "../../shim/compat.h"

#include <kunit/test.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/glob.h>
#include <linux/kthread.h>
#include <linux/module.h>

#include "suites.h"

struct kunit_suite *nts_suites_end[0] __section(".kunit_test_suites");

static char *filter_glob = "*";
module_param(filter_glob, charp, 0444);
MODULE_PARM_DESC(filter_glob,
		 "Run the suites whose name matches (default all)");

static bool running = true;
module_param(running, bool, 0444);
MODULE_PARM_DESC(running, "Read only: whether suites still run");

static DECLARE_COMPLETION(done);

static bool is_wanted(const struct kunit_suite *suite)
{
	return glob_match(filter_glob, suite->name);
}

static int run_suites(void *unused)
{
	struct kunit_suite **suite;

	for (suite = nts_suites_begin; suite < nts_suites_end; suite++)
		if (is_wanted(*suite))
			nts_kunit_run_suite(suite);
	WRITE_ONCE(running, false);
	/* The last instruction of this module on this thread. */
	kthread_complete_and_exit(&done, 0);
}

static int __init start(void)
{
	return PTR_ERR_OR_ZERO(kthread_run(run_suites, NULL, "ntshim-kunit"));
}

static void __exit finish(void)
{
	struct kunit_suite **suite;

	wait_for_completion(&done);
	for (suite = nts_suites_begin; suite < nts_suites_end; suite++)
		if (is_wanted(*suite))
			__kunit_test_suites_exit(suite, 1);
}

module_init(start);
module_exit(finish);
