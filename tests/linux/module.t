#!/bin/bash
# SPDX-License-Identifier: MIT
# A module that is loaded at run time has its sites patched like the kernel's own, natively and on Xen; what a kernel
# does when a module brings it down; and that there is no second kernel where the host has no way into one.
. "$(dirname "$0")/lib.sh"

MODULE=${MODULE:-$B/linux/vmi/vmi_probe.ko}

t "kexec_load works natively" linux native-pvh "vmi=require VMI_KEXEC=works"
case $HOSTS in
*xen-pv-dom0*)
	t "it is refused on Xen" linux xen-pv-dom0 "vmi=require VMI_KEXEC=refused"
	t "with the reason" logged "kexec: the host has no way into a second kernel"
	fails "the test sees what is not refused" linux native-pvh "vmi=require VMI_KEXEC=refused"
	;;
esac

[ -e "$MODULE" ] || {
	note <<< "SKIP modules: $MODULE was not built"
	finish
}

# The tests' initramfs, and the module in it.
with_module() {
	mkdir "$TMP/root" && (cd "$TMP/root" && zcat "$INITRAMFS" | cpio -idm --quiet) &&
		cp "$MODULE" "$TMP/root/vmi_probe.ko" && tests/guest/mkinitramfs "$TMP/module.cpio.gz" "$TMP/root"
}
INITRAMFS=$(realpath "$INITRAMFS")
t "an initramfs with the module" with_module
INITRAMFS=$TMP/module.cpio.gz

for host in native-pvh xen-pv-dom0 xen-pv-domu; do
	case $HOSTS in *"$host"*) ;; *) continue ;; esac
	t "$host: a module's sites are patched and work" linux "$host" "vmi=require VMI_RUN=module"
	note < <(tr -d '\r' < "$TMP/log" | grep -a '^module: .*sites')
done

# brings_down HOST HOW REGEX - the run fails, soon, and the log has the reason.
brings_down() {
	! linux "$1" "vmi=require VMI_RUN=module VMI_CRASH=$2" --timeout 180 && logged "$3"
}
for host in xen-pv-dom0 xen-pv-domu; do
	case $HOSTS in *"$host"*) ;; *) continue ;; esac
	t "$host: a panic" brings_down "$host" panic "Kernel panic - not syncing: vmi_probe: told to"
	t "$host: no stack left" brings_down "$host" overflow "domain_crash_sync called|kernel stack overflow"
done
finish
