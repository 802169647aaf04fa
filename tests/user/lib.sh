# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the runs of the harness share. Sourced, never run; the programs are in
# $programs.

UML=$NTSHIM_ROOT/scripts/uml

record() {
	[ -z "${NTSHIM_RESULTS-}" ] || printf '%s user-%s\n' "$1" "$2" >>"$NTSHIM_RESULTS"
}

# device_run PROFILE TIMEOUT PARAMETERS OPTION... -- COMMAND...: with both
# modules loaded. The command finds the device's at $NTSHIM_DEV_MODULE, for
# programs that load it again. On a busy host a file with many objects takes its
# time to close, and waiting for it is no hang.
device_run() {
	local profile=$1 timeout=$2 params=$3 modules
	shift 3
	modules=$("$UML" module "$profile" "$NTSHIM_ROOT")
	"$UML" run "$profile" --timeout "$timeout" \
		--append sysctl.kernel.hung_task_timeout_secs=120 --load "$modules/shim/ntshim.ko" \
		--load "$modules/shim/dev/ntshim_dev.ko:$params" "$@"
}

device_module() {
	printf '%s/shim/dev/ntshim_dev.ko\n' "$("$UML" module "$1" "$NTSHIM_ROOT")"
}
