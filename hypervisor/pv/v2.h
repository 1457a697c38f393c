/* SPDX-License-Identifier: MIT */
/* Version 2 of the ABI, of a domain without a container: rows for hypercall/v2.c. Read next: v2.c. */
#ifndef HV_PV_V2_H
#define HV_PV_V2_H

#include "hypercall/abi.h"
#include "vmihv/v2.h"

enum outcome pv_v2_ways(struct call *c);
enum outcome pv_v2_state(struct call *c);
enum outcome pv_v2_ring(struct call *c);
enum outcome pv_v2_swap(struct call *c);
enum outcome pv_v2_cpuid(struct call *c);
enum outcome pv_v2_read_base(struct call *c);
enum outcome pv_v2_read_debug(struct call *c);
enum outcome pv_v2_return(struct call *c);
enum outcome pv_v2_idle(struct call *c);
enum outcome pv_v2_do(struct call *c);

#define PV_V2_ROWS \
	{ VMIHV_V2_WAYS, pv_v2_ways, VMI_FEAT_PV_MMU, "WAYS" }, \
	{ VMIHV_V2_STATE, pv_v2_state, VMI_FEAT_PV_MMU, "STATE" }, \
	{ VMIHV_V2_RING, pv_v2_ring, VMI_FEAT_PV_MMU, "RING" }, \
	{ VMIHV_V2_SWAP, pv_v2_swap, VMI_FEAT_PV_MMU, "SWAP" }, \
	{ VMIHV_V2_CPUID, pv_v2_cpuid, VMI_FEAT_PV_MMU, "CPUID" }, \
	{ VMIHV_V2_READ_BASE, pv_v2_read_base, VMI_FEAT_PV_MMU, "READ_BASE" }, \
	{ VMIHV_V2_READ_DEBUG, pv_v2_read_debug, VMI_FEAT_PV_MMU, "READ_DEBUG" }, \
	{ VMIHV_V2_RETURN, pv_v2_return, VMI_FEAT_PV_MMU, "RETURN" }, \
	{ VMIHV_V2_IDLE, pv_v2_idle, VMI_FEAT_PV_MMU, "IDLE" }, \
	{ VMIHV_V2_DO, pv_v2_do, VMI_FEAT_PV_MMU, "DO" },

#endif
