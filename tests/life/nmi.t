#!/bin/bash
# SPDX-License-Identifier: MIT
# xl trigger nmi is to the guest what the button is to a machine: an NMI without a reason, said once, and on it goes. A
# kernel that gives up is a crash to xl, which does what on_crash says; its last words are on its console.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=120 life_linux "nmi" "" --memory 64 <<'SCRIPT'
step "xl create" create guest
step "it beats" said guest "life: beat 3"
mark guest
step "xl trigger nmi" xl trigger guest nmi
step "the kernel reports it, without a reason" said guest "NMI received for unknown reason 00 on CPU 0"
step "not as an error of a bus" never_said guest "SERR|IOCK|PCI system error"
mark guest
step "it beats on" said guest "life: beat"
for nr in 1 2 3 4 5; do
	step "NMI $nr" xl trigger guest nmi
done
mark guest
step "it beats on" said guest "life: beat"
step "xl shutdown -w" timeout 30 xl shutdown -w guest
step "it is gone" gone guest
SCRIPT

BOOT_TIMEOUT=120 life_linux "crash" "" --memory 64 <<'SCRIPT'
step "xl create" create guest 'on_crash = "preserve"'
step "it beats" said guest "life: beat 3"
mark guest
step "it is told to crash" xl sysrq guest c
step "the reason is on its console" said guest "Kernel panic - not syncing"
step "xl list says crashed" is guest c
step "xl destroy" xl destroy guest
step "it is gone" gone guest
SCRIPT
finish
