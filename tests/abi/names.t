#!/bin/bash
# SPDX-License-Identifier: MIT
# Every enumerator, plain macro and structure that guest and ROM share is in the golden dump: none can change unseen.
# The headers of the loader library (loader.h, site.h) are no part of that: a guest is compiled with them.
. "$(dirname "$0")/../lib/tap.sh"

# Macros with a value and no arguments, and enumerators; strings and include guards have no number.
names_of() {	# HEADER
	sed -n 's/^#define[ \t]\+\(VMI_[A-Z0-9_]*\)[ \t]\+\([^" \t].*\)$/\1/p; s/^\t\(VMI_[A-Z0-9_]*\)\( =.*\|,.*\|\)$/\1/p' "$1"
}

all_listed() {	# HEADER
	local name missing=0
	for name in $(names_of "$1"); do
		grep -q "NUMBER($name)" abi/gen/layout.def || { echo "not in layout.def: $name"; missing=1; }
	done
	return $missing
}

all_structs() {	# HEADER
	local name missing=0
	for name in $(sed -n 's/^struct \(vmi_[a-z_]*\) {$/\1/p' "$1"); do
		grep -q "BEGIN($name)" abi/gen/layout.def || { echo "not in layout.def: struct $name"; missing=1; }
	done
	return $missing
}

for header in $(sed -n 's|^#include <\(vmi/.*\.h\)>|abi/include/\1|p' abi/gen/main.c); do
	t "${header##*/}: numbers" all_listed "$header"
	t "${header##*/}: structures" all_structs "$header"
done

printf '#define VMI_NEW_THING\t7\n' > "$TMP/new.h"
fails "a number that is not listed is seen" all_listed "$TMP/new.h"
finish
