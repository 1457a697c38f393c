/* SPDX-License-Identifier: MIT */
/*
 * Bare hardware, or a host that imitates it in full. Hot calls answer NATIVE, so
 * that the guest's own instructions stay; the CALL forms behind them
 * (shim/container/) are there for conformance and for guests that patch nothing.
 *
 * Plain #defines, one line each: NASM reads them too.
 */
#ifndef BACKEND_H
#define BACKEND_H

#define BACKEND_ID		1
#define BACKEND_VERSION		1
#define BACKEND_NAME		"native"
#define BACKEND_FLAGS		0
#define BACKEND_FEATURES	(VMI_FEAT_HW_CONTAINER | VMI_FEAT_PAGING_ASSIST | VMI_FEAT_EMU_IRQCHIP | VMI_FEAT_EMU_TIMER | VMI_FEAT_MCE_MSR | VMI_FEAT_EMU_PCI | VMI_FEAT_FIRMWARE)
#define BACKEND_PERCPU		0
#define BACKEND_PARTS		"container"	/* folders of shim/ that it shares with others */

#endif
