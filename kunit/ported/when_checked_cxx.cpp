// SPDX-License-Identifier: GPL-2.0
/* A checked driver in C++. */
#define DBG 1
#include <ntddk.h>

#include "ported.h"

#define WHEN(Name) Name##WhenCheckedCxx
#include "checked.h"
