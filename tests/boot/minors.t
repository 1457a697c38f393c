#!/bin/bash
# SPDX-License-Identifier: MIT
# An old guest runs on a newer ROM, and a new guest on an older ROM. The next minor and the next major are made
# here.
. "$(dirname "$0")/lib.sh"

# needs MINOR FROM TO - a guest whose note asks for this minor at least.
needs() {
	local at
	at=$(note_offset "$2") && cp "$2" "$3" && printf "\\x$1\\x00" | dd of="$3" bs=1 seek=$((at + 2)) conv=notrunc status=none
}

# Where in the file the contract's note has its descriptor.
note_offset() {
	grep -obUaP 'VMI\x00\x00\x00\x01\x00\x01\x00\x58\x00' "$1" | head -1 | cut -d: -f1 | { IFS= read -r at && echo $((at + 4)); }
}

t "the next minor builds" edition next MINOR 4 tiny native.rom xen-pv.rom
t "the next major builds" edition major MAJOR 1 native.rom xen-pv.rom
NEXT=$TMP/next/build

for host in native-pvh xen-pv-dom0; do
	case $host in xen-*) rom=xen-pv.rom ;; *) rom=native.rom ;; esac
	t "$host: an old guest on a newer ROM" boot "$host" "$B/tiny" --rom "$NEXT/$rom"
	t "$host: a new guest on an older ROM" boot "$host" "$NEXT/tiny" --rom "$B/$rom"
	t "$host: a new guest on a newer ROM" boot "$host" "$NEXT/tiny" --rom "$NEXT/$rom"
	t "$host: a guest that needs the next minor refuses the older ROM" says "older minor" \
		eval "needs 04 $NEXT/tiny $TMP/demanding && boot $host $TMP/demanding --rom $B/$rom --timeout 40"
	t "$host: a ROM of another major is refused" says "major" \
		boot "$host" "$B/tiny" --rom "$TMP/major/build/$rom" --timeout 40
done
finish
