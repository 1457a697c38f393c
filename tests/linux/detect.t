#!/bin/bash
# SPDX-License-Identifier: MIT
# `vmi detect' inside guests: names the mode of every host, on our kernel and on Debian's, which knows nothing of VMI.
. "$(dirname "$0")/lib.sh"

DEBIAN=${XDG_CACHE_HOME:-$HOME/.cache}/vmi/dom0/kernel
ROOT=$TMP/root

initramfs() {
	mkdir -p "$ROOT"/{bin,lib,lib64,proc,sys} &&
		cp "$B/tests/detect-init" "$ROOT/init" && cp "$VMI" "$ROOT/bin/vmi" && strip "$ROOT/bin/vmi" &&
		ldd "$VMI" | awk '/=> \// { print $3 }' | xargs cp -Lt "$ROOT/lib" &&
		cp -L /lib64/ld-linux-x86-64.so.2 "$ROOT/lib64" &&
		tests/guest/mkinitramfs "$TMP/initramfs" "$ROOT"
}

detect() {	# HOST KERNEL [OPTION...]
	local host=$1 kernel=$2
	shift 2
	boot "$host" "$kernel" --initrd "$TMP/initramfs" --append "quiet LD_LIBRARY_PATH=/lib" --log "$TMP/log" \
		--any-rom --any-build --quiet "$@"
}

field() {	# KEY VALUE
	tr -d '\r' <"$TMP/log" | grep -aqF "\"$1\": $2" || {
		grep -a "\"$1\"" "$TMP/log"
		echo "expected: $2"
		return 1
	}
}

concludes() {	# TITLE HYPERVISOR MODE SHIM
	t "$1: hypervisor" field hypervisor "\"$2\""
	t "$1: mode" field mode "\"$3\""
	t "$1: no contradiction" field contradiction null
	t "$1: shim" field shim "\"$4\""
}

# What a BIOS or UEFI firmware boots of Debian's kernel, from the package that the ELF file is of.
bzimage() {
	set -- "${DEBIAN%/dom0/kernel}"/packages/linux-image-[0-9]*-amd64_*.deb
	dpkg-deb --fsys-tarfile "$1" | tar -xO --wildcards './boot/vmlinuz-*' > "$TMP/bzImage" && [ -s "$TMP/bzImage" ]
}

debian() {	# HOST
	case $1 in
	native-bios | native-q35 | native-uefi | xen-hvm) detect "$1" "$DEBIAN" --no-rom --bzimage "$TMP/bzImage" ;;
	*) detect "$1" "$DEBIAN" --no-rom ;;
	esac
}

t "an initramfs with the tool" initramfs || { finish; exit; }
[ ! -e "$DEBIAN" ] || t "Debian's kernel as its package has it" bzimage
for host in $HOSTS; do
	case $host in
	xen-pvshim) says=(Xen PVC) rom=xen-pv ;;
	xen-*pvh-*) says=(Xen PVH) rom=xen-pvh ;;
	xen-hvm) says=(Xen FVI) rom=xen-pvh ;;
	xen-*pv-*) says=(Xen PV) rom=xen-pv ;;
	kvm) says=(KVM FVI) rom=kvm ;;
	vmihv-*-pvh) says=(vmihv PVH) rom=${host%-pvh} ;;
	vmihv-*-pv) says=(vmihv PV) rom=$host ;;
	native-*) says=("QEMU's emulator (TCG)" FV) rom=native ;;
	*) t "$host: what it is, is known here" false; continue ;;
	esac
	t "our kernel on $host" detect "$host" "$LINUX" && concludes "our kernel on $host" "${says[@]}" "$rom"
	case $host in vmihv-*) continue ;; esac	# a kernel that knows nothing of VMI does not start there
	if [ -e "$DEBIAN" ]; then
		t "Debian's kernel on $host" debian "$host" && concludes "Debian's kernel on $host" "${says[@]}" none
	else
		skip "Debian's kernel on $host" "\`make dom0' has not fetched it"
	fi
done
finish
