# SPDX-License-Identifier: MIT
# Booting for the tests of this folder and of tests/linux.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"

HOSTS=$($VMI run --list-hosts | cut -d' ' -f1)

# boot HOST KERNEL [OPTION...] - the console is shown only when it fails.
boot() {
	local host=$1 kernel=$2
	shift 2
	"$VMI" run --host "$host" --timeout "${BOOT_TIMEOUT:-60}" "$@" "$kernel"
}

# says TEXT COMMAND... - the command fails, and its output has the text.
says() {
	local text=$1 output
	shift
	output=$("$@" 2>&1) && { echo "$output"; echo "it did not fail"; return 1; }
	grep -qF -- "$text" <<<"$output" || { echo "$output"; echo "it did not say: $text"; return 1; }
}
