# SPDX-License-Identifier: MIT
# What tests/soak has a first domain do: while the guest works, it is paused, its memory and processors are taken and given
# back, it is saved and restored, and migrated to where it is. In the language of rom-tools/dom0/steps.sh; SOAK_WISHES says which.
# shellcheck shell=sh

patience=60
over() { heard_it guest '^VMI-VERDICT:'; }

# A step, unless the guest has come to its end: what is wished of it then is lost.
wish() {
	over || step "$@"
}

works() {
	wish "it works" said guest 'soak: [0-9]+ s' $patience
}

online() {	# COUNT
	mark guest
	xl vcpu-set guest "$1" && said guest " cpus $1 " $patience
}

tries_pause() {
	wish "pause" xl pause guest
	sleep 1
	wish "unpause" xl unpause guest
}

tries_memory() {
	wish "memory: three quarters" xl mem-set guest $((mib * 3 / 4))
	sleep 3
	wish "memory: all" xl mem-set guest "$mib"
}

tries_cpus() {
	wish "processors: 1" online 1
	wish "processors: $cpus" online "$cpus"
}

tries_save() {
	wish "save" timeout $patience xl save guest /run/saved
	over && return
	wish "restore" timeout $patience xl restore /run/saved
	rm -f /run/saved
}

tries_migrate() {
	wish "migrate" timeout $patience xl migrate -s "" guest "xl migrate-receive"
}

# Complaints of Xen; the emulator's own part of them, while it starts, has been thrown away.
xen_is_content() {
	! xl dmesg | grep -iE 'assert|bug|warn|oops|leak|bad |error|mm\.c|panic|call trace|crash|still|invalid|fault|refus'
}

only_dom0() { [ "$(xl list | wc -l)" = 2 ]; }

free=$(free_memory)
xl dmesg -c >/dev/null
step "create" create guest "vcpus = $cpus" 'on_poweroff = "preserve"' 'on_crash = "preserve"'
step "it works" said guest 'soak: [0-9]+ s' $patience
round=0
while ! over; do
	for wish in $SOAK_WISHES; do
		mark guest
		"tries_$wish"
		works
	done
	round=$((round + 1))
	wish "round $round" true
done
rm -f "$CONSOLES"/*.mark
step "the guest has lost nothing" said guest '^VMI-VERDICT: pass' 1
xl destroy guest
step "nothing is left of it" until_true 20 only_dom0
step "Xen has its memory back" free_again "$free"
step "Xen has not complained" xen_is_content
