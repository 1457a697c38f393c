#!/bin/bash
# SPDX-License-Identifier: MIT
# Pages that two domains have in common: a channel between two guests, others that want to listen, and ends of either side.
. "$(dirname "$0")/lib.sh"

free_again() {
	freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"
}

for abi in v1 v2; do
	for cpus in 1 2; do
		QEMU_ARGS=(-smp $cpus)
		vmihv $SVM "abi $abi" "$(domain a $abi "channel first peer=2")" "$(domain b $abi "channel second peer=1")" \
			"$(domain c $abi "intrude peer=1 seconds=1")" "$(domain d $abi "intrude peer=2 seconds=1")"
		t "$abi, $cpus CPUs: a MiB goes through a page" ends a b
		t "$abi, $cpus CPUs: all of it" says "^\[a\] sent 1048576" "^\[b\] received 1048576"
		t "$abi, $cpus CPUs: others get nothing of it" says "^\[c\] got nothing" "^\[d\] got nothing"
		t "$abi, $cpus CPUs: all memory comes back" free_again
	done
	vmihv $SVM "abi $abi" "$(domain a $abi "channel abandon first peer=2")" "$(domain b $abi "channel abandon second peer=1")"
	t "$abi: one that has lent a page ends" says "\(a\) has ended: power off"
	t "$abi: the other goes on with it" says "^\[b\] the page is still there" "^\[b\] VMI-VERDICT: pass"
	t "$abi: and all memory comes back" free_again
done
finish
