/* SPDX-License-Identifier: GPL-2.0 */
/* What a driver includes: everything of wdm.h and what only drivers use. */
#ifndef NTDDK_H
#define NTDDK_H

#include "wdm.h"

#endif /* NTDDK_H */
