/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A ported driver as a Linux module: what the glue that is compiled into every
 * driver needs of the library. Includes no more than that, since the glue also
 * holds the driver's own name.
 */
#ifndef NTSHIM_DRIVER_H
#define NTSHIM_DRIVER_H

#include <linux/build_bug.h>
#include <linux/stddef.h>
#include <linux/types.h>

#include "../include/nt/nt_layout.h"

struct kernel_param;
struct module;

/**
 * struct nts_unicode_string - UNICODE_STRING
 * @length: bytes in use
 * @maximum_length: bytes there are
 * @buffer: 16-bit characters, no end mark needed
 */
struct nts_unicode_string {
	u16 length;
	u16 maximum_length;
	u16 *buffer;
};

struct nts_driver_object;

/* DriverEntry and DriverUnload */
typedef s32 (*nts_driver_entry_fn)(struct nts_driver_object *object,
				   struct nts_unicode_string *registry_path);
typedef void (*nts_driver_unload_fn)(struct nts_driver_object *object);

/**
 * struct nts_driver_extension - DRIVER_EXTENSION
 * @object: the driver object it belongs to
 * @add_device: the driver's own; never called, since there is no plug and play
 * @count: of calls of @add_device: 0
 * @service: the module's name
 */
struct nts_driver_extension {
	struct nts_driver_object *object;
	void *add_device;
	u32 count;
	struct nts_unicode_string service;
};

static_assert(sizeof(struct nts_driver_extension) ==
	      NT_LAYOUT_DRIVER_EXTENSION_SIZE);

/* Entry of the table of dispatch routines: device and request. */
typedef s32 (*nts_dispatch_fn)(void *device, void *request);

#define NTS_MAJOR_FUNCTIONS 28

/**
 * struct nts_driver_object - DRIVER_OBJECT, the members that are filled in here
 * @type: object type code of Windows, 4
 * @size: of the object, in bytes
 * @start: where the driver's code begins
 * @code_size: of the driver's code, in bytes
 * @extension: further members
 * @name: "\Driver\" and the module's name
 * @init: DriverEntry
 * @unload: the driver's own, NULL when it cannot be unloaded
 * @dispatch: what the driver does not set refuses every request
 *
 * Lives in the driver's module. The driver writes to it in DriverEntry.
 */
struct nts_driver_object {
	s16 type;
	s16 size;
	/* private: members of Windows that nothing here fills in */
	void *reserved_device;
	u32 reserved_flags;
	/* public: */
	void *start;
	u32 code_size;
	/* private: */
	void *reserved_section;
	/* public: */
	struct nts_driver_extension *extension;
	struct nts_unicode_string name;
	/* private: */
	void *reserved_io[2];
	/* public: */
	nts_driver_entry_fn init;
	/* private: */
	void *reserved_start_io;
	/* public: */
	nts_driver_unload_fn unload;
	nts_dispatch_fn dispatch[NTS_MAJOR_FUNCTIONS];
};

static_assert(sizeof(struct nts_driver_object) == NT_LAYOUT_DRIVER_OBJECT_SIZE);
static_assert(offsetof(struct nts_driver_object, start) ==
	      NT_LAYOUT_DRIVER_START);
static_assert(offsetof(struct nts_driver_object, name) ==
	      NT_LAYOUT_DRIVER_NAME);
static_assert(offsetof(struct nts_driver_object, extension) ==
	      NT_LAYOUT_DRIVER_EXTENSION);
static_assert(offsetof(struct nts_driver_object, init) ==
	      NT_LAYOUT_DRIVER_INIT);
static_assert(offsetof(struct nts_driver_object, unload) ==
	      NT_LAYOUT_DRIVER_UNLOAD);

/**
 * struct nts_driver_value - a number that the user may set for a driver
 * @name: of the value in the driver's registry key, and of the parameter
 * @number: the value
 * @is_set: the user has given it
 */
struct nts_driver_value {
	const char *name;
	u32 number;
	bool is_set;
};

int nts_driver_value_set(const char *text, const struct kernel_param *param);
int nts_driver_value_get(char *buffer, const struct kernel_param *param);

/**
 * struct nts_driver - what the glue of a driver holds
 * @values: what the user may set; NULL ends them; NULL: none
 * @object: its DRIVER_OBJECT
 * @extension: the rest of it
 * @service: name of its registry key
 * @name_buffer: of the name in @object, which the driver may change
 * @service_buffer: likewise in @extension
 * @link: among the drivers that are loaded; protected by driver_values.c
 */
struct nts_driver {
	struct nts_driver_value *const *values;
	struct nts_driver_object object;
	struct nts_driver_extension extension;
	const char *service;
	u16 *name_buffer;
	u16 *service_buffer;
	struct list_head link;
};

int nts_driver_load(struct module *mod, struct nts_driver *driver,
		    nts_driver_entry_fn entry);
void nts_driver_unload(struct module *mod, struct nts_driver *driver);

#endif /* NTSHIM_DRIVER_H */
