#!/bin/bash
# SPDX-License-Identifier: MIT
# A ROM that a boot loader hands over beside the initial RAM disk (tests/handover): as a module of a PVH start, and as setup_data
# of Linux's boot protocol.
. "$(dirname "$0")/lib.sh"

BZIMAGE=${LINUX%/*}/bzImage

# handed KERNEL-FILE ROM [CMDLINE [OPTION...]]
handed() {
	local file=$1 rom=$2 cmdline=${3-vmi=require}
	shift 2
	[ $# = 0 ] || shift
	linux native-pvh "$cmdline" --no-rom --any-rom --timeout 120 --qemu-arg=-kernel --qemu-arg="$B/tests/handover/handover" \
		--qemu-arg=-initrd --qemu-arg="$file,$INITRAMFS,$rom" "$@"
}
rom_is() { logged "VMI-ROM: native $("$VMI" inspect --json "$B/native.rom" | jq -r .rom.sha256)"; }
damage() { cp "$B/native.rom" "$TMP/damaged.rom" && printf '\x5a' | dd of="$TMP/damaged.rom" bs=1 seek=700 conv=notrunc status=none; }
grown() { cp "$B/native.rom" "$TMP/$1" && truncate -s "$2" "$TMP/$1"; }

t "a damaged ROM, for what follows" damage
for file in "$LINUX" "$BZIMAGE"; do
	case $file in *bzImage) way=setup_data ;; *) way="a PVH module" ;; esac
	t "$way: the ROM is taken" handed "$file" "$B/native.rom"
	t "$way: it is the one that was handed over" rom_is
	t "$way: its bytes are still there when they are summed" logged "vmi: ROM SHA-256 [0-9a-f]{64}"
	t "$way: none that is for another host" handed "$file" "$B/xen-pv.rom" vmi=auto
	t "$way: with the reason" logged "ROM at 0x[0-9a-f]+ refused: it is for a host that starts the kernel itself"
	t "$way: none that is damaged" handed "$file" "$TMP/damaged.rom" vmi=auto
	t "$way: with the reason" logged "ROM at 0x[0-9a-f]+ refused: the bytes do not sum to 0"
	t "$way: something else is no matter" handed "$file" README.md vmi=auto
done
t "a module that is too large for ROMs" grown large.rom 300000
t "is not looked into" handed "$LINUX" "$TMP/large.rom" vmi=auto
t "and no ROM is in use" logged "VMI-ROM: none"
t "KASLR: setup_data lies where the kernel does not move to" handed "$BZIMAGE" "$B/native.rom" "vmi=require kaslr"
finish
