; SPDX-License-Identifier: MIT
; Calls of the FAST convention keep every register but RAX: assembly, in general.

%include "shim.inc"

FUNC vmi_call_READ_CR2
	mov	rax, cr2
	RET
END vmi_call_READ_CR2

; The same as bytes for the site itself: at most 15, without a return.
INLINE READ_CR2
	mov	rax, cr2
INLINE_END READ_CR2
