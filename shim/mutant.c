// SPDX-License-Identifier: GPL-2.0
/*
 * Ownership of mutants: who gets one, who gives it up, and what becomes of
 * those that a thread still owns at its end. Signals and waits are the
 * dispatcher's.
 */

#include "compat.h"

#include <linux/export.h>
#include <linux/module.h>

#include "mutant.h"
#include "peek.h"
#include "ps_foreign.h"
#include "report.h"
#include "status.h"
#include "wait.h"

bool nts_abandon_mutexes;
NTS_EXPORT_INTERNAL(nts_abandon_mutexes);
module_param_named(abandon_mutexes, nts_abandon_mutexes, bool, 0644);
MODULE_PARM_DESC(abandon_mutexes,
		 "A KMUTEX whose owner ends is abandoned to the next waiter (default: N, it stays owned)");

/* Owns what a thread left behind: no thread can release it. */
struct nts_owner nts_dead_owner = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(nts_dead_owner.lock),
	.mutants = LIST_HEAD_INIT(nts_dead_owner.mutants),
};

/**
 * nts_owner_init() - a thread that owns nothing and has no alert
 * @owner: memory of any content
 *
 * Context: any.
 */
void nts_owner_init(struct nts_owner *owner)
{
	raw_spin_lock_init(&owner->lock);
	INIT_LIST_HEAD(&owner->mutants);
	owner->wait = NULL;
	owner->alerted[0] = false;
	owner->alerted[1] = false;
	owner->promised = false;
	owner->is_watched = false;
	owner->apcs_off = 0;
	owner->owned = 0;
}
NTS_EXPORT_INTERNAL(nts_owner_init);

/**
 * nts_mutant_init() - make memory a mutant that nobody owns
 * @mutant: memory of any content
 * @holds_apcs: a KMUTEX: owning it holds off kernel APCs
 *
 * Context: any.
 */
void nts_mutant_init(struct nts_mutant *mutant, bool holds_apcs)
{
	nts_header_init(&mutant->header, NT_LAYOUT_TYPE_MUTANT, 1);
	INIT_LIST_HEAD(&mutant->entry);
	mutant->owner = NULL;
	mutant->holds_apcs = holds_apcs;
	mutant->abandoned = false;
	mutant->at_dispatch = false;
}

/**
 * nts_mutant_is_owned() - whether memory is a mutant that somebody owns
 * @mutant: memory of any content
 *
 * For init routines, as nts_header_has_waiters(): the owner's list must lead
 * back to it.
 *
 * Context: any.
 * Return: true if it was owned by a thread at some instant of the call.
 */
bool nts_mutant_is_owned(const struct nts_mutant *mutant)
{
	struct list_head *next, *back;

	if (likely(mutant->header.magic != NTS_HEADER_MAGIC ||
		   mutant->header.type != NT_LAYOUT_TYPE_MUTANT))
		return false;
	next = READ_ONCE(mutant->entry.next);
	return next != &mutant->entry &&
	       nts_peek(&back, &next->prev, sizeof(back)) &&
	       back == &mutant->entry;
}
NTS_EXPORT_INTERNAL(nts_mutant_is_owned);

static void give(struct nts_mutant *mutant, struct nts_owner *owner)
{
	raw_spin_lock(&owner->lock);
	mutant->owner = owner;
	list_add(&mutant->entry, &owner->mutants);
	owner->apcs_off += mutant->holds_apcs;
	if (!owner->owned++ && owner->is_watched)
		nts_foreign_watch();
	raw_spin_unlock(&owner->lock);
}

static void part_locked(struct nts_mutant *mutant, struct nts_owner *owner)
{
	list_del_init(&mutant->entry);
	owner->apcs_off -= mutant->holds_apcs;
	owner->owned--;
}

static void take_back(struct nts_mutant *mutant)
{
	struct nts_owner *owner = mutant->owner;

	if (!owner)
		return;
	mutant->owner = NULL;
	if (owner == &nts_dead_owner)
		return;
	raw_spin_lock(&owner->lock);
	part_locked(mutant, owner);
	raw_spin_unlock(&owner->lock);
}

/**
 * nts_mutant_acquire() - make a wait's thread the owner, or count once more
 * @mutant: free, or owned by the thread
 * @wait: the satisfied wait
 *
 * The signal state is the caller's to store.
 *
 * Context: the shard lock is held.
 * Return: what it adds to the wait's status: NTS_STATUS_ABANDONED for a mutant
 * that was abandoned, else 0.
 */
