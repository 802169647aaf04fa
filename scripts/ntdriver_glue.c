// SPDX-License-Identifier: GPL-2.0
/*
 * Compiled into every ported driver: turns DriverEntry and DriverUnload into
 * the init and exit of a Linux module.
 */

#include <linux/module.h>

#include "driver.h"

s32 DriverEntry(struct nts_driver_object *object,
		struct nts_unicode_string *registry_path);

static const struct kernel_param_ops value_ops __maybe_unused = {
	.set = nts_driver_value_set,
	.get = nts_driver_value_get,
};

/* NTS_PARAMETERS stands above: the names that the driver's Kbuild gives. */
#define NTS_VALUE(name_)                                                   \
	static struct nts_driver_value value_##name_ = { .name = #name_ }; \
	module_param_cb(name_, &value_ops, &value_##name_, 0444);          \
	MODULE_PARM_DESC(name_, "Value of the driver's registry key (uint)");
#define NTS_ADDRESS(name_) &value_##name_,

NTS_PARAMETERS(NTS_VALUE)

static struct nts_driver_value *const values[] = { NTS_PARAMETERS(NTS_ADDRESS)
							   NULL };

static struct nts_driver driver = { .values = values };

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
