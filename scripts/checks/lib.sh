# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What every check shares. A check defines run_check, which calls finding for
# each defect and looked_at for what it examined, and one seed_NAME function per
# rule, which plants a violation into a scratch copy and sets EXPECT to a regular
# expression that the check's output must then match. It ends with
# check_main "$@".
#
# Exit status: 0 clean, 1 findings or a broken check, 77 nothing to examine.

. "${BASH_SOURCE[0]%/*}/../lib/common.sh"

CHECK=${0##*/}
FINDINGS=0
LOOKED_AT=0
OUTCOME=
EXPECT=
# A directory for the outputs of tools, gone at the end.
WORK=
# Marks a scratch copy: only there may a violation be planted. Files of this
# prefix are never part of the tree.
SCRATCH_MARK=.ntshim-scratch
# Build directories; a scratch copy brings its own, so that it leaves nothing.
# Used by the checks that build.
# shellcheck disable=SC2034
CHECK_BUILD=${NTSHIM_CHECK_BUILD:-$NTSHIM_CACHE/check/$(hash_of "$NTSHIM_ROOT")}

finding() {
	printf '%s\n' "$*" >&2
	FINDINGS=$((FINDINGS + 1))
}

looked_at() { LOOKED_AT=$((LOOKED_AT + $1)); }

# nothing_yet REASON: end the check as skipped.
nothing_yet() {
	OUTCOME="skip $CHECK: $*"
	exit 77
}

need_tool() {
	command -v "$1" >/dev/null ||
		die "$1 is missing: scripts/deps check installs it"
}

# findings_from FILE: every line of FILE is a finding.
findings_from() {
	local line
	while IFS= read -r line; do
		finding "$line"
	done <"$1"
}

# tree_files [GLOB...]: the files of the tree, relative to its root, that match
# one of the globs: what git tracks and what it would track next. An unpacked
# release has no git and counts whole.
tree_files() {
	local file pattern
	all_files | while IFS= read -r file; do
		for pattern in "${@:-*}"; do
			# The argument is a pattern on purpose.
			# shellcheck disable=SC2053
			[[ $file == $pattern ]] || continue
			printf '%s\n' "$file"
			break
		done
	done
}

all_files() {
	cd "$NTSHIM_ROOT"
	if [ -e .git ]; then
		git ls-files --cached --others --exclude-standard --deduplicate |
			while IFS= read -r file; do
				[ ! -f "$file" ] || printf '%s\n' "$file"
			done
	else
		find . -type f ! -name '.*.cmd' ! -name '*.mod.c' ! -name '*.[ok]o' \
			! -name '*.o' ! -name '*.mod' ! -path '*/build/*' -printf '%P\n'
	fi | grep -v '^[.]ntshim-' | LC_ALL=C sort
}

# files_into ARRAY GLOB...: like tree_files, into an array.
files_into() {
	local -n array=$1
	shift
	# The array is the caller's.
	# shellcheck disable=SC2034
	mapfile -t array < <(tree_files "$@")
}

# copy_tree DIR: bring DIR to the content of the tree. Only files that differ are
# written, so that make rebuilds what changed and nothing else; build products
# stay.
copy_tree() {
	local dir=$1 file
	mkdir -p "$dir"
	all_files >"$dir/.ntshim-files.new"
	if [ -e "$dir/.ntshim-files" ]; then
		LC_ALL=C comm -23 "$dir/.ntshim-files" "$dir/.ntshim-files.new" |
			(cd "$dir" && xargs -r -d '\n' rm -f)
	fi
	mv "$dir/.ntshim-files.new" "$dir/.ntshim-files"
	while IFS= read -r file; do
		cmp -s "$NTSHIM_ROOT/$file" "$dir/$file" && continue
		mkdir -p "$(dirname "$dir/$file")"
		cp "$NTSHIM_ROOT/$file" "$dir/$file"
	done <"$dir/.ntshim-files"
}

# tree_paths DIR: filter that turns paths below DIR into paths of the tree.
tree_paths() { sed "s|$1/||g"; }

kernel_source() { "$NTSHIM_ROOT/scripts/kernel" source; }
uml_kdir() { "$NTSHIM_ROOT/scripts/kernel" build smp; }
stock_kdir() {
	if [ -n "${NTSHIM_STOCK_KDIR-}" ]; then
		printf '%s\n' "$NTSHIM_STOCK_KDIR"
	else
		"$NTSHIM_ROOT/scripts/stock" headers 6.12
	fi
}

# kbuild LOG KDIR DIR ARGUMENT...: run kbuild for the external modules in DIR, a
# copy of the tree that may hold the objects of an earlier run.
kbuild() {
	local log=$1 dir=$3
	shift
	run_kbuild "$@" >"$log" 2>&1 && return
	build_was_torn "$log" || return
	rm -rf "$dir"
	copy_tree "$dir"
	run_kbuild "$@" >"$log" 2>&1
}

# Debian's headers come without pahole's input and expect a newer gcc than the
# oldest supported build machine has: the two options belong to that.
run_kbuild() {
	local kdir=$1 dir=$2
	shift 2
	make -C "$kdir" M="$dir" NTSHIM="$NTSHIM_ROOT" CC=gcc -j"$(jobs_wanted)" \
		--no-print-directory \
		CONFIG_DEBUG_INFO_BTF_MODULES= CONFIG_CC_HAS_MIN_FUNCTION_ALIGNMENT= \
		"$@"
}

# Makes a scratch copy hold one module of one file, so that a seed is fast.
only_module() {
	rm -rf "${NTSHIM_ROOT:?}"/{shim,kunit,samples}
	mkdir "$NTSHIM_ROOT/shim"
	printf 'obj-m := shim/\n' >"$NTSHIM_ROOT/Kbuild"
	printf 'obj-m := seed.o\n' >"$NTSHIM_ROOT/shim/Kbuild"
	{
		printf '// SPDX-License-Identifier: GPL-2.0\n#include <linux/module.h>\n'
		cat
		printf 'MODULE_DESCRIPTION("seed");\nMODULE_LICENSE("GPL");\n'
	} >"$NTSHIM_ROOT/shim/seed.c"
}

# put FILE: write standard input to FILE of the scratch copy.
put() {
	mkdir -p "$(dirname "$NTSHIM_ROOT/$1")"
	cat >"$NTSHIM_ROOT/$1"
}

report_outcome() {
	local status=$?
	rm -rf "$WORK"
	if [ -n "$OUTCOME" ]; then
		printf '%s\n' "$OUTCOME" >&"$RESULT"
	else
		printf 'fail %s: the check itself broke (status %s)\n' "$CHECK" "$status" \
			>&"$RESULT"
		exit 1
	fi
}

run_and_report() {
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/ntshim-check.XXXXXX")
	# A failing command may have its output redirected; the result may not.
	exec {RESULT}>&1
	trap report_outcome EXIT
	cd "$NTSHIM_ROOT"
	run_check
	if [ "$FINDINGS" -gt 0 ]; then
		OUTCOME="fail $CHECK: $FINDINGS findings"
		exit 1
	fi
	[ "$LOOKED_AT" -gt 0 ] || die "nothing was examined"
	OUTCOME="pass $CHECK: $LOOKED_AT examined"
}

plant() {
	[ -e "$NTSHIM_ROOT/$SCRATCH_MARK" ] || die "this is no scratch copy"
	declare -F "seed_$1" >/dev/null || usage_error "no seed '$1'"
	cd "$NTSHIM_ROOT"
	"seed_$1"
	printf '%s\n' "$EXPECT"
}

check_main() {
	case "${1-}" in
	'') run_and_report ;;
	--seeds) declare -F | sed -n 's/^declare -f seed_//p' ;;
	--plant) plant "$2" ;;
	*) usage_error "usage: $CHECK [--seeds | --plant SEED]" ;;
	esac
}
