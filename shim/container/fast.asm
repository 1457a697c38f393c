; SPDX-License-Identifier: MIT
; Calls of the FAST and VALUE conventions, which keep all registers but RAX, and
; IRET. Read next: cpu.c.

%include "shim.inc"

; NATIVE_FUNC name: the CALL form behind a NATIVE answer.
%macro NATIVE_FUNC 1
	ANSWER_NATIVE %1
	FUNC	vmi_call_%1
%endmacro

NATIVE_FUNC IRQ_SAVE
	pushfq
	UNWIND	16
	pop	rax
	UNWIND	8
	RET
END vmi_call_IRQ_SAVE

NATIVE_FUNC IRQ_DISABLE
	cli
	RET
END vmi_call_IRQ_DISABLE

NATIVE_FUNC IRQ_ENABLE
	sti
	RET
END vmi_call_IRQ_ENABLE

; The same bytes as the kernel's own, so nothing is lost where they stand.
FUNC vmi_call_READ_CR2
	mov	rax, cr2
	RET
END vmi_call_READ_CR2
INLINE READ_CR2
	mov	rax, cr2
INLINE_END READ_CR2

NATIVE_FUNC READ_CR3
	mov	rax, cr3
	and	rax, ~0xfff
	btr	rax, 63
	RET
END vmi_call_READ_CR3

NATIVE_FUNC FLUSH_ONE
	invlpg	[rdi]
	RET
END vmi_call_FLUSH_ONE

; Frames are the processor's: the argument in RAX is the result.
NATIVE_FUNC PTE_VAL
	RET
END vmi_call_PTE_VAL

NATIVE_FUNC MAKE_PTE
	RET
END vmi_call_MAKE_PTE

FUNC vmi_call_WBINVD
	wbinvd
	RET
END vmi_call_WBINVD
INLINE WBINVD
	wbinvd
INLINE_END WBINVD

; In: edi = selector. A bad one faults on the second instruction, and the guest
; goes on at .bad, which loads the null selector instead.
NATIVE_FUNC LOAD_GS_INDEX
	pushfq
	UNWIND	16
	cli
	swapgs
.load:	mov	gs, edi
.done:	mfence
	swapgs
	popfq
	UNWIND	8
	RET
	UNWIND	16
.bad:	xor	edi, edi
	mov	gs, edi
	jmp	.done
	EXTABLE	vmi_call_LOAD_GS_INDEX.load, vmi_call_LOAD_GS_INDEX.bad
END vmi_call_LOAD_GS_INDEX

; Jumped to, with the frame at RSP.
	ANSWER_NATIVE IRET
	align	16, int3
	global	vmi_call_IRET:function hidden (vmi_call_IRET.end - vmi_call_IRET)
vmi_call_IRET:
	UNWIND	40, UNWIND_RSP, UNWIND_FRAME
	endbr64
	iretq
END vmi_call_IRET
