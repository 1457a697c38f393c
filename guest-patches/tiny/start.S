/* SPDX-License-Identifier: MIT */
/*
 * Where a host enters: 32-bit on bare hardware (Multiboot or PVH), 64-bit by a
 * ROM. And where the processor enters later: exceptions and events. Read next:
 * guest.c, which takes the ROM.
 */
#include <vmi/note_macros.h>

#define OFFSET		0xffffffff80000000	/* linear minus physical, of the image */
#define DIRECT_MAP	0xffff888000000000
#define PA(symbol)	((symbol) - OFFSET)

/* ---- what boot loaders and hosts read ---- */
	.section .multiboot, "a"
multiboot:
	.long	0x1badb002, 0x10002, -(0x1badb002 + 0x10002)
	.long	PA(multiboot), PA(image), PA(data_end), PA(image_end), PA(start32)

	.pushsection .note.Xen, "a", @note	/* PVH: PHYS32_ENTRY */
	.long	4, 4, 18
	.asciz	"Xen"
	.long	PA(start32)
	.popsection

	VMI_NOTE_BEGIN 1			/* struct vmi_note */
	.short	0, 1, 1, 88			/* major, minor, draft, size */
	.quad	rom_text
	.long	0x10000, 0x8000
	.quad	rom_data, vmi_entry, OFFSET, image_end, DIRECT_MAP
	.quad	0, 0				/* requires no call */
	.long	0, 0				/* nor feature, and takes any */
	VMI_NOTE_END
	VMI_NOTE_HOST_ROOM 512

/* ---- bare hardware: EAX = the loader's magic, EBX = its structure ---- */
	.text
	.code32
start32:
	mov	%eax, %ebp
	rdtsc
	mov	%eax, PA(entry_tsc)
	mov	%edx, PA(entry_tsc) + 4
	mov	$PA(root), %eax
	mov	%eax, %cr3
	mov	$0xa0, %eax			/* PAE, global pages */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx		/* EFER.LME */
	rdmsr
	or	$0x100, %eax
	wrmsr
	mov	$0x80000001, %eax		/* paging, protection */
	mov	%eax, %cr0
	lgdt	PA(gdt_register)
	ljmp	$8, $PA(start64)
	.code64
start64:
	mov	$0x10, %eax
	mov	%eax, %ds
	mov	%eax, %es
	mov	%eax, %ss
	lgdt	gdt_register_high
	mov	$stack_top, %rsp
	mov	%ebp, %edi
	mov	%ebx, %esi
	xor	%edx, %edx
	movabs	$start, %rax
	call	*%rax

/* ---- a ROM: RDI = struct vmi_boot, any stack ---- */
	.globl	vmi_entry
vmi_entry:
	mov	%rdi, %rdx
	mov	$stack_top, %rsp
	call	start

/* ---- entries: the hardware's frame, error code or 0, number ---- */
	.altmacro
	.macro	ENTRY nr
entry_\nr:
	.if	!(\nr == 8 || (\nr >= 10 && \nr <= 14) || \nr == 17 || \nr == 21 || \nr == 29 || \nr == 30)
	push	$0
	.endif
	push	$\nr
	jmp	common
	.pushsection .rodata
	.quad	entry_\nr
	.popsection
	.endm
	.pushsection .rodata
	.globl	entries
entries:
	.popsection
	.set	i, 0
	.rept	40
	ENTRY	%i
	.set	i, i + 1
	.endr

common:
	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
	push	%\r
	.endr
	mov	%rsp, %rdi
	mov	%rsp, %rbp
	and	$-16, %rsp
	call	trap
	mov	%rbp, %rsp
	.irp	r, r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax
	pop	%\r
	.endr
	add	$16, %rsp
	jmp	*vmi_ptr + 58 * 8		/* IRET */
	.globl	native_iret
native_iret:
	iretq

/* ---- tables: the first GiB, at 0 for the start, at OFFSET, at DIRECT_MAP ---- */
	.section .tables, "aw"
	.balign	4096
	.globl	root
root:	.quad	PA(level3) + 3
	.skip	272 * 8
	.quad	PA(level3) + 3			/* DIRECT_MAP */
	.skip	(511 - 274) * 8
	.quad	PA(level3) + 3
	.skip	4096				/* the root's companion */
level3:	.quad	PA(level2) + 3
	.skip	509 * 8
	.quad	PA(level2) + 3			/* OFFSET */
	.skip	8
level2:
	.set	i, 0
	.rept	512
	.quad	i * 0x200000 + 0x83
	.set	i, i + 1
	.endr

	.globl	gdt
	.balign	4096
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff	/* 08, 10: kernel */
	.quad	0x00cff3000000ffff, 0x00affb000000ffff		/* 1b, 23: user */
gdt_end:
gdt_register:
	.short	gdt_end - gdt - 1
	.long	PA(gdt), 0
gdt_register_high:
	.short	gdt_end - gdt - 1
	.quad	gdt
	.globl	entry_tsc
	.balign	8
entry_tsc:
	.quad	0

	.section .rom, "aw"			/* filled by the guest or by `vmi bundle` */
	.balign	4096
	.globl	rom_text, rom_data
rom_text:
	.skip	0x10000
rom_data:
	.skip	0x8000

	.bss
	.balign	4096
	.skip	16384
stack_top:
