#!/bin/bash
# SPDX-License-Identifier: MIT
# The completion offers every command, every option that a command's help names, and values where they are words.
. "$(dirname "$0")/../lib/tap.sh"
. rom-tools/completion/vmi

# words WORD... - what is offered for the last of them.
words() {
	COMP_WORDS=("$VMI" "$@")
	COMP_CWORD=$#
	COMPREPLY=()
	_vmi
	printf '%s\n' "${COMPREPLY[@]}"
}

offers() {	# EXPECTED WORD...
	local expected=$1
	shift
	grep -qxF -- "$expected" < <(words "$@") || { words "$@"; echo "expected: $expected"; return 1; }
}

only() {	# EXPECTED WORD...
	local expected=$1 got
	shift
	got=$(words "$@")
	[ "$got" = "$expected" ] || { echo "$got"; echo "expected only: $expected"; return 1; }
}

for command in $("$VMI" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
	t "the command $command" offers "$command" ""
	t "its --help" offers --help "$command" --
done
t "a command that is begun" only detect de
t "an option that is begun" only --record= detect --rec
t "an option without a value" only --json detect --j
for host in $("$VMI" run --list-hosts | cut -d' ' -f1); do
	t "the host $host" offers "$host" run --host ""
	t "the host $host behind a sign" offers "$host" run --host = ""
done
t "right behind the sign" offers native-pvh run --host =
t "a form that is begun" only libvirt domain --to l
t "files elsewhere: nothing of its own" only "" inspect build/
finish
