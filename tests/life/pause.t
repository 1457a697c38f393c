#!/bin/bash
# SPDX-License-Identifier: MIT
# A domain that is paused does nothing, goes on where it was, and leaves nothing behind when it is destroyed.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=90 life_linux "pause" "" --memory 64 <<'EOF'
free=$(free_memory)
step "xl create" create guest
step "it beats" said guest "life: beat 3"
step "xl pause" xl pause guest
step "xl list says so" is guest p
step "it is silent" silent guest 2
mark guest
step "xl unpause" xl unpause guest
step "it beats again" said guest "life: beat"
step "no clock went back" never_said guest "went back"
step "xl destroy" xl destroy guest
step "it is gone" gone guest
step "Xen has its memory back" free_again "$free"
EOF
finish
