#!/bin/bash
# SPDX-License-Identifier: MIT
# The mitigation contract bites: one wrong line of assembly, and the linker or `vmi verify' says which.
. "$(dirname "$0")/../lib/tap.sh"

# object NAME: an object from the good ROM's source with the lines on standard input in it.
object() {
	mkdir -p "$TMP/$1"
	cat >"$TMP/$1/case.inc"
	tests/rom/asm "$TMP/$1" "$TMP/$1.o"
}

refused() {	# NAME SENTENCE COMMAND...
	local sentence=$2 said
	shift 2
	said=$("$@" 2>&1) && { echo "accepted: $said"; return 1; }
	[[ $said == *"$sentence"* ]] || { echo "said: $said"; echo "expected: $sentence"; return 1; }
}

# links NAME SENTENCE: it links, but the ROM does not verify. refuses: it does not even link.
links() {
	t "$1: assembles" object "$1" || return
	t "$1: links" "$VMI" build -o "$TMP/$1.rom" "$TMP/$1.o" || return
	t "$1: is not a sound ROM" refused "$1" "$2" "$VMI" verify "$TMP/$1.rom"
}

refuses() {
	t "$1: assembles" object "$1" || return
	t "$1: build refuses" refused "$1" "$2" "$VMI" build -o "$TMP/$1.rom" "$TMP/$1.o"
	t "$1: verify refuses the object" refused "$1" "$2" "$VMI" verify "$TMP/$1.o"
	t "$1: no file is left" test ! -e "$TMP/$1.rom"
}

links "bare return" "\`ret' is a bare return" <<<'	ret'
links "return with pop" "is a return that no thunk can replace" <<<'	ret	8'
links "far return" "is a far return" <<<'	retf'
links "indirect jump" "is an indirect branch" <<<'	jmp	rax'
links "indirect call by register" "is an indirect branch" <<<'	call	r11'
links "indirect call by memory" "is an indirect branch" <<<'	call	[rsp + 8]'
links "vector register" "uses floating point or vector" <<<'	movups	xmm0, [rsp]'
links "x87" "uses floating point or vector" <<<'	fninit'
links "state saving" "uses floating point or vector" <<<'	fxsave	[rsp]'
links "write to text" "writes to text" <<<'	mov	dword [rel value], 1'
links "jump into an instruction" "arrives inside an instruction" <<<'	jmp	short $ + 1'

refuses "absolute address" "no absolute reference is allowed" <<<'	mov	rax, vmi_call_VERSION'
refuses "absolute address, 32 bits" "no absolute reference is allowed" <<<'	mov	eax, [abs data]'
refuses "GOT" "GOT relocation" <<'END'
	extern	vmi_somewhere
	mov	rax, [rel vmi_somewhere wrt ..got]
END
refuses "undefined symbol" "the symbol is undefined" <<'END'
	extern	somewhere
	call	somewhere
END
refuses "unknown guest entry" "there is no such guest entry" <<'END'
	extern	vmi_entry_NOWHERE
	jmp	vmi_entry_NOWHERE
END
refuses "unknown guest constant" "there is no such guest constant" <<'END'
	extern	vmi_const_NOTHING
	mov	rax, vmi_const_NOTHING
END
refuses "per-CPU block by RIP" "not RIP-relative" <<<'	mov	eax, [gs:rel vmi_percpu]'
refuses "return in disguise" "only \`jmp __x86_return_thunk'" <<<'	jz	__x86_return_thunk'
refuses "indirect thunk" "a ROM makes no indirect branch" <<'END'
	extern	__x86_indirect_thunk_rax
	call	__x86_indirect_thunk_rax
END
refuses "writable and executable" "is writable and executable" <<'END'
	[section .both progbits alloc exec write]
	nop
	[section .text]
END
refuses "stray section" "is not part of a ROM" <<'END'
	[section .init_array progbits alloc write noexec]
	dq	1
	[section .text]
END
refuses "missing endbr64" "with endbr64 first" <<'END'
	global	vmi_call_HALT:function hidden
vmi_call_HALT:
	hlt
END
refuses "inline without a call" "a CALL form must stand behind" <<'END'
	INLINE	HALT
	hlt
	INLINE_END HALT
END
refuses "inline that moves" "cannot hold a PC-relative reference" <<'END'
	global	vmi_inline_EXIT:data hidden, vmi_inline_EXIT_end:data hidden
vmi_inline_EXIT:
	mov	eax, [data]
vmi_inline_EXIT_end:
END
refuses "too large" "at most 0x10000 are possible" <<'END'
	[section .rodata]
	times	65536 db 1
	[section .text]
END
refuses "too much data" "at most 0x8000 are possible" <<'END'
	[section .bss]
	resb	32768
	[section .text]
END
finish
