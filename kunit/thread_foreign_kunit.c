// SPDX-License-Identifier: GPL-2.0
/*
 * Thread objects of tasks that no driver has made: nothing tells the library of
 * their end.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/module.h>

#include "../shim/ke_api.h"
#include "../shim/lock_api.h"
#include "../shim/mutant.h"
#include "../shim/nt_api.h"
#include "../shim/ps_thread.h"
#include "../shim/status.h"
#include "helpers.h"

static const s64 patience_100ns = PATIENCE_100NS;

/**
 * struct guest - a task that shows its object and ends
 * @object: its KeGetCurrentThread(), with a reference
 * @shown: completed when @object is there
 * @leave: event that lets it end
 */
struct guest {
	void *object;
	struct completion shown;
	struct nts_header leave;
};

static int guest_fn(void *data)
{
	struct guest *guest = data;

	guest->object = KeGetCurrentThread();
	ObfReferenceObject(guest->object);
	complete(&guest->shown);
	KeWaitForSingleObject(&guest->leave, 0, 0, 0, NULL);
	return 0;
}

static void receive(struct kunit *test, struct guest *guest)
{
	init_completion(&guest->shown);
	KeInitializeEvent(&guest->leave, 0, 0);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
				     kthread_run(guest_fn, guest, "nts-guest"));
	wait_for_completion(&guest->shown);
}

/* Shows: W-SIG-06, W-THR-01, T-CUR-02 */
static void end_of_a_task_signals_its_object(struct kunit *test)
{
	struct guest guest;

	receive(test, &guest);
	KUNIT_EXPECT_EQ(test, nts_test_look(guest.object), NTS_STATUS_TIMEOUT);
	KeSetEvent(&guest.leave, 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForSingleObject(guest.object, 0, 0, 0,
					      &patience_100ns),
			NTS_STATUS_SUCCESS);
	/* For ever. */
	KUNIT_EXPECT_EQ(test, nts_test_look(guest.object), NTS_STATUS_SUCCESS);
	ObfDereferenceObject(guest.object);
}

/* Shows: W-SIG-06, W-THR-06 */
static void tasks_are_waited_for_together(struct kunit *test)
{
	struct guest guests[2];
	void *objects[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		receive(test, &guests[i]);
		objects[i] = guests[i].object;
	}
	for (i = 0; i < 2; i++)
		KeSetEvent(&guests[i].leave, 0, 0);
	KUNIT_EXPECT_EQ(test,
			KeWaitForMultipleObjects(2, objects, 0, 0, 0, 0,
						 &patience_100ns, NULL),
			NTS_STATUS_SUCCESS);
	for (i = 0; i < 2; i++)
		ObfDereferenceObject(objects[i]);
}

/* In the memory of this module, which stands for a driver's. */
static u8 own_mutex[NT_LAYOUT_KMUTANT_SIZE] __aligned(NT_LAYOUT_ALIGN);

/* Shows: M-LIF-09, W-MTX-12 */
static void owned_mutexes_are_forgotten_with_their_driver(struct kunit *test)
{
	struct nts_mutant *mutex = (struct nts_mutant *)own_mutex;

	KeInitializeMutex(mutex, 0);
	KUNIT_EXPECT_FALSE(test, nts_thread_forget_mutants(THIS_MODULE));
	KUNIT_EXPECT_EQ(test, nts_test_look(mutex), NTS_STATUS_SUCCESS);
	KUNIT_EXPECT_TRUE(test, nts_mutant_is_owned(mutex));
	KUNIT_EXPECT_TRUE(test, nts_thread_forget_mutants(THIS_MODULE));
	KUNIT_EXPECT_FALSE(test, nts_mutant_is_owned(mutex));
	KUNIT_EXPECT_FALSE(test, nts_thread_forget_mutants(THIS_MODULE));
	KUNIT_EXPECT_EQ(test, KeAreApcsDisabled(), 0);
}

/* Shows: T-HND-04 */
static void reference_of_the_library_is_not_given_back(struct kunit *test)
{
	void *own = KeGetCurrentThread();

	KUNIT_EXPECT_EQ(test, ObfDereferenceObject(own), 0);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("T-HND-04", 0x18, 0), 1);
	ObfReferenceObject(own);
	KUNIT_EXPECT_GT(test, ObfDereferenceObject(own), 0);
	ObDereferenceObjectDeferDelete(own);
	KUNIT_EXPECT_EQ(test, nts_test_take_reports("T-HND-04", 0x18, 0), 1);
	KUNIT_EXPECT_PTR_EQ(test, KeGetCurrentThread(), own);
	KUNIT_EXPECT_EQ(test, nts_signal_read(own), 0);
}

static struct kunit_case thread_foreign_cases[] = {
	KUNIT_CASE(end_of_a_task_signals_its_object),
	KUNIT_CASE(owned_mutexes_are_forgotten_with_their_driver),
	KUNIT_CASE(tasks_are_waited_for_together),
	KUNIT_CASE(reference_of_the_library_is_not_given_back),
	{}
};

static struct kunit_suite thread_foreign_suite = {
	.name = "ntshim_thread_foreign",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = thread_foreign_cases,
};

kunit_test_suite(thread_foreign_suite);
