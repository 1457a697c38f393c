#!/bin/bash
# SPDX-License-Identifier: MIT
# From one domain to another on the same host. A Xen without shadow paging, as Debian's, cannot track what a running
# paravirtual domain writes, so xl migrate fails before it begins, and the domain must not mind; there the domain
# is saved into a receiver that restores it at the same time.
. "$(dirname "$0")/lib.sh"

cat >"$TMP/steps" <<'EOT'
# What xl migrate does, but for the rounds before the domain is stopped. The receiver says on its output how far it is, and
# waits on its input to be told that the domain is its own.
by_hand() {
	mkfifo /run/wire /run/answer
	xl migrate-receive </run/wire >/run/answer 2>/run/receiver.log &
	by_hand_pid=$!
	exec 3>/run/wire 4</run/answer
	xl save guest /run/wire && printf 'domain is yours, you are cleared to unpause\000' >&3
	exec 3>&-
	wait $by_hand_pid && until_true 10 there guest || cat /run/receiver.log
	exec 4<&-
	rm /run/wire /run/answer
	there guest
}

migrate() {
	xl migrate -s "" guest "xl migrate-receive"
}

step "xl create" create guest
step "it works" said guest "work: 7 of 7 go on"
for turn in 1 2; do
	id=$(domid guest)
	mark guest
	if migrate >/run/migrate.log 2>&1; then
		echo "VMI-STEP: ok xl migrate, turn $turn"
	elif grep -q "Failed to enable logdirty: 95" /run/migrate.log; then
		skipped "xl migrate" "this Xen has no shadow paging"
		step "the domain does not mind" said guest "work: 7 of 7 go on"
		mark guest
		step "saved into a receiver, turn $turn" by_hand
	else
		step "xl migrate, turn $turn" sh -c "cat /run/migrate.log; false"
	fi
	step "it is another domain" [ "$(domid guest)" != "$id" ]
	step "it knows" said guest "vmi: restored after"
	step "it works" said guest "work: 7 of 7 go on"
	step "its wall clock is right" right_date guest
done
step "nothing went wrong" never_said guest "$BAD"
mark guest
step "xl shutdown" xl shutdown -w guest
step "in order" said guest "life: poweroff"
EOT

migrates() {	# NAME [OPTION...]
	local name=$1
	shift
	BOOT_TIMEOUT=240 life_linux "$name" "WORK=1" --memory 64 "$@" <"$TMP/steps"
}

migrates "Debian's Xen"
# one that `make soak' has built, with shadow paging and assertions
DEBUG_XEN=${XDG_CACHE_HOME:-$HOME/.cache}/vmi/xen/xen-4.17-debug.gz
if [ -e "$DEBUG_XEN" ]; then
	migrates "Xen with shadow paging" --xen "$DEBUG_XEN" --xen-append "loglvl=all guest_loglvl=all"
else
	skip "Xen with shadow paging" "make soak has not built it"
fi
finish
