// SPDX-License-Identifier: GPL-2.0
/*
 * The reporters themselves, debug output's formats, and the pool's checks.
 */

#include "../shim/compat.h"

#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/string.h>

#include "../shim/nt_api.h"
#include "../shim/rtl_format.h"
#include "helpers.h"

/**
 * struct caught - the last finding a case's own hook received
 * @kind: of the finding
 * @finding: copy
 * @count: how many there were
 * @ended: completed when a bug check ended its thread
 */
struct caught {
	enum nts_finding_kind kind;
	struct nts_finding finding;
	unsigned int count;
	struct completion ended;
};

static void catch_fn(enum nts_finding_kind kind,
		     const struct nts_finding *finding, void *data)
{
	struct caught *caught = data;

	caught->kind = kind;
	caught->finding = *finding;
	caught->count++;
	if (kind == NTS_BUGCHECK)
		kthread_complete_and_exit(&caught->ended, 0);
}

/* The case's hook takes the place of the suite's until the case ends. */
static struct caught *start_catching(struct kunit *test)
{
	struct caught *caught =
		kunit_kzalloc(test, sizeof(*caught), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, caught);
	init_completion(&caught->ended);
	nts_finding_hook(catch_fn, caught);
	return caught;
}

/* Shows: TM-081, TM-084, B-CHK-03 */
static void report_reaches_the_hook(struct kunit *test)
{
	struct caught *caught = start_catching(test);
	unsigned long before = nts_finding_count(NTS_REPORT);

	nts_report("X-001", 0xc4, test, "only a test");
	KUNIT_EXPECT_EQ(test, caught->count, 1);
	KUNIT_EXPECT_EQ(test, caught->kind, NTS_REPORT);
	KUNIT_EXPECT_STREQ(test, caught->finding.rule, "X-001");
	KUNIT_EXPECT_EQ(test, caught->finding.code, 0xc4);
	KUNIT_EXPECT_PTR_EQ(test, caught->finding.object, (void *)test);
	KUNIT_EXPECT_EQ(test, nts_finding_count(NTS_REPORT), before);
}

static noinline void misuse_twice(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		nts_misuse("X-002", NULL, "only a test, printed once");
}

/* Shows: TM-083, B-CHK-02, V-42 */
static void misuse_is_counted_every_time(struct kunit *test)
{
	unsigned long before = nts_finding_count(NTS_MISUSE);

	nts_finding_hook(NULL, NULL);
	misuse_twice();
	KUNIT_EXPECT_EQ(test, nts_finding_count(NTS_MISUSE), before + 2);
}

static int bug_check_thread(void *data)
{
	KeBugCheckEx(0xdeadbeef, 1, 2, 3, 4);
	return 0;
}

/* Shows: TM-080, B-CHK-01 */
static void bug_check_ends_the_thread(struct kunit *test)
{
	struct caught *caught = start_catching(test);

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, kthread_run(bug_check_thread, NULL,
						       "nts-bugcheck"));
	KUNIT_ASSERT_TRUE(test,
			  wait_for_completion_timeout(&caught->ended, 30 * HZ));
	KUNIT_EXPECT_EQ(test, caught->finding.code, 0xdeadbeef);
	KUNIT_EXPECT_EQ(test, caught->finding.args[0], 1);
	KUNIT_EXPECT_EQ(test, caught->finding.args[3], 4);
}

/* Shows: B-CHK-03 */
static void driver_of_an_address_is_its_module(struct kunit *test)
{
	char name[MODULE_NAME_LEN];

	nts_driver_name((unsigned long)misuse_twice, name, sizeof(name));
	KUNIT_EXPECT_STREQ(test, name, "ntshim_kunit");
	nts_driver_name((unsigned long)schedule, name, sizeof(name));
	KUNIT_EXPECT_STREQ(test, name, "kernel");
}

/* The compiler knows the formats of C, which these are not. */
static size_t format(char *text, size_t size, const char *fmt, ...)
{
	va_list args;
	size_t length;
	bool wide;

	va_start(args, fmt);
	length = nts_format(text, size, fmt, args, &wide);
	va_end(args);
	return length;
}

static void expect_text(struct kunit *test, const char *expected,
			const char *fmt, ...)
{
	char text[128];
	va_list args;
	bool wide;

	va_start(args, fmt);
	nts_format(text, sizeof(text), fmt, args, &wide);
	va_end(args);
	KUNIT_EXPECT_STREQ_MSG(test, text, expected, "format %s", fmt);
}

