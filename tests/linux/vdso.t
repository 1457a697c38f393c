#!/bin/bash
# SPDX-License-Identifier: MIT
# User mode reads the time without a system call where the host vouches for its time page on every CPU, and only there.
# Xen does that for a processor whose time stamp counter never stops; the emulator's does not, but may be told to say so.
. "$(dirname "$0")/lib.sh"

STEADY=(--qemu-arg=-cpu "--qemu-arg=qemu64,+svm,+npt,+invtsc,x-force-features=on"
	--xen-append "clocksource=tsc tsc=stable:socket")

case " $HOSTS " in *" kvm "*)
	t "KVM's clock: no system call" linux kvm "vmi=require VMI_VDSO=yes"
	t "it is the ROM's" logged "clocksource: Switched to clocksource vmi"
	fails "no system call is seen" linux kvm "vmi=require VMI_VDSO=no" ;;
esac
case " $HOSTS " in
*xen-pv-dom0*) ;;
*)
	skip "Xen's clock" "there is no Xen"
	finish ;;
esac

t "a clock that Xen vouches for: no system call" linux xen-pv-dom0 "vmi=require VMI_VDSO=yes" "${STEADY[@]}"
t "one that it does not: a system call" linux xen-pv-dom0 "vmi=require VMI_VDSO=no"
fails "the test sees system calls" linux xen-pv-dom0 "vmi=require VMI_VDSO=yes"
finish
