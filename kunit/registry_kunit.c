// SPDX-License-Identifier: GPL-2.0
/*
 * A driver's registry key: what the user has set for it.
 */

#include "../shim/compat.h"

#include <linux/module.h>
#include <linux/string.h>

#include "../shim/driver.h"
#include "../shim/driver_values.h"
#include "../shim/nt_api.h"
#include "../shim/rtl_registry.h"
#include "../shim/status.h"
#include "helpers.h"

static struct nts_driver_value period = { "PeriodMs", 250, true };
static struct nts_driver_value unset = { "ToleranceMs", 0, false };
static struct nts_driver_value *const values[] = { &period, &unset, NULL };

static int registry_init(struct kunit *test)
{
	struct nts_driver *driver =
		kunit_kzalloc(test, sizeof(*driver), GFP_KERNEL);

	if (!driver)
		return -ENOMEM;
	driver->service = "aDriver";
	driver->values = values;
	nts_driver_values_add(driver);
	test->priv = driver;
	return nts_test_init(test);
}

static void registry_exit(struct kunit *test)
{
	nts_driver_values_drop(test->priv);
	nts_test_exit(test);
}

#define PATH_MAX_CHARS 128

/* One static buffer for each of a call's two names. */
static const u16 *wide(unsigned int index, const char *text)
{
	static u16 buffers[2][PATH_MAX_CHARS];
	unsigned int i = 0;

	do
		buffers[index][i] = text[i];
	while (text[i++]);
	return buffers[index];
}

static s32 ask(u32 relative_to, const char *path, const char *name, u32 flags,
	       u32 *number)
{
	const struct nts_registry_query table[] = {
		{ .flags = flags | NTS_QUERY_DIRECT,
		  .name = wide(0, name),
		  .entry_context = number },
		{},
	};

	return RtlQueryRegistryValues(relative_to, wide(1, path), table, NULL,
				      NULL);
}

/**
 * struct question - a value asked for, and the answer
 * @relative_to: where the path begins
 * @path: the key
 * @name: the value
 * @flags: further flags
 * @number: what is read; 7: nothing
 * @status: of the call
 */
struct question {
	u32 relative_to;
	const char *path;
	const char *name;
	u32 flags;
	u32 number;
	s32 status;
};

#define NOT_FOUND NTS_STATUS_OBJECT_NAME_NOT_FOUND

static const struct question questions[] = {
	{ 1, "aDriver", "PeriodMs", 0, 250, 0 },
	{ 1, "ADRIVER\\parameters", "periodms", 0, 250, 0 },
	{ 0, NTS_SERVICES_PATH "aDriver\\Parameters", "PeriodMs", 0, 250, 0 },
	{ 0, NTS_SERVICES_PATH "aDriver", "PeriodMs", 4, 250, 0 },
	{ 1, "aDriver", "ToleranceMs", 0, 7, 0 },
	{ 1, "aDriver", "ToleranceMs", NTS_QUERY_REQUIRED, 7, NOT_FOUND },
	{ 1, "aDriver", "Period", NTS_QUERY_REQUIRED, 7, NOT_FOUND },
	{ 1, "another", "PeriodMs", 0, 7, NOT_FOUND },
	{ 1, "aDriver2", "PeriodMs", 0, 7, NOT_FOUND },
	{ 1, "aDriver\\Parameters\\More", "PeriodMs", 0, 7, NOT_FOUND },
	{ 0, "\\Registry\\User\\aDriver", "PeriodMs", 0, 7, NOT_FOUND },
	{ 0, "aDriver", "PeriodMs", 0, 7, NOT_FOUND },
	{ 2, "aDriver", "PeriodMs", 0, 7, NOT_FOUND },
	{ 1 | NTS_REGISTRY_OPTIONAL, "another", "PeriodMs", 0, 7, 0 },
	{ 1, "aDriver", "PeriodMs", NTS_QUERY_TYPECHECK, 7,
	  NTS_STATUS_OBJECT_TYPE_MISMATCH },
	{ 1, "aDriver", "PeriodMs", 0x40, 7, NTS_STATUS_INVALID_PARAMETER },
};

/* Shows: M-LIF-04 */
static void values_are_found_by_key_and_name(struct kunit *test)
{
	const struct question *q;
	u32 number;

	for (q = questions; q < questions + ARRAY_SIZE(questions); q++) {
		number = 7;
		KUNIT_EXPECT_EQ_MSG(test,
				    ask(q->relative_to, q->path, q->name,
					q->flags, &number),
				    q->status, "%s in %s", q->name, q->path);
		KUNIT_EXPECT_EQ_MSG(test, number, q->number, "%s in %s",
				    q->name, q->path);
	}
}

