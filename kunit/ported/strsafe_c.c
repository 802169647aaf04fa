// SPDX-License-Identifier: GPL-2.0
/* strsafe.h in C. */
#define NTSTRSAFE_NO_CB_FUNCTIONS
#define NTSTRSAFE_LIB
#include <ntddk.h>
#include <ntstrsafe.h>

#include "ported.h"

#define PORTED(Name) Name##InC
#include "strsafe.h"
