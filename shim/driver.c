// SPDX-License-Identifier: GPL-2.0
/*
 * A ported driver's life: DriverEntry when its module is loaded, DriverUnload
 * when it goes, and whatever the driver left behind named and made harmless
 * before its memory goes.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/slab.h>

#include "bugcheck_callback.h"
#include "callback.h"
#include "dispatcher.h"
#include "dpc.h"
#include "dpc_left.h"
#include "driver.h"
#include "driver_values.h"
#include "ex_lookaside.h"
#include "ob_handle.h"
#include "pool.h"
#include "ps_thread.h"
#include "report.h"
#include "resolution.h"
#include "rtl_dbgprint.h"
#include "status.h"
#include "systimer.h"
#include "timer.h"
#include "verifier_locks.h"
#include "work.h"

#define STATUS_INVALID_DEVICE_REQUEST ((s32)0xc0000010)
#define DRIVER_OBJECT_TYPE 4
#define NAME_PREFIX "\\Driver\\"

/* Run-down: rounds that must find nothing, and what is too many of all. */
#define QUIET_ROUNDS 2
#define ROUNDS_TOLD 32

/* What a status means to insmod (M-USR-09). */
static const struct {
	s32 status;
	int error;
} error_of_status[] = {
	{ NTS_STATUS_INVALID_PARAMETER, -EINVAL },
	{ NTS_STATUS_INSUFFICIENT_RESOURCES, -ENOMEM },
	{ (s32)0xc0000017, -ENOMEM },	 /* NO_MEMORY */
	{ (s32)0xc0000022, -EACCES },	 /* ACCESS_DENIED */
	{ (s32)0xc0000120, -EINTR },	 /* CANCELLED */
	{ (s32)0xc00000b5, -ETIMEDOUT }, /* IO_TIMEOUT */
	{ (s32)0xc000000e, -ENODEV },	 /* NO_SUCH_DEVICE */
	{ STATUS_INVALID_DEVICE_REQUEST, -EOPNOTSUPP },
	{ (s32)0xc0000035, -EEXIST },	  /* OBJECT_NAME_COLLISION */
	{ (s32)0xc0000034, -ENOENT },	  /* OBJECT_NAME_NOT_FOUND */
	{ (s32)0x80000011, -EBUSY },	  /* DEVICE_BUSY */
	{ (s32)0xc00000bb, -EOPNOTSUPP }, /* NOT_SUPPORTED */
	{ (s32)0xc0000002, -EOPNOTSUPP }, /* NOT_IMPLEMENTED */
	{ (s32)0xc0000023, -ENOSPC },	  /* BUFFER_TOO_SMALL */
	{ NTS_STATUS_INVALID_HANDLE, -EBADF },
};

static unsigned int unload_patience_ms = 10000;
module_param(unload_patience_ms, uint, 0644);
MODULE_PARM_DESC(unload_patience_ms,
		 "How long unloading a driver waits for its threads before it reports them");

static int error_from_status(s32 status)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(error_of_status); i++)
		if (error_of_status[i].status == status)
			return error_of_status[i].error;
	return -EIO;
}

static int string_make(struct nts_unicode_string *string, const char *prefix,
		       const char *name)
{
	size_t length = strlen(prefix) + strlen(name), i;
	const char *from = prefix;

	string->buffer = kcalloc(length + 1, sizeof(u16), GFP_KERNEL);
	if (!string->buffer)
		return -ENOMEM;
	for (i = 0; i < length; i++) {
		if (!*from)
			from = name;
		string->buffer[i] = *from++;
	}
	string->length = length * sizeof(u16);
	string->maximum_length = string->length + sizeof(u16);
	return 0;
}

static bool disarm_timers(struct module *mod,
			  const struct nts_driver_object *object)
{
	struct nts_systimer_leftover ex_left;
	struct nts_timer_leftover left;
	bool found = false;

	while (nts_systimer_take_leftover(mod, &ex_left)) {
		found = true;
		nts_report_at(ex_left.culprit, "ET-192", 0, ex_left.timer,
			      ex_left.deleted ?
				      "deleted EX_TIMER still pending when its driver went" :
				      "EX_TIMER not deleted when its driver went");
	}
	while (nts_timer_disarm_leftover(mod, &left)) {
		found = true;
		nts_report_at(left.routine ? (unsigned long)left.routine :
					     (unsigned long)object->init,
			      "KT-171", NTS_BUG_TIMER_OR_DPC_INVALID,
			      left.timer,
			      "timer still armed when its driver went");
	}
	return found;
}

