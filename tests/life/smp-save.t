#!/bin/bash
# SPDX-License-Identifier: MIT
# A domain of several CPUs is saved and restored: all of them come back, those that were taken away stay away, and can be had again.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=240 life_linux "several CPUs" "WORK=1" --memory 96 <<'EOT'
# busy guests leave the first domain its part of the only processor
xl sched-credit2 -d 0 -w 4096
step "xl create" create guest 'vcpus = 4'
step "it has four" said guest " cpus 4 " 60
step "it works" said guest "work: 7 of 7 go on" 60
mark guest
step "a checkpoint" xl save -c guest /run/saved
step "it has four" said guest " cpus 4 " 60
step "it works" said guest "work: 7 of 7 go on" 60
for turn in 1 2; do
	step "xl save, turn $turn" xl save guest /run/saved
	mark guest
	step "xl restore" xl restore /run/saved
	step "it has four" said guest " cpus 4 " 60
	step "it works" said guest "work: 7 of 7 go on" 60
done
mark guest
step "xl vcpu-set 2" xl vcpu-set guest 2
step "it has two" said guest " cpus 2 " 60
step "xl save" xl save guest /run/saved
mark guest
step "xl restore" xl restore /run/saved
step "it has two" said guest " cpus 2 " 60
step "it works" said guest "work: 7 of 7 go on" 60
mark guest
step "xl vcpu-set 4" xl vcpu-set --ignore-host guest 4
step "it has four" said guest " cpus 4 " 60
step "it works" said guest "work: 7 of 7 go on" 60
step "nothing went wrong" never_said guest "$BAD"
mark guest
step "xl shutdown" xl shutdown -w guest
step "in order" said guest "life: poweroff"
EOT
finish
