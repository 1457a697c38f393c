# SPDX-License-Identifier: MIT
# Turns the call-frame directives of compiler output into rows of .vmi.unwind
# (struct vmi_rom_unwind), which a guest can read without a DWARF interpreter.
# Only the frame address matters; saved registers do not.

function row() {
	printf "7771:\t.pushsection .vmi.unwind,\"a\",@progbits\n"
	printf "\t.long 7771b\n\t.short %d\n\t.byte %d, 0\n\t.popsection\n", cfa, base
}
# DWARF's numbers: 7 is RSP, 6 is RBP. Anything else has no row: stop there.
function register(nr) {
	gsub(/[^0-9]/, "", nr)
	base = nr == 6
	return nr == 6 || nr == 7
}
{ print }
/^\t\.cfi_startproc/		{ cfa = 8; base = 0; depth = 0; row() }
/^\t\.cfi_def_cfa_offset/	{ cfa = $2; row() }
/^\t\.cfi_adjust_cfa_offset/	{ cfa += $2; row() }
/^\t\.cfi_def_cfa_register/	{ if (!register($2)) cfa = 0; row() }
/^\t\.cfi_def_cfa[ \t]/		{ cfa = register($2) ? $3 : 0; row() }
/^\t\.cfi_remember_state/	{ cfas[depth] = cfa; bases[depth++] = base }
/^\t\.cfi_restore_state/	{ cfa = cfas[--depth]; base = bases[depth]; row() }
