; SPDX-License-Identifier: MIT
; Image offset 0: the PCI expansion ROM header, an init entry for a BIOS, PCIR,
; $PnP and the VMI header. `vmi build` fills in what depends on the whole image:
; byte 2, byte 6, PCIR's image length and most of the VMI header.

%include "vmi.inc"
%include "backend.inc"

section .vmi.head progbits alloc noexec nowrite align=64

section .note.GNU-stack noalloc noexec nowrite progbits
section .vmi.head
%define HERE(label)	(label - vmi_rom_image)

	global	vmi_rom_image:data hidden
vmi_rom_image:
	db	0x55, 0xaa
	db	0				; 02 size / 512
	db	0xe9				; 03 jmp bios_init
	dw	bios_init - ($ + 2)
	db	0				; 06 checksum
	db	0
	dd	VMI_ROM_MAGIC32			; 08
	dw	HERE(vmi_rom_header)		; 0c
	times 0x18 - ($ - vmi_rom_image) db 0
	dw	HERE(pcir)			; 18
	dw	HERE(pnp)			; 1a

; Far called by a BIOS in real mode. There is no device here to initialise: AX
; = 0 says so in the words of the PnP BIOS specification. The rest is the OS's.
	bits	16
bios_init:
	mov	ax, 0
	retf
	bits	64

	align	4, db 0
pcir:	db	"PCIR"
	dw	0xffff				; vendor: matches no device
	dw	0x4d56
	dw	0				; no vital product data
	dw	pcir.end - pcir
	db	0				; structure revision
	db	0, 0, 0xff			; class: none of the defined
	dw	0				; image length / 512
	dw	BACKEND_VERSION
	db	0				; code type: PC
	db	0x80				; last image
	dw	0
.end:

; No boot vectors. Without this header some firmware would not call the ROM at
; all, and other firmware would take it for an old boot ROM that hooks INT 19h.
	align	16, db 0
pnp:	db	"$PnP"
	db	1, 2				; revision, length / 16
	dw	0				; no next header
	db	0
	db	PNP_SUM
	dd	0				; no device
	dw	HERE(vendor)
	dw	HERE(product)
	db	0, 0, 0xff			; type: as in PCIR
	db	0				; indicators: none
	dw	0, 0, 0, 0, 0			; no vectors
.end:

; The strings lie below offset 0x100, so that their pointers have one byte each.
PNP_SUM	equ	(-('$' + 'P' + 'n' + 'P' + 1 + 2 + 0xff + HERE(vendor) + HERE(product))) & 0xff

vendor:	db	"VMI", 0
product: db	"VMI shim ", BACKEND_NAME, 0

	align	8, db 0
	global	vmi_rom_header:data hidden
vmi_rom_header:
	dq	VMI_ROM_MAGIC
	dw	SIZEOF_vmi_rom_header
	dw	VMI_ABI_MAJOR, VMI_ABI_MINOR, VMI_ABI_DRAFT
	dd	0				; image_size
	dd	BACKEND_FLAGS
	dd	BACKEND_ID
	dd	BACKEND_VERSION
.name:	db	BACKEND_NAME
	times 16 - ($ - .name) db 0
	dd	BACKEND_FEATURES
	dd	0, 0, 0, 0			; text_size to bss_size
	dd	BACKEND_PERCPU
	times SIZEOF_vmi_rom_header - ($ - vmi_rom_header) db 0
