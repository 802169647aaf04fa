# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every script of the tree shares: messages, the cache directory, locks
# and long commands that show progress. Sourced, never run.

set -euo pipefail
# A failure inside $(...) is a failure there too.
shopt -s inherit_errexit

# A build is a build, whatever make was asked when it called this script: options
# of its own would come back as warnings of the inner one.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
# Where Debian keeps modinfo, which is not in the path of every user.
[[ :$PATH: == *:/sbin:* ]] || PATH+=:/usr/sbin:/sbin

NTSHIM_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
NTSHIM_CACHE=${XDG_CACHE_HOME:-$HOME/.cache}/ntshim
export NTSHIM_ROOT NTSHIM_CACHE

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }
die() { say "error: $*"; exit 1; }
usage_error() { say "error: $*"; exit 2; }

# hash_of STRING: a short, stable key for file names.
hash_of() { printf '%s' "$1" | sha256sum | cut -c1-12; }

# jobs: how many compilers to run at once.
jobs_wanted() { nproc; }

# commit_of PATH...: the commit that changed them last, for lines of results.
commit_of() {
	local commit
	commit=$(git -C "$NTSHIM_ROOT" log -1 --format=%h -- "$@" 2>/dev/null) || commit=unknown
	git -C "$NTSHIM_ROOT" diff --quiet HEAD -- "$@" 2>/dev/null || commit+=-changed
	printf '%s\n' "$commit"
}

# take_lock NAME: hold the machine-wide lock NAME until release_lock or the end
# of this process. The lock goes with the process and the children that build
# for it, so a killed build never leaves it behind, and one that is still
# running is still protected.
take_lock() {
	local lock=$NTSHIM_CACHE/locks/$1
	mkdir -p "${lock%/*}"
	exec {LOCK_FD}>"$lock"
	flock -n "$LOCK_FD" && return
	say "waiting for another process that holds ${lock##*/}"
	flock "$LOCK_FD"
}

release_lock() { exec {LOCK_FD}>&-; }

# show_progress LOG: turn a build's output into one status line on a terminal,
# or one line every 15 seconds elsewhere, and keep everything in LOG.
show_progress() {
	local log=$1 count=0 last=$SECONDS line
	: >"$log"
	while IFS= read -r line; do
		printf '%s\n' "$line" >>"$log"
		count=$((count + 1))
		if [ -t 2 ]; then
			printf '\r\033[K  %5d  %.70s' "$count" "$line" >&2
		elif [ $((SECONDS - last)) -ge 15 ]; then
			printf '  %5d  %.70s\n' "$count" "$line" >&2
			last=$SECONDS
		fi
	done
	[ ! -t 2 ] || printf '\r\033[K' >&2
}

# show_failure LOG: what the compiler said, or else the end. Several compilers
# at once put other lines behind the one that matters.
show_failure() {
	local errors
	errors=$(grep -A 4 -E '(^|[ :])(fatal )?error:|^ERROR: ' "$1" | head -n 40) || true
	if [ -n "$errors" ]; then
		printf '%s\n' "$errors" >&2
	else
		tail -n 25 "$1" >&2
	fi
}

# build_was_torn LOG: whether make choked on a dependency file that a killed
# build left half written. Only an empty build directory helps then.
build_was_torn() { grep -qE '(^|/)\.[^ ]*\.cmd:[0-9]+: \*\*\* ' "$1"; }

# run_logged LOG COMMAND...: run COMMAND with progress; on failure show what
# went wrong and where the rest is.
run_logged() {
	local log=$1 status
	shift
	mkdir -p "${log%/*}"
	set +e
	{ set -e; "$@"; } 2>&1 | show_progress "$log"
	status=${PIPESTATUS[0]}
	set -e
	[ "$status" -eq 0 ] && return 0
	show_failure "$log"
	say "failed with status $status: $* (whole log: $log)"
	return "$status"
}

# ported_options: what ntported.mk has the compiler take of a ported source on
# this processor, apart from the language.
ported_options() {
	local dir=${BASH_SOURCE[0]%/*}
	printf '%s %s\n' "$(cat "$dir/ported.options")" "$(cat "$dir/ported-amd64.options")"
}
