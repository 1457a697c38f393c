; SPDX-License-Identifier: MIT
; PREEMPTED: Xen tells the state of each CPU in its block.
%include "shim.inc"
%include "offsets.inc"

	extern	xen

; In: EDI = CPU.
FUNC vmi_call_PREEMPTED
	push	rcx
	UNWIND	16
	mov	ecx, edi
	xor	eax, eax
	cmp	ecx, XEN_MAX_CPUS
	jae	.out
	lea	rax, [rel xen + XEN_CPU]
	mov	rcx, [rax + rcx*8]
	xor	eax, eax
	test	rcx, rcx
	jz	.out
	cmp	dword [rcx + CPU_STATE], STATE_RUNNABLE
	sete	al
.out:	pop	rcx
	UNWIND	8
	RET
END vmi_call_PREEMPTED
