/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The time base: Linux nanoseconds on one side, NT units of 100 ns on the
 * other. Every conversion between the two is here, saturating and free of
 * side effects; nothing here knows timers, locks or contexts.
 */
#ifndef NTSHIM_CLOCK_H
#define NTSHIM_CLOCK_H

#include <linux/types.h>

/* 1601-01-01 to 1970-01-01, both 00:00 UTC, in units of 100 ns. */
#define NTS_EPOCH_100NS 116444736000000000LL

/**
 * struct nts_now - one instant on the two clocks that timers know
 * @mono_ns: CLOCK_MONOTONIC: relative due times and periods
 * @real_ns: CLOCK_REALTIME: absolute due times; steps when the clock is set
 *
 * Both come from a single hardware read, so their difference is the offset of
 * the wall clock at that instant.
 */
struct nts_now {
	u64 mono_ns;
	u64 real_ns;
};

/**
 * enum nts_due_kind - what a due time of the API turned into
 * @NTS_DUE_MONO: due when CLOCK_MONOTONIC reaches the value
 * @NTS_DUE_REAL: due when CLOCK_REALTIME reaches the value
 * @NTS_DUE_PAST: absolute and not after 1970: due whatever the clock says
 * @NTS_DUE_NEVER: beyond what a clock can reach: armed, but never due
 */
enum nts_due_kind {
	NTS_DUE_MONO,
	NTS_DUE_REAL,
	NTS_DUE_PAST,
	NTS_DUE_NEVER,
};

/**
 * struct nts_due - a due time in Linux terms
 * @kind: which clock decides, if any
 * @ns: the instant on that clock; 0 for PAST, U64_MAX for NEVER
 */
struct nts_due {
	enum nts_due_kind kind;
	u64 ns;
};

struct nts_now nts_clock_read(void);
struct nts_due nts_due_from_nt(s64 due_100ns, u64 mono_ns);

u64 nts_ns_from_100ns(u64 units);
u64 nts_ns_from_ms(u32 ms);
u64 nts_100ns_from_ns(u64 ns);
s64 nts_systime_from_real(u64 real_ns);

u32 nts_clock_tick_max(void);
u32 nts_clock_tick_min(void);
u32 nts_clock_tick_cur(void);
void nts_clock_tick_request(u32 desired_100ns);
void nts_clock_tick_default(void);
void nts_clock_precise_begin(void);
void nts_clock_precise_end(void);

int nts_clock_start(void);

#endif /* NTSHIM_CLOCK_H */
