#!/bin/bash
# SPDX-License-Identifier: MIT
# What is in the kernel file, and what a bundle changes in it.
. "$(dirname "$0")/lib.sh"

config_is_off() {	# OPTION
	! grep -q "^CONFIG_$1=" "${LINUX%/*}/config"
}

# no_foreign_symbols KERNEL - prints what is linked of Xen's and KVM's guest support, if anything is.
no_foreign_symbols() {
	local allowed
	allowed=$(sed 's/[ \t]*#.*//; /^$/d' tests/linux/allowed-symbols | paste -sd'|')
	nm "$1" | awk '{ print $NF }' | grep -iE 'xen|kvm' | sed 's/^__\(kstrtab\|kstrtabns\|ksymtab\|param\|param_str\)_//' |
		grep -vxE "(__)?($allowed)" | sort -u | head -n 20 > "$TMP/foreign"
	cat "$TMP/foreign"
	[ ! -s "$TMP/foreign" ]
}

# Objects leave the name of their source behind. Names that other folders use too say nothing.
no_foreign_objects() {
	local source
	source=$(guest-patches/linux-6.1/build.sh source | tail -n 1) || return 1
	(cd "$source" && find arch/x86/xen drivers/xen -name '*.c' -printf '%f\n'; echo kvm.c; echo kvmclock.c) |
		sort -u > "$TMP/foreign-sources"
	(cd "$source" && find arch/x86 drivers kernel mm fs lib init net block security certs -name '*.c' \
		! -path 'arch/x86/xen/*' ! -path 'drivers/xen/*' ! -path 'arch/x86/kernel/kvm*.c' -printf '%f\n') | sort -u > "$TMP/other-sources"
	comm -23 "$TMP/foreign-sources" "$TMP/other-sources" > "$TMP/telling"
	grep -q enlighten_pv.c "$TMP/telling" && grep -q kvmclock.c "$TMP/telling" || { echo "the list is not right"; return 1; }
	readelf -sW "$1" | awk '$4 == "FILE" { print $8 }' | sort -u | comm -12 - "$TMP/telling" > "$TMP/linked"
	cat "$TMP/linked"
	[ ! -s "$TMP/linked" ]
}

for option in XEN XEN_PV XEN_PVHVM KVM_GUEST; do
	t "CONFIG_$option is off" config_is_off $option
done
t "no symbol of Xen's or KVM's guest support" no_foreign_symbols "$LINUX"
t "no object of Xen's or KVM's guest support" no_foreign_objects "$LINUX"

# The same two find them where they are.
PEER=$B/linux/linux-xen-pv/vmlinux
if [ -e "$PEER" ]; then
	fails "Xen's symbols are seen in a kernel with CONFIG_XEN_PV" no_foreign_symbols "$PEER"
	fails "its objects too" no_foreign_objects "$PEER"
else
	skip "Xen's symbols are seen in a kernel with CONFIG_XEN_PV" "that peer is built by make bench only"
fi

t "a bundle" "$VMI" bundle --rom "$B/xen-pv.rom" -o "$TMP/bundle" "$LINUX"
t "differs in the ROM areas and the host's notes only" tests/rom/ranges "$LINUX" "$TMP/bundle"
note <<< "$out"

damage() {	# one byte of the kernel's own text
	cp "$TMP/bundle" "$TMP/damaged" && printf '\xcc' | dd of="$TMP/damaged" bs=1 seek=$((0x200100)) conv=notrunc status=none
}
t "a byte changed elsewhere" damage
fails "is seen" tests/rom/ranges "$LINUX" "$TMP/damaged"
finish
