#!/bin/bash
# SPDX-License-Identifier: MIT
# What `vmi domain' writes makes a domain: real xl takes its file, QEMU its command line.
. "$(dirname "$0")/lib.sh"

CMDLINE='console=hvc0 a "b" \\c '\''d'\'''

describe() {	# MODE MORE-FIELDS
	echo "{ \"name\": \"described\", \"mode\": \"$1\", \"memory\": 64 $2 }" >"$TMP/description.json"
}

json() {	# TEXT - as a string of JSON
	local text=${1//\\/\\\\}
	echo "\"${text//\"/\\\"}\""
}

by_qemu() {
	"$VMI" domain --to qemu -o "$TMP/command" "$TMP/description.json" || return
	# the port by which tiny ends is no part of a domain
	timeout 30 bash -c "$(cat "$TMP/command") -device isa-debug-exit,iobase=0xf4,iosize=4" </dev/null >"$TMP/console" 2>&1
	grep -aq 'VMI-ROM: native' "$TMP/console" || { cat "$TMP/console"; return 1; }
}

describe FV ", \"hypervisor\": \"QEMU\", \"kernel\": \"$(realpath "$B/tiny")\", \"rom\": \"$(realpath "$B/native.rom")\""
t "QEMU runs its command line, and the ROM gets there" by_qemu

case " ${HOSTS//$'\n'/ } " in
*" xen-pv-domu "*) ;;
*) skip "xl makes the domain" "there is no first domain for xen-pv-domu"; finish; exit ;;
esac

describe PV ", \"kernel\": \"/guest/kernel\", \"cmdline\": $(json "$CMDLINE")"
t "a file for xl" "$VMI" domain --to xl -o "$TMP/domain.cfg" "$TMP/description.json"
cat >"$TMP/script" <<'EOF'
has() {
	xl list -l described | grep -F -- "$1"
}
show described
step "xl create" xl create -q -p /guest/domain.cfg
step "it has its memory" has '"max_memkb": 65536'
step "it has its command line" has '"cmdline": "console=hvc0 a \"b\" \\\\c '"'d'"'"'
step "xl unpause" xl unpause described
step "it runs" said described "VMI-VERDICT: pass"
EOF
t "xl makes the domain" boot xen-pv-domu "$B/tiny" --dom0-script "$TMP/script" --dom0-file "$TMP/domain.cfg"
grep -a VMI-STEP <<<"$out" | note
finish
