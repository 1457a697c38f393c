#!/bin/bash
# SPDX-License-Identifier: MIT
# What the administrator wishes of a domain reaches it: xl shutdown, reboot and sysrq. What is no wish does it no harm. One
# that is paused does nothing, and goes on where it was.
. "$(dirname "$0")/lib.sh"

BOOT_TIMEOUT=200 life_linux "wishes" "" --memory 64 <<'SCRIPT'
free=$(free_memory)
ends=$(printf '%0200d' 0)

# cleared KEY: the guest has taken it.
is_cleared() { [ -z "$(stored guest "$1")" ]; }
cleared() { until_true 20 is_cleared "$1"; }
write() { xenstore-write -- "/local/domain/$(domid guest)/$1" "$2"; }

step "xl create" create guest
step "it beats" said guest "life: beat 3"
for feature in poweroff reboot; do
	step "it says that it hears $feature" [ "$(stored guest control/feature-$feature)" = 1 ]
done

step "xl pause" xl pause guest
step "xl list says so" is guest p
step "it is silent" silent guest 2
mark guest
step "xl unpause" xl unpause guest
step "it beats again" said guest "life: beat"
step "no clock went back" never_said guest "went back"

mark guest
step "xl sysrq" xl sysrq guest h
step "the kernel has it" said guest "sysrq: HELP"
step "once" [ "$(heard guest | grep -c "sysrq: HELP")" = 1 ]
step "the key is cleared" cleared control/sysrq

for word in nonsense Poweroff "poweroff " "$ends"; do
	step "control/shutdown: $(echo "$word" | cut -c1-20)" write control/shutdown "$word"
	step "it is cleared" cleared control/shutdown
done
for kib in "" -1 1e9 99999999999999999999 1048577x "$ends"; do
	step "memory/target: $(echo "$kib" | cut -c1-20)" write memory/target "$kib"
done
for key in cpu cpu/x cpu/0 cpu/0/availability cpu/63/availability cpu/64/availability cpu/99999999999/availability; do
	step "nonsense in $key" write "$key" "$ends"
done
mark guest
step "it beats" said guest "life: beat"
step "no CPU went" said guest "life: beat [0-9]* cpus 1 "

# what xl would make the next one from
write memory/target 65536
write cpu/0/availability online
xenstore-rm "/local/domain/$(domid guest)/cpu/x"

before=$(domid guest)
mark guest
step "xl reboot" xl reboot guest
step "user space was asked" said guest "life: reboot"
another() { there guest && [ "$(domid guest)" != "$before" ]; }
step "it comes back as another domain" until_true 20 another
step "and boots" said guest "life: beat 3"

mark guest
step "xl shutdown -w" timeout 30 xl shutdown -w guest
step "user space was asked" said guest "life: poweroff"
step "it is gone" gone guest
step "Xen has its memory back" free_again "$free"

step "another one" create early
step "what is wished of it before it hears" xl shutdown early
step "it is done" gone early

step "another one" create doomed
step "xl destroy" xl destroy doomed
step "it is gone" gone doomed
step "Xen has its memory back" free_again "$free"

step "another one" create crashing 'on_crash = "preserve"'
step "it beats" said crashing "life: beat 3"
step "control/shutdown: crash" xenstore-write "/local/domain/$(domid crashing)/control/shutdown" crash
step "it says so" said crashing "the administrator wishes a crash"
step "it has crashed" is crashing c
xl destroy crashing

step "one more" create guest
step "it beats" said guest "life: beat 3"
kill "$(cat /run/xenstored.pid)"
mark guest
sleep 2
step "without a store it goes on" said guest "life: beat"
SCRIPT
finish
