; SPDX-License-Identifier: MIT
; Where Xen enters the kernel. Xen puts RCX and R11 on top of the hardware's
; frame (and of the error code) and gives the kernel's CS as 0xe030; a guest
; sees the hardware's frame with its own selectors (guest.h). Events are masked,
; GS base is the kernel's. The stubs contain neither call nor return.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_const_KERNEL_CS
	extern	vmi_const_KERNEL_DS
	extern	vmi_const_USER_CS
	extern	vmi_const_USER_DS
	extern	vmi_const_USER32_CS
	extern	vmi_percpu
	extern	vmi_call_IRET
	extern	vmi_early_IRET
	extern	xen_iret_window
	extern	xen_iret_window_end
	extern	xen_m2p_read
	extern	xen_m2p_fixup
	extern	xen_armed

%define CPU(field)	[abs gs:vmi_percpu + field]
; Of Xen's frame, from RSP; the second group behind an error code is 8 higher.
%define AT_RCX		0
%define AT_R11		8
%define AT_RIP		16
%define AT_CS		24
%define AT_RSP		40
%define AT_SS		48
; Of the hardware's.
%define HW_CS		8
%define HW_SS		32

; FRAME_ROW n: n bytes lie on the stack below RIP.
%macro FRAME_ROW 1
	UNWIND	40 + %1, UNWIND_RSP, UNWIND_FRAME
%endmacro

; TAKE_FRAME bytes: pops Xen's two registers; bytes of error code are below RIP.
; A frame of the kernel's gets the guest's selectors, one of user mode has them.
%macro TAKE_FRAME 1
	cld
	pop	rcx
	FRAME_ROW %1 + 8
	pop	r11
	FRAME_ROW %1
	test	byte [rsp + %1 + HW_CS], 3
	jnz	%%user
	mov	qword [rsp + %1 + HW_CS], vmi_const_KERNEL_CS
	mov	qword [rsp + %1 + HW_SS], vmi_const_KERNEL_DS
%%user:
%endmacro

; TRAP name, bytes of error code: an exception.
%macro TRAP 2
	extern	vmi_entry_%1
FUNC xen_trap_%1
	FRAME_ROW %2 + 16
	TAKE_FRAME %2
	jmp	vmi_entry_%1
END xen_trap_%1
%endmacro

; ASYNC_TRAP name: Xen holds back the next one until its own IRET has run.
%macro ASYNC_TRAP 1
	extern	vmi_entry_%1
FUNC xen_trap_%1
	FRAME_ROW 16
	TAKE_FRAME 0
	mov	byte CPU(CPU_ASYNC), 1
	jmp	vmi_entry_%1
END xen_trap_%1
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
	TRAP	SPURIOUS, 0
	TRAP	MF, 0
	TRAP	AC, 8
	ASYNC_TRAP MC
	TRAP	XF, 0
	TRAP	INT80, 0

; A page fault of the ROM's own M2P read is mended here; the guest never sees it.
	extern	vmi_entry_PF
FUNC xen_trap_PF
	FRAME_ROW 24
	test	byte [rsp + 8 + AT_CS], 3
	jnz	.take
	lea	rcx, [rel xen_m2p_read]
	cmp	[rsp + 8 + AT_RIP], rcx
	je	.mend
.take:	TAKE_FRAME 8
	jmp	vmi_entry_PF
.mend:	lea	rcx, [rel xen_m2p_fixup]
	mov	[rsp + 8 + AT_RIP], rcx
	TAKE_FRAME 8
	lea	rsp, [rsp + 8]			; the error code
	FRAME_ROW 0
	cmp	byte [rel xen_armed], 0
	je	vmi_early_IRET
	jmp	vmi_call_IRET
END xen_trap_PF

	extern	vmi_entry_EVENT
FUNC xen_event_stub
	FRAME_ROW 16
	test	byte [rsp + AT_CS], 3
	jnz	.take
	; In the middle of a return to the kernel? See iret.asm.
	lea	rcx, [rel xen_iret_window]
	cmp	[rsp + AT_RIP], rcx
	jb	.take
	lea	rcx, [rel xen_iret_window_end]
	cmp	[rsp + AT_RIP], rcx
	jb	.window
