// SPDX-License-Identifier: GPL-2.0
/* strsafe.h in C++. */
#define NTSTRSAFE_NO_CCH_FUNCTIONS
#define NTSTRSAFE_NO_UNICODE_STRING_FUNCTIONS
#include <ntddk.h>
#include <ntstrsafe.h>

#include "ported.h"

#define PORTED(Name) Name##InCxx
#include "strsafe.h"
