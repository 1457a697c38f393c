#!/bin/bash
# SPDX-License-Identifier: MIT
# UEFI machines: the same ROM in a device's option ROM, as a driver on the EFI system partition, signed or not.
. "$(dirname "$0")/lib.sh"

FIRMWARE=/usr/share/OVMF/OVMF
OWNER=/usr/share/ovmf/PkKek-1-snakeoil	# of Debian's test firmware: its key is public
BZIMAGE=${LINUX%/*}/bzImage

[[ " $HOSTS " == *" native-uefi "* ]] || skip_all "package ovmf is not there"

not() { ! "$@"; }

rom_is() {	# NAME; with its hash, where it is a ROM of ours
	local sha=-
	[ "$1" = none ] || sha=$("$VMI" inspect --json "$B/$1.rom" | sed -n 's/^ *"sha256": "\(.*\)".*/\1/p')
	logged "VMI-ROM: $1 $sha"
}

t "KASLR is on" grep -q '^CONFIG_RANDOMIZE_BASE=y' "${LINUX%/*}/config"
t "a device's ROM, made by vmi run" linux native-uefi vmi=require
t "firmware has a table of it" logged "efi: .* VMI=0x"
t "it is the ROM" rom_is native
t "no ROM: native" linux native-uefi vmi=auto --no-rom
t "no table" not logged " VMI=0x"

# One file for a BIOS and for UEFI.
t "a driver" "$VMI" pack --into "$B/driver.efi" -o "$TMP/native.efi" "$B/native.rom"
t "one file" "$VMI" pack -o "$TMP/both.rom" "$B/native.rom" "$TMP/native.efi"
t "in a device, UEFI" linux native-uefi vmi=require --rom "$TMP/both.rom"
t "in the option-ROM area, BIOS" linux native-bios vmi=require --rom "$TMP/both.rom"

# Several ROMs in one driver, and in two: the highest bid.
t "three ROMs in a driver" "$VMI" pack --into "$B/driver.efi" -o "$TMP/three.efi" "$B"/{xen-pv,vmihv-v1,native}.rom
t "in a file" "$VMI" pack -o "$TMP/three.rom" "$B/xen-pv.rom" "$TMP/three.efi"
t "the one for this host is taken" linux native-uefi vmi=require --rom "$TMP/three.rom" --any-rom
t "by its bid" rom_is native
t "the others are refused, each with its reason" logged "vmi: ROM at 0x[0-9a-f]+ refused: it is for"

t "a driver for another host" "$VMI" pack --into "$B/driver.efi" -o "$TMP/xen.efi" "$B/xen-pv.rom"
t "in a file" "$VMI" pack -o "$TMP/xen.rom" "$B/xen-pv.rom" "$TMP/xen.efi"
for first in both xen; do
	second=$([ $first = both ] && echo xen || echo both)
	t "two devices, $first first" linux native-uefi vmi=require --rom "$TMP/$first.rom" --any-rom \
		--qemu-arg=-device --qemu-arg="virtio-rng-pci,romfile=$TMP/$second.rom"
	t "the right one is taken" rom_is native
done
t "a driver for another host only: native" linux native-uefi vmi=auto --rom "$TMP/xen.rom" --any-rom
t "no ROM in use" rom_is none

# machine FIRMWARE OPTION... - OVMF by hand, its variables in $TMP/vars; the console is in $TMP/log.
machine() {
	local firmware=$1
	shift
	timeout "$BOOT_TIMEOUT" qemu-system-x86_64 -accel tcg -cpu max -m 256 -display none -vga none -nic none -monitor none \
		-serial stdio -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 \
		-drive "if=pflash,unit=0,format=raw,readonly=on,file=$FIRMWARE$firmware" \
		-drive "if=pflash,unit=1,format=raw,file=$TMP/vars" "$@" >"$TMP/log" 2>&1 </dev/null
}
kernel() {	# BZIMAGE
	printf '%s\n' -kernel "$1" -initrd "$INITRAMFS" -append "console=ttyS0 vmi=auto"
}

