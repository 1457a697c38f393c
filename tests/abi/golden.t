#!/bin/bash
# SPDX-License-Identifier: MIT
# No number, offset or size of the ABI changes by accident; the tables of the specification are those of calls.def.
. "$(dirname "$0")/../lib/tap.sh"

GEN=$B/abi/vmi-gen

golden_is() {	# GENERATOR
	"$1" golden | diff -u abi/golden.txt -
}

spec_is() {	# GENERATOR
	"$1" spec < abi/SPEC.md | diff -u abi/SPEC.md -
}

# A generator built from the ABI with one line changed.
changed_gen() {	# FILE SED-SCRIPT
	rm -rf "$TMP/abi"
	cp -r abi "$TMP/abi"
	sed -i "$2" "$TMP/abi/$1"
	! cmp -s "abi/$1" "$TMP/abi/$1" &&
		gcc -DVMI_CHANGED -I"$TMP/abi/include" -I"$TMP/abi/gen" -o "$TMP/gen" "$TMP/abi/gen/main.c"
}

t "the golden dump is that of the headers" golden_is "$GEN"
t "the tables of SPEC.md are those of calls.def" spec_is "$GEN"

t "build with two calls swapped" changed_gen include/vmi/calls.def 's/IRQ_DISABLE,/TEMP,/; s/IRQ_ENABLE,/IRQ_DISABLE,/; s/TEMP,/IRQ_ENABLE,/'
fails "two calls swapped: seen" golden_is "$TMP/gen"
t "build with a constant changed" changed_gen include/vmi/call.h 's/VMI_EVENT_CALL = 5/VMI_EVENT_CALL = 7/'
fails "a constant changed: seen" golden_is "$TMP/gen"
t "build with a call's text changed" changed_gen include/vmi/calls.def 's/"Read CR0"/"Read it"/'
fails "a call's text changed: seen" spec_is "$TMP/gen"
finish
