/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: what happens to timers, who waits for what, and which signals
 * satisfy how many waits. Times are nanoseconds of the clock that is named.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM ntshim

#if !defined(NTSHIM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define NTSHIM_TRACE_H

#include <linux/tracepoint.h>

TRACE_EVENT(nts_timer_set,
	TP_PROTO(const void *timer, u8 clock, u64 due_ns, u64 period_ns,
		 bool was_armed),
	TP_ARGS(timer, clock, due_ns, period_ns, was_armed),
	TP_STRUCT__entry(
		__field(const void *, timer)
		__field(u64, due_ns)
		__field(u64, period_ns)
		__field(u8, clock)
		__field(bool, was_armed)
	),
	TP_fast_assign(
		__entry->timer = timer;
		__entry->due_ns = due_ns;
		__entry->period_ns = period_ns;
		__entry->clock = clock;
		__entry->was_armed = was_armed;
	),
	TP_printk("timer=%p %s due=%llu period_ns=%llu was_armed=%d",
		  __entry->timer, __entry->clock ? "real" : "mono",
		  __entry->due_ns, __entry->period_ns, __entry->was_armed)
);

TRACE_EVENT(nts_timer_cancel,
	TP_PROTO(const void *timer, bool was_armed),
	TP_ARGS(timer, was_armed),
	TP_STRUCT__entry(
		__field(const void *, timer)
		__field(bool, was_armed)
	),
	TP_fast_assign(
		__entry->timer = timer;
		__entry->was_armed = was_armed;
	),
	TP_printk("timer=%p was_armed=%d", __entry->timer, __entry->was_armed)
);

/* dpc is what is going to be queued, NULL for none. */
TRACE_EVENT(nts_timer_expire,
	TP_PROTO(const void *timer, const void *dpc, u64 mono_ns),
	TP_ARGS(timer, dpc, mono_ns),
	TP_STRUCT__entry(
		__field(const void *, timer)
		__field(const void *, dpc)
		__field(u64, mono_ns)
	),
	TP_fast_assign(
		__entry->timer = timer;
		__entry->dpc = dpc;
		__entry->mono_ns = mono_ns;
	),
	TP_printk("timer=%p dpc=%p mono=%llu", __entry->timer, __entry->dpc,
		  __entry->mono_ns)
);

/* object is the first of count, NULL for a delay. */
TRACE_EVENT(nts_wait_begin,
	TP_PROTO(const void *object, unsigned int count, bool all),
	TP_ARGS(object, count, all),
	TP_STRUCT__entry(
		__field(const void *, object)
		__field(unsigned int, count)
		__field(bool, all)
	),
	TP_fast_assign(
		__entry->object = object;
		__entry->count = count;
		__entry->all = all;
	),
	TP_printk("object=%p count=%u %s", __entry->object, __entry->count,
		  __entry->all ? "all" : "any")
);

TRACE_EVENT(nts_wait_end,
	TP_PROTO(const void *object, s32 status),
	TP_ARGS(object, status),
	TP_STRUCT__entry(
		__field(const void *, object)
		__field(s32, status)
	),
	TP_fast_assign(
		__entry->object = object;
		__entry->status = status;
	),
	TP_printk("object=%p status=0x%08x", __entry->object, __entry->status)
);

/* A wait satisfied by a signal; state is what is left for the next wait. */
TRACE_EVENT(nts_wait_satisfy,
	TP_PROTO(const void *object, u8 type, s32 state),
	TP_ARGS(object, type, state),
	TP_STRUCT__entry(
		__field(const void *, object)
		__field(s32, state)
		__field(u8, type)
	),
	TP_fast_assign(
		__entry->object = object;
		__entry->state = state;
		__entry->type = type;
	),
	TP_printk("object=%p type=%u state=%d", __entry->object, __entry->type,
		  __entry->state)
);

#endif /* NTSHIM_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
