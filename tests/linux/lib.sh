# SPDX-License-Identifier: MIT
# For the tests of this folder and of tests/selftests. LINUX and INITRAMFS may name others than the tree's own.
# shellcheck shell=bash
GUEST=linux
. "$(dirname "${BASH_SOURCE[0]}")/../boot/lib.sh"

LINUX=${LINUX:-$B/linux/vmi/vmlinux}
INITRAMFS=${INITRAMFS:-$B/tests/initramfs.cpio.gz}
BOOT_TIMEOUT=${BOOT_TIMEOUT:-600}

# linux HOST CMDLINE [OPTION...] - the console is kept in $TMP/log.
linux() {
	local host=$1 cmdline=$2
	shift 2
	boot "$host" "$LINUX" --initrd "$INITRAMFS" --append "$cmdline" --log "$TMP/log" "$@"
}

# logged REGEX - what the last linux said.
logged() {
	grep -aqE -- "$1" "$TMP/log" || { tail -n 20 "$TMP/log"; echo "not in the log: $1"; return 1; }
}
