// SPDX-License-Identifier: GPL-2.0
/*
 * What a driver asks at run time: which Windows this is, and whether a routine
 * exists.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/string.h>

#include "irql.h"
#include "report.h"
#include "rtl_api.h"
#include "status.h"

/* Windows 10, version 2004. */
#define NTDDI_VERSION 0x0a000008
static const struct nts_os_version this_version = {
	.major = 10,
	.build = 19041,
	.platform = 2,
	.product = 1,
};

/**
 * RtlGetVersion() - which Windows this is
 * @version: an RTL_OSVERSIONINFOW or RTL_OSVERSIONINFOEXW, as its first member,
 *	the size in bytes, says
 *
 * Context: IRQL PASSIVE_LEVEL; any Linux context.
 * Return: STATUS_SUCCESS, always.
 * Source: RtlGetVersion function (wdm.h); M-CMP-18.
 * Test: ntshim_language:version_is_windows_10
 */
s32 RtlGetVersion(struct nts_os_version *version)
{
	u32 size = version->size;

	if (size != sizeof(*version))
		size = offsetof(struct nts_os_version, sp_major);
	memcpy((u8 *)version + sizeof(u32), (u8 *)&this_version + sizeof(u32),
	       size - sizeof(u32));
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(RtlGetVersion);

/* Bits of a mask of types, and of a mask of conditions: three for each type. */
#define VER_MINORVERSION 0x01
#define VER_MAJORVERSION 0x02
#define VER_SERVICEPACKMINOR 0x10
#define VER_SERVICEPACKMAJOR 0x20
#define VER_SUITENAME 0x40
#define NR_TYPES 8
#define CONDITION_BITS 3

enum condition {
	VER_EQUAL = 1,
	VER_GREATER,
	VER_GREATER_EQUAL,
	VER_LESS,
	VER_LESS_EQUAL,
	VER_AND,
	VER_OR,
};

/**
 * VerSetConditionMask() - say how a part of the version is compared
 * @conditions: so far; begin with 0
 * @types: one or more VER_xxx types
 * @condition: VER_EQUAL to VER_OR
 *
 * Context: any IRQL, any Linux context.
 * Return: the new mask.
 * Source: VerSetConditionMask function (wdm.h); M-CMP-18.
 * Test: ntshim_language:version_is_compared_by_its_parts
 */
u64 VerSetConditionMask(u64 conditions, u32 types, u8 condition)
{
	unsigned int type;

	for (type = 0; type < NR_TYPES; type++)
		if (types & BIT(type))
			conditions |= (u64)(condition & 7)
				      << (type * CONDITION_BITS);
	return conditions;
}
EXPORT_SYMBOL_GPL(VerSetConditionMask);

static u32 part_of(const struct nts_os_version *version, unsigned int type)
{
	const u32 parts[NR_TYPES] = {
		version->minor,	   version->major,    version->build,
		version->platform, version->sp_minor, version->sp_major,
		version->suites,   version->product,
	};

	return parts[type];
}

static bool holds(u32 here, u32 wanted, enum condition condition)
{
	switch (condition) {
	case VER_EQUAL:
		return here == wanted;
	case VER_GREATER:
		return here > wanted;
	case VER_GREATER_EQUAL:
		return here >= wanted;
	case VER_LESS:
		return here < wanted;
	case VER_LESS_EQUAL:
		return here <= wanted;
	case VER_AND:
		return (here & wanted) == wanted;
	case VER_OR:
		return here & wanted;
	}
	return false;
}

/*
 * The version is one number in four parts, the most significant first: the first
 * part that differs decides, by its own condition.
 */
static bool number_holds(const struct nts_os_version *wanted, u32 types,
			 u64 conditions)
{
	static const u8 order[] = { 1, 0, 5, 4 };
	enum condition condition = VER_EQUAL;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		u32 here, there;

		if (!(types & BIT(order[i])))
			continue;
		condition = conditions >> (order[i] * CONDITION_BITS) & 7;
		here = part_of(&this_version, order[i]);
		there = part_of(wanted, order[i]);
		if (here != there)
			return holds(here, there, condition);
	}
	return condition != VER_GREATER && condition != VER_LESS;
}

