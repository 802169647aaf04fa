/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only file that knows kernel versions. Each entry says what changed and
 * when, so that it can go when the lower bound moves.
 */
#ifndef NTSHIM_COMPAT_H
#define NTSHIM_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "ntshim needs Linux 6.1 or later"
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 4, 0)
#error "ntshim is not tested on this kernel: the newest is Linux 7.3"
#endif

#endif /* NTSHIM_COMPAT_H */
