; SPDX-License-Identifier: MIT
; Where the processor enters: one stub for each vector, the same frame for all
; (struct trap_frame). Read next: traps.c.

bits 64
default rel
section .note.GNU-stack noalloc noexec nowrite progbits
section .text

	extern	trap, pv_trap, pv_enter_iret, pv_bad_frame, trap_on_own_stack
	global	trap_stubs, trap_stub_bytes

%define HAS_CODE	0x60227d00		; vectors whose frame has an error code
%define OWN_STACK	0x00040106		; those that traps.c gives a stack of their own
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
%if i < 32 && ((OWN_STACK >> i) & 1)
	jmp	strict near trap_on_own_stack
%else
	jmp	strict near enter
%endif
%assign i i + 1
%endrep

; From a guest, from the instruction that was to load one, or from vmihv.
enter:
	test	byte [rsp + 24], 3
	jnz	pv_trap
	push	rax
	lea	rax, [pv_enter_iret]
	cmp	[rsp + 24], rax
	pop	rax
	je	pv_bad_frame
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
