// SPDX-License-Identifier: GPL-2.0
/* everyday.h in C++. */
#include <ntddk.h>
#include <intrin.h>
#include <stdbool.h>
#include <stdint.h>

#include "ported.h"

#define PORTED(Name) Name##InCxx
#include "everyday.h"