s32 nts_mutant_acquire(struct nts_mutant *mutant, const struct nts_wait *wait)
{
	s32 result = mutant->abandoned ? NTS_STATUS_ABANDONED : 0;

	lockdep_assert_held(&nts_shard_of(mutant)->lock);
	if (mutant->owner == wait->owner)
		return 0;
	give(mutant, wait->owner);
	mutant->abandoned = false;
	mutant->at_dispatch = wait->at_dispatch;
	return result;
}

static s32 why_not_released(const struct nts_mutant *mutant)
{
	return mutant->abandoned ? NTS_STATUS_ABANDONED :
				   NTS_STATUS_MUTANT_NOT_OWNED;
}

static void abandon_locked(struct nts_signaller *sig, struct nts_mutant *mutant)
{
	take_back(mutant);
	mutant->abandoned = true;
	nts_signal_store(&mutant->header,
			 nts_signal_satisfy(sig, &mutant->header, 1));
}

/**
 * nts_mutant_release() - give up one acquisition, or all
 * @mutant: initialised mutant
 * @owner: the calling thread, NULL for none
 * @abandon: whoever owns it gives it up altogether, and the next owner is told
 *
 * The last release hands it to the first wait that it satisfies, in the same
 * step (W-MTX-05). The mutant may be gone on return.
 *
 * Context: as nts_signal_lock().
 * Return: the state before; a status other than NTS_STATUS_SUCCESS if @owner
 * does not own it: nothing was changed.
 */
struct nts_release_result nts_mutant_release(struct nts_mutant *mutant,
					     struct nts_owner *owner,
					     bool abandon)
{
	struct nts_release_result result = { .status = NTS_STATUS_SUCCESS };
	struct nts_header *header = &mutant->header;
	struct nts_signaller sig;
	s32 state;

	nts_signal_lock(&sig, nts_shard_of(header), header);
	result.previous = header->signal_state;
	result.at_dispatch = mutant->at_dispatch;
	if (!abandon && (!owner || mutant->owner != owner)) {
		result.status = why_not_released(mutant);
		goto out;
	}
	if (abandon) {
		abandon_locked(&sig, mutant);
		goto out;
	}
	state = header->signal_state + 1;
	if (state == 1) {
		take_back(mutant);
		mutant->abandoned = false;
		state = nts_signal_satisfy(&sig, header, state);
	}
	nts_signal_store(header, state);
out:
	nts_signal_unlock(&sig);
	return result;
}
NTS_EXPORT_INTERNAL(nts_mutant_release);

static struct nts_mutant *first_mutant(struct nts_owner *owner)
{
	struct nts_mutant *mutant;
	unsigned long flags;

	raw_spin_lock_irqsave(&owner->lock, flags);
	mutant = list_first_entry_or_null(&owner->mutants, struct nts_mutant,
					  entry);
	raw_spin_unlock_irqrestore(&owner->lock, flags);
	return mutant;
}

/* What a mutant is that was the first of an owner's a moment ago. */
enum legacy {
	GONE,
	LEFT_FREE,
	LEFT_STUCK,
	OVERWRITTEN,
};

/*
 * Somebody else may have abandoned it meanwhile and freed it: it is read only if
 * it is still there, and then it stays there for as long as its shard is locked.
 */
static enum legacy legacy_of(const struct nts_mutant *mutant,
			     struct nts_owner *owner)
{
	const struct list_head *entry = &mutant->entry;
	enum legacy legacy = GONE;

	lockdep_assert_held(&nts_shard_of(mutant)->lock);
	raw_spin_lock(&owner->lock);
	if (owner->mutants.next == entry) {
		if (mutant->owner != owner || entry->prev != &owner->mutants ||
		    entry->next->prev != entry)
			legacy = OVERWRITTEN;
		else
			legacy = mutant->holds_apcs ? LEFT_STUCK : LEFT_FREE;
	}
	raw_spin_unlock(&owner->lock);
	return legacy;
}

/*
 * Take the first entry off without believing what it contains: its successor is
 * found from the other end. If that fails the others are forgotten too.
 */
static void bypass_first(struct nts_owner *owner)
{
	struct list_head *head = &owner->mutants, *first, *next = head;
	unsigned int left;

	raw_spin_lock(&owner->lock);
	first = head->next;
	for (left = owner->owned; left && next && next->prev != first; left--)
		next = next->prev;
	if (!next || next->prev != first)
		next = head;
	head->next = next;
	next->prev = head;
	raw_spin_unlock(&owner->lock);
}

