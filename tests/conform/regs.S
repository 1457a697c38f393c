/* SPDX-License-Identifier: MIT */
/* Tests of registers need assembly: nobody else knows what was in them. Read next: main.c. */

	.macro	SAVE
	.irp	r, rbx, rbp, r12, r13, r14, r15
	push	%\r
	.endr
	.endm
	.macro	RESTORE
	.irp	r, r15, r14, r13, r12, rbp, rbx
	pop	%\r
	.endr
	.endm

/* Each register gets a value of its own; RSP is compared too. */
	.macro	FILL
	.set	n, 1
	.irp	r, rbx, rcx, rdx, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movabs	$0x1122334455667700 + n, %\r
	.set	n, n + 1
	.endr
	.endm
	.macro	BIT r, value
	cmp	\value, %\r
	setne	%al
	movzbl	%al, %eax
	shl	$n, %rax
	or	%rax, bits
	.set	n, n + 1
	.endm
	.macro	COMPARE
	movq	$0, bits
	.set	n, 1
	.irp	r, rbx, rcx, rdx, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	movabs	$0x1122334455667700 + n, %rax
	BIT	\r, %rax
	.endr
	BIT	rdi, in_rdi
	BIT	rsi, in_rsi
	BIT	rsp, in_rsp
	.endm

	.text
	.globl	call_regs
call_regs:
	SAVE
	push	%r8
	mov	%rdi, target
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rax
	mov	%rdi, in_rdi
	mov	%rsi, in_rsi
	mov	%rsp, in_rsp
	FILL
	call	*target
	mov	%rax, result
	COMPARE
	mov	in_rsp, %rsp
	pop	%r8
	mov	bits, %rax
	mov	%rax, (%r8)
	mov	result, %rax
	RESTORE
	ret

	.globl	ud2_registers
ud2_registers:
	SAVE
	mov	%rdi, in_rdi
	mov	%rsi, in_rsi
	mov	%rsp, in_rsp
	FILL
	movabs	$0x1122334455667780, %rax
	ud2
	mov	%rax, result
	COMPARE
	mov	bits, %rax
	movabs	$0x1122334455667780, %rcx
	xor	result, %rcx
	or	%rcx, %rax
	RESTORE
	ret

	.globl	call_unwound
call_unwound:
	SAVE
	push	%rax
	mov	%rdi, %rax
	mov	%rsi, %rdi
	mov	%rdx, %rsi
	mov	%rcx, %rdx
	mov	%r8, %rcx
	movl	$1, unwinding
	call	*%rax
	movl	$0, unwinding			/* whoever unwound it goes on here */
	pop	%rcx
	RESTORE
	ret

	.globl	user_enter, user_return, user_kernel_rsp
user_enter:
	SAVE
	mov	%rsp, user_kernel_rsp
	push	$0x1b
	push	%rdx
	push	%rsi
	push	$0x23
	push	%rdi
	mov	$0x5a5a, %ebx
	jmp	*vmi_ptr + 58 * 8		/* IRET */
user_return:
	RESTORE
	ret

	.globl	can_read
can_read:
	movq	$1f, resume
	movb	(%rdi), %al
	movl	$1, %eax
	jmp	2f
1:	xor	%eax, %eax
2:	movq	$0, resume
	ret

	.globl	gs_selector
gs_selector:
	mov	%gs, %eax
	ret

	.globl	selector_is_good
selector_is_good:
	xor	%eax, %eax
	lar	%edi, %ecx
	setz	%al
	ret

	.bss
	.balign	8
user_kernel_rsp:
	.skip	8
target:	.skip	8
result:	.skip	8
bits:	.skip	8
in_rdi:	.skip	8
in_rsi:	.skip	8
in_rsp:	.skip	8