/* Shows: G-DBG-02 */
static void windows_formats_are_understood(struct kunit *test)
{
	expect_text(test, "-5000000000", "%I64d", -5000000000LL);
	expect_text(test, "18446744073709551615", "%I64u", U64_MAX);
	expect_text(test, "1234567890abcdef", "%I64x", 0x1234567890abcdefULL);
	expect_text(test, "7 -1 9", "%ld %ld %lu", 7, -1, 9);
	expect_text(test, "4294967295", "%lu", 0xffffffffu);
	expect_text(test, "42", "%Iu", (size_t)42);
	expect_text(test, "FFFF800012345678", "%p", 0xffff800012345678UL);
	expect_text(test, "-9", "%lld", -9LL);
	expect_text(test, "C000000D", "%08X", 0xc000000du);
	expect_text(test, "0x1f", "%#x", 0x1f);
	expect_text(test, "100%", "%d%%", 100);
}

/* Shows: G-DBG-02 */
static void windows_strings_are_understood(struct kunit *test)
{
	static const u16 wide[] = { 'w', 'i', 'd', 'e', 0 };
	struct {
		u16 length;
		u16 maximum;
		const void *buffer;
	} unicode = { 4, 10, wide }, ansi = { 3, 4, "ansi" };

	expect_text(test, "wide", "%ws", wide);
	expect_text(test, "wide", "%ls", wide);
	expect_text(test, "wide", "%S", wide);
	expect_text(test, "narrow", "%s", "narrow");
	expect_text(test, "narrow", "%hs", "narrow");
	expect_text(test, "wi", "%wZ", &unicode);
	expect_text(test, "ans", "%Z", &ansi);
	expect_text(test, "x y", "%c %wc", 'x', 'y');
	expect_text(test, "(null)(null)", "%s%wZ", NULL, NULL);
}

/* Shows: G-DBG-02 */
static void fields_and_precisions_are_obeyed(struct kunit *test)
{
	expect_text(test, "[   42]", "[%5d]", 42);
	expect_text(test, "[42   ]", "[%-5d]", 42);
	expect_text(test, "[00042]", "[%05d]", 42);
	expect_text(test, "[-0042]", "[%05d]", -42);
	expect_text(test, "[  042]", "[%5.3d]", 42);
	expect_text(test, "[+42]", "[%+d]", 42);
	expect_text(test, "[   ab]", "[%5.2s]", "abcd");
	expect_text(test, "[ab   ]", "[%-*.*s]", 5, 2, "abcd");
	expect_text(test, "[0]", "[%x]", 0);
}

/* Shows: G-DBG-02, G-DBG-03 */
static void absurd_fields_end_with_the_text(struct kunit *test)
{
	char text[8];

	KUNIT_EXPECT_EQ(test, format(text, sizeof(text), "%*d", S32_MAX, 1), 7);
	KUNIT_EXPECT_STREQ(test, text, "       ");
	KUNIT_EXPECT_EQ(test, format(text, sizeof(text), "%*d", S32_MIN, 1), 7);
	KUNIT_EXPECT_STREQ(test, text, "1      ");
	KUNIT_EXPECT_EQ(test, format(text, sizeof(text), "%.*d", S32_MAX, 1),
			7);
	KUNIT_EXPECT_STREQ(test, text, "0000000");
}

/* Shows: G-DBG-02, G-DBG-03 */
static void bad_conversion_ends_the_reading(struct kunit *test)
{
	char text[8];

	expect_text(test, "1 %y %d", "%d %y %d", 1);
	expect_text(test, "end %", "end %");
	KUNIT_EXPECT_EQ(test, format(text, sizeof(text), "%s", "123456789"), 7);
	KUNIT_EXPECT_STREQ(test, text, "1234567");
}

/* Room of a text of either kind. */
#define TEXT_ROOM 48

static void expect_wide(struct kunit *test, const u16 *expected, const u16 *fmt,
			...)
{
	u16 wide[TEXT_ROOM + 1];
	struct nts_text text = { .wide = wide, .room = TEXT_ROOM };
	size_t same = 0;
	va_list args;

	va_start(args, fmt);
	nts_text_format(&text, fmt, args);
	va_end(args);
	wide[text.length] = 0;
	while (expected[same] && wide[same] == expected[same])
		same++;
	KUNIT_EXPECT_EQ_MSG(test, wide[same], expected[same], "at %zu", same);
	KUNIT_EXPECT_EQ(test, same, text.length);
	KUNIT_EXPECT_FALSE(test, text.cut);
}

