#!/bin/bash
# SPDX-License-Identifier: MIT
# What `vmi domain' writes makes a domain: real xl takes its file, a real libvirtd its XML, QEMU its command line.
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

# A libvirtd of our own, started by virsh, with everything it writes in $TMP; root's would be the machine's, so nobody's.
HOME_OF_VIRSH=$TMP/home

virsh_here() {
	local as=()
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=nobody --regid=nogroup --clear-groups)
	(cd / && timeout 60 "${as[@]}" env -i PATH="$PATH" HOME="$HOME_OF_VIRSH" XDG_RUNTIME_DIR="$HOME_OF_VIRSH" \
		XDG_CONFIG_HOME="$HOME_OF_VIRSH" XDG_CACHE_HOME="$HOME_OF_VIRSH" XDG_DATA_HOME="$HOME_OF_VIRSH" \
		virsh -q -c qemu:///session "$@")
}

libvirt_home() {
	mkdir "$HOME_OF_VIRSH" && cp "$B/tiny" "$B/native.rom" "$HOME_OF_VIRSH" && chmod 711 "$TMP" &&
		{ [ "$(id -u)" != 0 ] || chown nobody "$HOME_OF_VIRSH"; }
}

state_is() {
	local state
	state=$(virsh_here domstate described) && [ "$state" = "$1" ] || { echo "$state"; return 1; }
}

describe FV ", \"hypervisor\": \"QEMU\", \"kernel\": \"$HOME_OF_VIRSH/tiny\", \"rom\": \"$HOME_OF_VIRSH/native.rom\""
t "a home for libvirtd" libvirt_home
t "XML for libvirt" "$VMI" domain --to libvirt -o "$HOME_OF_VIRSH/domain.xml" "$TMP/description.json"
t "libvirtd defines it" virsh_here define "$HOME_OF_VIRSH/domain.xml"
t "and starts it" virsh_here start described
t "it runs" state_is running
t "and is destroyed" virsh_here destroy described
kill "$(cat "$HOME_OF_VIRSH/libvirt/libvirtd.pid")"

case " $HOSTS " in
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
