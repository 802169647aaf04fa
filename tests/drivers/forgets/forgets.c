// SPDX-License-Identifier: GPL-2.0
/*
 * A module that is no ported driver, so that nobody looks after it when it goes:
 * it leaves timers armed in memory that stays.
 */

#include "shim/compat.h"

#include <linux/limits.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "shim/ke_api.h"
#include "shim/timer.h"

/* Soon, so that the library's end races with an expiry; late; never. */
static const s64 dues_100ns[] = { -1000, -36000000000, S64_MIN };

static int __init forgets_init(void)
{
	struct nts_timer *timer;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(dues_100ns); i++) {
		timer = kmalloc(NT_LAYOUT_KTIMER_SIZE, GFP_KERNEL);
		if (!timer)
			return -ENOMEM;
		KeInitializeTimer(timer);
		/* The first goes on until the library stops it. */
		KeSetTimerEx(timer, dues_100ns[i], !i, NULL);
	}
	return 0;
}

static void __exit forgets_exit(void)
{
}

module_init(forgets_init);
module_exit(forgets_exit);

MODULE_DESCRIPTION("Leaves timers armed");
MODULE_LICENSE("GPL");
