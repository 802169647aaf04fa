// SPDX-License-Identifier: GPL-2.0
/*
 * Start and end of ntshim.ko: brings the parts up in order and takes them down
 * in exactly the reverse order. No logic of its own.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/init.h>
#include <linux/module.h>
#include <linux/printk.h>

#include "bugcheck_callback.h"
#include "callback.h"
#include "clock.h"
#include "debugfs.h"
#include "dispatcher.h"
#include "dpc.h"
#include "ex_lookaside.h"
#include "ex_slist.h"
#include "ob_handle.h"
#include "park.h"
#include "pool.h"
#include "ps_foreign.h"
#include "ps_thread.h"
#include "resolution.h"
#include "rtl_dbgprint.h"
#include "systimer.h"
#include "timer.h"
#include "verifier.h"
#include "version.h"
#include "work.h"

static int __init ntshim_init(void)
{
	int ret;

	ret = nts_clock_start();
	if (ret)
		return ret;
	nts_dispatcher_init();
	nts_park_start();
	nts_thread_start();
	nts_slist_start();
	ret = nts_work_start();
	if (ret)
		return ret;
	ret = nts_dpc_start();
	if (ret) {
		nts_work_stop();
		return ret;
	}
	nts_timer_start();
	nts_callback_start();
	nts_bugcheck_callbacks_start();
	nts_debugfs_start();
	nts_verifier_start();
	pr_info("version %s\n", NTSHIM_VERSION);
	return 0;
}

static void __exit ntshim_exit(void)
{
	nts_debugfs_stop();
	nts_bugcheck_callbacks_stop();
	nts_systimer_stop();
	nts_timer_stop();
	nts_dpc_stop();
	nts_work_stop();
	nts_object_stop();
	nts_foreign_stop();
	nts_lookaside_stop();
	nts_pool_stop();
	nts_resolution_stop();
	nts_dbgprint_finish(NULL);
	pr_info("unloaded\n");
}

module_init(ntshim_init);
module_exit(ntshim_exit);

MODULE_DESCRIPTION("KTIMER, EX_TIMER, KDPC and kernel waits with NT semantics");
MODULE_VERSION(NTSHIM_VERSION);
MODULE_LICENSE("GPL");
