; SPDX-License-Identifier: MIT
; The ELF notes that Xen's domain builders read. `vmi bundle` writes them into
; the kernel's host area. There is no HYPERCALL_PAGE: hypercalls are instructions
; of the ROM, so that no code of the host's is run in the guest's kernel.
%include "shim.inc"

%define NT_ENTRY		1
%define NT_VIRT_BASE		3
%define NT_PADDR_OFFSET		4
%define NT_XEN_VERSION		5
%define NT_GUEST_OS		6
%define NT_LOADER		8
%define NT_PAE_MODE		9
%define NT_HV_START_LOW		12
%define NT_L1_MFN_VALID		13
%define NT_SUSPEND_CANCEL	14
%define NT_SUPPORTED_FEATURES	17
%define FEATURE_WRITABLE_TABLES	(1 << 0)
%define FEATURE_DOM0		(1 << 11)

%macro NOTE 2+
	dd	4, %%end - %%start, %1
	db	"Xen", 0
%%start: %2
%%end:	align	4, db 0
%endmacro

	extern	vmi_rom_boot
	extern	vmi_const_IMAGE_OFFSET

section .vmi.notes
	NOTE	NT_GUEST_OS, db "VMI", 0
	NOTE	NT_XEN_VERSION, db "xen-3.0", 0
	NOTE	NT_LOADER, db "generic", 0
	NOTE	NT_PAE_MODE, db "yes", 0
	NOTE	NT_VIRT_BASE, dq vmi_const_IMAGE_OFFSET
	NOTE	NT_PADDR_OFFSET, dq 0
	NOTE	NT_ENTRY, dq vmi_rom_boot
	NOTE	NT_HV_START_LOW, dq 0xffff800000000000
	NOTE	NT_L1_MFN_VALID, dq 1, 1
	NOTE	NT_SUSPEND_CANCEL, dd 1
	NOTE	NT_SUPPORTED_FEATURES, dd FEATURE_WRITABLE_TABLES | FEATURE_DOM0
