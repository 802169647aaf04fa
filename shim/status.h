/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The NTSTATUS values that the library itself returns, for the Linux world:
 * include/nt/ntstatus.h has the same numbers for drivers.
 */
#ifndef NTSHIM_STATUS_H
#define NTSHIM_STATUS_H

#include <linux/types.h>

#define NTS_STATUS_SUCCESS ((s32)0x00000000)
#define NTS_STATUS_ABANDONED ((s32)0x00000080)
#define NTS_STATUS_USER_APC ((s32)0x000000c0)
#define NTS_STATUS_ALERTED ((s32)0x00000101)
#define NTS_STATUS_TIMEOUT ((s32)0x00000102)
#define NTS_STATUS_PENDING ((s32)0x00000103)
#define NTS_STATUS_INVALID_HANDLE ((s32)0xc0000008)
#define NTS_STATUS_OBJECT_TYPE_MISMATCH ((s32)0xc0000024)
#define NTS_STATUS_INSUFFICIENT_RESOURCES ((s32)0xc000009a)
#define NTS_STATUS_INVALID_PARAMETER ((s32)0xc000000d)
#define NTS_STATUS_NOT_SUPPORTED ((s32)0xc00000bb)
#define NTS_STATUS_CANCELLED ((s32)0xc0000120)

#endif /* NTSHIM_STATUS_H */
