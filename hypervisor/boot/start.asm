; SPDX-License-Identifier: MIT
; Where a boot loader enters: 32 bits, no paging; by Multiboot or by PVH. The
; first tables map the first 4 GiB three times: one to one, at DIRECT_MAP, and at
; OFFSET; memory/paging.c makes better ones. pa_X, the physical address of X, is
; vmihv.lds's. Read next: boot.c.

OFFSET		equ	0xffff878000000000	; linear minus physical of the image
IMAGE_SLOT	equ	271			; its entry in the root table
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
CODE64		equ	0x08			; the descriptors of the first table
DATA		equ	0x10
CODE32		equ	0x18

	extern	boot_main, ap_main
	extern	pa_image, pa_multiboot, pa_data_end, pa_image_end, pa_start32, pa_start64
	extern	pa_stack, pa_level2, pa_level4, pa_gdt_register, pa_gdt, pa_ap32, pa_ap64
	global	multiboot, start32, start64, boot_stack, level2, level4, gdt_register, gdt
	global	ap_trampoline, ap_trampoline_end, ap32, ap64, ap_start

section .note.GNU-stack noalloc noexec nowrite progbits
section .head progbits alloc noexec nowrite align=8
multiboot:
	dd	MULTIBOOT, FLAGS, -(MULTIBOOT + FLAGS)
	dd	pa_multiboot, pa_image, pa_data_end, pa_image_end, pa_start32

section .note.Xen note alloc noexec nowrite align=4
	dd	4, 4, XEN_PHYS32_ENTRY
	db	"Xen", 0
	dd	pa_start32

; From flat 32-bit mode to 64 bits on the first tables.
%macro LONG_MODE 1
	mov	eax, pa_level4
	mov	cr3, eax
	mov	eax, CR4_PAE_PGE
	mov	cr4, eax
	mov	ecx, MSR_EFER
	rdmsr
	or	eax, EFER_LME_NXE
	wrmsr
	mov	eax, CR0_PG_WP_PE
	mov	cr0, eax
	lgdt	[pa_gdt_register]
	jmp	CODE64:%1
%endmacro

section .boot progbits alloc exec nowrite align=16
bits 32
start32:					; EAX: the loader's magic, EBX: its structure
	cld
	mov	esp, pa_stack
	mov	ebp, eax
	mov	edi, pa_level2		; 4 GiB of 2 MiB pages
	mov	eax, PAGE_LARGE
	mov	ecx, 4 * 512
.page:	mov	[edi], eax
	mov	dword [edi + 4], 0
	add	edi, 8
	add	eax, 0x200000
	loop	.page
	LONG_MODE pa_start64
bits 64
start64:
	mov	eax, DATA
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

; Where another processor begins, in a copy of this in low memory: real mode, CS its
; page. Then like the first, but that what it runs on has been made for it.
bits 16
ap_trampoline:
	cli
	cld
	o32 lgdt [cs:.table - ap_trampoline]
	mov	eax, cr0
	or	al, 1
	mov	cr0, eax
	jmp	dword CODE32:pa_ap32
.table:	dw	GDT_LIMIT
	dd	pa_gdt
ap_trampoline_end:
bits 32
ap32:
	mov	eax, DATA
	mov	ds, eax
	mov	es, eax
	mov	ss, eax
	LONG_MODE pa_ap64
bits 64
ap64:
	mov	eax, DATA
	mov	ss, eax
	mov	rax, strict qword .high
	jmp	rax
.high:	mov	rbx, strict qword ap_start
	mov	rax, [rbx]
	mov	cr3, rax			; its stack may lie above what the first tables map
	mov	rsp, [rbx + 8]
	mov	rdi, [rbx + 16]
	xor	ebp, ebp
	call	ap_main
.stop:	cli
	hlt
	jmp	.stop

section .data align=4096
level4:	dq	level3 - OFFSET + PAGE_PRESENT_RW
	times 255 dq NO_TABLE
	dq	level3 - OFFSET + PAGE_PRESENT_RW	; DIRECT_MAP
	times IMAGE_SLOT - 257 dq NO_TABLE
	dq	level3 - OFFSET + PAGE_PRESENT_RW
	times 511 - IMAGE_SLOT dq NO_TABLE
level3:
%assign i 0
%rep 4
	dq	level2 + i * 4096 - OFFSET + PAGE_PRESENT_RW
%assign i i + 1
%endrep
	times 508 dq NO_TABLE
gdt:	dq	0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cf9b000000ffff
GDT_LIMIT	equ	$ - gdt - 1
ap_start:					; cpu/smp.c: page table root, end of the stack, struct cpu
	dq	0, 0, 0
gdt_register:
	dw	GDT_LIMIT
	dd	pa_gdt

section .bss align=4096 nobits
level2:	resb	4 * 4096
	resb	16384
boot_stack:
