// SPDX-License-Identifier: GPL-2.0
/*
 * The switch of the run-time checks and the table of the level checks: which
 * row allows which level is said where the routine is, what the report says is
 * said here.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/debugfs.h>
#include <linux/export.h>
#include <linux/fs.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>

#include "debugfs.h"
#include "io_remove_lock.h"
#include "ke_api.h"
#include "report.h"
#include "verifier.h"
#include "verifier_held.h"
#include "verifier_locks.h"

/**
 * struct check - what a row's report says
 * @rule: rule ID
 * @subcode: number of the rule of Windows; 0: it has none, the row is advisory
 * @text: its name there and what is wrong
 * @advice: what to do
 */
struct check {
	const char *rule;
	unsigned long subcode;
	const char *text;
	const char *advice;
};

static const struct check checks[NTS_NR_CHECKS] = {
	[NTS_V_01] = { "V-01", 0x20011,
		       "IrqlKeDispatchLte: called above DISPATCH_LEVEL",
		       "queue a DPC and call it there" },
	[NTS_V_02] = { "V-02", 0x20016,
		       "IrqlKeSetEvent: Wait is TRUE above the level of a wait",
		       "pass FALSE: no wait can follow here" },
	[NTS_V_03] = { "V-03", 0x120,
		       "IrqlKeWaitForMultipleObjects: above DISPATCH_LEVEL",
		       "queue a DPC and look there" },
	[NTS_V_05] = { "V-05", 0x20010,
		       "IrqlKeApcLte2: region entered or left above APC_LEVEL",
		       "enter before raising and leave after lowering" },
	[NTS_V_06] = { "V-06", 0, "asked for APCs above DISPATCH_LEVEL",
		       "ask before raising the level" },
	[NTS_V_08] = { "V-08", 0x40,
		       "IrqlKeDispatchLte: spin lock taken above DISPATCH_LEVEL",
		       "take it in a DPC; no spin lock is for device levels" },
	[NTS_V_09] = { "V-09", 0x41,
		       "IrqlDispatch: AtDpcLevel form used below DISPATCH_LEVEL",
		       "use the form that raises the level" },
	[NTS_V_10] = { "V-10", 0x32,
		       "IrqlKeReleaseSpinLock: not at DISPATCH_LEVEL",
		       "release the lock before changing the level" },
	[NTS_V_12] = { "V-12", 0x33,
		       "IrqlExApcLte1: fast mutex taken above APC_LEVEL",
		       "take it before raising the level" },
	[NTS_V_12_RELEASE] = { "V-12", 0x34,
			       "IrqlExApcLte1: fast mutex used at a wrong level",
			       "release at APC_LEVEL, as it was taken" },
	[NTS_V_14] = { "V-14", 0x20007,
		       "IrqlExApcLte3: resource used above APC_LEVEL",
		       "take it before raising the level" },
	[NTS_V_15] = { "V-15", 0x1,
		       "IrqlExAllocatePool: pool allocated above DISPATCH_LEVEL",
		       "allocate before raising the level" },
	[NTS_V_16] = { "V-16", 0x11,
		       "IrqlExFree1: pool freed above DISPATCH_LEVEL",
		       "free it in a DPC" },
	[NTS_V_17] = { "V-17", 0x20008,
		       "IrqlExPassive: exception raised above APC_LEVEL",
		       "return a status instead" },
	[NTS_V_24] = { "V-24", 0, "timer routine called above DISPATCH_LEVEL",
		       "queue a DPC and call it there" },
	[NTS_V_26] = { "V-26", 0,
		       "object or remove lock used above DISPATCH_LEVEL",
		       "queue a DPC and do it there" },
};

DEFINE_STATIC_KEY_FALSE(nts_verifier_key);

/* Serialises changes of the mode. */
static DEFINE_MUTEX(mode_mutex);
static enum nts_verifier_mode mode;
static unsigned int verifier;

module_param(verifier, uint, 0444);
MODULE_PARM_DESC(verifier,
		 "Check what drivers do: 0 no (default), 1 yes, 2 strictly; debugfs switches it later");

/**
 * nts_verifier_mode() - how much is checked
 *
 * Context: any.
 * Return: the mode a moment ago.
 */
enum nts_verifier_mode nts_verifier_mode(void)
{
	return READ_ONCE(mode);
}
NTS_EXPORT_INTERNAL(nts_verifier_mode);

/**
 * nts_verifier_switch() - check more or less from now on
 * @new_mode: how much
 *
 * Objects that were in use before the switch are not suspected: what a check
 * has not seen begin it lets end.
 *
 * Context: process; sleeps.
 * Return: 0, or -EINVAL for a mode there is not.
 * Test: ntshim_verifier:switch_turns_checks_on_and_off
 */
int nts_verifier_switch(enum nts_verifier_mode new_mode)
{
	if (new_mode >= NTS_NR_VERIFIER_MODES)
		return -EINVAL;
	mutex_lock(&mode_mutex);
	WRITE_ONCE(mode, new_mode);
	nts_lock_forget_all();
	nts_held_forget_all();
	nts_remove_holds_forget(NULL);
	if (new_mode == NTS_VERIFIER_OFF)
		static_branch_disable(&nts_verifier_key);
	else
		static_branch_enable(&nts_verifier_key);
	mutex_unlock(&mode_mutex);
	return 0;
}
NTS_EXPORT_INTERNAL(nts_verifier_switch);

static int switch_get(void *data, u64 *value)
{
	*value = nts_verifier_mode();
	return 0;
}

static int switch_set(void *data, u64 value)
{
	return value < NTS_NR_VERIFIER_MODES ? nts_verifier_switch(value) :
					       -EINVAL;
}

DEFINE_DEBUGFS_ATTRIBUTE(switch_fops, switch_get, switch_set, "%llu\n");

/**
 * __nts_verify_level() - check the level, the verifier being on
 * @check: row of the table
 * @least: lowest KIRQL that the row accepts
 * @most: highest KIRQL that it accepts
 * @object: object concerned or NULL
 * @caller: address in the driver
 *
 * Context: any; no lock of the engine held.
 * Return: true if the level fits; false, with the row's report made.
 * Source: section 15 of the rules.
 * Test: ntshim_verifier:each_row_reports_once_per_call
 */
bool __nts_verify_level(enum nts_check check, u8 least, u8 most,
			const void *object, unsigned long caller)
{
	const struct check *row = &checks[check];
	u8 level = nts_irql_current();
	struct nts_finding finding = {
		.rule = row->rule,
		.code = row->subcode ? NTS_BUG_VERIFIER_VIOLATION : 0,
		.caller = caller,
		.object = object,
		.text = row->text,
		.advice = row->advice,
		.once = true,
		.args = { row->subcode, level, most, (unsigned long)object },
	};

	/* Every call that is checked breaks the promise of a wait but a wait. */
	if (check != NTS_V_03)
		nts_wait_note_broken_promise(caller);
	if (likely(level >= least && level <= most))
		return true;
	nts_finding_raise(row->subcode ? NTS_REPORT : NTS_MISUSE, &finding);
	return false;
}

/**
 * nts_verifier_start() - do as the parameter says and offer the switch
 *
 * Context: module init.
 */
void __init nts_verifier_start(void)
{
	if (nts_verifier_switch(verifier))
		pr_warn("verifier=%u is not 0, 1 or 2; not checking\n",
			verifier);
	debugfs_create_file_unsafe("verifier", 0600, nts_debugfs_dir, NULL,
				   &switch_fops);
}
