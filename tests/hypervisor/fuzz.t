#!/bin/bash
# SPDX-License-Identifier: MIT
# Every hypercall of both ABIs, with arguments of all sorts, as often as CALLS says: vmihv and a neighbour that works
# outlive it. SEED repeats what a seed has found.
. "$(dirname "$0")/lib.sh"
CALLS=${CALLS:-100000} FEW=$((CALLS / 50))
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
BESIDE=$((CALLS / 20000 + 2))	# seconds for which the neighbour works

# Numbers that the guest does not know would be called by chance only.
all_known() {	# FILE VERSION
	local name
	for name in $(grep -oE "\{ VMIHV_V$2_[A-Z_]+, [a-z_]+, " "hypervisor/hypercall/v$2.c" | grep -oE 'VMIHV_[A-Z0-9_]+'); do
		grep -qE "\{ $name( |,)" "$1" || { echo "$name is not called"; return 1; }
	done
}
for version in 1 2; do
	t "v$version: no call is left out" all_known tests/hypervisor/guest/fuzz.c $version
	sed "s/VMIHV_V${version}_\(KICK\|ROUSE\) }/0 }/" tests/hypervisor/guest/fuzz.c >"$TMP/fuzz.c"
	fails "v$version: one that is would be seen" all_known "$TMP/fuzz.c" $version
done

# What is written to the console is anything: the guest's own lines may end up behind it.
told() {	# NAME WHAT
	sed -n "s/^\[$1\] .*$2 \([0-9]*\)$/\1/p; s/^\[$1\] $2 \([0-9]*\)$/\1/p" "$TMP/log" | tail -1
}

outlived() {
	grep -aE '^vmihv|^\[work\]|VMI-|fuzz [a-z]+ [0-9]+' "$TMP/log" >"$TMP/short" && mv "$TMP/short" "$TMP/log"
	ends work && says "\(fuzz\) has ended: power off" || { echo "SEED=$SEED"; return 1; }
}

# Calls that succeed and calls that do not, and a second vCPU that has come and gone.
sensible() {	# NAME CALLS
	local name=$1 all=$2 calls refused restarts
	calls=$(told "$name" 'fuzz calls') refused=$(told "$name" 'fuzz refused') restarts=$(told "$name" 'fuzz restarts')
	echo "# $name: ${calls:-no} calls, ${refused:-no} refused, second vCPU started ${restarts:-0} times, SEED=$SEED"
	[ "${calls:-0}" = "$all" ] && [ $((refused * 10)) -gt "$all" ] && [ $((refused * 10)) -lt $((all * 9)) ] &&
		[ "${restarts:-0}" -gt 0 ]
}

repeats() {
	local hash
	hash=$(told once 'fuzz hash')
	[ -n "$hash" ] && [ "$hash" = "$(told again 'fuzz hash')" ]
}

for abi in v1 v2; do
	QEMU_ARGS=(-smp 1)
	vmihv $SVM "abi $abi" "$(domain work $abi "work seconds=$BESIDE")" \
		"$(domain fuzz $abi "fuzz seed=$SEED calls=$CALLS")" "vcpus 2" \
		"$(domain once $abi "fuzz seed=$SEED calls=$FEW")" "vcpus 2" \
		"$(domain again $abi "fuzz seed=$SEED calls=$FEW")" "vcpus 2"
	t "$abi: $CALLS calls from seed $SEED; their neighbour's checksums are right" outlived
	t "$abi: some succeed, some do not" sensible fuzz $CALLS
	t "$abi: the same seed makes the same calls" repeats
	t "$abi: all memory comes back" \
		freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"

	# On two processors both vCPUs are in vmihv at once; that the emulator lets one wait for the other makes it slow.
	QEMU_ARGS=(-smp 2)
	vmihv $SVM "abi $abi" "$(domain work $abi "work seconds=2")" "$(domain fuzz $abi "fuzz seed=$SEED calls=$FEW")" "vcpus 2"
	t "$abi: $FEW calls on two processors" ends work fuzz
	t "$abi: some succeed, some do not" sensible fuzz $FEW

	garbage=()
	for n in 1 2 3 4 5 6; do
		garbage+=("$(domain "g$n" $abi "garbage seed=$((SEED * 8 + n))$([ $n = 1 ] || echo " mode")")" "vcpus 2")
	done
	vmihv $SVM "abi $abi" "$(domain work $abi "work seconds=2")" "${garbage[@]}"
	t "$abi: vCPUs that begin in a state that is none; the neighbour works on" ends work
	t "$abi: what is not 64-bit mode is refused" says "^\[g1\] garbage is refused"
	t "$abi: what is has begun" test "$(grep -c "^\[g[2-6]\] garbage is refused" "$TMP/log")" = 0
	t "$abi: each is refused or the end of its domain" test "$(grep -cE '^vmihv: domain . \(g.\) has ended' "$TMP/log")" = 6
	t "$abi: and all memory comes back" \
		freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"
done
finish
