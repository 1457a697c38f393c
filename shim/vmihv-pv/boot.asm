; SPDX-License-Identifier: MIT
; Entry from vmihv. RSI = struct vmihv_start, RSP = a stack of one page, no
; interrupts. The kernel's BSS is zero, as loaded. Read next: boot.c.
%include "shim.inc"

	extern	pv_boot
	extern	vmi_const_KERNEL_ENTRY

FUNC vmi_rom_boot
	UNWIND	0, UNWIND_RSP, UNWIND_END
	cld
	xor	ebp, ebp
	mov	rdi, rsi
	call	pv_boot
	mov	rdi, rax			; struct vmi_boot *
	xor	esi, esi
	mov	rax, strict qword vmi_const_KERNEL_ENTRY
	push	rax
	RET
END vmi_rom_boot
