; SPDX-License-Identifier: MIT
; IRET: jumped to with a hardware frame on the stack (RIP, CS, RFLAGS, RSP, SS)
; in the guest's words; keeps all general registers.
;
; To user mode, and out of an NMI or machine check, only Xen can return. From
; kernel to kernel the processor's own IRETQ does: both sides are ring 3. What
; it cannot do is change the virtual interrupt flag, so that is set right before
; it. An event that comes in between is caught by the event stub (traps.asm),
; which sees the address inside [xen_iret_window, xen_iret_window_end) and takes
; the event as if it had come one instruction after the return: nothing nests.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_percpu
%define CPU(field)	[abs gs:vmi_percpu + field]

%define FRAME_CS	8
%define FRAME_FLAGS	16
%define FRAME_SS	32
; As Xen writes them; Xen itself turns privilege 0 into 3 when it returns.
%define XEN_CS_RPL0	(FLAT_KERNEL_CS & ~3)

FUNC vmi_call_IRET
	UNWIND	40, UNWIND_RSP, UNWIND_FRAME
	test	byte [rsp + FRAME_CS], 3
	jnz	xen_iret
	cmp	byte CPU(CPU_ASYNC), 0
	jne	xen_iret_by_xen
	mov	dword [rsp + FRAME_CS], FLAT_KERNEL_CS
	mov	dword [rsp + FRAME_SS], FLAT_KERNEL_SS
	test	byte [rsp + FRAME_FLAGS + 1], 2
	jz	xen_iret_masked
	mov	byte CPU(CPU_MASK), 0
xen_iret_window:
	cmp	byte CPU(CPU_PENDING), 0
	jne	xen_iret_pending
	iretq
xen_iret_pending:
	mov	byte CPU(CPU_MASK), 1
xen_iret_window_end:
	mov	dword [rsp + FRAME_CS], XEN_CS_RPL0
	jmp	xen_iret
xen_iret_masked:
	mov	byte CPU(CPU_MASK), 1
	iretq
xen_iret_by_xen:
	mov	byte CPU(CPU_ASYNC), 0
	mov	dword [rsp + FRAME_CS], XEN_CS_RPL0
	mov	dword [rsp + FRAME_SS], FLAT_KERNEL_SS
	jmp	xen_iret
END vmi_call_IRET

; Before PERCPU_READY there is no block to keep anything in.
FUNC vmi_early_IRET
	UNWIND	40, UNWIND_RSP, UNWIND_FRAME
	test	byte [rsp + FRAME_CS], 3
	jnz	xen_iret
	mov	dword [rsp + FRAME_CS], XEN_CS_RPL0
	mov	dword [rsp + FRAME_SS], FLAT_KERNEL_SS
	jmp	xen_iret
END vmi_early_IRET

; Xen's own frame has RAX, R11, RCX and a word of flags (0) below.
FUNC xen_iret
	UNWIND	40, UNWIND_RSP, UNWIND_FRAME
	push	0
	UNWIND	48, UNWIND_RSP, UNWIND_FRAME
	push	rcx
	UNWIND	56, UNWIND_RSP, UNWIND_FRAME
	push	r11
	UNWIND	64, UNWIND_RSP, UNWIND_FRAME
	push	rax
	UNWIND	72, UNWIND_RSP, UNWIND_FRAME
	mov	eax, HYPERCALL_IRET
	syscall
	int3
END xen_iret

	global	xen_iret_window:function hidden
	global	xen_iret_window_end:function hidden
