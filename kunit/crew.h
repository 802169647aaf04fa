/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A crew of threads that want a lock, for the suites of sleeping locks.
 */
#ifndef NTSHIM_KUNIT_CREW_H
#define NTSHIM_KUNIT_CREW_H

#include <kunit/test.h>
#include <linux/atomic.h>
#include <linux/completion.h>

#include "../include/nt/nt_layout.h"
#include "../shim/mutex_api.h"

/**
 * struct crew - threads that want something that one of them has
 * @fn: what each does, once, in a critical region
 * @lock: what they want
 * @count: changed under @lock, not atomic
 * @torn: how often somebody saw what he must not
 * @entered: threads that have been inside
 * @done: completed by each thread
 */
struct crew {
	void (*fn)(struct crew *crew);
	union {
		struct nts_fast_mutex mutex;
		atomic_long_t word;
		u8 resource[NT_LAYOUT_ERESOURCE_SIZE];
	} lock;
	unsigned int count;
	atomic_t torn;
	atomic_t entered;
	struct completion done;
};

/* Sleeping locks want APCs off, and the verifier looks. */
int crew_suite_init(struct kunit *test);

struct crew *crew_new(struct kunit *test, void (*fn)(struct crew *crew));
void crew_start(struct kunit *test, struct crew *crew, unsigned int count);
void crew_join(struct kunit *test, struct crew *crew, unsigned int count);

static inline struct nts_resource *crew_resource(struct crew *crew)
{
	return (struct nts_resource *)crew->lock.resource;
}

#endif /* NTSHIM_KUNIT_CREW_H */
