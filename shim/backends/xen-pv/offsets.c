// SPDX-License-Identifier: MIT
/* Numbers that assembly needs, made into offsets.inc by the build. */
#include "xen.h"

#define OFFSET(name, value)	__asm__ volatile("->" #name " %0" :: "i" (value))

void offsets(void);

void offsets(void)
{
	OFFSET(CPU_PENDING, offsetof(struct xen_cpu, vcpu.evtchn_upcall_pending));
	OFFSET(CPU_MASK, offsetof(struct xen_cpu, vcpu.evtchn_upcall_mask));
	OFFSET(CPU_CR2, offsetof(struct xen_cpu, vcpu.arch.cr2));
	OFFSET(CPU_CR3, offsetof(struct xen_cpu, cr3));
	OFFSET(CPU_ASYNC, offsetof(struct xen_cpu, async));
	OFFSET(CPU_ID, offsetof(struct xen_cpu, id));
	OFFSET(CPU_UP, offsetof(struct xen_cpu, up));
	OFFSET(CPU_STATE, offsetof(struct xen_cpu, runstate.state));
	OFFSET(CPU_START_ENTRY, offsetof(struct xen_cpu, start.entry));
	OFFSET(CPU_START_STACK, offsetof(struct xen_cpu, start.stack));
	OFFSET(CPU_START_ARG, offsetof(struct xen_cpu, start.arg));
	OFFSET(XEN_CPU, offsetof(struct xen_state, cpu));
	OFFSET(XEN_MAX_CPUS, MAX_CPUS);
	/* The boot CPU's, in the shared page, before PERCPU_READY. */
	OFFSET(SHARED_PENDING, offsetof(struct shared_info, vcpu_info[0].evtchn_upcall_pending));
	OFFSET(SHARED_MASK, offsetof(struct shared_info, vcpu_info[0].evtchn_upcall_mask));
	OFFSET(SHARED_CR2, offsetof(struct shared_info, vcpu_info[0].arch.cr2));
	OFFSET(HYPERCALL_XEN_VERSION, __HYPERVISOR_xen_version);
	OFFSET(HYPERCALL_IRET, __HYPERVISOR_iret);
	OFFSET(HYPERCALL_VCPU_OP, __HYPERVISOR_vcpu_op);
	OFFSET(OP_DOWN, VCPUOP_down);
	OFFSET(STATE_RUNNABLE, RUNSTATE_runnable);
	OFFSET(FLAT_KERNEL_CS, FLAT_RING3_CS64);
	OFFSET(FLAT_KERNEL_SS, FLAT_RING3_SS64);
}
