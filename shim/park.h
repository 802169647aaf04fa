/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where threads sleep that wait for a word in driver memory. Nothing of the
 * waiting lies in that memory: whoever changes the word and then wakes the
 * sleepers names its address and does not touch it any more.
 */
#ifndef NTSHIM_PARK_H
#define NTSHIM_PARK_H

#include <linux/types.h>

/* Tries to get what the thread waits for; true ends the wait. */
typedef bool (*nts_park_fn)(void *data);

void nts_park(const void *address, nts_park_fn try_fn, void *data);
void nts_unpark(const void *address);
void nts_park_start(void);

#endif /* NTSHIM_PARK_H */
