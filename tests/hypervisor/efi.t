#!/bin/bash
# SPDX-License-Identifier: MIT
# vmihv as an EFI application that OVMF starts by itself; and what it says when it cannot start.
. "$(dirname "$0")/lib.sh"
FIRMWARE=/usr/share/OVMF/OVMF_CODE_4M.fd VARIABLES=/usr/share/OVMF/OVMF_VARS_4M.fd
{ [ -r $FIRMWARE ] && command -v mformat >/dev/null; } || skip_all "packages ovmf and mtools are needed"

put() {	# FILE AS - onto the EFI system partition
	mcopy -i "$TMP/esp" "$1" "::/$2"
}

# Lines of the configuration, or none for no folder \vmihv; its console is in $TMP/log when it has come to an end.
boot() {
	local name
	rm -f "$TMP/esp"
	truncate -s 40M "$TMP/esp"
	mformat -i "$TMP/esp" -F -v VMIHV :: && mmd -i "$TMP/esp" ::/EFI ::/EFI/BOOT
	put "$B/vmihv.efi" EFI/BOOT/BOOTX64.EFI
	cp $VARIABLES "$TMP/vars"
	if [ $# -gt 0 ]; then
		mmd -i "$TMP/esp" ::/vmihv
		printf '%s\n' "$@" >"$TMP/config"
		for name in hvguest vmihv-v1.rom vmihv-v2.rom; do put "$B/$name" vmihv/$name; done
		[ "$1" = none ] || put "$TMP/config" vmihv/CONFIG
	fi
	listen -cpu "$SVM" -smp 2 -drive "if=pflash,format=raw,readonly=on,file=$FIRMWARE" \
		-drive "if=pflash,format=raw,file=$TMP/vars" \
		-drive "if=none,id=esp,format=raw,file=$TMP/esp" -device virtio-blk-pci,drive=esp
}

boot "abi v2" "$(domain a v2 work)" "$(domain b v2 work)"
t "it starts, with all modules and processors" says "^vmihv: booted by PVH with 4 modules" "^vmihv: 2 of 2 processors"
t "its domains run" ends a b
t "and all memory comes back" \
	freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"
boot
t "without a folder it says so" says "vmihv! not started: there is no folder .vmihv"
boot none
t "without a configuration it says so" says "vmihv! not started: there is no file .vmihv.config"
finish
