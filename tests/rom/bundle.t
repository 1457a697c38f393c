#!/bin/bash
# SPDX-License-Identifier: MIT
# A bundle differs from its kernel in the ROM areas and the host's notes only, and can be turned into any other.
. "$(dirname "$0")/../lib/tap.sh"

KERNEL=$B/tiny

t "xen-pv into tiny" "$VMI" bundle --rom "$B/xen-pv.rom" -o "$TMP/xen" "$KERNEL" || { finish; exit; }
t "the bundle is sound" "$VMI" verify "$TMP/xen"
t "the differences are in ROM areas and notes only" tests/rom/ranges "$KERNEL" "$TMP/xen"
note <<<"$out"

t "another ROM into the bundle" "$VMI" bundle --replace --rom "$B/native.rom" -o "$TMP/native" "$TMP/xen"
t "is what the kernel would have given" "$VMI" bundle --rom "$B/native.rom" -o "$TMP/direct" "$KERNEL"
t "byte for byte" cmp "$TMP/native" "$TMP/direct"
t "and back" "$VMI" bundle --replace --rom "$B/xen-pv.rom" -o "$TMP/back" "$TMP/native"
t "byte for byte again" cmp "$TMP/back" "$TMP/xen"

fails "a bundle takes no second ROM" "$VMI" bundle --rom "$B/native.rom" -o "$TMP/no" "$TMP/xen"
fails "--replace needs a bundle" "$VMI" bundle --replace --rom "$B/native.rom" -o "$TMP/no" "$KERNEL"
fails "no kernel, no bundle" "$VMI" bundle --rom "$B/native.rom" -o "$TMP/no" /bin/true
t "nothing was written" test ! -e "$TMP/no"
finish
