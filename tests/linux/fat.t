#!/bin/bash
# SPDX-License-Identifier: MIT
# A fat bundle: one file, for every host that starts a kernel file itself. Each takes the ROM that is for it.
. "$(dirname "$0")/lib.sh"

FAT=$TMP/fat
roms=()
for rom in native xen-pv xen-pvh kvm vmihv-v1; do roms+=(--rom "$B/$rom.rom"); done

bundle() { "$VMI" bundle "$@"; }
t "several ROMs into a kernel" bundle "${roms[@]}" -o "$FAT" "$LINUX" || { finish; exit; }
t "it is sound" "$VMI" verify "$FAT"
t "it differs in the areas, the shelf and the host's notes only" tests/rom/ranges "$LINUX" "$FAT"
note <<<"$out"

# There and back, byte for byte.
t "one ROM instead" bundle --replace --rom "$B/native.rom" -o "$TMP/one" "$FAT"
t "as the kernel itself would have it" bundle --rom "$B/native.rom" -o "$TMP/direct" "$LINUX"
t "byte for byte" cmp "$TMP/one" "$TMP/direct"
t "and several again" bundle --replace "${roms[@]}" -o "$TMP/again" "$TMP/one"
t "byte for byte again" cmp "$TMP/again" "$FAT"
t "none that is entered first" bundle --rom "$B/native.rom" --rom "$B/vmihv-v1.rom" -o "$TMP/hardware" "$LINUX"
t "it is sound" "$VMI" verify "$TMP/hardware"

shelf_at() {	# in the file
	local at
	at=$("$VMI" inspect --json "$FAT" | sed -n 's/^ *"shelf_area": "\(0x[0-9a-f]*\)".*/\1/p')
	readelf -lW "$LINUX" | perl -Mbigint -ne 'next unless /^\s+LOAD\s+(\S+)\s+(\S+)\s+\S+\s+(\S+)/;
		my ($o, $v, $n, $a) = (hex $1, hex $2, hex $3, hex "'"$at"'"); print $o + $a - $v if $a >= $v && $a < $v + $n'
}
at=$(shelf_at)
damaged() {	# OFFSET-ON-THE-SHELF
	cp "$FAT" "$TMP/damaged"
	printf '\x5a' | dd of="$TMP/damaged" bs=1 seek=$((at + $1)) conv=notrunc status=none
}
damaged 300
t "a damaged ROM on the shelf is seen" says "do not sum to 0" "$VMI" verify "$TMP/damaged"
damaged 100000
t "bytes behind the last ROM are seen" says "bytes behind its last ROM" "$VMI" verify "$TMP/damaged"
t "two ROMs that want to be first" says "two of the ROMs want to be entered first" \
	bundle --rom "$B/xen-pv.rom" --rom "$B/xen-pv.rom" -o "$TMP/no" "$LINUX"
t "a kernel without a shelf" says "has no note VMI/3" bundle "${roms[@]}" -o "$TMP/no" "$B/tiny"
t "nothing was written" test ! -e "$TMP/no"

rom_is() {	# NAME
	logged "VMI-ROM: $1 $("$VMI" inspect --json "$B/$1.rom" | sed -n 's/^ *"sha256": "\(.*\)".*/\1/p')"
}
before=$(sha256sum <"$FAT")
LINUX=$FAT
for host in $HOSTS; do
	case $host in
	native-bios | native-uefi | native-q35 | xen-hvm) continue ;;	# these boot a bzImage
	xen-*pvh-*) rom=xen-pvh ;;
	xen-*) rom=xen-pv ;;
	native-*) rom=native ;;
	kvm) rom=kvm ;;
	*) continue ;;
	esac
	t "the fat bundle on $host" linux "$host" vmi=require --no-rom --any-rom
	t "$host: its ROM is $rom" rom_is $rom
done
t "the fat bundle on q35, by its PVH entry" linux native-pvh vmi=require --no-rom --any-rom --qemu-arg=-machine --qemu-arg=q35
t "q35: its ROM is native" rom_is native
t "all of them had the same file" test "$before" = "$(sha256sum <"$FAT")"

# The shelf is one carrier of several: the option-ROM area has the only one for this host.
t "only others' ROMs on the shelf" bundle --rom "$B/vmihv-v1.rom" --rom "$B/vmihv-v2.rom" -o "$TMP/others" "${FAT%/*}/one" --replace
LINUX=$TMP/others
t "the option-ROM area has one: it is taken" linux native-pvh vmi=require --rom "$B/native.rom"
t "nothing for this host: none" linux native-pvh vmi=auto --no-rom
LINUX=$TMP/damaged
damaged 300
t "a damaged one on the shelf is refused" linux native-pvh vmi=auto --no-rom --any-rom
t "with a reason" logged "refused: the bytes do not sum to 0"
finish
