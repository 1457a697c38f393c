#!/bin/bash
# SPDX-License-Identifier: MIT
# Somebody else's kernel, built away from this tree with what `make install` lays down, boots on every host.
. "$(dirname "$0")/../lib/tap.sh"

ROOT=$TMP/root
INSTALLED=$ROOT/usr/bin/vmi
export PKG_CONFIG_PATH=$ROOT/usr/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$ROOT
unset MAKEFLAGS MAKELEVEL MFLAGS

files_are() {	# FOLDER NAME...
	local folder=$1 name
	shift
	for name; do
		[ -s "$ROOT/usr/$folder/$name" ] || { echo "missing: $folder/$name"; return 1; }
	done
}

man_for_all() {
	local page name
	for name in vmi $("$INSTALLED" --help | sed -n 's/^  \([a-z]*\) .*/vmi-\1/p'); do
		page=$ROOT/usr/share/man/man1/$name.1
		[ -s "$page" ] || { echo "missing: $name.1"; return 1; }
	done
}

build_outside() {
	cp -r tests/install/kernel "$TMP/kernel" && make -C "$TMP/kernel"
}

t "make install" make install O="$B" DESTDIR="$ROOT" PREFIX=/usr
t "headers" files_are include/vmi call.h calls.def guest.h loader.h note.h rom.h types.h verdict.h vmi.inc
t "library, ROMs" files_are . lib/libvmi-guest.a lib/pkgconfig/vmi-guest.pc share/vmi/roms/{native,xen-pv}.rom
t "a man page for the tool and each command" man_for_all
t "completion" files_are share bash-completion/completions/vmi
t "the kernel builds" build_outside
for host in $("$INSTALLED" run --list-hosts=tiny | cut -d' ' -f1); do
	t "the kernel on $host" "$INSTALLED" run --host "$host" --timeout 180 "$TMP/kernel/kernel"
done
finish
