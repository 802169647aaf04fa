// SPDX-License-Identifier: GPL-2.0
/*
 * Who wants the clock tick shorter than its default. Windows counts calls, not
 * drivers: the shortest request holds until as many calls have released as have
 * requested. Which driver made them is kept only to name the one that forgets.
 */

#include "compat.h"

#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/string.h>

#include "clock.h"
#include "report.h"
#include "resolution.h"

/* Requests of more drivers than this are counted, but in nobody's name. */
#define NR_REQUESTERS 64

/**
 * struct requester - a driver with requests that it has not released
 * @driver: its module's name
 * @count: how many; 0: the entry is free
 */
struct requester {
	char driver[MODULE_NAME_LEN];
	unsigned int count;
};

/* Protects all below, and the request that clock.c holds. */
static DEFINE_MUTEX(resolution_lock);
static struct requester requesters[NR_REQUESTERS];
static unsigned int total;

static struct requester *find(const char *driver)
{
	unsigned int i;

	for (i = 0; i < NR_REQUESTERS; i++)
		if (requesters[i].count &&
		    !strcmp(requesters[i].driver, driver))
			return &requesters[i];
	return NULL;
}

/* The entry to count a request of @driver in, or NULL. */
static struct requester *find_or_add(const char *driver)
{
	struct requester *who = find(driver);
	unsigned int i;

	for (i = 0; !who && i < NR_REQUESTERS; i++) {
		if (requesters[i].count)
			continue;
		who = &requesters[i];
		strscpy(who->driver, driver, sizeof(who->driver));
	}
	return who;
}

/* The entry to take back a request of @driver from: its own, or any. */
static struct requester *find_to_release(const char *driver)
{
	struct requester *who = find(driver);
	unsigned int i;

	for (i = 0; !who && i < NR_REQUESTERS; i++)
		if (requesters[i].count)
			who = &requesters[i];
	return who;
}

static void release_locked(unsigned int count)
{
	total -= count;
	if (!total)
		nts_clock_tick_default();
}

/**
 * nts_resolution_request() - count a request for a shorter clock tick
 * @caller: address in the driver that asks
 * @desired_100ns: the tick it wants; any value
 *
 * Context: process, IRQL <= APC_LEVEL; sleeps.
 * Return: T_cur after the call, units of 100 ns.
 */
u32 nts_resolution_request(unsigned long caller, u32 desired_100ns)
{
	char driver[MODULE_NAME_LEN];
	struct requester *who;
	u32 current_100ns;

	nts_driver_name(caller, driver, sizeof(driver));
	mutex_lock(&resolution_lock);
	total++;
	who = find_or_add(driver);
	if (who)
		who->count++;
	nts_clock_tick_request(desired_100ns);
	current_100ns = nts_clock_tick_cur();
	mutex_unlock(&resolution_lock);
	return current_100ns;
}

/**
 * nts_resolution_release() - count one request less
 * @caller: address in the driver that releases; may be another than the one
 *	that asked
 *
 * Context: process, IRQL <= APC_LEVEL; sleeps.
 * Return: false and no effect if there was no request.
 */
bool nts_resolution_release(unsigned long caller)
{
	char driver[MODULE_NAME_LEN];
	struct requester *who;
	bool found;

	nts_driver_name(caller, driver, sizeof(driver));
	mutex_lock(&resolution_lock);
	found = total;
	who = find_to_release(driver);
	if (who)
		who->count--;
	if (found)
		release_locked(1);
	mutex_unlock(&resolution_lock);
	return found;
}

/**
 * nts_resolution_drop() - release what a driver has not
 * @mod: the driver's module, about to go
 *
 * Context: process; sleeps.
 * Return: number of requests dropped.
 * Source: TM-031.
 * Test: ntshim_resolution:requests_go_with_their_driver
 */
unsigned int nts_resolution_drop(struct module *mod)
{
	struct requester *who;
	unsigned int count = 0;

	mutex_lock(&resolution_lock);
	who = find(module_name(mod));
	if (who) {
		swap(count, who->count);
		release_locked(count);
	}
	mutex_unlock(&resolution_lock);
	return count;
}
NTS_EXPORT_INTERNAL(nts_resolution_drop);

/**
 * nts_resolution_stop() - tell of requests that no unload has named
 *
 * Context: module exit; nobody calls the library any more.
 */
void nts_resolution_stop(void)
{
	if (total)
		nts_misuse("TM-031", NULL,
			   "clock resolution still requested when the library was unloaded");
}
