; SPDX-License-Identifier: MIT
; Translation of entries between guest-physical frames and the machine's, 2 MiB
; at a time. VALUE: the argument is in RAX, every register but RAX is kept. An
; entry that is not present holds no frame and passes unchanged. A frame that is not
; ours keeps its number, and vmihv refuses the entry; where one of ours has the same
; number, the entry becomes not present.
%include "shim.inc"

	extern	pv_chunks
	extern	pv_chunk_count
	extern	pv_owners
	extern	pv_owner_count

%define NO_CHUNK	0xffff

; Bits 51:21 of %1 as a chunk's number.
%macro CHUNK 1
	shl	%1, 12
	shr	%1, 33
%endmacro

FUNC vmi_call_MAKE_PTE
	test	al, 1
	jz	.out
	push	rcx
	push	rdx
	UNWIND	24
	mov	rcx, rax
	CHUNK	rcx
	cmp	rcx, [rel pv_chunk_count]
	jae	.none
	mov	rdx, [rel pv_chunks]
	mov	edx, [rdx + rcx*4]
	xor	rcx, rdx
	shl	rcx, 21
	xor	rax, rcx
.done:	pop	rdx
	pop	rcx
	UNWIND	8
.out:	RET
	UNWIND	24
.none:	cmp	rcx, [rel pv_owner_count]
	jae	.done
	mov	rdx, [rel pv_owners]
	cmp	word [rdx + rcx*2], NO_CHUNK
	je	.done
	and	rax, -2
	jmp	.done
END vmi_call_MAKE_PTE

FUNC vmi_call_PTE_VAL
	test	al, 1
	jz	.out
	push	rcx
	push	rdx
	UNWIND	24
	mov	rcx, rax
	CHUNK	rcx
	cmp	rcx, [rel pv_owner_count]
	jae	.none
	mov	rdx, [rel pv_owners]
	movzx	edx, word [rdx + rcx*2]
	cmp	edx, NO_CHUNK
	je	.none
	xor	rcx, rdx
	shl	rcx, 21
	xor	rax, rcx
.done:	pop	rdx
	pop	rcx
	UNWIND	8
.out:	RET
	UNWIND	24
.none:	cmp	rcx, [rel pv_chunk_count]
	jae	.done
	and	rax, -2
	jmp	.done
END vmi_call_PTE_VAL
