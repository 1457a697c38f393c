; SPDX-License-Identifier: MIT
; Where vmihv enters the kernel, with the frame, the selectors and the stack that
; the kernel wants; the interrupt flag and the direction flag are off, GS base is
; the kernel's. The stubs contain neither call nor return.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_const_KERNEL_CS
	extern	vmi_const_KERNEL_DS
	extern	vmi_percpu
	extern	pv_iret_window
	extern	pv_iret_window_end

%define CPU(field)	[abs gs:vmi_percpu + field]
; Of the hardware's frame.
%define HW_RIP		0
%define HW_CS		8
%define HW_RSP		24
%define HW_SS		32

; FRAME_ROW n: n bytes lie on the stack below RIP.
%macro FRAME_ROW 1
	UNWIND	40 + %1, UNWIND_RSP, UNWIND_FRAME
%endmacro

; TRAP name, bytes of error code.
%macro TRAP 2
	extern	vmi_entry_%1
FUNC pv_trap_%1
	FRAME_ROW %2
	jmp	vmi_entry_%1
END pv_trap_%1
%endmacro

; ASYNC_TRAP name: vmihv holds back the next one until its own IRET has run.
%macro ASYNC_TRAP 1
	extern	vmi_entry_%1
FUNC pv_trap_%1
	FRAME_ROW 0
	mov	byte CPU(CPU_ASYNC), 1
	jmp	vmi_entry_%1
END pv_trap_%1
%endmacro

	TRAP	DE, 0
	TRAP	DB, 0
	ASYNC_TRAP NMI
	TRAP	BP, 0
	TRAP	OF, 0
	TRAP	BR, 0
	TRAP	UD, 0
	TRAP	NM, 0
	TRAP	DF, 8
	TRAP	OLD_MF, 0
	TRAP	TS, 8
	TRAP	NP, 8
	TRAP	SS, 8
	TRAP	GP, 8
	TRAP	PF, 8
	TRAP	SPURIOUS, 0
	TRAP	MF, 0
	TRAP	AC, 8
	ASYNC_TRAP MC
	TRAP	XF, 0
	TRAP	SYSCALL64, 0
	TRAP	SYSCALL32, 0
	TRAP	INT80, 0

	extern	vmi_entry_EVENT
FUNC pv_trap_EVENT
	FRAME_ROW 0
	test	byte [rsp + HW_CS], 3
	jnz	.take
	; In the middle of a return to the kernel? See iret.asm.
	push	rcx
	FRAME_ROW 8
	lea	rcx, [rel pv_iret_window]
	cmp	[rsp + 8 + HW_RIP], rcx
	jb	.pop
	lea	rcx, [rel pv_iret_window_end]
	cmp	[rsp + 8 + HW_RIP], rcx
	jb	.window
.pop:	pop	rcx
	FRAME_ROW 0
.take:	jmp	vmi_entry_EVENT
	; The frame that was about to be returned through becomes the event's.
	FRAME_ROW 8
.window:
	pop	rcx
	FRAME_ROW 0
	mov	rsp, [rsp + HW_RSP]
	mov	qword [rsp + HW_CS], vmi_const_KERNEL_CS
	mov	qword [rsp + HW_SS], vmi_const_KERNEL_DS
	jmp	vmi_entry_EVENT
END pv_trap_EVENT

; What INIT hands to vmihv: number, and the stub's distance from its row.
%macro ROW 1
	dd	VMI_ENTRY_%1
	dd	pv_trap_%1 - $
%endmacro
section .rodata
	align	4, db 0
	global	pv_trap_rows:data hidden
	global	pv_trap_rows_end:data hidden
pv_trap_rows:
	ROW	DE
	ROW	DB
	ROW	NMI
	ROW	BP
	ROW	OF
	ROW	BR
	ROW	UD
	ROW	NM
	ROW	DF
	ROW	OLD_MF
	ROW	TS
	ROW	NP
	ROW	SS
	ROW	GP
	ROW	PF
	ROW	SPURIOUS
	ROW	MF
	ROW	AC
	ROW	MC
	ROW	XF
	ROW	EVENT
	ROW	SYSCALL64
	ROW	SYSCALL32
	ROW	INT80
pv_trap_rows_end:
