#!/bin/bash
# SPDX-License-Identifier: MIT
# The kernel's own x86 selftests end on a VMI kernel as they do on the kernels that the references were recorded on:
# Linux's own Xen PV guest on the same Xen, and a kernel without PARAVIRT_XXL on bare hardware.
. "$(dirname "$0")/../linux/lib.sh"

REFERENCES=tests/selftests

same() {	# HOST REFERENCE
	tests/selftests/verdicts "$1" "$LINUX" > "$TMP/verdicts" && diff "$2" "$TMP/verdicts"
}

for file in "$REFERENCES"/*.verdicts; do
	host=$(basename "$file" .verdicts)
	t "$host: $(wc -l < "$file") tests end as recorded" same "$host" "$file"
	t "$host: most of them pass" eval "[ \$(grep -c ' pass ' $TMP/verdicts) -ge 18 ]"
	sed '0,/ pass /s// fail /' "$file" > "$TMP/other"
	fails "$host: a test that ends in another way is seen" diff "$TMP/other" "$TMP/verdicts"
done
finish
