// SPDX-License-Identifier: GPL-2.0
/*
 * What a user sets for a driver: its Kbuild names the values, the glue makes
 * them parameters of its module, and the driver finds them in its registry key.
 */

#include "compat.h"

#include <linux/ctype.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "driver.h"
#include "driver_values.h"
#include "rtl_api.h"

/* Drivers that are loaded; their values do not change meanwhile. */
static LIST_HEAD(drivers);
static DEFINE_MUTEX(drivers_mutex);

/**
 * nts_driver_value_set() - kernel_param_ops.set of a driver's value
 * @text: a number, decimal, or as in C
 * @param: with a struct nts_driver_value
 *
 * Context: process, before the driver is entered.
 * Return: 0, or -EINVAL or -ERANGE for what is no such number.
 */
int nts_driver_value_set(const char *text, const struct kernel_param *param)
{
	struct nts_driver_value *value = param->arg;
	int ret = kstrtou32(text, 0, &value->number);

	if (!ret)
		value->is_set = true;
	return ret;
}
EXPORT_SYMBOL_GPL(nts_driver_value_set);

/**
 * nts_driver_value_get() - kernel_param_ops.get of a driver's value
 * @buffer: receives the number, or an empty line if there is none
 * @param: with a struct nts_driver_value
 *
 * Context: process.
 * Return: length of the text.
 */
int nts_driver_value_get(char *buffer, const struct kernel_param *param)
{
	const struct nts_driver_value *value = param->arg;

	if (!value->is_set)
		return sysfs_emit(buffer, "\n");
	return sysfs_emit(buffer, "%u\n", value->number);
}
EXPORT_SYMBOL_GPL(nts_driver_value_get);

/* Names in the registry are compared without regard to case. */
static bool is_name(const u16 *text, size_t length, const char *name)
{
	size_t i;

	if (strlen(name) != length)
		return false;
	for (i = 0; i < length; i++)
		if (text[i] > 0x7f || tolower(text[i]) != tolower(name[i]))
			return false;
	return true;
}

/* The number of the characters in which @text and @prefix begin alike. */
static size_t skip(const u16 *text, const char *prefix)
{
	size_t length = strlen(prefix);

	if (nts_wide_length(text) < length || !is_name(text, length, prefix))
		return 0;
	return length;
}

static const struct nts_driver *find_locked(const u16 *service, size_t length)
{
	const struct nts_driver *driver;

	list_for_each_entry(driver, &drivers, link)
		if (is_name(service, length, driver->service))
			return driver;
	return NULL;
}

/* The driver that a key below the services belongs to, or NULL. */
static const struct nts_driver *owner_locked(const u16 *key)
{
	size_t length = 0, rest;

	while (key[length] && key[length] != '\\')
		length++;
	rest = nts_wide_length(key + length);
	if (rest && !is_name(key + length, rest, "\\Parameters"))
		return NULL;
	return find_locked(key, length);
}

static const struct nts_driver_value *value_of(const struct nts_driver *driver,
					       const u16 *name)
{
	struct nts_driver_value *const *value;

	for (value = driver->values; value && *value; value++)
		if ((*value)->is_set &&
		    is_name(name, nts_wide_length(name), (*value)->name))
			return *value;
	return NULL;
}

/**
 * nts_driver_values_add() - let a driver find its values
 * @driver: with its service name and its values
 *
 * Context: process; sleeps.
 */
void nts_driver_values_add(struct nts_driver *driver)
{
	mutex_lock(&drivers_mutex);
	list_add(&driver->link, &drivers);
	mutex_unlock(&drivers_mutex);
}
NTS_EXPORT_INTERNAL(nts_driver_values_add);

/**
 * nts_driver_values_drop() - a driver goes
 * @driver: as it was added
 *
 * Context: process; sleeps.
 */
void nts_driver_values_drop(struct nts_driver *driver)
{
	mutex_lock(&drivers_mutex);
	list_del(&driver->link);
	mutex_unlock(&drivers_mutex);
}
NTS_EXPORT_INTERNAL(nts_driver_values_drop);

/**
 * nts_driver_key() - find the part of a registry path below the services
 * @path: ends with a zero
 *
 * Context: any.
 * Return: into @path; NULL if it leads elsewhere.
 */
const u16 *nts_driver_key(const u16 *path)
{
	size_t length = skip(path, NTS_SERVICES_PATH);

	return length ? path + length : NULL;
}

/**
 * nts_driver_has_key() - whether there is a key below the services
 * @key: name of a driver that is loaded, or that and "\Parameters"; ends with a
 *	zero
 *
 * Context: process; sleeps.
 * Return: true if there is.
 */
bool nts_driver_has_key(const u16 *key)
{
	bool found;

	mutex_lock(&drivers_mutex);
	found = owner_locked(key);
	mutex_unlock(&drivers_mutex);
	return found;
}

/**
 * nts_driver_find_value() - look up what the user has set
 * @key: as for nts_driver_has_key(); both keys hold the same values
 * @name: of the value; ends with a zero
 * @number: receives it
 *
 * Context: process; sleeps.
 * Return: false if there is none, with @number unchanged.
 */
bool nts_driver_find_value(const u16 *key, const u16 *name, u32 *number)
{
	const struct nts_driver_value *value;
	const struct nts_driver *driver;

	mutex_lock(&drivers_mutex);
	driver = owner_locked(key);
	value = driver ? value_of(driver, name) : NULL;
	if (value)
		*number = value->number;
	mutex_unlock(&drivers_mutex);
	return value;
}
