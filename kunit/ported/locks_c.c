// SPDX-License-Identifier: GPL-2.0
/* locks.h and mutexes.h in C. */
#include <ntddk.h>

#include "ported.h"

#define PORTED(Name) Name##InC
#include "locks.h"
#include "mutexes.h"
