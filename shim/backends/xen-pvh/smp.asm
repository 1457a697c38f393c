; SPDX-License-Identifier: MIT
; Where a CPU comes up and goes down. A CPU's stack is gone while it is down:
; nothing on it is used again. RBX = its struct xen_cpu.
%include "shim.inc"
%include "offsets.inc"

	extern	xen_cpu_enter
	extern	xen_cpu_leave
	extern	xen_by_vmcall
	extern	vmi_const_KERNEL_CS

%define MSR_GS_BASE	0xc0000101
%define RFLAGS_FIXED	2

; The first time, by Xen: RDI = struct xen_cpu, RSP and CR3 are those of its
; struct vmi_start, no segment is anything but flat.
FUNC xen_cpu_stub
	UNWIND	0, UNWIND_RSP, UNWIND_END
	mov	rbx, rdi
	jmp	xen_cpu_down.begin
END xen_cpu_stub

FUNC vmi_call_CPU_STOP
	sub	rsp, 8
	UNWIND	16
	call	xen_cpu_leave
	mov	rbx, rax
	jmp	xen_cpu_down
END vmi_call_CPU_STOP

; Down, until somebody who has called CPU_START ups this CPU again.
FUNC xen_cpu_down
	UNWIND	0, UNWIND_RSP, UNWIND_END
.down:	mov	esi, [rbx + CPU_ID]
	mov	edi, OP_DOWN
	xor	edx, edx
	mov	eax, HYPERCALL_VCPU_OP
	cmp	byte [rel xen_by_vmcall], 0
	jne	.intel
	vmmcall
	jmp	.up
.intel:	vmcall
.up:	cmp	dword [rbx + CPU_UP], 0
	je	.down
.begin:
	cld
	mov	rax, [rbx + CPU_START_ROOT]
	mov	cr3, rax
	mov	rsp, [rbx + CPU_START_STACK]
	xor	ebp, ebp
	lgdt	[rbx + CPU_GDT]
	lidt	[rbx + CPU_IDT]
	xor	eax, eax
	lldt	ax
	mov	ss, eax
	mov	ds, eax
	mov	es, eax
	mov	fs, eax
	mov	gs, eax
	mov	eax, [rbx + CPU_START_GS]
	mov	edx, [rbx + CPU_START_GS + 4]
	mov	ecx, MSR_GS_BASE
	wrmsr
	mov	rdi, rbx
	call	xen_cpu_enter
	; the guest's code segment comes with a frame
	mov	rcx, rsp
	push	0
	push	rcx
	push	RFLAGS_FIXED
	mov	rax, strict qword vmi_const_KERNEL_CS
	push	rax
	push	qword [rbx + CPU_START_ENTRY]
	mov	rdi, [rbx + CPU_START_ARG]
	iretq
END xen_cpu_down
