#!/bin/bash
# SPDX-License-Identifier: MIT
# Every call of calls.def does what the specification says, on every host, by its fastest answer and by its call form.
. "$(dirname "$0")/../boot/lib.sh"

# Its own lines become comments: what is claimed here is that all of them are there and none fails.
conform() {	# HOST [OPTION...]
	local host=$1
	shift
	boot "$host" "$B/conform" --log "$TMP/log" "$@" &&
		[ "$(tr -d '\r' <"$TMP/log" | grep -c '^ok ')" = "$(wc -l <"$B/abi/calls.txt")" ] &&
		! grep ' # not here' "$TMP/log" | grep -v -e "$(lacks "$host")"
}

# Of the hosts that are tested, each has all that its ROM can answer, but for a PC that starts its CPUs itself.
lacks() {	# HOST
	case $1 in xen-hvm) echo ' - CPU_ST\(ART\|OP\) # not here' ;; *) echo '^$' ;; esac
}

for host in $HOSTS; do
	# the guest's own timer for bare hardware is a PC's, by the PIC
	case $host in native-microvm) skip "conform on $host" "no interrupt of its PIC arrives; the ROM is that of native-pvh"; continue ;; esac
	t "conform on $host" conform "$host"
	# what a Xen answers is the same on all
	case $host in xen-4.* | xen-pvshim | xen-pv-domu) continue ;; esac
	t "conform on $host, INLINE answers made CALL" conform "$host" --append inline=call
done
case " $HOSTS " in
*xen-pv-dom0*) t "conform on xen-pv-dom0, 2 CPUs" conform xen-pv-dom0 --cpus 2 ;;
esac
for host in vmihv-v1-pvh vmihv-v2-pvh vmihv-v1-pv vmihv-v2-pv; do
	case " $HOSTS " in *" $host "*) t "conform on $host, 2 CPUs" conform $host --cpus 2 ;; esac
done
case " $HOSTS " in
*xen-pvh-domu*) t "conform on xen-pvh-domu, 2 CPUs" conform xen-pvh-domu --cpus 2 ;;
esac
case " $HOSTS " in
*xen-pv-dom0*) t "EXIT on xen-pv-dom0, told by the exit port" conform xen-pv-dom0 --append exit=port ;;
esac

# A call without a test does not build.
no_test_no_build() {
	cp -r tests/conform "$TMP/conform"
	sed -i 's/test_WBINVD/test_gone/' "$TMP/conform/cpu.c"
	gcc -c -ffreestanding -fno-pic -mcmodel=kernel -mno-red-zone -mgeneral-regs-only -w \
		-Iguest-patches/tiny -Iabi/include -o "$TMP/cpu.o" "$TMP/conform/cpu.c" || return 0
	! ld -r -o "$TMP/all.o" "$TMP/cpu.o" "$B"/conform.d/{main,base,irq,mmu,regs}.o ||
		nm "$TMP/all.o" | grep -q ' U test_WBINVD$'
}
t "a call without a test is missed by the linker" no_test_no_build

# wrong HOST FILE SED-SCRIPT - $TMP/wrong/build/HOST.rom: that ROM with one line made wrong, in a file below shim/.
wrong() {
	local vmi
	vmi=$(realpath "$VMI")
	rm -rf "$TMP/wrong" && mkdir "$TMP/wrong" && cp -r Makefile .ci abi shim "$TMP/wrong/" || return 1
	sed -i "$3" "$TMP/wrong/shim/$2"
	! cmp -s "shim/$2" "$TMP/wrong/shim/$2" &&
		make -C "$TMP/wrong" B=build VMI="$vmi" "build/${1%-*}.rom"
}

# The test of this call fails on that ROM, and so does the run.
is_caught() {	# HOST CALL
	local output
	output=$(boot "$1" "$B/conform" --rom "$TMP/wrong/build/${1%-*}.rom") && return 1
	echo "$output"
	grep -q "^not ok [0-9]* - $2\b" <<<"$output"
}

bites() {	# HOST NAME CALL FILE SED-SCRIPT
	t "$2: the ROM builds" wrong "$1" "$4" "$5"
	t "$2: seen by the test of $3" is_caught "$1" "$3"
}

bites native-pvh "interrupts stay on" IRQ_DISABLE container/fast.asm 's/^\tcli$/\tnop/'
bites native-pvh "accessed and dirty bits are lost" PROT_COMMIT container/mmu.c 's/value | (old & PTE_ACCESSED_DIRTY)/value/'
bites native-pvh "an entry is read, not taken" TAKE_PTE container/mmu.c 's/__atomic_exchange_n(entry, 0,/__atomic_fetch_or(entry, 0,/'
bites native-pvh "a register is lost" FLUSH_ONE container/fast.asm 's/^\tinvlpg.*/&\n\txor edi, edi/'
case " $HOSTS " in *" kvm "*)
	at=backends/kvm
	bites kvm "an end is claimed that nobody noted" IRQ_EOI $at/smp.asm 's/sbb\teax, eax/mov\teax, 1/'
	bites kvm "a CPU too many is interrupted" SEND_VECTOR $at/smp.c 's/all_ready(cpus, bits))/all_ready(cpus, 0))/'
	bites kvm "whoever runs is said to be absent" FLUSH_ABSENT $at/smp.c 's/if (b \&\& will_flush(b))/if (b \&\& (will_flush(b) || 1))/'
	bites kvm "a CPU cannot come back" PERCPU_DONE $at/life.c 's/blocks\[cpu\] && blocks\[cpu\] != block/blocks[cpu]/' ;;
esac
finish
