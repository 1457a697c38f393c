#!/bin/bash
# SPDX-License-Identifier: MIT
# Each ABI header compiles alone, for 32 and 64 bits, with both compilers, with no hidden padding.
. "$(dirname "$0")/../lib/tap.sh"

compile() {	# CC BITS HEADER
	"$1" "$2" -std=gnu11 -ffreestanding -Wall -Wextra -Wpadded -Werror -Iabi/include -fsyntax-only -x c "$3"
}

for header in abi/include/vmi/*.h; do
	for cc in gcc clang; do
		for bits in -m32 -m64; do
			t "${header##*/} $cc $bits" compile $cc $bits "$header"
		done
	done
done

printf '#include "vmi/types.h"\nstruct s { uint8_t a; uint32_t b; };\nextern struct s s[sizeof(struct s)];\n' > "$TMP/padded.h"
for cc in gcc clang; do
	fails "hidden padding is seen by $cc" compile $cc -m64 "$TMP/padded.h"
done
finish
