#!/bin/bash
# SPDX-License-Identifier: MIT
# A domain that works is saved, and goes on where it was when it is restored, again and again; nobody else can put it to sleep.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=180 life_linux "save" "WORK=1" --memory 64 <<'EOT'
free=$(free_memory)
step "xl create" create guest
step "it works" said guest "work: 7 of 7 go on"
key guest sleep
step "without a wish of ours it cannot sleep" said guest "life: cannot sleep"
for turn in 1 2 3; do
	step "xl save, turn $turn" xl save guest /run/saved
	step "Xen has its memory back" free_again "$free"
	mark guest
	sleep 2
	step "xl restore" xl restore /run/saved
	step "it knows" said guest "vmi: restored after [0-9]{4}"
	step "it works" said guest "work: 7 of 7 go on"
	step "its wall clock is right" right_date guest
done
step "nothing went wrong" never_said guest "$BAD"
mark guest
step "xl shutdown of what was restored" xl shutdown -w guest
step "in order" said guest "life: poweroff"
step "Xen has its memory back" free_again "$free"
EOT
finish
