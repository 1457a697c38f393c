/* SPDX-License-Identifier: MIT */
/*
 * A domain of vmihv in ring 3, by version 1 of its hypercall ABI.
 *
 * Plain #defines, one line each: NASM reads them too.
 */
#ifndef BACKEND_H
#define BACKEND_H

#define BACKEND_ID		0x511
#define BACKEND_VERSION		1
#define BACKEND_NAME		"vmihv-v1-pv"
#define BACKEND_FLAGS		VMI_ROM_NEEDS_BUNDLE
#define BACKEND_FEATURES	(VMI_FEAT_HCALL64 | VMI_FEAT_PV_MMU | VMI_FEAT_PV_IRQ_TIMER)
#define BACKEND_PERCPU		4096
#define BACKEND_PARTS		"vmihv-v1 vmihv-pv"	/* folders of shim/ that it shares with others */
#define BACKEND_ABI		1

/* Where in its block a CPU's flags are, and what "off" is; two calls that assembly makes. */
#define BACKEND_FLAG		0
#define BACKEND_FLAG_OFF	1
#define BACKEND_PENDING		1
#define BACKEND_FAULT		8
#define BACKEND_NR_LOOK		9
#define BACKEND_NR_IRET		49

#endif
