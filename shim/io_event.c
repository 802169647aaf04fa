// SPDX-License-Identifier: GPL-2.0
/*
 * Named events. Each is a counted object; who knows its name gets another
 * handle on it, and the last handle or reference takes the name with it.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/instruction_pointer.h>
#include <linux/list.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "dispatcher.h"
#include "driver.h"
#include "io_event.h"
#include "irql.h"
#include "ke_api.h"
#include "ob_handle.h"
#include "report.h"

/**
 * struct named_event - an event that the library owns
 * @object: its reference count; a driver's pointer designates @event
 * @event: the KEVENT
 * @link: in the list of events; protected by events_lock
 * @length: of @name in bytes; 0: it has no name
 * @name: 16-bit characters, case matters
 */
struct named_event {
	struct nts_object object;
	struct nts_header event;
	struct list_head link;
	u16 length;
	u16 name[];
};

static_assert(offsetof(struct named_event, event) == sizeof(struct nts_object));

/* Every struct named_event; an entry without references is about to go. */
static LIST_HEAD(events);
static DEFINE_RAW_SPINLOCK(events_lock);

static void free_fn(struct nts_object *object)
{
	struct named_event *named =
		container_of(object, struct named_event, object);
	unsigned long flags;

	raw_spin_lock_irqsave(&events_lock, flags);
	list_del(&named->link);
	raw_spin_unlock_irqrestore(&events_lock, flags);
	kfree(named);
}

static struct nts_object_type event_type = {
	.name = "event",
	.free_fn = free_fn,
};

static struct nts_object_type *event_type_pointer = &event_type;

/* Documented in io_event.h: older kernels' kernel-doc knows no variables. */
struct nts_object_type **ExEventObjectType = &event_type_pointer;
EXPORT_SYMBOL_GPL(ExEventObjectType);

/**
 * nts_event_is_counted() - whether an event is one of the library's own
 * @body: any address; not looked at
 *
 * Context: any but NMI.
 * Return: true if a struct nts_object lies in front of it.
 */
bool nts_event_is_counted(const void *body)
{
	struct named_event *named;
	unsigned long flags;
	bool found = false;

	raw_spin_lock_irqsave(&events_lock, flags);
	list_for_each_entry(named, &events, link)
		if (&named->event == body) {
			found = true;
			break;
		}
	raw_spin_unlock_irqrestore(&events_lock, flags);
	return found;
}

static bool has_name(const struct named_event *named,
		     const struct named_event *like)
{
	return like->length && named->length == like->length &&
	       !memcmp(named->name, like->name, like->length);
}

/* The event of that name with a reference, or else @fresh itself, listed. */
static struct named_event *find_or_add(struct named_event *fresh)
{
	struct named_event *named;
	unsigned long flags;

	raw_spin_lock_irqsave(&events_lock, flags);
	list_for_each_entry(named, &events, link)
		if (has_name(named, fresh) &&
		    nts_object_get_unless_dead(&named->object))
			goto found;
	list_add(&fresh->link, &events);
	named = fresh;
found:
	raw_spin_unlock_irqrestore(&events_lock, flags);
	return named;
}

static struct named_event *new_event(const struct nts_unicode_string *name,
				     int type)
{
	u16 length = name ? name->length : 0;
	struct named_event *fresh =
		kzalloc(struct_size(fresh, name, length / sizeof(u16)),
			GFP_KERNEL);

	if (!fresh)
		return NULL;
	nts_object_init(&fresh->object, &event_type);
	KeInitializeEvent(&fresh->event, type, true);
	fresh->length = length & ~1;
	if (length)
		memcpy(fresh->name, name->buffer, fresh->length);
	return fresh;
}

static struct nts_header *create(const struct nts_unicode_string *name,
				 int type, void **handle, unsigned long caller)
{
	struct named_event *named, *fresh;
	int ret;

	if (nts_irql_current() > NTS_PASSIVE_LEVEL) {
		nts_report_at(caller, "V-19", NTS_BUG_VERIFIER_VIOLATION, NULL,
			      "named event created above PASSIVE_LEVEL; refused");
		return NULL;
	}
	fresh = new_event(name, type);
	if (!fresh)
		return NULL;
	named = find_or_add(fresh);
	if (named != fresh)
		kfree(fresh);
	ret = nts_handle_open(&named->object, caller, handle);
	/* From now on it lives by its handles. */
	nts_object_put(&named->object);
	return ret ? NULL : &named->event;
}

/**
 * IoCreateNotificationEvent() - open or make a named notification event
 * @name: UNICODE_STRING, compared with regard to case; NULL or empty: the event
 *	has no name
 * @handle: receives a handle, for ZwClose(); not written on failure
 *
 * A new event is signaled. One of that name is left as it is, its type too.
 *
 * Context: PASSIVE_LEVEL, process context; may sleep. Elsewhere reported and
 * refused.
 * Return: the event, valid until the handle is closed; NULL without memory or
 * above PASSIVE_LEVEL.
 * Source: IoCreateNotificationEvent function (wdm.h); T-HND-07, W-EVT-13, V-19.
 * Test: ntshim_named_event:event_is_found_by_its_name
 */
struct nts_header *IoCreateNotificationEvent(const struct nts_unicode_string
						     *name,
					     void **handle)
{
	return create(name, 0, handle, _RET_IP_);
}
EXPORT_SYMBOL_GPL(IoCreateNotificationEvent);

/**
 * IoCreateSynchronizationEvent() - open or make a named synchronization event
 * @name: as for IoCreateNotificationEvent()
 * @handle: as for IoCreateNotificationEvent()
 *
 * Context: as IoCreateNotificationEvent().
 * Return: as IoCreateNotificationEvent().
 * Source: IoCreateSynchronizationEvent function (wdm.h); T-HND-07, W-EVT-13.
 * Test: ntshim_named_event:each_kind_is_made
 */
struct nts_header *IoCreateSynchronizationEvent(const struct nts_unicode_string
							*name,
						void **handle)
{
	return create(name, 1, handle, _RET_IP_);
}
EXPORT_SYMBOL_GPL(IoCreateSynchronizationEvent);
