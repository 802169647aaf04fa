/* SPDX-License-Identifier: GPL-2.0 */
/*
 * On Windows this bans library routines that are easy to misuse. None of them is
 * declared here, so there is nothing to ban.
 */
#ifndef NT_DONTUSE_H
#define NT_DONTUSE_H

#include "ntdef.h"

#endif /* NT_DONTUSE_H */
