; SPDX-License-Identifier: MIT
; Guests that give a verdict, or do not: CASE is one of the labels below. A flat
; Multiboot kernel in 32-bit mode, wrapped in an ELF file for its symbols only.

COM1		equ 0x3f8
EXIT_PORT	equ 0xf4

	bits 32
	section .text
	global _start
header:	dd 0x1badb002, 0x10000, -(0x1badb002 + 0x10000)
	dd header, header, 0, 0, _start

_start:	mov esp, stack
	jmp CASE

pass:	mov esi, text_pass
	jmp say
failing:mov esi, text_fail
	jmp say
port:	mov eax, 0x10
	out EXIT_PORT, eax
	jmp hang
badport:mov eax, 0x11
	out EXIT_PORT, eax
	jmp hang
silent:	mov esi, text_last
	call print
hang:	hlt
	jmp hang
dies:	mov esi, text_last
	call print
	lidt [no_idt]
	ud2
panics:	mov esi, text_panic
	jmp say

say:	call print
	jmp hang

; esi: zero-terminated text
print:	mov edx, COM1
.next:	lodsb
	test al, al
	jz .end
	out dx, al
	jmp .next
.end:	ret

no_idt:	dw 0
	dd 0
text_pass:	db "VMI-VERDICT: pass", 10, 0
text_fail:	db "VMI-VERDICT: fail on purpose", 10, 0
text_last:	db "these are my last words", 10, 0
text_panic:	db "VMI-PANIC: on purpose", 10, 0
	align 16
	times 1024 db 0
stack:
