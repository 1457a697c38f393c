# SPDX-License-Identifier: MIT
# For tests of a domain's life: real xl in a first domain drives the guest, and each of its steps is a test here.
# How one is written: README.md in this folder.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../boot/lib.sh"

LINUX=${LINUX:-$B/linux/vmi/vmlinux}
INITRAMFS=${INITRAMFS:-$B/tests/initramfs.cpio.gz}

case " $HOSTS " in
*" xen-pv-domu "*) ;;
*) skip_all "there is no first domain for xen-pv-domu" ;;
esac

# The script's steps, as lines of this test.
life_steps() {
	local line
	while IFS= read -r line; do
		case $line in
		"ok "*) tap_say ok "$1: ${line#ok }" ;;
		*) tap_failed=$((tap_failed + 1)); tap_say "not ok" "$1: ${line#not ok }" ;;
		esac
	done < <(tr -d '\r' <"$TMP/log" | sed -n 's/^VMI-STEP: //p')
}

# life NAME KERNEL [OPTION...] <SCRIPT - the first domain runs SCRIPT, in the language of rom-tools/dom0/steps.sh; its
# console is kept in $TMP/log.
life() {
	local name=$1 kernel=$2 status
	shift 2
	cat tests/life/words.sh - >"$TMP/script"
	# a --host of the caller's counts
	out=$(boot "${LIFE_HOST:-xen-pv-domu}" "$kernel" --dom0-script "$TMP/script" --log "$TMP/log" "$@" 2>&1)
	status=$?
	life_steps "$name"
	if [ $status = 0 ]; then tap_say ok "$name: to the end"; else TAP_LINES=60 tap_fail "$name: to the end"; fi
	return $status
}

# life_linux NAME CMDLINE [OPTION...] <SCRIPT - the same with Linux, which says four times a second that it is there.
life_linux() {
	local name=$1 cmdline=$2
	shift 2
	life "$name" "$LINUX" --initrd "$INITRAMFS" --append "vmi=require VMI_RUN=life $cmdline" "$@"
}
