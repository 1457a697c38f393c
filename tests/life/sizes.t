#!/bin/bash
# SPDX-License-Identifier: MIT
# Domains with few and many processors, with little and much memory: all of it is theirs, and they end in order.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=240 life_linux "sizes" "WORK=1" --cpus 2 --memory 3072 --dom0-memory 640 <<'EOF'
# size CPUS MIB - a domain of that size; a sixteenth, and 24 MiB, of its memory may be the kernel's own
size() {
	step "$1 CPU, $2 MiB" create "guest$1" "vcpus = $1" "memory = $2"
	step "it works, with all CPUs" said "guest$1" "life: beat [3-9].* cpus $1 " 60
	kib=$(heard "guest$1" | sed -n 's/.* memory \([0-9]*\) .*/\1/p' | tail -n 1)
	step "it has its memory" [ "$kib" -ge $((($2 - $2 / 16 - 24) * 1024)) ]
	step "its work goes well" said "guest$1" "work: 7 of 7 go on" 60
	step "nothing went wrong" never_said "guest$1" "$BAD"
	step "xl shutdown" timeout 60 xl shutdown -w "guest$1"
	step "it is gone" gone "guest$1"
	step "Xen has its memory back" free_again "$free"
}

free=$(free_memory)
size 1 64
size 2 3072
size 8 256
EOF
finish
