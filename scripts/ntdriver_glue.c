// SPDX-License-Identifier: GPL-2.0
/*
 * Compiled into every ported driver: turns DriverEntry and DriverUnload into
 * the init and exit of a Linux module.
 */

#include <linux/module.h>

#include "driver.h"

s32 DriverEntry(struct nts_driver_object *object,
		struct nts_unicode_string *registry_path);

static struct nts_driver driver;

static int __init driver_init(void)
{
	return nts_driver_load(THIS_MODULE, &driver, DriverEntry);
}

static void __exit driver_exit(void)
{
	nts_driver_unload(THIS_MODULE, &driver);
}

module_init(driver_init);
module_exit(driver_exit);

MODULE_DESCRIPTION("Windows driver, ported with ntshim");
MODULE_LICENSE("GPL");
