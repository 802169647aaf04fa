// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers of processors: an index is Linux' number of the CPU, and 64 of them
 * make a group.
 */

#include "compat.h"

#include <linux/cpumask.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/smp.h>

#include "../include/nt/nt_layout.h"
#include "nt_api.h"
#include "status.h"

#define GROUP_SIZE NT_LAYOUT_MAXIMUM_PROC_PER_GROUP
#define ALL_GROUPS 0xffff
#define INVALID_INDEX U32_MAX

static u16 group_of(unsigned int cpu)
{
	return cpu / GROUP_SIZE;
}

static void number_of(unsigned int cpu, struct nts_processor_number *number)
{
	number->group = group_of(cpu);
	number->number = cpu % GROUP_SIZE;
	number->reserved = 0;
}

/**
 * KeGetCurrentProcessorNumberEx() - the processor that runs the caller
 * @number: receives its group and its number there; may be NULL
 *
 * Context: any; stable at DISPATCH_LEVEL and above.
 * Return: its index, below KeQueryMaximumProcessorCountEx(ALL_PROCESSOR_GROUPS).
 * Source: KeGetCurrentProcessorNumberEx function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
u32 KeGetCurrentProcessorNumberEx(struct nts_processor_number *number)
{
	unsigned int cpu = raw_smp_processor_id();

	if (number)
		number_of(cpu, number);
	return cpu;
}
EXPORT_SYMBOL_GPL(KeGetCurrentProcessorNumberEx);

/**
 * KeQueryActiveProcessorCountEx() - how many processors run
 * @group: of this group, or ALL_PROCESSOR_GROUPS (0xffff)
 *
 * Context: any; processors may come and go meanwhile.
 * Return: number of CPUs that are online; 0 for a group there is not.
 * Source: KeQueryActiveProcessorCountEx function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
u32 KeQueryActiveProcessorCountEx(u16 group)
{
	unsigned int cpu, count = 0;

	for_each_online_cpu(cpu)
		count += group == ALL_GROUPS || group_of(cpu) == group;
	return count;
}
EXPORT_SYMBOL_GPL(KeQueryActiveProcessorCountEx);

/**
 * KeQueryMaximumProcessorCountEx() - how large a table of processors must be
 * @group: of this group, or ALL_PROCESSOR_GROUPS (0xffff)
 *
 * Context: any.
 * Return: one more than the highest index, or number in the group, that a
 * processor can ever have; 0 for a group there is not. With holes in Linux'
 * numbers it is more than there are processors.
 * Source: KeQueryMaximumProcessorCountEx function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
u32 KeQueryMaximumProcessorCountEx(u16 group)
{
	if (group == ALL_GROUPS)
		return nr_cpu_ids;
	if (group * GROUP_SIZE >= nr_cpu_ids)
		return 0;
	return min(nr_cpu_ids - group * GROUP_SIZE, (unsigned int)GROUP_SIZE);
}
EXPORT_SYMBOL_GPL(KeQueryMaximumProcessorCountEx);

/**
 * KeQueryActiveGroupCount() - how many groups have processors that run
 *
 * Context: any.
 * Return: one more than the highest group of a CPU that is online.
 * Source: KeQueryActiveGroupCount function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
u16 KeQueryActiveGroupCount(void)
{
	return group_of(cpumask_last(cpu_online_mask)) + 1;
}
EXPORT_SYMBOL_GPL(KeQueryActiveGroupCount);

/**
 * KeQueryMaximumGroupCount() - how many groups there can be
 *
 * Context: any.
 * Return: one more than the highest group that a CPU can have.
 * Source: KeQueryMaximumGroupCount function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
u16 KeQueryMaximumGroupCount(void)
{
	return group_of(nr_cpu_ids - 1) + 1;
}
EXPORT_SYMBOL_GPL(KeQueryMaximumGroupCount);

/**
 * KeQueryGroupAffinity() - which processors of a group run
 * @group: group number
 *
 * Context: any; processors may come and go meanwhile.
 * Return: a bit for each number whose CPU is online; 0 for a group there is not.
 * Source: KeQueryGroupAffinity function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
u64 KeQueryGroupAffinity(u16 group)
{
	unsigned int cpu;
	u64 mask = 0;

	for_each_online_cpu(cpu)
		if (group_of(cpu) == group)
			mask |= BIT_ULL(cpu % GROUP_SIZE);
	return mask;
}
EXPORT_SYMBOL_GPL(KeQueryGroupAffinity);

/**
 * KeGetProcessorNumberFromIndex() - group and number of a processor
 * @index: its index
 * @number: receives them
 *
 * Context: any.
 * Return: STATUS_SUCCESS; STATUS_INVALID_PARAMETER, @number not written: no
 * processor can have that index.
 * Source: KeGetProcessorNumberFromIndex function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
s32 KeGetProcessorNumberFromIndex(u32 index,
				  struct nts_processor_number *number)
{
	if (index >= nr_cpu_ids || !cpu_possible(index))
		return NTS_STATUS_INVALID_PARAMETER;
	number_of(index, number);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(KeGetProcessorNumberFromIndex);

/**
 * KeGetProcessorIndexFromNumber() - index of a processor
 * @number: its group and number
 *
 * Context: any.
 * Return: the index; INVALID_PROCESSOR_INDEX (0xffffffff): there is none.
 * Source: KeGetProcessorIndexFromNumber function (wdm.h); I-CTX-11.
 * Test: ntshim_level_rules:processor_numbers_fit_each_other
 */
u32 KeGetProcessorIndexFromNumber(const struct nts_processor_number *number)
{
	u32 index = number->group * GROUP_SIZE + number->number;

	if (number->number >= GROUP_SIZE || index >= nr_cpu_ids ||
	    !cpu_possible(index))
		return INVALID_INDEX;
	return index;
}
EXPORT_SYMBOL_GPL(KeGetProcessorIndexFromNumber);