# The EFI system partition: the firmware's own shell enters the driver in the firmware's list, the next start loads it.
partition() {	# DRIVER VARIABLES
	printf 'bcfg driver add 0 fs0:\\vmi.efi "VMI"\r\nreset -s\r\n' >"$TMP/startup.nsh"
	rm -f "$TMP/esp"
	truncate -s 40M "$TMP/esp" && mformat -i "$TMP/esp" -F -v VMI :: && mcopy -i "$TMP/esp" "$TMP/$1" ::/vmi.efi &&
		mcopy -i "$TMP/esp" "$TMP/startup.nsh" ::/startup.nsh && cp "$FIRMWARE$2" "$TMP/vars"
}
with_partition() {	# FIRMWARE OPTION...
	local firmware=$1
	shift
	machine "$firmware" -drive "if=none,id=esp,format=raw,file=$TMP/esp" -M q35,smm=on \
		-device virtio-blk-pci,drive=esp,addr=8 "$@"
}
mapfile -t kernel < <(kernel "$BZIMAGE")
t "a partition with the driver" partition native.efi _VARS_4M.fd
t "no Driver#### yet" with_partition _CODE_4M.fd "${kernel[@]}"
t "native" rom_is none
t "the shell enters it as Driver0000" with_partition _CODE_4M.fd
t "the list" cp "$TMP/vars" "$TMP/listed"
t "the next start" with_partition _CODE_4M.fd "${kernel[@]}"
t "has the ROM" rom_is native

# Secure Boot, with the keys of the firmware's package. The driver stands on the partition: Debian's OVMF runs the ROMs
# of devices unseen, signed or not (PcdOptionRomImageVerificationPolicy), since they are the host's. It runs no shell
# then, so the list is the one from above.
openssl rsa -in "$OWNER.key" -passin pass:snakeoil -out "$TMP/owner.key" 2>/dev/null
t "a key of somebody else" openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=other -keyout "$TMP/other.key" -out "$TMP/other.pem"
sign() {	# KEY CERTIFICATE FROM TO
	sbsign --key "$1" --cert "$2" --output "$4" "$3"
}
flip() {	# a byte of the ROM in the signed driver
	cp "$TMP/signed.efi" "$TMP/flipped.efi"
	printf '\x5a' | dd of="$TMP/flipped.efi" bs=1 seek=$(($(stat -c %s "$TMP/native.efi") - 700)) conv=notrunc status=none
	! cmp -s "$TMP/signed.efi" "$TMP/flipped.efi"
}
t "a signed driver" sign "$TMP/owner.key" "$OWNER.pem" "$TMP/native.efi" "$TMP/signed.efi"
t "one signed by somebody else" sign "$TMP/other.key" "$TMP/other.pem" "$TMP/native.efi" "$TMP/wrong.efi"
t "one with a byte changed" flip
cp "$TMP/native.efi" "$TMP/unsigned.efi"

secure() {	# DRIVER
	partition "$1.efi" _VARS_4M.snakeoil.fd && tests/linux/copy-variables Driver "$TMP/listed" "$TMP/vars" &&
		with_partition _CODE_4M.secboot.fd -global driver=cfi.pflash01,property=secure,value=on "${kernel[@]}"
}
t "Secure Boot, signed" secure signed
t "it is on" logged "Secure boot enabled"
t "the firmware has run it" logged " VMI=0x"
t "the ROM is in use" rom_is native
for driver in unsigned wrong flipped; do
	t "Secure Boot, $driver" secure $driver
	t "$driver: it is on" logged "Secure boot enabled"
	t "$driver: the firmware has not run it" not logged " VMI=0x"
	t "$driver: no ROM in use" rom_is none
done

# In a device's ROM the signature is the same, over the same bytes.
image() {	# the EFI file of an option ROM, to $TMP/out.efi
	local at size
	at=$("$VMI" inspect --json "$TMP/signed.rom" | sed -n 's/^ *"offset": "\(.*\)".*/\1/p' | tail -1)
	size=$(stat -c %s "$TMP/signed.rom")
	tail -c "+$((at + $(od -An -tu2 -j $((at + 0x16)) -N2 "$TMP/signed.rom") + 1))" "$TMP/signed.rom" >"$TMP/out.efi"
	[ "$size" -gt "$((at))" ] && cmp "$TMP/out.efi" "$TMP/signed.efi" && sbverify --cert "$OWNER.pem" "$TMP/out.efi"
}
t "the signed driver in a device's ROM" "$VMI" pack -o "$TMP/signed.rom" "$B/native.rom" "$TMP/signed.efi"
t "is signed there" image
t "and runs" linux native-uefi vmi=require --rom "$TMP/signed.rom"
finish
