#!/bin/bash
# SPDX-License-Identifier: MIT
# A checkpoint (xl save -c) leaves the domain running; so does a save that fails. The state of a checkpoint is as good as any.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=180 life_linux "checkpoint" "WORK=1" --memory 64 <<'EOT'
mkdir /run/small
mount -t tmpfs -o size=8m tmpfs /run/small
no_save() { ! xl save guest /run/small/saved; }

step "xl create" create guest
step "it works" said guest "work: 7 of 7 go on"
id=$(domid guest)
for turn in 1 2 3; do
	mark guest
	step "xl save -c, turn $turn" xl save -c guest /run/saved
	step "it knows that it goes on here" said guest "vmi: resumed after"
	step "it works" said guest "work: 7 of 7 go on"
	step "its wall clock is right" right_date guest
done
mark guest
step "xl save where there is no room" no_save
step "it goes on" said guest "vmi: resumed after"
step "it works" said guest "work: 7 of 7 go on"
step "it is the same domain" [ "$(domid guest)" = "$id" ]
step "nothing went wrong" never_said guest "$BAD"
step "xl destroy" xl destroy guest
step "it is gone" gone guest
mark guest
step "xl restore of the last checkpoint" xl restore /run/saved
step "it knows" said guest "vmi: restored after"
step "it works" said guest "work: 7 of 7 go on"
step "its wall clock is right" right_date guest
step "nothing went wrong" never_said guest "$BAD"
mark guest
step "xl save of what was restored" xl save -c guest /run/saved
step "it works" said guest "work: 7 of 7 go on"
EOT
finish
