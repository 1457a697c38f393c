#!/bin/bash
# SPDX-License-Identifier: MIT
# Broken ROMs and Linux: vmi=require panics with the loader's sentence, vmi=auto warns with it and runs natively.
# What firmware itself does not install, Linux cannot see: there it has to say that there is none.
. "$(dirname "$0")/lib.sh"

BROKEN=$B/tests/broken
AUTO_EVERY=8	# of the files; the whole way to user space takes longer than a panic

# The first bytes, or the sum, are not an option ROM's; or it does not say that it is VMI's.
is_unseen() {	# FILE
	local size
	[ "$(head -c 2 "$1" | od -An -tx1)" = " 55 aa" ] || return 0
	[ "$(tail -c +9 "$1" | head -c 4)" = VIMR ] || return 0
	size=$(($(od -An -tu1 -j2 -N1 "$1") * 512))
	[ "$(head -c "$size" "$1" | od -An -v -tu1 | awk '{ for (i = 1; i <= NF; i++) n += $i } END { print n % 256 }')" != 0 ]
}

require() {	# NAME SENTENCE
	local file=$BROKEN/$1.rom reason=$2
	is_unseen "$file" && reason="there is no ROM"
	says "Kernel panic - not syncing: vmi=require: $reason" linux native-pvh vmi=require --rom "$file" --any-rom
}

auto() {	# NAME SENTENCE
	local file=$BROKEN/$1.rom
	linux native-pvh vmi=auto --rom "$file" --any-rom && logged "VMI-ROM: none -" || return 1
	is_unseen "$file" || { logged "vmi: .*refused: " && grep -aqF "refused: $2" "$TMP/log"; }
}

nr=0
while IFS=$'\t' read -r name who sentence; do
	[ "$who" = loader ] || continue
	t "require: $name" require "$name" "$sentence"
	nr=$((nr + 1))
	[ $((nr % AUTO_EVERY)) = 0 ] && t "auto: $name" auto "$name" "$sentence"
done < "$BROKEN/list"
finish
