/* SPDX-License-Identifier: GPL-2.0 */
/* The order in which drivers take their spin locks, and the ways they use them. */
#ifndef NTSHIM_VERIFIER_ORDER_H
#define NTSHIM_VERIFIER_ORDER_H

#include <linux/types.h>

bool nts_order_note(const void *first, const void *then);
void nts_order_forget(const void *start, size_t size);
void nts_order_forget_all(void);

#endif /* NTSHIM_VERIFIER_ORDER_H */
