/* SPDX-License-Identifier: MIT */
/* What hypercalls of domains without a container do, whatever an ABI calls them. Addresses are guest-physical, but for those said to be linear. */
#ifndef HV_PV_CALLS_H
#define HV_PV_CALLS_H

#include "hypercall/calls.h"
#include "pv/pv.h"

/** Where this domain's kernel is entered from now on. */
enum outcome pv_call_entries(struct vcpu *v, const struct pv_entries *e);
/** Where the vCPU of this number keeps its interrupt flag: a multiple of 64, of any of its own pages. */
enum outcome pv_call_flags(struct vcpu *v, u64 address, u64 number);
/** A frame becomes a table of this level by itself; level 0: no longer. */
enum outcome pv_call_table(struct vcpu *v, u64 table, u64 level);
/** One entry of a table. *old is what it was. */
enum outcome pv_call_entry(struct vcpu *v, u64 entry, u64 value, u64 how, u64 *old);
enum outcome pv_call_roots(struct vcpu *v, u64 root, u64 user_root);
/** One linear address, or all (~0), on a set of vCPUs. */
enum outcome pv_call_flush(struct vcpu *v, u64 va, u64 set);
enum outcome pv_call_stack(struct vcpu *v, u64 sp0);
enum outcome pv_call_set_base(struct vcpu *v, u64 which, u64 value);
enum outcome pv_call_get_base(struct vcpu *v, u64 which, u64 *value);
enum outcome pv_call_gdt(struct vcpu *v, u64 frame, u64 entries);
/** linear. */
enum outcome pv_call_ldt(struct vcpu *v, u64 linear, u64 entries);
enum outcome pv_call_descriptor(struct vcpu *v, u64 address, u64 descriptor);
enum outcome pv_call_ts(struct vcpu *v, u64 on);
enum outcome pv_call_set_debug(struct vcpu *v, u64 nr, u64 value);
enum outcome pv_call_get_debug(struct vcpu *v, u64 nr, u64 *value);
/** The bitmap's linear address; so many ports have a bit. */
enum outcome pv_call_ports(struct vcpu *v, u64 linear, u64 ports);
enum outcome pv_call_iopl(struct vcpu *v, u64 level);
enum outcome pv_call_iret(struct vcpu *v);
/** Interrupts on, and nothing until one comes. */
enum outcome pv_call_halt(struct vcpu *v);
/** Four words of 32 bits to this address. */
enum outcome pv_call_cpuid(struct vcpu *v, u64 leaf, u64 subleaf, u64 address);

#endif
