; SPDX-License-Identifier: MIT
; Where the processor enters: one stub for each vector, the same frame for all
; (struct trap_frame). Read next: traps.c.

bits 64
default rel
section .note.GNU-stack noalloc noexec nowrite progbits
section .text

	extern	trap
	global	trap_stubs, trap_stub_bytes

%define HAS_CODE	0x60227d00		; vectors whose frame has an error code
STUB	equ	16

	align	STUB, int3
trap_stubs:
%assign i 0
%rep 256
	align	STUB, int3
	endbr64
%if i > 31 || !((HAS_CODE >> i) & 1)
	push	byte 0
%endif
	push	strict dword i
	jmp	strict near enter
%assign i i + 1
%endrep

enter:
%macro PUSH_ALL 1-*
%rep %0
	push	%1
%rotate 1
%endrep
%endmacro
%macro POP_ALL 1-*
%rep %0
	pop	%1
%rotate 1
%endrep
%endmacro
	PUSH_ALL rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	cld
	mov	rdi, rsp
	mov	rbp, rsp
	and	rsp, -16
	call	trap
	mov	rsp, rbp
	POP_ALL r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
	add	rsp, 16
	iretq

section .rodata
trap_stub_bytes:
	dd	STUB
