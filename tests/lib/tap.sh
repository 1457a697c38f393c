# SPDX-License-Identifier: MIT
# For test scripts: TAP lines from commands. A script sources this, calls t for each claim and ends with finish.
#
#   t NAME COMMAND...      the command succeeds
#   fails NAME COMMAND...  the command fails; its output is in $out
#   skip NAME REASON
#   finish
#
# B is the build folder, VMI the host tool, TMP a folder that goes away.
# shellcheck shell=bash

set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
B=${B:-build}
VMI=$B/vmi
TMP=$(mktemp -d "${TMPDIR:-/tmp}/vmi-test.XXXXXX")
trap 'rm -rf "$TMP"' EXIT
tap_count=0
tap_failed=0
out=
export VMI

tap_say() {	# ok|"not ok" NAME
	tap_count=$((tap_count + 1))
	printf '%s %d - %s\n' "$1" "$tap_count" "$2"
}

tap_fail() {	# NAME; shows the command's output, or its end
	tap_failed=$((tap_failed + 1))
	tap_say "not ok" "$1"
	tail -n "${TAP_LINES:-30}" <<<"$out" | tr -d '\r' | sed 's/^/# /'
}

t() {
	local name=$1 status
	shift
	out=$("$@" 2>&1)
	status=$?
	if [ $status = 0 ]; then tap_say ok "$name"; else tap_fail "$name"; fi
	return $status
}

fails() {
	local name=$1
	shift
	if out=$("$@" 2>&1); then tap_fail "$name"; return 1; fi
	tap_say ok "$name"
}

skip() {
	tap_say ok "$1 # SKIP $2"
}

skip_all() {	# REASON
	echo "1..0 # SKIP $1"
	exit 0
}

note() {
	sed 's/^/# /'
}

finish() {
	echo "1..$tap_count"
	exit $((tap_failed > 0))
}
