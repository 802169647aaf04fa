// SPDX-License-Identifier: GPL-2.0
/*
 * What an engineer can see of waits: tracepoints at their begin and end and at
 * signals, and the listing of those that are blocked.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/kthread.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/timekeeping.h>
#include <linux/tracepoint.h>

#include "../shim/debugfs.h"
#include "../shim/ke_api.h"
#include "../shim/status.h"
#include "../shim/trace.h"
#include "../shim/wait_async.h"
#include "helpers.h"

#define NOTIFICATION 0
#define SYNCHRONIZATION 1

static const s64 look_100ns;

/**
 * struct watch - what the tracepoints have told of one object
 * @object: which
 * @begins: waits that began with it
 * @count: objects of the last one
 * @all: whether that was for all
 * @type: type code of the object
 * @ends: waits that ended
 * @status: result of the last one
 * @took_ns: how long it took
 * @signals: signals
 * @previous: state before the last one
 * @released: waits that the last one has satisfied
 */
struct watch {
	const void *object;
	unsigned int begins;
	unsigned int count;
	bool all;
	int type;
	unsigned int ends;
	s32 status;
	u64 took_ns;
	unsigned int signals;
	s32 previous;
	unsigned int released;
};

static void begin_probe(void *data, const void *object, int type,
			unsigned int count, bool all)
{
	struct watch *w = data;

	if (object != w->object)
		return;
	w->begins++;
	w->type = type;
	w->count = count;
	w->all = all;
}

static void end_probe(void *data, const void *object, s32 status, u64 took_ns)
{
	struct watch *w = data;

	if (object != w->object)
		return;
	w->ends++;
	w->status = status;
	w->took_ns = took_ns;
}

static void signal_probe(void *data, const void *object, u8 type, s32 previous,
			 unsigned int released)
{
	struct watch *w = data;

	if (object != w->object)
		return;
	w->signals++;
	w->previous = previous;
	w->released = released;
}

static void stop_watch(void *data)
{
	unregister_trace_nts_signal(signal_probe, data);
	unregister_trace_nts_wait_end(end_probe, data);
	unregister_trace_nts_wait_begin(begin_probe, data);
	tracepoint_synchronize_unregister();
}

static struct watch *start_watch(struct kunit *test, const void *object)
{
	struct watch *w = kunit_kzalloc(test, sizeof(*w), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, w);
	w->object = object;
	KUNIT_ASSERT_EQ(test, register_trace_nts_wait_begin(begin_probe, w), 0);
	KUNIT_ASSERT_EQ(test, register_trace_nts_wait_end(end_probe, w), 0);
	KUNIT_ASSERT_EQ(test, register_trace_nts_signal(signal_probe, w), 0);
	return w;
}

/* Shows: W-IMP-05 */
static void tracepoints_tell_of_waits(struct kunit *test)
{
	static const s64 short_100ns = -5 * UNITS_PER_MS;
	struct nts_semaphore semaphore;
	void *objects[2];
	struct nts_header event;
	struct watch *w;
	s32 status;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	KeInitializeSemaphore(&semaphore, 1, 1);
	objects[0] = &semaphore;
	objects[1] = &event;
	w = start_watch(test, &semaphore);
	/* Satisfied at once, for one; then two, in vain, for so long. */
	status = KeWaitForSingleObject(&semaphore, 0, 0, 0, NULL);
	KUNIT_EXPECT_EQ(test, w->begins, 1);
	KUNIT_EXPECT_EQ(test, w->type, NT_LAYOUT_TYPE_SEMAPHORE);
	KUNIT_EXPECT_EQ(test, w->count, 1);
	KUNIT_EXPECT_EQ(test, w->ends, 1);
	KUNIT_EXPECT_EQ(test, w->status, status);
	KeWaitForSingleObject(&semaphore, 0, 0, 0, &look_100ns);
	KUNIT_EXPECT_EQ(test, w->ends, 2);
	KUNIT_EXPECT_EQ(test, w->status, NTS_STATUS_TIMEOUT);
	KeWaitForMultipleObjects(2, objects, WAIT_ALL, 0, 0, 0, &short_100ns,
				 NULL);
	stop_watch(w);
	KUNIT_EXPECT_EQ(test, w->begins, 3);
	KUNIT_EXPECT_EQ(test, w->count, 2);
	KUNIT_EXPECT_TRUE(test, w->all);
	KUNIT_EXPECT_EQ(test, w->ends, 3);
	KUNIT_EXPECT_EQ(test, w->status, NTS_STATUS_TIMEOUT);
	KUNIT_EXPECT_GE(test, w->took_ns, 5 * NSEC_PER_MSEC);
}

