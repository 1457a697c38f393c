; SPDX-License-Identifier: MIT
; Translation of entries between guest-physical frames (P2M) and machine frames
; (M2P). VALUE: the argument is in RAX, every register but RAX is kept.
; An entry that is not present holds no frame and passes unchanged.
%include "shim.inc"
%include "offsets.inc"

	extern	xen_p2m
	extern	xen_nr_pages
	extern	xen_m2p
	extern	xen_m2p_max
	extern	xen_shared_mfn
	extern	xen_shared_pfn

; Bits 51:12 of %1 as a frame number.
%macro FRAME 1
	shl	%1, 12
	shr	%1, 24
%endmacro

FUNC vmi_call_PTE_VAL
	test	al, 1
	jz	.out
	push	rcx
	push	rdx
	push	rsi
	UNWIND	32
	mov	rcx, rax
	FRAME	rcx
	cmp	rcx, [rel xen_m2p_max]
	ja	.foreign
	mov	rdx, [rel xen_m2p]
	; The table has holes where the machine has none of our memory.
.read:	mov	rdx, [rdx + rcx*8]
	cmp	rdx, [rel xen_nr_pages]
	jae	.foreign
	; Another domain's frame has a number there too: ours are those that match.
	mov	rsi, [rel xen_p2m]
	cmp	[rsi + rdx*8], rcx
	jne	.foreign
.found:	xor	rcx, rdx
	shl	rcx, 12
	xor	rax, rcx
.done:	pop	rsi
	pop	rdx
	pop	rcx
	UNWIND	8
.out:	RET

	UNWIND	32
.foreign:
	mov	rdx, [rel xen_shared_pfn]
	cmp	rcx, [rel xen_shared_mfn]
	je	.found
	; Device memory keeps its number as long as none of ours has the same.
	cmp	rcx, [rel xen_nr_pages]
	jae	.done
	shl	rcx, 12
	xor	rax, rcx
	and	rax, -2				; no frame, not present
	jmp	.done
END vmi_call_PTE_VAL
	EXTABLE	vmi_call_PTE_VAL.read, vmi_call_PTE_VAL.foreign

; For the fault stub, which mends a fault of this read itself; traps.asm.
	global	xen_m2p_read:function hidden
	global	xen_m2p_fixup:function hidden
xen_m2p_read	equ vmi_call_PTE_VAL.read
xen_m2p_fixup	equ vmi_call_PTE_VAL.foreign

FUNC vmi_call_MAKE_PTE
	test	al, 1
	jz	.out
	push	rcx
	push	rdx
	UNWIND	24
	mov	rcx, rax
	FRAME	rcx
	cmp	rcx, [rel xen_nr_pages]
	jae	.done				; device memory
	mov	rdx, [rel xen_p2m]
	mov	rdx, [rdx + rcx*8]
	test	rdx, rdx
	js	.none				; ballooned out
	xor	rcx, rdx
	shl	rcx, 12
	xor	rax, rcx
.done:	pop	rdx
	pop	rcx
	UNWIND	8
.out:	RET

	UNWIND	24
.none:	shl	rcx, 12
	xor	rax, rcx
	and	rax, -2
	jmp	.done
END vmi_call_MAKE_PTE
