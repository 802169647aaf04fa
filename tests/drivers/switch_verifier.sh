#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# In a guest, beside repeats.ko: what that driver does wrong 100 times is counted
# while the verifier is on, whose switch in debugfs takes only what is a mode.
set -e

switch=/sys/kernel/debug/ntshim/verifier

# counted N COMMAND...: the command makes N reports.
counted() {
	wanted=$1 before=$(reports)
	shift
	"$@"
	[ $(($(reports) - before)) -eq "$wanted" ]
}

reports() { sed -n 's/^report //p' /sys/module/ntshim/parameters/findings; }
reload() { insmod repeats.ko && rmmod repeats; }
mode_is() { [ "$(cat $switch)" = "$1" ]; }

mountpoint -q /sys/kernel/debug || mount -t debugfs none /sys/kernel/debug
mode_is 0
counted 0 reload
echo 2 >$switch
mode_is 2
if echo 3 2>/dev/null >$switch; then exit 1; fi
mode_is 2
counted 100 reload
echo 0 >$switch
counted 0 reload
