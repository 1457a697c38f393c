; SPDX-License-Identifier: MIT
; Where Multiboot enters, and the way on into a kernel. Read next: handover.c.

MULTIBOOT	equ	0x1badb002
FLAGS		equ	0x00000003	; aligned modules, memory map
STACK		equ	0x4000

	extern	handover
	global	start, leave

section .note.GNU-stack noalloc noexec nowrite progbits
section .head progbits alloc noexec nowrite align=4
	dd	MULTIBOOT, FLAGS, -(MULTIBOOT + FLAGS)

section .text
start:					; EBX: Multiboot's structure
	cld
	lgdt	[gdt_register]
	jmp	0x10:.flat
.flat:	mov	eax, 0x18
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	mov	esp, stack_end
	push	ebx
	call	handover		; returns only with nothing to start
.stop:	cli
	hlt
	jmp	.stop

; leave(entry, ebx, esi): what a kernel's 32-bit entry expects, by PVH and by Linux's boot protocol.
leave:	mov	eax, [esp + 4]
	mov	ebx, [esp + 8]
	mov	esi, [esp + 12]
	xor	ebp, ebp
	xor	edi, edi
	jmp	eax

section .data align=8
; Code and data stand where Linux's boot protocol wants them (__BOOT_CS, __BOOT_DS).
gdt:	dq	0, 0, 0x00cf9b000000ffff, 0x00cf93000000ffff
gdt_register:
	dw	gdt_register - gdt - 1
	dd	gdt

section .bss nobits align=16
	resb	STACK
stack_end:
