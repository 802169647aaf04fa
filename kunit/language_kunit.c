// SPDX-License-Identifier: GPL-2.0
/*
 * What sources of Windows drivers take for granted, in both languages. That they
 * compile is half of it.
 */

#include <kunit/test.h>

#include "helpers.h"
#include "ported/ported.h"

/* Shows: M-CMP-03 */
static void types_have_their_windows_size(struct kunit *test)
{
	nts_test_expect_all(test, TypesOfWindowsInC());
	nts_test_expect_all(test, TypesOfWindowsInCxx());
	nts_test_expect_all(test, NumbersAndPointersInC());
	nts_test_expect_all(test, NumbersAndPointersInCxx());
}

/* Shows: M-CMP-04 */
static void large_integers_go_by_value(struct kunit *test)
{
	nts_test_expect_all(test, LargeIntegersInC());
	nts_test_expect_all(test, LargeIntegersInCxx());
	nts_test_expect_all(test, LargeIntegerRoutinesInC());
	nts_test_expect_all(test, LargeIntegerRoutinesInCxx());
}

/* Shows: M-CMP-05 */
static void strings_are_counted_in_bytes(struct kunit *test)
{
	nts_test_expect_all(test, CountedStringsInC());
	nts_test_expect_all(test, CountedStringsInCxx());
}

/* Shows: M-CMP-05 */
static void strings_never_outgrow_their_buffer(struct kunit *test)
{
	nts_test_expect_all(test, StringsKeepToTheirBufferInC());
	nts_test_expect_all(test, StringsKeepToTheirBufferInCxx());
}

/* Shows: M-CMP-05 */
static void strings_compare_by_character(struct kunit *test)
{
	nts_test_expect_all(test, StringsCompareInC());
	nts_test_expect_all(test, StringsCompareInCxx());
}

/* Shows: M-CMP-06 */
static void roles_declare_routines(struct kunit *test)
{
	nts_test_expect_all(test, RolesAsDeclarationsInC());
	nts_test_expect_all(test, RolesAsDeclarationsInCxx());
}

/* Shows: M-CMP-08, V-44 */
static void annotations_vanish(struct kunit *test)
{
	nts_test_expect_all(test, AnnotationsInC());
	nts_test_expect_all(test, AnnotationsInCxx());
}

/* Shows: M-CMP-09 */
static void pragmas_are_ignored_but_pack(struct kunit *test)
{
	nts_test_expect_all(test, PragmasInC());
	nts_test_expect_all(test, PragmasInCxx());
}

/* Shows: M-CMP-10 */
static void long_character_constants_have_their_value(struct kunit *test)
{
	nts_test_expect_all(test, CharacterConstantsInC());
	nts_test_expect_all(test, CharacterConstantsInCxx());
}

/* Shows: M-CMP-11 */
static void conventions_are_all_the_same(struct kunit *test)
{
	nts_test_expect_all(test, ConventionsInC());
	nts_test_expect_all(test, ConventionsInCxx());
}

/* Shows: M-CMP-12 */
static void guarded_blocks_compile(struct kunit *test)
{
	nts_test_expect_all(test, GuardedBlocksInC());
	nts_test_expect_all(test, GuardedBlocksInCxx());
}

/* Shows: M-CMP-13 */
static void version_macros_say_windows_10(struct kunit *test)
{
	nts_test_expect_all(test, VersionsInC());
	nts_test_expect_all(test, VersionsInCxx());
}

/* Shows: M-CMP-14 */
static void dialect_is_that_of_the_other_compiler(struct kunit *test)
{
	nts_test_expect_all(test, DialectOfC());
}

/* Shows: M-CMP-16 */
static void headers_are_strict_in_cxx(struct kunit *test)
{
	nts_test_expect_all(test, LinkageOfCxx());
}

/* Shows: M-CMP-18 */
static void version_is_windows_10(struct kunit *test)
{
	nts_test_expect_all(test, VersionAtRunTimeInC());
	nts_test_expect_all(test, VersionAtRunTimeInCxx());
}

/* Shows: M-CMP-18 */
static void version_is_compared_by_its_parts(struct kunit *test)
{
	nts_test_expect_all(test, VersionsByPartsInC());
	nts_test_expect_all(test, VersionsByPartsInCxx());
}

/* Shows: M-CMP-18 */
static void exported_routines_are_found(struct kunit *test)
{
	nts_test_expect_all(test, RoutinesByNameInC());
	nts_test_expect_all(test, RoutinesByNameInCxx());
}

/* Shows: M-CMP-01 */
static void identifiers_are_defined_where_asked(struct kunit *test)
{
	nts_test_expect_all(test, IdentifiersInC());
	nts_test_expect_all(test, IdentifiersInCxx());
}

/* Shows: M-CMP-01 */
static void memory_is_that_of_the_c_library(struct kunit *test)
{
	nts_test_expect_all(test, MemoryOfTheLibraryInC());
	nts_test_expect_all(test, MemoryOfTheLibraryInCxx());
}

/* Shows: M-CMP-01 */
static void strings_are_those_of_the_c_library(struct kunit *test)
{
	nts_test_expect_all(test, StringsOfTheLibraryInC());
	nts_test_expect_all(test, StringsOfTheLibraryInCxx());
}

/* Shows: M-CMP-03 */
static void attributes_of_objects_are_taken(struct kunit *test)
{
	nts_test_expect_all(test, AttributesOfObjectsInC());
	nts_test_expect_all(test, AttributesOfObjectsInCxx());
}

/* Shows: M-CMP-11 */
static void members_may_be_in_line(struct kunit *test)
{
	nts_test_expect_all(test, InlineInCxx());
}

/* Shows: M-CMP-03, M-CMP-16 */
static void new_may_be_the_drivers_own(struct kunit *test)
{
	nts_test_expect_all(test, OwnNewInCxx());
}

static struct kunit_case language_cases[] = {
	KUNIT_CASE(types_have_their_windows_size),
	KUNIT_CASE(large_integers_go_by_value),
	KUNIT_CASE(strings_are_counted_in_bytes),
	KUNIT_CASE(strings_never_outgrow_their_buffer),
	KUNIT_CASE(strings_compare_by_character),
	KUNIT_CASE(roles_declare_routines),
	KUNIT_CASE(annotations_vanish),
	KUNIT_CASE(pragmas_are_ignored_but_pack),
	KUNIT_CASE(long_character_constants_have_their_value),
	KUNIT_CASE(conventions_are_all_the_same),
	KUNIT_CASE(guarded_blocks_compile),
	KUNIT_CASE(version_macros_say_windows_10),
	KUNIT_CASE(dialect_is_that_of_the_other_compiler),
	KUNIT_CASE(headers_are_strict_in_cxx),
	KUNIT_CASE(version_is_windows_10),
	KUNIT_CASE(version_is_compared_by_its_parts),
	KUNIT_CASE(exported_routines_are_found),
	KUNIT_CASE(identifiers_are_defined_where_asked),
	KUNIT_CASE(memory_is_that_of_the_c_library),
	KUNIT_CASE(strings_are_those_of_the_c_library),
	KUNIT_CASE(attributes_of_objects_are_taken),
	KUNIT_CASE(members_may_be_in_line),
	KUNIT_CASE(new_may_be_the_drivers_own),
	{}
};

static struct kunit_suite language_suite = {
	.name = "ntshim_language",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = language_cases,
};

kunit_test_suite(language_suite);
