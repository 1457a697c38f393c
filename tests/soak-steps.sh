# SPDX-License-Identifier: MIT
# What tests/soak has a first domain do: while the guest works, it is paused, its memory and processors are taken and given
# back, it is saved and restored, and migrated to where it is. In the language of rom-tools/dom0/steps.sh; SOAK_WISHES says which.
# shellcheck shell=sh

patience=90

works() {
	step "it works" said guest 'soak: [0-9]+ s' $patience
}

online() {	# COUNT
	mark guest
	xl vcpu-set guest "$1" && said guest " cpus $1 " $patience
}

tries_pause() {
	step "pause" xl pause guest
	sleep 1
	step "unpause" xl unpause guest
}

tries_memory() {
	step "memory: three quarters" xl mem-set guest $((mib * 3 / 4))
	sleep 3
	step "memory: all" xl mem-set guest "$mib"
}

tries_cpus() {
	step "processors: 1" online 1
	step "processors: $cpus" online "$cpus"
}

tries_save() {
	step "save" timeout $patience xl save guest /run/saved
	step "restore" timeout $patience xl restore /run/saved
	rm -f /run/saved
}

# A Xen without shadow paging, as Debian's, cannot track what a running paravirtual domain writes.
no_tracking=
tries_migrate() {
	[ "$no_tracking" ] && return
	if timeout $patience xl migrate -s "" guest "xl migrate-receive" >/run/migrate.log 2>&1; then
		step "migrate" true
	elif grep -q "Failed to enable logdirty: 95" /run/migrate.log; then
		no_tracking=1
		skipped "migrate" "this Xen has no shadow paging"
	else
		step "migrate" sh -c "cat /run/migrate.log; false"
	fi
}

# Complaints of Xen; the emulator's own part of them, while it starts, has been thrown away.
xen_is_content() {
	! xl dmesg | grep -iE 'assert|bug|warn|oops|leak|bad |error|mm\.c|panic|call trace|crash|still|invalid|fault|refus'
}

only_dom0() { [ "$(xl list | wc -l)" = 2 ]; }

free=$(free_memory)
xl dmesg -c >/dev/null
step "create" create guest 'on_poweroff = "preserve"' 'on_crash = "preserve"'
step "it works" said guest 'soak: [0-9]+ s' $patience
round=0
# It works until its time is up, and then until the round is over.
time_is_up() { cat $(logs_of guest) | grep -Eq '^(soak: the time is up|VMI-VERDICT:)'; }
until time_is_up; do
	for wish in $SOAK_WISHES; do
		mark guest
		"tries_$wish"
		works
	done
	round=$((round + 1))
	step "round $round" true
done
mark guest
key guest end
step "the guest has lost nothing" said guest '^VMI-VERDICT: pass' $patience
xl destroy guest
step "nothing is left of it" until_true 20 only_dom0
step "Xen has its memory back" free_again "$free"
step "Xen has not complained" xen_is_content