.take:	TAKE_FRAME 0
	jmp	vmi_entry_EVENT
	; The frame that was about to be returned through becomes the event's.
.window:
	mov	rcx, [rsp + AT_RCX]
	mov	r11, [rsp + AT_R11]
	mov	rsp, [rsp + AT_RSP]
	FRAME_ROW 0
	mov	qword [rsp + HW_CS], vmi_const_KERNEL_CS
	mov	qword [rsp + HW_SS], vmi_const_KERNEL_DS
	cld
	jmp	vmi_entry_EVENT
END xen_event_stub

; SYSCALL_STUB name, entry, CS: Xen's frame has flat selectors of its own. Nobody
; has cleared the direction flag: Xen 4.17 means to, on SYSCALL, and masks the flags
; with a register that it has used for the stack by then.
%macro SYSCALL_STUB 3
	extern	vmi_entry_%2
FUNC %1
	FRAME_ROW 16
	cld
	pop	rcx
	FRAME_ROW 8
	pop	r11
	FRAME_ROW 0
	mov	qword [rsp + HW_CS], vmi_const_%3
	mov	qword [rsp + HW_SS], vmi_const_USER_DS
	jmp	vmi_entry_%2
END %1
%endmacro

	SYSCALL_STUB xen_syscall64_stub, SYSCALL64, USER_CS
	SYSCALL_STUB xen_syscall32_stub, SYSCALL32, USER32_CS
	SYSCALL_STUB xen_sysenter32_stub, SYSENTER32, USER32_CS

; Failsafe: Xen could not return as it was told. RCX, R11, DS, ES, FS, GS, then
; the frame. Where a selector differs from what is loaded now, that one was bad
; and Xen has put 0 in its place: go on without it. Else the IRET itself faulted.
%define FS_DS		16
%define FS_ES		24
%define FS_FS		32
%define FS_GS		40
%define FS_BYTES	48
FUNC xen_failsafe_stub
	FRAME_ROW FS_BYTES
	mov	ecx, ds
	cmp	cx, [rsp + FS_DS]
	jne	.retry
	mov	ecx, es
	cmp	cx, [rsp + FS_ES]
	jne	.retry
	mov	ecx, fs
	cmp	cx, [rsp + FS_FS]
	jne	.retry
	mov	ecx, gs
	cmp	cx, [rsp + FS_GS]
	jne	.retry
	mov	rcx, [rsp]
	mov	r11, [rsp + 8]
	lea	rsp, [rsp + FS_BYTES - 24]	; for TAKE_FRAME: both and an error code
	FRAME_ROW 24
	mov	[rsp], rcx
	mov	[rsp + 8], r11
	mov	qword [rsp + 16], 0
	TAKE_FRAME 8
	jmp	vmi_entry_GP
.retry:	FRAME_ROW FS_BYTES
	mov	rcx, [rsp]
	mov	r11, [rsp + 8]
	lea	rsp, [rsp + FS_BYTES - 16]
	FRAME_ROW 16
	mov	[rsp], rcx
	mov	[rsp + 8], r11
	TAKE_FRAME 0
	cmp	byte [rel xen_armed], 0
	je	vmi_early_IRET
	jmp	vmi_call_IRET
END xen_failsafe_stub

; What cpu_set_traps() hands to Xen: vector, and the stub's distance from its row.
%macro ROW 2
	dd	%1
	dd	xen_trap_%2 - $
%endmacro
section .rodata
	align	4, db 0
	global	xen_trap_rows:data hidden
	global	xen_trap_rows_end:data hidden
xen_trap_rows:
	ROW	0, DE
	ROW	1, DB
	ROW	2, NMI
	ROW	3, BP
	ROW	4, OF
	ROW	5, BR
	ROW	6, UD
	ROW	7, NM
	ROW	8, DF
	ROW	9, OLD_MF
	ROW	10, TS
	ROW	11, NP
	ROW	12, SS
	ROW	13, GP
	ROW	14, PF
	ROW	15, SPURIOUS
	ROW	16, MF
	ROW	17, AC
	ROW	18, MC
	ROW	19, XF
	ROW	0x80, INT80
xen_trap_rows_end:
