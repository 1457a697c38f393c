#!/bin/bash
# SPDX-License-Identifier: MIT
# vmihv with several domains: their consoles, their shares of the processor, what hostile ones can do; and what it refuses.
. "$(dirname "$0")/lib.sh"

# One that never gives the processor away does not keep it.
before() {	# NAME NAME
	local first second
	first=$(grep -n "^\[$1\] VMI-VERDICT: pass" "$TMP/log") second=$(grep -n "^\[$2\] VMI-VERDICT: pass" "$TMP/log")
	[ "${first%%:*}" -lt "${second%%:*}" ] || { cat "$TMP/log"; return 1; }
}

# The same instructions for each round: with the emulator's clock counting them, shares are exact.
fair() {
	local a b
	a=$(sed -n 's/^\[a\] rounds //p' "$TMP/log")
	b=$(sed -n 's/^\[b\] rounds //p' "$TMP/log")
	[ -n "$a" ] && [ -n "$b" ] && [ $((a > b ? a - b : b - a)) -le $((a / 50)) ]
}

# What one has not had, of a second, the other had.
stolen() {
	local ms name
	for name; do
		ms=$(sed -n "s/^\[$name\] stolen ms //p" "$TMP/log")
		[ "${ms:-0}" -ge 400 ] && [ "$ms" -le 600 ] || { echo "$name: ${ms:-nothing} ms"; return 1; }
	done
}

for abi in v1 v2; do
	vmihv $SVM "abi $abi" "$(domain good $abi work)" "$(domain evil $abi hostile)" "$(domain deaf $abi spin)" \
		"$(domain early $abi sleep)" "$(domain gone $abi triple)"
	t "$abi: neighbours of hostile domains finish their work" ends good early deaf
	t "$abi: a sleeper goes before one that works" before early good
	t "$abi: and that before one that never waits" before good deaf
	t "$abi: 40,000 wild instructions later a domain that reaches for other memory is killed, with its registers" \
		says "^\[evil\] still here" "^vmihv! domain 2 \(evil\) is killed: it reaches for guest-physical 3f000000" "^rax "
	t "$abi: so is one that faults three times" says "^vmihv! domain 5 \(gone\) is killed: triple fault"
	t "$abi: a log is not for a guest to fill" \
		test "$(grep -c '(evil): hypercall .* is refused' "$TMP/log")" = 10
	first=$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")
	t "$abi: all memory comes back" freed "${first:-none}"
done

QEMU_ARGS=(-icount shift=0,sleep=off)
vmihv $SVM "abi v2" "$(domain a v2 work)" "$(domain b v2 work)"
t "two that compete both finish" ends a b
t "and their shares differ by less than 2 %" fair
t "each knows that half of its time went to the other" stolen a b
QEMU_ARGS=()

vmihv qemu64,-svm "abi v1" "$(domain a v1 work)"
t "a processor without SVM" says "^vmihv! domain 1 \(a\) is not created: this processor has no container"
vmihv $SVM "abi v1" "$(domain a v1 work)" "colour blue"
t "a wrong line is named" says "panic: configuration, line 8: \`colour' is not a word of this language"
vmihv $SVM "abi v1" "$(domain a v2 work)"
t "the other ABI's ROM is not this host's: the domain ends" says "\(a\) is killed: it halts with interrupts off"
vmihv $SVM "abi v1" "$(domain a v1 work)" "rom native.rom"
t "a ROM that promises more than the domain has" says "\(a\) is not created: the ROM promises features"
vmihv $SVM "abi v1" "$(domain a v1 work)" "kernel none"
t "a module that is not there" says "\(a\) is not created: there is no module \`none'"
vmihv $SVM "abi v1" "$(domain a v1 work)" "mode fv"
t "a mode that is not built" says "\(a\) is not created: mode \`fv' is not built: it needs emulated devices"
vmihv $SVM "abi v1" "$(domain a v1 work)" "memory 1024"
t "more memory than there is" says "\(a\) is not created: only [0-9]+ MiB are free"
vmihv $SVM "abi v1" "$(domain a v1 work)" "kernel native.rom"
t "a kernel that is none" says "\(a\) is not created: the kernel is not an ELF file"
finish
