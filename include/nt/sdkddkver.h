/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The version of Windows whose interfaces are here: 10, version 2004, the first
 * with ExAllocatePool2. A port may name another one before it includes anything.
 */
#ifndef NT_SDKDDKVER_H
#define NT_SDKDDKVER_H

#define _WIN32_WINNT_WIN7 0x0601
#define _WIN32_WINNT_WIN8 0x0602
#define _WIN32_WINNT_WINBLUE 0x0603
#define _WIN32_WINNT_WIN10 0x0a00

#define NTDDI_WIN7 0x06010000
#define NTDDI_WIN8 0x06020000
#define NTDDI_WINBLUE 0x06030000
#define NTDDI_WIN10 0x0a000000
#define NTDDI_WIN10_TH2 0x0a000001
#define NTDDI_WIN10_RS1 0x0a000002
#define NTDDI_WIN10_RS2 0x0a000003
#define NTDDI_WIN10_RS3 0x0a000004
#define NTDDI_WIN10_RS4 0x0a000005
#define NTDDI_WIN10_RS5 0x0a000006
#define NTDDI_WIN10_19H1 0x0a000007
#define NTDDI_WIN10_VB 0x0a000008
/* Later ones compare as later. */
#define NTDDI_WIN10_MN 0x0a000009
#define NTDDI_WIN10_FE 0x0a00000a
#define NTDDI_WIN10_CO 0x0a00000b
#define NTDDI_WIN10_NI 0x0a00000c
#define NTDDI_WIN10_CU 0x0a00000d
#define NTDDI_WIN11_ZN 0x0a00000e
#define NTDDI_WIN11_GA 0x0a00000f
#define NTDDI_WIN11_GE 0x0a000010

#ifndef _WIN32_WINNT
#define _WIN32_WINNT _WIN32_WINNT_WIN10
#endif
#ifndef WINVER
#define WINVER _WIN32_WINNT
#endif
#ifndef NTDDI_VERSION
#define NTDDI_VERSION NTDDI_WIN10_VB
#endif

#endif /* NT_SDKDDKVER_H */
