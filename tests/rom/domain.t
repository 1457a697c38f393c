#!/bin/bash
# SPDX-License-Identifier: MIT
# What `vmi domain' writes for libvirt is what libvirt's schema takes; a kernel with the wrong ROM is refused.
. "$(dirname "$0")/../lib/tap.sh"

domain() {	# FORM MODE MORE-FIELDS
	echo "{ \"name\": \"guest\", \"mode\": \"$2\" $3 }" >"$TMP/description.json"
	"$VMI" domain --to "$1" -o "$TMP/out" "$TMP/description.json"
}

valid() {
	domain libvirt "$@" && virt-xml-validate "$TMP/out" domain || { cat "$TMP/out"; return 1; }
}

says() {	# TEXT COMMAND...
	local text=$1 output
	shift
	output=$("$@" 2>&1) && { echo "it did not fail"; return 1; }
	grep -qF -- "$text" <<<"$output" || { echo "$output"; echo "it did not say: $text"; return 1; }
}

KERNEL=', "kernel": "/k", "initrd": "/i & i", "cmdline": "console=hvc0 <\"'\''>", "vcpus": 2'
DEVICES=', "disks": [{ "file": "/d" }, { "file": "/<e>", "readonly": true }],
	"nets": [{ "bridge": "br0", "mac": "52:54:00:12:34:56" }, { "bridge": "br1" }], "pci": ["0000:01:1f.7"]'

for mode in PV PVH FV; do
	t "libvirt takes $mode of Xen" valid $mode "$KERNEL"
done
t "libvirt takes FV of Xen with devices" valid FV "$KERNEL $DEVICES"
for hypervisor in KVM QEMU; do
	t "libvirt takes FV of $hypervisor with devices" valid FV "$KERNEL $DEVICES, \"hypervisor\": \"$hypervisor\""
	t "and with an option ROM" valid FV "$KERNEL, \"rom\": \"/r & r\", \"hypervisor\": \"$hypervisor\""
	t "and booting from the network" valid FV ", \"boot\": \"network\", \"hypervisor\": \"$hypervisor\""
done

t "a bundle" "$VMI" bundle --rom "$B/xen-pv.rom" -o "$TMP/bundle" "$B/tiny"
t "is a kernel for PV" domain xl PV ", \"kernel\": \"$TMP/bundle\""
rm -f "$TMP/out"
t "but not for PVH" says "its ROM xen-pv works by PV page tables" domain xl PVH ", \"kernel\": \"$TMP/bundle\""
t "a kernel without a ROM is none for PV" says "field \`kernel': expected a bundle" \
	domain xl PV ", \"kernel\": \"$(realpath "$B/tiny")\""
t "no JSON is refused" says "line 1: expected JSON" domain xl PV ", }"
t "nothing was written" test ! -e "$TMP/out"
finish
