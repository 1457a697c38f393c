/* SPDX-License-Identifier: MIT */
/* Version 1 of the ABI, of a domain without a container: rows for hypercall/v1.c. Read next: v1.c. */
#ifndef HV_PV_V1_H
#define HV_PV_V1_H

#include "hypercall/abi.h"
#include "vmihv/v1.h"

enum outcome pv_v1_entries(struct call *c);
enum outcome pv_v1_flags(struct call *c);
enum outcome pv_v1_table(struct call *c);
enum outcome pv_v1_entry(struct call *c);
enum outcome pv_v1_roots(struct call *c);
enum outcome pv_v1_flush(struct call *c);
enum outcome pv_v1_stack(struct call *c);
enum outcome pv_v1_set_base(struct call *c);
enum outcome pv_v1_get_base(struct call *c);
enum outcome pv_v1_gdt(struct call *c);
enum outcome pv_v1_ldt(struct call *c);
enum outcome pv_v1_descriptor(struct call *c);
enum outcome pv_v1_ts(struct call *c);
enum outcome pv_v1_set_debug(struct call *c);
enum outcome pv_v1_get_debug(struct call *c);
enum outcome pv_v1_ports(struct call *c);
enum outcome pv_v1_iopl(struct call *c);
enum outcome pv_v1_iret(struct call *c);
enum outcome pv_v1_halt(struct call *c);
enum outcome pv_v1_cpuid(struct call *c);

#define PV_V1_ROWS \
	{ VMIHV_V1_ENTRIES, pv_v1_entries, VMI_FEAT_PV_MMU, "ENTRIES" }, \
	{ VMIHV_V1_FLAGS, pv_v1_flags, VMI_FEAT_PV_MMU, "FLAGS" }, \
	{ VMIHV_V1_TABLE, pv_v1_table, VMI_FEAT_PV_MMU, "TABLE" }, \
	{ VMIHV_V1_ENTRY, pv_v1_entry, VMI_FEAT_PV_MMU, "ENTRY" }, \
	{ VMIHV_V1_ROOTS, pv_v1_roots, VMI_FEAT_PV_MMU, "ROOTS" }, \
	{ VMIHV_V1_FLUSH, pv_v1_flush, VMI_FEAT_PV_MMU, "FLUSH" }, \
	{ VMIHV_V1_STACK, pv_v1_stack, VMI_FEAT_PV_MMU, "STACK" }, \
	{ VMIHV_V1_SET_BASE, pv_v1_set_base, VMI_FEAT_PV_MMU, "SET_BASE" }, \
	{ VMIHV_V1_GET_BASE, pv_v1_get_base, VMI_FEAT_PV_MMU, "GET_BASE" }, \
	{ VMIHV_V1_GDT, pv_v1_gdt, VMI_FEAT_PV_MMU, "GDT" }, \
	{ VMIHV_V1_LDT, pv_v1_ldt, VMI_FEAT_PV_MMU, "LDT" }, \
	{ VMIHV_V1_DESCRIPTOR, pv_v1_descriptor, VMI_FEAT_PV_MMU, "DESCRIPTOR" }, \
	{ VMIHV_V1_TS, pv_v1_ts, VMI_FEAT_PV_MMU, "TS" }, \
	{ VMIHV_V1_SET_DEBUG, pv_v1_set_debug, VMI_FEAT_PV_MMU, "SET_DEBUG" }, \
	{ VMIHV_V1_GET_DEBUG, pv_v1_get_debug, VMI_FEAT_PV_MMU, "GET_DEBUG" }, \
	{ VMIHV_V1_PORTS, pv_v1_ports, VMI_FEAT_PV_MMU, "PORTS" }, \
	{ VMIHV_V1_IOPL, pv_v1_iopl, VMI_FEAT_PV_MMU, "IOPL" }, \
	{ VMIHV_V1_IRET, pv_v1_iret, VMI_FEAT_PV_MMU, "IRET" }, \
	{ VMIHV_V1_HALT, pv_v1_halt, VMI_FEAT_PV_MMU, "HALT" }, \
	{ VMIHV_V1_CPUID, pv_v1_cpuid, VMI_FEAT_PV_MMU, "CPUID" },

#endif
