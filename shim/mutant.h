/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mutants, the objects behind KMUTEX, and the part of a thread that owns them.
 * Their signal state is 1 while free, 0 while owned once, and one less for each
 * acquisition more.
 */
#ifndef NTSHIM_MUTANT_H
#define NTSHIM_MUTANT_H

#include <linux/build_bug.h>
#include <linux/list.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "dispatcher.h"

struct module;
struct nts_wait;

/**
 * struct nts_owner - what a thread owns, and how it can be alerted
 * @lock: protects all of this; below the shard locks
 * @mutants: struct nts_mutant that the thread owns; changed under the mutant's
 *	shard lock too
 * @wait: the wait in which the thread is blocked alertably, or NULL
 * @alerted: an alert is pending, by the mode it was made for
 * @promised: the verifier: the last call said that a wait follows; used by the
 *	thread alone
 * @is_watched: nothing tells of the thread's end: nts_foreign_watch() looks for it
 * @apcs_off: owned KMUTEXes, each of which holds off kernel APCs (W-MTX-08)
 * @owned: length of @mutants; changed by others only when they hand the thread
 *	one that it waits for, or abandon one of its own
 *
 * Part of a thread's record.
 */
struct nts_owner {
	raw_spinlock_t lock;
	struct list_head mutants;
	struct nts_wait *wait;
	bool alerted[2];
	bool promised;
	bool is_watched;
	unsigned int apcs_off;
	unsigned int owned;
};

/**
 * struct nts_mutant - KMUTANT, KMUTEX
 * @header: the object part
 * @entry: in nts_owner.mutants while owned; protected by that lock as well
 * @owner: who owns it: NULL: nobody; &nts_dead_owner: a thread that is gone
 * @holds_apcs: initialised as a KMUTEX
 * @abandoned: the last owner ended without releasing it
 * @at_dispatch: acquired at DISPATCH_LEVEL
 *
 * Protected by the shard lock. The driver's memory, which it may free while
 * nobody owns or waits for it.
 */
struct nts_mutant {
	struct nts_header header;
	struct list_head entry;
	struct nts_owner *owner;
	bool holds_apcs;
	bool abandoned;
	bool at_dispatch;
};

static_assert(sizeof(struct nts_mutant) <= NT_LAYOUT_KMUTANT_SIZE);
static_assert(__alignof__(struct nts_mutant) <= NT_LAYOUT_ALIGN);

extern struct nts_owner nts_dead_owner;
extern bool nts_abandon_mutexes;

/**
 * struct nts_release_result - what a release found
 * @previous: signal state before
 * @status: NTS_STATUS_SUCCESS, or why nothing was changed
 * @at_dispatch: it had been acquired at DISPATCH_LEVEL
 */
struct nts_release_result {
	s32 previous;
	s32 status;
	bool at_dispatch;
};

static inline struct nts_mutant *nts_mutant_of(struct nts_header *object)
{
	return container_of(object, struct nts_mutant, header);
}

/**
 * nts_mutant_is_own() - whether a thread may acquire a mutant once more
 * @object: any object
 * @owner: the thread, or NULL
 *
 * Context: the shard lock of @object is held.
 * Return: true if @object is a mutant that @owner owns.
 */
static inline bool nts_mutant_is_own(struct nts_header *object,
				     const struct nts_owner *owner)
{
	return unlikely(object->type == NT_LAYOUT_TYPE_MUTANT) && owner &&
	       nts_mutant_of(object)->owner == owner;
}

void nts_owner_init(struct nts_owner *owner);
void nts_owner_end(struct nts_owner *owner, const void *thread,
		   unsigned long routine);

bool nts_owner_forget(struct nts_owner *owner, const struct module *mod);

void nts_mutant_init(struct nts_mutant *mutant, bool holds_apcs);
bool nts_mutant_is_owned(const struct nts_mutant *mutant);
bool nts_mutant_forget(struct nts_mutant *mutant);
s32 nts_mutant_acquire(struct nts_mutant *mutant, const struct nts_wait *wait);
struct nts_release_result nts_mutant_release(struct nts_mutant *mutant,
					     struct nts_owner *owner,
					     bool abandon);

#endif /* NTSHIM_MUTANT_H */
