#!/bin/bash
# SPDX-License-Identifier: MIT
# A domain in a hardware container lives as a paravirtual one does: the very tests of this folder, with such a domain.
. "$(dirname "$0")/lib.sh"

case " $HOSTS " in *" xen-pvh-domu "*) ;; *) skip_all "there is no first domain for xen-pvh-domu" ;; esac

# again TEST - each of its claims is one here.
again() {
	local line plan=
	while IFS= read -r line; do
		case $line in
		"ok "*) tap_say ok "$1, ${line#* - }" ;;
		"not ok "*) tap_failed=$((tap_failed + 1)); tap_say "not ok" "$1, ${line#* - }" ;;
		"1.."*) plan=$line ;;
		*) echo "$line" ;;
		esac
	done < <(LIFE_HOST=xen-pvh-domu bash "tests/life/$1.t" 2>/dev/null)
	t "$1: to its end" [ "$plan" ]
}

for test in wishes vcpus balloon save smp-save; do
	again $test
done
finish
