/* SPDX-License-Identifier: MIT */
/* Where hosts enter, bare hardware in 32 bits; where the processor enters; tables. Read next: tiny.c. */
#include <vmi/note_macros.h>

#define OFFSET		0xffffffff80000000	/* linear minus physical, of the image */
#define DIRECT_MAP	0xffff888000000000
#define PA(symbol)	((symbol) - OFFSET)

	.section .multiboot, "a"
multiboot: .long 0x1badb002, 0x10002, -(0x1badb002 + 0x10002)
	.long	PA(multiboot), PA(image), PA(data_end), PA(image_end), PA(start32)

	.section .note.Xen, "a", @note		/* PVH: PHYS32_ENTRY */
	.long	4, 4, 18, 0x6e6558, PA(start32)	/* 'Xen', 0 */

	VMI_NOTE_BEGIN 1			/* struct vmi_note */
note:	.short	0, 1, 1, 88			/* major, minor, draft, size */
	.quad	rom_text
	.long	0x10000, 0x8000
	.quad	rom_data, vmi_entry, OFFSET, image_end, DIRECT_MAP
	.quad	0, 0, 0				/* requires no call, no feature, refuses none */
	VMI_NOTE_END
	VMI_NOTE_HOST_ROOM 512

	.text
	.globl	vmi_entry, native_iret, entries, root, level2, gdt, entry_tsc, rom_text, rom_data, note
	.code32
start32:					/* EAX: the loader's magic, EBX: its structure */
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
	mov	%eax, %ss
	mov	$0xff, %al			/* silence the old interrupt controllers */
	out	%al, $0x21
	out	%al, $0xa1
	mov	$entries, %rdx
	mov	$idt, %rdi
1:	mov	%dx, (%rdi)			/* interrupt gates, ring 0 */
	movl	$0x8e000008, 2(%rdi)
	mov	%rdx, %rax
	shr	$16, %rax
	mov	%rax, 6(%rdi)
	add	$16, %rdx
	add	$16, %rdi
	cmp	$common, %rdx
	jb	1b
	lidt	idt_register
	mov	%ebp, %edi
	mov	%ebx, %esi
	xor	%edx, %edx
	jmp	2f

vmi_entry:					/* a ROM: RDI = struct vmi_boot */
	mov	%rdi, %rdx
2:	mov	$stack, %rsp
	mov	$start, %rax			/* far from where we may still be */
	call	*%rax

/* Entries, 16 bytes each: the hardware's frame, error code or 0, number, registers. */
	.set	i, 0
	.balign	16
entries: .rept	40
	.balign	16
	.if	!(0x60227d00 >> i & 1)		/* those without an error code */
	push	$0
	.endif
	push	$i
	jmp	common
	.set	i, i + 1
	.endr

	.balign	16
common:	.irp	r, rax, rbx, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13, r14, r15
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
native_iret: iretq

	.section .tables, "aw"
	.balign	4096
root:	.quad	PA(level3) + 3; .skip 272 * 8	/* the first GiB: at 0 for the start, */
	.quad	PA(level3) + 3; .skip 237 * 8	/* at DIRECT_MAP */
	.quad	PA(level3) + 3; .skip 4096	/* and at OFFSET; then the root's companion */
level3:	.quad	PA(level2) + 3; .skip 509 * 8
	.quad	PA(level2) + 3, 0
	.set	i, 0
level2:	.rept	512
	.quad	i * 0x200000 + 0x83
	.set	i, i + 1
	.endr
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff	/* 08, 10: kernel */
	.quad	0x00cff3000000ffff, 0x00affb000000ffff		/* 1b, 23: user */
entry_tsc: .quad 0
gdt_register: .short 39; .quad PA(gdt)
idt_register: .short 40 * 16 - 1; .quad idt

	.section .rom, "aw"			/* filled by the guest or by `vmi bundle` */
	.balign	4096
rom_text: .skip 0x10000
rom_data: .skip 0x8000
	.bss
	.balign	16
idt:	.skip	40 * 16
	.skip	16384
stack:
