/* SPDX-License-Identifier: GPL-2.0 */
/* The largest of the umbrella headers: everything of ntddk.h, and more. */
#ifndef NTIFS_H
#define NTIFS_H

#include "ntddk.h"
#include "rtl_seconds.h"

#endif /* NTIFS_H */
