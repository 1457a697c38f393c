#!/bin/bash
# SPDX-License-Identifier: MIT
# Every broken ROM is refused by `vmi verify', `vmi bundle' refuses what a loader would, each with the one
# sentence that mkbroken expects, and nothing is left behind.
. "$(dirname "$0")/../lib/tap.sh"

refused() {	# FILE SENTENCE COMMAND... - one line that names the file and says the sentence
	local file=$1 sentence=$2 said
	shift 2
	said=$("$@" 2>&1) && { echo "accepted: $said"; return 1; }
	[ "$(wc -l <<<"$said")" = 1 ] || { echo "more than a line: $said"; return 1; }
	[[ $said == *"$file"*"$sentence"* ]] || { echo "said: $said"; echo "expected: $sentence"; return 1; }
}

while IFS=$'\t' read -r name who sentence; do
	file=$B/tests/broken/$name.rom
	t "verify: $name" refused "$file" "$sentence" "$VMI" verify "$file"
	[ "$who" = loader ] || continue
	t "bundle: $name" refused "$B/tiny" "$sentence" "$VMI" bundle --rom "$file" -o "$TMP/out" "$B/tiny"
done <"$B/tests/broken/list"

t "there are at least 30" test "$(wc -l <"$B/tests/broken/list")" -ge 30
t "at least 30 say something different" \
	test "$(cut -f3 "$B/tests/broken/list" | sort -u | wc -l)" -ge 30
t "no refused bundle was written" test ! -e "$TMP/out"
t "the ROM they are made from is sound" "$VMI" verify "$B/tests/good.rom"
finish
