// SPDX-License-Identifier: GPL-2.0
/*
 * What timers must do; see model.h.
 */

#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/string.h>

#include "model.h"

#define EPOCH_100NS ((__int128)11644473600LL * 10000000)

/* The longest power of two of periods that a clock's reach can hold. */
#define LONGEST_LEAP 63

/**
 * model_start() - timers that have not been initialised, at some time
 * @m: memory of any content
 * @timers: how many
 */
void model_start(struct model *m, unsigned int timers)
{
	memset(m, 0, sizeof(*m));
	m->nr_timers = timers;
}

/**
 * model_systime() - the system time
 * @real: wall clock
 *
 * Return: units of 100 ns since 1601.
 */
u64 model_systime(__int128 real)
{
	return div_u64((u64)real, 100) + (u64)EPOCH_100NS;
}

/**
 * model_forget_effects() - the driver has looked
 * @m: the model
 */
void model_forget_effects(struct model *m)
{
	m->nr_effects = 0;
}

static __int128 now_of(const struct model *m, enum model_clock clock)
{
	return clock == MODEL_REAL ? m->real : m->mono;
}

static void enqueue(struct model *m, unsigned int i)
{
	struct model_timer *t = &m->timers[i];
	u8 *queue = m->queue[t->clock];
	unsigned int at = m->queued[t->clock]++;

	for (; at && m->timers[queue[at - 1]].latest > t->latest; at--)
		queue[at] = queue[at - 1];
	queue[at] = i;
}

static void dequeue(struct model *m, unsigned int i)
{
	enum model_clock clock = m->timers[i].clock;
	u8 *queue = m->queue[clock];
	unsigned int at = 0;

	while (queue[at] != i)
		at++;
	for (m->queued[clock]--; at < m->queued[clock]; at++)
		queue[at] = queue[at + 1];
}

static void arm(struct model *m, unsigned int i, enum model_clock clock,
		__int128 due)
{
	struct model_timer *t = &m->timers[i];

	t->armed = true;
	t->clock = clock;
	t->due = due;
	t->latest = due + (__int128)t->tolerance_ms * 1000000;
	if (due == MODEL_NEVER)
		t->latest = MODEL_NEVER;
	enqueue(m, i);
}

static bool disarm(struct model *m, unsigned int i)
{
	if (!m->timers[i].armed)
		return false;
	dequeue(m, i);
	m->timers[i].armed = false;
	return true;
}

/**
 * model_init_timer() - KeInitializeTimerEx
 * @m: the model
 * @i: number of a timer; not one that is disarmed and waited for
 * @synchronization: its type
 *
 * Return: false if it was armed, and so still is.
 */
bool model_init_timer(struct model *m, unsigned int i, bool synchronization)
{
	struct model_timer *t = &m->timers[i];

	t->synchronization = synchronization;
	t->signaled = false;
	if (t->armed)
		return false;
	t->period_ms = 0;
	t->tolerance_ms = 0;
	t->dpc = MODEL_NO_DPC;
	return true;
}

static void add_effect(struct model *m, struct model_effect effect)
{
	if (m->nr_effects < MODEL_EFFECTS)
		m->effects[m->nr_effects++] = effect;
}

/* Take wait number @at of a timer off its list. */
static u8 unlink_wait(struct model_timer *t, unsigned int at)
{
	u8 wait = t->waits[at];

	for (t->nr_waits--; at < t->nr_waits; at++)
		t->waits[at] = t->waits[at + 1];
	return wait;
}

/* Satisfies waits as the type allows; returns whether a signal is left. */
static bool satisfy(struct model *m, struct model_timer *t)
{
	unsigned int at;
	u8 wait;

	while (t->nr_waits) {
		at = m->fault == MODEL_NEWEST_WAIT_FIRST ? t->nr_waits - 1 : 0;
		wait = unlink_wait(t, at);
		m->wakes[m->nr_wakes++] = wait;
		if (t->synchronization)
			return false;
	}
	return true;
}

static void signal(struct model *m, struct model_timer *t)
{
	t->signaled = satisfy(m, t);
	if (t->dpc != MODEL_NO_DPC)
		model_insert_dpc(m, t->dpc, model_systime(m->real));
}

