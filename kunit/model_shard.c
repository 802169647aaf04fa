// SPDX-License-Identifier: GPL-2.0
/*
 * The calls of the random test, made on a shard of its own.
 */

#include "../shim/compat.h"

#include "model_run.h"

#define NOTIFICATION NT_LAYOUT_TYPE_NOTIFICATION_TIMER

static void shard_freeze(struct model_run *run)
{
	run->engine.now.mono_ns = run->model.mono;
	run->engine.now.real_ns = run->model.real;
}

static void shard_thaw(struct model_run *run)
{
}

static bool shard_init(struct model_run *run, unsigned int i, int type)
{
	return nts_timer_prepare(&run->engine.shard, &run->timers[i],
				 NOTIFICATION + type);
}

static bool shard_set(struct model_run *run, unsigned int i,
		      const struct model_set *set)
{
	struct nts_dpc *dpc = NULL;

	if (set->dpc != MODEL_NO_DPC)
		dpc = &run->dpcs[set->dpc].dpc;
	return nts_engine_set_tolerant(&run->engine, &run->timers[i],
				       set->due_100ns, set->period_ms,
				       set->tolerance_ms, dpc);
}

static bool shard_cancel(struct model_run *run, unsigned int i)
{
	return nts_engine_cancel(&run->engine, &run->timers[i]);
}

static bool shard_poll(struct model_run *run, unsigned int i)
{
	return nts_engine_consume(&run->engine, &run->timers[i]);
}

/* What nts_wait_start_async() does, for it knows only the shards of its own. */
static void shard_wait(struct model_run *run, unsigned int i, u8 number)
{
	struct nts_header *object = &run->timers[i].header;
	struct model_wait *w = &run->waits[number];
	unsigned long flags;
	bool taken;

	w->wait = (struct nts_wait){
		.complete_fn = model_wait_done,
		.blocks = &w->block,
		.count = 1,
	};
	atomic_set(&w->wait.state, NTS_WAIT_PENDING);
	w->block = (struct nts_wait_block){
		.wait = &w->wait,
		.object = object,
		/* No first one: it would be listed in a shard of the library. */
		.index = 1,
	};
	raw_spin_lock_irqsave(&run->engine.shard.lock, flags);
	taken = object->signal_state > 0;
	if (taken)
		nts_header_consume(object);
	else
		nts_wait_link(&w->block, &run->engine.shard);
	raw_spin_unlock_irqrestore(&run->engine.shard.lock, flags);
	if (taken)
		model_wait_done(&w->wait);
}

static bool shard_unwait(struct model_run *run, unsigned int i, u8 number)
{
	struct nts_wait_block *block = &run->waits[number].block;
	unsigned long flags;
	bool linked;

	raw_spin_lock_irqsave(&run->engine.shard.lock, flags);
	linked = block->linked;
	if (linked)
		nts_wait_unlink(block);
	raw_spin_unlock_irqrestore(&run->engine.shard.lock, flags);
	return linked;
}

/* Time changes in the model first: whichever way it went, all is handled. */
static void shard_expire(struct model_run *run)
{
	shard_freeze(run);
	nts_engine_expire(&run->engine);
	model_expire_all(&run->model);
}

static void shard_pass(struct model_run *run, u64 ns)
{
	run->model.mono += ns;
	run->model.real += ns;
	shard_expire(run);
}

static void shard_step(struct model_run *run, s64 ns)
{
	run->model.real += ns;
	shard_expire(run);
}

const struct model_target model_shard_target = {
	.freeze = shard_freeze,
	.thaw = shard_thaw,
	.init = shard_init,
	.set = shard_set,
	.cancel = shard_cancel,
	.poll = shard_poll,
	.wait = shard_wait,
	.unwait = shard_unwait,
	.pass = shard_pass,
	.step = shard_step,
};