static bool remove_dpcs(const struct module *mod,
			const struct nts_driver_object *object)
{
	struct nts_dpc_leftover left;
	bool found = false;

	while (nts_dpc_take_leftover(mod, &left)) {
		found = true;
		nts_report_at(left.routine ? (unsigned long)left.routine :
					     (unsigned long)object->init,
			      "M-LIF-09", NTS_BUG_TIMER_OR_DPC_INVALID,
			      left.dpc,
			      "DPC still queued when its driver went");
	}
	return found;
}

/* Let all end that may run the module's code; false: there was nothing. */
static bool run_down_once(struct module *mod,
			  const struct nts_driver_object *object)
{
	bool found;

	nts_dispatcher_sync();
	nts_dpc_flush();
	found = nts_work_finish_driver(mod);
	found |= nts_thread_finish_driver(mod, READ_ONCE(unload_patience_ms));
	found |= disarm_timers(mod, object);
	return found;
}

/*
 * The last act of a thread, an item or a DPC may be to queue or arm, and a timer
 * may expire between the flush and the search: what one round was too early for
 * is found by the next, or has been run by its flush. So two rounds in a row
 * must find nothing.
 */
static void run_down_code(struct module *mod,
			  const struct nts_driver_object *object)
{
	unsigned int rounds = 0, quiet = 0;

	while (quiet < QUIET_ROUNDS) {
		quiet = run_down_once(mod, object) ? 0 : quiet + 1;
		if (++rounds == ROUNDS_TOLD)
			nts_report_at((unsigned long)object->init, "M-LIF-12",
				      NTS_BUG_UNLOADED_WITH_PENDING, object,
				      "driver that went starts work again and again; waiting for its end");
	}
}

/*
 * The last look: with no DPC of the module queued any more, what ran comes to
 * its end, and whatever timer it has set is armed or has had its DPC caught.
 */
static bool remove_last(struct module *mod,
			const struct nts_driver_object *object)
{
	bool found;

	nts_dpc_catch_begin(mod);
	found = remove_dpcs(mod, object);
	nts_dpc_flush();
	found |= nts_work_has_items(mod) || nts_thread_has_running(mod);
	found |= disarm_timers(mod, object);
	found |= remove_dpcs(mod, object);
	nts_dpc_catch_end();
	return found;
}

/* Nothing of the module may be reached from the engine any more (M-LIF-09). */
static void run_down(struct module *mod, const struct nts_driver_object *object)
{
	do {
		run_down_code(mod, object);
	} while (remove_last(mod, object));
	if (nts_thread_forget_mutants(mod))
		nts_misuse_at((unsigned long)object->init, "M-LIF-09", object,
			      "mutex in its memory still owned when a driver went; forgotten");
	nts_bugcheck_callbacks_drop(mod);
	/* Its locks go with its memory. */
	nts_lock_forget_all();
	nts_dbgprint_finish(mod);
	if (nts_resolution_drop(mod))
		nts_misuse_at((unsigned long)object->init, "TM-031", object,
			      "clock resolution still requested when its driver went");
	nts_handle_finish_driver(mod);
	nts_lookaside_finish_driver(mod);
	nts_pool_forget_driver(mod);
	/* What has been said of its code: another's may come to lie there. */
	nts_finding_forget_sites();
}

static void report_level(unsigned long routine)
{
	nts_report_at(routine, "I-LVL-06", NTS_BUG_VERIFIER_VIOLATION, NULL,
		      "DriverEntry or Unload returned at another IRQL; restored");
}

static s32 call_entry(struct nts_driver_object *object,
		      struct nts_unicode_string *path)
{
	struct nts_callback callback;
	s32 status;

	nts_callback_enter(&callback);
	status = object->init(object, path);
	if (!nts_callback_leave(&callback, (unsigned long)object->init))
		report_level((unsigned long)object->init);
	return status;
}

