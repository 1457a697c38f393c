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
t "memory that is no number" says "\`much' is not a number" run xen-pv-domu --dom0-memory much
case " $HOSTS " in
*xen-pv-domu*)
	t "a script that is not there" says "the first domain's file $TMP/none cannot be opened" \
		run xen-pv-domu --dom0-script "$TMP/none"
	t "a file that is a folder" says "the first domain's file $TMP is not a regular file" \
		run xen-pv-domu --dom0-script "$0" --dom0-file "$TMP"
	;;
*) skip "files for a first domain" "there is no first domain for xen-pv-domu" ;;
esac
finish
