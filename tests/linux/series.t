#!/bin/bash
# SPDX-License-Identifier: MIT
# The series for Linux 6.1: it applies with git am, checkpatch has nothing to say, and without CONFIG_VMI each object of
# the folders that it changes has the unpatched one's code (with Linux's own Xen support on, which shares the places it
# changes). `make bench', which has that kernel, compares the text of the whole.
. "$(dirname "$0")/../lib/tap.sh"

part=guest-patches/linux-6.1
series=$PWD/$part/series
tarball=/usr/src/linux-source-6.1.tar.xz

touched_files() {
	sed -n 's,^--- a/,linux-source-6.1/,p' "$series"/*.patch | sort -u
}

# Only what the series touches, as the package has it, in a repository of its own.
am() {
	mkdir "$TMP/am"
	touched_files | tar -C "$TMP/am" --strip-components=1 -xf "$tarball" -T - || true
	cd "$TMP/am" && git init -q . && git add -A -f . &&
		git -c user.name=test -c user.email=test@localhost commit -qm base &&
		git -c user.name=test -c user.email=test@localhost am -q "$series"/*.patch
}

checkpatch() {
	local tree
	tree=$("$part/build.sh" source) || return
	perl "$tree/scripts/checkpatch.pl" --no-tree --quiet --no-summary --max-line-length=100 \
		--ignore FILE_PATH_CHANGES "$series"/*.patch
}

same_texts() {
	local kernel
	for kernel in text linux-xen-pv; do
		"$part/build.sh" texts "$kernel" "$TMP/$kernel" || return
	done
	[ -s "$TMP/text/texts" ] && diff "$TMP/text/texts" "$TMP/linux-xen-pv/texts"
}

t "git am takes the series" am
t "checkpatch is content" checkpatch
t "without CONFIG_VMI the code is the unpatched kernel's" same_texts
finish
