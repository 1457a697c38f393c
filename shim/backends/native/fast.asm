; SPDX-License-Identifier: MIT
%include "shim.inc"
FUNC vmi_call_READ_CR2
	mov	rax, cr2
	RET
END vmi_call_READ_CR2
INLINE READ_CR2
	mov	rax, cr2
INLINE_END READ_CR2
