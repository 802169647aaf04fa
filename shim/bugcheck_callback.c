// SPDX-License-Identifier: GPL-2.0
/*
 * Bug check callbacks: routines of drivers that a panic calls. A report after
 * which the system goes on calls none.
 */

#include "compat.h"

#include <linux/build_bug.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/irqflags.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/spinlock.h>

#include "bugcheck_callback.h"
#include "nt_api.h"
#include "report.h"

/* PKBUGCHECK_CALLBACK_ROUTINE, PKBUGCHECK_REASON_CALLBACK_ROUTINE */
typedef void (*callback_fn)(void *buffer, u32 length);
typedef void (*reason_fn)(int reason, struct nts_bugcheck_record *record,
			  void *data, u32 length);

static_assert(sizeof(struct nts_bugcheck_record) ==
	      NT_LAYOUT_BUGCHECK_RECORD_SIZE);

enum record_state {
	RECORD_IDLE,
	RECORD_REGISTERED
};

static LIST_HEAD(callbacks);
static LIST_HEAD(reason_callbacks);
static DEFINE_RAW_SPINLOCK(records_lock);

static bool is_linked(const struct list_head *list,
		      const struct nts_bugcheck_record *record)
{
	const struct nts_bugcheck_record *other;

	list_for_each_entry(other, list, link)
		if (other == record)
			return true;
	return false;
}

/* False: it is registered already. */
static bool add_record(struct list_head *list,
		       struct nts_bugcheck_record *record,
		       const struct nts_bugcheck_record *content)
{
	unsigned long flags;
	bool added;

	raw_spin_lock_irqsave(&records_lock, flags);
	added = !is_linked(list, record);
	if (added) {
		*record = *content;
		record->state = RECORD_REGISTERED;
		list_add_tail(&record->link, list);
	}
	raw_spin_unlock_irqrestore(&records_lock, flags);
	return added;
}

static bool remove_record(struct list_head *list,
			  struct nts_bugcheck_record *record)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&records_lock, flags);
	found = is_linked(list, record);
	if (found) {
		list_del(&record->link);
		record->state = RECORD_IDLE;
	}
	raw_spin_unlock_irqrestore(&records_lock, flags);
	return found;
}

/**
 * KeRegisterBugCheckCallback() - be called when the system ends
 * @record: initialised record, resident until it is deregistered
 * @routine: called at HIGH_LEVEL on one processor; may print and little else
 * @buffer: handed to @routine
 * @length: likewise
 * @component: name of the driver; not copied
 *
 * Context: any IRQL.
 * Return: 1; 0 if @record is registered already.
 * Source: KeRegisterBugCheckCallback function (wdm.h); B-CHK-05.
 * Test: ntshim_bugcheck:callbacks_are_called_once_registered
 */
u8 KeRegisterBugCheckCallback(struct nts_bugcheck_record *record,
			      void (*routine)(void *buffer, u32 length),
			      void *buffer, u32 length, const u8 *component)
{
	const struct nts_bugcheck_record content = {
		.routine = routine,
		.buffer = buffer,
		.length = length,
		.component = component,
	};

	return add_record(&callbacks, record, &content);
}
EXPORT_SYMBOL_GPL(KeRegisterBugCheckCallback);

/**
 * KeDeregisterBugCheckCallback() - not be called any more
 * @record: registered record, the driver's again on return
 *
 * Context: any IRQL.
 * Return: 1; 0 if @record is not registered.
 * Source: KeDeregisterBugCheckCallback function (wdm.h); B-CHK-05.
 * Test: ntshim_bugcheck:callbacks_are_called_once_registered
 */
u8 KeDeregisterBugCheckCallback(struct nts_bugcheck_record *record)
{
	return remove_record(&callbacks, record);
}
EXPORT_SYMBOL_GPL(KeDeregisterBugCheckCallback);

