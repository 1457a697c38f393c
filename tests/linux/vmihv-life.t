#!/bin/bash
# SPDX-License-Identifier: MIT
# Linux in a container of vmihv, and in ring 3, through its life: what the monitor wishes of it is done, under each version of the ABI.
. "$(dirname "$0")/../hypervisor/lib.sh"

LINUX=${LINUX:-$B/linux/vmi/vmlinux}
INITRAMFS=${INITRAMFS:-$B/tests/initramfs.cpio.gz}
MODULES=,$LINUX,$INITRAMFS
# Under version 1 one processor: on two, memory that comes back page by page is too much for the emulator, see hypervisor/README.md.
declare -A PROCESSORS=([v1]=1 [v2]=2)

linux_domain() {	# ABI [MODE]
	printf 'domain one\nmode %s\nmemory 192\nvcpus 2\nkernel %s\nrom vmihv-%s.rom\ninitrd %s\n' \
		"${2:-pvh}" "${LINUX##*/}" "$1" "${INITRAMFS##*/}"
	printf 'cmdline console=hvc0 vmi=require VMI_RUN=life WORK=1\n'
}

# KiB that the domain had, by its N-th `list'.
had_mib() {
	sed -n 's/^1 one: [a-z]*, \([0-9]*\) MiB.*/\1/p' "$TMP/log" | sed -n "${1}p"
}

for abi in v1 v2; do
	QEMU_ARGS=(-m 768 -smp ${PROCESSORS[$abi]})
	# how much it has it says itself, in KiB, and takes its time: under version 1 pages come one by one
	THEN=("life: beat 4 " '\035list\rmemory one 128\r\035' "cpus 2 memory 11" '\035list\rmemory one 192\r\035'
		"cpus 2 memory 18" '\035list\rsuspend one\r\035' "(one) is suspended" '\035list\rresume one\r\035'
		"vmi: resumed" '\035nmi one\r\035' "NMI received" '\035suspend one\r\035' "(one) is suspended" '\035resume one\r\035'
		"vmi: resumed" '\035\035' "life: beat " '\035restart one\r\035' "life: beat 4 " '\035shutdown one\r\035')
	vmihv $SVM "abi $abi" "$(linux_domain $abi)" "$(domain work $abi "work seconds=3")"
	t "$abi: it gives memory back" test "$(had_mib 2)" -le 140
	t "$abi: and takes it again" test "$(had_mib 3)" -ge 190
	t "$abi: it is suspended, and goes on, twice" test "$(grep -c '^\[one\] .*vmi: resumed after' "$TMP/log")" = 2
	t "$abi: it stands still meanwhile" says "^1 one: suspended"
	t "$abi: all that it did is right, and its clock never went back" \
		test "$(grep -cE '(went back|work: .*(wrong|failed)|BUG|WARNING|Oops|Call Trace)' "$TMP/log")" = 0
	t "$abi: it restarts, and shuts down, when it is asked to" says "\(one\) has ended: reboot" "\(one\) has ended: power off"
	t "$abi: a neighbour works" ends work
	t "$abi: all memory comes back" \
		freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"

	THEN=("life: beat 2 " '\035memory one 128\rsuspend one\rrestart one\r\035' "life: beat 2 " '\035shutdown one\r\035')
	vmihv $SVM "abi $abi" "$(linux_domain $abi-pv pv)"
	t "$abi: one in ring 3 restarts, and shuts down" says "\(one\) has ended: reboot" "\(one\) has ended: power off"
	t "$abi: and keeps its memory" test "$(grep -c '^one keeps its memory where it is' "$TMP/log")" = 2
done
finish
