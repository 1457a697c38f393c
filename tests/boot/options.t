#!/bin/bash
# SPDX-License-Identifier: MIT
# What vmi run says of options that make no sense: one sentence, before anything boots.
. "$(dirname "$0")/lib.sh"

run() {	# HOST [OPTION...]
	local host=$1
	shift
	boot "$host" "$B/tiny" --timeout 5 "$@"
}

t "an unknown host" says "there is no host \`moon'" run moon
t "a script where there is no first domain" says "host native-pvh makes no domains" \
	run native-pvh --dom0-script "$0"
t "a domain's line there" says "host xen-pv-dom0 makes no domains" run xen-pv-dom0 --domain-line vcpus=2
t "memory of a first domain there" says "host native-bios makes no domains" run native-bios --dom0-memory 600
t "processors that are none" says "\`0' is not a number" run native-pvh --cpus 0
case " $HOSTS " in *vmihv-v1-pvh*) t "processors that a host has not" says "has at most 4 processors" run vmihv-v1-pvh --cpus 5 ;; esac
t "memory that is no number" says "\`much' is not a number" run xen-pv-domu --dom0-memory much
case " $HOSTS " in
*xen-pv-domu*)
	t "a script that is not there" says "the inner host's file $TMP/none cannot be opened" \
		run xen-pv-domu --dom0-script "$TMP/none"
	t "a file that is a folder" says "the inner host's file $TMP is not a regular file" \
		run xen-pv-domu --dom0-script "$0" --dom0-file "$TMP"
	;;
*) skip "files for a first domain" "there is no first domain for xen-pv-domu" ;;
esac

for minutes in none 0 -3; do
	t "soak for $minutes minutes" says "SOAK_MINUTES=$minutes is no length of time" \
		env SOAK_MINUTES="$minutes" tests/soak kernel initramfs
done

# lists HOST REASON - an empty cache: the host is left out of the list, with the reason.
lists() {
	XDG_CACHE_HOME=$TMP "$VMI" run --list-hosts >"$TMP/out" 2>"$TMP/err" && ! grep -q "^$1 " "$TMP/out" &&
		grep -q "^vmi run: $1 is left out: $2" "$TMP/err" || { cat "$TMP/out" "$TMP/err"; return 1; }
}
t "without a first domain no domains" lists xen-pv-domu "there is no first domain for it"
t "nor containers" lists xen-pvshim "there is no first domain for it"
[ -e /boot/xen-4.14-amd64.gz ] || t "a Xen that is not there" lists xen-4.14-pv-dom0 "there is no Xen 4.14 for it"
finish
