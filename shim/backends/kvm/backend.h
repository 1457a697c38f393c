/* SPDX-License-Identifier: MIT */
/*
 * A guest of Linux's KVM, which has a whole PC to itself. Calls are the
 * processor's, but for what KVM does better: clock, stolen time, waiting for
 * locks, interrupts between processors and their ends.
 *
 * Plain #defines, one line each: NASM reads them too.
 */
#ifndef BACKEND_H
#define BACKEND_H

#define BACKEND_ID		3
#define BACKEND_VERSION		1
#define BACKEND_NAME		"kvm"
#define BACKEND_FLAGS		0
#define BACKEND_FEATURES	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_IOREQ | VMI_FEAT_HVM_CPUID | VMI_FEAT_EMU_IRQCHIP | VMI_FEAT_EMU_TIMER | VMI_FEAT_MCE_MSR | VMI_FEAT_EMU_PCI | VMI_FEAT_FIRMWARE)
#define BACKEND_PERCPU		128
#define BACKEND_PARTS		"container"	/* folders of shim/ that it shares with others */
#define BACKEND_CPUS		1024

#endif
