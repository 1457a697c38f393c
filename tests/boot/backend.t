#!/bin/bash
# SPDX-License-Identifier: MIT
# A backend is a directory and nothing else: without any one of them the rest builds, to the same bytes, and a copy of
# template under a new name is a backend that boots the small guest.
. "$(dirname "$0")/lib.sh"

tree() {	# NAME - a copy of the sources, with the tools that are there
	rm -rf "${TMP:?}/$1"
	mkdir -p "$TMP/$1/tests" "$TMP/$1/build"
	cp -r Makefile .ci abi shim hypervisor rom-tools guest-patches "$TMP/$1/"
	touch "$TMP/$1/build/setup.mk"
}
build() {	# NAME TARGET...
	local tree=$TMP/$1
	shift
	make -s -C "$tree" B=build "$@"
}
backends() {
	ls shim/backends
}

# Outside the directory itself, in what is built; a pointer in a comment to the template is none.
named() {	# NAME
	grep -rwnE --include='*.[chS]' --include='*.asm' --include='*.inc' --include='*.lds' --include='*.mk' \
		-- "shim/backends/$1|backends/$1" abi shim rom-tools hypervisor guest-patches Makefile |
		grep -vE "^shim/backends/$1/|^[^:]*:[0-9]+: \*.*backends/template/"
}

tree one
t "the whole tree" build one build/vmi tools roms
not() { ! "$@"; }
for backend in $(backends); do
	t "$backend: nothing outside names its directory" not named "$backend"
	mv "$TMP/one/shim/backends/$backend" "$TMP/away"
	rm -f "$TMP"/one/build/*.rom
	t "without $backend the rest builds" build one roms
	same() {
		local rom
		[ ! -e "$TMP/one/build/$backend.rom" ] || { echo "$backend.rom is there"; return 1; }
		for rom in $(backends); do
			[ "$rom" = "$backend" ] || cmp "$B/$rom.rom" "$TMP/one/build/$rom.rom" || return 1
		done
	}
	t "without $backend: the others have the same bytes" same
	mv "$TMP/away" "$TMP/one/shim/backends/$backend"
done

# What its text tells one to change: the name, and that this is its host.
copy_template() {
	local new=$TMP/one/shim/backends/fresh
	cp -r shim/backends/template "$new" &&
		sed -i 's/\(BACKEND_NAME[ \t]*\)"[^"]*"/\1"fresh"/' "$new/backend.h" &&
		sed -i '/^u32 vmi_rom_detect/,/^}/s/return 0;/return 7;/' "$new/template.c" &&
		build one build/fresh.rom && "$VMI" verify "$TMP/one/build/fresh.rom"
}
t "template copied under a new name" copy_template
t "boots the small guest" boot native-pvh "$B/tiny" --rom "$TMP/one/build/fresh.rom" --log "$TMP/log"
fails "template itself finds its host nowhere" boot native-pvh "$B/tiny" --rom "$B/template.rom" --timeout 40
t "under that name" grep -q "^VMI-ROM: fresh " "$TMP/log"
finish
