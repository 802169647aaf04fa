# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# A private apt root: newer suites of the mirror that the machine already uses,
# read with apt's own signature checks, without touching the system's sources.
# Sourced after common.sh.

APT_ROOT=$NTSHIM_CACHE/apt
# Newest first. A suite that the mirror no longer carries is left out.
APT_SUITES=(sid forky trixie-backports trixie bookworm-backports bookworm)
APT_LISTS_MAX_AGE_MIN=720

# The options that make apt forget the system's sources and state.
apt_private_options() {
	printf '%s\n' \
		-o "Dir::Etc::sourcelist=$APT_ROOT/sources.list" \
		-o "Dir::Etc::sourceparts=-" \
		-o "Dir::Etc::preferences=-" \
		-o "Dir::Etc::preferencesparts=-" \
		-o "Dir::State::lists=$APT_ROOT/lists" \
		-o "Dir::State::status=$APT_ROOT/status" \
		-o "Dir::Cache=$APT_ROOT/cache" \
		-o "APT::Architecture=amd64" \
		-o "APT::Sandbox::User=" \
		-o "APT::Update::Error-Mode=any" \
		-o "Acquire::Retries=3"
}

apt_private() {
	local tool=$1 options
	shift
	mapfile -t options < <(apt_private_options)
	"$tool" "${options[@]}" "$@"
}

# The mirror comes from apt itself; its name is never written down.
apt_mirror() {
	# The $(...) are apt's.
	# shellcheck disable=SC2016
	apt-get indextargets --format '$(SITE)|$(RELEASE)|$(COMPONENT)' \
		'Created-By: Packages' |
		awk -F'|' '$3 == "main" && $2 !~ /security|updates|backports/ { print $1; exit }'
}

apt_write_sources() {
	local mirror suite
	mirror=$(apt_mirror)
	[ -n "$mirror" ] || die "apt knows no Debian mirror: run 'apt-get update' once"
	UNSURE=
	for suite in "${APT_SUITES[@]}"; do
		if apt_suite_exists "$mirror" "$suite"; then
			printf 'deb [signed-by=%s] %s %s main\n' \
				"$APT_ROOT/keyring.gpg" "$mirror" "$suite"
		elif ! grep -q '404' "$APT_ROOT/probe.log"; then
			UNSURE=1
		fi
	done >"$APT_ROOT/sources.list.new"
	[ -s "$APT_ROOT/sources.list.new" ] ||
		die "no suite of Debian can be read through this machine's mirror"
	# What is missing for now is not gone: what the last lists say still holds.
	if [ -n "$UNSURE" ] && [ -e "$APT_ROOT/sources.list" ]; then
		say "not every suite can be asked for: the lists stay as they are"
		return 1
	fi
	mv "$APT_ROOT/sources.list.new" "$APT_ROOT/sources.list"
}

# apt has no query for "does this suite exist": its own downloader answers.
apt_suite_exists() {
	local probe=$APT_ROOT/probe
	rm -rf "$probe" && mkdir -p "$probe"
	(cd "$probe" && apt_private /usr/lib/apt/apt-helper download-file \
		"$1/dists/$2/InRelease" InRelease) >"$APT_ROOT/probe.log" 2>&1
}

apt_refresh() {
	mkdir -p "$APT_ROOT/lists/partial" "$APT_ROOT/cache/archives/partial"
	touch "$APT_ROOT/status"
	[ -z "$(find "$APT_ROOT/updated" -mmin "-$APT_LISTS_MAX_AGE_MIN" 2>/dev/null)" ] ||
		return 0
	say "reading the package lists of newer Debian suites"
	cat /usr/share/keyrings/debian-archive-*-automatic.gpg \
		/usr/share/keyrings/debian-archive-*-stable.gpg >"$APT_ROOT/keyring.gpg"
	apt_write_sources || return 0
	# Callers ask in conditions, where a failure would go unnoticed.
	run_logged "$APT_ROOT/update.log" apt_private apt-get update -q ||
		die "the package lists cannot be read"
	# A suite that could not be asked for is asked for again the next time.
	[ -n "$UNSURE" ] || touch "$APT_ROOT/updated"
}

# Every use of the lists goes through here, so that they exist and are fresh.
apt_ready() {
	take_lock apt
	apt_refresh
	release_lock
}

# apt_candidate PACKAGE: newest version in any suite, empty when there is none.
apt_candidate() {
	apt_private apt-cache madison "$1" 2>/dev/null |
		awk -F' *[|] *' '{ print $2 }' | sort -V | tail -n 1
}

# apt_names REGEX: names of the packages that match.
apt_names() { apt_private apt-cache pkgnames | grep -E "$1" | sort -V; }

# apt_unpack DIR PACKAGE[=VERSION]...: download, check and unpack into DIR,
# complete or not at all.
apt_unpack() {
	local dir=$1 deb
	shift
	rm -rf "$dir.part" && mkdir -p "$dir.part/debs"
	(cd "$dir.part/debs" &&
		run_logged "$dir.log" apt_private apt-get download -q "$@")
	for deb in "$dir.part"/debs/*.deb; do
		dpkg -x "$deb" "$dir.part"
	done
	rm -rf "$dir.part/debs" "$dir"
	mv "$dir.part" "$dir"
}
