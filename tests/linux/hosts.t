#!/bin/bash
# SPDX-License-Identifier: MIT
# One vmlinux, on every host through its ROM, and natively with no ROM; what it costs in memory; what is no pass.
. "$(dirname "$0")/lib.sh"

KIB=1024
DATA_AREA=32	# KiB, of the kernel's area for a ROM's data (abi/include/vmi/rom.h)

# The numbers of the kernel's line "vmi: memory: 8 KiB text, ...", by what they count.
memory() {	# NAME
	sed -n 's/\r$//; s/^.*vmi: memory: //p' "$TMP/log" | grep -oE "[0-9]+ KiB $1" | cut -d' ' -f1
}

# With a ROM: 256 KiB and 4 KiB per CPU at most, and where the host needs a frame table, 8 bytes a page and 1 %.
memory_is_small() {	# MIB-OF-GUEST
	local frames=$(($1 * KIB / 4))
	[ $(($(memory text) + $(memory data))) -le 256 ] && [ "$(memory 'per CPU')" -le 4 ] &&
		[ "$(memory 'frame table')" -le $((frames * 8 * 101 / 100 / KIB + 4)) ] || {
		grep -a 'vmi: memory' "$TMP/log" || echo "the log does not say"
		return 1
	}
}

address() {	# SYMBOL
	local at
	at=$(nm "$LINUX" | sed -n "s/^\([0-9a-f]*\) . $1\$/\1/p")
	echo $((0x$at))
}

freed() {	# WHAT, KiB
	sed -n "s/^.*Freeing unused $1 memory: \([0-9]*\)K.*/\1/p" "$TMP/log"
}

# Without one, all of both areas comes back: the text area lies at the end of the kernel's text, and goes with the gap
# behind that.
area_is_given_back() {
	local gap=$((($(address __start_rodata) - $(address vmi_rom_text)) / KIB))
	[ "$(freed 'kernel image (text\/rodata gap)')" = $gap ] && [ "$(freed 'VMI ROM data')" = $DATA_AREA ] || {
		grep -a 'Freeing unused' "$TMP/log"
		echo "expected: $gap KiB from the text area on, and $DATA_AREA KiB of data"
		return 1
	}
}

sha_is() {	# ROM-FILE
	local want
	want=$("$VMI" inspect --json "$1" | perl -MJSON::PP -0 -ne 'print decode_json($_)->{rom}{sha256}')
	[ -n "$want" ] && logged "vmi: ROM SHA-256 $want" && logged "VMI-ROM: [a-z0-9-]+ $want"
}

for host in $HOSTS; do
	t "Linux on $host" linux "$host" vmi=require --json "$TMP/$host.json"
	case $host in xen-*pvh-* | xen-hvm) rom=xen-pvh memory=384 ;; xen-*) rom=xen-pv memory=384 ;; kvm) rom=kvm memory=256 ;; vmihv-*) rom=${host%-pvh} memory=256 ;; *) rom=native memory=256 ;; esac
	t "$host: the log and sysfs name the ROM's hash" sha_is "$B/$rom.rom"
	t "$host: memory" memory_is_small $memory
	note < <(grep -a 'vmi: memory' "$TMP/log")
done

# What each Xen was given is the same, to the last byte, and is what `vmi bundle' makes.
one_bundle() {	# ROM, JSON-FILE...
	local rom=$1 sha json
	shift
	"$VMI" bundle --rom "$B/$rom.rom" -o "$TMP/bundle" "$LINUX" || return 1
	sha=$(sha256sum "$TMP/bundle" | cut -d' ' -f1)
	for json; do
		grep -qF "\"bundle_sha256\": \"$sha\"" "$json" || { cat "$json"; echo "the bundle has $sha"; return 1; }
	done
}
case " $HOSTS " in *xen-*)
	t "one bundle, byte for byte, on every Xen" one_bundle xen-pv $(ls "$TMP"/xen-*.json | grep -v 'pvh-\|hvm')
	t "and one for every Xen's containers" one_bundle xen-pvh "$TMP"/xen-*pvh-*.json ;;
esac

# Nothing of this needs a processor that can virtualize.
without_extension() {	# HOST CPU
	linux "$1" vmi=require --qemu-arg=-cpu "--qemu-arg=$2,-svm" && ! logged "HVM: SVM enabled"
}
case " $HOSTS " in *xen-pv-dom0*) t "xen-pv-dom0 without SVM" without_extension xen-pv-dom0 qemu64 ;; esac
case " $HOSTS " in *xen-pv-domu*) t "xen-pv-domu without SVM" without_extension xen-pv-domu qemu64,+rdrand ;; esac

for mode in auto off; do
	t "vmi=$mode, no ROM: native" linux native-pvh vmi=$mode --no-rom
	t "vmi=$mode, no ROM: the areas are given back" area_is_given_back
done
t "with a ROM" linux native-pvh vmi=require
fails "they are not" area_is_given_back
t "vmi=off leaves a ROM alone" linux native-pvh vmi=off --any-rom
t "vmi=off leaves a ROM alone: none in use" logged "VMI-ROM: none -"

t "vmi=require without a ROM panics" says "vmi=require: there is no ROM" linux native-pvh vmi=require --no-rom
t "vmi=require with another host's ROM panics" says "vmi=require: it is for a host that starts the kernel itself" \
	linux native-pvh vmi=require --rom "$B/xen-pv.rom"
t "vmi=auto with another host's ROM goes on natively" linux native-pvh vmi=auto --rom "$B/xen-pv.rom" --any-rom
t "and says so" logged "vmi: .*refused: it is for a host that starts the kernel itself"

# A row whose running kernel is not the file's is none. The vDSO has a build ID too, so all in the file are changed.
other_build_id() {
	local at count=0
	cp "$LINUX" "$TMP/vmlinux"
	for at in $(grep -obUaP '\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0' "$TMP/vmlinux" | cut -d: -f1); do
		printf '\0\0\0\0' | dd of="$TMP/vmlinux" bs=1 seek=$((at + 16)) conv=notrunc status=none
		count=$((count + 1))
	done
	[ $count -gt 0 ]
}
t "a file with another build ID" other_build_id
t "is not what runs" says "build ID" boot native-bios "$TMP/vmlinux" --bzimage "${LINUX%/*}/bzImage" \
	--initrd "$INITRAMFS" --append vmi=require
finish
