/* SPDX-License-Identifier: MIT */
/* What the ROM's header says of this backend. Plain #defines: NASM reads them too. */
#define BACKEND_ID		1
#define BACKEND_VERSION		1
#define BACKEND_NAME		"native"
#define BACKEND_FLAGS		0
#define BACKEND_FEATURES	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_EMU_IRQCHIP | VMI_FEAT_EMU_TIMER | VMI_FEAT_MCE_MSR | VMI_FEAT_EMU_PCI | VMI_FEAT_FIRMWARE)
#define BACKEND_PERCPU		0
