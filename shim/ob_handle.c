// SPDX-License-Identifier: GPL-2.0
/*
 * Counted objects, handles, and the Ob and Zw routines on them. Knows what an
 * object is only through its type.
 *
 * A handle is 4 times an index that is given out in turn: an index comes back
 * only after about 10^9 others, so a stale handle is found out.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include "compat.h"

#include <linux/export.h>
#include <linux/limits.h>
#include <linux/module.h>
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "irql.h"
#include "nt_api.h"
#include "dispatcher.h"
#include "io_event.h"
#include "ob_handle.h"
#include "report.h"
#include "status.h"
#include "verifier.h"

#define HANDLE_SHIFT 2

/**
 * struct open_handle - what a handle stands for
 * @object: with a reference
 * @caller: address in the driver that opened it
 */
struct open_handle {
	struct nts_object *object;
	unsigned long caller;
};

/* struct open_handle by index; entries are freed after leaving it. */
static DEFINE_XARRAY_ALLOC1(handles);

/* Drivers name them; nothing here is of these types. */
static struct nts_object_type semaphore_type = { .name = "semaphore" };
static struct nts_object_type file_type = { .name = "file" };
static struct nts_object_type *semaphore_type_pointer = &semaphore_type;
static struct nts_object_type *file_type_pointer = &file_type;

/* Documented in nt_api.h: older kernels' kernel-doc knows no variables. */
struct nts_object_type **ExSemaphoreObjectType = &semaphore_type_pointer;
EXPORT_SYMBOL_GPL(ExSemaphoreObjectType);
struct nts_object_type **IoFileObjectType = &file_type_pointer;
EXPORT_SYMBOL_GPL(IoFileObjectType);
static u32 handle_next;
static LLIST_HEAD(to_free);

static void free_object(struct nts_object *object)
{
	object->magic = 0;
	object->type->free_fn(object);
}

static void free_fn(struct work_struct *work)
{
	struct nts_object *object, *next;

	llist_for_each_entry_safe(object, next, llist_del_all(&to_free),
				  free_node)
		free_object(object);
}

static DECLARE_WORK(free_work, free_fn);

static void free_later(struct nts_object *object)
{
	if (llist_add(&object->free_node, &to_free))
		schedule_work(&free_work);
}

/**
 * nts_object_init() - begin the life of an object with one reference
 * @object: header to fill in
 * @type: what follows it
 *
 * Context: any.
 */
void nts_object_init(struct nts_object *object,
		     const struct nts_object_type *type)
{
	object->type = type;
	object->magic = NTS_OBJECT_MAGIC;
	refcount_set(&object->refs, 1);
	atomic_set(&object->taken, 0);
}

/**
 * nts_object_get() - take a reference
 * @object: object that the caller knows to live
 *
 * Context: any.
 */
void nts_object_get(struct nts_object *object)
{
	refcount_inc(&object->refs);
}

/**
 * nts_object_put() - drop a reference
 * @object: object; gone on return if the reference was the last
 *
 * Context: any but NMI. Where freeing might sleep, a work item does it.
 * Return: how many references were left at the drop, give or take what others
 * did meanwhile; 0 is exact.
 */
unsigned int nts_object_put(struct nts_object *object)
{
	unsigned int left = refcount_read(&object->refs) - 1;

	if (!refcount_dec_and_test(&object->refs))
		return left ? left : 1;
	if (nts_irql_current() < NTS_DISPATCH_LEVEL)
		free_object(object);
	else
		free_later(object);
	return 0;
}

/**
 * nts_object_get_unless_dead() - take a reference if there still is one
 * @object: object whose memory the caller knows to live
 *
 * Context: any.
 * Return: false if the last reference is gone.
 */
bool nts_object_get_unless_dead(struct nts_object *object)
{
	return refcount_inc_not_zero(&object->refs);
}

