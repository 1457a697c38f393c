; SPDX-License-Identifier: MIT
; Into a guest of ring 3 and back. While it runs, the stack that the processor
; takes on an interrupt, and SYSCALL by itself, is the one that pv_enter() was
; called on; both ways back end in pv_enter's return. GS base is vmihv's in
; vmihv, the guest's in the guest. Read next: run.c.

bits 64
default rel
section .note.GNU-stack noalloc noexec nowrite progbits
section .text

	extern	trap
	global	pv_trap, pv_enter_iret, pv_bad_frame, trap_on_own_stack

CPU_PV_STACK	equ	16			; struct cpu
CPU_PV_SCRATCH	equ	24
CPU_TSS_SP0	equ	36
MSR_GS_BASE	equ	0xc0000101
IST_BYTES	equ	4096			; cpu/segments.c: a multiple of this is where a stack starts
WHY_SYSCALL	equ	256
WHY_SYSCALL32	equ	257
BAD_FRAME	equ	258

; struct registers
%define REG(n)		[rdi + 8 * n]
%define RBX		0
%define RCX		1
%define RDX		2
%define RSI		3
%define RDI		4
%define RBP		5
%define RAX		14
%define RSP		15
%define RIP		16
%define RFLAGS		17
%define CS		18
%define SS		19
%define CODE		20

%macro EACH_BUT_RDI 1
	%1	rbx, RBX
	%1	rcx, RCX
	%1	rdx, RDX
	%1	rsi, RSI
	%1	rbp, RBP
	%1	r8, 6
	%1	r9, 7
	%1	r10, 8
	%1	r11, 9
	%1	r12, 10
	%1	r13, 11
	%1	r14, 12
	%1	r15, 13
	%1	rax, RAX
%endmacro
%macro LOAD 2
	mov	%1, REG(%2)
%endmacro
%macro STORE 2
	mov	REG(%2), %1
%endmacro

; u64 pv_enter(struct registers *regs): seven words and the return address make it a multiple of 16.
	global	pv_enter:function (pv_enter_end - pv_enter)
	align	16, int3
pv_enter:
	endbr64
	push	rbx
	push	rbp
	push	r12
	push	r13
	push	r14
	push	r15
	push	rdi
	mov	[gs:CPU_PV_STACK], rsp
	mov	[gs:CPU_TSS_SP0], rsp
	push	qword REG(SS)
	push	qword REG(RSP)
	push	qword REG(RFLAGS)
	push	qword REG(CS)
	push	qword REG(RIP)
	or	dword [rsp + 16], 0x200		; the machine's interrupts come whatever the guest's own flag says
	EACH_BUT_RDI LOAD
	mov	rdi, REG(RDI)
	swapgs
pv_enter_iret:
	iretq
pv_enter_end:

; The IRETQ above was refused; traps.asm comes here with GS base still the guest's.
pv_bad_frame:
	swapgs
	mov	eax, BAD_FRAME
leave:
	mov	rsp, [gs:CPU_PV_STACK]
	pop	rdi
	pop	r15
	pop	r14
	pop	r13
	pop	r12
	pop	rbp
	pop	rbx
	ret

; From ring 3, on whatever stack: vector, error code, frame.
	align	16, int3
pv_trap:
	cld
	swapgs
	push	rdi
	mov	rdi, [gs:CPU_PV_STACK]
	mov	rdi, [rdi]
	EACH_BUT_RDI STORE
	pop	qword REG(RDI)
	pop	rax
	pop	qword REG(CODE)
	pop	qword REG(RIP)
	pop	qword REG(CS)
	pop	qword REG(RFLAGS)
	pop	qword REG(RSP)
	pop	qword REG(SS)
	jmp	leave

; SYSCALL, from 64-bit code and from compatibility mode. CS and SS are not told.
%macro FROM_SYSCALL 2
	global	%1
	align	16, int3
%1:
	swapgs
	mov	[gs:CPU_PV_SCRATCH], rsp
	mov	rsp, [gs:CPU_PV_STACK]
	push	rdi
	mov	rdi, [rsp + 8]
	EACH_BUT_RDI STORE
	pop	qword REG(RDI)
	mov	REG(RIP), rcx
	mov	REG(RFLAGS), r11
	mov	rax, [gs:CPU_PV_SCRATCH]
	mov	REG(RSP), rax
	mov	eax, %2
	jmp	leave
%endmacro
	FROM_SYSCALL pv_syscall, WHY_SYSCALL
	FROM_SYSCALL pv_syscall32, WHY_SYSCALL32

; An exception that has a stack of its own, in vmihv itself: it may have come before GS base was changed. The processor's
; own is at the end of the stack.
	align	16, int3
trap_on_own_stack:
	test	byte [rsp + 24], 3
	jnz	pv_trap
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
	mov	ecx, MSR_GS_BASE
	rdmsr
	mov	r12d, eax
	mov	r13d, edx
	mov	rax, rsp
	or	rax, IST_BYTES - 1
	mov	rax, [rax - 15]
	mov	rdx, rax
	shr	rdx, 32
	wrmsr
	mov	rdi, rsp
	mov	rbx, rsp
	and	rsp, -16
	call	trap
	mov	rsp, rbx
	mov	eax, r12d
	mov	edx, r13d
	mov	ecx, MSR_GS_BASE
	wrmsr
	POP_ALL r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
	add	rsp, 16
	iretq

; int pv_copy(void *to, const void *from, u64 bytes)
	global	pv_copy:function (pv_copy.end - pv_copy)
	align	16, int3
pv_copy:
	endbr64
	mov	rcx, rdx
	xor	eax, eax
	shr	rcx, 3
.words:	rep movsq
	mov	ecx, edx
	and	ecx, 7
.bytes:	rep movsb
	ret
.bad:	mov	eax, -1
	ret
.end:

; void pv_load_ds(u16 selector) and its like.
%macro LOADER 1
	global	pv_load_%1:function (pv_load_%1.end - pv_load_%1)
	align	16, int3
pv_load_%1:
	endbr64
.load:	mov	%1, edi
	ret
.bad:	xor	edi, edi
	mov	%1, edi
	ret
.end:
%endmacro
	LOADER ds
	LOADER es
	LOADER fs
	LOADER gs

section .rodata
	align	8
	global	pv_fixups, pv_fixups_end
pv_fixups:
	dq	pv_copy.words, pv_copy.bad
	dq	pv_copy.bytes, pv_copy.bad
	dq	pv_load_ds.load, pv_load_ds.bad
	dq	pv_load_es.load, pv_load_es.bad
	dq	pv_load_fs.load, pv_load_fs.bad
	dq	pv_load_gs.load, pv_load_gs.bad
pv_fixups_end:
