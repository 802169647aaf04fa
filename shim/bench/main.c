// SPDX-License-Identifier: GPL-2.0
/*
 * ntshim beside the raw primitives of the kernel. Loading the module runs the
 * parts that the parameter names, on the first processor; scripts/bench reads
 * the log.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "../compat.h"

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <linux/string.h>

#include "bench.h"

static char *part = "all";
module_param(part, charp, 0444);
MODULE_PARM_DESC(part, "Which part to run (default all)");

bool bench_quick;
module_param_named(quick, bench_quick, bool, 0444);
MODULE_PARM_DESC(quick, "Few rounds: only shows that it runs (default N)");

static const struct {
	const char *name;
	int (*run)(void);
} parts[] = {
	{ "memory", bench_memory },
	{ "step", bench_primitive },
	{ "level", bench_level },
	{ "dpc", bench_dpc },
	{ "event", bench_event },
	{ "many", bench_event_many },
	{ "latency", bench_expiry_latency },
	{ "set", bench_timer_set },
	{ "mass", bench_expiry_mass },
	{ "scale", bench_scale },
};

static bool is_wanted(const char *name)
{
	return !strcmp(part, "all") || !strcmp(part, name);
}

static int run_parts(void)
{
	bool found = false;
	unsigned int i;
	int ret;

	for (i = 0; i < ARRAY_SIZE(parts); i++) {
		if (!is_wanted(parts[i].name))
			continue;
		found = true;
		ret = parts[i].run();
		if (ret)
			return ret;
	}
	if (!found) {
		pr_err("there is no part '%s'\n", part);
		return -EINVAL;
	}
	pr_info("end\n");
	return 0;
}

static int __init bench_init(void)
{
	cpumask_t before;
	int ret;

	cpumask_copy(&before, current->cpus_ptr);
	set_cpus_allowed_ptr(current,
			     cpumask_of(cpumask_first(cpu_online_mask)));
	ret = run_parts();
	set_cpus_allowed_ptr(current, &before);
	return ret;
}

static void __exit bench_exit(void)
{
}

module_init(bench_init);
module_exit(bench_exit);

NTS_IMPORT_INTERNAL();
MODULE_DESCRIPTION("ntshim beside the raw kernel primitives");
MODULE_LICENSE("GPL");
