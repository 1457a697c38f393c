#!/bin/bash
# SPDX-License-Identifier: MIT
# A second kernel after the first one, in good order and after a panic: it finds the host as new, and a ROM for it.
. "$(dirname "$0")/lib.sh"

BZIMAGE=${LINUX%/*}/bzImage

# The tests' initramfs, and in it a second kernel with the same one.
with_second() {
	mkdir "$TMP/root" && (cd "$TMP/root" && zcat "$INITRAMFS" | cpio -idm --quiet) && cp "$BZIMAGE" "$TMP/root/next" &&
		cp "$INITRAMFS" "$TMP/root/next.cpio.gz" && tests/guest/mkinitramfs "$TMP/second.cpio.gz" "$TMP/root"
}
INITRAMFS=$(realpath "$INITRAMFS")
t "an initramfs with a second kernel" with_second
INITRAMFS=$TMP/second.cpio.gz

FOR_SECOND="crashkernel=128M"
second() {	# HOST HOW CPUS
	linux "$1" "vmi=require VMI_RUN=kexec VMI_HOW=$2 $FOR_SECOND" --memory 512 --cpus "$3" --crash-kernel
}
# Both kernels have said which ROM they use, and it was one.
twice() {
	[ "$(tr -d '\r' <"$TMP/log" | grep -aE '^(\[[ 0-9.]+\] )?VMI-ROM: ' | grep -avc none)" = 2 ] || { tail -n 30 "$TMP/log"; return 1; }
}
# Where the first kernel's ROM came in its file, whoever loads the second one hands one over.
with_rom() {
	cp "$B/$1.rom" "$TMP/root/next.rom" && tests/guest/mkinitramfs "$TMP/second.cpio.gz" "$TMP/root"
}
up_twice() { [ "$(grep -ac "smp: Brought up 1 node, 2 CPUs" "$TMP/log")" = 2 ]; }
there() { case " $HOSTS " in *" $1 "*) ;; *) return 1 ;; esac; }
both() {	# HOST [CPUS]
	local what=$1
	[ $# = 1 ] || what="$1, $2 CPUs"
	t "$what: a second kernel" second "$1" reboot "${2-1}"
	t "$what: with a ROM" twice
	t "$what: a second kernel after a panic" second "$1" crash "${2-1}"
	t "$what: with a ROM" twice
	t "$what: it was a panic" logged "Kernel panic - not syncing: sysrq triggered crash"
}
for host in native-bios native-pvh native-uefi kvm; do
	! there $host || both $host
done
fails "one that cannot be loaded is an error" linux native-pvh "vmi=require VMI_RUN=kexec VMI_HOW=crash" --memory 512
t "with the reason" logged "kexec: kexec_file_load: "
case " $HOSTS " in
*" xen-pv-dom0 "*)
	fails "on Xen PV it is refused" linux xen-pv-dom0 "vmi=require VMI_RUN=kexec VMI_HOW=reboot" --memory 512
	t "with the reason" logged "the host has no way into a second kernel for a PV guest"
	;;
esac
if there xen-pvh-domu; then
	t "a ROM to hand over" with_rom xen-pvh
	# no firmware's is there, so that the first kernel would use low memory
	FOR_SECOND="crashkernel=128M memmap=636K\$4K"
	both xen-pvh-domu
	both xen-pvh-domu 2
	t "all CPUs were up in both" up_twice
fi
finish
