#!/bin/bash
# SPDX-License-Identifier: MIT
# The smallest guest, one file, runs on every host through that host's ROM.
. "$(dirname "$0")/lib.sh"

for host in $HOSTS; do
	# in domains of xl: domu.t
	case $host in xen-pv-domu | xen-pvh-domu | xen-pvshim) continue ;; esac
	t "tiny on $host" boot "$host" "$B/tiny"
done

# The rows above are not passes by default: with a ROM for another host, or none where one is needed, there is none.
t "tiny refuses Xen's ROM on bare hardware" says "vmi run: native-pvh: fail" \
	boot native-pvh "$B/tiny" --rom "$B/xen-pv.rom" --timeout 40
finish
