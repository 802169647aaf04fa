/* SPDX-License-Identifier: GPL-2.0 */
#ifndef NTSHIM_KUNIT_STOCK_SUITES_H
#define NTSHIM_KUNIT_STOCK_SUITES_H

#include <kunit/test.h>

/* What kunit_test_suites() of all files linked between first.c and last.c put. */
extern struct kunit_suite *nts_suites_begin[];
extern struct kunit_suite *nts_suites_end[];

#endif /* NTSHIM_KUNIT_STOCK_SUITES_H */
