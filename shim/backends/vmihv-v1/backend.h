/* SPDX-License-Identifier: MIT */
/*
 * A domain of vmihv in a hardware container, by version 1 of its hypercall ABI.
 * The processor does what it does on bare hardware; events, time and console are
 * hypercalls.
 *
 * Plain #defines, one line each: NASM reads them too.
 */
#ifndef BACKEND_H
#define BACKEND_H

#define BACKEND_ID		0x501
#define BACKEND_VERSION		1
#define BACKEND_NAME		"vmihv-v1"
#define BACKEND_FLAGS		0
#define BACKEND_FEATURES	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_HVM_CPUID | VMI_FEAT_PV_IRQ_TIMER)
#define BACKEND_PERCPU		8
#define BACKEND_PARTS		"container vmihv-v1 vmihv-pvh"	/* folders of shim/ that it shares with others */

#endif
