# SPDX-License-Identifier: MIT
# Booting vmihv itself, for the tests of this folder.
# shellcheck shell=bash
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"

KEYS=/dev/null	# what is typed
LISTENS=" KiB are free for domains"	# and when: behind this on the console
THEN=()	# pairs: after that, when a line has the first, the second is typed (printf %b)
QEMU_ARGS=()
MODULES=	# more of them, each with a comma in front
BOOT_TIMEOUT=${BOOT_TIMEOUT:-300}	# seconds for one boot
SVM=qemu64,+svm,+npt

# listen QEMU-ARGUMENT... - boots a machine; its console is in $TMP/log when vmihv has come to an end. Keys are typed
# when it listens: what comes before it has set up the port is lost.
listen() {
	local pid out in line next=0
	[ -p "$TMP/in" ] || mkfifo "$TMP/in"
	exec {in}<>"$TMP/in"
	exec {out}< <(exec timeout "$BOOT_TIMEOUT" qemu-system-x86_64 -accel tcg -m 512 -display none -vga none -nic none -monitor none \
		-serial stdio -no-reboot "${QEMU_ARGS[@]}" "$@" 2>&1 <"$TMP/in")
	pid=$!
	while IFS= read -r line <&$out; do
		printf '%s\n' "${line%$'\r'}"
		if [ $next -lt ${#THEN[@]} ] && [[ $line == *"${THEN[next]}"* ]]; then
			printf '%b' "${THEN[next + 1]}" >&$in
			next=$((next + 2))
		fi
		case $line in
		*"$LISTENS"*) cat "$KEYS" >&$in ;;
		*"vmihv! panic"* | *"vmihv! no domain is left"* | *"vmihv! not started"*) break ;;
		esac
	done >"$TMP/log"
	kill $pid 2>/dev/null
	exec {out}<&- {in}<&-
}

# vmihv CPU CONFIG... - boots it with this configuration, by Multiboot.
vmihv() {
	local cpu=$1
	shift
	printf '%s\n' "$@" >"$TMP/config"
	listen -cpu "$cpu" -kernel "$B/vmihv" \
		-initrd "$TMP/config,$B/hvguest,$B/tiny,$B/vmihv-v1.rom,$B/vmihv-v2.rom,$B/vmihv-v1-pv.rom,$B/vmihv-v2-pv.rom,$B/native.rom$MODULES"
}

# domain NAME ABI WORD - lines of a configuration
domain() {
	printf 'domain %s\nmode pvh\nmemory 8\nkernel hvguest\nrom vmihv-%s.rom\ncmdline %s\n' "$1" "$2" "$3"
}

says() {	# REGEX... - all stand in the log
	local regex
	for regex; do
		grep -qE -- "$regex" "$TMP/log" || { cat "$TMP/log"; echo "not in the log: $regex"; return 1; }
	done
}

freed() {	# what was free before the first domain is free in the end
	says "no domain is left; $1 KiB are free"
}

ends() {	# NAME... - each with a pass
	local name
	for name; do
		says "^\[$name\] VMI-VERDICT: pass" "\($name\) has ended: power off" || return 1
	done
}
