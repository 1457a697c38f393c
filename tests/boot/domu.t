#!/bin/bash
# SPDX-License-Identifier: MIT
# The small guest as a domain that xl makes, with little and with much memory, in the shim too; what xl refuses is no pass.
. "$(dirname "$0")/../life/lib.sh"

life "tiny" "$B/tiny" --memory 3072 --dom0-memory 512 <<'EOF'
for mib in 8 64 3072; do
	step "a domain of $mib MiB" create "guest$mib" "memory = $mib"
	step "it passes" said "guest$mib" "^VMI-VERDICT: pass"
	xl destroy "guest$mib"
done
EOF
life "tiny in pv-shim" "$B/tiny" --host xen-pvshim <<'EOF'
for mib in 32 512; do
	step "a container of $mib MiB" create "guest$mib" "memory = $mib"
	step "it passes" said "guest$mib" "^VMI-VERDICT: pass"
	xl destroy "guest$mib"
done
EOF
life "tiny in a container" "$B/tiny" --host xen-pvh-domu --memory 3072 --dom0-memory 512 <<'EOF'
for mib in 8 64 3072; do
	step "a container of $mib MiB" create "guest$mib" "memory = $mib"
	step "it passes" said "guest$mib" "^VMI-VERDICT: pass"
	xl destroy "guest$mib"
done
EOF
t "xl refuses a kernel that is no bundle" says "vmi-dom0: xl cannot create the domain" \
	boot xen-pv-domu "$B/tiny" --no-rom
finish
