#!/bin/bash
# SPDX-License-Identifier: MIT
# Every ROM of the tree is sound, small, and the same bytes whenever it is built.
. "$(dirname "$0")/../lib/tap.sh"

again() {	# NAME - links and assembles from scratch in another folder
	make -s O="$TMP/again" "$TMP/again/$1.rom" VMI="$VMI" >&2 && cmp "$B/$1.rom" "$TMP/again/$1.rom"
}

for folder in shim/backends/*/; do
	name=$(basename "$folder")
	t "$name: sound" "$VMI" verify "$B/$name.rom"
	t "$name: at most 64 KiB" test "$(stat -c %s "$B/$name.rom")" -le 65536
	t "$name: a second build has the same bytes" again "$name"
done
finish
