/* SPDX-License-Identifier: MIT */
/*
 * A guest of Xen in a hardware container, by PVH entry. The processor does what
 * it does on bare hardware; interrupts are event channels, time, console and
 * other processors are hypercalls. The host enters the kernel, which finds this
 * ROM as on any machine. It is also for a guest with a device model (HVM), which
 * has a PC's interrupt controllers too and starts its processors with them.
 *
 * Plain #defines, one line each: NASM reads them too.
 */
#ifndef BACKEND_H
#define BACKEND_H

#define BACKEND_ID		4
#define BACKEND_VERSION		1
#define BACKEND_NAME		"xen-pvh"
#define BACKEND_FLAGS		0
#define BACKEND_PVH_FEATURES	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_HCALL64 | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_HVM_CPUID | VMI_FEAT_PV_IRQ_TIMER)
#define BACKEND_FEATURES	(BACKEND_PVH_FEATURES | VMI_FEAT_HCALL32 | VMI_FEAT_IOREQ | VMI_FEAT_EMU_IRQCHIP | VMI_FEAT_EMU_TIMER | VMI_FEAT_EMU_PCI | VMI_FEAT_FIRMWARE)
#define BACKEND_PERCPU		512
#define BACKEND_PARTS		"container xen"	/* folders of shim/ that it shares with others */

#endif
