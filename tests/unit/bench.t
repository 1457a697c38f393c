#!/bin/bash
# SPDX-License-Identifier: MIT
# What make bench says of times (tests/bench-wall-tables): medians, intervals and claims, of samples that are known.
. "$(dirname "$0")/../lib/tap.sh"

# samples ROUNDS ROM PEER [STEP] - a ROM's time, its peer's, and how much both drift from round to round.
samples() {
	local i
	for ((i = 1; i <= $1; i++)); do
		echo "$i native-pvh rom fork $(($2 + i * ${4:-0}))"
		echo "$i native-pvh no-rom fork $(($3 + i * ${4:-0}))"
		echo "$i native-pvh rom user-tsc 5"
	done > "$TMP/samples"
}

tables() { tests/bench-wall-tables "$TMP/samples" "$TMP/json" accel=tcg > "$TMP/out" 2>&1; }
says() { grep -qE -- "$1" "$TMP/out" || { cat "$TMP/out"; return 1; }; }
has() { jq -e "$1" "$TMP/json" > "$TMP/jq" || { cat "$TMP/json"; return 1; }; }

samples 10 1000 1000 2
t "equal times contradict no claim" tables
t "and their ratio is 1" says '^fork +1\.0000 +1\.0000 to 1\.0000'
t "the second sample from each end bounds a median of ten" has '.rows[] | select(.subject == "rom" and .unit == "ns")
	| .median == 1011 and .low == 1004 and .high == 1018 and .confidence == 0.9785'
t "all samples are kept, in order" has '.rows[] | select(.subject == "rom" and .unit == "ns") | .samples == [range(1002; 1021; 2)]'
t "and what is no column is left out" has '[.rows[].column] | unique == ["fork"]'
t "the machine is described" has '.machine | .cpu and .mitigations and .qemu and .accel == "tcg"'

samples 10 1020 1000 3
fails "a ROM that costs is found, though all times drift more than that" tables
t "and named" says 'against no-rom: .*does not hold.*fork 1\.019'

# Slower in six rounds of ten, faster in the others: nobody can tell.
samples 10 1000 1000
sed -i -E 's/^([1-6] native-pvh rom fork) .*/\1 1040/; s/^([7-9]|10)( native-pvh rom fork) .*/\1\2 960/' "$TMP/samples"
t "times that differ both ways contradict nothing" tables
t "the interval is as wide as they are" says '1\.0400 +0\.9600 to 1\.0400'

samples 5 1020 1000
t "five rounds make no interval, and so no claim" tables
t "which is shown" says '^fork +1\.0200 +-$'

echo "1 native-pvh rom fork many" > "$TMP/samples"
fails "a sample that is no number is refused" tables
t "with its line" says 'line 1: .*is expected'

wall() { B=$B BENCH_ROUNDS=${2:-10} tests/bench-wall "$1" x x x x x > "$TMP/out" 2>&1; }
fails "an accelerator that there is not is refused" wall fast
t "and the two are named" says 'hw.*tcg, not fast'
fails "too few rounds are refused" wall tcg 5
t "with how many it takes" says '6 rounds or more'
finish
