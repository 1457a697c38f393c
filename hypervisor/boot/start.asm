; SPDX-License-Identifier: MIT
; Where a boot loader enters: 32 bits, no paging; by Multiboot or by PVH. The
; first tables map the first 4 GiB twice, one to one and at DIRECT_MAP, and the
; image's own 1 GiB at OFFSET; memory/paging.c makes better ones. Read next: boot.c.

OFFSET		equ	0xffffffff80000000	; linear minus physical of the image
MULTIBOOT	equ	0x1badb002
FLAGS		equ	0x00010003		; aligned modules, memory map, addresses below
XEN_PHYS32_ENTRY equ	18
CR4_PAE_PGE	equ	0xa0
MSR_EFER	equ	0xc0000080
EFER_LME_NXE	equ	0x900
CR0_PG_WP_PE	equ	0x80010001
PAGE_PRESENT_RW	equ	3
PAGE_LARGE	equ	0x83
NO_TABLE	equ	0

	extern	image, image_data_end, image_end, boot_main
	global	start32, boot_stack

section .note.GNU-stack noalloc noexec nowrite progbits
section .head progbits alloc noexec nowrite align=8
multiboot:
	dd	MULTIBOOT, FLAGS, -(MULTIBOOT + FLAGS)
	dd	multiboot - OFFSET, image - OFFSET, image_data_end - OFFSET, image_end - OFFSET
	dd	start32 - OFFSET

section .note.Xen note alloc noexec nowrite align=4
	dd	4, 4, XEN_PHYS32_ENTRY
	db	"Xen", 0
	dd	start32 - OFFSET

section .boot progbits alloc exec nowrite align=16
bits 32
start32:					; EAX: the loader's magic, EBX: its structure
	cld
	mov	esp, boot_stack - OFFSET
	mov	ebp, eax
	mov	edi, level2 - OFFSET		; 4 GiB of 2 MiB pages
	mov	eax, PAGE_LARGE
	mov	ecx, 4 * 512
.page:	mov	[edi], eax
	mov	dword [edi + 4], 0
	add	edi, 8
	add	eax, 0x200000
	loop	.page
	mov	eax, level4 - OFFSET
	mov	cr3, eax
	mov	eax, CR4_PAE_PGE
	mov	cr4, eax
	mov	ecx, MSR_EFER
	rdmsr
	or	eax, EFER_LME_NXE
	wrmsr
	mov	eax, CR0_PG_WP_PE
	mov	cr0, eax
	lgdt	[gdt_register - OFFSET]
	jmp	8:start64 - OFFSET
bits 64
start64:
	mov	eax, 0x10
	mov	ss, eax
	mov	rax, strict qword .high
	jmp	rax
.high:	mov	rsp, strict qword boot_stack
	mov	edi, ebp
	mov	esi, ebx
	xor	ebp, ebp
	call	boot_main
.stop:	cli
	hlt
	jmp	.stop

section .data align=4096
level4:	dq	level3 - OFFSET + PAGE_PRESENT_RW
	times 255 dq NO_TABLE
	dq	level3 - OFFSET + PAGE_PRESENT_RW	; DIRECT_MAP
	times 254 dq NO_TABLE
	dq	level3_image - OFFSET + PAGE_PRESENT_RW
level3:
%assign i 0
%rep 4
	dq	level2 + i * 4096 - OFFSET + PAGE_PRESENT_RW
%assign i i + 1
%endrep
	times 508 dq NO_TABLE
level3_image:
	times 510 dq NO_TABLE
	dq	level2 - OFFSET + PAGE_PRESENT_RW
	dq	NO_TABLE
gdt:	dq	0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_register:
	dw	23
	dd	gdt - OFFSET

section .bss align=4096 nobits
level2:	resb	4 * 4096
	resb	16384
boot_stack:
