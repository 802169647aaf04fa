/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The two ways in which a driver's fault is told: a report where Windows would
 * bug check, a misuse note where a contract is broken without one. Both may be
 * called in any context, but never under a shard or queue lock: callers copy
 * what they need and report after the unlock.
 */
#ifndef NTSHIM_REPORT_H
#define NTSHIM_REPORT_H

#include <linux/compiler.h>
#include <linux/instruction_pointer.h>
#include <linux/types.h>

#include "bugcodes.h"

/**
 * struct nts_finding - what a report or a misuse note says
 * @rule: rule ID, a string constant; the first word of the report
 * @code: enum nts_bugcode or one that a driver chose, or 0 where Windows documents none
 * @caller: address in the driver that made the call, for its symbol
 * @routine: DPC or callback concerned, for its symbol; NULL: none
 * @object: the object concerned, NULL for none; printed, never dereferenced
 * @text: one sentence on what is wrong, a string constant
 * @advice: what to do about it, a string constant; NULL: @text says it
 * @once: print a report once per call site, as misuse always is (V-42)
 * @args: the bug check's parameters or other values that explain @text
 */
struct nts_finding {
	const char *rule;
	u32 code;
	unsigned long caller;
	const void *routine;
	const void *object;
	const char *text;
	const char *advice;
	bool once;
	unsigned long args[4];
};

/**
 * enum nts_finding_kind - weight of a finding
 * @NTS_REPORT: Windows would bug check; full block, obeys bugcheck=
 * @NTS_MISUSE: contract broken; printed once per call site, counted always
 * @NTS_BUGCHECK: the driver itself asked for the end of the system
 * @NTS_NR_FINDINGS: number of kinds
 */
enum nts_finding_kind {
	NTS_REPORT,
	NTS_MISUSE,
	NTS_BUGCHECK,
	NTS_NR_FINDINGS,
};

/*
 * Replaces the default action of every finding. May run in any context; for
 * NTS_BUGCHECK it must not return (a test ends its thread instead).
 */
typedef void (*nts_finding_fn)(enum nts_finding_kind kind,
			       const struct nts_finding *finding, void *data);

void nts_driver_name(unsigned long address, char *name, size_t size);
void nts_finding_raise(enum nts_finding_kind kind,
		       const struct nts_finding *finding);
void nts_finding_hook(nts_finding_fn fn, void *data);
unsigned long nts_finding_count(enum nts_finding_kind kind);
void nts_finding_forget_sites(void);

void __nts_finding(enum nts_finding_kind kind, const char *rule, u32 code,
		   unsigned long caller, const void *object,
		   const char *text) __cold;
void __nts_finding_raised(const char *rule, u32 status, unsigned long caller,
			  const void *object, const char *text) __cold;

/*
 * For use in an exported function itself: its return address is then the
 * place in the driver. Helpers take that address and use the _at forms.
 */
#define nts_report(rule, code, object, text) \
	__nts_finding(NTS_REPORT, rule, code, _RET_IP_, object, text)
#define nts_misuse(rule, object, text) \
	__nts_finding(NTS_MISUSE, rule, 0, _RET_IP_, object, text)
#define nts_report_at(caller, rule, code, object, text) \
	__nts_finding(NTS_REPORT, rule, code, caller, object, text)
#define nts_misuse_at(caller, rule, object, text) \
	__nts_finding(NTS_MISUSE, rule, 0, caller, object, text)

/* Where Windows raises @status_ and no handler can exist (B-EXC-02). */
#define nts_report_raised_at(caller, rule, status, object, text) \
	__nts_finding_raised(rule, status, caller, object, text)

#endif /* NTSHIM_REPORT_H */
