// SPDX-License-Identifier: GPL-2.0
/*
 * The reporters: what happens where Windows would bug check, where a contract
 * is broken without one, and where a driver itself bug checks. Knows no object
 * type and reads no object; usable in any context.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/atomic.h>
#include <linux/export.h>
#include <linux/hash.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/panic.h>
#include <linux/pid.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/smp.h>
#include <linux/string.h>

#include "irql.h"
#include "nt_api.h"
#include "report.h"
#include "verifier.h"

/* A power of two; more misbehaving call sites than this are only counted. */
#define NR_SITES 256

/**
 * nts_driver_name() - the module that an address belongs to
 * @address: code or data address
 * @name: receives its name, or "kernel"
 * @size: room in bytes
 *
 * Context: any.
 */
void nts_driver_name(unsigned long address, char *name, size_t size)
{
	char symbol[KSYM_SYMBOL_LEN];
	char *module;

	sprint_symbol_no_offset(symbol, address);
	module = strrchr(symbol, '[');
	if (module)
		module[strcspn(module, " ]")] = '\0';
	strscpy(name, module ? module + 1 : "kernel", size);
}
NTS_EXPORT_INTERNAL(nts_driver_name);

static bool bugcheck_panics;

static int bugcheck_set(const char *value, const struct kernel_param *param)
{
	static const char *const words[] = { "report", "panic" };
	int word = sysfs_match_string(words, value);

	if (word < 0)
		return word;
	bugcheck_panics = word;
	return 0;
}

static int bugcheck_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "%s\n", bugcheck_panics ? "panic" : "report");
}

static const struct kernel_param_ops bugcheck_ops = {
	.set = bugcheck_set,
	.get = bugcheck_get,
};
module_param_cb(bugcheck, &bugcheck_ops, NULL, 0444);
MODULE_PARM_DESC(bugcheck,
		 "Where Windows would bug check: report (default) or panic");

static atomic_long_t counts[NTS_NR_FINDINGS];

static int counts_get(char *buffer, const struct kernel_param *param)
{
	return sysfs_emit(buffer, "report %lu\nmisuse %lu\n",
			  nts_finding_count(NTS_REPORT),
			  nts_finding_count(NTS_MISUSE));
}

static const struct kernel_param_ops counts_ops = {
	.get = counts_get,
};
module_param_cb(findings, &counts_ops, NULL, 0444);
MODULE_PARM_DESC(findings, "Number of reports and misuse notes so far");

static nts_finding_fn hook_fn;
static void *hook_data;

/* Call sites that had their say: hash of the address and the rule, or 0. */
static atomic_long_t sites[NR_SITES];

/* Claims the site; false if it was claimed before or the table is full. */
static bool is_new_site(const struct nts_finding *finding)
{
	long key = hash_long(finding->caller, BITS_PER_LONG - 1) ^
		   hash_long((unsigned long)finding->rule, BITS_PER_LONG - 1);
	unsigned int i;
	long seen;

	key |= 1;
	for (i = 0; i < NR_SITES; i++) {
		seen = atomic_long_cmpxchg(&sites[(key / 2 + i) % NR_SITES], 0,
					   key);
		if (seen == key)
			return false;
		if (!seen)
			return true;
	}
	return false;
}

/**
 * nts_finding_forget_sites() - let every call site be printed once more
 *
 * Context: any.
 */
void nts_finding_forget_sites(void)
{
	unsigned int i;

	for (i = 0; i < NR_SITES; i++)
		atomic_long_set(&sites[i], 0);
}
NTS_EXPORT_INTERNAL(nts_finding_forget_sites);

/**
 * nts_finding_count() - how many findings of a kind there have been
 * @kind: which kind; findings a hook received are not counted
 *
 * Context: any.
 * Return: the number since the module was loaded.
 */
unsigned long nts_finding_count(enum nts_finding_kind kind)
{
	return atomic_long_read(&counts[kind]);
}
NTS_EXPORT_INTERNAL(nts_finding_count);

/**
 * nts_finding_hook() - let a test receive the findings
 * @fn: called instead of the default action; NULL ends that
 * @data: handed to @fn
 *
 * Context: process; one user at a time, no finding under way.
 */
void nts_finding_hook(nts_finding_fn fn, void *data)
{
	if (fn)
		WRITE_ONCE(hook_data, data);
	/* Pairs with the acquire in nts_finding_raise(). */
	smp_store_release(&hook_fn, fn);
}
NTS_EXPORT_INTERNAL(nts_finding_hook);

static void print_where(const struct nts_finding *finding)
{
	char driver[MODULE_NAME_LEN];

	nts_driver_name(finding->caller, driver, sizeof(driver));
	if (finding->routine)
		pr_err("  routine %pS\n", finding->routine);
	pr_err("  driver %s, object %p, IRQL %u, CPU %u, thread %s/%d\n",
	       driver, finding->object, nts_irql_current(),
	       raw_smp_processor_id(), current->comm, task_pid_nr(current));
}

static void print_report(const struct nts_finding *finding)
{
	pr_err("report %s code 0x%08x (0x%lx, 0x%lx, 0x%lx, 0x%lx) by %pS\n",
	       finding->rule, finding->code, finding->args[0], finding->args[1],
	       finding->args[2], finding->args[3], (void *)finding->caller);
	pr_err("  %s\n", finding->text);
	if (finding->advice)
		pr_err("  to do: %s\n", finding->advice);
	print_where(finding);
	dump_stack();
	/* Not TAINT_WARN: that one says the kernel found a fault of its own. */
	add_taint(TAINT_USER, LOCKDEP_STILL_OK);
}

