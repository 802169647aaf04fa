// SPDX-License-Identifier: GPL-2.0
/* Linked first: where the list of suites begins. See last.c. */

#include <kunit/test.h>

#include "suites.h"

struct kunit_suite *nts_suites_begin[0] __section(".kunit_test_suites");
