; SPDX-License-Identifier: MIT
; A ROM that has one of everything a ROM can have, and is for no host. The tests
; break copies of it (mkbroken.c), or put one wrong thing into it by case.inc.

%include "core/head.asm"
%include "shim.inc"

extern vmi_percpu, vmi_entry_PF, vmi_const_KERNEL_CS, vmi_const_DIRECT_MAP, vmi_const_KERNEL_ENTRY

FUNC vmi_rom_detect
	xor	eax, eax
	RET
END vmi_rom_detect

FUNC vmi_call_VERSION
	xor	eax, eax
	RET
END vmi_call_VERSION

FUNC vmi_call_IMPLEMENTATION
	mov	eax, [data]			; text to data
	RET
END vmi_call_IMPLEMENTATION

FUNC vmi_call_PROBE
	mov	[zeroed], edi			; text to bss
	xor	eax, eax
	RET
END vmi_call_PROBE

FUNC vmi_rom_boot
	mov	rax, vmi_const_KERNEL_ENTRY	; 64-bit constant
	mov	rdx, vmi_const_DIRECT_MAP
	push	qword vmi_const_KERNEL_CS	; 32-bit constant
	pop	rdx
	jmp	vmi_entry_PF			; guest entry
END vmi_rom_boot

FUNC vmi_call_IRQ_DISABLE
	mov	byte [gs:abs vmi_percpu + 1], 1	; per-CPU block
	RET
END vmi_call_IRQ_DISABLE

FUNC vmi_early_IRQ_DISABLE
	mov	byte [data], 1
	RET
END vmi_early_IRQ_DISABLE

INLINE IRQ_DISABLE
	mov	byte [gs:abs vmi_percpu + 1], 1
INLINE_END IRQ_DISABLE

FUNC vmi_call_READ_CR2
.load:	mov	rax, [rdi]			; may fault
	RET
.fault:	xor	eax, eax
	RET
	EXTABLE	.load, .fault
END vmi_call_READ_CR2

FUNC vmi_call_EXIT
%include "case.inc"
	push	rbx
	UNWIND	16
	xor	eax, eax
	pop	rbx
	UNWIND	8
	RET
END vmi_call_EXIT
after_all:

ANSWER_NOP WBINVD

	section .rodata
value:	dq	0x1234

	section .vmi.notes
	dd	4, 8, 1
	db	"Xen", 0
	dq	vmi_rom_boot			; an address for the host

	section .data
data:	dd	1
	dd	vmi_call_VERSION - $		; data to text

	section .bss
zeroed:	resb	4096
