/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The run-time checks: what a correct driver never notices and a wrong one is
 * told. Off, a check costs one branch that is not taken. On, it may report, but
 * never changes what a correct call does (V-40).
 */
#ifndef NTSHIM_VERIFIER_H
#define NTSHIM_VERIFIER_H

#include <linux/compiler.h>
#include <linux/instruction_pointer.h>
#include <linux/jump_label.h>
#include <linux/types.h>

#include "irql.h"

/**
 * enum nts_verifier_mode - value of the parameter and of the debugfs switch
 * @NTS_VERIFIER_OFF: no check
 * @NTS_VERIFIER_ON: what the reference pages of Windows forbid
 * @NTS_VERIFIER_STRICT: also what only its compliance rules forbid (V-43)
 * @NTS_NR_VERIFIER_MODES: number of modes
 */
enum nts_verifier_mode {
	NTS_VERIFIER_OFF,
	NTS_VERIFIER_ON,
	NTS_VERIFIER_STRICT,
	NTS_NR_VERIFIER_MODES,
};

/* Rows of the table of checks, by their names; verifier.c says what each says. */
enum nts_check {
	NTS_V_01,
	NTS_V_02,
	NTS_V_03,
	NTS_V_05,
	NTS_V_06,
	NTS_V_08,
	NTS_V_09,
	NTS_V_10,
	NTS_V_12,
	NTS_V_12_RELEASE,
	NTS_V_14,
	NTS_V_15,
	NTS_V_16,
	NTS_V_17,
	NTS_V_24,
	NTS_V_26,
	NTS_NR_CHECKS,
};

DECLARE_STATIC_KEY_FALSE(nts_verifier_key);

/* Off: a branch that is not taken. */
static __always_inline bool nts_verifier_on(void)
{
	return static_branch_unlikely(&nts_verifier_key);
}

int nts_verifier_switch(enum nts_verifier_mode mode);
enum nts_verifier_mode nts_verifier_mode(void);

/**
 * nts_verifier_is_strict() - whether compliance rules count too
 *
 * Context: any.
 * Return: true in mode NTS_VERIFIER_STRICT.
 * Source: V-43.
 * Test: ntshim_verifier:strict_mode_adds_compliance_rules
 */
static __always_inline bool nts_verifier_is_strict(void)
{
	return nts_verifier_on() && nts_verifier_mode() == NTS_VERIFIER_STRICT;
}

bool __nts_verify_level(enum nts_check check, u8 least, u8 most,
			const void *object, unsigned long caller);

/**
 * nts_verify_level() - the caller must run at a level in a range
 * @check: row of the table, for the report
 * @least: lowest KIRQL that the row accepts
 * @most: highest KIRQL that it accepts
 * @object: object concerned or NULL; printed, never read
 *
 * For exported routines themselves: the report names their caller. Helpers that
 * are not inlined call __nts_verify_level() with the address they were given.
 *
 * Context: any; no lock of the engine held.
 * Return: true if the level fits or the verifier is off.
 */
static __always_inline bool nts_verify_level(enum nts_check check, u8 least,
					     u8 most, const void *object)
{
	return !nts_verifier_on() ||
	       __nts_verify_level(check, least, most, object, _RET_IP_);
}

/* The common kind: not above @most. */
static __always_inline bool nts_verify_at_most(enum nts_check check, u8 most,
					       const void *object)
{
	return nts_verify_level(check, NTS_PASSIVE_LEVEL, most, object);
}

void nts_verifier_start(void);

#endif /* NTSHIM_VERIFIER_H */