/**
 * nts_handle_open() - make a handle on an object
 * @object: the handle takes a reference of its own
 * @caller: address in the driver that gets it
 * @handle: receives it: not NULL, a multiple of 4, positive
 *
 * Context: PASSIVE_LEVEL, process context; may sleep.
 * Return: 0, or -ENOMEM or -EBUSY with @handle not written.
 */
int nts_handle_open(struct nts_object *object, unsigned long caller,
		    void **handle)
{
	struct xa_limit limit = XA_LIMIT(1, S32_MAX >> HANDLE_SHIFT);
	struct open_handle *open = kmalloc(sizeof(*open), GFP_KERNEL);
	u32 index;
	int ret;

	if (!open)
		return -ENOMEM;
	open->object = object;
	open->caller = caller;
	nts_object_get(object);
	ret = xa_alloc_cyclic(&handles, &index, open, limit, &handle_next,
			      GFP_KERNEL);
	if (ret < 0) {
		nts_object_put(object);
		kfree(open);
		return ret;
	}
	*handle = (void *)((unsigned long)index << HANDLE_SHIFT);
	return 0;
}

static bool is_handle(const void *handle)
{
	unsigned long value = (unsigned long)handle;

	return value && value <= S32_MAX &&
	       !(value & ((1 << HANDLE_SHIFT) - 1));
}

static unsigned long index_of(const void *handle)
{
	return (unsigned long)handle >> HANDLE_SHIFT;
}

/**
 * nts_handle_close() - give up a handle
 * @handle: any value
 *
 * Context: PASSIVE_LEVEL, process context; may sleep.
 * Return: false if @handle is not open.
 */
bool nts_handle_close(void *handle)
{
	struct open_handle *open;

	if (!is_handle(handle))
		return false;
	open = xa_erase(&handles, index_of(handle));
	if (!open)
		return false;
	nts_object_put(open->object);
	kfree(open);
	return true;
}

/* The object behind a handle with a new reference, or NULL. */
static struct nts_object *object_by_handle(const void *handle)
{
	struct nts_object *object = NULL;
	struct open_handle *open;

	if (!is_handle(handle))
		return NULL;
	xa_lock(&handles);
	open = xa_load(&handles, index_of(handle));
	if (open) {
		object = open->object;
		nts_object_get(object);
	}
	xa_unlock(&handles);
	return object;
}

/**
 * ObReferenceObjectByHandle() - get the object behind a handle
 * @handle: open handle that a routine of this library returned
 * @access: access mask; kernel mode callers have every access
 * @type: required object type (``*PsThreadType``), NULL: any
 * @mode: KernelMode 0; UserMode 1 finds nothing, no handle being a user's
 * @object: receives the object, with a reference for ObDereferenceObject();
 *	not written on failure
 * @information: must be NULL, not looked at
 *
 * Context: PASSIVE_LEVEL, process context; elsewhere reported and refused.
 * Return: STATUS_SUCCESS, STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH,
 * or STATUS_INVALID_PARAMETER above PASSIVE_LEVEL.
 * Source: ObReferenceObjectByHandle function (wdm.h); T-HND-02.
 * Test: ntshim_thread:handle_gives_the_thread
 */
