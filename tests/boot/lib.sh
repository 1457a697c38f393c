# SPDX-License-Identifier: MIT
# Booting for the tests of this folder and of tests/linux.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"

HOSTS=$($VMI run --list-hosts="${GUEST:-tiny}" | cut -d' ' -f1 | tr '\n' ' ')

# boot HOST KERNEL [OPTION...] - the console is shown only when it fails.
boot() {
	local host=$1 kernel=$2
	shift 2
	"$VMI" run --host "$host" --timeout "${BOOT_TIMEOUT:-180}" "$@" "$kernel"
}

# edition NAME VARIABLE VALUE FILE... - $TMP/NAME/build/FILE..., from a copy of the sources: one more call at the end of
# calls.def, one number of the version changed.
edition() {
	local tree=$TMP/$1 variable=$2 value=$3 calls
	shift 3
	calls=$(grep -c '^VMI_CALL(' abi/include/vmi/calls.def)
	mkdir -p "$tree"
	cp -r Makefile .ci abi shim rom-tools guest-patches "$tree/"
	mkdir "$tree/tests"
	sed -i "s/^\(#define VMI_ABI_$variable\)\t.*/\1\t$value/" "$tree/abi/include/vmi/call.h"
	cat >>"$tree/abi/include/vmi/calls.def" <<-EOT
		VMI_CALL($calls, ONE_MORE, BASE, 4, STD, "u64: void", "-", "Only here")
	EOT
	make -C "$tree" B=build build/vmi "${@/#/build/}"
}

# says TEXT COMMAND... - the command fails, and its output has the text.
says() {
	local text=$1 output
	shift
	output=$("$@" 2>&1) && { echo "$output"; echo "it did not fail"; return 1; }
	grep -qF -- "$text" <<<"$output" || { echo "$output"; echo "it did not say: $text"; return 1; }
}
