/* SPDX-License-Identifier: GPL-2.0 */
/* How the number of a device control is put together. */
#ifndef NT_DEVIOCTL_H
#define NT_DEVIOCTL_H

#define CTL_CODE(DeviceType, Function, Method, Access) \
	(((DeviceType) << 16) | ((Access) << 14) | ((Function) << 2) | (Method))
#define DEVICE_TYPE_FROM_CTL_CODE(Code) (((ULONG)(Code)&0xffff0000u) >> 16)
#define METHOD_FROM_CTL_CODE(Code) ((ULONG)(Code)&3)

#define METHOD_BUFFERED 0
#define METHOD_IN_DIRECT 1
#define METHOD_OUT_DIRECT 2
#define METHOD_NEITHER 3

#define FILE_ANY_ACCESS 0
#define FILE_SPECIAL_ACCESS FILE_ANY_ACCESS
#define FILE_READ_ACCESS 1
#define FILE_WRITE_ACCESS 2

#define FILE_DEVICE_UNKNOWN 0x00000022

#endif /* NT_DEVIOCTL_H */
