// SPDX-License-Identifier: GPL-2.0
/*
 * A DPC that notes how it was called; see dpc_probe.h.
 */

#include "../shim/compat.h"

#include <linux/cpumask.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/rt.h>
#include <linux/smp.h>

#include "../shim/nt_api.h"
#include "dpc_probe.h"

/**
 * nts_probe_fn() - the routine: note everything
 * @dpc: the KDPC
 * @context: its probe
 * @arg1: noted
 * @arg2: noted
 */
void nts_probe_fn(struct nts_dpc *dpc, void *context, void *arg1, void *arg2)
{
	struct nts_probe *p = context;

	p->seen_dpc = dpc;
	p->seen_arg1 = arg1;
	p->seen_arg2 = arg2;
	p->cpu = raw_smp_processor_id();
	p->irql = KeGetCurrentIrql();
	p->executing = KeIsExecutingDpc();
	p->irqs_on = !irqs_disabled();
	p->in_softirq = in_serving_softirq();
	p->realtime = rt_task(current);
	atomic_inc(&p->runs);
	complete(&p->done);
}

/**
 * nts_probe_new() - an ordinary DPC with its notes
 * @test: the case; ends without memory
 * @routine: nts_probe_fn() or one that knows struct nts_probe
 *
 * Return: the probe, which lives as long as the case.
 */
struct nts_probe *nts_probe_new(struct kunit *test, nts_dpc_fn routine)
{
	struct nts_probe *p = kunit_kzalloc(test, sizeof(*p), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	init_completion(&p->done);
	KeInitializeDpc(&p->dpc, routine, p);
	return p;
}

/**
 * nts_probe_await() - until something that must happen has happened
 * @test: the case; ends if it takes too long
 * @done: completed then
 */
void nts_probe_await(struct kunit *test, struct completion *done)
{
	KUNIT_ASSERT_TRUE(test, wait_for_completion_timeout(done, PATIENCE));
}

/**
 * nts_probe_enter() - count a run that begins
 * @p: whose; the routine decrements @p->inside at its end
 */
void nts_probe_enter(struct nts_probe *p)
{
	int inside = atomic_inc_return(&p->inside);
	int most = atomic_read(&p->most_inside);

	while (inside > most &&
	       !atomic_try_cmpxchg(&p->most_inside, &most, inside))
		;
}

/**
 * nts_probe_other_cpu() - a processor that the case does not run on
 * @test: the case; skipped if there is none
 *
 * The case is kept away from it and so may have it kept busy.
 *
 * Return: its number.
 */
unsigned int nts_probe_other_cpu(struct kunit *test)
{
	unsigned int home = raw_smp_processor_id();
	unsigned int cpu = cpumask_any_but(cpu_online_mask, home);

	if (cpu >= nr_cpu_ids)
		kunit_skip(test, "needs two processors");
	KUNIT_ASSERT_EQ(test, set_cpus_allowed_ptr(current, cpumask_of(home)),
			0);
	return cpu;
}
