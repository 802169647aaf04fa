// SPDX-License-Identifier: GPL-2.0
/*
 * Strings that never outgrow their buffer, through sources that are compiled as
 * a driver is.
 */

#include <kunit/test.h>

#include "helpers.h"
#include "ported/ported.h"

/* Shows: M-CMP-19 */
static void copies_are_cut_and_ended(struct kunit *test)
{
	nts_test_expect_all(test, SafeCopiesInC());
	nts_test_expect_all(test, SafeCopiesInCxx());
}

/* Shows: M-CMP-19 */
static void additions_are_cut_and_ended(struct kunit *test)
{
	nts_test_expect_all(test, SafeAdditionsInC());
	nts_test_expect_all(test, SafeAdditionsInCxx());
}

/* Shows: M-CMP-19 */
static void parts_are_as_long_as_asked(struct kunit *test)
{
	nts_test_expect_all(test, SafePartsInC());
	nts_test_expect_all(test, SafePartsInCxx());
}

/* Shows: M-CMP-19 */
static void lengths_end_within_the_size(struct kunit *test)
{
	nts_test_expect_all(test, SafeLengthsInC());
	nts_test_expect_all(test, SafeLengthsInCxx());
}

/* Shows: M-CMP-19 */
static void wrong_parameters_write_nothing(struct kunit *test)
{
	nts_test_expect_all(test, SafeRefusalsInC());
	nts_test_expect_all(test, SafeRefusalsInCxx());
}

/* Shows: M-CMP-19, G-DBG-02 */
static void formatted_text_is_cut_and_ended(struct kunit *test)
{
	nts_test_expect_all(test, SafeFormatsInC());
	nts_test_expect_all(test, SafeFormatsInCxx());
}

/* Shows: M-CMP-20 */
static void counted_strings_have_a_longest(struct kunit *test)
{
	nts_test_expect_all(test, SafeCountedStringsInC());
	nts_test_expect_all(test, SafeCountedStringsInCxx());
}

/* Shows: M-CMP-20 */
static void strings_that_contradict_themselves_are_refused(struct kunit *test)
{
	nts_test_expect_all(test, SafeValidationsInC());
	nts_test_expect_all(test, SafeValidationsInCxx());
}

/* Shows: M-CMP-20 */
static void counted_text_is_cut_without_an_end(struct kunit *test)
{
	nts_test_expect_all(test, SafeCountedCopiesInC());
	nts_test_expect_all(test, SafeCountedCopiesInCxx());
}

/* Shows: M-CMP-20, G-DBG-02 */
static void counted_text_is_formatted(struct kunit *test)
{
	nts_test_expect_all(test, SafeCountedFormatsInC());
	nts_test_expect_all(test, SafeCountedFormatsInCxx());
}

static struct kunit_case strsafe_cases[] = {
	KUNIT_CASE(copies_are_cut_and_ended),
	KUNIT_CASE(additions_are_cut_and_ended),
	KUNIT_CASE(parts_are_as_long_as_asked),
	KUNIT_CASE(lengths_end_within_the_size),
	KUNIT_CASE(wrong_parameters_write_nothing),
	KUNIT_CASE(formatted_text_is_cut_and_ended),
	KUNIT_CASE(counted_strings_have_a_longest),
	KUNIT_CASE(strings_that_contradict_themselves_are_refused),
	KUNIT_CASE(counted_text_is_cut_without_an_end),
	KUNIT_CASE(counted_text_is_formatted),
	{}
};

static struct kunit_suite strsafe_suite = {
	.name = "ntshim_strsafe",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = strsafe_cases,
};

kunit_test_suite(strsafe_suite);
