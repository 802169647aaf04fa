// SPDX-License-Identifier: GPL-2.0
/* system.h in C++, for a checked driver. */
#define DBG 1
#include <ntddk.h>

#include "ported.h"

#define PORTED(Name) Name##InCxx
#include "system.h"
