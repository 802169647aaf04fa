// SPDX-License-Identifier: GPL-2.0
/*
 * The registry as a driver sees it: no more than the numbers that the user has
 * set for it.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/module.h>
#include <linux/string.h>

#include "driver_values.h"
#include "irql.h"
#include "report.h"
#include "rtl_api.h"
#include "rtl_registry.h"
#include "status.h"

#define QUERIES_KNOWN                                                \
	(NTS_QUERY_SUBKEY | NTS_QUERY_TOPKEY | NTS_QUERY_REQUIRED |  \
	 NTS_QUERY_NOVALUE | NTS_QUERY_NOEXPAND | NTS_QUERY_DIRECT | \
	 NTS_QUERY_TYPECHECK)
#define TYPE_MASK ((1u << NTS_QUERY_TYPECHECK_SHIFT) - 1)

/* Enough for the longest key: a module's name and "\Parameters". */
#define KEY_MAX_CHARS (MODULE_NAME_LEN + 16)

/**
 * struct datum - a value that was found, or its default
 * @type: NTS_REG_*
 * @data: its bytes
 * @length: how many
 */
struct datum {
	u32 type;
	const void *data;
	u32 length;
};

static s32 store(const struct nts_registry_query *query,
		 const struct datum *datum)
{
	u32 expected = query->flags & NTS_QUERY_TYPECHECK ?
			       query->default_type >>
				       NTS_QUERY_TYPECHECK_SHIFT :
			       datum->type;

	if (datum->type != NTS_REG_DWORD || datum->length != sizeof(u32) ||
	    expected != datum->type)
		return NTS_STATUS_OBJECT_TYPE_MISMATCH;
	memcpy(query->entry_context, datum->data, sizeof(u32));
	return NTS_STATUS_SUCCESS;
}

static s32 answer(const struct nts_registry_query *query, void *context,
		  const struct datum *datum)
{
	if (query->flags & NTS_QUERY_DIRECT)
		return store(query, datum);
	return query->routine(query->name, datum->type, datum->data,
			      datum->length, context, query->entry_context);
}

/* One of a key has neither a routine nor a buffer. */
static bool is_valid(const struct nts_registry_query *query)
{
	bool direct = query->flags & NTS_QUERY_DIRECT;

	if (query->flags & ~QUERIES_KNOWN)
		return false;
	if (query->flags & NTS_QUERY_SUBKEY)
		return query->name && !query->routine && !direct;
	if (query->flags & NTS_QUERY_NOVALUE)
		return query->routine && !direct;
	return query->name &&
	       (direct ? query->entry_context && !query->routine :
			 !!query->routine);
}

static bool has_subkey(const u16 *key, const u16 *name)
{
	size_t length = nts_wide_length(key), more = nts_wide_length(name) + 1;
	u16 path[KEY_MAX_CHARS];

	if (length + 1 + more > KEY_MAX_CHARS)
		return false;
	memcpy(path, key, length * sizeof(*path));
	path[length] = '\\';
	memcpy(path + length + 1, name, more * sizeof(*path));
	return nts_driver_has_key(path);
}

static s32 read_value(const u16 *key, const struct nts_registry_query *query,
		      void *context)
{
	struct datum datum = {
		.type = query->default_type & TYPE_MASK,
		.data = query->default_data,
		.length = query->default_length,
	};
	u32 number;

	if (nts_driver_find_value(key, query->name, &number))
		datum = (struct datum){ NTS_REG_DWORD, &number,
					sizeof(number) };
	else if (query->flags & NTS_QUERY_REQUIRED)
		return NTS_STATUS_OBJECT_NAME_NOT_FOUND;
	else if (datum.type == NTS_REG_NONE)
		return NTS_STATUS_SUCCESS;
	return answer(query, context, &datum);
}

/*
 * A driver's key and its subkey hold the same values, so it does not matter which
 * of them a query has made the current one.
 */
static s32 query_one(const u16 *key, const struct nts_registry_query *query,
		     void *context)
{
	if (!is_valid(query))
		return NTS_STATUS_INVALID_PARAMETER;
	if (query->flags & NTS_QUERY_SUBKEY)
		return has_subkey(key, query->name) ?
			       NTS_STATUS_SUCCESS :
			       NTS_STATUS_OBJECT_NAME_NOT_FOUND;
	if (query->flags & NTS_QUERY_NOVALUE)
		return query->routine(NULL, NTS_REG_NONE, NULL, 0, context,
				      query->entry_context);
	return read_value(key, query, context);
}

static const u16 *key_of(u32 relative_to, const u16 *path)
{
	switch (relative_to & ~NTS_REGISTRY_OPTIONAL) {
	case NTS_REGISTRY_ABSOLUTE:
		return nts_driver_key(path);
	case NTS_REGISTRY_SERVICES:
		return path;
	default:
		return NULL;
	}
}

/**
 * RtlQueryRegistryValues() - read values of a driver's registry key
 * @relative_to: RTL_REGISTRY_ABSOLUTE 0 or RTL_REGISTRY_SERVICES 1; with
 *	RTL_REGISTRY_OPTIONAL, a key that is not there is no error
 * @path: of a loaded driver's key or of its subkey Parameters, which hold the
 *	same values; ends with a zero
 * @table: what to read; ends with an entry without routine and name
 * @context: for the routines
 * @environment: not used
 *
 * Values are the numbers that the driver's Kbuild names and the user has given
 * as parameters of its module: REG_DWORD.
 *
 * RTL_QUERY_REGISTRY_SUBKEY makes the key that it names, below @path, the one of
 * the queries that follow, up to the next of these or to one with
 * RTL_QUERY_REGISTRY_TOPKEY. Parameters is the only such key.
 * RTL_QUERY_REGISTRY_NOVALUE calls the routine alone. All values of a key cannot
 * be asked for at once, and none can be deleted: a query without a name,
 * RTL_QUERY_REGISTRY_SUBKEY with a routine, and RTL_QUERY_REGISTRY_DELETE are
 * invalid.
 *
 * Context: PASSIVE_LEVEL, process context; sleeps. Elsewhere reported and refused.
 * Return: STATUS_SUCCESS; STATUS_OBJECT_NAME_NOT_FOUND: no such key or subkey, or
 * no value that a query requires; STATUS_OBJECT_TYPE_MISMATCH: a value cannot be
 * stored; STATUS_INVALID_PARAMETER: a query that is none, or with flags that do
 * not exist here; or what a routine has returned as failure. What comes before
 * in @table has been read.
 * Source: RtlQueryRegistryValues function (wdm.h); M-LIF-04.
 * Test: ntshim_registry:values_are_found_by_key_and_name,
 * ntshim_registry:subkeys_are_gone_down_to_and_up_from
 */
s32 RtlQueryRegistryValues(u32 relative_to, const u16 *path,
			   const struct nts_registry_query *table,
			   void *context, void *environment)
{
	const u16 *key = key_of(relative_to, path);
	s32 status = NTS_STATUS_SUCCESS;

	if (nts_irql_current() > NTS_PASSIVE_LEVEL) {
		nts_report("V-22", NTS_BUG_VERIFIER_VIOLATION, NULL,
			   "RtlQueryRegistryValues above PASSIVE_LEVEL; refused");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	if (!key || !nts_driver_has_key(key))
		return relative_to & NTS_REGISTRY_OPTIONAL ?
			       NTS_STATUS_SUCCESS :
			       NTS_STATUS_OBJECT_NAME_NOT_FOUND;
	for (; status >= 0 && (table->routine || table->name); table++)
		status = query_one(key, table, context);
	return status < 0 ? status : NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(RtlQueryRegistryValues);
