; SPDX-License-Identifier: MIT
; IRET: jumped to with a hardware frame on the stack (RIP, CS, RFLAGS, RSP, SS)
; in the guest's words; keeps all general registers.
;
; To user mode, and out of an NMI or machine check, only vmihv can return. From
; kernel to kernel the processor's own IRETQ does: both sides are ring 3. What
; it cannot do is change the interrupt flag, so that is set right before
; it. An event that comes in between is caught by the event stub (traps.asm),
; which sees the address inside [pv_iret_window, pv_iret_window_end) and takes
; the event as if it had come one instruction after the return: nothing nests.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_percpu
%define CPU(field)	[abs gs:vmi_percpu + field]
%define FLAG_ON		(1 - BACKEND_FLAG_OFF)

%define FRAME_CS	8
%define FRAME_FLAGS	16
%define FRAME_SS	32

FUNC vmi_call_IRET
	UNWIND	40, UNWIND_RSP, UNWIND_FRAME
	test	byte [rsp + FRAME_CS], 3
	jnz	pv_iret
	cmp	byte CPU(CPU_ASYNC), 0
	jne	pv_iret_by_host
	mov	dword [rsp + FRAME_CS], KERNEL_CS
	mov	dword [rsp + FRAME_SS], KERNEL_SS
	test	byte [rsp + FRAME_FLAGS + 1], 2
	jz	pv_iret_masked
	mov	byte CPU(BACKEND_FLAG), FLAG_ON
pv_iret_window:
	cmp	byte CPU(BACKEND_PENDING), 0
	jne	pv_iret_pending
	iretq
pv_iret_pending:
	mov	byte CPU(BACKEND_FLAG), BACKEND_FLAG_OFF
pv_iret_window_end:
	mov	dword [rsp + FRAME_CS], 0
	jmp	pv_iret
pv_iret_masked:
	mov	byte CPU(BACKEND_FLAG), BACKEND_FLAG_OFF
	iretq
pv_iret_by_host:
	mov	byte CPU(CPU_ASYNC), 0
	jmp	pv_iret
END vmi_call_IRET

; Before PERCPU_READY there is no block to keep anything in.
FUNC vmi_early_IRET
	UNWIND	40, UNWIND_RSP, UNWIND_FRAME
	jmp	pv_iret
END vmi_early_IRET

; vmihv's own frame has RAX, RCX, R10 and R11 below. Where CS says kernel it knows the selectors.
FUNC pv_iret
	UNWIND	40, UNWIND_RSP, UNWIND_FRAME
	push	r11
	UNWIND	48, UNWIND_RSP, UNWIND_FRAME
	push	r10
	UNWIND	56, UNWIND_RSP, UNWIND_FRAME
	push	rcx
	UNWIND	64, UNWIND_RSP, UNWIND_FRAME
	push	rax
	UNWIND	72, UNWIND_RSP, UNWIND_FRAME
	mov	eax, BACKEND_NR_IRET
	mov	r10d, eax
	syscall
	int3
END pv_iret

	global	pv_iret_window:function hidden
	global	pv_iret_window_end:function hidden