/*
 * Part an owner that ends from the first of its mutants, @mutant, unless it is
 * not that any more. What it is, is decided in the same hold of the lock: else
 * it might be taken from its next owner.
 */
static enum legacy end_first(struct nts_mutant *mutant, struct nts_owner *owner,
			     bool keep)
{
	struct nts_signaller sig;
	enum legacy legacy;

	nts_signal_begin(&sig, nts_shard_of(mutant));
	legacy = legacy_of(mutant, owner);
	if (legacy != GONE && unlikely(mutant->header.wait_all_blocks)) {
		nts_signal_upgrade(&sig);
		legacy = legacy_of(mutant, owner);
	}
	if (legacy == OVERWRITTEN) {
		bypass_first(owner);
	} else if (legacy == LEFT_STUCK && keep) {
		take_back(mutant);
		mutant->owner = &nts_dead_owner;
	} else if (legacy != GONE) {
		abandon_locked(&sig, mutant);
	}
	nts_signal_unlock(&sig);
	return legacy;
}

/* NULL: a driver has overwritten it; what follows cannot be reached from here. */
static struct list_head *next_if_sane(const struct list_head *entry)
{
	struct list_head *next, *back;

	if (!nts_peek(&next, &entry->next, sizeof(next)) ||
	    !nts_peek(&back, &next->prev, sizeof(back)) || back != entry)
		return NULL;
	return next;
}

/**
 * nts_owner_forget() - part a thread from mutants whose memory goes
 * @owner: the thread's part
 * @mod: those in this module
 *
 * They stay owned, by nobody: for as long as the memory is there.
 *
 * Context: process; nothing of @mod runs any more.
 * Return: true if there was one.
 */
bool nts_owner_forget(struct nts_owner *owner, const struct module *mod)
{
	struct list_head *entry, *next;
	struct nts_mutant *mutant;
	bool found = false;
	unsigned long flags;

	raw_spin_lock_irqsave(&owner->lock, flags);
	for (entry = owner->mutants.next; entry != &owner->mutants;
	     entry = next) {
		next = next_if_sane(entry);
		if (!next)
			break;
		mutant = list_entry(entry, struct nts_mutant, entry);
		if (!within_module((unsigned long)mutant, mod))
			continue;
		part_locked(mutant, owner);
		mutant->owner = &nts_dead_owner;
		found = true;
	}
	raw_spin_unlock_irqrestore(&owner->lock, flags);
	return found;
}

/**
 * nts_mutant_forget() - part a mutant from its owner, because its memory goes
 * @mutant: memory of any content
 *
 * Context: any but NMI. Takes the shard lock.
 * Return: true if it was owned.
 */
bool nts_mutant_forget(struct nts_mutant *mutant)
{
	struct nts_shard *shard = nts_shard_of(mutant);
	unsigned long flags;
	bool owned;

	raw_spin_lock_irqsave(&shard->lock, flags);
	owned = nts_mutant_is_owned(mutant);
	if (owned) {
		take_back(mutant);
		mutant->owner = &nts_dead_owner;
	}
	raw_spin_unlock_irqrestore(&shard->lock, flags);
	return owned;
}

static void report_stuck(const struct nts_mutant *mutant, const void *thread,
			 unsigned long routine)
{
	const struct nts_finding finding = {
		.rule = "W-MTX-09",
		.code = NTS_BUG_HELD_MUTEX,
		.caller = routine,
		.object = mutant,
		.text = "thread ended while it owned a mutex",
		.args = { (unsigned long)thread, (unsigned long)mutant },
	};

	nts_finding_raise(NTS_REPORT, &finding);
}

/**
 * nts_owner_end() - a thread ends: give up what it still owns
 * @owner: the thread's part
 * @thread: its object, for reports
 * @routine: address in the driver, for reports
 *
 * A KMUTEX is a fault of the driver: reported, and owned for ever unless
 * abandon_mutexes is set (W-MTX-09, W-MTX-11). Other mutants are abandoned.
 *
 * Context: process. Takes shard locks.
 */
void nts_owner_end(struct nts_owner *owner, const void *thread,
		   unsigned long routine)
{
	bool keep = !READ_ONCE(nts_abandon_mutexes);
	struct nts_mutant *mutant;
	enum legacy legacy;

	while ((mutant = first_mutant(owner))) {
		legacy = end_first(mutant, owner, keep);
		if (legacy == LEFT_STUCK)
			report_stuck(mutant, thread, routine);
		else if (legacy == OVERWRITTEN)
			nts_misuse_at(routine, "W-HDR-07", mutant,
				      "mutex overwritten while the thread that ended owned it");
	}
}
