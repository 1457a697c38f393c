#!/bin/bash
# SPDX-License-Identifier: MIT
# build.sh VARIANT OUT [MODULE] - puts OUT/vmlinux, OUT/bzImage and OUT/config there: Debian's Linux 6.1, configured by
# base.config and variant-VARIANT.config. vmi and text have the patches of series/, the peers have none. MODULE is a
# folder with a Kbuild: the modules that it makes come to OUT too.
# build.sh source - prints where the patched source stands, after making it.
# build.sh texts VARIANT OUT - puts OUT/texts there, without linking a kernel: a line for each object of the folders that
# the series changes, a hash of its code and of what that refers to.
#
# What is built is kept in ${XDG_CACHE_HOME:-~/.cache}/vmi under a hash of all that goes in: the package's version,
# the patches, the ABI's sources, the configuration, the compiler. Two builds of the same are byte-identical.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
abi=$here/../../abi
cache=${XDG_CACHE_HOME:-$HOME/.cache}/vmi/linux-6.1
package=linux-source-6.1
tarball=/usr/src/$package.tar.xz

TEXTS=(arch/x86 kernel mm)

export LC_ALL=C KBUILD_BUILD_TIMESTAMP='2024-01-01 00:00:00 UTC' KBUILD_BUILD_USER=vmi KBUILD_BUILD_HOST=vmi \
	KBUILD_BUILD_VERSION=1

say()	{ printf '  %-8s%s\n' LINUX "$*"; }
die()	{ printf 'build.sh: %s\n' "$*" >&2; exit 1; }
hash_of() { sha256sum | cut -c1-16; }

# The package's source: as it is installed here, or fetched into the cache.
fetch_source() {
	[ -e "$tarball" ] && return
	tarball=$cache/package/usr/src/$package.tar.xz
	[ -e "$tarball" ] && return
	say "fetching $package" >&2
	mkdir -p "$cache/package"
	(cd "$cache/package" && apt-get -qq download "$package" && dpkg -x "$package"_*.deb .) ||
		die "cannot fetch the package $package"
}

is_patched() {
	case $variant in vmi|text|source) return 0 ;; *) return 1 ;; esac
}