/**
 * RtlVerifyVersionInfo() - compare a version with this one
 * @wanted: what this version is compared with; only the parts in @types are read
 * @types: VER_xxx types, at least one
 * @conditions: see VerSetConditionMask(); one for each type
 *
 * Context: IRQL PASSIVE_LEVEL; any Linux context.
 * Return: STATUS_SUCCESS: all conditions hold; STATUS_REVISION_MISMATCH: not;
 *	STATUS_INVALID_PARAMETER: no type, or one without a condition.
 * Source: RtlVerifyVersionInfo function (wdm.h); M-CMP-18.
 * Test: ntshim_language:version_is_compared_by_its_parts
 */
s32 RtlVerifyVersionInfo(const struct nts_os_version *wanted, u32 types,
			 u64 conditions)
{
	const u32 number = VER_MAJORVERSION | VER_MINORVERSION |
			   VER_SERVICEPACKMAJOR | VER_SERVICEPACKMINOR;
	unsigned int type;

	if (!types || types >= BIT(NR_TYPES))
		return NTS_STATUS_INVALID_PARAMETER;
	for (type = 0; type < NR_TYPES; type++) {
		u8 condition = conditions >> (type * CONDITION_BITS) & 7;
		bool is_bits;

		if (!(types & BIT(type)))
			continue;
		is_bits = condition >= VER_AND;
		if (!condition || is_bits != (BIT(type) == VER_SUITENAME))
			return NTS_STATUS_INVALID_PARAMETER;
		if (!(BIT(type) & number) &&
		    !holds(part_of(&this_version, type), part_of(wanted, type),
			   condition))
			return NTS_STATUS_REVISION_MISMATCH;
	}
	if ((types & number) && !number_holds(wanted, types, conditions))
		return NTS_STATUS_REVISION_MISMATCH;
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(RtlVerifyVersionInfo);

/**
 * RtlIsNtDdiVersionAvailable() - whether the interfaces of a version are here
 * @version: NTDDI_xxx, the low byte 0 or a service pack
 *
 * Context: IRQL PASSIVE_LEVEL; any Linux context.
 * Return: 1: they are; 0: they are of a later Windows.
 * Source: RtlIsNtDdiVersionAvailable function (wdm.h); M-CMP-18.
 * Test: ntshim_language:version_is_windows_10
 */
u8 RtlIsNtDdiVersionAvailable(u32 version)
{
	return version <= NTDDI_VERSION;
}
EXPORT_SYMBOL_GPL(RtlIsNtDdiVersionAvailable);

/* Longer than any name. */
#define NAME_SIZE 64

static bool narrow(char *name, const struct nts_unicode_string *wide)
{
	size_t length = wide->length / sizeof(u16), i;

	if (!length || length >= NAME_SIZE)
		return false;
	for (i = 0; i < length; i++) {
		if (!wide->buffer[i] || wide->buffer[i] > 0x7e)
			return false;
		name[i] = wide->buffer[i];
	}
	name[length] = '\0';
	return true;
}

/**
 * MmGetSystemRoutineAddress() - where a routine is, if there is one
 * @name: its name, as the headers spell it; case matters
 *
 * Drivers look for a newer routine this way and do without it on an older
 * Windows. Only what Windows has is found: no name of Linux, and none of the
 * library's own.
 *
 * Context: IRQL PASSIVE_LEVEL, process context; above it the call is noted and
 *	finds nothing.
 * Return: the address, good as long as the driver is loaded; NULL: none.
 * Source: MmGetSystemRoutineAddress function (wdm.h); M-CMP-18.
 * Test: ntshim_language:exported_routines_are_found
 */
void *MmGetSystemRoutineAddress(const struct nts_unicode_string *name)
{
	char symbol[NAME_SIZE];
	void *address;

	if (nts_irql_current() > NTS_PASSIVE_LEVEL) {
		nts_misuse("M-CMP-18", NULL,
			   "routine looked for above PASSIVE_LEVEL");
		return NULL;
	}
	if (!narrow(symbol, name) || strstarts(symbol, "nts_"))
		return NULL;
	address = __symbol_get(symbol);
	if (!address)
		return NULL;
	/* The driver holds the library already, by the names it is linked with. */
	__symbol_put(symbol);
	return within_module((unsigned long)address, THIS_MODULE) ? address :
								    NULL;
}
EXPORT_SYMBOL_GPL(MmGetSystemRoutineAddress);
