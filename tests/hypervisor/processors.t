#!/bin/bash
# SPDX-License-Identifier: MIT
# vmihv on several processors: domains run at once, what hostile ones do on one is not felt on another, and the monitor
# reaches them all.
. "$(dirname "$0")/lib.sh"
KEYS=$TMP/keys
TIMES=${TIMES:-50}
EMULATOR=()
: >"$KEYS"

# Who waits for a processor is told so: two that share one wait half of their time (domains.t).
waits() {	# MS-AT-LEAST MS-AT-MOST NAME...
	local least=$1 most=$2 ms name
	shift 2
	for name; do
		ms=$(sed -n "s/^\[$name\] stolen ms //p" "$TMP/log")
		[ "${ms:-$((most + 1))}" -ge "$least" ] && [ "$ms" -le "$most" ] ||
			{ cat "$TMP/log"; echo "$name: ${ms:-nothing} ms"; return 1; }
	done
}

on() {	# PROCESSORS CONFIG...
	QEMU_ARGS=(-smp "$1" "${EMULATOR[@]}")
	shift
	vmihv $SVM "$@"
	first=$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")
}

on 1 "abi v2" "$(domain a v2 work)" "$(domain b v2 work)"
t "1 processor" says "^vmihv: 1 of 1 processors"
fails "two domains on it do not run at once" waits 0 100 a b
on 2 "abi v2" "$(domain a v2 work)" "$(domain b v2 work)"
t "2 processors" says "^vmihv: 2 of 2 processors"
t "two domains on them run at once" waits 0 100 a b
t "and finish" ends a b
EMULATOR=(-icount shift=0,sleep=off)
on 2 "abi v1" "$(domain a v1 work)" "$(domain b v1 work)" "$(domain c v1 work)" "$(domain d v1 work)"
t "four on two wait half of their time" waits 400 600 a b c d
EMULATOR=()
on 12 "abi v1" "$(domain a v1 work)"
t "of 12 processors 8 are used" says "^vmihv: 8 of 12 processors" "\(a\) has ended: power off"

for abi in v1 v2; do
	on 4 "abi $abi" "$(domain good $abi work)" "$(domain evil $abi hostile)" "$(domain deaf $abi spin)" \
		"$(domain early $abi sleep)" "$(domain gone $abi triple)" "$(domain storm $abi storm)"
	t "$abi: neighbours of hostile domains finish their work" ends good early deaf storm
	t "$abi: who faults or reaches for other memory is killed" says "^vmihv! domain 5 \(gone\) is killed: triple fault" \
		"^\[evil\] still here" "^vmihv! domain 2 \(evil\) is killed: it reaches for guest-physical 3f000000"
	t "$abi: all memory comes back" freed "${first:-none}"
done

typed() { printf '\035'; printf '%s\r' "$@"; printf '\035'; }

mapfile -t again < <(for ((i = 0; i < TIMES; i++)); do printf 'destroy a\ncreate a\npause b\ndump b\nunpause b\nreboot b\n'; done)
typed "${again[@]}" "destroy a" "destroy b" >"$KEYS"
on 2 "abi v1" "$(domain a v1 spin)" "$(domain b v1 spin)"
t "destroyed and created, or paused and rebooted $TIMES times, while both run" \
	test "$(grep -c 'has ended: destroyed' "$TMP/log")/$(grep -c 'has ended: reboot' "$TMP/log")" = $((TIMES + 2))/$TIMES
t "each was there for it" test "$(grep -cE 'is there already|is gone' "$TMP/log")" = 0
t "and all memory is free again" freed "${first:-none}"

: >"$KEYS"
on 4 "abi v1" "$(domain a v1 work)" "colour blue"
t "a panic is one panic" test "$(grep -c 'panic' "$TMP/log")" = 1
finish
