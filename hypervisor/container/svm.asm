; SPDX-License-Identifier: MIT
; Into a guest and back. VMRUN switches what the control block holds; the other
; registers are switched here. VMLOAD, VMRUN and VMSAVE take the block in RAX. Read next: svm.c.

bits 64
default rel
section .note.GNU-stack noalloc noexec nowrite progbits
section .text

; void svm_enter(u64 vmcb_pa, struct registers *regs, u64 host_pa)
; In the order of struct registers, from its start.
%macro EACH_REGISTER 1
	%1	rbx, 0
	%1	rcx, 1
	%1	rdx, 2
	%1	rdi, 4
	%1	rbp, 5
	%1	r8, 6
	%1	r9, 7
	%1	r10, 8
	%1	r11, 9
	%1	r12, 10
	%1	r13, 11
	%1	r14, 12
	%1	r15, 13
%endmacro
%define RSI_PLACE	3
%macro LOAD 2
	mov	%1, [rsi + 8 * %2]
%endmacro
%macro STORE 2
	mov	[rsi + 8 * %2], %1
%endmacro

	global	svm_enter:function (svm_enter.end - svm_enter)
	align	16, int3
svm_enter:
	endbr64
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	push	rdx				; host_pa
	push	rsi				; regs
	mov	rax, rdi
	clgi
	sti					; held back by GIF until the guest runs
	vmload
	EACH_REGISTER LOAD
	mov	rsi, [rsi + 8 * RSI_PLACE]
	vmrun
	vmsave
	push	rsi
	mov	rsi, [rsp + 8]
	EACH_REGISTER STORE
	pop	qword [rsi + 8 * RSI_PLACE]
	mov	rax, [rsp + 8]
	vmload
	cli
	stgi
	add	rsp, 16
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret
.end:
