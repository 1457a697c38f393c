#!/bin/bash
# SPDX-License-Identifier: MIT
# A domain's processors come and go by xl vcpu-set.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=150 life_linux "vcpus" "" --memory 96 <<'SCRIPT'
# has CPUS - the guest says so
has() { mark guest; said guest "life: beat [0-9]* cpus $1 " 30; }
# up CPUS - xl says so; a processor that is down has no time to be run
up() { [ "$(xl vcpu-list guest | awk 'NR > 1 && $5 !~ /p/' | wc -l)" = "$1" ]; }

step "a domain with 2 of 4 processors" create guest "vcpus = 2" "maxvcpus = 4"
step "it beats" said guest "life: beat 3"
step "it has 2" has 2
for n in 4 1 3 2 4; do
	step "xl vcpu-set $n" xl vcpu-set --ignore-host guest $n
	step "it has $n" has $n
	step "xl vcpu-list has $n" until_true 20 up $n
done
step "xl shutdown -w" timeout 30 xl shutdown -w guest
step "it is gone" gone guest
SCRIPT
finish
