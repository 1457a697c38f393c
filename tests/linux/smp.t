#!/bin/bash
# SPDX-License-Identifier: MIT
# Several CPUs: all get on, interrupt each other, flush each other's translations, go and come back; and it ends.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=${SMP_TIMEOUT:-900}

# A warning is no failure to whoever runs, but to us; what Xen says of its own modes is neither.
no_complaint() {
	! grep -aE 'WARNING:|BUG:|Firmware Bug|vmi xen-pvh?: ' "$TMP/log" | grep -av '^(XEN) WARNING: PVH'
}

smp() {	# HOST CPUS [CMDLINE]
	linux "$1" "vmi=require VMI_RUN=smp SMP_CPUS=$2 ${3-}" --cpus "${4:-$2}" && no_complaint
}

for host in native-pvh xen-pv-dom0 xen-pvh-domu kvm vmihv-v1-pvh vmihv-v2-pvh vmihv-v1-pv vmihv-v2-pv; do
	case " $HOSTS " in *" $host "*) t "$host, 2 CPUs: what several must do" smp "$host" 2 ;; esac
done

case " $HOSTS " in *" xen-pvh-dom0 "*)
	skip "xen-pvh-dom0, what several must do" "once in some 40 boots it meets one event twice, not understood" ;;
esac

for host in $HOSTS; do
	case $host in
	xen-pv-dom0 | xen-pv-domu | xen-pvshim | xen-pvh-dom0 | xen-pvh-domu)
		for cpus in 2 8; do
			case $host-$cpus in xen-pvh-*-8) skip "$host, 8 CPUs" "not tried yet"; continue ;; esac
			[ "$host $cpus" != "xen-pvshim 8" ] || {
				skip "$host, 8 CPUs" "in the emulator the shim itself has reset such a domain"
				continue
			}
			t "$host, $cpus CPUs: to user space" linux "$host" vmi=require --cpus $cpus
			t "$host, $cpus CPUs: all are up" logged "smp: Brought up 1 node, $cpus CPUs"
			t "$host, $cpus CPUs: locks wait in the host" logged "vmi: locks wait in the host"
		done ;;
	esac
done

# What a host below a guest with its own local APICs does better, and with one CPU does not.
HELPS=("locks wait in the host" "the host sends interrupts to several CPUs" "the host flushes CPUs that do not run")
case " $HOSTS " in *" kvm "*)
	for cpus in 2 1; do
		t "kvm, $cpus CPUs: to user space" linux kvm vmi=require --cpus $cpus
		t "kvm: x2APIC" logged "Switched APIC routing to physical x2apic"
		for help in "${HELPS[@]}"; do
			claim=t
			[ $cpus = 2 ] || claim=fails
			$claim "kvm, $cpus CPUs: $help" logged "vmi: $help"
		done
	done ;;
esac

case " $HOSTS " in *xen-pv-dom0*)
	t "nr_cpus=1" linux xen-pv-dom0 "vmi=require nr_cpus=1" --cpus 2
	t "nr_cpus=1: one CPU" logged "Allowing 1 CPUs"
	t "maxcpus=1" linux xen-pv-dom0 "vmi=require maxcpus=1" --cpus 2
	t "maxcpus=1: one of two is up" logged "smp: Brought up 1 node, 1 CPU"
	t "nopvspin" linux xen-pv-dom0 "vmi=require nopvspin" --cpus 2
	fails "nopvspin: locks do not wait in the host" logged "vmi: locks wait in the host"
	# the host says what became of its guest, and it is over at once
	t "a panic on another CPU ends it" says "Hardware Dom0 crashed" smp xen-pv-dom0 2 SMP_END=panic
	t "a reboot from another CPU ends it" says "Hardware Dom0 shutdown" smp xen-pv-dom0 2 SMP_END=reboot ;;
esac
finish
