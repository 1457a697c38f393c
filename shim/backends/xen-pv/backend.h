/* SPDX-License-Identifier: MIT */
/* What the ROM's header says of this backend. Plain #defines: NASM reads them too. */
#define BACKEND_ID		2
#define BACKEND_VERSION		1
#define BACKEND_NAME		"xen-pv"
#define BACKEND_FLAGS		VMI_ROM_NEEDS_BUNDLE
#define BACKEND_FEATURES	(VMI_FEAT_HCALL64 | VMI_FEAT_PV_MMU | VMI_FEAT_PV_IRQ_TIMER | VMI_FEAT_PV_DEVICES)
#define BACKEND_PERCPU		4096
#define BACKEND_PARTS		"xen"	/* folders of shim/ that it shares with others */
