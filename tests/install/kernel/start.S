/* SPDX-License-Identifier: MIT */
/* Entry of the out-of-tree kernel: by Multiboot, by PVH, by a ROM. Read next: kernel.c. */
#define OFFSET	0xffffffff80000000	/* linear minus physical */
#define PA(x)	((x) - OFFSET)

	.section .head, "a"
multiboot:
	.long	0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
	.long	PA(multiboot), PA(image), PA(bss), PA(image_end), PA(start32)

	.section .note.Xen, "a", @note		/* PVH entry */
	.long	4, 4, 18
	.asciz	"Xen"
	.long	PA(start32)

	.text
	.code32
start32:
	mov	$PA(root), %eax
	mov	%eax, %cr3
	mov	%cr4, %eax
	or	$0x20, %eax			/* PAE */
	mov	%eax, %cr4
	mov	$0xc0000080, %ecx		/* EFER: long mode */
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
	xor	%edi, %edi			/* no struct vmi_boot */
	movabs	$vmi_entry, %rax
	jmp	*%rax

	.globl	vmi_entry, trap
vmi_entry:
	mov	$stack, %rsp
	call	kernel_main
trap:	mov	$stack, %rsp			/* none is expected: say so and stop */
	call	kernel_trap

	.data
	.balign	4096
root:	.quad	PA(level3) + 3			/* the first GiB: at 0 and at OFFSET */
	.skip	510 * 8
	.quad	PA(level3) + 3
	.skip	4096				/* the root's companion */
level3:	.quad	PA(level2) + 3
	.skip	509 * 8
	.quad	PA(level2) + 3, 0
level2:	.set	i, 0
	.rept	512
	.quad	i * 0x200000 + 0x83
	.set	i, i + 1
	.endr
gdt:	.quad	0, 0x00af9b000000ffff, 0x00cf93000000ffff
gdt_register:
	.short	. - gdt - 1
	.long	PA(gdt)

	.globl	level2, rom_text, rom_data
	.balign	4096
rom_text:
	.skip	0x10000
rom_data:
	.skip	0x8000

	.bss
	.balign	4096
	.skip	8192
stack:
