// SPDX-License-Identifier: GPL-2.0
/* The one variable that KUnit needs and a kernel without it does not have. */

#include <linux/export.h>

struct kunit *kunit_on_stock_current;
EXPORT_SYMBOL_GPL(kunit_on_stock_current);
