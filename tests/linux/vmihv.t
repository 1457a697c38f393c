#!/bin/bash
# SPDX-License-Identifier: MIT
# Four domains of vmihv at a time, of one kernel file and of others, under each version of its ABI: all finish their work, and the two
# kernels are the same bytes that every other host is given.
. "$(dirname "$0")/../hypervisor/lib.sh"

LINUX=${LINUX:-$B/linux/vmi/vmlinux}
INITRAMFS=${INITRAMFS:-$B/tests/initramfs.cpio.gz}
MODULES=,$LINUX,$INITRAMFS
QEMU_ARGS=(-m 768 -smp 2)

linux_domain() {	# NAME ABI VCPUS CMDLINE [MODE]
	printf 'domain %s\nmode %s\nmemory 192\nvcpus %s\nkernel %s\nrom vmihv-%s.rom\ninitrd %s\ncmdline console=hvc0 vmi=require %s\n' \
		"$1" "${5:-pvh}" "$3" "${LINUX##*/}" "$2" "${INITRAMFS##*/}" "$4"
}
build_id_is_files() {
	says "^\[$1\] VMI-BUILD-ID: $("$VMI" inspect --json "$LINUX" | jq -r .build_id)"
}

for abi in v1 v2; do
	vmihv $SVM "abi $abi" "$(linux_domain one $abi 2 VMI_RUN=smp)" "$(linux_domain two $abi 1 "")" \
		"$(domain good $abi work)" "$(domain evil $abi hostile)"
	t "$abi: two Linuxes and a neighbour of a hostile domain finish their work" ends one two good
	t "$abi: the hostile one has done its worst" says "^\[evil\] still here"
	t "$abi: each Linux is the file that it was made of" build_id_is_files one
	t "$abi: and uses the ROM of this ABI" says "^\[two\] VMI-ROM: vmihv-$abi "

	vmihv $SVM "abi $abi" "$(linux_domain one $abi-pv 2 VMI_RUN=smp pv)" "$(linux_domain two $abi 1 "")" \
		"$(domain good $abi work)" "$(domain tables $abi-pv "ring3 tables" | sed 's/^mode pvh/mode pv/')"
	t "$abi: two in ring 3 and two in containers, Linux in both, finish their work" ends one two good tables
	t "$abi: the Linux in ring 3 is the same file" build_id_is_files one
	t "$abi: and uses the ROM for that" says "^\[one\] VMI-ROM: vmihv-$abi-pv "
done
finish