static __int128 period_of(const struct model *m, const struct model_timer *t)
{
	__int128 period = (__int128)t->period_ms * 1000000;
	__int128 tick = (__int128)m->tick_100ns * 100;

	return period > tick ? period : tick;
}

/* The first point in the future of the grid that starts at @from. */
static __int128 next_point(const struct model *m, __int128 from,
			   __int128 period)
{
	__int128 next = from + period;
	int leap;

	/* Kernels cannot divide 128-bit integers: binary, longest leap first. */
	for (leap = LONGEST_LEAP; leap >= 0; leap--)
		if (next + (period << leap) <= m->mono)
			next += period << leap;
	return next > m->mono ? next : next + period;
}

static void start_next_period(struct model *m, unsigned int i)
{
	struct model_timer *t = &m->timers[i];
	__int128 from = t->on_grid ? t->due : m->mono;

	if (m->fault == MODEL_PERIOD_DRIFTS)
		from = m->mono;
	t->on_grid = true;
	arm(m, i, MODEL_MONO, next_point(m, from, period_of(m, t)));
}

/**
 * model_is_due() - whether an armed timer may expire now
 * @m: the model
 * @i: number of a timer
 *
 * Return: true if its due time has come.
 */
bool model_is_due(const struct model *m, unsigned int i)
{
	const struct model_timer *t = &m->timers[i];

	if (!t->armed)
		return false;
	if (m->fault == MODEL_DUE_IS_LATER)
		return t->due < now_of(m, t->clock);
	return t->due <= now_of(m, t->clock);
}

/**
 * model_expire() - one expiry
 * @m: the model
 * @i: number of an armed timer
 */
void model_expire(struct model *m, unsigned int i)
{
	struct model_timer *t = &m->timers[i];

	disarm(m, i);
	if (t->period_ms)
		start_next_period(m, i);
	signal(m, t);
}

static void expire_queue(struct model *m, enum model_clock clock)
{
	while (m->queued[clock] && model_is_due(m, m->queue[clock][0]))
		model_expire(m, m->queue[clock][0]);
}

/**
 * model_expire_all() - expire what is due, in order of the latest due times
 * @m: the model
 *
 * A timer behind one that is not due yet may be left, within its tolerance.
 */
void model_expire_all(struct model *m)
{
	expire_queue(m, MODEL_MONO);
	expire_queue(m, MODEL_REAL);
}

static void set_relative(struct model *m, unsigned int i, s64 due_100ns)
{
	__int128 due = m->mono - (__int128)due_100ns * 100;

	m->timers[i].on_grid = true;
	arm(m, i, MODEL_MONO, due > MODEL_REACH_NS ? MODEL_NEVER : due);
}

static void set_past(struct model *m, unsigned int i)
{
	m->timers[i].on_grid = false;
	if (m->timers[i].period_ms)
		start_next_period(m, i);
	signal(m, &m->timers[i]);
}

static void set_absolute(struct model *m, unsigned int i, s64 due_100ns)
{
	__int128 due = ((__int128)due_100ns - EPOCH_100NS) * 100;

	if (due <= 0 || due <= m->real) {
		set_past(m, i);
		return;
	}
	m->timers[i].on_grid = due > MODEL_REACH_NS;
	if (due > MODEL_REACH_NS)
		arm(m, i, MODEL_MONO, MODEL_NEVER);
	else if (m->fault == MODEL_ABSOLUTE_IS_FIXED)
		arm(m, i, MODEL_MONO, due - m->real + m->mono);
	else
		arm(m, i, MODEL_REAL, due);
}

/**
 * model_set_timer() - KeSetCoalescableTimer and its simpler forms
 * @m: the model
 * @i: number of a timer
 * @set: arguments
 *
 * Return: whether it was armed.
 */
bool model_set_timer(struct model *m, unsigned int i,
		     const struct model_set *set)
{
	struct model_timer *t = &m->timers[i];
	bool was_armed = disarm(m, i);

	if (m->fault != MODEL_SET_KEEPS_SIGNAL)
		t->signaled = false;
	t->period_ms = set->period_ms;
	t->tolerance_ms = set->tolerance_ms;
	t->dpc = set->dpc;
	if (set->due_100ns < 0)
		set_relative(m, i, set->due_100ns);
	else
		set_absolute(m, i, set->due_100ns);
	return was_armed;
}

