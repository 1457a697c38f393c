; SPDX-License-Identifier: MIT
; FAST calls: every register but RAX is kept. And a wait whose HLT must not be
; parted from what stands around it.
%include "shim.inc"
%include "offsets.inc"

	extern	vmi_percpu
	extern	blocks

%define CPU(field)	[abs gs:vmi_percpu + field]

; KVM has set the bit when it put the interrupt in, and takes it back itself when
; it has to hear of the end. One instruction tests and clears it.
%macro EOI 0
	btr	dword CPU(CPU_EOI), 0
	sbb	eax, eax
%endmacro

FUNC vmi_call_IRQ_EOI
	EOI
	RET
END vmi_call_IRQ_EOI
INLINE IRQ_EOI
	EOI
INLINE_END IRQ_EOI
FUNC vmi_early_IRQ_EOI
	xor	eax, eax
	RET
END vmi_early_IRQ_EOI

; In: edi = CPU. A block without a CPU that is ready has zeros here.
FUNC vmi_call_PREEMPTED
	push	rcx
	UNWIND	16
	mov	ecx, edi
	xor	eax, eax
	cmp	ecx, BACKEND_CPUS
	jae	.out
	lea	rax, [blocks]
	mov	rcx, [rax + rcx*8]
	xor	eax, eax
	test	rcx, rcx
	jz	.out
	mov	al, [rcx + CPU_PREEMPTED]
	and	eax, PREEMPTED_BIT
.out:	pop	rcx
	UNWIND	8
	RET
END vmi_call_PREEMPTED

; In: rdi = byte, sil = value. With interrupts on, one that comes between the test
; and HLT ends that HLT, as STI takes effect behind it; with interrupts off, a kick
; that comes before it does.
FUNC wait_for_kick
	pushfq
	UNWIND	16
	cli
	cmp	[rdi], sil
	jne	.out
	test	dword [rsp], VMI_IRQ_FLAG
	jz	.off
	sti
	hlt
	jmp	.out
.off:	hlt
.out:	popfq
	UNWIND	8
	RET
END wait_for_kick
