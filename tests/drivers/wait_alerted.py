#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Loads a driver that alerts this thread, and waits through the device: the
first wait is interrupted, the second one's time is up. wait_alerted.py FILE."""

import ctypes
import errno
import fcntl
import struct
import sys

INIT_MODULE = 175   # system call of x86-64
CREATE, WAIT = "=IIIiIIQIi", "=QIIqIIQ"   # ntshim_create, ntshim_wait
EVENT, WITH_TIMEOUT = 2, 2


def request(number, layout):
    return 0xc000d700 | number | struct.calcsize(layout) << 16


def wait(file, handle):
    """The error of a wait for an event that is not signaled, now."""
    handles = ctypes.c_uint32(handle)
    args = struct.pack(WAIT, ctypes.addressof(handles), 1, WITH_TIMEOUT, 0, 0, 0, 0)
    try:
        fcntl.ioctl(file, request(6, WAIT), args)
    except OSError as error:
        return error.errno
    return 0


with open(sys.argv[1], "rb") as module:
    image = module.read()
libc = ctypes.CDLL(None, use_errno=True)
if libc.syscall(INIT_MODULE, image, len(image), b""):
    sys.exit(f"load: errno {ctypes.get_errno()}")
with open("/dev/ntshim", "rb", buffering=0) as device:
    made = fcntl.ioctl(device, request(1, CREATE), struct.pack(CREATE, EVENT, *[0] * 8))
    event = struct.unpack(CREATE, made)[7]
    errors = [wait(device, event), wait(device, event)]
if errors != [errno.EINTR, errno.ETIMEDOUT]:
    sys.exit(f"waits ended with {errors}")
