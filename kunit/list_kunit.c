// SPDX-License-Identifier: GPL-2.0
/*
 * Interlocked operations and lists: the inline ones through sources that are
 * compiled as a driver is, in C and in C++.
 */

#include "../shim/compat.h"

#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>

#include "../shim/ex_slist.h"
#include "helpers.h"
#include "ported/ported.h"

/* Shows: A-INT-01 */
static void interlocked_results_are_those_of_windows(struct kunit *test)
{
	nts_test_expect_all(test, InterlockedResultsInC());
	nts_test_expect_all(test, InterlockedResultsInCxx());
}

/* Shows: A-INT-03, A-INT-04, A-INT-05 */
static void every_form_and_spelling_works(struct kunit *test)
{
	nts_test_expect_all(test, InterlockedFormsInC());
	nts_test_expect_all(test, InterlockedFormsInCxx());
}

/* Shows: A-INT-04 */
static void own_longs_wrap_at_32_bits(struct kunit *test)
{
	nts_test_expect_all(test, OwnLongsInCxx());
	nts_test_expect_all(test, CastLongsInCxx());
}

#define CELLS 20000

/**
 * struct litmus - two threads that store to one cell and load another
 * @barrier: operation between store and load
 * @stored: of each thread
 * @seen: what each thread loaded of the other's cells
 * @at: the cell that each thread has come to
 * @done: completed by each thread
 */
struct litmus {
	int barrier;
	int *stored[2];
	int *seen[2];
	int at[2];
	struct completion done;
};

/* The other thread may be off its processor: better unequal than for ever. */
static void keep_step(struct litmus *litmus, unsigned int self, int cell)
{
	int tries = 1000;

	WRITE_ONCE(litmus->at[self], cell);
	while (READ_ONCE(litmus->at[!self]) < cell && tries--)
		cpu_relax();
}

static void walk_cells(struct litmus *litmus, unsigned int self)
{
	int i;

	for (i = 0; i < CELLS; i++) {
		keep_step(litmus, self, i);
		litmus->seen[self][i] =
			StoreThenLoad(litmus->barrier, &litmus->stored[self][i],
				      &litmus->stored[!self][i]);
	}
	complete(&litmus->done);
}

static int first_fn(void *data)
{
	walk_cells(data, 0);
	return 0;
}

static int second_fn(void *data)
{
	walk_cells(data, 1);
	return 0;
}

/* How often both threads loaded before either store was seen. */
static int count_reordered(struct kunit *test, struct litmus *litmus)
{
	struct task_struct *tasks[2];
	int i, count = 0;

	for (i = 0; i < 2; i++)
		memset(litmus->stored[i], 0, CELLS * sizeof(int));
	litmus->at[0] = -1;
	litmus->at[1] = -1;
	init_completion(&litmus->done);
	tasks[0] = kthread_create(first_fn, litmus, "nts-litmus0");
	tasks[1] = kthread_create(second_fn, litmus, "nts-litmus1");
	for (i = 0; i < 2; i++) {
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test, tasks[i]);
		kthread_bind(tasks[i], i);
	}
	for (i = 0; i < 2; i++)
		wake_up_process(tasks[i]);
	for (i = 0; i < 2; i++)
		wait_for_completion(&litmus->done);
	for (i = 0; i < CELLS; i++)
		count += !litmus->seen[0][i] && !litmus->seen[1][i];
	return count;
}

static struct litmus *new_litmus(struct kunit *test)
{
	struct litmus *litmus =
		kunit_kzalloc(test, sizeof(*litmus), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, litmus);
	for (i = 0; i < 2; i++) {
		litmus->stored[i] =
			kunit_kcalloc(test, CELLS, sizeof(int), GFP_KERNEL);
		litmus->seen[i] =
			kunit_kcalloc(test, CELLS, sizeof(int), GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, litmus->stored[i]);
		KUNIT_ASSERT_NOT_NULL(test, litmus->seen[i]);
	}
	return litmus;
}

/* Shows: A-INT-02 */
static void no_load_overtakes_a_store_before_it(struct kunit *test)
{
	struct litmus *litmus;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	litmus = new_litmus(test);
	kunit_info(test, "without a barrier %d of %d were reordered\n",
		   count_reordered(test, litmus), CELLS);
	for (litmus->barrier = 1; litmus->barrier < PORTED_BARRIERS;
	     litmus->barrier++)
		KUNIT_EXPECT_EQ_MSG(test, count_reordered(test, litmus), 0,
				    "operation %d", litmus->barrier);
}

