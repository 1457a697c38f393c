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

second() {	# HOST HOW
	linux "$1" "vmi=require VMI_RUN=kexec VMI_HOW=$2 crashkernel=128M" --memory 512 --crash-kernel
}
# Both kernels have said which ROM they use, and it was one.
twice() {
	[ "$(tr -d '\r' <"$TMP/log" | grep -aE '^(\[[ 0-9.]+\] )?VMI-ROM: ' | grep -avc none)" = 2 ] || { tail -n 30 "$TMP/log"; return 1; }
}
for host in native-bios native-pvh native-uefi kvm; do
	case " $HOSTS " in *" $host "*) ;; *) continue ;; esac
	t "$host: a second kernel" second $host reboot
	t "$host: with a ROM" twice
	t "$host: a second kernel after a panic" second $host crash
	t "$host: with a ROM" twice
	t "$host: it was a panic" logged "Kernel panic - not syncing: sysrq triggered crash"
done
fails "one that cannot be loaded is an error" linux native-pvh "vmi=require VMI_RUN=kexec VMI_HOW=crash" --memory 512
t "with the reason" logged "kexec: kexec_file_load: "
case " $HOSTS " in
*" xen-pv-dom0 "*)
	fails "on Xen PV it is refused" linux xen-pv-dom0 "vmi=require VMI_RUN=kexec VMI_HOW=reboot" --memory 512
	t "with the reason" logged "the host has no way into a second kernel for a PV guest"
	;;
esac
finish