/* Shows: W-IMP-05 */
static void tracepoint_tells_of_signals(struct kunit *test)
{
	struct nts_test_waiter waiters[2];
	struct nts_header event;
	struct watch *w;
	int i;

	KeInitializeEvent(&event, NOTIFICATION, 0);
	w = start_watch(test, &event);
	for (i = 0; i < 2; i++)
		nts_test_start_waiter(test, &waiters[i], &event, NULL);
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test, w->signals, 1);
	KUNIT_EXPECT_EQ(test, w->previous, 0);
	KUNIT_EXPECT_EQ(test, w->released, 2);
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test, w->signals, 2);
	KUNIT_EXPECT_EQ(test, w->previous, 1);
	KUNIT_EXPECT_EQ(test, w->released, 0);
	KeClearEvent(&event);
	KePulseEvent(&event, 0, 0);
	KUNIT_EXPECT_EQ(test, w->signals, 3);
	KUNIT_EXPECT_EQ(test, w->previous, 0);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_TRUE(test, nts_test_join(&waiters[i]));
	stop_watch(w);
	KUNIT_EXPECT_EQ(test, w->ends, 2);
}

/* Expiries and releases too: each kind of object that can be signaled. */
/* Shows: W-IMP-05 */
static void tracepoint_tells_of_every_signaller(struct kunit *test)
{
	struct nts_semaphore semaphore;
	struct nts_mutant mutex;
	struct nts_timer timer;
	struct watch *w;

	KeInitializeTimer(&timer);
	w = start_watch(test, &timer);
	KeSetTimer(&timer, 0, NULL);
	stop_watch(w);
	KUNIT_EXPECT_EQ(test, w->signals, 1);

	KeInitializeSemaphore(&semaphore, 2, 5);
	w = start_watch(test, &semaphore);
	KeReleaseSemaphore(&semaphore, 0, 3, 0);
	stop_watch(w);
	KUNIT_EXPECT_EQ(test, w->signals, 1);
	KUNIT_EXPECT_EQ(test, w->previous, 2);

	KeInitializeMutex(&mutex, 0);
	w = start_watch(test, &mutex);
	KeWaitForSingleObject(&mutex, 0, 0, 0, NULL);
	KeReleaseMutex(&mutex, 0);
	stop_watch(w);
	KUNIT_EXPECT_EQ(test, w->signals, 1);
	KUNIT_EXPECT_EQ(test, w->previous, 0);
	KUNIT_EXPECT_EQ(test, w->type, NT_LAYOUT_TYPE_MUTANT);
}

#define LISTING_SIZE 65536

/* What the file of debugfs shows. */
static const char *listing(struct kunit *test)
{
	struct seq_file file = { .size = LISTING_SIZE };

	file.buf = kunit_kzalloc(test, LISTING_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, file.buf);
	nts_debugfs_show_waits(&file, NULL);
	KUNIT_ASSERT_LT(test, file.count, LISTING_SIZE);
	file.buf[file.count] = '\0';
	return file.buf;
}

/* The one line of the listing with @text; "" if there is none. */
static const char *listed(struct kunit *test, const char *text)
{
	const char *found, *begin, *list = listing(test);
	size_t length;
	char *line;

	found = strstr(list, text);
	if (!found)
		return "";
	KUNIT_EXPECT_NULL(test, strstr(found + 1, text));
	for (begin = found; begin > list && begin[-1] != '\n';)
		begin--;
	length = strchrnul(begin, '\n') - begin;
	line = kunit_kzalloc(test, length + 1, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, line);
	memcpy(line, begin, length);
	return line;
}

