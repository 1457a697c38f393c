#!/bin/bash
# SPDX-License-Identifier: MIT
# What vmi run makes of a guest: its verdict, by console or exit port; a guest that dies, hangs or says nothing fails.
. "$(dirname "$0")/lib.sh"

guest() {	# CASE; a kernel of 64 bits in name: vmi run reads such files
	nasm -f elf64 -DCASE="$1" -o "$TMP/$1.o" tests/boot/verdict.asm &&
		ld -Ttext=0x200000 --oformat elf64-x86-64 -z noexecstack -o "$TMP/$1" "$TMP/$1.o"
}

run() {	# CASE [OPTION...]
	local case=$1
	shift
	guest "$case" && boot native-bios "$TMP/$case" --no-rom --timeout 5 "$@"
}

t "a pass on the console" run pass
t "a pass at the exit port" run port
t "a fail on the console" says "on purpose" run failing
t "a fail at the exit port" says "exit port" run badport
t "a guest that hangs" says "no verdict within" run silent
t "its last lines are shown" says "these are my last words" run silent --quiet
t "a guest that dies" says "without a verdict" run dies
t "a guest that panics" says "the guest died" run panics
finish
