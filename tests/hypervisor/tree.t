#!/bin/bash
# SPDX-License-Identifier: MIT
# What vmihv promises of its sources and its image; and its other entry.
. "$(dirname "$0")/lib.sh"

LINES_MAX=12000
IMAGE_MAX=$((1024 * 1024))

# Code asks for a feature, never for a type.
no_types() {	# FOLDER
	! grep -rnEi '\b(is|type|mode|kind)_?(fv|fvd|fvi|pv|pvh|pvc|hvm)\b|(==|!=) *(FV|FVD|FVI|PV|PVH|PVC|HVM)\b' "$1" \
		--include='*.[ch]' --include='*.asm'
}
t "no test of a domain's type" no_types hypervisor
echo 'if (is_pvh(d))' >"$TMP/type.c"
fails "one would be found" no_types "$TMP"

lines() { cat hypervisor/*/*.[ch] hypervisor/*/*.asm hypervisor/include/*/*.h | wc -l; }
t "$(lines) lines of C and assembly, fewer than $LINES_MAX" test "$(lines)" -lt $LINES_MAX

# In memory, BSS too: the segment's second size.
image() { printf '%d' "$(readelf -lW "$B/vmihv" | sed -n 's/^  LOAD  *[^ ]* *[^ ]* *[^ ]* *[^ ]* *\([^ ]*\).*/\1/p')"; }
t "$(($(image) / 1024)) KiB of image, fewer than $((IMAGE_MAX / 1024))" test "$(image)" -lt $IMAGE_MAX

guest_memory_by_one_door() {
	! grep -rnE '(memory\.|memory->|m->)map\[' hypervisor --include='*.c' | grep -vE '^hypervisor/(memory/(guest|holes)|container/nested|pv/pages)\.c:'
}
t "a guest's memory is reached through memory/guest.c alone" guest_memory_by_one_door

# The emulator prefers Multiboot; `vmi run' takes that header away. PVH has room for one module, which is no kernel.
by_pvh() {
	"$VMI" run --host native-pvh --no-rom --timeout 8 "$B/vmihv" >"$TMP/log" 2>&1
	says "vmihv: booted by PVH with 0 modules" "panic: there is no configuration"
}
t "by PVH" by_pvh
finish