/* Shows: S-LST-01, S-LST-02, S-LST-03, S-LST-04 */
static void lists_keep_their_rules(struct kunit *test)
{
	nts_test_expect_all(test, ListRulesInC());
	nts_test_expect_all(test, ListRulesInCxx());
}

/* Shows: S-LST-05 */
static void corrupt_list_is_reported(struct kunit *test)
{
	nts_test_expect_all(test, CorruptLists());
	KUNIT_EXPECT_EQ(test, nts_test_take_findings("S-LST-05"), 3);
}

/* Shows: S-LST-07, S-LST-06 */
static void records_are_found_from_their_fields(struct kunit *test)
{
	nts_test_expect_all(test, RecordMacrosInC());
	nts_test_expect_all(test, RecordMacrosInCxx());
}

/**
 * struct item - entry of a sequenced list
 * @next: link; the list's
 * @taken: 1 while somebody has popped it
 */
struct item {
	void *next;
	atomic_t taken;
};

/**
 * struct stack - a sequenced list that two threads use
 * @head: SLIST_HEADER
 * @twice: entries that were popped while somebody else had them
 * @done: completed by each thread
 */
struct stack {
	u64 head[2];
	atomic_t twice;
	struct completion done;
};

static struct nts_slist *head_of(struct stack *stack)
{
	return (struct nts_slist *)stack->head;
}

static void push(struct stack *stack, struct item *item)
{
	ExpInterlockedPushEntrySList(head_of(stack),
				     (struct nts_slist_entry *)item);
}

static struct item *pop(struct stack *stack)
{
	return (struct item *)ExpInterlockedPopEntrySList(head_of(stack));
}

#define ITEMS 4
#define POPS 5000

static struct item *new_item(void)
{
	struct item *item = kzalloc(sizeof(*item), GFP_KERNEL);

	if (item)
		atomic_set(&item->taken, 0);
	return item;
}

/* Frees what it pops and pushes fresh memory, most likely the same. */
static int pop_and_push(void *data)
{
	struct stack *stack = data;
	struct item *item;
	unsigned int i;

	for (i = 0; i < POPS; i++) {
		item = pop(stack);
		if (!item)
			continue;
		if (atomic_xchg(&item->taken, 1))
			atomic_inc(&stack->twice);
		kfree(item);
		item = new_item();
		if (item)
			push(stack, item);
		if (i % 64 == 0)
			cond_resched();
	}
	complete(&stack->done);
	return 0;
}

/* Shows: S-LST-06 */
static void slist_pops_each_entry_once(struct kunit *test)
{
	struct stack *stack = kunit_kzalloc(test, sizeof(*stack), GFP_KERNEL);
	struct item *item;
	int i, left = 0;

	KUNIT_ASSERT_NOT_NULL(test, stack);
	init_completion(&stack->done);
	InitializeSListHead(head_of(stack));
	for (i = 0; i < ITEMS; i++)
		push(stack, new_item());
	for (i = 0; i < 2; i++)
		KUNIT_ASSERT_NOT_ERR_OR_NULL(test,
					     kthread_run(pop_and_push, stack,
							 "nts-slist"));
	for (i = 0; i < 2; i++)
		wait_for_completion(&stack->done);

	KUNIT_EXPECT_EQ(test, atomic_read(&stack->twice), 0);
	KUNIT_EXPECT_EQ(test, ExQueryDepthSList(head_of(stack)), ITEMS);
	while ((item = pop(stack))) {
		left++;
		kfree(item);
	}
	KUNIT_EXPECT_EQ(test, left, ITEMS);
}

static struct kunit_case list_cases[] = {
	KUNIT_CASE(interlocked_results_are_those_of_windows),
	KUNIT_CASE(every_form_and_spelling_works),
	KUNIT_CASE(own_longs_wrap_at_32_bits),
	KUNIT_CASE(no_load_overtakes_a_store_before_it),
	KUNIT_CASE(lists_keep_their_rules),
	KUNIT_CASE(corrupt_list_is_reported),
	KUNIT_CASE(records_are_found_from_their_fields),
	KUNIT_CASE(slist_pops_each_entry_once),
	{}
};

static struct kunit_suite list_suite = {
	.name = "ntshim_list",
	.init = nts_test_init,
	.exit = nts_test_exit,
	.test_cases = list_cases,
};

kunit_test_suite(list_suite);
