; SPDX-License-Identifier: MIT
; From firmware's 64-bit mode to flat 32-bit mode without paging, as PVH's entry
; wants it. It runs in a copy below 4 GiB, which can be written. And vmihv itself, as it lies in memory.

bits 64
default rel
section .note.GNU-stack noalloc noexec nowrite progbits

MSR_EFER	equ	0xc0000080
EFER_LME	equ	0x100
CR0_PG		equ	0x80000000
CODE32		equ	0x08
DATA		equ	0x10

	global	leave_start:data hidden, leave_end:data hidden, vmihv_image:data hidden

section .text
; void leave(u32 entry, u32 info)
leave_start:
	cli
	mov	ebp, edi
	mov	ebx, esi
	lea	rax, [.gdt]
	mov	[.base], rax
	lgdt	[.limit]
	lea	rax, [.flat]
	push	CODE32
	push	rax
	o64 retf
bits 32
.flat:	mov	eax, DATA
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	mov	eax, cr0
	and	eax, ~CR0_PG
	mov	cr0, eax
	mov	ecx, MSR_EFER
	rdmsr
	and	eax, ~EFER_LME
	wrmsr
	xor	eax, eax			; no Multiboot
	jmp	ebp
	align	8, int3
.gdt:	dq	0, 0x00cf9b000000ffff, 0x00cf93000000ffff
.limit:	dw	23
.base:	dq	0
leave_end:

section .rodata align=16
vmihv_image:
	incbin	"vmihv.bin"
