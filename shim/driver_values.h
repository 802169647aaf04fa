/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a user has set for the drivers that are loaded, by registry key.
 */
#ifndef NTSHIM_DRIVER_VALUES_H
#define NTSHIM_DRIVER_VALUES_H

#include <linux/types.h>

struct nts_driver;

/* The key that holds a key for each driver. */
#define NTS_SERVICES_PATH \
	"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"

void nts_driver_values_add(struct nts_driver *driver);
void nts_driver_values_drop(struct nts_driver *driver);
const u16 *nts_driver_key(const u16 *path);
bool nts_driver_has_key(const u16 *key);
bool nts_driver_find_value(const u16 *key, const u16 *name, u32 *number);

#endif /* NTSHIM_DRIVER_VALUES_H */
