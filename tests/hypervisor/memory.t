#!/bin/bash
# SPDX-License-Identifier: MIT
# Memory that domains give back and get again, what other vCPUs have to forget, and domains and machines with much of it.
. "$(dirname "$0")/lib.sh"

free_kib() {	# N-TH: what `list' said was free
	sed -n 's/^\([0-9]*\) KiB are free, .*/\1/p' "$TMP/log" | sed -n "${1}p"
}

# Of 8 MiB the guest keeps 4, in whole chunks: what they took is all free.
gave_back() {
	local before after
	before=$(free_kib 1) after=$(free_kib 2)
	[ -n "$before" ] && [ "${after:-0}" -eq $((before + 4096)) ] || { cat "$TMP/log"; echo "$before $after"; return 1; }
}

for abi in v1 v2; do
	THEN=("[g] listens" '\035list\rmemory g 4\r\035' "[g] has KiB 4096" '\035list\rmemory g 5\r\035'
		"[g] has KiB 5120" '\035list\rmemory g 3\rmemory g 9\rmemory g\rmemory g 4\r\035'
		"[g] has KiB 4096" '\035memory g 5\rshutdown g\r\035')
	vmihv $SVM "abi $abi" "$(domain g $abi balloon)" "$(domain work $abi "work seconds=1")"
	t "$abi: a domain gives back half of its memory" says "^\[g\] has KiB 4096" "^1 g: alive, 4 MiB and"
	t "$abi: and that is free" gave_back
	t "$abi: it gets some of it again" says "^\[g\] has KiB 5120" "^1 g: alive, 5 MiB and"
	t "$abi: not more than it was made with is offered" says "^.memory' wants a domain.s name and a number of MiB from 4 to 8"
	t "$abi: it cannot take more than the administrator wants" says "^\[g\] ends with KiB 5120"
	t "$abi: it shuts down when it is asked to" ends g work
	t "$abi: and all memory comes back" \
		freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"
done
THEN=()

QEMU_ARGS=(-smp 2)
vmihv $SVM "abi v2" "$(domain g v2 flush)" "vcpus 2"
t "v2: another vCPU's translations are forgotten" says "^\[g\] stale 0" "^\[g\] VMI-VERDICT: pass"
vmihv $SVM "abi v2" "$(domain g v2 "flush never")" "vcpus 2"
t "v2: without the call they are not" says "^\[g\] stale [1-9]"

QEMU_ARGS=(-m 16384)
vmihv $SVM "abi v1" "$(domain big v1 large)" "memory 1538" "$(domain work v1 work)" "$(domain huge v1 large)" "memory 16384"
t "a machine of 16 GiB" says "^vmihv: 163[0-9]{2} MiB of memory"
t "a domain of more than 1 GiB has all of it" says "^\[big\] marks 769"
t "and a neighbour" ends big work
t "one with more than there is is not made" says "\(huge\) is not created: only 1[0-9]{4} MiB are free"
t "and all memory comes back" \
	freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"
QEMU_ARGS=()
finish
