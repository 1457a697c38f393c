#!/bin/bash
# SPDX-License-Identifier: MIT
# Domains that stand still and go on.
. "$(dirname "$0")/lib.sh"

free_again() {
	freed "$(sed -n 's/^vmihv: \([0-9]*\) KiB are free for domains/\1/p' "$TMP/log")"
}

for abi in v1 v2; do
	THEN=("[g] listens" '\035resume g\rsuspend g\r\035' "(g) is suspended" '\035list\rdump g\rnmi g\rpause g\runpause g\rresume g\rresume g\r\035'
		"[g] resumed" '\035suspend g\r\035' "(g) is suspended" '\035resume g\r\035' "[g] resumed" '\035shutdown g\r\035')
	QEMU_ARGS=(-smp 2)
	vmihv $SVM "abi $abi" "$(domain g $abi suspend)" "vcpus 2" "$(domain work $abi work)"
	t "$abi: a domain is suspended" says "^vmihv: domain 1 \(g\) is suspended" "^1 g: suspended, 8 MiB"
	t "$abi: it goes on with all registers, and its timer" says "^\[g\] resumed after ms [0-9]+"
	t "$abi: twice" test "$(grep -c '^\[g\] resumed' "$TMP/log")" = 2
	t "$abi: who is not suspended is not resumed" \
		test "$(grep -c '^g is not resumed: it is not suspended' "$TMP/log")" = 2
	t "$abi: its second vCPU starts afterwards, and it ends as it wants" ends g work
	t "$abi: all memory comes back" free_again

	THEN=("[g] listens" '\035suspend g\r\035' "(g) is suspended" '\035reboot g\r\035' "[g] listens" '\035suspend g\r\035'
		"(g) is suspended" '\035destroy g\rlist\r\035')
	vmihv $SVM "abi $abi" "$(domain g $abi suspend)"
	t "$abi: one that is suspended can be rebooted and destroyed" says "\(g\) has ended: reboot" "\(g\) has ended: destroyed" \
		"^1 g: gone \(destroyed\)"
	t "$abi: and all memory comes back" free_again
done
finish
