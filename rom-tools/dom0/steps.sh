# SPDX-License-Identifier: MIT
# What a script of `vmi run --dom0-script' is written in; it runs in the first domain, in busybox's shell, with xl. Domains
# are made from /guest/config; their consoles are kept in log files and shown with "NAME| " in front of each line.
# shellcheck shell=sh

CONSOLES=/var/log/xen/console
shown=

# step WHAT COMMAND... - a step: what it says of itself is on the console; the first one that fails is the last.
step() {
	step_what=$1
	shift
	if "$@" >/run/step.log 2>&1; then
		echo "VMI-STEP: ok $step_what"
		return
	fi
	echo "VMI-STEP: not ok $step_what"
	sed 's/^/  /' /run/step.log
	echo "the domains:"
	xl list
	xl dmesg | tail -n 20 | sed 's/^/xen| /'
	sleep 1
	echo "VMI-VERDICT: fail step: $step_what"
	while :; do sleep 60; done
}

# skipped WHAT REASON
skipped() {
	echo "VMI-STEP: ok $1 # SKIP $2"
}

# A script that gets to its end passes.
finish() {
	[ -z "$shown" ] || sleep 1
	cat "$CONSOLES"/guest-*.log 2>/dev/null | tr -d '\r' | sed -n 's/^.*\(VMI-\(BUILD-ID\|ROM\):\)/\1/p' | tail -n 2
	echo "VMI-VERDICT: pass"
	while :; do sleep 60; done
}

# until_true SECONDS COMMAND...
until_true() {
	until_left=$(($1 * 10))
	shift
	while ! "$@"; do
		[ $((until_left -= 1)) -gt 0 ] || return 1
		usleep 100000
	done
}

# config NAME [LINE...] - writes /run/NAME.cfg: /guest/config under another name, with more lines; the last one counts.
config() {
	config_name=$1
	shift
	cat /guest/config
	echo "name = \"$config_name\""
	for line; do
		echo "$line"
	done
}

# create NAME [LINE...] - has xl create it, and shows its console from now on.
create() {
	config "$@" >"/run/$1.cfg"
	show "$1"
	xl create -q "/run/$1.cfg"
}

# While it migrates a domain has another name, and its console's log too.
logs_of() {
	ls "$CONSOLES/guest-$1.log" "$CONSOLES/guest-$1--incoming.log" 2>/dev/null
}

show() {
	case " $shown " in *" $1 "*) return ;; esac
	shown="$shown $1"
	for show_log in "$CONSOLES/guest-$1.log" "$CONSOLES/guest-$1--incoming.log"; do
		touch "$show_log"
		tail -f -n +1 "$show_log" 2>/dev/null | awk -v name="$1" '{ print name "| " $0; fflush() }' >/dev/console &
	done
}

# mark NAME - `said' looks at what comes from here on.
mark() {
	for mark_log in $(logs_of "$1"); do
		stat -c %s "$mark_log" >"$mark_log.mark"
	done
}

# heard NAME - what it has said since the mark, or since ever.
heard() {
	for heard_log in $(logs_of "$1"); do
		tail -c "+$(($(cat "$heard_log.mark" 2>/dev/null || echo 0) + 1))" "$heard_log"
	done | tr -d '\r'
}

heard_it() {
	heard "$1" | grep -Eq -- "$2"
}

# said NAME REGEX [SECONDS]
said() {
	until_true "${3:-30}" heard_it "$1" "$2" || {
		echo "$1 did not say: $2; but, at the end:"
		heard "$1" | tail -n 20
		return 1
	}
}

# never_said NAME REGEX - in all its life
never_said() {
	! cat $(logs_of "$1") | grep -E -- "$2"
}

# silent NAME SECONDS - it says nothing for so long.
silent() {
	sleep 1
	mark "$1"
	sleep "$2"
	[ -z "$(heard "$1")" ] || heard "$1"
	[ -z "$(heard "$1")" ]
}

# state NAME - a word of xl's letters: r-b-p-s-c-d.
state() {
	xl list "$1" 2>/dev/null | awk 'NR > 1 { print $5 }'
}

has_state() {
	state "$1" | grep -q "$2"
}

# is NAME LETTER [SECONDS]
is() {
	until_true "${3:-30}" has_state "$1" "$2" || {
		echo "$1 is $(state "$1"), not $2"
		return 1
	}
}

there() {
	xl domid "$1" >/dev/null 2>&1
}

missing() {
	! there "$1"
}

# gone NAME [SECONDS]
gone() {
	until_true "${2:-30}" missing "$1" || {
		echo "$1 is still there"
		return 1
	}
}

# free_memory - MiB that Xen has left
free_memory() {
	xl info | awk '$1 == "free_memory" { print $3 }'
}

has_free() {
	[ "$(free_memory)" -ge "$1" ]
}

# free_again MIB [SECONDS] - Xen scrubs what a domain leaves behind in its own time.
free_again() {
	until_true "${2:-20}" has_free "$1" || {
		echo "$(free_memory) MiB are free, not $1"
		return 1
	}
}

# domid NAME
domid() {
	xl domid "$1"
}

# stored NAME KEY
stored() {
	xenstore-read "/local/domain/$(domid "$1")/$2"
}

# key NAME TEXT - types a line at its console.
key() {
	echo "$2" >"$(stored "$1" console/tty)"
}
