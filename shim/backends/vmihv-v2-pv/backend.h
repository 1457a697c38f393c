/* SPDX-License-Identifier: MIT */
/*
 * A domain of vmihv in ring 3, by version 2 of its hypercall ABI.
 *
 * Plain #defines, one line each: NASM reads them too.
 */
#ifndef BACKEND_H
#define BACKEND_H

#define BACKEND_ID		0x512
#define BACKEND_VERSION		1
#define BACKEND_NAME		"vmihv-v2-pv"
#define BACKEND_FLAGS		VMI_ROM_NEEDS_BUNDLE
#define BACKEND_FEATURES	(VMI_FEAT_HCALL64 | VMI_FEAT_PV_MMU | VMI_FEAT_PV_IRQ_TIMER)
#define BACKEND_PERCPU		4096
#define BACKEND_PARTS		"vmihv-v2 vmihv-pv"	/* folders of shim/ that it shares with others */
#define BACKEND_ABI		2

/* Where in its block a CPU's flags are, and what "off" is; two calls that assembly makes. */
#define BACKEND_FLAG		13
#define BACKEND_FLAG_OFF	0
#define BACKEND_PENDING		12
#define BACKEND_FAULT		0
#define BACKEND_NR_LOOK		0x5662
#define BACKEND_NR_IRET		0x5687

#endif
