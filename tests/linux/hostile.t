#!/bin/bash
# SPDX-License-Identifier: MIT
# What root in user space can think of (tests/guest/hostile.c) neither harms the kernel nor the host below it, nor takes
# for ever. Not natively: the emulator takes what a program's own IRET, far call and INT read and write for the kernel's.
# noreplace-smp: it also adds DS's base where a kernel for one processor has a DS prefix for LOCK, and a process has a DS.
. "$(dirname "$0")/lib.sh"

hostile() {	# HOST [OPTION...]
	local host=$1
	shift
	linux "$host" "vmi=require quiet noreplace-smp VMI_RUN=hostile" --timeout 400 "$@"
}

# What Xen says when a guest has got through to it. What it refuses is no harm.
xen_is_well() {
	! grep -aE '^\(XEN\).*(crash|panic|Panic|Assertion|BUG|WARN|Xen call trace|FATAL)' "$TMP/log"
}

steps() {
	tr -d '\r' < "$TMP/log" | grep -a '^hostile '
}

for host in xen-pv-dom0 xen-pv-domu; do
	case $HOSTS in *"$host"*) ;; *) continue ;; esac
	t "$host: the guest survives root" hostile "$host"
	note < <(steps)
	t "$host: all steps were gone through" eval '[ "$(steps | wc -l)" = 23 ]'
	t "$host: Xen has nothing to say" xen_is_well
done
for host in vmihv-v1-pv vmihv-v2-pv; do
	case " $HOSTS " in *" $host "*) ;; *) continue ;; esac
	t "$host: the guest survives root" hostile "$host"
	note < <(steps)
	t "$host: all steps were gone through" eval '[ "$(steps | wc -l)" = 23 ]'
done
[ "$tap_count" -gt 0 ] || skip_all "there is neither Xen nor vmihv"
finish