/**
 * KeRegisterBugCheckReasonCallback() - be called for a reason
 * @record: as for KeRegisterBugCheckCallback()
 * @routine: as for KeRegisterBugCheckCallback(); there is no dump to add to, so
 *	it gets no data
 * @reason: KBUGCHECK_CALLBACK_REASON, handed to @routine
 * @component: name of the driver; not copied
 *
 * Context: any IRQL.
 * Return: 1; 0 if @record is registered already.
 * Source: KeRegisterBugCheckReasonCallback function (wdm.h); B-CHK-05.
 * Test: ntshim_bugcheck:callbacks_are_called_once_registered
 */
u8 KeRegisterBugCheckReasonCallback(struct nts_bugcheck_record *record,
				    void (*routine)(int reason,
						    struct nts_bugcheck_record
							    *record,
						    void *data, u32 length),
				    int reason, const u8 *component)
{
	const struct nts_bugcheck_record content = {
		.routine = routine,
		.length = reason,
		.component = component,
	};

	return add_record(&reason_callbacks, record, &content);
}
EXPORT_SYMBOL_GPL(KeRegisterBugCheckReasonCallback);

/**
 * KeDeregisterBugCheckReasonCallback() - not be called any more
 * @record: registered record, the driver's again on return
 *
 * Context: any IRQL.
 * Return: 1; 0 if @record is not registered.
 * Source: KeDeregisterBugCheckReasonCallback function (wdm.h); B-CHK-05.
 * Test: ntshim_bugcheck:callbacks_are_called_once_registered
 */
u8 KeDeregisterBugCheckReasonCallback(struct nts_bugcheck_record *record)
{
	return remove_record(&reason_callbacks, record);
}
EXPORT_SYMBOL_GPL(KeDeregisterBugCheckReasonCallback);

/**
 * nts_bugcheck_callbacks_run() - the system ends: call whoever wants it
 *
 * Takes no lock: nobody changes the lists any more.
 *
 * Context: panic; tests call it otherwise.
 */
void nts_bugcheck_callbacks_run(void)
{
	struct nts_bugcheck_record *record, *next;
	unsigned long flags;

	local_irq_save(flags);
	list_for_each_entry_safe(record, next, &callbacks, link)
		((callback_fn)record->routine)(record->buffer, record->length);
	list_for_each_entry_safe(record, next, &reason_callbacks, link)
		((reason_fn)record->routine)((int)record->length, record, NULL,
					     0);
	local_irq_restore(flags);
}
NTS_EXPORT_INTERNAL(nts_bugcheck_callbacks_run);

static bool drop_from(struct list_head *list, const struct module *mod)
{
	struct nts_bugcheck_record *record, *next;
	bool found = false;

	list_for_each_entry_safe(record, next, list, link) {
		if (!within_module((unsigned long)record->routine, mod))
			continue;
		list_del(&record->link);
		found = true;
	}
	return found;
}

/**
 * nts_bugcheck_callbacks_drop() - forget the callbacks of a driver that goes
 * @mod: its module
 *
 * Context: process.
 */
void nts_bugcheck_callbacks_drop(const struct module *mod)
{
	unsigned long flags;
	bool found;

	raw_spin_lock_irqsave(&records_lock, flags);
	found = drop_from(&callbacks, mod);
	found |= drop_from(&reason_callbacks, mod);
	raw_spin_unlock_irqrestore(&records_lock, flags);
	if (found)
		nts_misuse_at(0, "B-CHK-05", mod,
			      "bug check callback still registered when its driver went");
}

static int panic_fn(struct notifier_block *block, unsigned long event,
		    void *text)
{
	nts_bugcheck_callbacks_run();
	return NOTIFY_DONE;
}

/* First: User Mode Linux ends in a notifier of its own. */
static struct notifier_block panic_block = {
	.notifier_call = panic_fn,
	.priority = INT_MAX,
};

/**
 * nts_bugcheck_callbacks_start() - learn of panics
 *
 * Context: module init.
 */
void __init nts_bugcheck_callbacks_start(void)
{
	atomic_notifier_chain_register(&panic_notifier_list, &panic_block);
}

/**
 * nts_bugcheck_callbacks_stop() - do not learn of panics any more
 *
 * Context: module exit.
 */
void nts_bugcheck_callbacks_stop(void)
{
	atomic_notifier_chain_unregister(&panic_notifier_list, &panic_block);
}
