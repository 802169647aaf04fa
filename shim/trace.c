// SPDX-License-Identifier: GPL-2.0
/*
 * The one place where the tracepoints of trace.h are defined.
 */

#include "compat.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

EXPORT_TRACEPOINT_SYMBOL_GPL(nts_timer_expire);
EXPORT_TRACEPOINT_SYMBOL_GPL(nts_wait_begin);
EXPORT_TRACEPOINT_SYMBOL_GPL(nts_wait_end);
EXPORT_TRACEPOINT_SYMBOL_GPL(nts_signal);