s32 ObReferenceObjectByHandle(void *handle, u32 access, void *type, s8 mode,
			      void **object, void *information)
{
	struct nts_object *found;

	if (nts_irql_current() > NTS_PASSIVE_LEVEL) {
		nts_report("V-20", NTS_BUG_VERIFIER_VIOLATION, NULL,
			   "ObReferenceObjectByHandle above PASSIVE_LEVEL; refused");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	found = mode ? NULL : object_by_handle(handle);
	if (!found)
		return NTS_STATUS_INVALID_HANDLE;
	if (type && type != found->type) {
		nts_object_put(found);
		return NTS_STATUS_OBJECT_TYPE_MISMATCH;
	}
	atomic_inc(&found->taken);
	*object = nts_object_body(found);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(ObReferenceObjectByHandle);

/*
 * Threads and named events are counted. The body comes first: what lies before
 * anything else may be no memory of anybody's.
 */
static bool is_counted(void *body)
{
	if (!body)
		return false;
	if (nts_header_is_type(body, NT_LAYOUT_TYPE_NOTIFICATION_EVENT))
		return nts_event_is_counted(body);
	return nts_header_is_type(body, NT_LAYOUT_TYPE_THREAD) &&
	       nts_object_of(body)->magic == NTS_OBJECT_MAGIC;
}

static bool check_object(void *body, unsigned long caller)
{
	if (nts_verifier_on())
		__nts_verify_level(NTS_V_26, NTS_PASSIVE_LEVEL,
				   NTS_DISPATCH_LEVEL, body, caller);
	if (likely(is_counted(body)))
		return true;
	nts_report_at(caller, "T-HND-04", NTS_BUG_REFERENCE_BY_POINTER, body,
		      "reference count of something that is no counted object; ignored");
	return false;
}

/* For a driver, who has to give it back. */
static void keep(struct nts_object *object)
{
	nts_object_get(object);
	atomic_inc(&object->taken);
	if (object->type->keep_fn)
		object->type->keep_fn(object);
}

/**
 * ObfReferenceObject() - ObReferenceObject: keep an object
 * @object: object that the caller has a reference on
 *
 * Context: IRQL <= DISPATCH_LEVEL; works anywhere but in NMI.
 * Return: the reference count, for debugging.
 * Source: ObReferenceObject macro (wdm.h); T-HND-04.
 * Test: ntshim_thread:object_outlives_the_thread
 */
long ObfReferenceObject(void *object)
{
	struct nts_object *counted = nts_object_of(object);

	if (!check_object(object, _RET_IP_))
		return 0;
	keep(counted);
	return refcount_read(&counted->refs);
}
EXPORT_SYMBOL_GPL(ObfReferenceObject);

/**
 * ObReferenceObjectByPointer() - keep an object of a type
 * @object: object that the caller has a reference on
 * @access: access mask; kernel mode callers have every access
 * @type: required object type (``*PsThreadType``), NULL: any
 * @mode: KernelMode 0; UserMode 1 must name the type
 *
 * Context: IRQL <= DISPATCH_LEVEL; works anywhere but in NMI.
 * Return: STATUS_SUCCESS, with a reference for ObDereferenceObject(); without one
 * STATUS_OBJECT_TYPE_MISMATCH, or STATUS_INVALID_PARAMETER, which is reported: it
 * is no object that is counted.
 * Source: ObReferenceObjectByPointer function (wdm.h); T-HND-02, T-HND-04.
 * Test: ntshim_everyday:reference_by_pointer_checks_the_type
 */
s32 ObReferenceObjectByPointer(void *object, u32 access, void *type, s8 mode)
{
	struct nts_object *counted = nts_object_of(object);

	if (!check_object(object, _RET_IP_))
		return NTS_STATUS_INVALID_PARAMETER;
	if (type ? type != counted->type : mode)
		return NTS_STATUS_OBJECT_TYPE_MISMATCH;
	keep(counted);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(ObReferenceObjectByPointer);

/* Handles, tables and running threads keep the references that are theirs. */
static bool give_back(void *body, unsigned long caller)
{
	if (!check_object(body, caller))
		return false;
	if (likely(atomic_add_unless(&nts_object_of(body)->taken, -1, 0)))
		return true;
	nts_report_at(caller, "T-HND-04", NTS_BUG_REFERENCE_BY_POINTER, body,
		      "reference given back that no driver has taken; ignored");
	return false;
}

/**
 * ObfDereferenceObject() - ObDereferenceObject: give a reference back
 * @object: object that the caller has a reference on; gone if it was the last
 *
 * Context: IRQL <= DISPATCH_LEVEL; works anywhere but in NMI.
 * Return: the reference count, for debugging.
 * Source: ObDereferenceObject macro (wdm.h); T-HND-04.
 * Test: ntshim_thread:object_outlives_the_thread
 */
long ObfDereferenceObject(void *object)
{
	if (!give_back(object, _RET_IP_))
		return 0;
	return nts_object_put(nts_object_of(object));
}
EXPORT_SYMBOL_GPL(ObfDereferenceObject);

/**
 * ObDereferenceObjectDeferDelete() - give a reference back, destroy later
 * @object: object that the caller has a reference on; if it was the last, a work
 *	item destroys it
 *
 * Context: IRQL <= DISPATCH_LEVEL; works anywhere but in NMI. Never sleeps.
 * Source: ObDereferenceObjectDeferDelete function (wdm.h); T-HND-04.
 * Test: ntshim_thread:deferred_destruction_does_not_sleep
 */
void ObDereferenceObjectDeferDelete(void *object)
{
	struct nts_object *counted = nts_object_of(object);

	if (give_back(object, _RET_IP_) &&
	    refcount_dec_and_test(&counted->refs))
		free_later(counted);
}
EXPORT_SYMBOL_GPL(ObDereferenceObjectDeferDelete);

/**
 * ZwClose() - give up a handle
 * @handle: open handle
 *
 * Neither ends nor signals what it designates.
 *
 * Context: PASSIVE_LEVEL, process context; elsewhere reported and refused.
 * Return: STATUS_SUCCESS, STATUS_INVALID_HANDLE, or STATUS_INVALID_PARAMETER
 * above PASSIVE_LEVEL.
 * Source: ZwClose function (wdm.h); T-HND-05.
 * Test: ntshim_thread:closed_handle_is_invalid
 */
s32 ZwClose(void *handle)
{
	if (nts_irql_current() > NTS_PASSIVE_LEVEL) {
		nts_report("V-22", NTS_BUG_VERIFIER_VIOLATION, NULL,
			   "ZwClose above PASSIVE_LEVEL; handle stays open");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	return nts_handle_close(handle) ? NTS_STATUS_SUCCESS :
					  NTS_STATUS_INVALID_HANDLE;
}
EXPORT_SYMBOL_GPL(ZwClose);

/* The first open handle that @mod, or any driver, has opened; 0: none. */
static unsigned long find_open(const struct module *mod,
			       struct open_handle *found)
{
	struct open_handle *open;
	unsigned long index, first = 0;

	xa_lock(&handles);
	xa_for_each(&handles, index, open) {
		if (mod && !within_module(open->caller, mod))
			continue;
		*found = *open;
		first = index;
		break;
	}
	xa_unlock(&handles);
	return first;
}

/**
 * nts_handle_finish_driver() - close the handles that a driver left open
 * @mod: its module
 *
 * Context: PASSIVE_LEVEL, process context; nothing of @mod runs any more.
 * Source: T-HND-05.
 * Test: ntshim_thread:handle_left_at_unload_is_closed
 */
void nts_handle_finish_driver(const struct module *mod)
{
	struct open_handle found;
	unsigned long index;

	while ((index = find_open(mod, &found))) {
		nts_report_at(found.caller, "T-HND-05",
			      NTS_BUG_UNLOADED_WITH_PENDING,
			      nts_object_body(found.object),
			      "handle still open when its driver went; closed");
		nts_handle_close((void *)(index << HANDLE_SHIFT));
	}
}
NTS_EXPORT_INTERNAL(nts_handle_finish_driver);

/**
 * nts_object_stop() - close what drivers left open
 *
 * Context: module exit; sleeps. No driver is loaded any more.
 */
void nts_object_stop(void)
{
	struct open_handle found;
	unsigned long index;

	while ((index = find_open(NULL, &found))) {
		pr_warn("handle 0x%lx on a %s was left open\n",
			index << HANDLE_SHIFT, found.object->type->name);
		nts_handle_close((void *)(index << HANDLE_SHIFT));
	}
	xa_destroy(&handles);
	flush_work(&free_work);
}
