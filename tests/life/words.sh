# SPDX-License-Identifier: MIT
# In front of every script of this folder: more words than those of rom-tools/dom0/steps.sh.
# shellcheck shell=sh

# Nothing in its life that a healthy Linux does not say; a guest with WORK=1 checks itself.
BAD="work: wrong|went back|BUG|WARNING|Call Trace|Oops|vmi xen-pvh?:"

# right_date NAME - its wall clock is ours, but for the time it takes to look.
right_date() {
	date_there=$(heard "$1" | sed -n 's/.* date \([0-9]*\)$/\1/p' | sort -n | tail -n 1)
	date_off=$(($(date +%s) - date_there))
	[ $date_off -ge -1 ] && [ $date_off -le 3 ] || {
		echo "$1 is $date_off seconds behind"
		return 1
	}
}
