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
#include <linux/preempt.h>
#include <linux/printk.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

#include "irql.h"
#include "nt_api.h"
#include "ob_handle.h"
#include "report.h"
#include "status.h"

#define HANDLE_SHIFT 2

static DEFINE_XARRAY_ALLOC1(handles);
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
	if (nts_irql_current() < NTS_DISPATCH_LEVEL) {
		free_object(object);
		return 0;
	}
	if (llist_add(&object->free_node, &to_free))
		schedule_work(&free_work);
	return 0;
}

/**
 * nts_handle_open() - make a handle on an object
 * @object: the handle takes a reference of its own
 * @handle: receives it: not NULL, a multiple of 4, positive
 *
 * Context: PASSIVE_LEVEL, process context; may sleep.
 * Return: 0, or -ENOMEM or -EBUSY with @handle not written.
 */
int nts_handle_open(struct nts_object *object, void **handle)
{
	struct xa_limit limit = XA_LIMIT(1, S32_MAX >> HANDLE_SHIFT);
	u32 index;
	int ret;

	nts_object_get(object);
	ret = xa_alloc_cyclic(&handles, &index, object, limit, &handle_next,
			      GFP_KERNEL);
	if (ret < 0) {
		nts_object_put(object);
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
	struct nts_object *object;

	if (!is_handle(handle))
		return false;
	object = xa_erase(&handles, index_of(handle));
	if (!object)
		return false;
	nts_object_put(object);
	return true;
}

/* The object behind a handle with a new reference, or NULL. */
static struct nts_object *object_by_handle(const void *handle)
{
	struct nts_object *object;

	if (!is_handle(handle))
		return NULL;
	xa_lock(&handles);
	object = xa_load(&handles, index_of(handle));
	if (object)
		nts_object_get(object);
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
		nts_report("V-20", 0xc4, NULL,
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
	*object = nts_object_body(found);
	return NTS_STATUS_SUCCESS;
}
EXPORT_SYMBOL_GPL(ObReferenceObjectByHandle);

static bool check_object(void *body, unsigned long caller)
{
	if (likely(body && nts_object_of(body)->magic == NTS_OBJECT_MAGIC))
		return true;
	nts_report_at(caller, "T-HND-04", 0x18, body,
		      "reference count of something that is no counted object; ignored");
	return false;
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
	if (!check_object(object, _RET_IP_))
		return 0;
	nts_object_get(nts_object_of(object));
	return refcount_read(&nts_object_of(object)->refs);
}
EXPORT_SYMBOL_GPL(ObfReferenceObject);

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
	if (!check_object(object, _RET_IP_))
		return 0;
	return nts_object_put(nts_object_of(object));
}
EXPORT_SYMBOL_GPL(ObfDereferenceObject);

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
		nts_report("V-22", 0xc4, NULL,
			   "ZwClose above PASSIVE_LEVEL; handle stays open");
		return NTS_STATUS_INVALID_PARAMETER;
	}
	return nts_handle_close(handle) ? NTS_STATUS_SUCCESS :
					  NTS_STATUS_INVALID_HANDLE;
}
EXPORT_SYMBOL_GPL(ZwClose);

/**
 * nts_object_stop() - close what drivers left open
 *
 * Context: module exit; sleeps. No driver is loaded any more.
 */
void nts_object_stop(void)
{
	struct nts_object *object;
	unsigned long index;

	xa_for_each(&handles, index, object) {
		pr_warn("handle 0x%lx on a %s was left open\n",
			index << HANDLE_SHIFT, object->type->name);
		xa_erase(&handles, index);
		nts_object_put(object);
	}
	xa_destroy(&handles);
	flush_work(&free_work);
}