static void expect_in(struct kunit *test, const char *line, const char *text)
{
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(line, text),
				  "no \"%s\" in \"%s\"", text, line);
}

/* How addresses look in the listing, and in tracepoints. */
static void expect_object(struct kunit *test, const char *line,
			  const void *object, const char *type)
{
	char text[64];

	snprintf(text, sizeof(text), " %p=%s", object, type);
	expect_in(test, line, text);
}

static const char *listed_thread(struct kunit *test, pid_t pid)
{
	char text[32];

	snprintf(text, sizeof(text), "pid=%d ", pid);
	return listed(test, text);
}

/* Shows: W-IMP-06 */
static void listing_shows_each_blocked_wait(struct kunit *test)
{
	static const s64 minute_100ns = -60 * UNITS_PER_SEC;
	struct nts_test_waiter limited, endless;
	struct nts_header events[2];
	const char *line;
	pid_t pids[2];

	KeInitializeEvent(&events[0], NOTIFICATION, 0);
	KeInitializeEvent(&events[1], SYNCHRONIZATION, 0);
	nts_test_start_waiter(test, &limited, &events[0], &minute_100ns);
	nts_test_start_waiter(test, &endless, &events[1], NULL);
	pids[0] = task_pid_nr(limited.task);
	pids[1] = task_pid_nr(endless.task);

	line = listed_thread(test, pids[0]);
	expect_in(test, line, "comm=nts-waiter any age_ms=");
	expect_in(test, line, " left_ms=");
	KUNIT_EXPECT_NULL(test, strstr(line, " left_ms=-"));
	expect_object(test, line, &events[0], "notification-event");
	line = listed_thread(test, pids[1]);
	expect_in(test, line, " left_ms=- ");
	expect_object(test, line, &events[1], "synchronization-event");

	KeSetEvent(&events[0], 0, 0);
	KeSetEvent(&events[1], 0, 0);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&limited));
	KUNIT_EXPECT_TRUE(test, nts_test_join(&endless));
	KUNIT_EXPECT_STREQ(test, listed_thread(test, pids[0]), "");
	KUNIT_EXPECT_STREQ(test, listed_thread(test, pids[1]), "");
}

static void nothing_fn(struct nts_async_wait *async, s32 status)
{
}

/* Shows: W-IMP-06 */
static void listing_shows_asynchronous_waits(struct kunit *test)
{
	struct nts_header events[2];
	struct nts_header *objects[] = { &events[0], &events[1] };
	struct nts_async_request request = {
		.objects = objects,
		.done_fn = nothing_fn,
		.count = 2,
		.all = true,
	};
	struct nts_async_wait *async;
	const char *line;
	char text[32];

	async = kunit_kzalloc(test, struct_size(async, blocks, 2), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, async);
	KeInitializeEvent(&events[0], NOTIFICATION, 0);
	KeInitializeEvent(&events[1], SYNCHRONIZATION, 0);
	KUNIT_ASSERT_EQ(test, nts_async_start(async, &request),
			NTS_STATUS_PENDING);
	snprintf(text, sizeof(text), " %p=", &events[0]);
	line = listed(test, text);
	expect_in(test, line, "pid=0 comm=asynchronous all age_ms=");
	expect_object(test, line, &events[0], "notification-event");
	expect_object(test, line, &events[1], "synchronization-event");
	KUNIT_EXPECT_TRUE(test, nts_async_cancel(async));
	KUNIT_EXPECT_STREQ(test, listed(test, text), "");
}

/**
 * struct sleeper - a thread that delays itself
 * @started: completed before the delay
 * @ended: completed after it
 */
struct sleeper {
	struct completion started;
	struct completion ended;
};

