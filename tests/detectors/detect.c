// SPDX-License-Identifier: GPL-2.0
/*
 * Commits one deliberate fault when loaded, named by the parameter "fault", so
 * that the tests can show that a run with this fault turns red. The compiler
 * must not see through a fault, hence the volatile accesses.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/debug_locks.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/kthread.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/panic.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/spinlock.h>

#define DETECT_BUSY_MS 12000
#define DETECT_RACE_MS 2000

static char *fault = "none";
module_param(fault, charp, 0);
MODULE_PARM_DESC(fault, "which fault to commit");

static volatile int sink;

static int fault_none(void)
{
	return 0;
}

static int fault_use_after_free(void)
{
	volatile int *memory = kmalloc(sizeof(*memory), GFP_KERNEL);

	if (!memory)
		return -ENOMEM;
	kfree((void *)memory);
	sink = *memory;
	return 0;
}

static int fault_out_of_bounds(void)
{
	volatile char *memory = kmalloc(16, GFP_KERNEL);
	volatile int index = 16;

	if (!memory)
		return -ENOMEM;
	sink = memory[index];
	kfree((void *)memory);
	return 0;
}

static int fault_stack_out_of_bounds(void)
{
	volatile char array[16] = {};
	volatile int index = 17;

	/* The address escapes to hide the array's size from the compiler. */
	sink = *(&array[0] + index);
	return 0;
}

static int fault_leak(void)
{
	static void *volatile lost;
	int count;

	/* One could survive by a stale pointer on a stack, not all of them. */
	for (count = 0; count < 16; count++)
		lost = kmalloc(128, GFP_KERNEL);
	sink = lost != NULL;
	lost = NULL;
	return 0;
}

static DEFINE_SPINLOCK(lock_a);
static DEFINE_SPINLOCK(lock_b);

static int fault_lock_inversion(void)
{
	spin_lock(&lock_a);
	spin_lock(&lock_b);
	spin_unlock(&lock_b);
	spin_unlock(&lock_a);

	spin_lock(&lock_b);
	spin_lock(&lock_a);
	spin_unlock(&lock_a);
	spin_unlock(&lock_b);
	return 0;
}

static int fault_lockdep_off(void)
{
	/* Silent on purpose: only the check at the end of a run sees it. */
	debug_locks = 0;
	return 0;
}

static int fault_sleep_in_atomic(void)
{
	spin_lock(&lock_a);
	msleep(1);
	spin_unlock(&lock_a);
	return 0;
}

static enum hrtimer_restart nothing_fn(struct hrtimer *timer)
{
	return HRTIMER_NORESTART;
}

static int fault_free_active_hrtimer(void)
{
	struct hrtimer *timer = kzalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return -ENOMEM;
	hrtimer_setup(timer, nothing_fn, CLOCK_MONOTONIC, HRTIMER_MODE_REL);
	hrtimer_start(timer, ktime_set(3600, 0), HRTIMER_MODE_REL);
	kfree(timer);
	return 0;
}

static int fault_shift(void)
{
	volatile int bits = 40;

	sink = 1 << bits;
	return 0;
}

static void warn_fn(struct tasklet_struct *unused)
{
	WARN(1, "deliberate warning in a tasklet\n");
}

static DECLARE_TASKLET(warn_tasklet, warn_fn);

static int fault_warn_in_tasklet(void)
{
	tasklet_schedule(&warn_tasklet);
	tasklet_unlock_wait(&warn_tasklet);
	tasklet_kill(&warn_tasklet);
	return 0;
}

static int race_fn(void *shared)
{
	int *counter = shared;
	ktime_t end = ktime_add_ms(ktime_get(), DETECT_RACE_MS);

	while (ktime_before(ktime_get(), end))
		++*counter;
	return 0;
}

static int fault_data_race(void)
{
	static int counter;
	struct task_struct *other;

	other = kthread_create(race_fn, &counter, "detect");
	if (IS_ERR(other))
		return PTR_ERR(other);
	get_task_struct(other);
	wake_up_process(other);
	race_fn(&counter);
	kthread_stop(other);
	put_task_struct(other);
	sink = counter;
	return 0;
}

static int fault_null_pointer(void)
{
	int *volatile nowhere = NULL;

	sink = *(volatile int *)nowhere;
	return 0;
}

static int fault_panic(void)
{
	panic("deliberate panic");
	return 0;
}

/* Never ends, and no detector of the kernel minds. */
static int fault_hang(void)
{
	while (sink >= 0)
		schedule_timeout_idle(HZ);
	return 0;
}

static int fault_hung_task(void)
{
	set_current_state(TASK_UNINTERRUPTIBLE);
	schedule_timeout(msecs_to_jiffies(DETECT_BUSY_MS));
	return 0;
}

static int fault_stall(void)
{
	ktime_t end = ktime_add_ms(ktime_get(), DETECT_BUSY_MS);

	/* By the clock: loops are calibrated, on a busy host wrongly. */
	preempt_disable();
	while (ktime_before(ktime_get(), end))
		cpu_relax();
	preempt_enable();
	return 0;
}

static int fault_report(void)
{
	printk(KERN_ERR "ntshim: report KT-999 deliberate\n");
	dump_stack();
	return 0;
}

static int fault_stack_dump(void)
{
	dump_stack();
	return 0;
}

static int fault_load_failure(void)
{
	return -ENODEV;
}

static int fault_stuck_module(void)
{
	__module_get(THIS_MODULE);
	return 0;
}

static const struct {
	const char *name;
	int (*commit)(void);
} faults[] = {
	{ "none", fault_none },
	{ "use_after_free", fault_use_after_free },
	{ "out_of_bounds", fault_out_of_bounds },
	{ "stack_out_of_bounds", fault_stack_out_of_bounds },
	{ "leak", fault_leak },
	{ "lock_inversion", fault_lock_inversion },
	{ "lockdep_off", fault_lockdep_off },
	{ "sleep_in_atomic", fault_sleep_in_atomic },
	{ "free_active_hrtimer", fault_free_active_hrtimer },
	{ "shift", fault_shift },
	{ "warn_in_tasklet", fault_warn_in_tasklet },
	{ "data_race", fault_data_race },
	{ "null_pointer", fault_null_pointer },
	{ "panic", fault_panic },
	{ "hang", fault_hang },
	{ "hung_task", fault_hung_task },
	{ "stall", fault_stall },
	{ "report", fault_report },
	{ "stack_dump", fault_stack_dump },
	{ "load_failure", fault_load_failure },
	{ "stuck_module", fault_stuck_module },
};

static int __init detect_init(void)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		if (!strcmp(fault, faults[i].name))
			return faults[i].commit();
	}
	pr_err("no fault is called '%s'\n", fault);
	return -EINVAL;
}

static void __exit detect_exit(void)
{
}

module_init(detect_init);
module_exit(detect_exit);

MODULE_DESCRIPTION("Deliberate faults that show that the detectors work");
MODULE_LICENSE("GPL");
