#!/bin/bash
# SPDX-License-Identifier: MIT
# The Debian package builds from a clean copy of the tree, lintian accepts it, and the tool in it runs.
. "$(dirname "$0")/../lib/tap.sh"

unset MAKEFLAGS MAKELEVEL MFLAGS

copy() {
	mkdir "$TMP/vmi" && git ls-files -z --cached --others --exclude-standard |
		xargs -0 ls -d 2>/dev/null | tar -cf - -T - | tar -xf - -C "$TMP/vmi"
}

package() {	# without the unit tests: they have had their turn
	(cd "$TMP/vmi" && DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc)
}

checked() {
	local said
	said=$(lintian --allow-root --display-info --fail-on error,warning "$TMP"/*.changes 2>/dev/null) && [ -z "$said" ] ||
		{ echo "$said"; return 1; }
}

unpacked() {
	for deb in "$TMP"/*.deb; do
		dpkg -x "$deb" "$TMP/root" || return
	done
}

picks() {
	[ "$("$TMP/root/usr/bin/vmi" select -q --host tests/unit/hosts/debian-xen-pv-dom0 "$TMP/root/usr/share/vmi/roms")" = \
		"$TMP/root/usr/share/vmi/roms/xen-pv.rom" ]
}

git rev-parse --git-dir >/dev/null 2>&1 || skip_all "this is no git checkout: what is clean is not known"
t "a copy of the tree" copy
t "dpkg-buildpackage" package || { finish; exit; }
t "lintian says nothing" checked
t "the packages unpack" unpacked
t "the tool runs" "$TMP/root/usr/bin/vmi" verify "$TMP"/root/usr/share/vmi/roms/xen-pv.rom
t "and picks a ROM of the package" picks
t "the library's pkg-config file" env PKG_CONFIG_PATH="$(echo "$TMP"/root/usr/lib/*/pkgconfig)" \
	PKG_CONFIG_SYSROOT_DIR="$TMP/root" pkg-config --exists vmi-guest
finish
