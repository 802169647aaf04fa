/* SPDX-License-Identifier: GPL-2.0 */
/* Named events: counted objects of the library whose body is a KEVENT. */
#ifndef NTSHIM_IO_EVENT_H
#define NTSHIM_IO_EVENT_H

#include <linux/types.h>

struct nts_header;
struct nts_object_type;
struct nts_unicode_string;

/**
 * var ExEventObjectType - type of event objects; drivers write
 * ``*ExEventObjectType``
 *
 * Context: any; constant.
 * Source: ObReferenceObjectByHandle function (wdm.h); T-HND-02.
 * Test: ntshim_named_event:handle_gives_the_event
 */
extern struct nts_object_type **ExEventObjectType;
struct nts_header *IoCreateNotificationEvent(const struct nts_unicode_string
						     *name,
					     void **handle);
struct nts_header *IoCreateSynchronizationEvent(const struct nts_unicode_string
							*name,
						void **handle);

bool nts_event_is_counted(const void *body);

#endif /* NTSHIM_IO_EVENT_H */
