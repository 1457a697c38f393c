#!/bin/bash
# SPDX-License-Identifier: MIT
# A domain gets the next ROM, and the one before again, by `vmi bundle --replace' and a reboot. What was saved goes on with
# the ROM that it was saved with, whichever its kernel's file has by then.
. "$(dirname "$0")/lib.sh"

rom_hash() { "$VMI" inspect "$1" | awk '$1 == "sha256" { print $2 }'; }
replace() { "$VMI" bundle --replace --rom "$2" -o "$3" "$1"; }

t "the next minor builds" edition next MINOR 4 xen-pv.rom
NEXT=$TMP/next/build/xen-pv.rom
t "bundle" "$VMI" bundle --rom "$B/xen-pv.rom" -o "$TMP/old" "$LINUX"
t "upgrade" replace "$TMP/old" "$NEXT" "$TMP/new"
t "downgrade" replace "$TMP/new" "$B/xen-pv.rom" "$TMP/again"
t "which leaves no trace" cmp "$TMP/old" "$TMP/again"

BOOT_TIMEOUT=240 life_linux "upgrade" "WORK=1" --memory 64 --dom0-file "$TMP/new" < <(
echo "old=$(rom_hash "$B/xen-pv.rom") new=$(rom_hash "$NEXT")"
cat <<'EOT'
has_rom() {
	key guest rom
	said guest "life: rom $1"
}
save_and_restore() {
	xl save guest /run/saved && xl restore /run/saved
}
mv /guest/kernel /guest/old
kernel_is() { ln -sf "/guest/$1" /guest/kernel; }

kernel_is old
step "xl create" create guest
step "it works" said guest "work: 7 of 7 go on"
step "by the old ROM" has_rom "$old"
for rom in new old; do
	eval hash=\$$rom
	kernel_is $rom
	mark guest
	step "saved by one ROM, restored when the file has the $rom one" save_and_restore
	step "it works" said guest "work: 7 of 7 go on"
	if [ $rom = new ]; then step "by the old ROM" has_rom "$old"; else step "by the new ROM" has_rom "$new"; fi
	mark guest
	step "xl reboot" xl reboot guest
	step "in order" said guest "life: reboot"
	step "it comes back with the $rom ROM" said guest "VMI-ROM: xen-pv $hash" 60
	step "and works" said guest "work: 7 of 7 go on"
	step "by that ROM" has_rom "$hash"
done
mark guest
step "saved and restored once more" save_and_restore
step "it works" said guest "work: 7 of 7 go on"
step "nothing went wrong" never_said guest "$BAD"
EOT
)
finish
