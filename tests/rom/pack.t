#!/bin/bash
# SPDX-License-Identifier: MIT
# Option ROMs of several images, and EFI drivers with ROMs in them: what goes in comes out, and what is broken is refused.
. "$(dirname "$0")/../lib/tap.sh"
. "$(dirname "$0")/../boot/lib.sh"

t "ROMs into the EFI driver" "$VMI" pack --into "$B/driver.efi" -o "$TMP/two.efi" "$B/native.rom" "$B/xen-pv.rom"
t "it is sound" "$VMI" verify "$TMP/two.efi"
t "a ROM and the driver into an option ROM" "$VMI" pack -o "$TMP/chain.rom" "$B/native.rom" "$TMP/two.efi" "$B/template.rom"
t "it is sound" "$VMI" verify "$TMP/chain.rom"

shas() { "$VMI" inspect --json "$1" | grep -o '"sha256": "[0-9a-f]*"'; }
same_roms() {
	[ "$(shas "$TMP/chain.rom")" = "$(for r in native native xen-pv template; do shas "$B/$r.rom"; done)" ]
}
t "each ROM in it has the hash of its file" same_roms
t "inspect prints it" "$VMI" inspect "$TMP/chain.rom"

# The first image is the ROM but for the last-image bit and the checksum byte.
differs() { cmp -l "$B/native.rom" <(head -c "$(stat -c %s "$B/native.rom")" "$TMP/chain.rom") | wc -l; }
t "the first image differs in two bytes" test "$(differs)" = 2
t "one ROM alone stays as it is" "$VMI" pack -o "$TMP/one.rom" "$B/native.rom"
t "byte for byte" cmp "$TMP/one.rom" "$B/native.rom"
t "sbsign finds nothing to complain of" test -z "$(sbverify --list "$TMP/two.efi" 2>&1 | grep -i warning)"

refuses() {	# TEXT FILE
	says "$1" "$VMI" verify "$2"
}
broken() {	# OFFSET BYTE
	cp "$TMP/chain.rom" "$TMP/broken.rom"
	printf "\\x$2" | dd of="$TMP/broken.rom" bs=1 seek="$1" conv=notrunc status=none
}
head -c 20000 "$TMP/chain.rom" >"$TMP/short.rom"
t "cut off: refused" refuses "says that it has" "$TMP/short.rom"
head -c "$(($(stat -c %s "$B/native.rom")))" "$TMP/chain.rom" >"$TMP/first.rom"
t "nothing behind the first: refused" refuses "last-image bit says otherwise" "$TMP/first.rom"
second=$(stat -c %s "$B/native.rom")
broken $((second + 4)) 00
t "no EFI header: refused" refuses "has no header that says where its file is" "$TMP/broken.rom"
broken $((second + 0x1c + 0x14)) 02
t "another code type: refused" refuses "code type 2" "$TMP/broken.rom"
broken $((second + 0x1c)) 00
t "no PCI data structure: refused" refuses "no PCI data structure" "$TMP/broken.rom"
broken $((second + $(stat -c %s "$TMP/two.efi") - 1000)) 5a
t "a byte in a ROM of the driver: refused" refuses "the ROM at 0x1800: the bytes do not sum to 0" "$TMP/broken.rom"
broken 100 5a
t "a byte in the first ROM: refused" refuses "sum" "$TMP/broken.rom"

t "ROMs go in once" says "has ROMs in it already" "$VMI" pack --into "$TMP/two.efi" -o "$TMP/no" "$B/native.rom"
t "a driver without ROMs is none" refuses "no ROM in it" "$B/driver.efi"
t "what is no EFI file takes none" says "does not begin with MZ" "$VMI" pack --into "$B/native.rom" -o "$TMP/no" "$B/native.rom"
t "what is no ROM goes nowhere" says "PCI expansion ROM signature" "$VMI" pack -o "$TMP/no" "$B/tiny"
t "more than a driver takes is refused" says "a driver takes at most" "$VMI" pack --into "$B/driver.efi" -o "$TMP/no" \
	"$B"/xen-pv.rom "$B"/xen-pv.rom "$B"/xen-pv.rom "$B"/xen-pv.rom
t "nothing was written" test ! -e "$TMP/no"
finish
