# SPDX-License-Identifier: MIT
# Packages of another suite of Debian, without a trace in the machine's own apt: the machine's source list with the suite's
# name changed, and lists, cache and status of our own.
# shellcheck shell=bash

# private_apt FOLDER SUITE TYPE - sets the array APT to the options; TYPE is deb or deb-src.
private_apt() {
	local folder=$1 suite=$2 type=$3 own file
	own=$(. /etc/os-release && echo "$VERSION_CODENAME")
	mkdir -p "$folder"/{sources,lists/partial,cache/archives/partial}
	for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources}; do
		[ -f "$file" ] || continue
		sed "s/\\b$own\\b/$suite/g; s/^deb /$type /; s/^Types:.*/Types: $type/" "$file" > "$folder/sources/${file##*/}"
	done
	APT=(-qq -o APT::Sandbox::User=root -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::Languages=none
		-o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$folder/sources" -o Dir::State="$folder"
		-o Dir::State::Lists="$folder/lists" -o Dir::Cache="$folder/cache" -o Dir::State::status=/dev/null)
}

# Lists of which one is missing are no lists to apt; what is needed may be in the rest.
private_lists() {
	apt-get "${APT[@]}" update >/dev/null 2>&1 || true
}
