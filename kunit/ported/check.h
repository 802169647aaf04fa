/* SPDX-License-Identifier: GPL-2.0 */
/* A routine of checks ends at the first that does not hold, and returns its text. */
#ifndef NTSHIM_KUNIT_PORTED_CHECK_H
#define NTSHIM_KUNIT_PORTED_CHECK_H

#define CHECK(Condition)                   \
	do {                               \
		if (!(Condition))          \
			return #Condition; \
	} while (0)

#endif /* NTSHIM_KUNIT_PORTED_CHECK_H */
