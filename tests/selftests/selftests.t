#!/bin/bash
# SPDX-License-Identifier: MIT
# The kernel's own x86 selftests, 64-bit and 32-bit, end on a VMI kernel as they do on the kernels that the references
# were recorded on: Linux's own guest of the same Xen, PV and PVH, and a kernel without PARAVIRT_XXL on bare
# hardware. A test that passes here and not there is no fault.
. "$(dirname "$0")/../linux/lib.sh"

REFERENCES=tests/selftests

# compare REFERENCE VERDICTS - a test that the reference does not have has to pass.
compare() {
	awk 'function good(line) { return line ~ / pass ok=[0-9]* fail=0$/ }
		NR == FNR { want[$1] = $0; next }
		!($1 in want) { if (!good($0)) { print "no reference: " $0; bad = 1 } next }
		{ seen[$1] = 1 }
		$0 == want[$1] { next }
		good($0) && !good(want[$1]) { print "better than the reference: " $0; next }
		{ print "- " want[$1]; print "+ " $0; bad = 1 }
		END { for (name in want) if (!(name in seen)) { print "missing: " name; bad = 1 }; exit bad }' "$1" "$2"
}

same() {	# HOST REFERENCE
	tests/selftests/verdicts "$1" "$LINUX" > "$TMP/verdicts" && compare "$2" "$TMP/verdicts"
}

for file in "$REFERENCES"/*.verdicts; do
	host=$(basename "$file" .verdicts)
	case $HOSTS in *"$host"*) ;; *) note <<< "SKIP $host: it is not here"; continue ;; esac
	while read -r _ program _ reason; do
		skip "$host: $program" "$reason"
	done < <(awk -v host="$host" '$1 == host && $3 == "both"' "$REFERENCES/left-out")
	t "$host: $(wc -l < "$file") tests end as recorded" same "$host" "$file"
	note < <(compare "$file" "$TMP/verdicts")
	t "$host: most of them pass" eval "[ \$(grep -c ' pass ' $TMP/verdicts) -ge 36 ]"
	sed '0,/ pass /s// fail /' "$TMP/verdicts" > "$TMP/other"
	fails "$host: a test that ends in another way is seen" compare "$file" "$TMP/other"
done

# Of our own hypervisor's domains the same is wanted as of their peers: in ring 3 of a paravirtual domain of Xen's, in a container
# of bare hardware.
for pair in vmihv-v1-pv:xen-pv-domu vmihv-v2-pv:xen-pv-domu vmihv-v1-pvh:native-pvh vmihv-v2-pvh:native-pvh; do
	host=${pair%:*} file=$REFERENCES/${pair#*:}.verdicts
	case " $HOSTS " in *" $host "*) ;; *) continue ;; esac
	t "$host: tests end as on ${pair#*:}" same "$host" "$file"
	note < <(compare "$file" "$TMP/verdicts")
done
finish
