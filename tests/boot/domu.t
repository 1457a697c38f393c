#!/bin/bash
# SPDX-License-Identifier: MIT
# The small guest as a domain that xl makes, with little and with much memory; what xl refuses is no pass.
. "$(dirname "$0")/lib.sh"

case " $HOSTS " in
*xen-pv-domu*) ;;
*) skip_all "there is no first domain for xen-pv-domu" ;;
esac

for memory in 8 64 2048; do
	t "tiny in a domain of $memory MiB" boot xen-pv-domu "$B/tiny" --memory $memory
done
t "xl refuses a kernel that is no bundle" says "vmi-dom0: xl cannot create the domain" \
	boot xen-pv-domu "$B/tiny" --no-rom
finish
