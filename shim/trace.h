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

/* object is the first of count, NULL for a delay, whose type is -1. */
TRACE_EVENT(nts_wait_begin,
	TP_PROTO(const void *object, int type, unsigned int count, bool all),
	TP_ARGS(object, type, count, all),
	TP_STRUCT__entry(
		__field(const void *, object)
		__field(int, type)
		__field(unsigned int, count)
		__field(bool, all)
	),
	TP_fast_assign(
		__entry->object = object;
		__entry->type = type;
		__entry->count = count;
		__entry->all = all;
	),
	TP_printk("object=%p type=%d count=%u %s", __entry->object,
		  __entry->type, __entry->count, __entry->all ? "all" : "any")
);

/* took_ns is 0 if the wait began before this tracepoint was enabled. */
TRACE_EVENT(nts_wait_end,
	TP_PROTO(const void *object, s32 status, u64 took_ns),
	TP_ARGS(object, status, took_ns),
	TP_STRUCT__entry(
		__field(const void *, object)
		__field(u64, took_ns)
		__field(s32, status)
	),
	TP_fast_assign(
		__entry->object = object;
		__entry->took_ns = took_ns;
		__entry->status = status;
	),
	TP_printk("object=%p status=0x%08x took=%llu", __entry->object,
		  __entry->status, __entry->took_ns)
);

/* previous is the state before; released counts the waits that it satisfied. */
TRACE_EVENT(nts_signal,
	TP_PROTO(const void *object, u8 type, s32 previous,
		 unsigned int released),
	TP_ARGS(object, type, previous, released),
	TP_STRUCT__entry(
		__field(const void *, object)
		__field(s32, previous)
		__field(unsigned int, released)
		__field(u8, type)
	),
	TP_fast_assign(
		__entry->object = object;
		__entry->previous = previous;
		__entry->released = released;
		__entry->type = type;
	),
	TP_printk("object=%p type=%u previous=%d released=%u", __entry->object,
		  __entry->type, __entry->previous, __entry->released)
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
