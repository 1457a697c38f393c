#!/bin/bash
# SPDX-License-Identifier: MIT
# Domains in ring 3, on a processor without SVM and beside containers on one with it: what hostile ones try with page tables,
# descriptor tables and hypercalls harms neither vmihv nor a neighbour that works. SEED repeats what a seed has found.
. "$(dirname "$0")/lib.sh"
SEED=${SEED:-$((RANDOM * 32768 + RANDOM))}
CALLS=${CALLS:-20000}
WILD=6		# domains that call anything

ring3() {	# NAME ABI WORD
	domain "$1" "$2-pv" "$3" | sed 's/^mode pvh/mode pv/'
}

# Each ends, by itself or by vmihv; together they have made so many calls.
wild_calls() {
	local n sum=0
	for n in $(seq $WILD); do
		grep -qE "\(wild$n\) has ended" "$TMP/log" || { cat "$TMP/log"; echo "wild$n is still there, SEED=$SEED"; return 1; }
		sum=$((sum + $(sed -n "s/^\[wild$n\] wild calls //p" "$TMP/log" | tail -n 1 | grep . || echo 0)))
	done
	echo "# $sum calls, SEED=$SEED"
	[ "$sum" -ge "$CALLS" ]
}

free_at_first() { sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log"; }

for abi in v1 v2; do
	for smp in 1 2; do
		QEMU_ARGS=(-smp $smp)
		vmihv qemu64,-svm "abi $abi" "$(ring3 good $abi "work seconds=4")" "$(ring3 tables $abi "ring3 tables")" \
			"$(ring3 segments $abi "ring3 segments")" "$(ring3 deaf $abi spin)" "$(ring3 early $abi sleep)" "$(ring3 storm $abi storm)"
		t "$abi, $smp processors: a neighbour of hostile domains finishes its work" ends good deaf early storm
		t "$abi, $smp processors: page tables that lead elsewhere are refused" ends tables
		t "$abi, $smp processors: gates, task segments and other privileged descriptors are refused" ends segments
		t "$abi, $smp processors: all memory comes back" freed "$(free_at_first)"
	done
	t "$abi: thousands of them were tried" says '^\[tables\] tables refused [0-9]{4,}$' '^\[segments\] segments refused [0-9]{3,}$'

	vmihv qemu64,-svm "abi $abi" "$(ring3 race $abi "ring3 race")" "vcpus 2"
	t "$abi: what is written on one processor while another makes it a table is forgotten in time" ends race

	wild=()
	for n in $(seq $WILD); do
		wild+=("$(ring3 "wild$n" $abi "ring3 wild seed=$((SEED + n)) calls=$CALLS")")
	done
	vmihv qemu64,-svm "abi $abi" "$(ring3 good $abi "work seconds=3")" "${wild[@]}"
	t "$abi: any hypercalls, from seed $SEED; the neighbour's checksums are right" ends good
	t "$abi: enough of them" wild_calls
	t "$abi: and all memory comes back" freed "$(free_at_first)"
	QEMU_ARGS=()

	THEN=("[g] listens" '\035shutdown g\r\035')
	vmihv qemu64,-svm "abi $abi" "$(ring3 g $abi balloon)"
	t "$abi: it shuts down when it is asked to" ends g
	THEN=()

	vmihv $SVM "abi $abi" "$(ring3 one $abi work)" "$(domain two $abi work)" "$(ring3 tables $abi "ring3 tables")" \
		"$(domain evil $abi hostile)"
	t "$abi: in ring 3 and in containers at a time, each beside a hostile one" ends one two tables
done

# As in domains.t: the same instructions for each round, so that shares are exact.
QEMU_ARGS=(-icount shift=0,sleep=off)
vmihv qemu64,-svm "abi v2" "$(ring3 a v2 work)" "$(ring3 b v2 work)"
t "two that compete both finish" ends a b
rounds() { sed -n "s/^\[$1\] rounds //p" "$TMP/log"; }
t "and their shares differ by less than 2 %" \
	eval '[ $(($(rounds a) > $(rounds b) ? $(rounds a) - $(rounds b) : $(rounds b) - $(rounds a))) -le $(($(rounds a) / 50)) ]'
QEMU_ARGS=()

vmihv qemu64,-svm "abi v1" "$(ring3 a v2 work)"
t "the other ABI's ROM is not this host's: the domain ends" says "\(a\) is killed: its kernel has no entry for 6"
vmihv qemu64,-svm "abi v1" "$(ring3 a v1 work)" "rom vmihv-v1.rom"
t "a container's ROM" says "\(a\) is not created: the ROM promises features"
QEMU_ARGS=(-m 3072)
vmihv qemu64,-svm "abi v1" "$(ring3 a v1 work)" "memory 2048"
t "too much" says "\(a\) is not created: without a container it may have 1024 MiB at most"
finish
