; SPDX-License-Identifier: MIT
; Where a CPU comes up and goes down. A CPU's stack is gone while
; it is down: nothing on it is used again.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_percpu
	extern	xen_cpu_enter
	extern	xen_cpu_leave

%define CPU(field)	[abs gs:vmi_percpu + field]

; The first time: RSP is that of struct vmi_start, GS base is set.
FUNC xen_cpu_stub
	UNWIND	0, UNWIND_RSP, UNWIND_END
	jmp	xen_cpu_down.begin
END xen_cpu_stub

FUNC vmi_call_CPU_STOP
	sub	rsp, 8
	UNWIND	16
	call	xen_cpu_leave
	jmp	xen_cpu_down
END vmi_call_CPU_STOP

; Down, until somebody who has called CPU_START ups this CPU again.
FUNC xen_cpu_down
	UNWIND	0, UNWIND_RSP, UNWIND_END
.down:	mov	esi, CPU(CPU_ID)
	mov	edi, OP_DOWN
	xor	edx, edx
	mov	eax, HYPERCALL_VCPU_OP
	syscall
	cmp	byte CPU(CPU_UP), 0
	je	.down
.begin:
	cld
	mov	rsp, CPU(CPU_START_STACK)
	xor	ebp, ebp
	call	xen_cpu_enter
	test	eax, eax
	js	.fail
	mov	rdi, CPU(CPU_START_ARG)
	push	qword CPU(CPU_START_ENTRY)
	RET
.fail:	mov	byte CPU(CPU_UP), 0
	jmp	.down
END xen_cpu_down