static void print_misuse(const struct nts_finding *finding)
{
	pr_warn("misuse %s by %pS: %s\n", finding->rule,
		(void *)finding->caller, finding->text);
	if (finding->advice)
		pr_warn("  to do: %s\n", finding->advice);
	print_where(finding);
}

static void __noreturn stop_system(const struct nts_finding *finding)
{
	pr_emerg("bug check 0x%08x (0x%lx, 0x%lx, 0x%lx, 0x%lx) by %pS\n",
		 finding->code, finding->args[0], finding->args[1],
		 finding->args[2], finding->args[3], (void *)finding->caller);
	panic("%s: bug check 0x%08x: %s", KBUILD_MODNAME, finding->code,
	      finding->text);
}

/**
 * nts_finding_raise() - tell a driver's fault
 * @kind: how grave it is
 * @finding: what is wrong; copied by nobody, may lie on the stack
 *
 * Use the macros of report.h. Changes nothing but logs, counters and taint, so
 * that the caller goes on as its rule says.
 *
 * Context: any IRQL, any Linux context; no shard or queue lock held.
 * Return: always, except for NTS_BUGCHECK, and NTS_REPORT with bugcheck=panic.
 * Source: TM-081, TM-083, B-CHK-01 to B-CHK-03.
 * Test: ntshim_report:report_reaches_the_hook
 */
void nts_finding_raise(enum nts_finding_kind kind,
		       const struct nts_finding *finding)
{
	/* Pairs with the release in nts_finding_hook(). */
	nts_finding_fn fn = smp_load_acquire(&hook_fn);

	if (fn) {
		fn(kind, finding, READ_ONCE(hook_data));
		if (kind != NTS_BUGCHECK)
			return;
	}

	atomic_long_inc(&counts[kind]);
	if (kind == NTS_MISUSE) {
		if (is_new_site(finding))
			print_misuse(finding);
		return;
	}
	if (kind == NTS_REPORT) {
		if (!finding->once || is_new_site(finding) || bugcheck_panics)
			print_report(finding);
		if (!bugcheck_panics)
			return;
	}
	stop_system(finding);
}
NTS_EXPORT_INTERNAL(nts_finding_raise);

/**
 * __nts_finding() - a finding that its text explains
 * @kind: how grave it is
 * @rule: see struct nts_finding
 * @code: see there
 * @caller: see there
 * @object: see there
 * @text: see there
 *
 * A function of its own, so that those who never report have no struct
 * nts_finding on their stack.
 *
 * Context: as nts_finding_raise().
 */
void __nts_finding(enum nts_finding_kind kind, const char *rule, u32 code,
		   unsigned long caller, const void *object, const char *text)
{
	const struct nts_finding finding = {
		.rule = rule,
		.code = code,
		.caller = caller,
		.object = object,
		.text = text,
	};

	nts_finding_raise(kind, &finding);
}
NTS_EXPORT_INTERNAL(__nts_finding);

/**
 * __nts_finding_raised() - a report of what Windows raises as an exception
 * @rule: see struct nts_finding
 * @status: the exception's NTSTATUS
 * @caller: see there
 * @object: see there
 * @text: see there
 *
 * Context: as nts_finding_raise().
 */
void __nts_finding_raised(const char *rule, u32 status, unsigned long caller,
			  const void *object, const char *text)
{
	const struct nts_finding finding = {
		.rule = rule,
		.code = NTS_BUG_EXCEPTION_NOT_HANDLED,
		.caller = caller,
		.object = object,
		.text = text,
		.args = { status },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

static void __noreturn bug_check(unsigned long caller, u32 code,
				 const unsigned long *args)
{
	struct nts_finding finding = {
		.rule = "TM-080",
		.code = code,
		.caller = caller,
		.text = "requested by the driver",
	};

	memcpy(finding.args, args, sizeof(finding.args));
	nts_finding_raise(NTS_BUGCHECK, &finding);
	/* Not reached: only a faulty hook returns. */
	stop_system(&finding);
}

/**
 * KeBugCheckEx() - stop the system in a controlled way
 * @code: reason, any 32-bit value
 * @arg1: value that explains @code
 * @arg2: as @arg1
 * @arg3: as @arg1
 * @arg4: as @arg1
 *
 * Logs one line with all values and the caller, then panics.
 *
 * Context: any IRQL, any Linux context; takes no lock of ours.
 * Return: never.
 * Source: KeBugCheckEx function (wdm.h); TM-080, B-CHK-01.
 * Test: ntshim_report:bug_check_ends_the_thread
 */
void KeBugCheckEx(u32 code, unsigned long arg1, unsigned long arg2,
		  unsigned long arg3, unsigned long arg4)
{
	const unsigned long args[] = { arg1, arg2, arg3, arg4 };

	bug_check(_RET_IP_, code, args);
}
EXPORT_SYMBOL_GPL(KeBugCheckEx);

/**
 * ExRaiseStatus() - raise an exception
 * @status: NTSTATUS
 *
 * There is no exception handling, so nobody can catch it: a bug check.
 *
 * Context: IRQL <= APC_LEVEL; works anywhere.
 * Source: ExRaiseStatus function (wdm.h); B-EXC-02, V-17.
 * Test: ntshim_bugcheck:raised_exception_is_a_bug_check
 */
void ExRaiseStatus(s32 status)
{
	const unsigned long args[4] = { (u32)status, _RET_IP_ };

	nts_verify_at_most(NTS_V_17, NTS_APC_LEVEL, NULL);
	bug_check(_RET_IP_, NTS_BUG_EXCEPTION_NOT_HANDLED, args);
}
EXPORT_SYMBOL_GPL(ExRaiseStatus);