/* Shows: G-DBG-02 */
static void wide_formats_are_understood(struct kunit *test)
{
	struct {
		u16 length;
		u16 maximum;
		const void *buffer;
	} unicode = { 4, 10, L"wide" }, ansi = { 3, 4, "ansi" };

	expect_wide(test, L"-7 00ff 0X1F", L"%ld %04x %#X", -7, 0xff, 0x1f);
	expect_wide(test, L"-5000000000%", L"%I64d%%", -5000000000LL);
	/* A conversion without a width is wide here, and its capital is not. */
	expect_wide(test, L"wide narrow", L"%s %S", L"wide", "narrow");
	expect_wide(test, L"narrow wide wide", L"%hs %ls %ws", "narrow",
		    L"wide", L"wide");
	expect_wide(test, L"x y z", L"%c %C %hc", L'x', 'y', 'z');
	expect_wide(test, L"wi ans", L"%wZ %Z", &unicode, &ansi);
	expect_wide(test, L"[  ab][cd  ]", L"[%4.2s][%-*hs]", L"abc", 4, "cd");
	/* Nothing is lost: Latin-1 is widened, and the rest is there already. */
	expect_wide(test, L"\u00e9 \u03b1\u03b2 \u03b3", L"%hs %s %c", "\xe9",
		    L"\u03b1\u03b2", 0x3b3);
	/* Characters whose lower half is a percent sign, a digit, a conversion. */
	expect_wide(test, L"\u0125d 1", L"\u0125d %d", 1);
	expect_wide(test, L"%\u0131d %d", L"%\u0131d %d", 1);
	expect_wide(test, L"%\u0164 %d", L"%\u0164 %d", 1);
}

/* Shows: G-DBG-02 */
static void characters_that_do_not_fit_are_question_marks(struct kunit *test)
{
	expect_text(test, "\xe9 ? ?!", "%s %ws %wc!", "\xe9", L"\u00e9", 0x3b1);
}

static bool is_cut(size_t room, const char *fmt, ...)
{
	char narrow[TEXT_ROOM];
	struct nts_text text = { .narrow = narrow, .room = room };
	va_list args;

	va_start(args, fmt);
	nts_text_format(&text, fmt, args);
	va_end(args);
	return text.cut;
}

/* Shows: G-DBG-02 */
static void text_says_whether_it_is_cut(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, is_cut(0, ""));
	KUNIT_EXPECT_TRUE(test, is_cut(0, "%d", 1));
	KUNIT_EXPECT_FALSE(test, is_cut(5, "%s%s", "12345", ""));
	KUNIT_EXPECT_TRUE(test, is_cut(5, "%s", "123456"));
	KUNIT_EXPECT_TRUE(test, is_cut(5, "12345%%"));
	KUNIT_EXPECT_FALSE(test, is_cut(5, "%-5d", 1));
	KUNIT_EXPECT_TRUE(test, is_cut(5, "%-6d", 1));
	KUNIT_EXPECT_TRUE(test, is_cut(5, "%6d", 1));
	KUNIT_EXPECT_FALSE(test, is_cut(5, "%.5s", "123456"));
	KUNIT_EXPECT_TRUE(test, is_cut(1, "%y", 12345));
}

/* Shows: G-DBG-02 */
static void long_texts_are_whole(struct kunit *test)
{
	const size_t size = 10000;
	char *text = kunit_kzalloc(test, size, GFP_KERNEL);
	char *copy = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	KUNIT_EXPECT_EQ(test, format(text, size, "%.9000d", 7), 9000);
	KUNIT_EXPECT_EQ(test, text[8999], '7');
	KUNIT_EXPECT_EQ(test, format(copy, size, "%.8500s", text), 8500);
	KUNIT_EXPECT_EQ(test, format(copy, size, "%*s", 9500, text), 9500);
	KUNIT_EXPECT_STREQ(test, copy + 500, text);
}

static struct kunit_case report_cases[] = {
	KUNIT_CASE(report_reaches_the_hook),
	KUNIT_CASE(misuse_is_counted_every_time),
	KUNIT_CASE(bug_check_ends_the_thread),
	KUNIT_CASE(driver_of_an_address_is_its_module),
	KUNIT_CASE(windows_formats_are_understood),
	KUNIT_CASE(windows_strings_are_understood),
	KUNIT_CASE(fields_and_precisions_are_obeyed),
	KUNIT_CASE(absurd_fields_end_with_the_text),
	KUNIT_CASE(bad_conversion_ends_the_reading),
	KUNIT_CASE(wide_formats_are_understood),
	KUNIT_CASE(characters_that_do_not_fit_are_question_marks),
	KUNIT_CASE(text_says_whether_it_is_cut),
	KUNIT_CASE(long_texts_are_whole),
	{}
};

static struct kunit_suite report_suite = {
	.name = "ntshim_report",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = report_cases,
};

kunit_test_suite(report_suite);
