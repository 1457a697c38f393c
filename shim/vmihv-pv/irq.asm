; SPDX-License-Identifier: MIT
; Interrupt flag and other one-instruction calls. FAST: every register but RAX
; is kept. The early forms serve the boot CPU before PERCPU_READY.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_percpu
	extern	pv_boot_cpu

%define CPU(field)	[abs gs:vmi_percpu + field]
%define BOOT(field)	[rel pv_boot_cpu + field]
%define FLAG_ON		(1 - BACKEND_FLAG_OFF)

; Bit 9 of the result says it, and no other bit says anything: 0 or all of them.
%macro FLAG_TO_RESULT 0
%if BACKEND_FLAG_OFF
	dec	eax
%else
	neg	eax
%endif
%endmacro

INLINE IRQ_SAVE
	movzx	eax, byte CPU(BACKEND_FLAG)
	FLAG_TO_RESULT
INLINE_END IRQ_SAVE
FUNC vmi_call_IRQ_SAVE
	movzx	eax, byte CPU(BACKEND_FLAG)
	FLAG_TO_RESULT
	RET
END vmi_call_IRQ_SAVE
FUNC vmi_early_IRQ_SAVE
	movzx	eax, byte BOOT(BACKEND_FLAG)
	FLAG_TO_RESULT
	RET
END vmi_early_IRQ_SAVE

INLINE IRQ_DISABLE
	mov	byte CPU(BACKEND_FLAG), BACKEND_FLAG_OFF
INLINE_END IRQ_DISABLE
FUNC vmi_call_IRQ_DISABLE
	mov	byte CPU(BACKEND_FLAG), BACKEND_FLAG_OFF
	RET
END vmi_call_IRQ_DISABLE
FUNC vmi_early_IRQ_DISABLE
	mov	byte BOOT(BACKEND_FLAG), BACKEND_FLAG_OFF
	RET
END vmi_early_IRQ_DISABLE

; If we move to another CPU between the two instructions, the test is of that
; one's flag: harmless, the first one's was looked at when we were preempted.
FUNC vmi_call_IRQ_ENABLE
	mov	byte CPU(BACKEND_FLAG), FLAG_ON
	cmp	byte CPU(BACKEND_PENDING), 0
	jne	pv_deliver
	RET
END vmi_call_IRQ_ENABLE
FUNC vmi_early_IRQ_ENABLE
	mov	byte BOOT(BACKEND_FLAG), FLAG_ON
	cmp	byte BOOT(BACKEND_PENDING), 0
	jne	pv_deliver
	RET
END vmi_early_IRQ_ENABLE

; Have what is pending delivered: vmihv looks whenever it returns to the guest, so
; any hypercall without effect will do. Keeps every register.
FUNC pv_deliver
	push	rax
	push	rcx
	push	rdx
	push	rdi
	push	r10
	push	r11
	UNWIND	56
	xor	edi, edi			; of CPU 0
	xor	edx, edx
	mov	eax, BACKEND_NR_LOOK
	mov	r10d, eax
	syscall
	pop	r11
	pop	r10
	pop	rdi
	pop	rdx
	pop	rcx
	pop	rax
	UNWIND	8
	RET
END pv_deliver

INLINE READ_CR2
	mov	rax, CPU(BACKEND_FAULT)
INLINE_END READ_CR2
FUNC vmi_call_READ_CR2
	mov	rax, CPU(BACKEND_FAULT)
	RET
END vmi_call_READ_CR2
FUNC vmi_early_READ_CR2
	mov	rax, BOOT(BACKEND_FAULT)
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
	mov	rax, BOOT(CPU_CR3)
	RET
END vmi_early_READ_CR3