static int sleep_fn(void *data)
{
	static const s64 delay_100ns = -500 * UNITS_PER_MS;
	struct sleeper *s = data;

	complete(&s->started);
	KeDelayExecutionThread(0, 0, &delay_100ns);
	complete(&s->ended);
	return 0;
}

/* Shows: W-IMP-06 */
static void listing_shows_delays(struct kunit *test)
{
	const char *line = "";
	struct task_struct *task;
	struct sleeper s;
	char text[32];

	init_completion(&s.started);
	init_completion(&s.ended);
	task = kthread_run(sleep_fn, &s, "nts-sleeper");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	snprintf(text, sizeof(text), "pid=%d ", task_pid_nr(task));
	wait_for_completion(&s.started);
	while (!*line && !completion_done(&s.ended)) {
		usleep_range(1000, 2000);
		line = listed(test, text);
	}
	expect_in(test, line, "comm=nts-sleeper delay age_ms=");
	wait_for_completion(&s.ended);
	KUNIT_EXPECT_STREQ(test, listed(test, text), "");
}

/**
 * struct churn - waits that come and go
 * @events: never signaled
 * @stop: ends the thread
 * @ended: completed at its end
 * @async: one of the waits
 */
struct churn {
	struct nts_header events[2];
	bool stop;
	struct completion ended;
	struct nts_async_wait async;
};

static int churn_fn(void *data)
{
	static const s64 moment_100ns = -1;
	struct churn *c = data;
	struct nts_header *objects[] = { &c->events[0], &c->events[1] };
	struct nts_async_request request = {
		.objects = objects,
		.done_fn = nothing_fn,
		.count = 2,
	};

	while (!READ_ONCE(c->stop)) {
		nts_async_start(&c->async, &request);
		KeWaitForMultipleObjects(2, (void **)objects, WAIT_ALL, 0, 0, 0,
					 &moment_100ns, NULL);
		nts_async_cancel(&c->async);
		KeDelayExecutionThread(0, 0, &moment_100ns);
	}
	complete(&c->ended);
	return 0;
}

/* A wait that stays is seen each time, whatever comes and goes around it. */
/* Shows: W-IMP-06 */
static void listing_does_not_mind_waits_that_end(struct kunit *test)
{
	struct nts_test_waiter stays;
	struct task_struct *task;
	struct nts_header event;
	struct churn *c;
	int i;

	c = kunit_kzalloc(test, struct_size(c, async.blocks, 2), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, c);
	init_completion(&c->ended);
	KeInitializeEvent(&c->events[0], NOTIFICATION, 0);
	KeInitializeEvent(&c->events[1], SYNCHRONIZATION, 0);
	KeInitializeEvent(&event, NOTIFICATION, 0);
	task = kthread_run(churn_fn, c, "nts-churn");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, task);
	nts_test_start_waiter(test, &stays, &event, NULL);
	for (i = 0; i < 30; i++) {
		KUNIT_EXPECT_STRNEQ(test,
				    listed_thread(test,
						  task_pid_nr(stays.task)),
				    "");
		usleep_range(10, 20);
	}
	WRITE_ONCE(c->stop, true);
	wait_for_completion(&c->ended);
	KeSetEvent(&event, 0, 0);
	KUNIT_EXPECT_TRUE(test, nts_test_join(&stays));
}

static struct kunit_case wait_watch_cases[] = {
	KUNIT_CASE(tracepoints_tell_of_waits),
	KUNIT_CASE(tracepoint_tells_of_signals),
	KUNIT_CASE(tracepoint_tells_of_every_signaller),
	KUNIT_CASE(listing_shows_each_blocked_wait),
	KUNIT_CASE(listing_shows_asynchronous_waits),
	KUNIT_CASE(listing_shows_delays),
	KUNIT_CASE(listing_does_not_mind_waits_that_end),
	{}
};

static struct kunit_suite wait_watch_suite = {
	.name = "ntshim_wait_watch",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = wait_watch_cases,
};

kunit_test_suite(wait_watch_suite);
