// SPDX-License-Identifier: GPL-2.0
/*
 * Small names that sources of drivers take for granted, through sources that are
 * compiled as a driver is.
 */

#include <kunit/test.h>

#include "helpers.h"
#include "ported/ported.h"

/* Shows: M-CMP-21 */
static void numbers_are_read(struct kunit *test)
{
	nts_test_expect_all(test, NumbersReadInC());
	nts_test_expect_all(test, NumbersReadInCxx());
}

/* Shows: M-CMP-21 */
static void numbers_are_written(struct kunit *test)
{
	nts_test_expect_all(test, NumbersWrittenInC());
	nts_test_expect_all(test, NumbersWrittenInCxx());
}

/* Shows: M-CMP-22 */
static void bits_are_found(struct kunit *test)
{
	nts_test_expect_all(test, BitsFoundInC());
	nts_test_expect_all(test, BitsFoundInCxx());
}

/* Shows: M-CMP-22 */
static void bits_and_bytes_are_moved(struct kunit *test)
{
	nts_test_expect_all(test, BitsMovedInC());
	nts_test_expect_all(test, BitsMovedInCxx());
}

/* Shows: M-CMP-22 */
static void processor_is_asked(struct kunit *test)
{
	nts_test_expect_all(test, OfTheProcessorInC());
	nts_test_expect_all(test, OfTheProcessorInCxx());
}

/* Shows: M-CMP-23 */
static void pages_are_those_of_windows(struct kunit *test)
{
	nts_test_expect_all(test, PagesInC());
	nts_test_expect_all(test, PagesInCxx());
}

/* Shows: M-CMP-03 */
static void integers_of_c_are_those_of_windows(struct kunit *test)
{
	nts_test_expect_all(test, IntegersOfCInC());
	nts_test_expect_all(test, IntegersOfCInCxx());
}

/* Shows: M-CMP-13 */
static void older_versions_are_older(struct kunit *test)
{
	nts_test_expect_all(test, OlderVersionsInC());
	nts_test_expect_all(test, OlderVersionsInCxx());
}

/* Shows: M-CMP-01 */
static void statuses_have_their_severity(struct kunit *test)
{
	nts_test_expect_all(test, StatusesInC());
	nts_test_expect_all(test, StatusesInCxx());
}

/* Shows: B-CHK-06 */
static void bug_checks_of_drivers_have_names(struct kunit *test)
{
	nts_test_expect_all(test, BugChecksInC());
	nts_test_expect_all(test, BugChecksInCxx());
}

/* Shows: M-CMP-05 */
static void empty_strings_have_room(struct kunit *test)
{
	nts_test_expect_all(test, EmptyStringsInC());
	nts_test_expect_all(test, EmptyStringsInCxx());
}

/* Shows: T-AFF-01 */
static void older_affinity_moves_and_reverts(struct kunit *test)
{
	nts_test_expect_all(test, OlderAffinityInC());
	nts_test_expect_all(test, OlderAffinityInCxx());
}

/* Shows: T-HND-02, T-HND-04 */
static void reference_by_pointer_checks_the_type(struct kunit *test)
{
	nts_test_expect_all(test, ThreadsByPointerInC());
	nts_test_expect_all(test, ThreadsByPointerInCxx());
	nts_test_expect_all(test, EventsByPointerInC());
	nts_test_expect_all(test, EventsByPointerInCxx());
}

/* Shows: T-HND-04 */
static void reference_by_pointer_needs_an_object(struct kunit *test)
{
	nts_test_expect_all(test, NothingByPointerInC());
	nts_test_expect_all(test, NothingByPointerInCxx());
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("T-HND-04", 0x18, 0), 2);
}

static struct kunit_case everyday_cases[] = {
	KUNIT_CASE(numbers_are_read),
	KUNIT_CASE(numbers_are_written),
	KUNIT_CASE(bits_are_found),
	KUNIT_CASE(bits_and_bytes_are_moved),
	KUNIT_CASE(processor_is_asked),
	KUNIT_CASE(pages_are_those_of_windows),
	KUNIT_CASE(integers_of_c_are_those_of_windows),
	KUNIT_CASE(older_versions_are_older),
	KUNIT_CASE(statuses_have_their_severity),
	KUNIT_CASE(bug_checks_of_drivers_have_names),
	KUNIT_CASE(empty_strings_have_room),
	KUNIT_CASE(older_affinity_moves_and_reverts),
	KUNIT_CASE(reference_by_pointer_checks_the_type),
	KUNIT_CASE(reference_by_pointer_needs_an_object),
	{}
};

static struct kunit_suite everyday_suite = {
	.name = "ntshim_everyday",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = everyday_cases,
};

kunit_test_suite(everyday_suite);
