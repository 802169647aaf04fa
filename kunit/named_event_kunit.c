// SPDX-License-Identifier: GPL-2.0
/*
 * Named events: who finds them, how they begin and how long they live.
 */

#include "../shim/compat.h"

#include <linux/bottom_half.h>
#include <linux/module.h>

#include "../shim/driver.h"
#include "../shim/io_event.h"
#include "../shim/ke_api.h"
#include "../shim/nt_api.h"
#include "../shim/ob_handle.h"
#include "../shim/ps_thread.h"
#include "../shim/status.h"
#include "helpers.h"

static u16 first_name[] = u"\\BaseNamedObjects\\First";
static u16 other_case[] = u"\\BaseNamedObjects\\first";

#define NAME_OF(array_)                                              \
	{                                                            \
		.length = sizeof(array_) - 2,                        \
		.maximum_length = sizeof(array_), .buffer = (array_) \
	}

static const struct nts_unicode_string first = NAME_OF(first_name);
static const struct nts_unicode_string second = NAME_OF(other_case);

static struct nts_header *create(struct kunit *test,
				 const struct nts_unicode_string *name,
				 void **handle)
{
	struct nts_header *event = IoCreateNotificationEvent(name, handle);

	KUNIT_ASSERT_NOT_NULL(test, event);
	return event;
}

/* Shows: T-HND-07, W-EVT-13 */
static void event_is_found_by_its_name(struct kunit *test)
{
	void *handle, *again, *elsewhere;
	struct nts_header *event = create(test, &first, &handle);

	KUNIT_EXPECT_EQ(test, KeReadStateEvent(event), 1);
	KeClearEvent(event);
	KUNIT_EXPECT_PTR_EQ(test, create(test, &first, &again), event);
	KUNIT_EXPECT_PTR_NE(test, again, handle);
	/* Opening one that exists does not signal it. */
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(event), 0);
	KUNIT_EXPECT_PTR_NE(test, create(test, &second, &elsewhere), event);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, KeSetEvent(event, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, ZwClose(again), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, ZwClose(elsewhere), NTS_STATUS_SUCCESS);
}

/* Shows: T-HND-07, W-EVT-13 */
static void name_goes_with_the_last_handle(struct kunit *test)
{
	struct nts_header *event;
	void *handle;

	event = create(test, &first, &handle);
	KeClearEvent(event);
	ZwClose(handle);
	/* A new event again: signaled, whatever became of the old one. */
	event = create(test, &first, &handle);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(event), 1);
	ZwClose(handle);
}

/* Shows: T-HND-07 */
static void each_kind_is_made(struct kunit *test)
{
	struct nts_header *notification, *synchronization;
	void *one, *two;

	notification = IoCreateNotificationEvent(NULL, &one);
	synchronization = IoCreateSynchronizationEvent(NULL, &two);
	KUNIT_ASSERT_NOT_NULL(test, notification);
	KUNIT_ASSERT_NOT_NULL(test, synchronization);
	/* Without a name they are two. */
	KUNIT_EXPECT_PTR_NE(test, notification, synchronization);
	KUNIT_EXPECT_EQ(test, nts_test_look(notification), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(notification), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(synchronization),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_EQ(test, nts_test_look(synchronization),
			NTS_STATUS_TIMEOUT);
	ZwClose(one);
	ZwClose(two);
}

/* Shows: T-HND-02, T-HND-04, W-EVT-13 */
static void handle_gives_the_event(struct kunit *test)
{
	void *handle, *object = NULL;
	struct nts_header *event = create(test, &first, &handle);

	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, *PsThreadType, 0,
						  &object, NULL),
			NTS_STATUS_OBJECT_TYPE_MISMATCH);
	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, *IoFileObjectType,
						  0, &object, NULL),
			NTS_STATUS_OBJECT_TYPE_MISMATCH);
	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0,
						  *ExSemaphoreObjectType, 0,
						  &object, NULL),
			NTS_STATUS_OBJECT_TYPE_MISMATCH);
	KUNIT_EXPECT_EQ(test,
			ObReferenceObjectByHandle(handle, 0, *ExEventObjectType,
						  0, &object, NULL),
			NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_PTR_EQ(test, object, (void *)event);
	ZwClose(handle);
	/* The reference keeps it. */
	KUNIT_EXPECT_EQ(test, nts_test_look(event), NTS_STATUS_SUCCESS);
	local_bh_disable();
	KUNIT_EXPECT_EQ(test, ObfDereferenceObject(event), 0);
	local_bh_enable();
}

/* Shows: T-HND-04 */
static void event_of_a_driver_is_not_counted(struct kunit *test)
{
	struct nts_header *event =
		kunit_kzalloc(test, sizeof(*event), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, event);
	KeInitializeEvent(event, 0, 0);
	ObfDereferenceObject(event);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-HND-04"), 1);
}

/* Shows: V-19, T-HND-07 */
static void above_passive_level_it_is_refused(struct kunit *test)
{
	void *handle = test, *other = test;
	struct nts_header *event, *synchronization;

	local_bh_disable();
	event = IoCreateNotificationEvent(&first, &handle);
	synchronization = IoCreateSynchronizationEvent(&first, &other);
	local_bh_enable();
	KUNIT_EXPECT_NULL(test, event);
	KUNIT_EXPECT_NULL(test, synchronization);
	KUNIT_EXPECT_PTR_EQ(test, handle, (void *)test);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("V-19"), 2);
}

/* Shows: T-HND-05, W-EVT-13, V-30 */
static void event_left_at_unload_is_closed(struct kunit *test)
{
	struct nts_header *event;
	void *handle;

	event = create(test, &first, &handle);
	KeClearEvent(event);
	nts_handle_finish_driver(THIS_MODULE);
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("T-HND-05"), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(create(test, &first, &handle)),
			1);
	ZwClose(handle);
}

/* Shows: T-HND-04, T-HND-07 */
static void event_lives_by_its_handle(struct kunit *test)
{
	void *handle;
	struct nts_header *event = create(test, &first, &handle);

	ObfDereferenceObject(event);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("T-HND-04", 0x18, 0), 1);
	KUNIT_EXPECT_EQ(test, KeReadStateEvent(event), 1);
	KUNIT_EXPECT_EQ(test, ZwClose(handle), NTS_STATUS_SUCCESS);
}

static struct kunit_case named_event_cases[] = {
	KUNIT_CASE(event_is_found_by_its_name),
	KUNIT_CASE(name_goes_with_the_last_handle),
	KUNIT_CASE(each_kind_is_made),
	KUNIT_CASE(handle_gives_the_event),
	KUNIT_CASE(event_of_a_driver_is_not_counted),
	KUNIT_CASE(above_passive_level_it_is_refused),
	KUNIT_CASE(event_left_at_unload_is_closed),
	KUNIT_CASE(event_lives_by_its_handle),
	{}
};

static struct kunit_suite named_event_suite = {
	.name = "ntshim_named_event",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = named_event_cases,
};

kunit_test_suite(named_event_suite);