/**
 * model_cancel() - KeCancelTimer
 * @m: the model
 * @i: number of a timer
 *
 * Return: whether it was armed.
 */
bool model_cancel(struct model *m, unsigned int i)
{
	if (m->fault == MODEL_CANCEL_CLEARS_SIGNAL)
		m->timers[i].signaled = false;
	return disarm(m, i);
}

/**
 * model_take() - a wait with a time limit of zero
 * @m: the model
 * @i: number of a timer
 *
 * Return: whether it succeeded.
 */
bool model_take(struct model *m, unsigned int i)
{
	struct model_timer *t = &m->timers[i];
	bool was_signaled = t->signaled;

	if (t->synchronization)
		t->signaled = false;
	return was_signaled;
}

/**
 * model_wait() - a wait without a time limit
 * @m: the model
 * @i: number of a timer on which fewer than MODEL_WAITS are blocked
 * @wait: number of the wait
 */
void model_wait(struct model *m, unsigned int i, u8 wait)
{
	struct model_timer *t = &m->timers[i];

	if (model_take(m, i))
		add_effect(m, (struct model_effect){ .index = wait });
	else
		t->waits[t->nr_waits++] = wait;
}

/**
 * model_unwait() - a wait is given up
 * @m: the model
 * @i: number of a timer
 * @wait: number of the wait
 *
 * Return: whether it was blocked.
 */
bool model_unwait(struct model *m, unsigned int i, u8 wait)
{
	struct model_timer *t = &m->timers[i];
	unsigned int at;

	for (at = 0; at < t->nr_waits; at++)
		if (t->waits[at] == wait)
			break;
	if (at == t->nr_waits)
		return false;
	unlink_wait(t, at);
	return true;
}

static struct model_effect *queued_dpc(struct model *m, int dpc)
{
	unsigned int at;

	for (at = 0; at < m->nr_dpc_queue; at++)
		if (m->dpc_queue[at].index == dpc)
			return &m->dpc_queue[at];
	return NULL;
}

/**
 * model_insert_dpc() - KeInsertQueueDpc
 * @m: the model
 * @dpc: number of a DPC
 * @value: its arguments
 *
 * Return: false if it was queued already.
 */
bool model_insert_dpc(struct model *m, int dpc, u64 value)
{
	struct model_effect *queued = queued_dpc(m, dpc);

	if (queued && m->fault == MODEL_DPC_QUEUES_TWICE)
		queued->value = value;
	if (queued)
		return false;
	m->dpc_queue[m->nr_dpc_queue++] = (struct model_effect){
		.is_dpc = true,
		.index = dpc,
		.value = value,
	};
	return true;
}

/**
 * model_remove_dpc() - KeRemoveQueueDpc
 * @m: the model
 * @dpc: number of a DPC
 *
 * Return: whether it was queued.
 */
bool model_remove_dpc(struct model *m, int dpc)
{
	struct model_effect *queued = queued_dpc(m, dpc);
	unsigned int at;

	if (!queued)
		return false;
	at = queued - m->dpc_queue;
	for (m->nr_dpc_queue--; at < m->nr_dpc_queue; at++)
		m->dpc_queue[at] = m->dpc_queue[at + 1];
	return true;
}

/**
 * model_run_dpcs() - bottom halves are enabled
 * @m: the model
 */
void model_run_dpcs(struct model *m)
{
	unsigned int at;

	for (at = 0; at < m->nr_wakes; at++)
		add_effect(m, (struct model_effect){ .index = m->wakes[at] });
	for (at = 0; at < m->nr_dpc_queue; at++)
		add_effect(m, m->dpc_queue[at]);
	m->nr_wakes = 0;
	m->nr_dpc_queue = 0;
}

/**
 * model_next_due() - how long until the next expiry can come
 * @m: the model
 *
 * Return: MODEL_NEVER if none will.
 */
__int128 model_next_due(const struct model *m)
{
	const struct model_timer *t;
	__int128 least = MODEL_NEVER;
	unsigned int i;

	for (i = 0; i < m->nr_timers; i++) {
		t = &m->timers[i];
		if (!t->armed || t->due == MODEL_NEVER)
			continue;
		if (t->due - now_of(m, t->clock) < least)
			least = t->due - now_of(m, t->clock);
	}
	return least > 0 ? least : 0;
}