static void call_unload(struct nts_driver_object *object)
{
	struct nts_callback callback;

	if (!object->unload) {
		nts_misuse_at((unsigned long)object->init, "M-LIF-07", object,
			      "driver that took its DriverUnload back goes; not called");
		return;
	}
	nts_callback_enter(&callback);
	object->unload(object);
	if (!nts_callback_leave(&callback, (unsigned long)object->unload))
		report_level((unsigned long)object->unload);
}

static int enter(struct module *mod, struct nts_driver_object *object)
{
	struct nts_unicode_string path = { 0 }, own;
	s32 status;
	int ret;

	ret = string_make(&path, NTS_SERVICES_PATH, module_name(mod));
	if (ret)
		return ret;
	/* The driver may change what it is given. */
	own = path;
	status = call_entry(object, &path);
	nts_dbgprint_finish_own();
	/* Valid during the call alone (M-LIF-04). */
	memset(own.buffer, 0x6b, own.maximum_length);
	kfree(own.buffer);
	if (status >= 0)
		return 0;
	pr_err("DriverEntry of %s failed: 0x%08x\n", module_name(mod),
	       (u32)status);
	run_down(mod, object);
	return error_from_status(status);
}

static s32 refuse_request(void *device, void *request)
{
	return STATUS_INVALID_DEVICE_REQUEST;
}

static int fill_in(struct module *mod, struct nts_driver *driver,
		   nts_driver_entry_fn entry)
{
	struct nts_driver_object *object = &driver->object;
	unsigned int i;
	int ret;

	object->type = DRIVER_OBJECT_TYPE;
	object->size = sizeof(*object);
	object->init = entry;
	object->start = nts_module_text(mod, &object->code_size);
	object->extension = &driver->extension;
	driver->extension.object = object;
	for (i = 0; i < NTS_MAJOR_FUNCTIONS; i++)
		object->dispatch[i] = refuse_request;
	ret = string_make(&object->name, NAME_PREFIX, module_name(mod));
	if (ret)
		return ret;
	driver->name_buffer = object->name.buffer;
	ret = string_make(&driver->extension.service, "", module_name(mod));
	if (ret)
		kfree(driver->name_buffer);
	driver->service_buffer = driver->extension.service.buffer;
	return ret;
}

/* What fill_in() made, and the entry in the list of drivers. */
static void clean_up(struct nts_driver *driver)
{
	nts_driver_values_drop(driver);
	kfree(driver->name_buffer);
	kfree(driver->service_buffer);
}

/**
 * nts_driver_load() - call DriverEntry for a module that is being loaded
 * @mod: the driver's module
 * @driver: its driver object, zeroed but for the values
 * @entry: its DriverEntry
 *
 * A driver that sets no DriverUnload stays loaded for good.
 *
 * Context: PASSIVE_LEVEL; process context, in the module's init.
 * Return: 0, or the errno that fits the status of DriverEntry; the status is in
 * the log, and what the driver left behind has been named and disarmed.
 * Source: M-LIF-02, M-LIF-05, M-LIF-07; driverentry.
 * Test: the drivers step.
 */
int nts_driver_load(struct module *mod, struct nts_driver *driver,
		    nts_driver_entry_fn entry)
{
	int ret;

	ret = fill_in(mod, driver, entry);
	if (ret)
		return ret;
	driver->service = module_name(mod);
	nts_driver_values_add(driver);
	ret = enter(mod, &driver->object);
	if (ret)
		clean_up(driver);
	else if (!driver->object.unload)
		__module_get(mod);
	return ret;
}
EXPORT_SYMBOL_GPL(nts_driver_load);

/**
 * nts_driver_unload() - call DriverUnload for a module that goes
 * @mod: the driver's module
 * @driver: its driver object
 *
 * Flushes the DPCs, so that a driver that only cancels its timers is safe; waits
 * for its work items and threads, and for what their last acts have started;
 * names what it forgot, disarms its timers and closes its handles. What starts
 * itself for ever is reported and waited for: its code must stay.
 *
 * Context: PASSIVE_LEVEL; process context, in the module's exit.
 * Source: M-LIF-08 to M-LIF-13, KT-170 to KT-172; DRIVER_UNLOAD.
 * Test: the drivers step.
 */
void nts_driver_unload(struct module *mod, struct nts_driver *driver)
{
	struct nts_driver_object *object = &driver->object;

	call_unload(object);
	run_down(mod, object);
	clean_up(driver);
}
EXPORT_SYMBOL_GPL(nts_driver_unload);
