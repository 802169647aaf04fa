/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Objects that the library owns and counts, and the handles that drivers hold
 * on them. Objects in driver memory (events, timers) are none of these.
 */
#ifndef NTSHIM_OB_HANDLE_H
#define NTSHIM_OB_HANDLE_H

#include <linux/atomic.h>
#include <linux/llist.h>
#include <linux/refcount.h>
#include <linux/types.h>

struct module;
struct nts_object;

/**
 * struct nts_object_type - OBJECT_TYPE
 * @name: for reports
 * @free_fn: releases the object when nobody refers to it; process context
 * @keep_fn: a driver has taken a reference; any context; or NULL
 */
struct nts_object_type {
	const char *name;
	void (*free_fn)(struct nts_object *object);
	void (*keep_fn)(struct nts_object *object);
};

/**
 * struct nts_object - lies in front of every counted object
 * @type: what follows
 * @magic: NTS_OBJECT_MAGIC while the object lives
 * @refs: handles, references of drivers and of the library
 * @taken: references among them that drivers have taken and may give back
 * @free_node: waits for its release
 *
 * A driver's pointer designates what follows this header, its body.
 */
struct nts_object {
	const struct nts_object_type *type;
	u32 magic;
	refcount_t refs;
	atomic_t taken;
	struct llist_node free_node;
} __aligned(16);

#define NTS_OBJECT_MAGIC 0x4e54424fu

static inline void *nts_object_body(struct nts_object *object)
{
	return object + 1;
}

static inline struct nts_object *nts_object_of(void *body)
{
	return (struct nts_object *)body - 1;
}

void nts_object_init(struct nts_object *object,
		     const struct nts_object_type *type);
void nts_object_get(struct nts_object *object);
unsigned int nts_object_put(struct nts_object *object);

bool nts_object_get_unless_dead(struct nts_object *object);

int nts_handle_open(struct nts_object *object, unsigned long caller,
		    void **handle);
bool nts_handle_close(void *handle);
void nts_handle_finish_driver(const struct module *mod);

void nts_object_stop(void);

#endif /* NTSHIM_OB_HANDLE_H */
