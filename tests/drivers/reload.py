#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Loads and unloads a module a number of times: reload.py FILE NAME COUNT."""

import ctypes
import os
import sys

INIT_MODULE, DELETE_MODULE = 175, 176   # system calls of x86-64

path, name, count = sys.argv[1], sys.argv[2].encode(), int(sys.argv[3])
libc = ctypes.CDLL(None, use_errno=True)
with open(path, "rb") as file:
    image = file.read()
for i in range(count):
    if libc.syscall(INIT_MODULE, image, len(image), b""):
        sys.exit(f"load {i}: {os.strerror(ctypes.get_errno())}")
    if libc.syscall(DELETE_MODULE, name, 0):
        sys.exit(f"unload {i}: {os.strerror(ctypes.get_errno())}")
print(f"{count} times loaded and unloaded")