# Names every byte that the source tree is made of.
source_key() {
	{
		stat -Lc '%s' "$tarball"
		dpkg-query -W "$package" 2>/dev/null || ls "$cache/package"
		! is_patched || cat "$here"/series/*.patch "$abi"/include/vmi/* "$abi"/guest/*.[ch]
	} | hash_of
}

# The ABI is the project's, MIT, and not part of the series: it is laid in.
lay_abi() {
	mkdir -p "$1/arch/x86/include/vmi" "$1/arch/x86/kernel/vmi/abi"
	cp "$abi"/include/vmi/*.{h,def} "$1/arch/x86/include/vmi/"
	cp "$abi"/guest/*.[ch] "$1/arch/x86/kernel/vmi/abi/"
}

apply_series() {
	local patch
	say "applying $(ls "$here"/series/*.patch | wc -l) patches" >&2
	for patch in "$here"/series/*.patch; do
		patch -d "$1" -p1 -s --no-backup-if-mismatch < "$patch" || die "$(basename "$patch") does not apply"
	done
	lay_abi "$1"
}

# One tree with the patches and one without are kept, each the last of its kind and always in the same place, so that
# a compiler's cache (ccache) knows it again.
make_source() {
	local tree=$1
	! has_source || return 0
	say "unpacking $package" >&2
	rm -rf "$tree" "$cache/unpacking" "$cache"/src-*-*
	mkdir -p "$cache/unpacking"
	tar -C "$cache/unpacking" --strip-components=1 -xf "$tarball"
	! is_patched || apply_series "$cache/unpacking"
	echo "$source" > "$cache/unpacking/.vmi-source"
	mv "$cache/unpacking" "$tree"
}
has_source() { [ "$(cat "$tree/.vmi-source" 2>/dev/null)" = "$source" ]; }

configure() {
	local tree=$1 build=$2
	make -s -C "$tree" O="$build" tinyconfig > "$build/log" 2>&1
	(cd "$build" && "$tree/scripts/kconfig/merge_config.sh" -m -O . .config "$here/base.config" \
		"$here/variant-$variant.config" && make -s olddefconfig) >> "$build/log" 2>&1
	check_config "$build/.config"
}

# An option that the configuration asks for and Kconfig drops is an error here.
check_config() {
	local line want
	while read -r line; do
		case $line in
		*=n) want="# ${line%=n} is not set" ;;
		CONFIG_*|'# CONFIG_'*' is not set') want=$line ;;
		*) continue ;;
		esac
		case $want in
		CONFIG_*) grep -qxF "$want" "$1" || die "the kernel has no place for $want" ;;
		*) ! grep -q "^${want:2:-11}=" "$1" || die "the kernel insists on ${want:2:-11}" ;;
		esac
	done < <(cat "$here/base.config" "$here/variant-$variant.config")
}

# One line every so many objects, so that a long silence means trouble.
progress() {
	awk -v start="$(date +%s)" -v v="$variant" '/^  (CC|AS|LD|OBJCOPY|AR) / && ++n % 250 == 0 {
		"date +%s" | getline now; close("date +%s")
		printf "  %-8s%s: %d objects, %d s\n", "LINUX", v, n, now - start; fflush()
	}'
}

build() {
	local tree=$1 build=$2
	configure "$tree" "$build"
	say "$variant: building $product"
	make -C "$build" -j"$(nproc)" LOCALVERSION= "${targets[@]}" 2>&1 | tee -a "$build/log" | progress ||
		{ tail -30 "$build/log" >&2; die "$variant does not build"; }
}

# The first lines name the file.
texts() {
	local object
	cd "$1"
	find "${TEXTS[@]}" -name '*.o' | sort | while read -r object; do
		printf '%s %s\n' "$object" "$(objdump -dr "$object" | tail -n +4 | hash_of)"
	done
}

# A copy of the module's folder: what is made stays out of the caller's.
build_module() {
	local build=$1
	cp -r "$module" "$build/module"
	cp "$build/vmlinux.symvers" "$build/Module.symvers"
	{ make -s -C "$build" LOCALVERSION= modules_prepare &&
		make -s -C "$build" LOCALVERSION= M="$build/module" modules; } >> "$build/log" 2>&1 ||
		{ tail -30 "$build/log" >&2; die "the module of $module does not build"; }
}

keep() {
	local build=$1 kept=$2
	rm -rf "$kept.new"
	mkdir -p "$kept.new"
	cp "$build/.config" "$kept.new/config"
	case $product in
	texts) (texts "$build") > "$kept.new/texts" ;;
	vmlinux) cp "$build/vmlinux" "$build/System.map" "$build/arch/x86/boot/bzImage" "$kept.new/" ;;
	esac
	[ -z "$module" ] || cp "$build"/module/*.ko "$kept.new/"
	mv "$kept.new" "$kept"
}

# One build at a time; what is in the cache is there for all.
build_and_keep() {
	exec 9> "$cache/lock"
	flock 9
	[ ! -e "$kept/$product" ] || return 0
	make_source "$tree"
	rm -rf "$cache/building" "$cache/$name"-*
	mkdir "$cache/building"
	build "$tree" "$cache/building"
	[ -z "$module" ] || build_module "$cache/building"
	keep "$cache/building" "$kept"
	rm -rf "$cache/building"
}

[ $# -ge 1 ] || die "usage: build.sh VARIANT OUT [MODULE], build.sh texts VARIANT OUT, or build.sh source"
product=vmlinux targets=(bzImage)
if [ "$1" = texts ]; then
	product=texts targets=("${TEXTS[@]/%//}")
	shift
fi
variant=${1-}
module=${3-}
mkdir -p "$cache"
fetch_source
source=$(source_key)
if is_patched; then tree=$cache/src-patched; else tree=$cache/src-plain; fi
if [ "$variant" = source ]; then
	exec 9> "$cache/lock"
	flock 9
	make_source "$tree"
	echo "$tree"
	exit
fi
[ -e "$here/variant-$variant.config" ] || die "there is no variant $variant"
[ $# -ge 2 ] || die "where to?"
[ -z "$module" ] || module=$(realpath "$module")

key=$({ echo "$source"; gcc --version; ld --version; cat "$here/base.config" "$here/variant-$variant.config"
	[ -z "$module" ] || cat "$module"/*; } | hash_of)
name=$variant
[ "$product" = vmlinux ] || name=$product-$variant
kept=$cache/$name-$key
[ -e "$kept/$product" ] || build_and_keep
mkdir -p "$2"
cp "$kept"/* "$2/"
say "$variant: $(sed -n 's/^# Linux.* \([0-9.]*\) Kernel.*/\1/p' "$2/config"), from the cache as $name-$key"
