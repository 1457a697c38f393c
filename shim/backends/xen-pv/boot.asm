; SPDX-License-Identifier: MIT
; Entry from Xen. 64-bit mode on Xen's bootstrap tables; RSI = start_info, RSP =
; a stack of one page, events masked. The kernel's BSS is zero, as loaded.
%include "shim.inc"

	extern	xen_boot
	extern	vmi_const_KERNEL_ENTRY

FUNC vmi_rom_boot
	UNWIND	0, UNWIND_RSP, UNWIND_END
	cld
	xor	ebp, ebp
	mov	rdi, rsi
	mov	rsi, rsp
	and	rsp, -16
	call	xen_boot
	mov	rdi, rax			; struct vmi_boot *
	xor	esi, esi
	mov	rax, strict qword vmi_const_KERNEL_ENTRY
	push	rax
	RET
END vmi_rom_boot
