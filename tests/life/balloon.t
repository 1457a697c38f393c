#!/bin/bash
# SPDX-License-Identifier: MIT
# A domain's memory follows xl mem-set, down and up again, and the guest says so.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=200 life_linux "balloon" "" --memory 256 <<'SCRIPT'
free=$(free_memory)
# memory NAME - MiB, as xl list has it
memory() { xl list "$1" | awk 'NR > 1 { print $3 }'; }
has_memory() { [ "$(memory guest)" = "$1" ]; }
# total - KiB, as the guest says last
total() { mark guest; sleep 1; heard guest | sed -n 's/.* memory \([0-9]*\) .*/\1/p' | tail -n 1; }
about() { [ "$(total)" -ge $(($1 - 64)) ] && [ "$(total)" -le $(($1 + 64)) ]; }

step "xl create" create guest
step "it beats" said guest "life: beat 3"
all=$(total)
echo "guest: $all KiB of 262144"
before=$(free_memory)
step "xl mem-set to 128 MiB" xl mem-set guest 128
step "xl list follows" until_true 30 has_memory 128
step "MemTotal follows" about $((all - 131072))
step "Xen has the rest" free_again $((before + 120))
step "xl mem-set to 192 MiB" xl mem-set guest 192
step "xl list follows" until_true 30 has_memory 192
step "MemTotal follows" about $((all - 65536))
step "xl mem-set to 256 MiB" xl mem-set guest 256
step "xl list follows" until_true 30 has_memory 256
step "MemTotal is as it was" about "$all"
step "more than it can spare" xl mem-set guest 16
sleep 4
mark guest
step "it lives on" said guest "life: beat"
echo "guest: kept $(memory guest) MiB"
step "with some memory" [ "$(memory guest)" -gt 16 ]
step "xl mem-set to 256 MiB" xl mem-set guest 256
step "xl list follows" until_true 60 has_memory 256
step "MemTotal is as it was" about "$all"
step "xl shutdown -w" timeout 30 xl shutdown -w guest
step "it is gone" gone guest
step "Xen has its memory back" free_again "$free"

step "a domain that may grow" create guest "memory = 64" "maxmem = 256"
step "it beats" said guest "life: beat 3"
# in a container it has the map of all that it may have, and gives back what it has not
small() { [ "$(total)" -le 65536 ]; }
step "it has what it may have now" until_true 10 small
all=$(total)
echo "guest: $all KiB of 65536"
step "xl mem-set to 256 MiB" xl mem-set guest 256
step "xl list follows" until_true 30 has_memory 256
step "MemTotal follows" about $((all + 196608))
step "xl mem-set to 64 MiB" xl mem-set guest 64
step "xl list follows" until_true 30 has_memory 64
step "MemTotal is as it was" about "$all"
step "and to 100 MiB" xl mem-set guest 100
step "xl list follows" until_true 30 has_memory 100
step "xl destroy" xl destroy guest
step "Xen has its memory back" free_again "$free"
SCRIPT
finish
