; SPDX-License-Identifier: MIT
; Interrupt flag and other one-instruction calls. FAST: every register but RAX
; is kept. The early forms serve the boot CPU before PERCPU_READY, when Xen
; keeps its state in the shared page; the others use the CPU's own block.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_percpu
	extern	xen_shared_page
	extern	xen_boot_cpu

%define CPU(field)	[abs gs:vmi_percpu + field]
%define SHARED(field)	[rel xen_shared_page + field]

; The mask byte is 1 when interrupts are off, else 0; bit 9 of the result says the
; reverse, and no other bit says anything: 0 or all of them. 11 bytes in all, so
; that it fits in Linux's 14.
%macro MASK_TO_FLAG 0
	dec	eax
%endmacro

INLINE IRQ_SAVE
	movzx	eax, byte CPU(CPU_MASK)
	MASK_TO_FLAG
INLINE_END IRQ_SAVE
FUNC vmi_call_IRQ_SAVE
	movzx	eax, byte CPU(CPU_MASK)
	MASK_TO_FLAG
	RET
END vmi_call_IRQ_SAVE
FUNC vmi_early_IRQ_SAVE
	movzx	eax, byte SHARED(SHARED_MASK)
	MASK_TO_FLAG
	RET
END vmi_early_IRQ_SAVE

INLINE IRQ_DISABLE
	mov	byte CPU(CPU_MASK), 1
INLINE_END IRQ_DISABLE
FUNC vmi_call_IRQ_DISABLE
	mov	byte CPU(CPU_MASK), 1
	RET
END vmi_call_IRQ_DISABLE
FUNC vmi_early_IRQ_DISABLE
	mov	byte SHARED(SHARED_MASK), 1
	RET
END vmi_early_IRQ_DISABLE

; If we move to another CPU between the two instructions, the test is of that
; one's flag: harmless, the first one's was looked at when we were preempted.
FUNC vmi_call_IRQ_ENABLE
	mov	byte CPU(CPU_MASK), 0
	cmp	byte CPU(CPU_PENDING), 0
	jne	xen_deliver
	RET
END vmi_call_IRQ_ENABLE
FUNC vmi_early_IRQ_ENABLE
	mov	byte SHARED(SHARED_MASK), 0
	cmp	byte SHARED(SHARED_PENDING), 0
	jne	xen_deliver
	RET
END vmi_early_IRQ_ENABLE

; Have what is pending delivered: Xen looks whenever it returns to the guest, so
; any hypercall without effect will do. Keeps every register.
FUNC xen_deliver
	push	rax
	push	rcx
	push	r11
	push	rdi
	push	rsi
	push	rdx
	UNWIND	56
	xor	edi, edi			; XENVER_version
	xor	esi, esi
	mov	eax, HYPERCALL_XEN_VERSION
	syscall
	pop	rdx
	pop	rsi
	pop	rdi
	pop	r11
	pop	rcx
	pop	rax
	UNWIND	8
	RET
END xen_deliver

INLINE READ_CR2
	mov	rax, CPU(CPU_CR2)
INLINE_END READ_CR2
FUNC vmi_call_READ_CR2
	mov	rax, CPU(CPU_CR2)
	RET
END vmi_call_READ_CR2
FUNC vmi_early_READ_CR2
	mov	rax, SHARED(SHARED_CR2)
	RET
END vmi_early_READ_CR2

INLINE READ_CR3
	mov	rax, CPU(CPU_CR3)
INLINE_END READ_CR3
FUNC vmi_call_READ_CR3
	mov	rax, CPU(CPU_CR3)
	RET
END vmi_call_READ_CR3
FUNC vmi_early_READ_CR3
	mov	rax, [rel xen_boot_cpu + CPU_CR3]
	RET
END vmi_early_READ_CR3