static s32 routine(const u16 *name, u32 type, const void *data, u32 length,
		   void *context, void *entry_context)
{
	if (type != NTS_REG_DWORD || length != sizeof(u32))
		return NTS_STATUS_OBJECT_TYPE_MISMATCH;
	*(u32 *)context += *(const u32 *)data;
	return *(s32 *)entry_context;
}

/* Shows: M-LIF-04 */
static void routines_and_defaults_are_used(struct kunit *test)
{
	static const u32 otherwise = 1000;
	s32 statuses[] = { NTS_STATUS_SUCCESS, NTS_STATUS_UNSUCCESSFUL };
	u32 sum = 0, stored = 0, stored_after = 0;
	const u16 *missing = wide(0, "Missing"), *path = wide(1, "aDriver");
	const struct nts_registry_query table[] = {
		{ .flags = NTS_QUERY_DIRECT | NTS_QUERY_TYPECHECK,
		  .name = missing,
		  .entry_context = &stored,
		  .default_type = NTS_REG_DWORD << NTS_QUERY_TYPECHECK_SHIFT |
				  NTS_REG_DWORD,
		  .default_data = &otherwise,
		  .default_length = sizeof(otherwise) },
		{ routine, 0, missing, &statuses[0], NTS_REG_NONE },
		{ routine, 0, missing, &statuses[0], NTS_REG_DWORD, &otherwise,
		  sizeof(otherwise) },
		{ routine, 0, missing, &statuses[1], NTS_REG_DWORD, &otherwise,
		  sizeof(otherwise) },
		{ .flags = NTS_QUERY_DIRECT,
		  .name = missing,
		  .entry_context = &stored_after,
		  .default_type = NTS_REG_DWORD,
		  .default_data = &otherwise,
		  .default_length = sizeof(otherwise) },
		{},
	};

	KUNIT_EXPECT_EQ(test,
			RtlQueryRegistryValues(1, path, table, &sum, NULL),
			NTS_STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, stored, 1000);
	KUNIT_EXPECT_EQ(test, sum, 2000);
	KUNIT_EXPECT_EQ(test, stored_after, 0);
}

#define KEY_QUERY(key_name, more)                                    \
	{                                                            \
		.flags = NTS_QUERY_SUBKEY | (more), .name = key_name \
	}
#define VALUE_QUERY(value_name, more, into)                             \
	{                                                               \
		.flags = NTS_QUERY_DIRECT | (more), .name = value_name, \
		.entry_context = into                                   \
	}

/* Shows: M-LIF-04 */
static void subkeys_are_gone_down_to_and_up_from(struct kunit *test)
{
	static const u16 parameters[] = u"PARAMETERS", name[] = u"PeriodMs";
	u32 below = 7, top = 7, again = 7;
	const struct nts_registry_query table[] = {
		KEY_QUERY(parameters, NTS_QUERY_REQUIRED),
		VALUE_QUERY(name, NTS_QUERY_REQUIRED, &below),
		VALUE_QUERY(name, NTS_QUERY_TOPKEY, &top),
		KEY_QUERY(parameters, 0),
		VALUE_QUERY(name, 0, &again),
		{},
	};

	KUNIT_EXPECT_EQ(test,
			RtlQueryRegistryValues(1, wide(1, "aDriver"), table,
					       NULL, NULL),
			0);
	KUNIT_EXPECT_EQ(test, below, 250);
	KUNIT_EXPECT_EQ(test, top, 250);
	KUNIT_EXPECT_EQ(test, again, 250);
}

/**
 * struct key_question - a key asked for, and the answer
 * @path: of the call
 * @name: of the key below
 * @flags: further flags
 * @status: of the call
 */
struct key_question {
	const char *path;
	const char *name;
	u32 flags;
	s32 status;
};

