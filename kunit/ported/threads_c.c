// SPDX-License-Identifier: GPL-2.0
/* threads.h in C. */
#include <ntifs.h>

#include "ported.h"

#define PORTED(Name) Name##InC
#include "threads.h"
