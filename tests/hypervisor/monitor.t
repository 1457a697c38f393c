#!/bin/bash
# SPDX-License-Identifier: MIT
# The monitor on vmihv's console; what is created and destroyed again and again leaves nothing behind.
. "$(dirname "$0")/lib.sh"
KEYS=$TMP/keys
TIMES=${TIMES:-50}

typed() { printf '\035'; printf '%s\r' "$@"; printf '\035'; }

typed list "pause deaf" list "unpause deaf" "dump deaf" "reboot deaf" "destroy deaf" "pause deaf" \
	"create deaf" "create deaf" "focus deaf" "destroy nobody" help "destroy deaf" >"$KEYS"
vmihv $SVM "abi v2" "$(domain deaf v2 spin)"
t "list" says "^1 deaf: alive, 8 MiB and [0-9]+ KiB to keep it, [0-9]+ us, [0-9]+ exits, 0 calls refused" \
	"^[0-9]+ KiB are free, [0-9]+ KiB record who has which frame, [0-9]+ KiB are vmihv.s own"

# Nested tables, control blocks and the map of its chunks, and its part of the records.
kept() {	# MIB
	local kept
	kept=$(sed -n 's/^1 deaf: alive, .* MiB and \([0-9]*\) KiB to keep it.*/\1/p' "$TMP/log" | head -1)
	[ "${kept:-0}" -gt 0 ] && [ $(((kept + $1 * 1024 * 12 / 4096) * 100)) -lt $(($1 * 1024)) ]
}
t "what is kept for it is less than 1 % of its memory" kept 8
t "pause" says "^1 deaf: paused"
t "dump" says "^vCPU 0  cs:rip " "^exit code "
t "reboot" says "deaf\) has ended: reboot"
t "destroy" says "deaf\) has ended: destroyed" "^deaf is gone"
t "created three times, and not one that is there" \
	test "$(grep -c '^vmihv: domain 1 (deaf): 8 MiB, ABI v2' "$TMP/log")/$(grep -c '^deaf is there already' "$TMP/log")" = 3/1
t "a domain that is not there" says "^there is no domain .nobody'"
t "a word that is none" says "^list, or one of create"
t "in the end it is gone" says "no domain is left"

LISTENS="[deaf] spins"
typed "nmi deaf" >"$KEYS"
vmihv $SVM "abi v1" "$(domain deaf v1 spin)"
t "an NMI reaches a guest that has interrupts off" says "^\[deaf\] NMIs 1"
typed "nmi deaf" "destroy deaf" "nmi deaf" >"$KEYS"
vmihv $SVM "abi v2" "$(domain deaf v2 spin)"
t "but not one that is gone" says "^deaf is gone"

LISTENS=" KiB are free for domains"
mapfile -t again < <(for ((i = 0; i < TIMES; i++)); do printf 'destroy deaf\ncreate deaf\n'; done)
typed "${again[@]}" "destroy deaf" >"$KEYS"
vmihv $SVM "abi v1" "$(domain deaf v1 spin)"
t "created and destroyed $TIMES times" test "$(grep -c 'has ended: destroyed' "$TMP/log")" = $((TIMES + 1))
t "and all memory is free again" \
	freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"
finish