static const struct key_question key_questions[] = {
	{ "aDriver", "Parameters", NTS_QUERY_REQUIRED, 0 },
	{ "aDriver", "Parameters\\More", NTS_QUERY_REQUIRED, NOT_FOUND },
	{ "aDriver", "More", 0, NOT_FOUND },
	{ "aDriver", "More", NTS_QUERY_REQUIRED, NOT_FOUND },
	{ "aDriver", "", NTS_QUERY_REQUIRED, NOT_FOUND },
	{ "aDriver\\Parameters", "Parameters", 0, NOT_FOUND },
	{ "aDriver\\Parameters", "Parameters", NTS_QUERY_REQUIRED, NOT_FOUND },
	{ "aDriver", "Parameters", NTS_QUERY_DIRECT,
	  NTS_STATUS_INVALID_PARAMETER },
};

/* Shows: M-LIF-04 */
static void subkeys_are_found_by_name(struct kunit *test)
{
	const struct key_question *q;

	for (q = key_questions; q < key_questions + ARRAY_SIZE(key_questions);
	     q++) {
		const struct nts_registry_query table[] = {
			KEY_QUERY(wide(0, q->name), q->flags),
			{},
		};

		KUNIT_EXPECT_EQ_MSG(test,
				    RtlQueryRegistryValues(1, wide(1, q->path),
							   table, NULL, NULL),
				    q->status, "%s in %s", q->name, q->path);
	}
}

/* Shows: M-LIF-04 */
static void no_subkey_has_a_long_name(struct kunit *test)
{
	u16 name[PATH_MAX_CHARS];
	const struct nts_registry_query table[] = {
		KEY_QUERY(name, NTS_QUERY_REQUIRED),
		{},
	};
	unsigned int length;

	for (length = 1; length < PATH_MAX_CHARS; length++) {
		name[length - 1] = 'a';
		name[length] = 0;
		KUNIT_EXPECT_EQ(test,
				RtlQueryRegistryValues(1, wide(1, "aDriver"),
						       table, NULL, NULL),
				NOT_FOUND);
	}
}

static s32 count_bare_call(const u16 *name, u32 type, const void *data,
			   u32 length, void *context, void *entry_context)
{
	if (name || type != NTS_REG_NONE || data || length)
		return NTS_STATUS_OBJECT_TYPE_MISMATCH;
	++*(u32 *)context;
	return *(s32 *)entry_context;
}

/* Shows: M-LIF-04 */
static void routines_are_called_without_a_value(struct kunit *test)
{
	s32 statuses[] = { NTS_STATUS_SUCCESS, NTS_STATUS_UNSUCCESSFUL };
	const u16 *path = wide(1, "aDriver");
	u32 calls = 0;
	struct nts_registry_query table[] = {
		{ count_bare_call, NTS_QUERY_NOVALUE, NULL, &statuses[0] },
		{ count_bare_call, NTS_QUERY_NOVALUE | NTS_QUERY_REQUIRED,
		  wide(0, "PeriodMs"), &statuses[1] },
		{ count_bare_call, NTS_QUERY_NOVALUE, NULL, &statuses[0] },
		{},
	};

	KUNIT_EXPECT_EQ(test,
			RtlQueryRegistryValues(1, path, table, &calls, NULL),
			NTS_STATUS_UNSUCCESSFUL);
	KUNIT_EXPECT_EQ(test, calls, 2);
	table[0].flags |= NTS_QUERY_DIRECT;
	KUNIT_EXPECT_EQ(test,
			RtlQueryRegistryValues(1, path, table, &calls, NULL),
			NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, calls, 2);
}

/* Shows: V-22 */
static void query_at_dispatch_level_is_refused(struct kunit *test)
{
	u8 level = KeRaiseIrqlToDpcLevel();
	u32 number = 7;
	s32 status;

	status = ask(1, "aDriver", "PeriodMs", 0, &number);
	KeLowerIrql(level);
	KUNIT_EXPECT_EQ(test, status, NTS_STATUS_INVALID_PARAMETER);
	KUNIT_EXPECT_EQ(test, number, 7);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-22"), 1);
}

static struct kunit_case registry_cases[] = {
	KUNIT_CASE(values_are_found_by_key_and_name),
	KUNIT_CASE(routines_and_defaults_are_used),
	KUNIT_CASE(subkeys_are_gone_down_to_and_up_from),
	KUNIT_CASE(subkeys_are_found_by_name),
	KUNIT_CASE(no_subkey_has_a_long_name),
	KUNIT_CASE(routines_are_called_without_a_value),
	KUNIT_CASE(query_at_dispatch_level_is_refused),
	{}
};

static struct kunit_suite registry_suite = {
	.name = "ntshim_registry",
	.init = registry_init,
	.exit = registry_exit,
	.test_cases = registry_cases,
};

kunit_test_suite(registry_suite);
